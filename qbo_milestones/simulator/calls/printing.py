"""``/{entity}/{id}/pdf``: what a document says on paper, in the company's own way of writing dates and amounts."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.links import linked_keys
from qbo_milestones.simulator.books.render import shown
from qbo_milestones.simulator.calls.paper import Paper, Row, draw
from qbo_milestones.simulator.messages import Answer
from qbo_milestones.simulator.schema.fields import EntitySpec
from qbo_milestones.simulator.writing import documents
from qbo_milestones.simulator.writing.mailing import TITLES, company_name, paper_name

MONTH_FIRST = ("", "US", "USA", "United States")
BOXES = {"BillAddr": "Bill to", "VendorAddr": "Vendor", "ShipAddr": "Ship to"}
FACTS = {
    "TxnDate": "Date", "DueDate": "Due date", "ExpirationDate": "Valid until", "SalesTermRef": "Terms",
    "PaymentMethodRef": "Payment method", "PaymentRefNum": "Reference", "ShipDate": "Shipped",
    "TrackingNum": "Tracking no.", "DepositToAccountRef": "Deposited to", "AcceptedBy": "Accepted by",
}  # fmt: skip


def printed(company: Company, spec: EntitySpec, object_id: str) -> Answer:
    """The document as PDF; the same document gives the same bytes."""
    documents.check_operation(spec, "pdf")
    record = company.fetch(spec.name, object_id)
    body = shown(company, spec.name, record)
    content = draw(_paper(company, spec.name, body), record.updated)
    name = {"Content-Disposition": f'inline; filename="{paper_name(company, spec.name, body)}"'}
    return Answer(200, content, "application/pdf", name)


def _paper(company: Company, name: str, body: Doc) -> Paper:
    info = company.find("CompanyInfo", "1")
    sender = info.body if info else {}
    month_first = str(sender.get("Country") or "") in MONTH_FIRST
    return Paper(
        sender=company_name(company), sender_lines=[*address_lines(sender.get("CompanyAddr")), *_contact(sender)],
        title=TITLES[name].upper(), number=str(body.get("DocNumber") or ""),
        boxes=[(title, _receiver(body, field)) for field, title in BOXES.items() if _receiver(body, field)],
        facts=list(_facts(body, month_first)), rows=list(_rows(company, body, month_first)),
        totals=list(_totals(name, body)), message=str((body.get("CustomerMemo") or {}).get("value") or ""),
        void=str(body.get("PrivateNote") or "").startswith("Voided"),
    )  # fmt: skip


def _contact(sender: Doc) -> list[str]:
    found = [(sender.get("Email") or {}).get("Address"), (sender.get("PrimaryPhone") or {}).get("FreeFormNumber")]
    return [str(text) for text in found if text]


def _receiver(body: Doc, field: str) -> list[str]:
    who = (body.get("CustomerRef") or body.get("VendorRef") or {}).get("name", "")
    lines = address_lines(body.get(field))
    if not lines and field != ("VendorAddr" if "VendorRef" in body else "BillAddr"):
        return []
    return [line for line in [str(who), *lines] if line]


def address_lines(address: Any) -> list[str]:
    """An address as it stands on an envelope."""
    if not isinstance(address, dict):
        return []
    lines = [str(address.get(f"Line{row}") or "") for row in range(1, 6)]
    region = " ".join(str(address[part]) for part in ("CountrySubDivisionCode", "PostalCode") if address.get(part))
    place = ", ".join(part for part in (str(address.get("City") or ""), region) if part)
    return [line for line in [*lines, place] if line]


def _facts(body: Doc, month_first: bool) -> Iterator[tuple[str, str]]:
    for field, title in FACTS.items():
        value = body.get(field)
        if value:
            shown_value = value.get("name") if isinstance(value, dict) else str(value)
            yield title, day(str(value), month_first) if field.endswith("Date") else str(shown_value or "")
    for custom in body.get("CustomField") or []:
        if custom.get("StringValue"):
            yield str(custom.get("Name") or "Note"), str(custom["StringValue"])


def day(iso: str, month_first: bool) -> str:
    """``10/15/2026`` in the United States, ``15/10/2026`` elsewhere."""
    return date.fromisoformat(iso[:10]).strftime("%m/%d/%Y" if month_first else "%d/%m/%Y")


def amount(value: Any) -> str:
    """``1,234.50``."""
    return f"{Decimal(value or 0):,.2f}"


def _rows(company: Company, body: Doc, month_first: bool) -> Iterator[Row]:
    for line in body.get("Line") or []:
        if line.get("LinkedTxn") and not line.get("DetailType"):
            yield _settled(company, line, month_first)
        elif line.get("DetailType") == "GroupLineDetail":
            yield from _rows(company, line.get("GroupLineDetail") or {}, month_first)
        elif line.get("DetailType") != "SubTotalLineDetail":
            yield _sold(line, month_first)


def _settled(company: Company, line: Doc, month_first: bool) -> Row:
    """What a payment was applied to."""
    name, object_id = next(linked_keys(line))
    record = company.find(name, object_id)
    about = record.body if record else {}
    title = f"{TITLES.get(name, name)} {about.get('DocNumber') or object_id}"
    return Row(title, day(str(about["TxnDate"]), month_first) if about else "", "", "", amount(line.get("Amount")))


def _sold(line: Doc, month_first: bool) -> Row:
    detail = line.get(str(line.get("DetailType"))) or {}
    what = (detail.get("ItemRef") or detail.get("AccountRef") or {}).get("name") or ""
    served = f"{day(str(detail['ServiceDate']), month_first)}  " if detail.get("ServiceDate") else ""
    if line.get("DetailType") == "DiscountLineDetail":
        percent = f" {Decimal(detail['DiscountPercent']):f}%" if detail.get("DiscountPercent") else ""
        return Row(f"Discount{percent}", "", "", "", f"-{amount(line.get('Amount'))}")
    quantity = f"{Decimal(detail['Qty']):,f}" if detail.get("Qty") else ""
    price = amount(detail["UnitPrice"]) if detail.get("UnitPrice") else ""
    worth = "" if line.get("DetailType") == "DescriptionOnly" else amount(line.get("Amount"))
    return Row(str(what), f"{served}{line.get('Description') or ''}", quantity, price, worth)


def _totals(name: str, body: Doc) -> Iterator[tuple[str, str]]:
    code = str((body.get("CurrencyRef") or {}).get("value") or "")
    tax = (body.get("TxnTaxDetail") or {}).get("TotalTax")
    if tax:
        subtotal = next((line["Amount"] for line in body["Line"] if line.get("DetailType") == "SubTotalLineDetail"), 0)
        yield "Subtotal", amount(subtotal)
        yield "Tax", amount(tax)
    if name == "Payment" and body.get("UnappliedAmt"):
        yield "Not applied", amount(body["UnappliedAmt"])
    yield "Amount received" if name == "Payment" else "Total", f"{code} {amount(body.get('TotalAmt'))}".strip()
    if name == "Invoice":
        yield "Paid", amount(Decimal(body.get("TotalAmt") or 0) - Decimal(body.get("Balance") or 0))
        yield "Balance due", f"{code} {amount(body.get('Balance'))}".strip()
