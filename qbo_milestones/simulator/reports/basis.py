"""The movements that a report is about: the basis asked for, and only the lines that its filters let through."""

from collections.abc import Callable, Iterator

from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.ledger import Entry
from qbo_milestones.simulator.reports.accounts import AccountTree
from qbo_milestones.simulator.reports.cash_basis import cash_movements
from qbo_milestones.simulator.reports.movements import Movement, accrual_movements
from qbo_milestones.simulator.reports.questions import Question

Test = Callable[[Entry], bool]


def movements(company: Company, basis: str) -> Iterator[Movement]:
    """All movements of a company on a basis."""
    return cash_movements(company) if basis == "Cash" else accrual_movements(company)


def customer_of(entry: Entry) -> str:
    """The customer that a line is for: the one a cost was made for, or the party."""
    if entry.customer_id:
        return entry.customer_id
    return entry.party[1] if entry.party is not None and entry.party[0] == "Customer" else ""


def party_reader(kind: str) -> Callable[[Entry], str]:
    """What reads the Id of a line's party, where it is of a kind."""
    return lambda entry: entry.party[1] if entry.party is not None and entry.party[0] == kind else ""


READERS: dict[str, Callable[[Entry], str]] = {
    "customer": customer_of, "vendor": party_reader("Vendor"), "employee": party_reader("Employee"),
    "item": lambda entry: entry.item_id, "class": lambda entry: entry.class_id,
    "department": lambda entry: entry.department_id, "account": lambda entry: entry.account,
    "source_account": lambda entry: entry.account,
    "name": lambda entry: entry.party[1] if entry.party is not None else "",
}  # fmt: skip
"""Filter -> what it reads of a line."""


def line_test(tree: AccountTree, question: Question) -> Test | None:
    """What lets lines through, None where everything passes."""
    tests: list[Test] = [_among(READERS[name], wanted) for name, wanted in question.filters.items() if name in READERS]
    kinds = question.filters.get("account_type") or question.filters.get("source_account_type")
    if kinds:
        wanted = {account.id for account in tree.by_id.values() if account.is_one_of(kinds)}
        tests.append(_among(READERS["account"], frozenset(wanted)))
    if not tests:
        return None
    return lambda entry: all(test(entry) for test in tests)


def _among(reader: Callable[[Entry], str], wanted: frozenset[str]) -> Test:
    return lambda entry: reader(entry) in wanted


def lines_of(company: Company, tree: AccountTree, question: Question) -> Iterator[tuple[str, Entry]]:
    """(day, line) of everything that the question is about, whatever its period."""
    test = line_test(tree, question)
    for movement in movements(company, question.basis):
        day = movement.day
        for entry in movement.entries:
            if test is None or test(entry):
                yield day, entry
