"""What a company can start as: Northlight Studio, a design and software agency in New York, or next to nothing."""

from typing import Any

from qbo_milestones.simulator.seed.accounts import ACCOUNTS
from qbo_milestones.simulator.seed.items import ITEMS
from qbo_milestones.simulator.seed.lists import AGENCIES, CLASSES, DEPARTMENTS, METHODS, TAX_CODES, TAX_RATE, TERMS
from qbo_milestones.simulator.seed.people import CUSTOMER_TYPES, CUSTOMERS, EMPLOYEES, VENDORS
from qbo_milestones.simulator.seed.profile import PREFERENCES, company_info


def standing(name: str) -> dict[str, Any]:
    """What every company has before its first customer: preferences, tax codes, terms, payment methods."""
    return {
        "CompanyInfo": [company_info(name)], "Preferences": [PREFERENCES], "Term": TERMS, "PaymentMethod": METHODS,
        "TaxAgency": AGENCIES, "TaxRate": [TAX_RATE], "TaxCode": TAX_CODES,
    }  # fmt: skip


def agency(name: str = "Northlight Studio") -> dict[str, Any]:
    """The whole seed company by entity."""
    return {
        **standing(name), "Class": CLASSES,
        "Department": DEPARTMENTS, "Account": ACCOUNTS, "CustomerType": CUSTOMER_TYPES, "Customer": CUSTOMERS,
        "Vendor": VENDORS, "Employee": EMPLOYEES, "Item": ITEMS,
    }  # fmt: skip


SEEDS = {"agency": agency, "empty": standing}
"""What a company can start as."""
