"""Watched dicts: every way to change one is told to the onlooker, in the order in which it happened."""

from collections.abc import Callable
from typing import Any

import pytest

from qbo_milestones.simulator.books.watched import Groups, Tally, Watched

Told = list[tuple[Any, bool]]
SET, REMOVED = False, True


def told(watched: Watched[Any, Any], act: Callable[[Any], object]) -> Told:
    """What an onlooker hears of an act."""
    heard: Told = []
    watched.watch(lambda key, removed: heard.append((key, removed)))
    act(watched)
    return heard


def put(watched: Any) -> None:
    watched["c"] = 3


def take(watched: Any) -> None:
    del watched["a"]


@pytest.mark.parametrize(
    ("act", "heard"),
    [
        (put, [("c", SET)]),
        (take, [("a", REMOVED)]),
        (lambda watched: watched.pop("a"), [("a", REMOVED)]),
        (lambda watched: watched.popitem(), [("b", REMOVED)]),
        (lambda watched: watched.update({"a": 5}, d=6), [("a", SET), ("d", SET)]),
        (lambda watched: watched.setdefault("a", 9), []),
        (lambda watched: watched.setdefault("c", 9), [("c", SET)]),
        (lambda watched: watched.clear(), [("a", REMOVED), ("b", REMOVED)]),
    ],
)
def test_every_change_is_told_and_is_what_a_dict_does(act: Callable[[Any], object], heard: Told) -> None:
    watched, plain = Watched({"a": 1, "b": 2}), {"a": 1, "b": 2}
    assert told(watched, act) == heard
    act(plain)
    assert list(watched.items()) == list(plain.items())


def test_a_change_inside_a_group_is_a_change_of_its_key() -> None:
    groups: Groups[str, str, int] = Groups({"a": {"x": 1}})

    def act(found: Groups[str, str, int]) -> None:
        found["a"]["y"] = 2
        found["a"].pop("x")
        found["b"]["z"] = 3
        found["a"] = Watched({"w": 4})
        found["a"]["v"] = 5

    assert told(groups, act) == [("a", SET)] * 2 + [("b", SET)] * 2 + [("a", SET)] * 2
    assert groups == {"a": {"w": 4, "v": 5}, "b": {"z": 3}}


def test_a_copy_is_not_watched() -> None:
    heard: Told = []
    groups: Groups[str, str, int] = Groups({"a": {"x": 1}})
    groups.watch(lambda key, removed: heard.append((key, removed)))
    twin = groups.copy()
    twin["a"]["x"] = 2
    twin["b"]["y"] = 3
    assert (heard, groups) == ([], {"a": {"x": 1}})


def test_what_was_never_counted_is_nothing() -> None:
    tally: Tally[str] = Tally()
    assert tally["a"] == 0
    tally["a"] += 2
    assert tally == {"a": 2}
