"""The oracle: the company's books, as the simulator holds them, against what was signed off."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from journeys.simulated import MILESTONE, UNBILLED, Doc, cents
from qbo_milestones.model.audit import AuditHead, AuditState
from qbo_milestones.pipeline.outbox import Stage
from qbo_milestones.pipeline.posting import Identity, PostingKind
from qbo_milestones.pipeline.register import fold
from qbo_milestones.simulator.books.balances import balances, trial_balance
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.render import shown
from qbo_milestones.simulator.world.world import DEFAULT_REALM as REALM

from .ground import Ground
from .score import Wrong

Finding = tuple[Wrong, str]
_KINDS = (PostingKind.INVOICE, PostingKind.JOURNAL)
_OVER = frozenset({Stage.POSTED, Stage.WITHDRAWN, Stage.REFUSED})


def judge(ground: Ground, signed: Mapping[str, int]) -> list[Finding]:
    """What is wrong when all should be billed, given each signed-off deliverable and its cents."""
    company = ground.seed.world.companies[REALM]
    return [*wrong_books(company, signed), *_beside(ground)]


def wrong_books(company: Company, signed: Mapping[str, int]) -> Iterator[Finding]:
    """Each deliverable billed by one invoice and one journal over its amount, nothing else, all of it in balance."""
    rows = {kind: _rows(company, kind.document_kind.value) for kind in _KINDS}
    for id_, amount in signed.items():
        for kind in _KINDS:
            found = [row for row in rows[kind] if stamp(id_, kind) in row.get("PrivateNote", "")]
            if len(found) != 1:
                wrong = Wrong.DUPLICATE if found else Wrong.LOST
                yield wrong, f"{id_} has {len(found)} of {kind.document_kind.value}"
            elif (over := _debits(found[0]) or cents(found[0]["TotalAmt"])) != amount:
                yield Wrong.OTHER, f"{id_}: {kind.document_kind.value} over {over} cents, not {amount}"
            rows[kind] = [row for row in rows[kind] if row not in found]
    for kind, left in rows.items():
        for row in left:
            yield Wrong.OTHER, f"{kind.document_kind.value} {row.get('DocNumber')} bills what nobody signed"
    yield from unbalanced(company)


def stamp(id_: str, kind: PostingKind) -> str:
    """What its documents bear."""
    return Identity(REALM, fold(id_), kind).stamp_code


def unbalanced(company: Company) -> Iterator[Finding]:
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
        if left:
            yield Wrong.UNBALANCED, f"{left} cents stay in the clearing account for {tag}"


def _beside(ground: Ground) -> Iterator[Finding]:
    """Postings that are not done, flags that nobody expects, and the audit log (I11)."""
    for outgoing in ground.machine.store.outgoing():
        if outgoing.stage not in _OVER:
            yield Wrong.STUCK, f"{outgoing.number or outgoing.key} stays {outgoing.stage.value}"
    audit = ground.machine.store.check_audit(AuditHead(), whole=True)
    if audit.state is not AuditState.INTACT:
        yield Wrong.OTHER, f"the audit log is {audit.state}: {audit.sentence}"
    for each in ground.machine.store.flags():
        yield Wrong.OTHER, f"flag {each.flag.kind} {each.flag.subject}: {each.flag.sentence}"


def _rows(company: Company, entity: str) -> list[Doc]:
    return [shown(company, entity, record) for record in company.shelves[entity].records.values()]


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
