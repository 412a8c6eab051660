"""What a report is: its name, what it covers when nothing is asked, what its header says, who draws it up."""

from collections.abc import Callable
from typing import NamedTuple

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.reports.questions import Question

YEAR_TO_DATE, MONTH_TO_DATE, TODAY, ALL_DATES = "This Fiscal Year-to-date", "This Month-to-date", "Today", "All"


class Content(NamedTuple):
    """What a report says: columns, rows, and whether there was anything to say."""

    columns: list[Doc]
    rows: list[Doc]
    empty: bool


class Spec(NamedTuple):
    """One report. ``macro`` is the period when none is asked; ``on_a_day``: it shows how things stand on a day;
    ``says_...``: what its header tells; ``lists``: its rows are a list, whose order Reports v2 does not promise."""

    name: str
    make: Callable[[Company, Question], Content]
    macro: str
    on_a_day: bool = False
    says_basis: bool = False
    says_split: bool = False
    says_standard: bool = False
    says_period: bool = True
    lists: bool = False
