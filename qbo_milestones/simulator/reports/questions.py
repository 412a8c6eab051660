"""What is asked of a report: parameters read, checked and filled in; what cannot be read is a fault."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.faults import refuse
from qbo_milestones.simulator.reports.periods import ALWAYS, MONTHS, Period, fiscal_start_of, macro_period, shown_macro

BASES = ("Accrual", "Cash")
SPLITS = (
    "Total", "Month", "Week", "Days", "Quarter", "Year", "Customers", "Vendors", "Classes", "Departments", "Employees",
    "ProductsAndServices",
)  # fmt: skip
ORDERS, STATES, AGEING = ("ascend", "descend"), ("All", "Paid", "Unpaid"), ("Report_Date", "Current")
GROUPS = (
    "None", "Name", "Account", "Transaction Type", "Customer", "Vendor", "Employee", "Location", "Payment Method",
    "Day", "Week", "Month", "Quarter", "Year", "Fiscal Year", "Fiscal Quarter",
)  # fmt: skip
FILTERS = (
    "customer", "vendor", "employee", "item", "class", "department", "account", "source_account", "account_type",
    "source_account_type", "name", "term", "transaction_type", "docnum", "payment_method", "memo", "bothamount",
)  # fmt: skip
"""Parameters that hold one value or several, separated by commas."""
MOST_DAYS, MOST_PERIODS = 1000, 50


@dataclass(frozen=True, slots=True)
class Question:
    """One question to one report. ``macro`` is a text where the period came from a date macro."""

    period: Period
    macro: str
    day: str
    basis: str
    split: str
    columns: tuple[str, ...]
    filters: Mapping[str, frozenset[str]]
    due: Period
    created: Period
    modified: Period
    receivables: str
    payables: str
    group_by: str
    sort_by: str
    descending: bool
    ageing_days: int
    ageing_periods: int
    ages_today: bool
    past_due: int
    quick_zoom: bool
    renewed: bool


class _Reader:
    """Reads parameters of one query, any case of their names."""

    def __init__(self, company: Company, query: Mapping[str, str]) -> None:
        self.company = company
        self.query = {name.lower(): value.strip() for name, value in query.items()}
        self.first_month = first_month(company)

    def choice(self, name: str, known: Iterable[str], default: str) -> str:
        """One of some words, any case."""
        value = self.query.get(name, "") or default
        found = {word.lower(): word for word in known}.get(value.lower())
        if found is None:
            raise refuse("2170", f"Invalid Enumeration : {name} {value}", name)
        return found

    def day(self, name: str) -> str:
        """A date YYYY-MM-DD, or an empty text."""
        value = self.query.get(name, "")
        if not value:
            return ""
        try:
            return date.fromisoformat(value).isoformat() if len(value) == len("YYYY-MM-DD") else _no_date(name, value)
        except ValueError:
            return _no_date(name, value)

    def number(self, name: str, default: int, most: int) -> int:
        """A whole number from 0 up to the most that makes sense."""
        value = self.query.get(name, "") or str(default)
        if not value.isdecimal() or int(value) > most:
            raise refuse("2090", f"Invalid Number : {name} {value}", name)
        return int(value)

    def words(self, name: str) -> tuple[str, ...]:
        """What a parameter holds, separated by commas."""
        return tuple(word.strip() for word in self.query.get(name, "").split(",") if word.strip())

    def period(self, default: str) -> tuple[Period, str]:
        """The period asked for, and the macro where it came from one: explicit dates win."""
        start, end = self.day("start_date"), self.day("end_date")
        macro = self.query.get("date_macro", "") or default
        named = self.named("date_macro", macro)
        if start and end:
            return _ordered("start_date", Period(start, end)), ""
        if not start and not end:
            return named, shown_macro(macro, self.first_month)
        if end:
            start = named.start if named.start <= end else fiscal_start_of(end, self.first_month)
        return _ordered("start_date", Period(start, end or max(named.end, start))), ""

    def named(self, name: str, macro: str) -> Period:
        """The period of a date macro."""
        found = macro_period(macro, self.company.today(), self.first_month)
        if found is None:
            raise refuse("2170", f"Invalid Enumeration : {name} {macro}", name)
        return found

    def bounds(self, word: str) -> Period:
        """``start_duedate`` and ``end_duedate``, ``duedate_macro``, and their sisters."""
        macro = self.query.get(f"{word}_macro", "")
        named = self.named(f"{word}_macro", macro) if macro else ALWAYS
        return _ordered(f"start_{word}", Period(
            self.day(f"start_{word}") or named.start, self.day(f"end_{word}") or named.end))  # fmt: skip


def _no_date(name: str, value: str) -> str:
    raise refuse("2070", f"Invalid Date : {name} {value}", name)


def _ordered(name: str, period: Period) -> Period:
    if period.start > period.end:
        raise refuse("2190", f"Invalid Date Range : {name} {period.start} is later than {period.end}", name)
    return period


def first_month(company: Company) -> int:
    """Number of the month with which the fiscal year begins."""
    name = str(company.preference("AccountingInfoPrefs", "FirstMonthOfFiscalYear") or "")
    return MONTHS.index(name) if name in MONTHS[1:] else 1


def read_question(company: Company, macro: str, on_a_day: bool, query: Mapping[str, str], renewed: bool) -> Question:
    """What is asked. Parameters that a report does not know are ignored, as QuickBooks does."""
    reader = _Reader(company, query)
    period, shown = reader.period(macro)
    day = reader.day("report_date")
    if on_a_day and day and not any(reader.query.get(name) for name in ("date_macro", "start_date", "end_date")):
        period, shown = Period(day, day), ""
    day = day or (company.today() if period == ALWAYS else period.end)
    basis = str(company.preference("ReportPrefs", "ReportBasis") or BASES[0])
    return Question(
        period, shown, day,
        basis=reader.choice("accounting_method", BASES, basis),
        split=reader.choice("summarize_column_by", SPLITS, "Total"),
        columns=reader.words("columns"),
        filters={name: frozenset(words) for name in FILTERS if (words := reader.words(name))},
        due=reader.bounds("duedate"), created=reader.bounds("createdate"), modified=reader.bounds("moddate"),
        receivables=reader.choice("arpaid", STATES, "Unpaid") if reader.query.get("arpaid") else "",
        payables=reader.choice("appaid", STATES, "Unpaid") if reader.query.get("appaid") else "",
        group_by=reader.choice("group_by", GROUPS, "None"),
        sort_by=reader.query.get("sort_by", ""),
        descending=reader.choice("sort_order", ORDERS, "ascend") == "descend",
        ageing_days=reader.number("aging_period", 30, MOST_DAYS) or 30,
        ageing_periods=reader.number("num_periods", 4, MOST_PERIODS) or 4,
        ages_today=reader.choice("aging_method", AGEING, "Report_Date") == "Current",
        past_due=reader.number("past_due", 0, MOST_DAYS),
        quick_zoom=reader.query.get("qzurl", "").lower() == "true",
        renewed=renewed,
    )  # fmt: skip
