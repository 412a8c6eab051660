"""Rows of the table of provoked faults: what the books do not allow (500 to 1050, 5010 to 6540), and what only a
fault rule answers."""

from typing import Any

from catalogue_of_values import customer, invoice, sold
from catalogue_rows import INVOICE, Act, Answer, Row, after, by_rule, changed, get, in_condition, post, query, switched
from simulator_person import Doc, Person, payment, sale_line

from qbo_milestones.simulator.catalogue import MESSAGES

GONE = (
    "Object Not Found : Something you're trying to use has been made inactive. Check the fields with accounts, "
    "customers, items, vendors or employees."
)
CLOSED = (
    "The account period has closed and the account books cannot be updated through the QBO Services API. "
    "Please use the QBO website to make these changes."
)
TAKEN = (
    "The name supplied already exists. : Another customer, vendor or employee is already using this name. Please use "
    "a different name."
)
STALE = (
    r"Stale Object Error : You and another user were working on this at the same time. Another user finished before "
    r"you did, so your work was not saved. \[Entity=Customer\]"
)
WRONG_ACCOUNT = "Invalid account type: You need to select a different type of account for this transaction."
NO_DETAIL = (
    "You must select a product or service or an account for each split line that has an amount or a billable customer."
)
DEPOSITED = (
    "This transaction has been deposited. If you want to change or delete it, you must edit the deposit it appears on "
    "and remove it first."
)
NO_TAX = "The {} attribute isn't allowed when GlobalTaxCalculation is set to NotApplicable."
ACCOUNT: Doc = {"Name": "Till", "AccountType": "Bank"}
STOCK: Doc = {
    "Name": "Poster", "Type": "Inventory", "QtyOnHand": 0, "InvStartDate": "2026-10-01", "TrackQtyOnHand": True,
    "IncomeAccountRef": {"value": "9"}, "ExpenseAccountRef": {"value": "18"}, "AssetAccountRef": {"value": "3"},
}  # fmt: skip


def deleted(person: Person) -> Answer:
    """An invoice that is read after it was deleted."""
    made = person.invoice()
    person.call("POST", "invoice", {"Id": made["Id"], "SyncToken": "0"}, operation="delete")
    return person.call("GET", f"invoice/{made['Id']}")


def paid_and_deleted(person: Person) -> Answer:
    """An invoice that is deleted while a payment is linked to it."""
    made = person.invoice()
    person.pay(100, ("Invoice", made["Id"], 100))
    token = person.get("Invoice", made["Id"])["SyncToken"]
    return person.call("POST", "invoice", {"Id": made["Id"], "SyncToken": token}, operation="delete")


def same_id_for_two(person: Person) -> Answer:
    """One requestid with two bodies."""
    person.call("POST", "invoice", INVOICE, requestid="once")
    return person.call("POST", "invoice", {**INVOICE, "PrivateNote": "another"}, requestid="once")


def in_circle(person: Person) -> Answer:
    """A customer under its own job."""
    token = person.get("Customer", "1")["SyncToken"]
    body = {"Id": "1", "SyncToken": token, "sparse": True, "Job": True, "ParentRef": {"value": "10"}}
    return person.call("POST", "customer", body)


def six_deep(person: Person) -> Answer:
    """Jobs under jobs."""
    above = "3"
    for level in range(4):
        job = {"DisplayName": f"Level {level}", "Job": True, "ParentRef": {"value": above}}
        above = person.post("Customer", job)["Id"]
    return person.call("POST", "customer", {"DisplayName": "Too deep", "Job": True, "ParentRef": {"value": above}})


def too_large_a_batch(person: Person) -> Answer:
    """One item too many."""
    items = [{"bId": str(place), "Query": "select * from Term"} for place in range(31)]
    return person.call("POST", "batch", {"BatchItemRequest": items})


def stale(person: Person) -> Answer:
    """A customer that somebody else has changed meanwhile."""
    changed("customer", "3", Notes="seen")(person)
    return person.call("POST", "customer", {"Id": "3", "SyncToken": "0", "sparse": True, "Notes": "late"})


def with_other_billing(person: Person) -> Answer:
    """A job that has invoices is billed to another one."""
    person.invoice(customer="10")
    return changed("customer", "10", BillWithParent=False)(person)


def leaves_with_a_balance(person: Person) -> Answer:
    """A customer that owes something."""
    person.invoice(customer="3")
    return changed("customer", "3", Active=False)(person)


def leaves_with_unbilled_time(person: Person) -> Answer:
    """A customer for whom an hour waits."""
    person.post("TimeActivity", {**hour(person), "CustomerRef": {"value": "3"}, "BillableStatus": "Billable"})
    return changed("customer", "3", Active=False)(person)


def hour(person: Person) -> Doc:
    """An hour of a vendor."""
    vendor = person.post("Vendor", {"DisplayName": "Freelancer"})["Id"]
    return {"NameOf": "Vendor", "VendorRef": {"value": vendor}, "Hours": 1}


def timed(**more: Any) -> Act:
    """Recorded time, with something else about it; what is None is left out."""

    def act(person: Person) -> Answer:
        body = {**hour(person), **more}
        return person.call("POST", "timeactivity", {name: value for name, value in body.items() if value is not None})

    return act


def of_two(person: Person) -> Answer:
    """Time of a vendor and an employee."""
    employee = person.post("Employee", {"GivenName": "Ada", "FamilyName": "Byron"})["Id"]
    return timed(EmployeeRef={"value": employee})(person)


def banked(change: Doc, **query_words: str) -> Act:
    """A change of a payment that stands in a deposit."""

    def act(person: Person) -> Answer:
        made = person.pay(50)
        line = {"Amount": 50, "LinkedTxn": [{"TxnId": made["Id"], "TxnType": "Payment", "TxnLineId": "0"}]}
        person.post("Deposit", {"DepositToAccountRef": {"value": "1"}, "Line": [line]})
        token = person.get("Payment", made["Id"])["SyncToken"]
        return person.call("POST", "payment", {"Id": made["Id"], "SyncToken": token, **change}, **query_words)

    return act


def stock_sold(**more: Any) -> Act:
    """An invoice of goods whose quantity is tracked."""

    def act(person: Person) -> Answer:
        stock = person.post("Item", STOCK)["Id"]
        line = sale_line(1, stock, **({} if "TxnDate" not in more else {"Qty": 1, "UnitPrice": 1}))
        return person.call("POST", "invoice", {**INVOICE, "Line": [line], **more})

    return act


def number_twice(person: Person) -> Answer:
    """Two invoices of one number."""
    person.invoice(100, "R-1")
    return person.call("POST", "invoice", {**INVOICE, "DocNumber": "R-1"})


def mailed_to_nobody(person: Person) -> Answer:
    """An invoice without an address."""
    made = person.invoice()
    return person.call("POST", f"invoice/{made['Id']}/send")


def british(act: Act) -> Act:
    """Outside the United States."""
    profile = {"CompanyInfo": [{"Id": "1", "CompanyName": "Ltd", "Country": "GBR"}]}
    return after(lambda person: person.side("POST", "load", profile, merge="1"), act)


def code_changed(person: Person) -> Answer:
    """The made-up tax code on an invoice that is there."""
    made = person.invoice()
    return changed("invoice", made["Id"], TxnTaxDetail={"TxnTaxCodeRef": {"value": "CustomSalesTax"}})(person)


def as_text(person: Person) -> Answer:
    """A write that says it is plain text."""
    url = f"{person.base}/v3/company/{person.realm}/invoice"
    return person.http.post(url, data="{}", headers={"Content-Type": "text/plain"}, timeout=10)


def two_of_one_currency(person: Person) -> Answer:
    """A currency that is there already."""
    person.side("POST", "settings", {"preferences": {"CurrencyPrefs": {"MultiCurrencyEnabled": True}}})
    person.post("CompanyCurrency", {"Code": "EUR"})
    return person.call("POST", "companycurrency", {"Code": "EUR"})


CARD = {"CreditChargeInfo": {"Number": "4111 1111 1111 1111", "Type": "Visa"}}
NINE, EIGHT = "2026-10-14T09:00:00Z", "2026-10-14T08:00:00Z"
SPAN = {"Hours": None, "StartTime": EIGHT, "EndTime": NINE}
TAX_FREE = {"GlobalTaxCalculation": "NotApplicable"}
PDF_OF_NOTHING = "Operation pdf is not supported."

ROWS = [
    Row("500", get("account/1/pdf"), "Unsupported Operation", PDF_OF_NOTHING, None),
    Row("500", post("customer", {"Id": "1", "SyncToken": "0"}, operation="delete"), "Unsupported Operation",
        "Operation delete is not supported.", None),
    Row("600", switched(same_id_for_two, requestid_other_body="refuse"), "Duplicate Request ID",
        "Duplicate Request ID: once was used with another request"),
    Row("610", get("customer/999"), "Object Not Found", GONE),
    Row("610", deleted, "Object Not Found", "Object Not Found : Another user has deleted this transaction."),
    Row("620", post("payment", payment(5, ("Invoice", "999", 5))), "Txn ID Cannot Be Linked",
        "Transaction ID 999 of Invoice can not be linked", "TxnId"),
    Row("630", two_of_one_currency, "Duplicate Object", r"The currency EUR is already there with Id=\d+", "Code"),
    Row("700", customer(Job=True, ParentRef={"value": "99"}), "Parent Reference Invalid",
        "Parent Reference Invalid : Customer 99 not found", "ParentRef"),
    Row("800", paid_and_deleted, "Cannot delete object",
        "Object cannot be deleted because other objects refer to it"),
    Row("900", in_circle, "Parent cannot be child", "The same object can't be the parent or child of itself.",
        "ParentRef"),
    Row("1040", too_large_a_batch, "Batch size exceeds allowed limit",
        "The Batch Request or BatchItemRequest is too big. The limit is 30"),
    Row("1050", switched(as_text, content_type_fault="1050"), "Invalid Content Type",
        "Invalid content type text/plain"),
    Row("5010", stale, "Stale Object Error", STALE),
    Row("5020", in_condition(query("select * from Class"), denied=["Class"]), "Permission Denied Error",
        "Permission Denied Error : You do not have the access rights to use this feature.", "Class"),
    Row("5030", in_condition(post("class", {"Name": "East"}), missing=["Class"]), "Feature Not Supported Error",
        "Feature Not Supported Error : Class is not supported", "Class"),
    Row("6000", invoice(Line=[sale_line(-1)]), MESSAGES["6000"],
        "Business Validation Error: The total of the transaction must not be negative.", "TotalAmt"),
    Row("6010", post("account", {"Name": "Typeless"}), "Invalid Account.AccountType && Account.SubType",
        "Either an AccountType or an AccountSubType must be specified", "AccountType"),
    Row("6060", post("account", {**ACCOUNT, "OpeningBalance": 5}),
        "Account.OpenBalanceDate must be specified with Account.OpenBalance",
        "An Account.OpenBalanceDate is required when specifying an Account.OpenBalance", "OpeningBalanceDate"),
    Row("6080", post("customer", {"CompanyName": "Nobody"}), "No Name Provided",
        "No Name Provided : Title, GivenName, MiddleName, FamilyName, DisplayName, Suffix - one of these must be "
        "non-empty", "DisplayName"),
    Row("6090", invoice(Line=[sale_line(1), {"DetailType": "DiscountLineDetail"}]),
        "Discount Line missing required info", "Discount amount or percent should be provided.", "Line"),
    Row("6100", sold(1, TaxCodeRef={"value": "2"}), "Invalid Line TaxCode in the request",
        "Valid Line TaxCodes for US should be TAX or NON. Supplied value:2", "TaxCodeRef"),
    Row("6130", with_other_billing, "Cannot change who customer bills with",
        "You can't change who this customer bills with because there are invoices.", "BillWithParent"),
    Row("6140", number_twice, "Duplicate Document Number Error",
        "Duplicate Document Number Error : You must specify a different number. This number has already been used. "
        r"DocNumber=R-1 is assigned to TxnType=Invoice with TxnId=\d+"),
    Row("6150", customer(Job=True), "ParentRef Required Validation Error", "A ParentRef is required if Job is true.",
        "ParentRef"),
    Row("6160", invoice(TxnTaxDetail={"TxnTaxCodeRef": {"value": "CustomSalesTax"}}), "Invalid TaxCodeRef Error",
        "Invalid TaxCodeRef Error : CustomSalesTax cannot be used to create a transaction", "TxnTaxCodeRef"),
    Row("6160", british(invoice(**TAX_FREE, Line=[sale_line(1, TaxCodeRef={"value": "TAX"})])),
        "Invalid TaxCodeRef Error", NO_TAX.format("TaxCodeRef"), "TaxCodeRef"),
    Row("6170", british(invoice(**TAX_FREE, TxnTaxDetail={"TotalTax": 1})),
        "Invalid TxnTaxDetail Error", NO_TAX.format("TxnTaxDetail"), "TxnTaxDetail"),
    Row("6180", six_deep, "Sub Level Limit", "Maximum 5 levels are allowed.", "ParentRef"),
    Row("6200", switched(invoice(TxnDate="2025-12-31"), closing_fault="6200"), MESSAGES["6210"], CLOSED, "TxnDate"),
    Row("6210", invoice(TxnDate="2025-12-31"), "Account Period Closed, Cannot Update Through Services API", CLOSED,
        "TxnDate"),
    Row("6220", leaves_with_a_balance, "Delete Entity Has Balance Error",
        "Customer 3 has a balance and can't be deleted.", "Active"),
    Row("6230", code_changed, "Invalid TaxCodeRef Error",
        "Invalid TaxCodeRef Error : CustomSalesTax cannot be used to update a transaction", "TxnTaxCodeRef"),
    Row("6240", customer(DisplayName="Acme Robotics"), "Duplicate Name Exists Error", TAKEN, "DisplayName"),
    Row("6250", switched(invoice(CustomerRef={"value": "999"}), unknown_customer="6250"), "InvalidSalesCustomer",
        "InvalidSalesCustomer : the customer 999 does not exist", "CustomerRef"),
    Row("6270", stock_sold(TxnDate="2026-09-30"), "InventoryTxnDatedBeforeItemStartDate",
        "Transactions can't be dated earlier than the InventoryStartDate.", "TxnDate"),
    Row("6280", leaves_with_unbilled_time, "Delete Customer Has Unbilled Expenses Error",
        "Customer 3 can't be deleted because they have unbilled charges.", "Active"),
    Row("6290", of_two, "InvalidEmployeeOrVendor", r"Either an employee or a vendor, not both: \d+", "EmployeeRef"),
    Row("6300", timed(NameOf="Customer"), "InvalidEmployeeOrVendorName",
        "The name must be Employee or Vendor: Customer", "NameOf"),
    Row("6310", timed(BillableStatus="Billable"), "MissingCustomer",
        "A customer is required if the transaction is billable.", "CustomerRef"),
    Row("2170", timed(BillableStatus="HasBeenBilled"), "Invalid Enumeration",
        "Invalid Enumeration : HAS_BEEN_BILLED", "BillableStatus"),
    Row("2170", post("account", {**ACCOUNT, "AccountSubType": "Travel"}), "Invalid Enumeration",
        "Invalid Enumeration : Invalid Account.AccountType && Account.SubType", "AccountSubType"),
    Row("6340", timed(Minutes=90), "InvalidTime", r"You must specify a time \(hours:minutes\): Minutes 90", "Minutes"),
    Row("6350", timed(Hours=None), "MissingTime", r"Time \(hours:minutes\) is missing", "Hours"),
    Row("6360", timed(**SPAN, BreakHours=2), "InvalidStartOrEndTime",
        "Make sure break times aren't longer than the elapsed time", "BreakHours"),
    Row("6370", timed(Hours=None, StartTime=NINE, EndTime=EIGHT), "StartTimeAfterEndTime",
        f"The start time is after end time: {NINE} {EIGHT}", "StartTime"),
    Row("6380", timed(Hours=8761), "InvalidDuration", "The time duration isn't within the valid range: 8761", "Hours"),
    Row("6390", timed(StartTime=EIGHT, EndTime=NINE), "InvalidMultipleDurations",
        r"Specify a total elapsed time \(hours:minutes\) or the start and end time", "Hours"),
    Row("6420", mailed_to_nobody, "Email address is required", "Email address is required", "BillEmail"),
    Row("6430", post("refundreceipt", {**INVOICE, "DepositToAccountRef": {"value": "8"}}),
        "Invalid account type used", WRONG_ACCOUNT, "DepositToAccountRef"),
    Row("6440", post("deposit", {"DepositToAccountRef": {"value": "1"}, "Line": [{"Amount": 5}]}),
        "Transaction Detail Information Required", NO_DETAIL, "AccountRef"),
    Row("6450", banked({}, operation="update", include="void"), "Attempt to Void Transaction failed",
        "Since the transaction is already settled, you can't void it."),
    Row("6520", stock_sold(), "Missing Tracked Inventory Item Quantity",
        "The tracked inventory item must have a quantity.", "Qty"),
    Row("6530", post("salesreceipt", {**INVOICE, "CreditCardPayment": CARD}),
        "Found raw Credit Card Numbering request",
        "You can't enter raw credit card numbers. Use a token for the card.", "Number"),
    Row("6540", banked({"sparse": True, "PrivateNote": "x"}), "Deposited Transaction cannot be changed", DEPOSITED),
]  # fmt: skip
ONLY_BY_RULE = [
    *("1000", "1010", "1020", "2180", "6110", "6120", "6320", "6330", "6400", "6460", "6470", "6480", "6490", "6500"),
    "6510",
]
"""Codes of which no source tells what request would provoke them (README)."""
ROWS += [
    *(Row(code, by_rule(code, post("invoice", INVOICE)), MESSAGES[code], MESSAGES[code], natural=False)
      for code in ONLY_BY_RULE),
    Row("4002", by_rule("4002", query("select * from Invoice")), "Error processing query",
        "QueryProcessingError: To email address entered is invalid", None, natural=False),
    Row("10000", by_rule("10000", post("invoice", INVOICE), status=500),
        "An application error has occurred while processing your request", "System Failure Error", status=500,
        kind="SystemFault", natural=False),
]  # fmt: skip
