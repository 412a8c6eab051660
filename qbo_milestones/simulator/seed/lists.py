"""The short lists of the agency: terms, classes, locations, ways to pay, taxes."""

from decimal import Decimal

from qbo_milestones.simulator.amounts import Doc

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
AGENCIES = [{"Id": "1", "DisplayName": "New York Department of Taxation", "TaxTrackedOnSales": True}]
