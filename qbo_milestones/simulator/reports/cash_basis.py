"""Cash basis: what was sold or bought on account counts when, and as far as, it is paid.

The lines of an invoice, credit memo, bill or vendor credit move with each settlement, in proportion to what is settled;
until then none of it is on the books, so receivables and payables of these vanish. Each settlement takes the difference
between what is due after it and before it, so that the cents of all add up to the document's. A payment that is not
applied, or not yet, is income (or a cost) of its own. Everything else, journals among it, stays as it is posted.
"""

from collections.abc import Iterator

from qbo_milestones.simulator.books.chart import PAYABLE, RECEIVABLE, standing_account
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.ledger import Entry, Key, Posting
from qbo_milestones.simulator.books.links import SETTLERS
from qbo_milestones.simulator.reports.movements import Movement

ON_ACCOUNT = {"Invoice": RECEIVABLE, "CreditMemo": RECEIVABLE, "Bill": PAYABLE, "VendorCredit": PAYABLE}
"""What counts only when it is settled -> the kind of account it stands on until then."""
WAITING = {RECEIVABLE: "unapplied cash", PAYABLE: "unapplied bills"}
"""Kind of account -> the purpose of the account that holds what is not applied."""
Place = tuple[Key, int]
"""A line of a settler: (settler, its number)."""


class Ledgers:
    """The accounts of both sides: those that documents on account stand on, and where unapplied money waits.

    Where QuickBooks has opened no account for waiting money yet, its purpose stands for it.
    """

    def __init__(self, company: Company) -> None:
        records = company.shelves["Account"].records
        self.controls = {
            kind: {key for key, record in records.items() if record.body.get("AccountType") == kind} for kind in WAITING
        }
        self.waiting = {kind: standing_account(company, purpose) or purpose for kind, purpose in WAITING.items()}


class Deferred:
    """One document on account: the line on the receivable or payable, what was paid down at once, and the rest."""

    def __init__(self, ledgers: Ledgers, key: Key, posting: Posting, paid_down: bool) -> None:
        controls, self.waiting = ledgers.controls[ON_ACCOUNT[key[0]]], ledgers.waiting[ON_ACCOUNT[key[0]]]
        self.key, self.day = key, posting.day
        rest = [entry for entry in posting.entries if entry.about != key or entry.account not in controls]
        self.down = rest[-1:] if paid_down else []
        self.lines = rest[:-1] if paid_down else rest
        self.total = sum([entry.cents for entry in self.lines])
        self.settled_by: list[tuple[str, int, Place, int]] = []

    def due(self, settled: int) -> list[int]:
        """Cents of each line that count once so much of the total is settled; the largest takes what is rounded."""
        total = self.total
        if settled == total:
            return [entry.cents for entry in self.lines]
        if not settled:
            return [0] * len(self.lines)
        parts = [_rounded(entry.cents * settled, total) for entry in self.lines]
        largest = max(range(len(parts)), key=lambda number: abs(self.lines[number].cents))
        parts[largest] += settled - sum(parts)
        return parts

    def first(self) -> Movement:
        """What counts on the day of the document: what was paid down, and all of a document of nothing."""
        now = -sum(entry.cents for entry in self.down)
        if self.total:
            return Movement(self.key, self.day, (*self.down, *self._shares([0] * len(self.lines), self.due(now))))
        waits = _waits(self.waiting, now, self.down[0]) if self.down else []
        return Movement(self.key, self.day, (*self.lines, *self.down, *waits))

    def shares(self) -> Iterator[tuple[Place, str, list[Entry]]]:
        """For each settlement, in order of time: its place, its day, and the lines that count with it."""
        settled = -sum(entry.cents for entry in self.down)
        before = self.due(settled) if self.total else []
        for day, _, place, cents in sorted(self.settled_by):
            settled += cents
            after = self.due(settled) if self.total else []
            yield place, day, self._shares(before, after) if self.total else []
            before = after

    def _shares(self, before: list[int], after: list[int]) -> list[Entry]:
        moves = zip(self.lines, before, after, strict=True)
        return [line if now - then == line.cents else line._replace(cents=now - then, foreign=0)
                for line, then, now in moves if now != then]  # fmt: skip


def _rounded(part: int, whole: int) -> int:
    """Quotient to the nearest whole number, half away from zero."""
    sign = 1 if (part >= 0) == (whole > 0) else -1
    return sign * ((2 * abs(part) + abs(whole)) // (2 * abs(whole)))


def _waits(account: str, cents: int, like: Entry) -> list[Entry]:
    return [like._replace(account=account, cents=cents, foreign=0, about=None, item_id="")] if cents else []


def cash_movements(company: Company) -> Iterator[Movement]:
    """The ledger on cash basis. Pure: it opens no account and changes nothing."""
    postings, ledgers = company.ledger.postings, Ledgers(company)
    deferred = {
        key: Deferred(ledgers, key, posting, _paid_down(company, key))
        for key, posting in postings.items()
        if key[0] in ON_ACCOUNT
    }
    _note_settlements(company, deferred)
    counted: dict[Place, tuple[Deferred, str, list[Entry]]] = {}
    for document in deferred.values():
        yield document.first()
        for place, day, lines in document.shares():
            counted[place] = document, day, lines
    for key, posting in postings.items():
        if key not in deferred:
            yield from _settling(ledgers, key, posting, counted)


def _paid_down(company: Company, key: Key) -> bool:
    record = company.find(*key)
    return record is not None and bool(record.body.get("Deposit"))


def _note_settlements(company: Company, deferred: dict[Key, Deferred]) -> None:
    number = 0
    for key, posting in company.ledger.postings.items():
        for place, entry in enumerate(posting.entries):
            document = deferred.get(entry.about) if entry.about is not None and entry.about != key else None
            if document is not None:
                number += 1
                day = max(posting.day, document.day)
                document.settled_by.append((day, number, (key, place), entry.cents))


def _settling(
    ledgers: Ledgers, key: Key, posting: Posting, counted: dict[Place, tuple[Deferred, str, list[Entry]]]
) -> Iterator[Movement]:
    """A transaction with what it settles in place of its lines on receivables and payables.

    What is paid before the document's day waits until then.
    """
    entries: list[Entry] = []
    sources: list[Key] = []
    later: list[Movement] = []
    for place, entry in enumerate(posting.entries):
        document, day, lines = counted.get((key, place), (None, "", []))
        if document is not None and lines and day == posting.day:
            entries += lines
            sources += [document.key] * len(lines)
            continue
        moved = [entry]
        if document is not None or (entry.about == key and key[0] in SETTLERS):
            kind = ON_ACCOUNT[document.key[0]] if document is not None else SETTLERS[key[0]]
            moved = _waits(ledgers.waiting[kind], entry.cents, entry)
        if document is not None and lines:
            back = [line._replace(cents=-line.cents) for line in moved]
            later.append(Movement(document.key, day, (*back, *lines)))
        entries += moved
        sources += [key] * len(moved)
    yield Movement(key, posting.day, tuple(entries), tuple(sources))
    yield from later
