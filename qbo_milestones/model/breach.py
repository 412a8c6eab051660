"""A breach: one invariant of the posting protocol that the data contradicts (reliability.md 1.6)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Breach:
    """`invariant` is I1 to I12, `posting` the key of the posting, `sentence` what is wrong with which document."""

    invariant: str
    posting: str
    sentence: str
