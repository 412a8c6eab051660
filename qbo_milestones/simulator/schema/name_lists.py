"""The name lists and the single objects of a company, as data."""

from qbo_milestones.simulator.schema.fields import (
    EntitySpec,
    Field,
    Operation,
    anything,
    choice,
    date,
    flag,
    integer,
    number,
    ref,
    text,
)
from qbo_milestones.simulator.schema.shapes import ADDRESS, EMAIL, FRAME, PHONE

_LISTED: frozenset[Operation] = frozenset({"create", "read", "query", "update"})
_SEEN: frozenset[Operation] = frozenset({"read", "query"})

NAMED: dict[str, Field] = {**FRAME, "Name": text(100, "!fs"), "Active": flag("fs")}


def _tree(own: str) -> dict[str, Field]:
    return {**NAMED, "FullyQualifiedName": text(-1, "-fs"), "ParentRef": ref(own, "f"), "Level": integer("-")}


ACCOUNT_TYPES = {
    "Bank": "Asset", "Accounts Receivable": "Asset", "Other Current Asset": "Asset", "Fixed Asset": "Asset",
    "Other Asset": "Asset", "Accounts Payable": "Liability", "Credit Card": "Liability",
    "Other Current Liability": "Liability", "Long Term Liability": "Liability", "Equity": "Equity",
    "Income": "Revenue", "Other Income": "Revenue", "Cost of Goods Sold": "Expense", "Expense": "Expense",
    "Other Expense": "Expense", "Non-Posting": "Non-Posting",
}  # fmt: skip
"""AccountType -> Classification."""

NAME_LISTS = [
    EntitySpec(
        "Customer",
        {
            **FRAME, "Title": text(16), "GivenName": text(100, "fs"), "MiddleName": text(100, "fs"),
            "FamilyName": text(100, "fs"), "Suffix": text(16), "DisplayName": text(500, "fs"),
            "FullyQualifiedName": text(-1, "-fs"), "CompanyName": text(100, "fs"),
            "PrintOnCheckName": text(110, "fs"), "Active": flag("fs"), "Notes": text(2000), "Job": flag(),
            "IsProject": flag(), "BillWithParent": flag(), "ParentRef": ref("Customer"), "Level": integer("-"),
            "Taxable": flag(), "Balance": number("-fs"), "BalanceWithJobs": number("-s"),
            "OpenBalanceDate": date(), "BillAddr": ADDRESS, "ShipAddr": ADDRESS, "PrimaryPhone": PHONE,
            "AlternatePhone": PHONE, "Mobile": PHONE, "Fax": PHONE, "PrimaryEmailAddr": EMAIL,
            "WebAddr": anything(), "DefaultTaxCodeRef": ref("TaxCode"), "SalesTermRef": ref("Term"),
            "PaymentMethodRef": ref("PaymentMethod"), "ARAccountRef": ref("Account"), "CurrencyRef": ref(""),
            "PreferredDeliveryMethod": text(), "ResaleNum": text(16), "PrimaryTaxIdentifier": text(20),
            "TaxExemptionReasonId": text(), "ClientEntityId": text(), "V4IDPseudonym": text(),
            "CustomField": anything(), "CustomerTypeRef": ref(""), "source": text(-1, "-"),
            "BusinessNumber": text(10), "GSTIN": text(15), "GSTRegistrationType": text(15),
        },
        _LISTED, unique="DisplayName",
    ),
    EntitySpec(
        "Item",
        {
            **_tree("Item"), "Description": text(4000), "SubItem": flag("f"), "Taxable": flag("f"),
            "Type": Field("choice", filterable=True, sortable=True,
                          choices=("Service", "NonInventory", "Inventory", "Group", "Category")),
            "UnitPrice": number("s"), "PurchaseCost": number("s"), "PurchaseDesc": text(1000),
            "IncomeAccountRef": ref("Account"), "ExpenseAccountRef": ref("Account"),
            "AssetAccountRef": ref("Account"), "Sku": text(100, "fs"), "TrackQtyOnHand": flag(),
            "QtyOnHand": number(), "InvStartDate": date(), "SalesTaxIncluded": flag(),
            "PurchaseTaxIncluded": flag(), "SalesTaxCodeRef": ref("TaxCode"), "PurchaseTaxCodeRef": ref("TaxCode"),
            "ClassRef": ref("Class"), "AbatementRate": number(), "ReverseChargeRate": number(),
            "ServiceType": text(), "ItemCategoryType": text(), "TaxClassificationRef": ref(""),
            "ReorderPoint": number(), "PrefVendorRef": ref(""), "UQCDisplayText": text(), "UQCId": text(),
        },
        _LISTED, unique="Name",
    ),
    EntitySpec(
        "Account",
        {
            **_tree("Account"), "AcctNum": text(7, "f"), "Description": text(4000), "SubAccount": flag("f"),
            "AccountType": Field("choice", filterable=True, sortable=True, choices=tuple(ACCOUNT_TYPES)),
            "AccountSubType": text(100, "fs"), "Classification": text(40, "fs"), "CurrentBalance": number("-fs"),
            "CurrentBalanceWithSubAccounts": number("-"), "CurrencyRef": ref(""), "TaxCodeRef": ref("TaxCode"),
            "AccountAlias": text(), "TxnLocationType": text(), "OpeningBalance": anything(),
        },
        _LISTED, unique="Name",
    ),
    EntitySpec(
        "Term",
        {
            **NAMED, "Name": text(31, "!fs"), "Type": text(20), "DueDays": integer(), "DiscountDays": integer(),
            "DiscountPercent": number(), "DayOfMonthDue": integer(), "DueNextMonthDays": integer(),
            "DiscountDayOfMonth": integer(),
        },
        _LISTED, unique="Name",
    ),
    EntitySpec("Class", {**_tree("Class"), "SubClass": flag()}, _LISTED, unique="Name"),
    EntitySpec("Department", {**_tree("Department"), "SubDepartment": flag(), "Address": ADDRESS},
               _LISTED, unique="Name"),
    EntitySpec(
        "PaymentMethod", {**NAMED, "Name": text(31, "!fs"), "Type": choice("CREDIT_CARD", "NON_CREDIT_CARD")},
        _LISTED, unique="Name",
    ),
    EntitySpec(
        "TaxCode",
        {
            **NAMED, "Id": text(20, "fs"), "Description": text(100, "f"), "Taxable": flag("f"),
            "TaxGroup": flag("f"), "Hidden": flag(), "SalesTaxRateList": anything(),
            "PurchaseTaxRateList": anything(), "TaxCodeConfigType": text(),
        },
        _SEEN, cdc=False,
    ),
    EntitySpec(
        "TaxRate",
        {
            **NAMED, "Description": text(100), "RateValue": number("f"), "AgencyRef": ref("TaxAgency"),
            "SpecialTaxType": text(), "DisplayType": text(), "EffectiveTaxRate": anything(),
            "TaxReturnLineRef": anything(),
        },
        _SEEN, cdc=False,
    ),
    EntitySpec(
        "TaxAgency",
        {**FRAME, "DisplayName": text(100, "fs"), "TaxTrackedOnSales": flag(), "TaxTrackedOnPurchases": flag(),
         "TaxRegistrationNumber": text(), "LastFileDate": date()},
        _SEEN, cdc=False,
    ),
    EntitySpec(
        "Attachable",
        {
            **FRAME, "FileName": text(1000, "fs"), "Note": text(2000, "fs"), "Category": text(100, "fs"),
            "ContentType": text(100, "f"), "Size": integer("fs"), "FileAccessUri": text(-1, "-"),
            "TempDownloadUri": text(-1, "-"), "ThumbnailFileAccessUri": text(-1, "-"),
            "ThumbnailTempDownloadUri": text(-1, "-"), "PlaceName": text(2000), "Lat": text(), "Long": text(),
            "Tag": text(2000),
        },
        frozenset({"create", "read", "query", "update", "delete"}),
    ),
]  # fmt: skip

_SINGLE: frozenset[Operation] = frozenset({"read", "query", "update"})
SINGLES = [
    EntitySpec(
        "Preferences",
        {
            **FRAME, "AccountingInfoPrefs": anything(), "ProductAndServicesPrefs": anything(),
            "SalesFormsPrefs": anything(), "EmailMessagesPrefs": anything(),
            "VendorAndPurchasesPrefs": anything(), "TimeTrackingPrefs": anything(), "TaxPrefs": anything(),
            "CurrencyPrefs": anything(), "ReportPrefs": anything(), "OtherPrefs": anything(),
        },
        _SINGLE,
    ),
    EntitySpec(
        "CompanyInfo",
        {
            **FRAME, "CompanyName": text(1024), "LegalName": text(1024), "CompanyAddr": ADDRESS,
            "CustomerCommunicationAddr": ADDRESS, "CustomerCommunicationEmailAddr": EMAIL, "LegalAddr": ADDRESS,
            "PrimaryPhone": PHONE, "CompanyStartDate": date(), "FiscalYearStartMonth": text(),
            "Country": text(), "Email": EMAIL, "WebAddr": anything(), "SupportedLanguages": text(),
            "DefaultTimeZone": text(), "NameValue": anything(), "EmployerId": text(),
        },
        _SINGLE, cdc=False,
    ),
]  # fmt: skip
