"""Balances of customers and vendors, and the open transactions that make them."""

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.chart import PAYABLE, RECEIVABLE
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.reports.accounts import AccountTree
from qbo_milestones.simulator.reports.details import Sheet
from qbo_milestones.simulator.reports.frame import amount, column, grand_total, section
from qbo_milestones.simulator.reports.lines import Desk, Line, Sums, sums_of
from qbo_milestones.simulator.reports.name_rows import NOT_SPECIFIED, NameTable
from qbo_milestones.simulator.reports.outstanding import Side
from qbo_milestones.simulator.reports.questions import Question
from qbo_milestones.simulator.reports.specs import Content
from qbo_milestones.simulator.reports.splits import Vector

TOTAL = "total"
DETAILS = {
    RECEIVABLE: ("tx_date", "txn_type", "doc_num", "dept_name", "due_date", "subt_amount", "subt_open_bal"),
    PAYABLE: ("tx_date", "txn_type", "doc_num", "dept_name", "due_date", "subt_neg_amount", "subt_neg_open_bal"),
}


def customer_balance(company: Company, question: Question) -> Content:
    """CustomerBalance."""
    return _summary(Side(company, question, RECEIVABLE))


def vendor_balance(company: Company, question: Question) -> Content:
    """VendorBalance."""
    return _summary(Side(company, question, PAYABLE))


def customer_balance_detail(company: Company, question: Question) -> Content:
    """CustomerBalanceDetail; ``arpaid`` says whether paid ones are shown."""
    return _detail(company, question, RECEIVABLE, question.receivables)


def vendor_balance_detail(company: Company, question: Question) -> Content:
    """VendorBalanceDetail; ``appaid`` says whether paid ones are shown."""
    return _detail(company, question, PAYABLE, question.payables)


def _summary(side: Side) -> Content:
    figures: dict[str, Vector] = {}
    for item in side.items():
        vector = figures.setdefault(item.party[1] if item.party else "", {TOTAL: 0})
        vector[TOTAL] += item.open
    figures = {key: vector for key, vector in figures.items() if vector[TOTAL]}
    rows = NameTable(side.names, side.entity, figures, _cells, side.question.descending).rows()
    columns = [column("", side.entity, side.entity.lower()), column("Total", "Money", TOTAL)]
    total = grand_total([{"value": amount(rows.sum.get(TOTAL, 0))}])
    return Content(columns, [*rows.rows, total] if rows.rows else [], not rows.rows)


def _cells(vector: Vector) -> list[Doc]:
    return [{"value": amount(vector[TOTAL]) if TOTAL in vector else ""}]


def _detail(company: Company, question: Question, kind: str, state: str) -> Content:
    side = Side(company, question, kind)
    sheet = Sheet(Desk(company, question, AccountTree(company)), DETAILS[kind])
    by_party: dict[str, list[Line]] = {}
    for item in side.items(state or "Unpaid"):
        line = Line(item.key, item.day, item.entry, item.amount, open=item.open, due=item.due)
        by_party.setdefault(item.party[1] if item.party else "", []).append(line)
    rows, total = [], Sums()
    for party in sorted(
        by_party, key=lambda each: (not each, str(side.names.full(side.entity, each)["value"]).lower())
    ):
        name = str(side.names.full(side.entity, party)["value"]) or NOT_SPECIFIED
        lines = sheet.sorted(by_party[party])
        sums = sums_of(lines)
        summary = sheet.summary(f"Total for {name}", sums)
        rows.append(section([sheet.row(line) for line in lines], summary, sheet.label(name, party)))
        total = total.plus(sums)
    if rows:
        rows.append(section(None, sheet.summary("TOTAL", total)))
    return Content(sheet.columns, rows, not rows)
