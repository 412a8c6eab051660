"""The oracle: the company's books, as the simulator holds them, against what was signed off."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from journeys.simulated import MILESTONE, UNBILLED, Doc, cents
from qbo_milestones.model.audit import AuditHead, AuditState
from qbo_milestones.pipeline.outbox import Stage
from qbo_milestones.pipeline.posting import Identity, PostingKind
from qbo_milestones.pipeline.register import fold
from qbo_milestones.simulator.books.balances import balances, trial_balance
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.render import shown
from qbo_milestones.simulator.books.shelf import Record
from qbo_milestones.simulator.world.world import DEFAULT_REALM as REALM

from .ground import Ground
from .score import Finding, Wrong

_KINDS = (PostingKind.INVOICE, PostingKind.JOURNAL)
_OVER = frozenset({Stage.POSTED, Stage.WITHDRAWN, Stage.REFUSED})


def judge(ground: Ground, signed: Mapping[str, int]) -> list[Finding]:
    """What is wrong when all should be billed, given each signed-off deliverable and its cents."""
    company = ground.first_day.world.companies[REALM]
    return [*wrong_books(company, signed), *stuck(ground), *_flags(ground)]


def wrong_books(company: Company, signed: Mapping[str, int], loose: frozenset[str] = frozenset()) -> Iterator[Finding]:
    """Each deliverable billed by one invoice and one journal over its amount, nothing else, all of it in balance.

    What people took back stays out of it.
    """
    rows = {kind: _rows(company, kind.document_kind.value) for kind in _KINDS}
    known = {stamp(id_, kind) for id_ in loose for kind in _KINDS}
    for id_, amount in signed.items():
        for kind in _KINDS:
            known.add(stamp(id_, kind))
            found = [row for row in rows[kind] if stamp(id_, kind) in row.get("PrivateNote", "")]
            if len(found) != 1:
                wrong = Wrong.DUPLICATE if found else Wrong.LOST
                yield wrong, f"{id_} has {len(found)} of {kind.document_kind.value}"
            elif (over := _debits(found[0]) or cents(found[0]["TotalAmt"])) != amount:
                yield Wrong.OTHER, f"{id_}: {kind.document_kind.value} over {over} cents, not {amount}"
    for kind, found in rows.items():
        for row in found:
            if not any(each in row.get("PrivateNote", "") for each in known):
                yield Wrong.OTHER, f"{kind.document_kind.value} {row.get('DocNumber')} bills what nobody signed"
    yield from unbalanced(company, loose)


def more_than_one(company: Company, ids: Iterable[str]) -> list[Finding]:
    """What may not be at any time, in the middle of a run neither."""
    notes = {kind: [r.body.get("PrivateNote", "") for r in _records(company, kind.document_kind)] for kind in _KINDS}
    twice = [(id_, kind) for id_ in ids for kind in _KINDS if sum(stamp(id_, kind) in note for note in notes[kind]) > 1]
    found = [(Wrong.DUPLICATE, f"{id_} has more than one {kind.document_kind.value}") for id_, kind in twice]
    off = trial_balance(company, "9999-12-31")["total"]
    return found if off == "0.00" else [*found, (Wrong.UNBALANCED, f"the trial balance is {off}")]


@cache
def stamp(id_: str, kind: PostingKind) -> str:
    """What its documents bear."""
    return Identity(REALM, fold(id_), kind).stamp_code


def unbalanced(company: Company, loose: frozenset[str] = frozenset()) -> Iterator[Finding]:
    """Journals, trial balance, A/R, and the clearing account per deliverable (P, I2, I6, I7)."""
    journals, invoices = _rows(company, "JournalEntry"), _rows(company, "Invoice")
    for row in journals:
        if sum(_signed(line) for line in row["Line"]):
            yield Wrong.UNBALANCED, f"JournalEntry {row.get('DocNumber')} does not balance"
    if (total := trial_balance(company, "9999-12-31")["total"]) != "0.00":
        yield Wrong.UNBALANCED, f"the trial balance is {total}"
    if (off := balances(company)["receivable"]["difference"]) != "0.00":
        yield Wrong.UNBALANCED, f"A/R is {off} off its open items"
    for tag, left in _clearing([*journals, *invoices]).items():
        if left and tag not in loose:
            yield Wrong.UNBALANCED, f"{left} cents stay in the clearing account for {tag}"


def stuck(ground: Ground, loose: frozenset[str] = frozenset()) -> Iterator[Finding]:
    """Postings that are not done, and the audit log (I11, I12)."""
    for outgoing in ground.machine.store.outgoing():
        if outgoing.stage not in _OVER and outgoing.deliverable_id not in loose:
            yield Wrong.STUCK, f"{outgoing.number or outgoing.key} stays {outgoing.stage.value}"
    audit = ground.machine.store.check_audit(AuditHead(), whole=True)
    if audit.state is not AuditState.INTACT:
        yield Wrong.OTHER, f"the audit log is {audit.state}: {audit.sentence}"


def _flags(ground: Ground) -> Iterator[Finding]:
    for each in ground.machine.store.flags():
        yield Wrong.OTHER, f"flag {each.flag.kind} {each.flag.subject}: {each.flag.sentence}"


def _records(company: Company, entity: str) -> Iterable[Record]:
    return company.shelves[entity].records.values()


def _rows(company: Company, entity: str) -> list[Doc]:
    return [shown(company, entity, record) for record in _records(company, entity)]


def _debits(row: Doc) -> int:
    """What a journal moves; QuickBooks itself gives it a total of 0."""
    return sum(max(_signed(line), 0) for line in row["Line"])


def _signed(line: Doc) -> int:
    side = line.get("JournalEntryLineDetail", {}).get("PostingType")
    return cents(line["Amount"]) * {"Debit": 1, "Credit": -1}.get(side, 0)


def _clearing(rows: Iterable[Doc]) -> Counter[str]:
    """What is left in Unbilled receivable by the tag of the lines, in cents."""
    sums: Counter[str] = Counter()
    for row in rows:
        for line in row["Line"]:
            tag = line.get("Description", "").rpartition("[")[2].rstrip("]")
            if line.get("JournalEntryLineDetail", {}).get("AccountRef", {}).get("value") == UNBILLED:
                sums[tag] += _signed(line)
            elif line.get("SalesItemLineDetail", {}).get("ItemRef", {}).get("value") == MILESTONE:
                sums[tag] -= cents(line["Amount"])
    return sums
