"""The digest: a short text after a run that has something to say; totals and counts, never a client's name."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from qbo_milestones.model.audit import AuditHead
from qbo_milestones.model.exit_code import DONE, WAITING
from qbo_milestones.model.flag import Flag, Severity
from qbo_milestones.model.money import Money, zero
from qbo_milestones.model.night import Night
from qbo_milestones.ports import RunRecord
from qbo_milestones.run.outcome import words

# More flags than these are a number: the mail is a sign, the list is `qbo-milestones flags`.
_MOST = 20
_URGENCY = tuple(Severity)


@dataclass(frozen=True, slots=True)
class News:
    """What a digest says beside its run, each thing once: it is new since the last digest.

    `missed` are business dates without a run; `metered` is the mark in percent that the month's calls, of all
    companies of the database, have passed, 0 for none; `ends` says that the connection's end is near; `undelivered`
    names runs whose digest did not reach everybody.
    """

    missed: tuple[date, ...] = ()
    metered: int = 0
    metered_calls: int = 0
    metered_allowed: int = 0
    ends: tuple[str, ...] = ()
    undelivered: tuple[int, ...] = ()

    @property
    def urgent(self) -> bool:
        """Whether it must be told although the run itself has nothing to say."""
        return bool(self.missed or self.metered or self.ends or self.undelivered)


@dataclass(frozen=True, slots=True)
class Digest:
    """A message: its title in one line, and its text."""

    title: str
    text: str


def worth_telling(record: RunRecord, night: Night) -> bool:
    """Whether the run did something, or failed; flags that are open as before are nothing new (reliability.md 5)."""
    failed = record.exit_code not in (DONE, WAITING)
    moved = any(record.counts.get(name, "0") != "0" for name in ("posted", "adopted", "refused", "doubtful"))
    return failed or moved or bool(night.sends or night.opened or night.cleared)


@dataclass(frozen=True, slots=True)
class Readers:
    """For whom a digest is: the `company` in its title, the person of each role, and the settings `folder` to name."""

    company: str
    owners: Mapping[str, str]
    folder: Path


def of_run(
    readers: Readers, record: RunRecord, night: Night, flags: Mapping[str, int], news: News, head: AuditHead
) -> Digest:
    """The digest of a run that took place. `flags` are those that are open now, by severity."""
    ended, waiting = _ended(record), sum(flags.values())
    lines = [
        f"Run {record.id} for {record.business_date}, begun at {_moment(record.started_at)}: {ended}.",
        *_postings(record, night),
        *_flags("Opened", night.opened, readers.owners),
        *_flags("Cleared", night.cleared, readers.owners),
        f"Open flags: {', '.join(f'{severity} {count}' for severity, count in flags.items())}.",
        *([f"See: qbo-milestones flags --config {readers.folder}"] if waiting else []),
        *_news(news),
        _anchor(head),
    ]
    posted = record.counts.get("posted", "0")
    said = [f"{posted} posted"] if posted != "0" else []
    said += [f"{_many(waiting, 'flag')} {'waits' if waiting == 1 else 'wait'} for you"] if waiting else []
    said += [f"{_many(len(night.cleared), 'flag')} cleared"] if night.cleared else []
    good = record.exit_code in (DONE, WAITING)
    title = ", ".join(said) or ended if good else f"run {record.id} {ended}"
    return Digest(f"{readers.company}: {title}", "\n".join(lines))


def of_no_run(company: str, today: date, exit_code: int, news: News, head: AuditHead) -> Digest:
    """The digest where no run could even begin: silence would look like a quiet night."""
    why = words(exit_code)
    lines = [f"No run took place on {today}: {why}. Nothing was posted.", *_news(news), _anchor(head)]
    return Digest(f"{company}: no run took place, {why}", "\n".join(lines))


def _ended(record: RunRecord) -> str:
    if record.exit_code is None:
        return "did not end; the next run looked for what it may have sent"
    return words(record.exit_code)


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M %Z}"


def _postings(record: RunRecord, night: Night) -> Iterator[str]:
    counts = record.counts
    invoices = [send.amount for send in night.sends if send.outcome == "posted" and send.kind == "invoice"]
    if counts.get("posted", "0") != "0":
        over = f", invoices over {_sums(invoices)}" if invoices else ""
        yield f"Posted {_many(counts['posted'], 'document')}{over}."
    if counts.get("adopted", "0") != "0":
        yield f"Found {_many(counts['adopted'], 'document')} in QuickBooks that were sent before."
    for send in night.sends:
        if send.outcome == "refused":
            code = f", code {send.code}" if send.code else ""
            yield f"QuickBooks refused {send.number or send.deliverable} ({send.amount}{code})."
    if counts.get("doubtful", "0") != "0":
        lost = _many(counts["doubtful"], "document")
        yield f"Without an answer: {lost}; the next run looks in QuickBooks before it sends again."
    if counts.get("waiting", "0") != "0":
        yield f"Not sent yet: {_many(counts['waiting'], 'document')}."


def _many(count: int | str, noun: str) -> str:
    return f"{count} {noun}{'' if str(count) == '1' else 's'}"


def _sums(amounts: Iterable[Money]) -> str:
    by_currency: dict[str, Money] = {}
    for amount in amounts:
        by_currency[amount.currency] = by_currency.get(amount.currency, zero(amount.currency)) + amount
    return " and ".join(str(total) for total in by_currency.values())


def _flags(what: str, flags: tuple[Flag, ...], owners: Mapping[str, str]) -> Iterator[str]:
    for flag in sorted(flags, key=lambda one: _URGENCY.index(one.rule.severity))[:_MOST]:
        about = " ".join(filter(None, (flag.subject, str(flag.amount) if flag.amount is not None else "")))
        named = " ".join(filter(None, (flag.kind, about)))
        yield f"{what}: {named} ({flag.rule.severity.value}, {owners.get(flag.rule.owner, flag.rule.owner.value)})."
    if len(flags) > _MOST:
        yield f"{what}: {len(flags) - _MOST} more; `qbo-milestones flags` lists them."


def _news(news: News) -> Iterator[str]:
    if news.missed:
        dates = ", ".join(map(str, news.missed))
        yield f"No run took place for {dates}; this one did the work of those days too."
    if news.metered:
        yield (
            f"QuickBooks has metered {news.metered_calls:,} calls this month for all companies of our database, over "
            f"{news.metered} % of the {news.metered_allowed:,} that it grants the app; past "
            "them it answers none until the month is over."
        )
    yield from news.ends
    for number in news.undelivered:
        yield f"The digest of run {number} did not reach everybody; `qbo-milestones runs {number}` shows that run."


def _anchor(head: AuditHead) -> str:
    """What a reader can compare later with the log, should anybody have rewritten it (reliability.md 4)."""
    return f"Audit log: row {head.seq}, {head.hash or 'empty'}."
