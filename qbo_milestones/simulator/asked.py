"""Reading what a person asked of the side door, and saying what was not understood: what, which key, what is known."""

from collections.abc import Iterable
from typing import Any


class NotUnderstood(ValueError):
    """Something asked for that does not exist; ``key`` is where it stood, ``known`` what could have stood there."""

    def __init__(self, what: str, key: str = "", known: Iterable[object] = ()) -> None:
        super().__init__(what)
        self.key = key
        self.known = [str(each) for each in known]

    def as_json(self) -> dict[str, object]:
        """The side door's error body."""
        known = f"; known: {', '.join(self.known)}" if self.known else ""
        return {"error": f"{self}{known}", "key": self.key or None, "known": self.known}


def only(body: Any, *known: str) -> dict[str, Any]:
    """The body, if it is an object that has no other keys than these."""
    if not isinstance(body, dict):
        raise NotUnderstood("the body is a JSON object", known=known)
    unknown = [key for key in body if key not in known]
    if unknown:
        raise NotUnderstood(f"unknown key {unknown[0]!r}", unknown[0], known)
    return body


def one_of(value: object, key: str, known: Iterable[str]) -> str:
    """The value, if it is one of the known ones."""
    choices = list(known)
    if value not in choices:
        raise NotUnderstood(f"{key} {value!r} is not known" if value else f"{key} is missing", key, choices)
    return str(value)


def text(body: dict[str, Any], key: str, default: str | None = None) -> str:
    """A text that stands under a key; without a default it must be there."""
    value = body.get(key, default)
    if value is None:
        raise NotUnderstood(f"{key} is missing", key)
    return str(value)


def number(body: dict[str, Any], key: str, default: float) -> float:
    """A number that stands under a key."""
    value = body.get(key, default)
    try:
        return float(value)
    except (TypeError, ValueError):
        raise NotUnderstood(f"{key} is a number, not {value!r}", key) from None


def whole(body: dict[str, Any], key: str, default: int, least: int = 1) -> int:
    """A whole number that stands under a key."""
    value = body.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise NotUnderstood(f"{key} is a whole number from {least} on, not {value!r}", key)
    return value


def flag(body: dict[str, Any], key: str, default: bool) -> bool:
    """true or false under a key."""
    value = body.get(key, default)
    if not isinstance(value, bool):
        raise NotUnderstood(f"{key} is true or false, not {value!r}", key)
    return value
