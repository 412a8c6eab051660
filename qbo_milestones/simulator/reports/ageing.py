"""Ageing: what is open on receivables and payables, by how long it has been due."""

from datetime import date

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.chart import PAYABLE, RECEIVABLE
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.reports.accounts import AccountTree
from qbo_milestones.simulator.reports.details import Sheet
from qbo_milestones.simulator.reports.frame import amount, column, grand_total, section
from qbo_milestones.simulator.reports.lines import Desk, Line, Sums, sums_of
from qbo_milestones.simulator.reports.name_rows import NameTable
from qbo_milestones.simulator.reports.outstanding import Item, Side
from qbo_milestones.simulator.reports.questions import Question
from qbo_milestones.simulator.reports.specs import Content
from qbo_milestones.simulator.reports.splits import Vector

DETAILS = {
    RECEIVABLE: ("tx_date", "txn_type", "doc_num", "cust_name", "dept_name", "due_date", "subt_amount",
                 "subt_open_bal"),
    PAYABLE: ("tx_date", "txn_type", "doc_num", "vend_name", "dept_name", "due_date", "past_due", "subt_neg_amount",
              "subt_neg_open_bal"),
}  # fmt: skip
CURRENT = "current"


def aged_receivables(company: Company, question: Question) -> Content:
    """AgedReceivables."""
    return _summary(Side(company, question, RECEIVABLE))


def aged_payables(company: Company, question: Question) -> Content:
    """AgedPayables."""
    return _summary(Side(company, question, PAYABLE))


def aged_receivable_detail(company: Company, question: Question) -> Content:
    """AgedReceivableDetail."""
    return _detail(company, question, RECEIVABLE)


def aged_payable_detail(company: Company, question: Question) -> Content:
    """AgedPayableDetail."""
    return _detail(company, question, PAYABLE)


def days_late(question: Question, today: str, item: Item) -> int:
    """Days since an item was due, on the report's day or today."""
    asked = today if question.ages_today else question.day
    return (date.fromisoformat(asked) - date.fromisoformat(item.due)).days


def _bucket(question: Question, late: int) -> str:
    """Key of the column: ``current``, else the number of the ageing period."""
    return CURRENT if late <= 0 else str(min((late - 1) // question.ageing_days, question.ageing_periods - 1))


def _titles(question: Question, over: str) -> dict[str, str]:
    """Column -> its title, the latest due first."""
    length, count = question.ageing_days, question.ageing_periods
    made = {str(number): f"{number * length + 1} - {(number + 1) * length}" for number in range(count - 1)}
    return {CURRENT: "Current", **made, str(count - 1): f"{(count - 1) * length + 1} {over}"}


def _summary(side: Side) -> Content:
    question, today = side.question, side.company.today()
    titles = _titles(question, "and over")
    figures: dict[str, Vector] = {}
    for item in side.items():
        late = days_late(question, today, item)
        if late >= question.past_due or not question.past_due:
            vector = figures.setdefault(item.party[1] if item.party else "", {})
            key = _bucket(question, late)
            vector[key] = vector.get(key, 0) + item.open
    found = NameTable(side.names, side.entity, figures, lambda vector: _cells(titles, vector), question.descending)
    rows = found.rows()
    money = [column(title, "Money", key) for key, title in {**titles, "total": "Total"}.items()]
    columns = [column("", side.entity, side.entity.lower()), *money]
    total = grand_total(_cells(titles, rows.sum, "0.00"))
    return Content(columns, [*rows.rows, total] if rows.rows else [], not rows.rows)


def _cells(titles: dict[str, str], vector: Vector, blank: str = "") -> list[Doc]:
    values = [vector.get(key, 0) for key in titles]
    return [{"value": amount(each) if each else blank} for each in [*values, sum(values)]]


def _detail(company: Company, question: Question, kind: str) -> Content:
    side, today = Side(company, question, kind), company.today()
    sheet = Sheet(Desk(company, question, AccountTree(company)), DETAILS[kind])
    buckets: dict[str, list[Line]] = {}
    for item in side.items():
        late = days_late(question, today, item)
        if late >= question.past_due or not question.past_due:
            line = Line(item.key, item.day, item.entry._replace(party=item.party), item.amount, open=item.open,
                        due=item.due)  # fmt: skip
            buckets.setdefault(_bucket(question, late), []).append(line)
    rows, total = [], Sums()
    for key, title in reversed(_titles(question, "or more").items()):
        if key in buckets:
            shown = title if key == CURRENT else f"{title} days past due"
            lines = sheet.sorted(sorted(buckets[key], key=lambda line: line.due))
            sums = sums_of(lines)
            inside = [sheet.row(line) for line in lines]
            rows.append(section(inside, sheet.summary(f"Total for {shown}", sums), sheet.label(shown)))
            total = total.plus(sums)
    if rows:
        rows.append(section(None, sheet.summary("TOTAL", total)))
    return Content(sheet.columns, rows, not rows)
