"""Creates a tax code with the rates under it: what `POST /taxservice/taxcode` does in one call."""

from typing import Any

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.faults import Problem, Refusal, missing, name_taken, refuse
from qbo_milestones.simulator.schema.entities import ENTITIES
from qbo_milestones.simulator.schema.taxes import TAX_SERVICE
from qbo_milestones.simulator.writing.documents import add_to_list
from qbo_milestones.simulator.writing.intake import clean
from qbo_milestones.simulator.writing.references import not_found


def create_tax_code(company: Company, body: Any) -> Doc:
    """The answer to the request: code and rates with their Ids."""
    doc = clean(TAX_SERVICE, body)
    name, details = doc.get("TaxCode"), doc.get("TaxRateDetails") or []
    absent = [missing(field) for field, value in (("TaxCode", name), ("TaxRateDetails", details)) if not value]
    problems = absent or [problem for detail in details for problem in _detail_problems(company, detail)]
    if problems:
        raise Refusal(*problems)
    _check_free(company, "TaxCode", str(name))
    rates = [_rate(company, detail) for detail in details]
    code = add_to_list(company, ENTITIES["TaxCode"], _code(str(name), rates))
    return {"TaxCode": name, "TaxCodeId": code.body["Id"], "TaxRateDetails": rates}


def _detail_problems(company: Company, detail: Doc) -> list[Problem]:
    if detail.get("TaxRateId"):
        known = company.find("TaxRate", str(detail["TaxRateId"]))
        return [] if known else [not_found("TaxRate", str(detail["TaxRateId"]))]
    absent = [missing(name) for name in ("TaxRateName", "RateValue", "TaxAgencyId") if detail.get(name) is None]
    if absent:
        return absent
    if not 0 <= detail["RateValue"] <= 100:
        return [Problem("2150", f"Invalid Percent : {detail['RateValue']}", "RateValue")]
    agency = str(detail["TaxAgencyId"])
    if company.find("TaxAgency", agency) is None:
        return [not_found("TaxAgency", agency)]
    return []


def _check_free(company: Company, kind: str, name: str) -> None:
    if company.shelves[kind].ids_with("Name", name):
        raise refuse("6240", name_taken(kind), "Name")


def _rate(company: Company, detail: Doc) -> Doc:
    """One line of the answer; a new rate is made first."""
    applies = detail.get("TaxApplicableOn") or "Sales"
    known = company.find("TaxRate", str(detail.get("TaxRateId") or ""))
    if known is None:
        _check_free(company, "TaxRate", str(detail["TaxRateName"]))
        value = detail["RateValue"]
        rate = {
            "Name": detail["TaxRateName"], "Description": detail["TaxRateName"], "Active": True, "RateValue": value,
            "AgencyRef": {"value": str(detail["TaxAgencyId"])}, "SpecialTaxType": "NONE", "DisplayType": "ReadOnly",
            "EffectiveTaxRate": [{"RateValue": value, "EffectiveDate": company.shown(company.now())}],
        }  # fmt: skip
        known = add_to_list(company, ENTITIES["TaxRate"], rate)
    body = known.body
    return {
        "TaxRateName": body["Name"], "TaxRateId": body["Id"], "RateValue": body["RateValue"],
        "TaxAgencyId": body["AgencyRef"]["value"], "TaxApplicableOn": applies,
    }  # fmt: skip


def _code(name: str, rates: list[Doc]) -> Doc:
    lists = {
        side: {"TaxRateDetail": [
            {"TaxRateRef": {"value": rate["TaxRateId"], "name": rate["TaxRateName"]},
             "TaxTypeApplicable": "TaxOnAmount", "TaxOrder": 0}
            for rate in rates if (rate["TaxApplicableOn"] == "Purchase") is (side == "PurchaseTaxRateList")]}
        for side in ("SalesTaxRateList", "PurchaseTaxRateList")
    }  # fmt: skip
    return {"Name": name, "Description": name, "Active": True, "Hidden": False, "Taxable": True, "TaxGroup": True,
            **lists, "TaxCodeConfigType": "USER_DEFINED"}  # fmt: skip
