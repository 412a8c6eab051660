"""A believable company to start with: Northlight Studio, a design and software agency in New York."""

from decimal import Decimal
from typing import Any

from qbo_milestones.simulator.amounts import Doc


def _account(account_id: int, name: str, kind: str, subkind: str) -> Doc:
    return {"Id": str(account_id), "Name": name, "AccountType": kind, "AccountSubType": subkind}


CURRENT_ASSET, CURRENT_LIABILITY = "Other Current Asset", "Other Current Liability"
ACCOUNTS = [
    _account(1, "Checking", "Bank", "Checking"),
    _account(2, "Accounts Receivable (A/R)", "Accounts Receivable", "AccountsReceivable"),
    _account(3, "Undeposited Funds", CURRENT_ASSET, "UndepositedFunds"),
    _account(4, "Unbilled receivable (accepted milestones)", CURRENT_ASSET, "OtherCurrentAssets"),
    _account(5, "Retention receivable", CURRENT_ASSET, "Retainage"),
    _account(6, "Customer deposits", CURRENT_LIABILITY, "OtherCurrentLiabilities"),
    _account(7, "Sales Tax Payable", CURRENT_LIABILITY, "SalesTaxPayable"),
    _account(8, "Milestone revenue", "Income", "ServiceFeeIncome"),
    _account(9, "Services (misc income)", "Income", "OtherPrimaryIncome"),
    _account(10, "Merchant fees", "Expense", "OtherMiscellaneousServiceCost"),
    _account(11, "Opening Balance Equity", "Equity", "OpeningBalanceEquity"),
    _account(12, "Deferred revenue", CURRENT_LIABILITY, "DeferredRevenue"),
    _account(13, "Savings", "Bank", "Savings"),
    _account(14, "Discounts given", "Income", "DiscountsRefundsGiven"),
    _account(15, "Retained Earnings", "Equity", "RetainedEarnings"),
    _account(16, "Accounts Payable (A/P)", "Accounts Payable", "AccountsPayable"),
    _account(17, "Office and software", "Expense", "OfficeGeneralAdministrativeExpenses"),
    _account(18, "Contractors", "Cost of Goods Sold", "CostOfLaborCos"),
    _account(19, "Exchange Gain or Loss", "Other Expense", "ExchangeGainOrLoss"),
]


def _item(item_id: int, name: str, account_id: int, description: str) -> Doc:
    return {"Id": str(item_id), "Name": name, "Type": "Service", "IncomeAccountRef": {"value": str(account_id)},
            "Description": description}  # fmt: skip


ITEMS = [
    _item(1, "Milestone", 4, "Accepted deliverable"),
    _item(2, "Retention", 5, "Amount held back until final acceptance"),
    _item(3, "Deposit applied", 6, "Deposit received earlier"),
    _item(4, "Consulting", 9, "Work by the hour"),
    _item(5, "Hosting", 9, "Monthly hosting"),
]


def _customer(customer_id: int, name: str, person: str, email: str, street: str, place: str, term_id: int) -> Doc:
    given, family = person.split(" ")
    city, state, code = place.split(", ")
    address = {"Line1": street, "City": city, "CountrySubDivisionCode": state, "PostalCode": code, "Country": "USA"}
    return {
        "Id": str(customer_id), "DisplayName": name, "CompanyName": name, "GivenName": given, "FamilyName": family,
        "PrimaryEmailAddr": {"Address": email}, "BillAddr": address, "ShipAddr": address,
        "SalesTermRef": {"value": str(term_id)},
    }  # fmt: skip


def _project(customer_id: int, name: str, parent_id: int) -> Doc:
    return {"Id": str(customer_id), "DisplayName": name, "ParentRef": {"value": str(parent_id)}, "Job": True,
            "IsProject": True, "BillWithParent": True}  # fmt: skip


CUSTOMERS = [
    _customer(
        1, "Acme Robotics", "Dana Whitfield", "ap@acme-robotics.example", "410 Foundry St", "Brooklyn, NY, 11201", 3
    ),
    _customer(2, "Beta Health", "Luis Moreno", "finance@betahealth.example", "22 Harbor Ave", "Boston, MA, 02110", 3),
    _customer(3, "Cedar Foods", "Priya Nair", "accounts@cedarfoods.example", "9 Mill Lane", "Albany, NY, 12207", 2),
    _customer(
        4,
        "Delta Transit Authority",
        "Omar Haddad",
        "invoices@deltatransit.example",
        "1 Terminal Plaza",
        "Newark, NJ, 07102",
        5,
    ),
    _customer(
        5,
        "Evergreen Bank",
        "Susan Cole",
        "vendor.pay@evergreenbank.example",
        "700 Market St",
        "Philadelphia, PA, 19106",
        4,
    ),
    _customer(
        6, "Fjord Outdoor", "Ingrid Solberg", "hello@fjordoutdoor.example", "55 Pine Rd", "Portland, ME, 04101", 3
    ),
    _customer(7, "Gallery Nine", "Marcus Bell", "office@gallerynine.example", "9 Spring St", "New York, NY, 10012", 1),
    _customer(
        8, "Harbor Logistics", "Wen Zhao", "ap@harborlogistics.example", "300 Dock St", "Baltimore, MD, 21230", 5
    ),
    _customer(
        9, "Iris Publishing", "Claire Dubois", "billing@irispublishing.example", "14 Book Row", "New York, NY, 10003", 3
    ),
    _project(10, "Acme Robotics website", 1),
    _project(11, "Beta Health patient portal", 2),
]
TERMS = [
    {"Id": str(number), "Name": name, "DueDays": days}
    for number, (name, days) in enumerate(
        [("Due on receipt", 0), ("Net 15", 15), ("Net 30", 30), ("Net 45", 45), ("Net 60", 60)], start=1
    )
]
CLASSES = [{"Id": str(number), "Name": name} for number, name in enumerate(["Design", "Engineering", "Strategy"], 1)]
DEPARTMENTS = [{"Id": str(number), "Name": name} for number, name in enumerate(["New York", "Remote"], 1)]
METHODS = [
    {"Id": str(number), "Name": name, "Type": "CREDIT_CARD" if name == "Credit card" else "NON_CREDIT_CARD"}
    for number, name in enumerate(["Cash", "Check", "Credit card", "ACH", "Wire"], 1)
]
TAX_RATE: Doc = {"Id": "1", "Name": "New York sales tax", "Description": "New York", "RateValue": Decimal("8.875"),
                 "AgencyRef": {"value": "1"}, "SpecialTaxType": "NONE", "DisplayType": "ReadOnly"}  # fmt: skip
TAX_CODES: list[Doc] = [
    {"Id": "TAX", "Name": "TAX", "Description": "TAX", "Taxable": True, "TaxGroup": False},
    {"Id": "NON", "Name": "NON", "Description": "NON", "Taxable": False, "TaxGroup": False},
    {"Id": "2", "Name": "New York", "Description": "New York", "Taxable": True, "TaxGroup": True,
     "SalesTaxRateList": {"TaxRateDetail": [
         {"TaxRateRef": {"value": "1", "name": "New York sales tax"}, "TaxTypeApplicable": "TaxOnAmount",
          "TaxOrder": 0}]}},
]  # fmt: skip


def _pairs(**values: bool) -> list[Doc]:
    return [{"Name": name, "Value": str(value).lower()} for name, value in values.items()]


PREFERENCES: Doc = {
    "Id": "1",
    "AccountingInfoPrefs": {
        "UseAccountNumbers": False, "TrackDepartments": True, "ClassTrackingPerTxn": False,
        "ClassTrackingPerTxnLine": True, "CustomerTerminology": "Customers", "DepartmentTerminology": "Location",
        "FirstMonthOfFiscalYear": "January", "TaxYearMonth": "January", "TaxForm": "0",
        "BookCloseDate": "2025-12-31",
    },
    "ProductAndServicesPrefs": {"ForSales": True, "ForPurchase": True, "QuantityOnHand": False},
    "SalesFormsPrefs": {
        "CustomTxnNumbers": True, "AllowDeposit": True, "AllowDiscount": True, "AllowEstimates": True,
        "AllowServiceDate": True, "AllowShipping": False, "AutoApplyCredit": False, "AutoApplyPayments": False,
        "DefaultTerms": {"value": "3"}, "ETransactionPaymentEnabled": False, "UsingProgressInvoicing": False,
        "DefaultCustomerMessage": "Thank you for your business.",
    },
    "EmailMessagesPrefs": {"InvoiceMessage": {"Subject": "Invoice from Northlight Studio"}},
    "VendorAndPurchasesPrefs": {"UseCustomTxnNumbers": False, "TrackingByCustomer": True},
    "TimeTrackingPrefs": {"UseServices": True, "BillCustomers": True},
    "TaxPrefs": {"UsingSalesTax": True},
    "CurrencyPrefs": {"MultiCurrencyEnabled": False, "HomeCurrency": {"value": "USD"}},
    "ReportPrefs": {"ReportBasis": "Accrual"},
    "OtherPrefs": {"NameValue": _pairs(
        ProjectsEnabled=True, WarnDuplicateCheckNumber=True, WarnDuplicateBillNumber=False,
        WarnDuplicateJournalNumber=True)},
}  # fmt: skip


def _company_info(name: str) -> Doc:
    address = {"Line1": "18 Lantern Street", "City": "New York", "CountrySubDivisionCode": "NY",
               "PostalCode": "10013", "Country": "USA"}  # fmt: skip
    return {
        "Id": "1", "CompanyName": name, "LegalName": f"{name} LLC", "CompanyAddr": address, "LegalAddr": address,
        "CustomerCommunicationAddr": address, "Country": "USA", "Email": {"Address": "books@northlight.example"},
        "FiscalYearStartMonth": "January", "SupportedLanguages": "en", "CompanyStartDate": "2019-03-01",
        "DefaultTimeZone": "America/New_York", "WebAddr": {},
        "NameValue": [
            {"Name": "OfferingSku", "Value": "QuickBooks Online Plus"},
            {"Name": "SubscriptionStatus", "Value": "PAID"},
            {"Name": "IndustryType", "Value": "Design and software agency"},
            {"Name": "CompanyType", "Value": "Partnership"},
        ],
    }  # fmt: skip


def standing(name: str) -> dict[str, Any]:
    """What every company has before its first customer: preferences, tax codes, terms, payment methods."""
    return {
        "CompanyInfo": [_company_info(name)], "Preferences": [PREFERENCES], "Term": TERMS, "PaymentMethod": METHODS,
        "TaxAgency": [{"Id": "1", "DisplayName": "New York Department of Taxation", "TaxTrackedOnSales": True}],
        "TaxRate": [TAX_RATE], "TaxCode": TAX_CODES,
    }  # fmt: skip


def agency(name: str = "Northlight Studio") -> dict[str, Any]:
    """The whole seed company by entity."""
    lists = {"Account": ACCOUNTS, "Customer": CUSTOMERS, "Item": ITEMS, "Class": CLASSES, "Department": DEPARTMENTS}
    return {**standing(name), **lists}


SEEDS = {"agency": agency, "empty": standing}
"""What a company can start as."""
