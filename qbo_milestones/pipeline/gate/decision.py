"""What one sign-off record says, and what is wrong with it: its decision, signer, channel, date and evidence."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from zoneinfo import ZoneInfo

from qbo_milestones.pipeline.gate.held import Reason, of_problem, reason
from qbo_milestones.pipeline.gate.moments import Moment, moment
from qbo_milestones.pipeline.gate.people import blank, named_person, person
from qbo_milestones.pipeline.gate.verdict import EvidenceFile, Rules
from qbo_milestones.pipeline.register import Deliverable, Place, SignOff, fold

SHEET = "Sign-offs"
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
_LINK = re.compile(r"https?://[^\s/]+", re.IGNORECASE)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+:", re.IGNORECASE)


class Word(Enum):
    """What a record decides."""

    ACCEPTED = "accepted"
    PARTLY = "accepted in part"
    REJECTED = "rejected"
    REVOKED = "revoked"
    CLARIFIED = "clarified"
    UNCLEAR = "unclear"


_WORDS: dict[str, Word] = {word.value: word for word in Word if word is not Word.UNCLEAR}

# A clarification unlocks only where its whole statement is one of these: free text is not read for a yes.
_PLAIN_YES = frozenset(
    (
        "accepted",
        "accepted in full",
        "accepted without conditions",
        "accepted without reservation",
        "approved",
        "approved in full",
        "fully accepted",
        "i accept",
        "unconditionally accepted",
        "we accept",
    )
)
# Words in a statement that take an acceptance back. Only these: a doubt costs a clarification, so they are few.
_TAKES_BACK = re.compile(
    r"\b(?:not|never) (?:yet )?(?:be )?(?:fully )?(?:accept|approv)"
    r"|\b(?:don|doesn|didn|can|won)'?t (?:yet )?(?:accept|approv)"
    r"|\bcannot (?:yet )?(?:accept|approv)|\bsubject to\b|\bconditional(?:ly)?\b|\bon (?:the )?condition\b"
    r"|\bprovided that\b|\b(?:good|fine|ok|okay|great|accepted|approved|accept|approve),? but\b"
)
_NO_FAILURE = re.compile(
    r"\b(?:none|no|0|zero|nothing) (?:criteria |criterion )?(?:has |have |is |are )?(?:fail|unmet|not met)\w*"
)
_FAILURE = re.compile(r"\bfail|\bunmet\b|\bnot (?:yet )?(?:met|passed|fulfilled)\b")


@dataclass(frozen=True, slots=True)
class Desk:
    """What every sign-off is judged with: the rules, the company's zone, and the evidence found, by its path."""

    rules: Rules
    company: ZoneInfo
    evidence: Mapping[str, EvidenceFile]


@dataclass(frozen=True, slots=True)
class Reading:
    """One record as it was read. Only one without `faults` counts for an acceptance; `lapses` are of its evidence,
    and do not make a rejection or a revocation any weaker.
    """

    record: SignOff
    word: Word
    moment: Moment | None
    why: str = ""
    faults: tuple[Reason, ...] = ()
    lapses: tuple[Reason, ...] = ()

    @property
    def accepts(self) -> bool:
        """Whether this is a valid acceptance."""
        return self.word is Word.ACCEPTED and not self.faults and not self.lapses

    @property
    def place(self) -> Place:
        """The cell that decides."""
        return Place(SHEET, self.record.row, "Decision")


def read(record: SignOff, row: Deliverable, customer: str, local: ZoneInfo, desk: Desk) -> Reading:
    """One record against its deliverable row. `local` is the contract's zone, `customer` its customer's name."""
    word, why = _word(record)
    when = moment(record.signed_on, record.signed_time, local) if record.signed_on else None
    signed = when.day if when else None
    plain = (
        not record.problems
        and record.channel in ("written", "")
        and _dated(when, local, desk)
        and may_sign(record.signed_by, row, customer, signed)
        and not (record.revision is None and row.revision > 1)
    )
    faults = () if plain else tuple(_faults(record, row, customer, when, local, desk))
    # A place in time that cannot be is no place in time: such a record never comes surely before another.
    known = when if _dated(when, local, desk) else None
    return Reading(record, word, known, why, faults, tuple(_lapses(record, desk)))


def _word(record: SignOff) -> tuple[Word, str]:
    """The decision; and for an unclear one, what makes it so. Only the column Decision can accept."""
    word = _WORDS.get(record.decision) or _WORDS.get(fold(record.decision), Word.UNCLEAR)
    said = fold(record.statement).replace("\u2019", "'") if record.statement else ""
    if word is Word.UNCLEAR:
        return word, f"the decision {record.decision!r} is neither an acceptance nor a rejection"
    if word in (Word.ACCEPTED, Word.CLARIFIED) and said and _TAKES_BACK.search(said):
        return Word.UNCLEAR, f"the decision says {word.value}, the statement takes it back: {record.statement[:120]!r}"
    if word is Word.ACCEPTED and not blank(record.rejected_part):
        return Word.PARTLY, f"a part is rejected: {record.rejected_part[:120]!r}"
    if word is Word.ACCEPTED and record.criteria and _FAILURE.search(_NO_FAILURE.sub("", fold(record.criteria))):
        return Word.UNCLEAR, f"the decision says accepted, the criteria say {record.criteria[:120]!r}"
    if word is Word.CLARIFIED and said.strip(" .!'\"") in _PLAIN_YES:
        return Word.ACCEPTED, ""
    return word, ""


def may_sign(signed_by: str, row: Deliverable, customer: str, day: date | None) -> bool:
    """Whether this person is the named approver, or a recorded delegate on that day in the contract's zone."""
    signer = person(signed_by)
    if not signer:
        return False
    if signer == named_person(row.approver, customer):
        return True
    return day is not None and any(
        each.first <= day <= each.last and named_person(each.name, customer) == signer for each in row.delegates
    )


def _dated(when: Moment | None, local: ZoneInfo, desk: Desk) -> bool:
    """Whether there is a date, and it is not in the future. A date alone is of the contract's zone."""
    if when is None:
        return False
    if when.instant is not None:
        return when.instant <= desk.rules.now
    return when.day <= desk.rules.now.astimezone(local).date()


def _faults(
    record: SignOff, row: Deliverable, customer: str, when: Moment | None, local: ZoneInfo, desk: Desk
) -> Iterator[Reason]:
    signed_at, signed_by = Place(SHEET, record.row, "Signed at"), Place(SHEET, record.row, "Signed by")
    problems = [problem for problem in record.problems if not problem.warning]
    yield from (of_problem(problem) for problem in problems if problem.kind != "BAD_DATE")
    if record.channel not in ("written", ""):
        text = f"the sign-off is {record.channel}. A verbal word is never enough: get a short written approval."
        yield reason("SIGNOFF_VERBAL", Place(SHEET, record.row, "Channel"), text)
    if not _dated(when, local, desk) or any(problem.kind == "BAD_DATE" for problem in problems):
        yield reason("SIGNOFF_DATE_INVALID", signed_at, f"{_date_trouble(record, when)}. Correct it by the evidence.")
    # Without a named approver nobody can be the wrong person: the row says MISSING_APPROVER.
    if named_person(row.approver, customer) and not may_sign(
        record.signed_by, row, customer, when.day if when else None
    ):
        who = f"signed by {record.signed_by}" if person(record.signed_by) else "it does not say who signed"
        text = f"{who}; the approver is {row.approver}, and no delegate of that name is recorded for that date."
        yield reason("SIGNOFF_WRONG_PERSON", signed_by, f"{text} Get the approval from the named approver.")
    if record.revision is None and row.revision > 1:
        text = f"it does not say which revision was signed, and the row is at revision {row.revision}. Write it down."
        yield reason("SIGNOFF_AFTER_SCOPE_CHANGE", Place(SHEET, record.row, "Revision"), text)


def _date_trouble(record: SignOff, when: Moment | None) -> str:
    if record.signed_on is None:
        return "the date of the sign-off is missing or cannot be read"
    clock = f" {record.signed_time}" if record.signed_time else ""
    if when is None:
        return f"{record.signed_on}{clock} is not a moment that can be placed in time"
    return f"{record.signed_on}{clock} lies in the future"


def is_link(evidence: str) -> bool:
    """Whether evidence is a web address. Links are recorded, never fetched (reliability.md 4)."""
    return bool(_LINK.match(evidence))


def evidence_path(record: SignOff) -> str:
    """The path of the evidence file as the cell has it; empty for none and for a link."""
    text = record.evidence.strip()
    return "" if blank(text) or is_link(text) else text


def _lapses(record: SignOff, desk: Desk) -> Iterator[Reason]:
    hashed = bool(_SHA256.fullmatch(record.sha256))
    if record.sha256 and not hashed:
        text = f"{record.sha256[:80]!r} is not a SHA-256 of 64 hexadecimal digits. Correct it or empty the cell."
        yield reason("EVIDENCE_HASH_MISMATCH", Place(SHEET, record.row, "Evidence SHA-256"), text)
    text = record.evidence.strip()
    if blank(text):
        yield reason(
            "MISSING_EVIDENCE",
            Place(SHEET, record.row, "Evidence"),
            "no evidence of the sign-off. Put the file into the evidence folder.",
        )
    elif is_link(text):
        if not hashed and not desk.rules.links_accepted:
            advice = "Put the file into the evidence folder, or give its SHA-256."
            yield reason(
                "MISSING_EVIDENCE",
                Place(SHEET, record.row, "Evidence"),
                f"{text[:200]} is a link, which proves nothing alone. {advice}",
            )
    else:
        yield from file_reasons(record, desk.evidence.get(text))


def file_reasons(record: SignOff, file: EvidenceFile | None) -> Iterator[Reason]:
    """What is wrong with the file that is the evidence of a record; nothing where it proves it."""
    if file and not file.problem and not (file.sha256 and record.sha256):
        return
    text = record.evidence.strip()
    place = Place(SHEET, record.row, "Evidence")
    problem = "was not found in the evidence folder" if file is None else file.problem
    if problem and _SCHEME.match(text) and "://" in text:
        problem = "is not a web address, nor a file in the evidence folder"
    if problem:
        advice = "Put the file there, or correct the path."
        yield reason("MISSING_EVIDENCE", place, f"the evidence {text[:200]} {problem}. {advice}")
    elif file and file.sha256 and record.sha256 and file.sha256.lower() != record.sha256.lower():
        said = f"the register says SHA-256 {record.sha256[:12].lower()}…, the file {text[:200]} has {file.sha256[:12]}…"
        advice = "Find out which file was signed."
        yield reason("EVIDENCE_HASH_MISMATCH", Place(SHEET, record.row, "Evidence SHA-256"), f"{said}. {advice}")
