"""What is copied at a checkpoint: the containers are made anew, the values in them are shared."""

from dataclasses import is_dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo

from qbo_milestones.simulator.books.watched import Groups


class Value:
    """Never changed in place once it is stored, and therefore shared by copies."""

    __slots__ = ()


class State:
    """Something whose copy lives a life of its own. An attribute of a kind that cannot be copied is an error, so that
    a new container is not shared by oversight; what may be shared is named in ``SHARED``."""

    SHARED: ClassVar[frozenset[str]] = frozenset()

    def copy(self) -> Self:
        """A state that is the same now and touches this one no more."""
        twin = object.__new__(type(self))
        for name, value in vars(self).items():
            setattr(twin, name, value if name in self.SHARED else copied(value))
        return twin


def copied(value: Any) -> Any:
    """The containers anew, the values shared."""
    kind: Any = type(value)
    if is_value(kind):
        return value
    if isinstance(value, State | Groups):
        return value.copy()
    if isinstance(value, dict):
        return _copied_dict(value)
    if kind in (list, set):
        return kind(map(copied, value)) if not _all_values(value) else value.copy()
    raise TypeError(f"{kind.__name__} is neither a value nor a State")


def _copied_dict(value: dict[Any, Any]) -> dict[Any, Any]:
    twin: dict[Any, Any] = value.copy()
    if not _all_values(value.values()):
        for key, item in value.items():
            twin[key] = copied(item)
    return twin


def _all_values(items: Any) -> bool:
    return all(map(is_value, set(map(type, items))))


@cache
def is_value(kind: type) -> bool:
    """Whether things of this kind are never changed in place."""
    if issubclass(kind, _VALUES):
        return True
    return is_dataclass(kind) and bool(vars(kind)["__dataclass_params__"].frozen)


_VALUES = (Value, str, bytes, int, bool, type(None), Decimal, date, tuple, frozenset, ZoneInfo)
