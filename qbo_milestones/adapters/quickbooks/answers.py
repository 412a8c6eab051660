"""What an answer means for the caller: a parsed body, or one of the errors of errors.py (rulings 6 and 9)."""

from dataclasses import dataclass

import requests
from urllib3.exceptions import NewConnectionError

from qbo_milestones.adapters.quickbooks.faults import (
    Answer,
    Fault,
    Unreadable,
    json_fault,
    parsed,
    safe,
    trace_id,
    xml_fault,
)
from qbo_milestones.adapters.quickbooks.throttle import PAUSE_S
from qbo_milestones.errors import Doubtful, Failure, NotConnected, Refused, Unavailable

_DUPLICATE = frozenset({"600", "6140"})
_THROTTLED = "3001"
_NO_ACCESS = frozenset({"100", "110", "120", "3100", "3200", "3201", "3202"})
_LOCKED = frozenset({"130", "140", "150"})
_BAD_QUESTION = frozenset({"610", "4000", "4001"})
_LONGEST_PAUSE_S = 3600.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one answer means. `failure` is None where it is good; `pause_s` is for how long all lanes must rest;
    `expired` says that a fresh access token may help: a 401 that is not about the person's rights (code 120).
    """

    failure: Failure | None
    pause_s: float = 0.0
    expired: bool = False


def judged(answer: Answer, writes: bool, secrets: tuple[str, ...] = (), patience: float = 1.0) -> Verdict:
    """The verdict on an answer. Total: every status and every body has its class.

    A write ends as Refused only by a fault that QuickBooks itself sent and that proves it; what proves that nothing
    was applied (401, 403, 429) is NotConnected or Unavailable; all else is Doubtful (rulings 6 and 9). A read ends as
    Unavailable unless QuickBooks says that the question is wrong (reliability.md 1.3, design.md "Failures").
    `secrets` never appear in a failure's text; `patience` scales a rest that is asked for (ruling 7).
    """
    readable, fault = _read(answer)
    if fault is None and 200 <= answer.status < 300:
        broken = Doubtful if writes else Unavailable
        unreadable = broken(f"HTTP {answer.status} without JSON from QuickBooks", tid=trace_id(answer.tid, secrets))
        return Verdict(None if readable else unreadable)
    pause_s = _pause(answer, fault) * patience
    refused = answer.status == 401 and (fault is None or "120" not in fault.codes)
    return Verdict(_failure(answer, fault, writes, secrets, pause_s), pause_s, refused)


def _read(answer: Answer) -> tuple[bool, Fault | None]:
    """Whether the answer is JSON, and the fault in it; read once, as an answer may hold a thousand documents."""
    if answer.body.lstrip()[:1] == b"<":
        return False, xml_fault(answer.body)
    try:
        return True, json_fault(parsed(answer.text))
    except Unreadable:
        return False, None


def _failure(answer: Answer, fault: Fault | None, writes: bool, secrets: tuple[str, ...], pause_s: float) -> Failure:
    text, code, element = _words(answer, fault, secrets)
    tid = trace_id(answer.tid, secrets)
    kind = _write_kind(answer, fault) if writes else _read_kind(answer, fault)
    if kind is Unavailable:
        return Unavailable(text, code=code, tid=tid, after_s=pause_s)
    if kind is NotConnected:
        return NotConnected(f"QuickBooks does not let us in: {text}", code=code, tid=tid)
    return kind(text, code=code, tid=tid, element=element)


def _write_kind(answer: Answer, fault: Fault | None) -> type[Failure]:
    if answer.status >= 500 or (fault is not None and _system(fault)):
        return Doubtful
    known = _sure_kind(answer, fault)
    if known is not None:
        return known
    if fault is None or not _DUPLICATE.isdisjoint(fault.codes):
        return Doubtful
    # An error without a code could be any, also a duplicate.
    proved = fault.type == "validation" and fault.errors and "" not in fault.codes
    return Refused if proved and (answer.status == 200 or 400 <= answer.status < 500) else Doubtful


def _read_kind(answer: Answer, fault: Fault | None) -> type[Failure]:
    if answer.status >= 500 or (fault is not None and _system(fault)):
        return Unavailable
    known = _sure_kind(answer, fault)
    if known is not None:
        return known
    wrong = answer.status == 400 and fault is not None and fault.codes and fault.codes <= _BAD_QUESTION
    return Refused if wrong else Unavailable


def _sure_kind(answer: Answer, fault: Fault | None) -> type[Failure] | None:
    """What surely was not applied, since it was stopped at the door."""
    codes = fault.codes if fault is not None else frozenset[str]()
    if answer.status == 429 or _THROTTLED in codes:
        return Unavailable
    if answer.status == 401 or not _NO_ACCESS.isdisjoint(codes):
        return NotConnected
    if fault is not None and fault.type in {"authentication", "authorization", "authorizaton"}:
        return Unavailable if not _LOCKED.isdisjoint(codes) else NotConnected
    return None


def _system(fault: Fault) -> bool:
    """Whether something broke inside: then nobody knows how far it got (ruling 6). 10000 is the code for that."""
    return fault.type == "system" or any(code.isdigit() and 10_000 <= int(code) < 20_000 for code in fault.codes)


def _pause(answer: Answer, fault: Fault | None) -> float:
    """Seconds for which QuickBooks wants to be left alone: Retry-After, else 60 after a throttle, else 0."""
    throttled = answer.status == 429 or (fault is not None and _THROTTLED in fault.codes)
    if answer.retry_after.isascii() and answer.retry_after.isdigit() and len(answer.retry_after) < 9:
        return min(float(answer.retry_after), _LONGEST_PAUSE_S)
    return PAUSE_S if throttled else 0.0


def _words(answer: Answer, fault: Fault | None, secrets: tuple[str, ...]) -> tuple[str, str, str]:
    """Text, code and element. Only a validation fault is quoted: the others' texts hold tokens or nothing of use."""
    if fault is None or not fault.errors:
        return f"HTTP {answer.status} from QuickBooks without a readable fault", "", ""
    first = next((error for error in fault.errors if error.code in _DUPLICATE), fault.errors[0])
    if fault.type in {"validation", "system"}:
        text = "; ".join(f"{error.code} {error.message}: {error.detail}" for error in fault.errors)
    else:
        text = f"HTTP {answer.status}, code {first.code or 'unknown'}"
    return safe(text, secrets), safe(first.code, secrets), safe(first.element, secrets)


def transport_failure(error: Exception, writes: bool) -> Failure:
    """What a request that got no answer means. The library's text is dropped: it can hold the address and tokens."""
    name = type(error).__name__
    if never_sent(error):
        return Unavailable("QuickBooks cannot be reached: no connection was made")
    if writes:
        return Doubtful(f"QuickBooks gave no answer to a write ({name})")
    return Unavailable(f"QuickBooks gave no answer ({name})")


def never_sent(error: Exception) -> bool:
    """Whether no connection came about, the one proof that nothing was sent; a reset is none (ruling 9)."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(getattr(cause, "reason", None), NewConnectionError)
