"""How the agency is set up: what it says of itself, and its preferences."""

from qbo_milestones.simulator.amounts import Doc


def _pairs(**values: bool | str) -> list[Doc]:
    return [{"Name": name, "Value": value if isinstance(value, str) else str(value).lower()}
            for name, value in values.items()]  # fmt: skip


def _custom_fields(group: str, *names: str) -> list[Doc]:
    """Three classic custom fields, none of them in use."""
    used: list[Doc] = [{"Name": f"{group}.{name}", "Type": "BooleanType", "BooleanValue": False} for name in names]
    return [{"CustomField": used}]


def _message(kind: str) -> Doc:
    text = f"Please find your {kind.lower()} attached. Thank you for working with us."
    return {"Subject": f"{kind} from Northlight Studio", "Message": text}


PREFERENCES: Doc = {
    "Id": "1",
    "AccountingInfoPrefs": {
        "UseAccountNumbers": False, "TrackDepartments": True, "ClassTrackingPerTxn": False,
        "ClassTrackingPerTxnLine": True, "CustomerTerminology": "Customers", "DepartmentTerminology": "Location",
        "FirstMonthOfFiscalYear": "January", "TaxYearMonth": "January", "TaxForm": "0",
        "BookCloseDate": "2025-12-31",
    },
    "ProductAndServicesPrefs": {
        "ForSales": True, "ForPurchase": True, "QuantityWithPriceAndRate": True, "QuantityOnHand": True},
    "SalesFormsPrefs": {
        "CustomField": _custom_fields("SalesFormsPrefs", "UseSalesCustom1", "UseSalesCustom2", "UseSalesCustom3"),
        "CustomTxnNumbers": True, "AllowDeposit": True, "AllowDiscount": True, "DefaultDiscountAccount": "14",
        "AllowEstimates": True, "ETransactionEnabledStatus": "NotApplicable", "ETransactionAttachPDF": False,
        "ETransactionPaymentEnabled": False, "IPNSupportEnabled": False, "AllowServiceDate": True,
        "AllowShipping": False, "DefaultTerms": {"value": "3"}, "AutoApplyCredit": False, "AutoApplyPayments": False,
        "UsingPriceLevels": False, "DefaultCustomerMessage": "Thank you for your business.",
        "EmailCopyToCompany": False, "UsingProgressInvoicing": False,
    },
    "EmailMessagesPrefs": {
        "InvoiceMessage": _message("Invoice"), "EstimateMessage": _message("Estimate"),
        "SalesReceiptMessage": _message("Sales receipt"), "StatementMessage": _message("Statement")},
    "VendorAndPurchasesPrefs": {
        "TrackingByCustomer": True, "BillableExpenseTracking": True, "UseCustomTxnNumbers": False,
        "POCustomField": _custom_fields("PurchasePrefs", "UsePurchaseNameCustom1", "UsePurchaseNameCustom2",
                                        "UsePurchaseNameCustom3")},
    "TimeTrackingPrefs": {
        "UseServices": True, "BillCustomers": True, "ShowBillRateToAll": False, "WorkWeekStartDate": "Monday",
        "MarkTimeEntriesBillable": True},
    "TaxPrefs": {"UsingSalesTax": True, "TaxGroupCodeRef": {"value": "2"}},
    "CurrencyPrefs": {"MultiCurrencyEnabled": False, "HomeCurrency": {"value": "USD"}},
    "ReportPrefs": {"ReportBasis": "Accrual", "CalcAgingReportFromTxnDate": False},
    "OtherPrefs": {"NameValue": [
        *_pairs(ProjectsEnabled=True, WarnDuplicateCheckNumber=True, WarnDuplicateBillNumber=False,
                WarnDuplicateJournalNumber=True),
        {"Name": "SalesFormsPrefs.DefaultCustomerMessage", "Value": "Thank you for your business."},
        {"Name": "SalesFormsPrefs.DefaultItem", "Value": "4"},
        *_pairs(DTXCopyMemo=False, UncategorizedAssetAccountId="23", UncategorizedIncomeAccountId="34",
                UncategorizedExpenseAccountId="49", SFCEnabled=True, DataPartner=False, Vendor1099Enabled=True,
                TimeTrackingFeatureEnabled=True, FDPEnabled=False, isDTXOnStage=True,
                DateFormat="Month Date Year separated by a slash", DateFormatMnemonic="MMDDYYYY_SEP_SLASH",
                NumberFormat="US Number Format", NumberFormatMnemonic="US_NB", SignoutInactiveMinutes="60"),
        {"Name": "AccountingInfoPrefs.ShowAccountNumbers", "Value": "false"},
    ]},
}  # fmt: skip


def company_info(name: str) -> Doc:
    """A company's profile under its name."""
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
            *_pairs(IsQbdtMigrated=False, PayrollFeature=False, AccountantFeature=False,
                    ItemCategoriesFeature=True),
        ],
    }  # fmt: skip
