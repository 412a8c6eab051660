"""What a company says of itself, as data: its profile, and the few preferences a program may set."""

from qbo_milestones.simulator.schema.fields import (
    EntitySpec,
    Field,
    Operation,
    anything,
    choice,
    date,
    flag,
    group,
    listing,
    number,
    ref,
    text,
)
from qbo_milestones.simulator.schema.shapes import ADDRESS, FRAME, PHONE, WEBSITE, email

_SINGLE: frozenset[Operation] = frozenset({"read", "query", "update"})
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_PAIRS = listing({"Name": text(100), "Value": text(4000)}, "-")


def _message() -> Field:
    return group(Subject=text(), Message=text())


_ACCOUNTING = group(
    UseAccountNumbers=flag("-"), TrackDepartments=flag(), ClassTrackingPerTxn=flag(), ClassTrackingPerTxnLine=flag(),
    FirstMonthOfFiscalYear=text(20, "-"), TaxYearMonth=text(20, "-"), TaxForm=text(20, "-"), BookCloseDate=date("-"),
    CustomerTerminology=choice("Clients", "Customers", "Donors", "Guests", "Members", "Patients", "Tenants"),
    DepartmentTerminology=choice("Business", "Department", "Division", "Location", "Property", "Store", "Territory"),
)  # fmt: skip
_PRODUCTS = group(
    ForSales=flag(), ForPurchase=flag(), QuantityWithPriceAndRate=flag(), QuantityOnHand=flag(),
    RevenueRecognition=flag(), RevenueRecognitionFrequency=text(20), RevenueRecognitionEnabled=flag(),
    RecognitionFrequencyType=text(20),
)  # fmt: skip
_SALES = group(
    CustomField=anything("-"), CustomTxnNumbers=flag(), AllowDeposit=flag(), AllowDiscount=flag(),
    DefaultDiscountAccount=anything(), AllowEstimates=flag(), EstimateMessage=text(4000, "-"),
    ETransactionEnabledStatus=text(20, "-"), ETransactionAttachPDF=flag(), ETransactionPaymentEnabled=flag(),
    IPNSupportEnabled=flag("-"), AllowServiceDate=flag(), AllowShipping=flag(), DefaultShippingAccount=anything(),
    DefaultTerms=ref("Term", "b"), AutoApplyCredit=flag("-"), AutoApplyPayments=flag("-"), UsingPriceLevels=flag("-"),
    DefaultCustomerMessage=text(1000), EmailCopyToCompany=flag(), UsingProgressInvoicing=flag("-"),
    SalesEmailBcc=email("", 200), SalesEmailCc=email("", 200), DefaultItem=ref("Item", "b-"),
)  # fmt: skip
_PURCHASES = group(
    TrackingByCustomer=flag(), BillableExpenseTracking=flag(), DefaultTerms=ref("Term", "b"),
    DefaultMarkup=number(), DefaultMarkupAccount=ref("Account"), POCustomField=anything("-"), TPAREnabled=flag("-"),
    UseCustomTxnNumbers=flag("-"),
)  # fmt: skip

PREFERENCES = EntitySpec(
    "Preferences",
    {
        "AccountingInfoPrefs": _ACCOUNTING, "ProductAndServicesPrefs": _PRODUCTS, "SalesFormsPrefs": _SALES,
        "EmailMessagesPrefs": group(
            InvoiceMessage=_message(), EstimateMessage=_message(), SalesReceiptMessage=_message(),
            StatementMessage=_message()),
        "VendorAndPurchasesPrefs": _PURCHASES,
        "TimeTrackingPrefs": group(
            UseServices=flag(), BillCustomers=flag(), ShowBillRateToAll=flag(), WorkWeekStartDate=text(20, "-"),
            MarkTimeEntriesBillable=flag("-")),
        "TaxPrefs": group(
            UsingSalesTax=flag("-"), TaxGroupCodeRef=ref("TaxCode", "b-"), PartnerTaxEnabled=flag("-")),
        "CurrencyPrefs": group(MultiCurrencyEnabled=flag("-"), HomeCurrency=ref("", "b-")),
        "ReportPrefs": group(ReportBasis=choice("Accrual", "Cash"), CalcAgingReportFromTxnDate=flag("-")),
        "OtherPrefs": group(NameValue=_PAIRS), **FRAME,
    },
    _SINGLE,
)  # fmt: skip

COMPANY_INFO = EntitySpec(
    "CompanyInfo",
    {
        "CompanyName": text(1024, "fs"), "LegalName": text(1024), "CompanyAddr": ADDRESS,
        "CustomerCommunicationAddr": ADDRESS, "LegalAddr": ADDRESS, "CustomerCommunicationEmailAddr": email(),
        "PrimaryPhone": PHONE, "CompanyStartDate": date("-"), "EmployerId": text(40),
        "FiscalYearStartMonth": choice(*MONTHS), "Country": text(255, form="country"), "Email": email(),
        "WebAddr": WEBSITE, "SupportedLanguages": text(), "DefaultTimeZone": text(64), "NameValue": _PAIRS, **FRAME,
    },
    _SINGLE, cdc=False,
)  # fmt: skip
