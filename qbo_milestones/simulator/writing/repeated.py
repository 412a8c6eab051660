"""What a sparse update must say again though it stays as it is, as live sandboxes want it."""

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.faults import Refusal, missing

REPEATED: dict[str, tuple[str, ...]] = {
    "Class": ("Name",), "Department": ("Name",), "Term": ("Name",), "Bill": ("VendorRef",),
    "VendorCredit": ("VendorRef",), "BillPayment": ("VendorRef",), "Purchase": ("PaymentType",),
    "Deposit": ("DepositToAccountRef",), "Transfer": ("FromAccountRef", "ToAccountRef", "Amount"),
    "CreditCardPayment": ("CreditCardAccountRef", "BankAccountRef", "Amount"),
}  # fmt: skip
DAYS = {"STANDARD": "DueDays", "DATE_DRIVEN": "DayOfMonthDue"}
"""Type of a term -> where its days stand."""


def check_repeated(company: Company, name: str, doc: Doc, before: Doc) -> None:
    """2020 for what a sparse update leaves away, where the company wants it said again."""
    if not doc.get("sparse") or company.settings.sparse_repeats == "accept":
        return
    wanted = (*REPEATED.get(name, ()), *([DAYS[before["Type"]]] if name == "Term" else []))
    absent = [missing(field) for field in wanted if doc.get(field) is None]
    if absent:
        raise Refusal(*absent)
