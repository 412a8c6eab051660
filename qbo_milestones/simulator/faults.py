"""Faults: what a company refuses, with type and HTTP status, and the shape in which it travels."""

from dataclasses import dataclass

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.catalogue import MESSAGES, WITHOUT_ELEMENT

VALIDATION, SYSTEM = "ValidationFault", "SystemFault"
MADE_INACTIVE = (
    "Something you're trying to use has been made inactive. Check the fields with accounts, customers, items, vendors "
    "or employees."
)
INACTIVE = f"Object Not Found : {MADE_INACTIVE}"
DELETED = "Object Not Found : Another user has deleted this transaction."
UNREADABLE = "Property Name:failed to parse json object; a property specified is unsupported or invalid"
"""What is said of every body that does not fit its entity: an unknown property, text where an object belongs."""
CLOSED = (
    "The account period has closed and the account books cannot be updated through the QBO Services API. "
    "Please use the QBO website to make these changes."
)
NO_DETAIL = (
    "You must select a product or service or an account for each split line that has an amount or a billable customer."
)
DEPOSITED = (
    "This transaction has been deposited. If you want to change or delete it, you must edit the deposit it appears on "
    "and remove it first."
)
NEGATIVE = "Negative amounts are not supported on transaction lines."
WRONG_ACCOUNT = "Invalid account type: You need to select a different type of account for this transaction."
NAME_TAKEN = "The name supplied already exists. : "
SYSTEM_CODES = {"10000": 500}


@dataclass(frozen=True, slots=True)
class Problem:
    """One entry of Fault.Error."""

    code: str
    detail: str
    element: str = ""

    def as_json(self) -> Doc:
        """The entry in QuickBooks' capital-letter shape (quickbooks-online.md 2.5)."""
        shown = {"Message": MESSAGES[self.code], "Detail": self.detail or MESSAGES[self.code], "code": self.code}
        return shown if self.code in WITHOUT_ELEMENT and not self.element else {**shown, "element": self.element}


class Refusal(Exception):
    """The company says no: one or more problems, answered together in one Fault."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(f"{problem.code} {problem.detail}" for problem in problems))
        self.problems = problems

    @property
    def status(self) -> int:
        """HTTP status: 400 for what the caller did wrong, 500 for system faults."""
        return SYSTEM_CODES.get(self.problems[0].code, 400)

    def as_json(self) -> Doc:
        """The body of ``Fault``."""
        kind = SYSTEM if self.problems[0].code in SYSTEM_CODES else VALIDATION
        return {"Error": [problem.as_json() for problem in self.problems], "type": kind}


def refuse(code: str, detail: str = "", element: str = "") -> Refusal:
    """A refusal with one problem."""
    return Refusal(Problem(code, detail, element))


def unreadable() -> Refusal:
    """2010, in the words that the service has for all of it (seen live many times), without an element."""
    return refuse("2010", UNREADABLE)


def unsupported(operation: str) -> Refusal:
    """500 in its one wording; its HTTP status is 400 all the same."""
    return refuse("500", f"Operation {operation} is not supported.")


def broken_rule(detail: str, element: str = "") -> Refusal:
    """6000, the catch-all, with its usual prefix."""
    return refuse("6000", f"Business Validation Error: {detail}", element)


def not_linked(key: tuple[str, str], why: str = "") -> Refusal:
    """620 for a transaction, (entity, Id), that cannot be linked to this one."""
    more = f" : {why}" if why else ""
    return refuse("620", f"Transaction ID {key[1]} of {key[0]} can not be linked{more}", "TxnId")


def wrong_account(place: str = "") -> Refusal:
    """6430, in its one wording for transactions."""
    return refuse("6430", WRONG_ACCOUNT, place)


ANOTHER = {
    "Customer": "customer, vendor or employee", "Vendor": "customer, vendor or employee",
    "Employee": "customer, vendor or employee", "Item": "product or service", "PaymentMethod": "payment method",
    "Department": "location", "TaxRate": "tax rate", "TaxCode": "tax code",
}  # fmt: skip
"""Entity -> what a fault calls those that share its names."""


def name_taken(entity: str, object_id: str = "") -> str:
    """The detail of 6240: the Id of the one that has the name, or in words what it is (both seen live)."""
    if object_id:
        return f"{NAME_TAKEN}Id={object_id}"
    kind = ANOTHER.get(entity, entity.lower())
    return f"{NAME_TAKEN}Another {kind} is already using this name. Please use a different name."


def made_inactive(code: str, element: str) -> Problem:
    """610 or 2500 in the same words, both seen live, for a reference to what may not be used any more."""
    return Problem(code, INACTIVE if code == "610" else f"Invalid Reference Id : {MADE_INACTIVE}", element)


def too_long(parameter: str, most: int, supplied: int) -> Problem:
    """2050 for one parameter, with thousands as they are written live."""
    detail = f"String length specified does not match the supported length. Min:0 Max:{most:,} supported. "
    return Problem("2050", f"{detail}Supplied length:{supplied:,}", parameter)


def no_number(supplied: str, place: str) -> Problem:
    """2030 for an Id that is none, with the place where it stood (seen live)."""
    return Problem("2030", f"Id should be a valid number. Supplied value:{supplied}", place)


def missing(parameter: str) -> Problem:
    """2020 for one parameter."""
    return Problem("2020", f"Required parameter {parameter} is missing in the request", parameter)
