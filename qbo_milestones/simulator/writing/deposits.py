"""Completes and checks deposits (quickbooks-online.md 6.5)."""

from decimal import Decimal

from qbo_milestones.simulator.amounts import Doc, half_up
from qbo_milestones.simulator.books.bindings import BANKABLE
from qbo_milestones.simulator.books.chart import account_for, account_type
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.ledger import Key
from qbo_milestones.simulator.books.links import linked_keys
from qbo_milestones.simulator.faults import NO_DETAIL, Refusal, broken_rule, missing, not_linked, refuse
from qbo_milestones.simulator.refs import ref_id
from qbo_milestones.simulator.writing.cash import complete_cash_account
from qbo_milestones.simulator.writing.lines import number_lines
from qbo_milestones.simulator.writing.parties import check_party


def complete_deposit(company: Company, _name: str, doc: Doc, before: Doc | None, _given: set[str]) -> None:
    """Fill in and check everything that QuickBooks computes for a deposit, in place."""
    lines = doc.get("Line") or []
    if not lines:
        raise Refusal(missing("Line"))
    complete_cash_account(company, doc)
    own_id = str((before or {}).get("Id") or "")
    seen: set[Key] = set()
    for line in lines:
        _complete_deposit_line(company, doc, line, own_id, seen)
    doc["Line"] = number_lines(lines, before, first=1, with_number=True)
    back = Decimal((doc.get("CashBack") or {}).get("Amount") or 0)
    doc["TotalAmt"] = half_up(sum((line["Amount"] for line in lines), Decimal(0)) - back)
    if doc["TotalAmt"] < 0:
        raise broken_rule("The total of a deposit must not be negative.", "TotalAmt")


def _complete_deposit_line(company: Company, doc: Doc, line: Doc, own_id: str, seen: set[Key]) -> None:
    source = next(linked_keys(line), None)
    if source is None:
        line.pop("LinkedTxn", None)
        _check_free_line(company, line)
        return
    record = company.find(*source) if source[0] in BANKABLE else None
    if record is None or company.banked.get(source, own_id) != own_id or source in seen:
        raise not_linked(source)
    total = _waiting(company, source[0], record.body)
    if total is None:
        raise not_linked(source, "it is not in Undeposited Funds")
    if ref_id(record.body, "CurrencyRef") != ref_id(doc, "CurrencyRef"):
        raise broken_rule(f"{source[0]} {source[1]} is in another currency than the deposit.", "CurrencyRef")
    seen.add(source)
    line["Amount"] = half_up(Decimal(total if line.get("Amount") is None else line["Amount"]))
    if line["Amount"] != half_up(Decimal(total)):
        raise broken_rule(f"A deposit takes the whole of {source[0]} {source[1]}, {total}.", "Amount")
    line["LinkedTxn"] = [{"TxnLineId": "0", **line["LinkedTxn"][0]}]


def _waiting(company: Company, name: str, body: Doc) -> Decimal | None:
    """What a transaction put into Undeposited Funds, nothing where it did not."""
    funds = account_for(company, "undeposited")
    if name == "Transfer":
        return Decimal(body["Amount"]) if ref_id(body, "ToAccountRef") == funds else None
    if name == "JournalEntry":
        return sum((_on_account(line, funds) for line in body["Line"]), Decimal(0)) or None
    total = Decimal(body["TotalAmt"]) * (-1 if name == "RefundReceipt" else 1)
    return total if ref_id(body, "DepositToAccountRef") == funds else None


def _on_account(line: Doc, account: str) -> Decimal:
    """What a journal line adds to an account."""
    detail = line.get("JournalEntryLineDetail") or {}
    if ref_id(detail, "AccountRef") != account:
        return Decimal(0)
    return Decimal(line["Amount"]) * (1 if detail["PostingType"] == "Debit" else -1)


def _check_free_line(company: Company, line: Doc) -> None:
    detail = line.get("DepositLineDetail") or {}
    if line.get("Amount") is None:
        raise Refusal(missing("Line.Amount"))
    line["Amount"] = half_up(Decimal(line["Amount"]))
    if not ref_id(detail, "AccountRef"):
        raise refuse("6440", NO_DETAIL, "AccountRef")
    check_party(company, detail, account_type(company, ref_id(detail, "AccountRef")))
