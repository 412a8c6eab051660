"""Details: one row for each line of a transaction, in the columns that were asked for."""

from functools import partial

from qbo_milestones.simulator.amounts import Doc, cents
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.reports.fields import AT_HOME, BY_KEY, FIELDS, Field
from qbo_milestones.simulator.reports.frame import BLANK, cell, column, short_amount
from qbo_milestones.simulator.reports.lines import Desk, Line, Sums
from qbo_milestones.simulator.reports.questions import Question


class Sheet:
    """The columns of one report and the rows in them."""

    def __init__(self, desk: Desk, defaults: tuple[str, ...]) -> None:
        self.desk = desk
        self.fields = _chosen(desk.company, desk.question, defaults)
        self.columns = [column(field.title, field.kind, field.key) for field in self.fields]
        self._readers = [partial(field.read, desk) for field in self.fields]

    def row(self, line: Line) -> Doc:
        """A row of figures."""
        return {"ColData": [read(line) for read in self._readers], "type": "Data"}

    def label(self, text: str, object_id: str = "") -> list[Doc]:
        """Cells of a header: the text first, the others empty."""
        return [cell(text, object_id), *[BLANK] * (len(self.fields) - 1)]

    def summary(self, text: str, sums: Sums) -> list[Doc]:
        """Cells of a summary: the sums under the columns that have some."""
        made = [{"value": short_amount(getattr(sums, field.sums))} if field.sums else BLANK for field in self.fields]
        return [cell(text), *made[1:]]

    def beginning(self, text: str) -> Doc:
        """The row with the balance that an account had before."""
        keys = [field.key.startswith("rbal_") for field in self.fields]
        made = [{"value": text} if is_balance else BLANK for is_balance in keys]
        return {"ColData": [cell("Beginning Balance"), *made[1:]], "type": "Data"}

    def sorted(self, lines: list[Line]) -> list[Line]:
        """In the order asked for: by the cells of a column, or as they come."""
        field = BY_KEY.get(self.desk.question.sort_by)
        if field is not None:
            lines = sorted(lines, key=lambda line: _sort_value(field, field.read(self.desk, line)))
        return lines[::-1] if self.desk.question.descending else lines


def _sort_value(field: Field, found: Doc) -> tuple[int, str]:
    value = str(found["value"])
    if field.kind == "Money":
        return cents(value or "0"), ""
    return 0, value.lower()


def _chosen(company: Company, question: Question, defaults: tuple[str, ...]) -> list[Field]:
    """Columns asked for that exist, else the usual ones; in QuickBooks' own order where the switch says so."""
    asked = [BY_KEY[key] for key in question.columns if key in BY_KEY]
    if asked:
        return asked if company.settings.report_columns == "asked" else [each for each in FIELDS if each in asked]
    absent = {"dept_name"} if not company.preference("AccountingInfoPrefs", "TrackDepartments") else set()
    if not any(company.preference("AccountingInfoPrefs", f"ClassTrackingPerTxn{line}") for line in ("", "Line")):
        absent.add("klass_name")
    home = AT_HOME if company.has_currencies() else {}
    return [BY_KEY[home.get(key, key)] for key in defaults if key not in absent]
