"""Values as plain JSON and back again, by their types: dataclasses, named tuples, instants, bytes, Decimals."""

import types
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

BYTES = "base64"


def plain(value: Any) -> Any:
    """The value as lists, texts, numbers, and objects by property; a dict with other keys than texts becomes pairs."""
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        if all(type(key) is str for key in value):
            return {key: plain(item) for key, item in value.items()}
        return [[plain(key), plain(item)] for key, item in value.items()]
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, bytes):
        return {BYTES: b64encode(value).decode("ascii")}
    if isinstance(value, datetime):
        return value.isoformat()
    return Decimal(repr(value)) if isinstance(value, float) else value


def typed(kind: Any, value: Any) -> Any:
    """The value of this type that ``plain`` made this of; TypeError or ValueError where it is none."""
    if value is None or kind is Any:
        return value
    if kind in _READERS:
        return _READERS[kind](value)
    origin = get_origin(kind) or kind
    if origin in (Union, types.UnionType):
        return typed(_choice(get_args(kind), value), value)
    if origin is Literal:
        return value
    return _composed(kind, origin, value)


def _choice(kinds: tuple[Any, ...], value: Any) -> Any:
    """Which of several types: bytes can be told from text, nothing else needs to be."""
    wanted = [kind for kind in kinds if kind is not type(None)]
    is_bytes = isinstance(value, dict) and BYTES in value
    return next(kind for kind in wanted if (kind is bytes) == is_bytes)


def _composed(kind: Any, origin: Any, value: Any) -> Any:
    if is_dataclass(kind):
        hints, make = _hints(origin), origin
        return make(**{name: typed(hints[name], item) for name, item in value.items()})
    if origin is Counter:
        return Counter({typed(get_args(kind)[0], key): count for key, count in _pairs(value)})
    if origin is dict:
        of_key, of_item = get_args(kind)
        return {typed(of_key, key): typed(of_item, item) for key, item in _pairs(value)}
    if origin is list:
        return [typed(get_args(kind)[0], item) for item in value]
    if hasattr(origin, "_fields"):
        return origin(*[typed(of_item, item) for of_item, item in zip(_hints(origin).values(), value, strict=False)])
    return _tuple(get_args(kind), value)


def _pairs(value: Any) -> Any:
    return value.items() if isinstance(value, dict) else value


def _tuple(kinds: tuple[Any, ...], value: Any) -> tuple[Any, ...]:
    if len(kinds) == 2 and kinds[1] is ...:
        return tuple(typed(kinds[0], item) for item in value)
    return tuple(typed(of_item, item) for of_item, item in zip(kinds, value, strict=True))


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


_READERS: dict[Any, Callable[[Any], Any]] = {
    str: str, int: int, bool: bool, float: float, Decimal: Decimal, datetime: datetime.fromisoformat,
    bytes: lambda value: b64decode(value[BYTES]),
}  # fmt: skip
