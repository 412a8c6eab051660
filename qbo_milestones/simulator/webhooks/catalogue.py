"""Which operations of which entities an app can be told of (quickbooks-online.md 7)."""

OPERATIONS = {
    "Create": "created", "Update": "updated", "Delete": "deleted", "Merge": "merged", "Void": "voided",
    "Emailed": "emailed",
}  # fmt: skip
"""Operation as the old shape says it -> as the type of a CloudEvent says it."""

_CUD = ("Create", "Update", "Delete")
TOLD: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("Invoice", "Payment", "CreditMemo", "RefundReceipt", "SalesReceipt"), (*_CUD, "Void", "Emailed")),
    **dict.fromkeys(("Account", "Class", "Customer", "Employee", "Item", "Vendor"), (*_CUD, "Merge")),
    **dict.fromkeys(("BillPayment", "Purchase", "Transfer"), (*_CUD, "Void")),
    **dict.fromkeys(("Estimate", "PurchaseOrder"), (*_CUD, "Emailed")),
    **dict.fromkeys(("JournalEntry", "Bill", "Deposit", "TimeActivity", "VendorCredit"), _CUD),
    **dict.fromkeys(("Department", "PaymentMethod"), ("Create", "Update", "Merge")),
    **dict.fromkeys(("Budget", "Currency", "JournalCode", "TaxAgency", "Term"), ("Create", "Update")),
    "Preferences": ("Update",),
}
"""Entity -> its operations. Only the number of ticks of a row is confirmed, not every column."""

_CALLED = {"CompanyCurrency": "Currency"}


def told_as(entity: str, operation: str, inactivation: str) -> tuple[str, str] | None:
    """(entity, operation) as an app hears of it, None for what no app is told.

    ``inactivation`` says what becomes of a name that is made inactive: ``Delete`` or ``Update``.
    """
    name = _CALLED.get(entity, entity)
    known = TOLD.get(name, ())
    if operation == "Inactivate":
        operation = inactivation if inactivation in known else "Update"
    return (name, operation) if operation in known else None
