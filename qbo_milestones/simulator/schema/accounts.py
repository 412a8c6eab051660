"""The chart of accounts, as data: every account type, its classification, its subtypes and the usual one."""

from qbo_milestones.simulator.schema.fields import EntitySpec, anything, choice, flag, number, ref, text
from qbo_milestones.simulator.schema.people import LISTED
from qbo_milestones.simulator.schema.shapes import FRAME

ACCOUNT_TYPES = {
    "Bank": "Asset", "Accounts Receivable": "Asset", "Other Current Asset": "Asset", "Fixed Asset": "Asset",
    "Other Asset": "Asset", "Accounts Payable": "Liability", "Credit Card": "Liability",
    "Other Current Liability": "Liability", "Long Term Liability": "Liability", "Equity": "Equity",
    "Income": "Revenue", "Other Income": "Revenue", "Cost of Goods Sold": "Expense", "Expense": "Expense",
    "Other Expense": "Expense", "Non-Posting": "Non-Posting",
}  # fmt: skip
"""AccountType -> Classification."""

_SUBTYPES = {
    "Bank":
        "CashOnHand Checking MoneyMarket RentsHeldInTrust Savings TrustAccounts CashAndCashEquivalents "
        "OtherEarMarkedBankAccounts",
    "Accounts Receivable":
        "AccountsReceivable",
    "Other Current Asset":
        "EmployeeCashAdvances AllowanceForBadDebts DevelopmentCosts OtherCurrentAssets Inventory "
        "Investment_MortgageRealEstateLoans Investment_Other Investment_TaxExemptSecurities "
        "Investment_USGovernmentObligations LoansToOfficers LoansToOthers LoansToStockholders PrepaidExpenses "
        "Retainage UndepositedFunds AssetsAvailableForSale BalWithGovtAuthorities CalledUpShareCapitalNotPaid "
        "ExpenditureAuthorisationsAndLettersOfCredit GlobalTaxDeferred GlobalTaxRefund InternalTransfers "
        "OtherConsumables ProvisionsCurrentAssets ShortTermInvestmentsInRelatedParties "
        "ShortTermLoansAndAdvancesToRelatedParties TradeAndOtherReceivables",
    "Fixed Asset":
        "FurnitureAndFixtures AccumulatedDepletion AccumulatedDepreciation DepletableAssets "
        "FixedAssetComputers FixedAssetCopiers FixedAssetFurniture FixedAssetPhone FixedAssetPhotoVideo "
        "FixedAssetSoftware FixedAssetOtherToolsEquipment Land LeaseholdImprovements OtherFixedAssets "
        "AccumulatedAmortization Buildings IntangibleAssets MachineryAndEquipment Vehicles "
        "AssetsInCourseOfConstruction CapitalWip CumulativeDepreciationOnIntangibleAssets "
        "IntangibleAssetsUnderDevelopment LandAsset NonCurrentAssets ParticipatingInterests "
        "ProvisionsFixedAssets",
    "Other Asset":
        "Licenses LeaseBuyout OtherLongTermAssets SecurityDeposits AccumulatedAmortizationOfOtherAssets "
        "Goodwill OrganizationalCosts AssetsHeldForSale AvailableForSaleFinancialAssets DeferredTax "
        "Investments LongTermInvestments LongTermLoansAndAdvancesToRelatedParties OtherIntangibleAssets "
        "OtherLongTermInvestments OtherLongTermLoansAndAdvances PrepaymentsAndAccruedIncome "
        "ProvisionsNonCurrentAssets",
    "Accounts Payable":
        "AccountsPayable OutstandingDuesMicroSmallEnterprise OutstandingDuesOtherThanMicroSmallEnterprise",
    "Credit Card":
        "CreditCard",
    "Other Current Liability":
        "OtherCurrentLiabilities DirectDepositPayable LineOfCredit LoanPayable GlobalTaxPayable "
        "GlobalTaxSuspense PayrollClearing PayrollTaxPayable PrepaidExpensesPayable RentsInTrustLiability "
        "TrustAccountsLiabilities FederalIncomeTaxPayable InsurancePayable SalesTaxPayable "
        "StateLocalIncomeTaxPayable AccruedLiabilities CurrentLiabilities "
        "CurrentPortionEmployeeBenefitsObligations CurrentPortionOfObligationsUnderFinanceLeases "
        "CurrentTaxLiability DeferredRevenue DividendsPayable DutiesAndTaxes InterestPayables "
        "ProvisionForWarrantyObligations ProvisionsCurrentLiabilities ShortTermBorrowings "
        "SocialSecurityAgencies StaffAndRelatedLiabilityAccounts SundryDebtorsAndCreditors "
        "TradeAndOtherPayables",
    "Long Term Liability":
        "NotesPayable OtherLongTermLiabilities ShareholderNotesPayable AccrualsAndDeferredIncome "
        "AccruedLongLermLiabilities AccruedVacationPayable BankLoans DebtsRelatedToParticipatingInterests "
        "DeferredTaxLiabilities GovernmentAndOtherPublicAuthorities GroupAndAssociates "
        "LiabilitiesRelatedToAssetsHeldForSale LongTermBorrowings LongTermDebit "
        "LongTermEmployeeBenefitObligations ObligationsUnderFinanceLeases OtherLongTermProvisions "
        "ProvisionForLiabilities ProvisionsNonCurrentLiabilities StaffAndRelatedLongTermLiabilityAccounts",
    "Equity":
        "OpeningBalanceEquity PartnersEquity RetainedEarnings AccumulatedAdjustment OwnersEquity "
        "PaidInCapitalOrSurplus PartnerContributions PartnerDistributions PreferredStock CommonStock "
        "TreasuryStock EstimatedTaxes Healthcare PersonalIncome PersonalExpense "
        "AccumulatedOtherComprehensiveIncome CalledUpShareCapital CapitalReserves DividendDisbursed "
        "EquityInEarningsOfSubsiduaries InvestmentGrants MoneyReceivedAgainstShareWarrants OtherFreeReserves "
        "ShareApplicationMoneyPendingAllotment ShareCapital Funds",
    "Income":
        "OtherPrimaryIncome NonProfitIncome SalesOfProductIncome ServiceFeeIncome DiscountsRefundsGiven "
        "UnappliedCashPaymentIncome CashReceiptIncome OperatingGrants OtherCurrentOperatingIncome "
        "OwnWorkCapitalized RevenueGeneral SalesRetail SalesWholesale SavingsByTaxScheme",
    "Other Income":
        "OtherInvestmentIncome DividendIncome InterestEarned OtherMiscellaneousIncome TaxExemptInterest "
        "GainLossOnSaleOfFixedAssets GainLossOnSaleOfInvestments LossOnDisposalOfAssets OtherOperatingIncome "
        "UnrealisedLossOnSecuritiesNetOfTax",
    "Cost of Goods Sold":
        "CostOfLaborCos EquipmentRentalCos OtherCostsOfServiceCos ShippingFreightDeliveryCos "
        "SuppliesMaterialsCogs CostOfSales FreightAndDeliveryCost",
    "Expense":
        "Travel AdvertisingPromotional BadDebts BankCharges CharitableContributions CommissionsAndFees "
        "Entertainment EntertainmentMeals EquipmentRental FinanceCosts GlobalTaxExpense Insurance "
        "InterestPaid LegalProfessionalFees OfficeExpenses OfficeGeneralAdministrativeExpenses "
        "OtherBusinessExpenses OtherMiscellaneousServiceCost PromotionalMeals RentOrLeaseOfBuildings "
        "RepairMaintenance ShippingFreightDelivery SuppliesMaterials TravelMeals Utilities Auto CostOfLabor "
        "DuesSubscriptions PayrollExpenses TaxesPaid UnappliedCashBillPaymentExpense AmortizationExpense "
        "AppropriationsToDepreciation BorrowingCost DistributionCosts ExternalServices ExtraordinaryCharges "
        "IncomeTaxExpense LossOnDiscontinuedOperationsNetOfTax ManagementCompensation "
        "OtherCurrentOperatingCharges OtherExternalServices OtherRentalCosts OtherSellingExpenses "
        "ProjectStudiesSurveysAssessments PurchasesRebates ShippingAndDeliveryExpense StaffCosts Sundry "
        "TravelExpensesGeneralAndAdminExpenses TravelExpensesSellingExpense",
    "Other Expense":
        "Depreciation ExchangeGainOrLoss OtherMiscellaneousExpense PenaltiesSettlements Amortization "
        "GasAndFuel HomeOffice HomeOwnerRentalInsurance OtherHomeOfficeExpenses MortgageInterest RentAndLease "
        "RepairsAndMaintenance ParkingAndTolls Vehicle VehicleInsurance VehicleLease VehicleLoanInterest "
        "VehicleLoan VehicleRegistration VehicleRepairs OtherVehicleExpenses WashAndRoadServices "
        "DeferredTaxExpense Depletion ExceptionalItems ExtraordinaryItems IncomeTaxOtherExpense MatCredit "
        "PriorPeriodItems TaxRoundoffGainOrLoss",
}  # fmt: skip
SUBTYPES = {kind: tuple(words.split()) for kind, words in _SUBTYPES.items()}
"""AccountType -> its AccountSubTypes; the first is what an account gets that names none."""

TYPE_OF_SUBTYPE: dict[str, str] = {}
"""AccountSubType -> AccountType; of a subtype under two types, the first."""
for _kind, _words in SUBTYPES.items():
    for _word in _words:
        TYPE_OF_SUBTYPE.setdefault(_word, _kind)

ALONE = frozenset({
    "OpeningBalanceEquity", "UndepositedFunds", "RetainedEarnings", "CashReceiptIncome", "CashExpenditureExpense",
    "ExchangeGainOrLoss",
})  # fmt: skip
"""Subtypes of accounts that neither have sub-accounts nor are one."""

NUMBER_LENGTH = {"AUS": 20, "CAN": 20}
"""Country -> how long an account number may be; 7 elsewhere."""

ACCOUNT = EntitySpec(
    "Account",
    {
        "Name": text(100, "!fs", ':"\t\n'), "SubAccount": flag("-fs"), "ParentRef": ref("Account", "fsb"),
        "Description": text(100, "fs"), "FullyQualifiedName": text(-1, "-fs"), "AccountAlias": text(100),
        "TxnLocationType": text(40), "Active": flag("fs"), "Classification": text(40, "-fs"),
        "AccountType": choice(*ACCOUNT_TYPES, marks="fs"), "AccountSubType": text(100, "fs"),
        "AcctNum": text(20, "fs", ":"), "OpeningBalance": number(), "OpeningBalanceDate": anything(),
        "CurrentBalance": number("-fs"), "CurrentBalanceWithSubAccounts": number("-fs"), "CurrencyRef": ref(""),
        "TaxAccount": flag("-"), "TaxCodeRef": ref("TaxCode"), "OnlineBankingEnabled": flag("-"), **FRAME,
    },
    LISTED, unique="Name",
)  # fmt: skip
