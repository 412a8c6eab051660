"""Sends a document by e-mail: to whom, what becomes of its status, which mail is kept (quickbooks-online.md 6.1)."""

import re

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.mails import Mail
from qbo_milestones.simulator.books.shelf import Record
from qbo_milestones.simulator.faults import Problem, Refusal, missing
from qbo_milestones.simulator.refs import ref_id
from qbo_milestones.simulator.schema.fields import EntitySpec
from qbo_milestones.simulator.writing.mailboxes import NO_MAILBOX, are_mailboxes

TITLES = {
    "Invoice": "Invoice", "CreditMemo": "Credit memo", "SalesReceipt": "Sales receipt", "Estimate": "Estimate",
    "RefundReceipt": "Refund receipt", "Payment": "Payment receipt", "PurchaseOrder": "Purchase order",
}  # fmt: skip
"""What a document is called on paper."""


def mailed(company: Company, spec: EntitySpec, before: Record, send_to: str) -> Record:
    """The document after it was sent; ``send_to`` replaces the address that it bears."""
    field = "POEmail" if "POEmail" in spec.fields else "BillEmail"
    to = send_to.strip() or _address(company, spec.name, before.body, field)
    if not to:
        code = company.settings.send_without_address
        raise Refusal(missing(field) if code == "2020" else Problem(code, "Email address is required", field))
    if not are_mailboxes(to):
        raise Refusal(Problem("2210", NO_MAILBOX, field))
    company.mails[len(company.mails) + 1] = _mail(company, spec.name, before.body, to)
    more: Doc = {}
    if "EmailStatus" in spec.fields:
        more = {"EmailStatus": "EmailSent", field: {"Address": to}}
        more["DeliveryInfo"] = {"DeliveryType": "Email", "DeliveryTime": company.shown(company.now())}
    return company.put(spec.name, {**before.body, **more}, before)


def _address(company: Company, name: str, body: Doc, field: str) -> str:
    """The document's own; a payment, which has none, goes to its customer."""
    holder = body
    if name == "Payment":
        customer = company.find("Customer", ref_id(body, "CustomerRef"))
        holder, field = customer.body if customer else {}, "PrimaryEmailAddr"
    return str((holder.get(field) or {}).get("Address") or "")


def paper_name(company: Company, name: str, body: Doc) -> str:
    """The name of the PDF: ``Invoice_1037_from_Northlight_Studio.pdf``."""
    number = body.get("DocNumber") or body.get("PaymentRefNum") or body["Id"]
    return re.sub(r"[^\w.-]+", "_", f"{TITLES[name]} {number} from {company_name(company)}") + ".pdf"


def company_name(company: Company) -> str:
    """What the company calls itself to its customers."""
    record = company.find("CompanyInfo", "1")
    return str(record.body.get("CompanyName") or "") if record else ""


def _mail(company: Company, name: str, body: Doc, to: str) -> Mail:
    words = company.preference("EmailMessagesPrefs", f"{name}Message") or {}
    subject = str(words.get("Subject") or f"{TITLES[name]} from {company_name(company)}")
    files = (paper_name(company, name, body), *_enclosed(company, (name, str(body["Id"]))))
    return Mail(
        company.clock.now(), name, str(body["Id"]), to, _copy(body, "Cc"), _copy(body, "Bcc"), subject,
        str(words.get("Message") or ""), files,
    )  # fmt: skip


def _copy(body: Doc, kind: str) -> str:
    return str((body.get(f"BillEmail{kind}") or {}).get("Address") or "")


def _enclosed(company: Company, key: tuple[str, str]) -> list[str]:
    """Names of the files that are attached to the document and go out with it."""
    return [
        str(record.body.get("FileName"))
        for object_id, record in company.shelves["Attachable"].records.items()
        if object_id in company.files and any(_goes_with(link, key) for link in record.body.get("AttachableRef") or [])
    ]


def _goes_with(link: Doc, key: tuple[str, str]) -> bool:
    target = link.get("EntityRef") or {}
    return bool(link.get("IncludeOnSend")) and (target.get("type"), target.get("value")) == key
