"""The catalogue of faults: code, Message, type and HTTP status, and the shape they travel in."""

from dataclasses import dataclass

from qbo_milestones.simulator.amounts import Doc

VALIDATION, SYSTEM = "ValidationFault", "SystemFault"
BUSINESS = "A business validation error has occurred while processing your request"
INACTIVE = (
    "Object Not Found : Something you're trying to use has been made inactive. Check the fields with accounts, "
    "customers, items, vendors or employees."
)
DELETED = "Object Not Found : Another user has deleted this transaction."
CLOSED = (
    "The account period has closed and the account books cannot be updated through the QBO Services API. "
    "Please use the QBO website to make these changes."
)
NAME_TAKEN = (
    "The name supplied already exists. : Another customer, vendor or employee is already using this name. "
    "Please use a different name."
)

MESSAGES = {
    "500": "Unsupported Operation",
    "600": "Duplicate Request ID",
    "610": "Object Not Found",
    "620": "Transaction ID cannot be linked",
    "700": "Parent reference is invalid",
    "800": "Object cannot be deleted, other objects depend on it",
    "1040": "Batch size exceeds the allowed limit",
    "1050": "Invalid content type",
    "2000": "Invalid or unsupported object name",
    "2010": "Request has invalid or unsupported property",
    "2020": "Required param missing, need to supply the required value for the API",
    "2030": "Invalid ID",
    "2040": "Invalid String",
    "2050": "Invalid String Length",
    "2070": "Invalid Date",
    "2090": "Invalid Number",
    "2110": "Invalid Decimal",
    "2120": "Invalid Type",
    "2130": "Invalid Request Id format",
    "2140": "Invalid Amount",
    "2170": "Invalid Enumeration",
    "2210": "Invalid Email Address Format",
    "2260": "Missing posting type",
    "2290": "Negative amounts not supported on transaction lines",
    "2300": "Amount on debits not equal to credits",
    "2500": "Invalid Reference Id",
    "4000": "Error parsing query",
    "4001": "Invalid query",
    "5010": "Stale Object Error",
    "5020": "Permission Denied Error",
    "5030": "Feature Not Supported Error",
    "6000": BUSINESS,
    "6010": "AccountType or AccountSubType needed",
    "6020": "Content length missing in request",
    "6030": "Upload request size exceeds allowed limit",
    "6040": "The file metadata must be of Attachable type",
    "6041": "Invalid Uploaded File",
    "6050": "The entity reference type is unsupported for Attachable",
    "6070": "Amount calculation incorrect in the request",
    "6100": "Invalid line TaxCode",
    "6140": "Duplicate Document Number Error",
    "6180": "Maximum number of levels exceeded",
    "6190": "Invalid Company Status",
    "6200": "Account Period Closed, Cannot Update Through Services API",
    "6210": "Account Period Closed, Cannot Update Through Services API",
    "6220": "Object with a balance cannot be deleted",
    "6240": "Duplicate Name Exists Error",
    "6250": "Invalid Sales Customer",
    "6420": "Email address is required",
    "6430": "Invalid account type used",
    "6440": "Line needs an item or an account",
    "6450": "Void failed, the transaction is already settled",
    "6540": "Deposited Transaction cannot be changed",
    "10100": "Result Set Big Error",
    "10000": "An application error has occurred while processing your request",
}
WITHOUT_ELEMENT = frozenset({"500", "2010", "4000", "4001", "4002"})
"""Codes whose captures have no ``element``."""
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


def unsupported(operation: str) -> Refusal:
    """500 in its one wording; its HTTP status is 400 all the same."""
    return refuse("500", f"Operation {operation} is not supported.")


def broken_rule(detail: str, element: str = "") -> Refusal:
    """6000, the catch-all, with its usual prefix."""
    return refuse("6000", f"Business Validation Error: {detail}", element)


def missing(parameter: str) -> Problem:
    """2020 for one parameter."""
    return Problem("2020", f"Required parameter {parameter} is missing in the request", parameter)
