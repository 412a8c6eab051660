"""The columns of details: their key, title and type, and how the cell of a row is read."""

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from qbo_milestones.simulator.amounts import Doc, cents
from qbo_milestones.simulator.books.currencies import rate_of
from qbo_milestones.simulator.refs import ref_id
from qbo_milestones.simulator.reports.frame import BLANK, NOTHING, short_amount
from qbo_milestones.simulator.reports.lines import Desk, Line

Reader = Callable[[Desk, Line], Doc]


class Field(NamedTuple):
    """A column of details: key, title, type, and how a row's cell is read."""

    key: str
    title: str
    kind: str
    read: Reader
    sums: str = ""


def _day(desk: Desk, line: Line) -> Doc:
    return desk.day("" if line.follows else line.day)


def _kind(desk: Desk, line: Line) -> Doc:
    return {"value": "", "id": line.source[1]} if line.follows else desk.kind(line.source)


def _number(desk: Desk, line: Line) -> Doc:
    body = desk.body(line.source)
    return BLANK if line.follows else {"value": str(body.get("DocNumber") or body.get("PaymentRefNum") or "")}


def _posts(desk: Desk, line: Line) -> Doc:
    return {"value": "Yes" if line.source in desk.company.ledger.postings else "No"}


def _adjusts(desk: Desk, line: Line) -> Doc:
    return {"value": "Yes" if desk.body(line.source).get("Adjustment") else "No"}


def _instant(name: str) -> Reader:
    def read(desk: Desk, line: Line) -> Doc:
        record = desk.record(line.source)
        moment = (record.created if name == "created" else record.updated) if record else None
        return {"value": moment.astimezone(desk.company.zone).strftime("%Y-%m-%dT%H:%M:%S%z") if moment else ""}

    return read


def _person(desk: Desk, _: Line) -> Doc:
    record = desk.company.find("CompanyInfo", "1")
    return {"value": str(record.body.get("CompanyName") or "") if record else ""}


def _party(*kinds: str) -> Reader:
    def read(desk: Desk, line: Line) -> Doc:
        party = line.entry.party
        if party is None or (kinds and party[0] not in kinds):
            return NOTHING
        return desk.names.full(*party)

    return read


def _name(desk: Desk, line: Line) -> Doc:
    party = line.entry.party
    return desk.names.full(*party) if party is not None else NOTHING


def _memo(desk: Desk, line: Line) -> Doc:
    memo = line.entry.memo or ("" if line.follows else desk.body(line.source).get("PrivateNote"))
    return {"value": str(memo)} if memo else BLANK


def _list_name(entity: str, field: str) -> Reader:
    return lambda desk, line: desk.names.full(entity, getattr(line.entry, field))


def _referred(entity: str, field: str) -> Reader:
    return lambda desk, line: desk.names.full(entity, ref_id(desk.body(line.source), field))


def _account_number(desk: Desk, line: Line) -> Doc:
    return {"value": desk.tree[line.entry.account].number}


def _due(desk: Desk, line: Line) -> Doc:
    return desk.day(line.due or str(desk.body(line.source).get("DueDate") or ""))


def _past_due(desk: Desk, line: Line) -> Doc:
    due = line.due or str(desk.body(line.source).get("DueDate") or line.day)
    asked = desk.today if desk.question.ages_today else desk.question.day
    return {"value": str((date.fromisoformat(asked) - date.fromisoformat(due)).days)}


def _message(desk: Desk, line: Line) -> Doc:
    return {"value": str((desk.body(line.source).get("CustomerMemo") or {}).get("value") or "")}


def _invoice_day(desk: Desk, line: Line) -> Doc:
    return desk.day(line.day if line.source[0] == "Invoice" else "")


def _paid(entity: str) -> Reader:
    def read(desk: Desk, line: Line) -> Doc:
        if line.source[0] != entity:
            return BLANK
        return {"value": "Unpaid" if desk.body(line.source).get("Balance") else "Paid"}

    return read


def _amount(_: Desk, line: Line) -> Doc:
    return {"value": short_amount(line.amount)}


def _foreign(_: Desk, line: Line) -> Doc:
    entry = line.entry
    sign = 1 if (line.amount >= 0) == (entry.cents >= 0) else -1
    return {"value": short_amount(sign * (entry.foreign or entry.cents))}


def _open(_: Desk, line: Line) -> Doc:
    return {"value": short_amount(line.open)}


def _balance(_: Desk, line: Line) -> Doc:
    return {"value": short_amount(line.balance)}


def _debit(_: Desk, line: Line) -> Doc:
    return {"value": short_amount(line.entry.cents)} if line.entry.cents > 0 else BLANK


def _credit(_: Desk, line: Line) -> Doc:
    return {"value": short_amount(-line.entry.cents)} if line.entry.cents < 0 else BLANK


def _rate(desk: Desk, line: Line) -> Doc:
    return {"value": format(rate_of(desk.body(line.source)).normalize(), "f")}


def _currency(desk: Desk, line: Line) -> Doc:
    return {"value": ref_id(desk.body(line.source), "CurrencyRef") or desk.company.home_currency()}


def _tax(desk: Desk, line: Line) -> Doc:
    return {"value": short_amount(_tax_of(desk.body(line.source)))}


def _net(desk: Desk, line: Line) -> Doc:
    body = desk.body(line.source)
    return {"value": short_amount(cents(body.get("TotalAmt") or 0) - _tax_of(body))}


def _tax_of(body: Doc) -> int:
    return cents((body.get("TxnTaxDetail") or {}).get("TotalTax") or 0)


def _money(title: str, read: Reader, sums: str, *keys: str) -> list[Field]:
    return [Field(key, title, "Money", read, sums) for key in keys]


def _text(key: str, title: str, read: Reader) -> Field:
    return Field(key, title, "String", read)


FIELDS = [
    Field("tx_date", "Date", "Date", _day), _text("txn_type", "Transaction Type", _kind),
    _text("doc_num", "Num", _number), Field("is_no_post", "Posting", "Boolean", _posts),
    Field("is_adj", "Adj", "Boolean", _adjusts), Field("create_date", "Create Date", "TimeStamp", _instant("created")),
    _text("create_by", "Created By", _person),
    Field("last_mod_date", "Last Modified", "TimeStamp", _instant("updated")),
    _text("last_mod_by", "Last Modified By", _person), _text("name", "Name", _name),
    _text("cust_name", "Customer", _party("Customer")), _text("vend_name", "Vendor", _party("Vendor")),
    _text("emp_name", "Employee", _party("Employee")),
    _text("dept_name", "Location", _list_name("Department", "department_id")),
    _text("klass_name", "Class", _list_name("Class", "class_id")), _text("memo", "Memo/Description", _memo),
    _text("account_num", "Account #", _account_number), _text("acct_num_with_extn", "Account #", _account_number),
    _text("account_name", "Account", lambda desk, line: desk.account(line.entry.account)),
    _text("split_acc", "Split", lambda desk, line: desk.account(line.other)),
    _text("other_account", "Split", lambda desk, line: desk.account(line.other)),
    _text("item_name", "Product/Service", _list_name("Item", "item_id")),
    _text("pmt_mthd", "Payment Method", _referred("PaymentMethod", "PaymentMethodRef")),
    _text("term_name", "Terms", _referred("Term", "SalesTermRef")), Field("due_date", "Due Date", "Date", _due),
    Field("past_due", "Past Due", "Integer", _past_due), _text("cust_msg", "Customer/Vendor Message", _message),
    Field("inv_date", "Invoice Date", "Date", _invoice_day), _text("is_ar_paid", "A/R Paid", _paid("Invoice")),
    _text("is_ap_paid", "A/P Paid", _paid("Bill")), _text("is_cleared", "Clr", lambda _, __: BLANK),
    _text("printed", "Check Printed", lambda _, __: BLANK),
    *_money("Debit", _debit, "debit", "debt_amt", "debt_home_amt"),
    *_money("Credit", _credit, "credit", "credit_amt", "credit_home_amt"),
    *_money("Amount", _amount, "amount", "subt_nat_amount", "subt_nat_home_amount", "subt_nat_amount_nt",
            "subt_nat_amount_home_nt", "nat_amount", "nat_home_amount", "subt_amount", "subt_home_amount",
            "subt_neg_amount", "subt_neg_home_amount"),
    *_money("Foreign Amount", _foreign, "", "nat_foreign_amount", "foreign_amount", "neg_foreign_amount"),
    *_money("Open Balance", _open, "open", "nat_open_bal", "nat_home_open_bal", "subt_open_bal", "subt_home_open_bal",
            "subt_neg_open_bal", "subt_neg_home_open_bal"),
    Field("exch_rate", "Exchange Rate", "Money", _rate), _text("currency", "Currency", _currency),
    *_money("Tax Amount", _tax, "", "tax_amount", "home_tax_amount"),
    *_money("Taxable Amount", _net, "", "net_amount", "home_net_amount"),
    *_money("Balance", _balance, "", "rbal_nat_amount", "rbal_nat_home_amount", "rbal_nat_amount_nt",
            "rbal_nat_amount_home_nt"),
]  # fmt: skip
"""All columns of details, in the order in which QuickBooks answers them whatever the order they were asked in."""
BY_KEY = {field.key: field for field in FIELDS}
AT_HOME = {
    "subt_nat_amount": "subt_nat_home_amount", "rbal_nat_amount": "rbal_nat_home_amount", "debt_amt": "debt_home_amt",
    "credit_amt": "credit_home_amt", "subt_amount": "subt_home_amount", "subt_open_bal": "subt_home_open_bal",
    "subt_neg_amount": "subt_neg_home_amount", "subt_neg_open_bal": "subt_neg_home_open_bal",
}  # fmt: skip
"""Default column -> the one that takes its place in a company with currencies."""
