"""Sales tax, as data: agencies, their rates, and the codes that bundle rates."""

from qbo_milestones.simulator.schema.fields import (
    EntitySpec,
    Operation,
    anything,
    choice,
    date,
    flag,
    group,
    integer,
    listing,
    number,
    ref,
    text,
)
from qbo_milestones.simulator.schema.shapes import FRAME

_SEEN: frozenset[Operation] = frozenset({"read", "query"})
_RATES = group(TaxRateDetail=listing(
    {"TaxRateRef": ref("TaxRate"), "TaxTypeApplicable": text(40), "TaxOrder": integer(), "TaxOnTaxOrder": integer()}
))  # fmt: skip

TAX_AGENCY = EntitySpec(
    "TaxAgency",
    {
        "DisplayName": text(100, "!fs"), "TaxRegistrationNumber": text(-1), "TaxTrackedOnSales": flag("-"),
        "TaxTrackedOnPurchases": flag("-"), "TaxAgencyConfig": text(-1, "-"), "LastFileDate": date("-"), **FRAME,
    },
    _SEEN | {"create"}, cdc=False,
)  # fmt: skip
TAX_RATE = EntitySpec(
    "TaxRate",
    {
        "Name": text(100, "!fs"), "Description": text(100, "fs"), "Active": flag("fs"), "RateValue": number("f"),
        "AgencyRef": ref("TaxAgency", "fsb"), "TaxReturnLineRef": ref("", "fs"), "SpecialTaxType": text(),
        "DisplayType": text(), "EffectiveTaxRate": anything(), "OriginalTaxRate": text(20), **FRAME,
    },
    _SEEN, cdc=False,
)  # fmt: skip
TAX_CODE = EntitySpec(
    "TaxCode",
    {
        "Name": text(100, "!fs"), "Description": text(100, "fs"), "Active": flag("fs"), "Hidden": flag(),
        "Taxable": flag("f"), "TaxGroup": flag("f"), "SalesTaxRateList": _RATES, "PurchaseTaxRateList": _RATES,
        "TaxCodeConfigType": text(), **FRAME,
    },
    _SEEN, cdc=False,
)  # fmt: skip
TAXES = [TAX_AGENCY, TAX_RATE, TAX_CODE]

TAX_SERVICE = EntitySpec(
    "TaxService",
    {
        "TaxCode": text(100, "!"), "TaxCodeId": text(20, "-"), "Id": text(20, "-"),
        "TaxRateDetails": listing({
            "TaxRateName": text(100), "TaxRateId": text(20), "RateValue": number(), "TaxAgencyId": text(20),
            "TaxApplicableOn": choice("Sales", "Purchase", "Other")}, "!"),
    },
    frozenset({"create"}), cdc=False,
)  # fmt: skip
"""What `POST /taxservice/taxcode` takes: one code with the rates under it, new ones or known ones. Nothing is kept
under this name."""
