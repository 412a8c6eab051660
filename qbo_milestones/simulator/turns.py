"""Whose turn it is: which of the things that a rule counts it strikes, by number or by chance from a seed."""

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from typing import Any

from qbo_milestones.simulator.asked import NotUnderstood, one_of, whole

KEYS = ("nth", "times", "rate", "rate_by", "seed")
RATE_BY = ("content", "count")


@dataclass(slots=True)
class Turns:
    """Strike from the ``nth`` on, ``times`` in all (None: for ever), each with the probability ``rate``.

    A draw depends on the seed, on the rule and on what is drawn for: by ``content``, the same thing coming for the
    same time gets the same draw whatever else comes between, so that the order of threads does not matter; by
    ``count``, the number of the thing alone decides.
    """

    nth: int = 1
    times: int | None = 1
    rate: Decimal | None = None
    rate_by: str = "content"
    seed: str | None = None
    seen: int = 0
    done: int = 0
    came: Counter[bytes] = field(default_factory=Counter)

    def strikes(self, rule: str, content: bytes, seed: str) -> bool:
        """Count a thing; whether it is one to strike. ``seed`` is taken where the rule has none of its own."""
        self.seen += 1
        drawn = self.rate is None or self._draw(rule, content, self.seed or seed) < self.rate
        if not drawn or self.seen < self.nth or (self.times is not None and self.done >= self.times):
            return False
        self.done += 1
        return True

    def _draw(self, rule: str, content: bytes, seed: str) -> Decimal:
        """A number from 0 to below 1."""
        thing = sha256(content).digest() if self.rate_by == "content" else b""
        self.came[thing] += 1
        drawn = sha256(f"{seed}/{rule}/{thing.hex()}/{self.came[thing]}".encode()).digest()
        return Decimal(int.from_bytes(drawn[:6], "big")) / Decimal(2**48)

    def as_json(self) -> dict[str, object]:
        """The rule's turns with their counters."""
        return {name: getattr(self, name) for name in (*KEYS, "seen", "done")}


def turns(wanted: dict[str, Any]) -> Turns:
    """Turns as a person asked for them; with a rate there is no end unless one is named."""
    rate = _rate(wanted.get("rate"))
    times = wanted.get("times", None if rate is not None else 1)
    seed = wanted.get("seed")
    return Turns(
        whole(wanted, "nth", 1), None if times is None else whole(wanted, "times", 1), rate,
        one_of(wanted.get("rate_by", "content"), "rate_by", RATE_BY), None if seed is None else str(seed),
    )  # fmt: skip


def _rate(value: object) -> Decimal | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not 0 <= value <= 1:
        raise NotUnderstood(f"rate is a number from 0 to 1, not {value!r}", "rate")
    return Decimal(value)
