"""The accounts of the agency: its own, and the standing ones that QuickBooks keeps for every company."""

from qbo_milestones.simulator.amounts import Doc


def _account(account_id: int, name: str, kind: str, subkind: str, under: int = 0) -> Doc:
    parent = {"ParentRef": {"value": str(under)}} if under else {}
    return {"Id": str(account_id), "Name": name, "AccountType": kind, "AccountSubType": subkind, **parent}


CURRENT_ASSET, CURRENT_LIABILITY = "Other Current Asset", "Other Current Liability"
COST = "Cost of Goods Sold"
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
    _account(18, "Contractors", COST, "CostOfLaborCos"),
    _account(19, "Exchange Gain or Loss", "Other Expense", "ExchangeGainOrLoss"),
    _account(20, "Northlight Visa", "Credit Card", "CreditCard"),
    _account(21, "Prepaid expenses", CURRENT_ASSET, "PrepaidExpenses"),
    _account(22, "Inventory Asset", CURRENT_ASSET, "Inventory"),
    _account(23, "Uncategorized Asset", CURRENT_ASSET, "OtherCurrentAssets"),
    _account(24, "Computers", "Fixed Asset", "FixedAssetComputers"),
    _account(25, "Depreciation of computers", "Fixed Asset", "AccumulatedDepreciation", under=24),
    _account(26, "Security deposits", "Other Asset", "SecurityDeposits"),
    _account(27, "Payroll liabilities", CURRENT_LIABILITY, "PayrollTaxPayable"),
    _account(28, "Gratuities", CURRENT_LIABILITY, "OtherCurrentLiabilities"),
    _account(29, "Equipment loan", "Long Term Liability", "NotesPayable"),
    _account(30, "Partners' equity", "Equity", "PartnersEquity"),
    _account(31, "Sales of Product Income", "Income", "SalesOfProductIncome"),
    _account(32, "Shipping Income", "Income", "OtherPrimaryIncome"),
    _account(33, "Billable Expense Income", "Income", "ServiceFeeIncome"),
    _account(34, "Uncategorized Income", "Income", "ServiceFeeIncome"),
    _account(35, "Unapplied Cash Payment Income", "Income", "UnappliedCashPaymentIncome"),
    _account(36, "Interest earned", "Other Income", "InterestEarned"),
    _account(37, "Cost of Goods Sold", COST, "SuppliesMaterialsCogs"),
    _account(38, "Rent", "Expense", "RentOrLeaseOfBuildings"),
    _account(39, "Utilities", "Expense", "Utilities"),
    _account(40, "Travel", "Expense", "Travel"),
    _account(41, "Meals on the road", "Expense", "TravelMeals", under=40),
    _account(42, "Trains and flights", "Expense", "Travel", under=40),
    _account(43, "Insurance", "Expense", "Insurance"),
    _account(44, "Legal and accounting fees", "Expense", "LegalProfessionalFees"),
    _account(45, "Advertising", "Expense", "AdvertisingPromotional"),
    _account(46, "Bank charges", "Expense", "BankCharges"),
    _account(47, "Interest paid", "Expense", "InterestPaid"),
    _account(48, "Payroll expenses", "Expense", "PayrollExpenses"),
    _account(49, "Uncategorized Expense", "Expense", "OtherMiscellaneousServiceCost"),
    _account(50, "Unapplied Cash Bill Payment Expense", "Expense", "UnappliedCashBillPaymentExpense"),
    _account(51, "Depreciation", "Other Expense", "Depreciation"),
    _account(52, "Inventory Shrinkage", COST, "SuppliesMaterialsCogs"),
]
