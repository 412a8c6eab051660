"""Those a company deals with, as data: customers with their types, vendors, employees."""

from qbo_milestones.simulator.schema.fields import (
    EntitySpec,
    Field,
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
from qbo_milestones.simulator.schema.shapes import ADDRESS, CUSTOM_FIELD, FRAME, WEBSITE, email, phone

LISTED: frozenset[Operation] = frozenset({"create", "read", "query", "update"})
NO_NAME = ":\t\n"
"""What must not be part of a name: the colon parts the levels of a full name."""


def _names(printed: int, suffix: str) -> dict[str, Field]:
    """The parts of a name, in the order in which they are answered: after the frame (read from live answers)."""
    return {
        "Title": text(16, forbidden=NO_NAME), "GivenName": text(100, "fs", NO_NAME),
        "MiddleName": text(100, "fs", NO_NAME), "FamilyName": text(100, "fs", NO_NAME),
        "Suffix": text(16, suffix, NO_NAME), "FullyQualifiedName": text(-1, "-fs"), "CompanyName": text(100, "fs"),
        "DisplayName": text(500, "fs", NO_NAME), "PrintOnCheckName": text(printed, "fs", NO_NAME),
        "Active": flag("fs"), "V4IDPseudonym": text(-1, "-"),
    }  # fmt: skip


def _without_full_name(printed: int) -> dict[str, Field]:
    return {name: field for name, field in _names(printed, "fs").items() if name != "FullyQualifiedName"}


def _reached(limit: int, mail_marks: str = "") -> dict[str, Field]:
    return {
        "PrimaryPhone": phone(limit), "AlternatePhone": phone(limit), "Mobile": phone(limit), "Fax": phone(limit),
        "PrimaryEmailAddr": email(mail_marks), "WebAddr": WEBSITE, "OtherContactInfo": anything(),
        "ContactName": text(), "AltContactName": text(),
    }  # fmt: skip


_INDIA = {"GSTIN": text(15), "GSTRegistrationType": text(15), "BusinessNumber": text(10)}

CUSTOMER = EntitySpec(
    "Customer",
    {
        "Taxable": flag(), "TaxExemptionReasonId": integer("", 1, 15), "BillAddr": ADDRESS, "ShipAddr": ADDRESS,
        "OtherAddr": anything(), "Notes": text(2000), "Job": flag(), "BillWithParent": flag(),
        "RootCustomerRef": ref("", "-"), "ParentRef": ref("Customer", "b"), "Level": integer("-"),
        "CustomerTypeRef": ref("CustomerType", "b"), "SalesTermRef": ref("Term"),
        "PaymentMethodRef": ref("PaymentMethod"), "PriceLevelRef": ref(""), "AcctNum": text(100),
        "Balance": number("fs"), "OpenBalanceDate": date(), "BalanceWithJobs": number("-s"), "CreditLimit": number(),
        "CurrencyRef": ref(""), "PreferredDeliveryMethod": choice("Print", "Email", "None"), "ResaleNum": text(16),
        "SecondaryTaxIdentifier": text(20), "ARAccountRef": ref("Account"), "PrimaryTaxIdentifier": text(20),
        "IsProject": flag(), "ClientEntityId": text(20, "-"), "source": text(-1, "-"), "Source": text(-1, "-"),
        "CustomField": listing(CUSTOM_FIELD), **_INDIA, **FRAME, **_names(110, ""), **_reached(30, "f"),
        "DefaultTaxCodeRef": ref("TaxCode", "b"),
    },
    LISTED, unique="DisplayName",
)  # fmt: skip

_PASSED_OVER = {
    name: anything("-")
    for name in (
        "Notes",
        "ShipAddr",
        "TaxCountry",
        "TaxIdEffectiveDate",
        "ParentRef",
        "VendorTypeRef",
        "PrefillAccountRef",
        "CreditLimit",
        "TDSEnabled",
        "TDSEntityTypeId",
        "TDSSectionTypeId",
        "TDSOverrideThreshold",
        "VendorEx",
        "IsSubContractor",
        "SubcontractorType",
        "CISRate",
        "CompanyRegistrationNumber",
        "DefaultTaxCodeRef",
        "Organization",
    )
}
"""What the schema of a vendor knows and an American company keeps nowhere."""

VENDOR = EntitySpec(
    "Vendor",
    {
        "BillAddr": ADDRESS, "OtherAddr": anything(), "TaxIdentifier": text(20), "TermRef": ref("Term"),
        "Balance": number("fs"), "OpenBalanceDate": date(), "BillRate": number(), "AcctNum": text(100),
        "Vendor1099": flag(), "T4AEligible": flag(), "T5018Eligible": flag(), "HasTPAR": flag(), "CurrencyRef": ref(""),
        "APAccountRef": ref("Account"), "CostRate": number(), "TaxReportingBasis": text(20),
        "VendorPaymentBankDetail": group(
            BankAccountName=text(100), BankBranchIdentifier=text(7), BankAccountNumber=text(20),
            StatementText=text(18)),
        "source": text(-1, "-"), "Source": text(-1, "-"), **_INDIA, **FRAME, **_without_full_name(110), **_reached(30),
        **_PASSED_OVER,
    },
    LISTED, unique="DisplayName",
)  # fmt: skip

EMPLOYEE = EntitySpec(
    "Employee",
    {
        "EmployeeNumber": text(100), "SSN": text(100), "PrimaryAddr": ADDRESS, "OtherAddr": anything(),
        "BillableTime": flag(), "BillRate": number(), "CostRate": number(), "BirthDate": date(),
        "Gender": text(20), "HiredDate": date(), "ReleasedDate": date(), "Organization": flag(), **FRAME,
        **_without_full_name(100), **_reached(20),
    },
    LISTED, unique="DisplayName",
)  # fmt: skip

CUSTOMER_TYPE = EntitySpec(
    "CustomerType", {"Name": text(100, "!fs"), "Active": flag("fs"), **FRAME}, frozenset({"read", "query"}), cdc=False
)

PEOPLE = [CUSTOMER_TYPE, CUSTOMER, VENDOR, EMPLOYEE]
