"""The journal: every transaction of a period with all its lines, debits and credits."""

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.ledger import Entry, Key
from qbo_milestones.simulator.reports.accounts import AccountTree
from qbo_milestones.simulator.reports.details import Sheet
from qbo_milestones.simulator.reports.frame import section
from qbo_milestones.simulator.reports.kinds import in_order
from qbo_milestones.simulator.reports.lines import Desk, Line, Sums, sums_of
from qbo_milestones.simulator.reports.questions import Question
from qbo_milestones.simulator.reports.specs import Content

COLUMNS = ("tx_date", "txn_type", "doc_num", "name", "memo", "account_name", "debt_amt", "credit_amt")
EMPTY = Entry("", 0, 0)
"""What stands for the lines of a voided transaction."""


def journal_report(company: Company, question: Question) -> Content:
    """JournalReport. Before Reports v2 an empty row followed each transaction."""
    start, end = question.period
    sheet = Sheet(Desk(company, question, AccountTree(company)), COLUMNS)
    postings = company.ledger.postings
    keys = sorted(((key, posting.day) for key, posting in postings.items() if start <= posting.day <= end),
                  key=lambda found: in_order(*found))  # fmt: skip
    rows: list[Doc] = []
    total = Sums()
    for key, day in keys[::-1] if question.descending else keys:
        lines = _lines(key, day, postings[key].entries)
        sums = sums_of(lines)
        rows += [sheet.row(line) for line in lines]
        rows.append(section(None, sheet.summary("", sums)))
        if not question.renewed:
            rows.append({"ColData": sheet.label(""), "type": "Data"})
        total = total.plus(sums)
    if rows:
        rows.append(section(None, sheet.summary("TOTAL", total)))
    return Content(sheet.columns, rows, not rows)


def _lines(key: Key, day: str, entries: tuple[Entry, ...]) -> list[Line]:
    """The lines of a transaction; a name that was told is not told again."""
    made: list[Line] = []
    for entry in entries or (EMPTY,):
        told = bool(made) and entry.party == entries[0].party
        shown = entry._replace(party=None) if told else entry
        made.append(Line(key, day, shown, entry.cents, follows=bool(made)))
    return made
