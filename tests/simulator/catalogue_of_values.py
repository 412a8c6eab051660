"""Rows of the table of provoked faults: what a value, a property or a reference may not be (2000 to 3000)."""

from typing import Any

from catalogue_rows import INVOICE, Act, Row, after, changed, get, post, query, switched
from simulator_person import Doc, Person, journal, journal_line, payment, sale_line

BUSINESS = "A business validation error has occurred while processing your request"
UNREADABLE = "Property Name:failed to parse json object; a property specified is unsupported or invalid"
BRITISH = {"CompanyInfo": [{"Id": "1", "CompanyName": "Ltd", "Country": "GBR"}]}


def invoice(**more: Any) -> Act:
    """An invoice with something else about it."""
    return post("invoice", {**INVOICE, **more})


def customer(**more: Any) -> Act:
    """A new customer."""
    return post("customer", {"DisplayName": "Nobody yet", **more})


def sold(amount: Any, **detail: Any) -> Act:
    """An invoice of one line."""
    return invoice(Line=[sale_line(amount, **detail)])


def in_britain(act: Act) -> Act:
    """The act in a company outside the United States."""
    return after(lambda person: person.side("POST", "load", BRITISH, merge="1"), act)


def taxed_journal(**detail: Any) -> Doc:
    """A journal whose first line has a tax code."""
    first = journal_line(10, "Debit", "4")
    first["JournalEntryLineDetail"].update(TaxCodeRef={"value": "TAX"}, **detail)
    return {"Line": [first, journal_line(10, "Credit", "8")]}


def stock_becomes_a_service(person: Person) -> Any:
    """An item whose quantity is tracked cannot be turned into one that has none."""
    stock = person.post("Item", {
        "Name": "Poster", "Type": "Inventory", "QtyOnHand": 0, "InvStartDate": "2026-10-01", "TrackQtyOnHand": True,
        "IncomeAccountRef": {"value": "9"}, "ExpenseAccountRef": {"value": "18"}, "AssetAccountRef": {"value": "3"},
    })  # fmt: skip
    return changed("item", stock["Id"], Type="Service", Name="Poster")(person)


def paid_twice(person: Person) -> Any:
    """A bill payment by cheque and by card."""
    vendor = person.post("Vendor", {"DisplayName": "Mill"})["Id"]
    both = {"CheckPayment": {"BankAccountRef": {"value": "1"}}, "CreditCardPayment": {"CCAccountRef": {"value": "1"}}}
    return person.call("POST", "billpayment", {"VendorRef": {"value": vendor}, "TotalAmt": 1, "PayType": "Check",
                                               **both})  # fmt: skip


LONG = "String length specified does not match the supported length. Min:0 Max:21 supported. Supplied length:22"
NO_PERCENT = {"DetailType": "DiscountLineDetail",
              "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 101}}  # fmt: skip
TAX_WORDS = "TaxApplicableOn is required. Valid values are Sales or Purchase."

ROWS = [
    Row("2000", post("batch", {"BatchItemRequest": [{"bId": "1", "operation": "create", "Gadget": {}}]}),
        "Invalid or unsupported object name", "Invalid or unsupported object name: Gadget", status=200),
    Row("2010", invoice(Colour="red"), "Request has invalid or unsupported property", UNREADABLE, None),
    Row("2020", post("invoice", {"CustomerRef": {"value": "1"}}),
        "Required param missing, need to supply the required value for the API",
        "Required parameter Line is missing in the request", "Line"),
    Row("2030", invoice(Line=[sale_line(1, ClassRef={"value": "Field Services"})]), "Invalid ID",
        "Id should be a valid number. Supplied value:Field Services", "Line.SalesItemLineDetail.ClassRef.value"),
    Row("2040", customer(DisplayName="a:b"), "Invalid String", "Invalid String : a:b", "DisplayName"),
    Row("2050", invoice(DocNumber="x" * 22),
        "String length is either shorter or longer than supported by specification", LONG, "DocNumber"),
    Row("2060", invoice(TxnDate="15/10/2026"), "Invalid Date Format", "Invalid Date Format : 15/10/2026", "TxnDate"),
    Row("2070", invoice(TxnDate="2026-02-30"), "Invalid Date", "Invalid Date : 2026-02-30", "TxnDate"),
    Row("2080", post("term", {"Name": "Soon", "DueDays": "ten"}), "Invalid Number Format",
        "Invalid Number Format : ten", "DueDays"),
    Row("2090", post("term", {"Name": "Late", "DueDays": 99999999999}), "Invalid Number",
        "Invalid Number : 99999999999", "DueDays"),
    Row("2100", sold("ten"), "Invalid Decimal Format", "Invalid Decimal Format : ten", "Amount"),
    Row("2110", sold("1234567890123456"), "Invalid Decimal", "Invalid Decimal : 1234567890123456", "Amount"),
    Row("2120", stock_becomes_a_service, "Invalid Type",
        "Invalid Type : an item of type Inventory cannot become Service", "Type"),
    Row("2130", post("invoice", INVOICE, requestid="x" * 51), "Invalid Request Id Format",
        "Request Id must not be longer than 50 characters", "requestid"),
    Row("2140", post("payment", payment(-5)), "Invalid Amount", "Invalid Amount : -5.00", "TotalAmt"),
    Row("2150", invoice(Line=[sale_line(1), NO_PERCENT]), "Invalid Percent", "Invalid Percent : 101",
        "DiscountPercent"),
    Row("2160", sold(1, Qty=10_000_000_000), "Invalid Quantity",
        "Invalid Quantity : at most ten digits before the point", "Qty"),
    Row("2170", invoice(EmailStatus="Maybe"), "Invalid Enumeration", "Invalid Enumeration : Maybe", "EmailStatus"),
    Row("2190", get("reports/GeneralLedger", start_date="2026-10-02", end_date="2026-10-01"), "Invalid Date Range",
        "Invalid Date Range : start_date 2026-10-02 is later than 2026-10-01", "start_date"),
    Row("2200", customer(WebAddr={"URI": "not a site"}), "Malformed Website Address Format",
        "Malformed Website Address Format : not a site", "URI"),
    Row("2210", customer(PrimaryEmailAddr={"Address": "nowhere"}), "Invalid Email Address Format",
        "Email Address does not conform to the syntax rules of RFC 822.", "Address"),
    Row("2220", customer(CurrencyRef={"value": "XXX"}), "Invalid Currency Type", "Invalid Currency Type : XXX",
        "CurrencyRef"),
    Row("2230", customer(Taxable="perhaps"), "Invalid Boolean", "Invalid Boolean : perhaps", "Taxable"),
    Row("2240", post("term", {"Name": "Long", "DueDays": 1000}), "Invalid Number Range",
        "Invalid Number Range : 1000", "DueDays"),
    Row("2250", post("journalentry", {"Line": [journal_line(1, "Debit", "4")]}), "Missing lines",
        "You must enter at least one split line.", "Line"),
    Row("2260", post("journalentry", {"Line": [journal_line(1, "Debit", "4"), journal_line(1, "", "8")]}),
        "MissingPostingType", "A posting type is required. Valid values are Credit or Debit.", "PostingType"),
    Row("2270", in_britain(post("journalentry", taxed_journal())), "MissingTaxApplicableOn", TAX_WORDS,
        "TaxApplicableOn"),
    Row("2280", in_britain(post("journalentry", taxed_journal(TaxApplicableOn="Sales"))), "MissingTaxAmount",
        "A tax amount is required with TaxCodeRef applied.", "TaxAmount"),
    Row("2290", post("journalentry", journal(-5)), "NegativeAmount",
        "Negative amounts are not supported on transaction lines.", "Amount"),
    Row("2300", post("journalentry", {"Line": [journal_line(10, "Debit", "4"), journal_line(9, "Credit", "8")]}),
        "Amount on debits not equal to credits", "Amount on debits not equal to credits"),
    Row("2500", post("journalentry", journal(5, debit="437")), "Invalid Reference Id",
        "Invalid Reference Id : Accounts element id 437 not found", "Reference Id"),
    Row("2500", invoice(CustomerRef={"value": "583"}), "Invalid Reference Id",
        "Invalid Reference Id : Names element id 583 not found", "Reference Id"),
    Row("2500", sold(1, ClassRef={"value": "999999"}), "Invalid Reference Id",
        "Invalid Reference Id : Klasses element id 999999 not found", "Reference Id"),
    Row("2500", invoice(DepartmentRef={"value": "99"}), "Invalid Reference Id",
        "Invalid Reference Id : Depts element id 99 not found", "Reference Id"),
    Row("2500", invoice(Line=[sale_line(1, "999")]), "Invalid Reference Id",
        "Invalid Reference Id : Line.SalesItemLineDetail.ItemRef", "Line.SalesItemLineDetail.ItemRef"),
    Row("2600", paid_twice, "Invalid Request Conflict Element in Request",
        "Conflicting elements found in the request : CheckPayment, CreditCardPayment"),
    Row("3000", invoice(CustomField=[{"Name": "Colour", "Type": "StringType", "StringValue": "red"}]),
        "Invalid Custom Field", "Invalid Custom Field : DefinitionId is missing", "CustomField"),
    Row("4000", query("select * from Invoice where TxnDate"), "Error parsing query",
        'QueryParserError: Encountered "<EOF>" at line 1, column 35.', None),
    Row("4001", query("select * from Purchase where NoSuchField = '1'"), "Invalid query",
        "QueryValidationError: Property NoSuchField not found for Entity Purchase", None),
    Row("6000", post("payment", {"CustomerRef": {"value": "1"}}), BUSINESS,
        "Business Validation Error: You must set a transaction amount."),
    Row("6070", sold(1861.07, Qty=128.35, UnitPrice=14.5), "Amount calculation incorrect in the request",
        "Amount is not equal to UnitPrice \\* Qty. Supplied value:1,861.07", "Amount"),
    Row("5000", switched(invoice(AllowIPNPayment=True), ipn_payment="refuse"), "Deprecated field",
        "Deprecated field : AllowIPNPayment must be false", "AllowIPNPayment"),
]  # fmt: skip
