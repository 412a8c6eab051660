"""Dicts that tell an onlooker (the data file) which of their keys changed, and a memory what stood there before."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")
Onlooker = Callable[[Any, bool], None]
"""Is told each key, and whether it was removed (or else set)."""
GONE: Any = object()
"""What stood under a key that was not there."""


class Memory:
    """What stood in dicts before they changed, as (dict, key, value) in the order of the changes; while ``noted`` is
    None nothing is noted."""

    def __init__(self) -> None:
        self.noted: list[tuple[Watched[Any, Any], Any, Any]] | None = None


class Watched(dict[K, V], Generic[K, V]):
    """A dict of values. Without an onlooker it costs next to nothing; an onlooker is never copied along.

    ``|=`` alone is not seen: ``update`` is its other name.
    """

    def __init__(self, given: Mapping[K, V] | Iterable[tuple[K, V]] = ()) -> None:
        super().__init__(given)
        self._tell: Onlooker | None = None
        self._memory: Memory | None = None

    def watch(self, tell: Onlooker | None) -> None:
        """Tell this onlooker from now on, or nobody."""
        self._tell = tell

    def remember(self, memory: Memory) -> None:
        """Note in this memory from now on what stood where something changes."""
        self._memory = memory

    @property
    def memory(self) -> Memory | None:
        """Where it is noted what stood here."""
        return self._memory

    def take_back(self, key: K, before: Any) -> None:
        """Let stand again what a memory holds."""
        if before is not GONE:
            self[key] = before
        elif key in self:
            del self[key]

    def _note(self, key: K) -> None:
        if self._memory is not None and self._memory.noted is not None:
            self._memory.noted.append((self, key, self.get(key, GONE)))

    def __setitem__(self, key: K, value: V) -> None:
        self._note(key)
        super().__setitem__(key, value)
        if self._tell is not None:
            self._tell(key, False)

    def __delitem__(self, key: K) -> None:
        self._note(key)
        super().__delitem__(key)
        if self._tell is not None:
            self._tell(key, True)

    def pop(self, key: K, *default: Any) -> Any:
        """As a dict does."""
        self._note(key)
        found = super().pop(key, *default)
        if self._tell is not None:
            self._tell(key, True)
        return found

    def update(self, *given: Any, **named: Any) -> None:
        """As a dict does."""
        for key, value in dict(*given, **named).items():
            self[key] = value

    def setdefault(self, key: K, default: Any = None) -> Any:
        """As a dict does."""
        if key not in self:
            self[key] = default
        return self[key]

    def popitem(self) -> tuple[K, V]:
        """As a dict does."""
        key = next(reversed(self))
        return key, self.pop(key)

    def clear(self) -> None:
        """As a dict does."""
        for key in list(self):
            del self[key]

    def copy(self) -> "Watched[K, V]":
        """The same keys and values, unwatched."""
        return type(self)(self)


class Tally(Watched[K, int]):
    """Counts by key; what was never counted is 0."""

    def __missing__(self, key: K) -> int:
        return 0


J = TypeVar("J")


class Groups(Watched[K, Watched[J, V]], Generic[K, J, V]):
    """Groups of values by key, made on first use; a change inside a group is a change of its key."""

    def __init__(self, given: Mapping[K, Mapping[J, V]] | Iterable[tuple[K, Mapping[J, V]]] = ()) -> None:
        super().__init__()
        for key, group in dict(given).items():
            super().__setitem__(key, Watched(group))

    def watch(self, tell: Onlooker | None) -> None:
        """Tell this onlooker from now on, or nobody."""
        super().watch(tell)
        for key, group in self.items():
            self._look_into(key, group)

    def __getitem__(self, key: K) -> Watched[J, V]:
        """The group, which may be about to change."""
        if self._memory is not None and self._memory.noted is not None:
            group = self.get(key)
            self._memory.noted.append((self, key, GONE if group is None else group.copy()))
        return super().__getitem__(key)

    def __missing__(self, key: K) -> Watched[J, V]:
        self[key] = Watched()
        return super().__getitem__(key)

    def __setitem__(self, key: K, value: Mapping[J, V]) -> None:
        group: Watched[J, V] = Watched(value)
        self._look_into(key, group)
        super().__setitem__(key, group)

    def _look_into(self, key: K, group: Watched[J, V]) -> None:
        tell = self._tell
        group.watch(None if tell is None else lambda *_: tell(key, False))
