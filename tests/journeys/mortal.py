"""Death at a chosen boundary: the store and the books behind proxies that raise, and then never answer again."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

from qbo_milestones.ports import Books, Epochs, Store
from qbo_milestones.run.world import World

WRITES = frozenset(
    {"start_run", "adopt", "keep_contents", "plan", "withdraw", "begin", "move", "keep_accounts"}
    | {"keep_flags", "finish_run", "record", "keep_books", "forget_unseen", "set_epoch"}
)
BESIDE = frozenset({"write", "keep_anchor"})
CALLS = frozenset({"send", "look_up", "changes"})


class Crash(BaseException):
    """The process ends here, as by a power cut: nobody may catch this."""


class Death:
    """Comes at the `at`-th boundary, 0 for never. Counts them; afterwards nothing works any more."""

    def __init__(self, at: int = 0) -> None:
        self.at, self.passed, self.dead = at, list[str](), False
        self._lock = threading.Lock()

    def step(self, where: str) -> None:
        """One boundary."""
        with self._lock:
            if not self.dead:
                self.passed.append(where)
            if self.dead or len(self.passed) == self.at:
                self.dead = True
                raise Crash(where)

    def check(self) -> None:
        """The dead do nothing."""
        if self.dead:
            raise Crash("dead")


class _Mortal:
    def __init__(self, inner: object, death: Death, boundaries: frozenset[str]) -> None:
        self._inner, self._death, self._boundaries = inner, death, boundaries

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        return self._wrapped(name, found) if callable(found) else found

    def _wrapped(self, name: str, found: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: object, **options: object) -> Any:
            if name not in self._boundaries:
                self._death.check()
                return found(*args, **options)
            self._death.step(f"before {name}")
            answer = found(*args, **options)
            self._death.step(f"after {name}")
            return answer

        return call


def mortal(world: World, death: Death) -> World:
    """The same world, in which death comes."""
    store = cast(Store, _Mortal(world.store, death, WRITES))
    books = cast(Books, _Mortal(world.books, death, CALLS))
    return replace(world, store=store, books=books, epochs=cast(Epochs, _Mortal(world.epochs, death, BESIDE)))
