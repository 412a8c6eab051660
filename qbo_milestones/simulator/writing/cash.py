"""Completes and checks payments and deposits (quickbooks-online.md 6.4 and 6.5)."""

from collections import Counter
from decimal import Decimal

from qbo_milestones.simulator.amounts import Doc, half_up
from qbo_milestones.simulator.books.chart import account_for, account_type, is_receivable
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.ledger import Key
from qbo_milestones.simulator.books.links import (
    BANKABLE,
    applications,
    full_cents,
    linked_keys,
    open_cents,
    unapplied,
)
from qbo_milestones.simulator.faults import Refusal, broken_rule, missing, refuse
from qbo_milestones.simulator.refs import display_name, ref_id
from qbo_milestones.simulator.writing.lines import number_lines

BANKS = {"Bank", "Other Current Asset", "Credit Card"}


def complete_payment(company: Company, _name: str, doc: Doc, before: Doc | None, _given: set[str]) -> None:
    """Fill in and check everything that QuickBooks computes for a payment, in place."""
    doc["TotalAmt"] = half_up(Decimal(doc["TotalAmt"]))
    if doc["TotalAmt"] < 0:
        raise refuse("2140", "Invalid Amount: a payment must not be negative", "TotalAmt")
    lines = [_payment_line(line) for line in doc.get("Line") or []]
    doc["Line"] = [line for line in lines if line["Amount"]]
    _check_applications(company, doc, str((before or {}).get("Id") or ""))
    doc["UnappliedAmt"] = unapplied(company, doc)
    if doc["UnappliedAmt"] < 0:
        raise broken_rule("The amount applied is greater than the payment and the credits.", "TotalAmt")
    complete_cash_account(company, doc)
    doc["ProcessPayment"] = bool(doc.get("ProcessPayment"))
    doc.setdefault("LinkedTxn", [])


def _payment_line(line: Doc) -> Doc:
    links = [{name: str(value) for name, value in link.items() if value} for link in line.get("LinkedTxn") or []]
    if line.get("Amount") is None:
        raise Refusal(missing("Line.Amount"))
    if len(links) != 1:
        raise refuse("620", "Each line of a payment is linked to one transaction", "LinkedTxn")
    if line["Amount"] < 0:
        raise refuse("2140", "Invalid Amount: a line of a payment must not be negative", "Amount")
    return {"Amount": half_up(Decimal(line["Amount"])), "LinkedTxn": links}


def _check_applications(company: Company, doc: Doc, payment_id: str) -> None:
    wanted: Counter[Key] = Counter()
    for key, amount in applications(doc):
        if full_cents(company, key) is None:
            raise refuse("620", f"Transaction {key[0]} {key[1]} cannot be linked to a payment", "TxnId")
        wanted[key] += amount
        if not _same_family(company, key, ref_id(doc, "CustomerRef")):
            raise refuse("620", f"Transaction {key[0]} {key[1]} belongs to another customer", "TxnId")
    for key, amount in wanted.items():
        if amount > open_cents(company, key, without=payment_id):
            raise broken_rule(f"The amount applied to {key[0]} {key[1]} is greater than its open balance.", "Amount")


def _same_family(company: Company, key: Key, payer: str) -> bool:
    record = company.find(*key)
    owner = ref_id(record.body, "CustomerRef") if record else ""
    return not owner or top_customer(company, owner) == top_customer(company, payer)


def top_customer(company: Company, customer_id: str) -> str:
    """The customer at the top of a tree of jobs."""
    record = company.find("Customer", customer_id)
    parent = ref_id(record.body, "ParentRef") if record else ""
    return top_customer(company, parent) if parent else customer_id


def complete_cash_account(company: Company, doc: Doc) -> None:
    """Cash goes to Undeposited Funds unless an account is named; other kinds of account are refused (6430)."""
    if not ref_id(doc, "DepositToAccountRef"):
        doc["DepositToAccountRef"] = {"value": account_for(company, "undeposited")}
    account = company.find("Account", ref_id(doc, "DepositToAccountRef"))
    if account is not None:
        doc["DepositToAccountRef"]["name"] = display_name(account.body)
    if account_type(company, ref_id(doc, "DepositToAccountRef")) not in BANKS:
        raise refuse(
            "6430", "Invalid account type used: DepositToAccountRef wants a bank account", "DepositToAccountRef"
        )


def complete_deposit(company: Company, _name: str, doc: Doc, before: Doc | None, _given: set[str]) -> None:
    """Fill in and check everything that QuickBooks computes for a deposit, in place."""
    lines = doc.get("Line") or []
    if not lines:
        raise Refusal(missing("Line"))
    complete_cash_account(company, doc)
    own_id = str((before or {}).get("Id") or "")
    seen: set[Key] = set()
    for line in lines:
        _complete_deposit_line(company, line, own_id, seen)
    doc["Line"] = number_lines(lines, before, first=1, with_number=True)
    back = Decimal((doc.get("CashBack") or {}).get("Amount") or 0)
    doc["TotalAmt"] = half_up(sum((line["Amount"] for line in lines), Decimal(0)) - back)
    if doc["TotalAmt"] < 0:
        raise broken_rule("The total of a deposit must not be negative.", "TotalAmt")


def _complete_deposit_line(company: Company, line: Doc, own_id: str, seen: set[Key]) -> None:
    source = next(linked_keys(line), None)
    if source is None:
        line.pop("LinkedTxn", None)
        _check_free_line(company, line)
        return
    record = company.find(*source) if source[0] in BANKABLE else None
    if record is None or company.banked.get(source, own_id) != own_id or source in seen:
        raise refuse("620", f"Transaction {source[0]} {source[1]} cannot be linked to this deposit", "TxnId")
    if ref_id(record.body, "DepositToAccountRef") != account_for(company, "undeposited"):
        raise refuse("620", f"Transaction {source[0]} {source[1]} is not in Undeposited Funds", "TxnId")
    seen.add(source)
    total = record.body["TotalAmt"] * (-1 if source[0] == "RefundReceipt" else 1)
    line["Amount"] = half_up(Decimal(total if line.get("Amount") is None else line["Amount"]))
    if line["Amount"] != half_up(Decimal(total)):
        raise broken_rule(f"A deposit takes the whole of {source[0]} {source[1]}, {total}.", "Amount")
    line["LinkedTxn"] = [{"TxnLineId": "0", **line["LinkedTxn"][0]}]


def _check_free_line(company: Company, line: Doc) -> None:
    detail = line.get("DepositLineDetail") or {}
    if line.get("Amount") is None:
        raise Refusal(missing("Line.Amount"))
    line["Amount"] = half_up(Decimal(line["Amount"]))
    if not ref_id(detail, "AccountRef"):
        raise refuse("6440", "A deposit line needs an account or a linked transaction", "AccountRef")
    entity = detail.get("Entity") or {}
    if is_receivable(company, ref_id(detail, "AccountRef")) and not (entity.get("value") or entity.get("EntityRef")):
        raise broken_rule("When you use Accounts Receivable, you must choose a customer in the Name field.")
