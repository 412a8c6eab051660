"""The list of transactions: each once, with its account, the other account and its amount."""

from collections.abc import Iterator
from dataclasses import replace

from qbo_milestones.simulator.amounts import Doc, cents
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.ledger import Entry, Key
from qbo_milestones.simulator.refs import ref_id
from qbo_milestones.simulator.reports.accounts import AccountTree
from qbo_milestones.simulator.reports.basis import line_test
from qbo_milestones.simulator.reports.details import Sheet
from qbo_milestones.simulator.reports.fields import BY_KEY
from qbo_milestones.simulator.reports.frame import section
from qbo_milestones.simulator.reports.general_ledger import other_account
from qbo_milestones.simulator.reports.kinds import in_order, kind_of, transactions
from qbo_milestones.simulator.reports.lines import Desk, Line, sums_of
from qbo_milestones.simulator.reports.movements import Movement
from qbo_milestones.simulator.reports.periods import FISCAL_QUARTER, FISCAL_YEAR, SLICES, slice_of, slice_title
from qbo_milestones.simulator.reports.questions import Question, first_month
from qbo_milestones.simulator.reports.specs import Content

COLUMNS = ("tx_date", "txn_type", "doc_num", "is_no_post", "name", "dept_name", "memo", "account_name",
           "other_account", "subt_nat_amount")  # fmt: skip
SPLIT_COLUMNS = (
    "tx_date",
    "txn_type",
    "doc_num",
    "is_no_post",
    "name",
    "dept_name",
    "memo",
    "account_name",
    "nat_amount",
)
GROUP_FIELDS = {
    "Name": "name", "Account": "account_name", "Transaction Type": "txn_type", "Customer": "cust_name",
    "Vendor": "vend_name", "Employee": "emp_name", "Location": "dept_name", "Payment Method": "pmt_mthd",
}  # fmt: skip
"""Value of ``group_by`` -> the column whose cells make the groups."""
GROUP_UNITS = {**SLICES, "Day": SLICES["Days"], "Fiscal Year": FISCAL_YEAR, "Fiscal Quarter": FISCAL_QUARTER}
UNNAMED = "Not Specified"


def transaction_list(company: Company, question: Question) -> Content:
    """TransactionList."""
    return _listed(company, question)


def list_with_splits(company: Company, question: Question) -> Content:
    """TransactionListWithSplits: every line of each."""
    return _listed(company, question, splits=True)


def _listed(company: Company, question: Question, party: str = "", splits: bool = False) -> Content:
    """The list, of transactions with one kind of party only where it is named."""
    desk = Desk(company, question, AccountTree(company))
    sheet = Sheet(desk, SPLIT_COLUMNS if splits else COLUMNS)
    found = [line for line in _lines(desk, splits) if not party or (line.entry.party or ("", ""))[0] == party]
    lines = sheet.sorted(sorted(found, key=lambda line: in_order(line.source, line.day)))
    rows = [sheet.row(line) for line in lines] if question.group_by == "None" else _groups(sheet, lines)
    return Content(sheet.columns, rows, not rows)


def list_by_customer(company: Company, question: Question) -> Content:
    """TransactionListByCustomer."""
    return _listed(company, replace(question, group_by="Customer"), "Customer")


def list_by_vendor(company: Company, question: Question) -> Content:
    """TransactionListByVendor."""
    return _listed(company, replace(question, group_by="Vendor"), "Vendor")


def _lines(desk: Desk, splits: bool) -> Iterator[Line]:
    """The first line of each transaction, or every line."""
    start, end = desk.question.period
    test = line_test(desk.tree, desk.question)
    for key, body in transactions(desk.company):
        posting = desk.company.ledger.postings.get(key)
        day = posting.day if posting else str(body.get("TxnDate") or "")
        if not start <= day <= end or not _asked_for(desk, key, body):
            continue
        entries = posting.entries if posting and posting.entries else (_unposted(body),)
        if test is None or any(test(entry) for entry in entries):
            movement = Movement(key, day, entries)
            for number, entry in enumerate(entries if splits else entries[:1]):
                amount = desk.tree[entry.account].sign * entry.cents if entry.account else entry.cents
                yield Line(key, day, entry, amount, other_account(movement, number), open=_open(body))


def _unposted(body: Doc) -> Entry:
    """What stands for the lines of a transaction that does not post, or posts nothing any more."""
    customer, vendor = ref_id(body, "CustomerRef"), ref_id(body, "VendorRef")
    party = ("Customer", customer) if customer else ("Vendor", vendor) if vendor else None
    amount = cents(body.get("TotalAmt") or 0)
    return Entry("", amount, amount, party, department_id=ref_id(body, "DepartmentRef"))


def _open(body: Doc) -> int:
    return cents(body.get("Balance") or 0)


def _asked_for(desk: Desk, key: Key, body: Doc) -> bool:
    """Whether the transaction as a whole is what the question is about."""
    question, filters = desk.question, desk.question.filters
    kind = kind_of(key[0], body)
    wanted = {word.lower() for word in filters.get("transaction_type", ())}
    number = str(body.get("DocNumber") or body.get("PaymentRefNum") or "")
    return (
        (not wanted or kind.word.lower() in wanted or kind.label.lower() in wanted)
        and (not filters.get("docnum") or number in filters["docnum"])
        and (not filters.get("term") or ref_id(body, "SalesTermRef") in filters["term"])
        and (not filters.get("bothamount") or _amounts_to(body, filters["bothamount"]))
        and _in_state(question.receivables, "Invoice", key, body)
        and _in_state(question.payables, "Bill", key, body)
        and _in_time(desk, key, body)
    )


def _amounts_to(body: Doc, wanted: frozenset[str]) -> bool:
    return any(
        each.replace(".", "", 1).isdigit() and cents(each) == cents(body.get("TotalAmt") or 0) for each in wanted
    )


def _in_state(state: str, entity: str, key: Key, body: Doc) -> bool:
    return state in ("", "All") or (key[0] == entity and (state == "Unpaid") == bool(_open(body)))


def _in_time(desk: Desk, key: Key, body: Doc) -> bool:
    question, record = desk.question, desk.record(key)
    due = str(body.get("DueDate") or body.get("TxnDate") or "")
    zone = desk.company.zone
    made = record.created.astimezone(zone).date().isoformat() if record else ""
    changed = record.updated.astimezone(zone).date().isoformat() if record else ""
    return all(period.start <= day <= period.end for period, day in
               ((question.due, due), (question.created, made), (question.modified, changed)))  # fmt: skip


def _groups(sheet: Sheet, lines: list[Line]) -> list[Doc]:
    by_title: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        by_title.setdefault(_group(sheet.desk, line), []).append(line)
    rows = []
    for (title, object_id), found in sorted(by_title.items(), key=lambda pair: _group_order(sheet.desk, *pair)):
        summary = sheet.summary(f"Total for {title}", sums_of(found))
        rows.append(section([sheet.row(line) for line in found], summary, sheet.label(title, object_id)))
    return rows


def _group_order(desk: Desk, group: tuple[str, str], lines: list[Line]) -> tuple[bool, str]:
    if desk.question.group_by in GROUP_UNITS:
        return False, lines[0].day
    return group[0] == UNNAMED, group[0].lower()


def _group(desk: Desk, line: Line) -> tuple[str, str]:
    """Title and Id of the group that a line belongs to."""
    word = desk.question.group_by
    if word in GROUP_FIELDS:
        found = BY_KEY[GROUP_FIELDS[word]].read(desk, line)
        object_id = "" if word == "Transaction Type" else str(found.get("id") or "")
        return str(found["value"]) or UNNAMED, object_id
    unit = GROUP_UNITS[word]
    return slice_title(slice_of(line.day, unit, first_month(desk.company)), unit), ""
