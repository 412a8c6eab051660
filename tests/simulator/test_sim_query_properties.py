"""Any statement finds what a plain filter finds; any garbage is refused, and nothing else happens."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from qbo_milestones.simulator.amounts import read_json
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.past import NO_LAG
from qbo_milestones.simulator.books.shelf import Record
from qbo_milestones.simulator.calls.queries import query_response
from qbo_milestones.simulator.clock import Clock
from qbo_milestones.simulator.faults import Refusal
from qbo_milestones.simulator.settings import Settings

NOON = datetime(2026, 10, 15, 16, tzinfo=UTC)
NUMBERS = ["A-1", "a-1", "A'1", "back\\slash", "50%", "\u00dcber", "x y", "", "\U0001f600", "10", "100"]
DAYS = [date(2026, 9, 28) + timedelta(days=step) for step in range(7)]
TOTALS = ["0", "9.99", "10", "10.50", "100", "1000.00"]


@dataclass(frozen=True)
class Row:
    """An invoice as a plain filter sees it."""

    Id: str
    DocNumber: str | None
    TxnDate: date
    DueDate: date | None
    TotalAmt: Decimal
    CustomerRef: str
    updated: datetime


def row(place: int) -> Row:
    """Sixty different invoices; some without number, some without due date."""
    number = NUMBERS[place % len(NUMBERS)] or None
    due = None if place % 4 == 0 else DAYS[(place * 5) % len(DAYS)]
    total = Decimal(TOTALS[(place * 7) % len(TOTALS)])
    updated = NOON + timedelta(minutes=(place * 17) % 23)
    return Row(str(place + 1), number, DAYS[place % len(DAYS)], due, total, str(place % 3 + 1), updated)


ROWS = [row(place) for place in range(60)]


def books() -> Company:
    """The company that holds them."""
    company = Company("1", Clock(lambda: NOON), Settings())
    for each in ROWS:
        body: dict[str, Any] = {
            "Id": each.Id, "TxnDate": each.TxnDate.isoformat(), "TotalAmt": each.TotalAmt,
            "CustomerRef": {"value": each.CustomerRef, "name": "Someone"},
        }  # fmt: skip
        body.update({"DocNumber": each.DocNumber} if each.DocNumber else {})
        body.update({"DueDate": each.DueDate.isoformat()} if each.DueDate else {})
        company.shelves["Invoice"].put(Record(body, NOON, each.updated))
    return company


BOOKS = books()
Fits = Callable[[Row], bool]
Part = tuple[str, Fits]
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b, "<": lambda a, b: a < b, ">": lambda a, b: a > b, "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
}  # fmt: skip
OPERATORS = st.sampled_from(list(COMPARE))
CASES: st.SearchStrategy[Callable[[str], str]] = st.sampled_from([str, str.lower, str.upper, str.title])
BLANKS = st.sampled_from([" ", "  ", "\n", "\t", "\r\n"])


def quoted(content: str) -> str:
    """A text as a statement writes it."""
    return "'" + content.replace("\\", "\\\\").replace("'", "\\'") + "'"


@st.composite
def number_parts(draw: st.DrawFn) -> Part:
    """DocNumber: compared, listed, missing."""
    kind = draw(st.sampled_from(["compare", "in", "null", "like"]))
    if kind == "null":
        return "DocNumber = ' '", lambda row: row.DocNumber is None
    if kind == "in":
        wanted = draw(st.lists(st.sampled_from([text for text in NUMBERS if text]), min_size=1, max_size=4))
        texts = ",".join(quoted(text) for text in wanted)
        lower = [text.lower() for text in wanted]
        return f"DocNumber IN ({texts})", lambda row: row.DocNumber is not None and row.DocNumber.lower() in lower
    if kind == "like":
        pattern = draw(st.sampled_from(["A%", "%1", "%-%", "1%0", "%", "A-1", "%\u00fcB%"]))
        shell = pattern.lower().replace("%", "*")
        return (
            f"DocNumber LIKE {quoted(pattern)}",
            lambda row: row.DocNumber is not None and fnmatchcase(row.DocNumber.lower(), shell),
        )
    operator, text = draw(OPERATORS), draw(st.sampled_from([text for text in NUMBERS if text]))
    return (
        f"DocNumber {operator} {quoted(text)}",
        lambda row: row.DocNumber is not None and COMPARE[operator](row.DocNumber.lower(), text.lower()),
    )


@st.composite
def date_parts(draw: st.DrawFn) -> Part:
    """TxnDate and DueDate, as dates and as instants, which stand for their date."""
    name, operator, day = draw(st.sampled_from(["TxnDate", "DueDate"])), draw(OPERATORS), draw(st.sampled_from(DAYS))
    tail = draw(st.sampled_from(["", "T00:00:00", "Z", "-07:00", "T10:11:12.000Z"]))

    def fits(row: Row) -> bool:
        held = getattr(row, name)
        return held is not None and COMPARE[operator](held, day)

    return f"{name} {operator} '{day.isoformat()}{tail}'", fits


@st.composite
def amount_parts(draw: st.DrawFn) -> Part:
    """TotalAmt, in quotes or not."""
    operator, total = draw(OPERATORS), draw(st.sampled_from([*TOTALS, "10.500", "-1", "99999999999.99"]))
    written = draw(st.sampled_from([total, f"'{total}'"]))
    return f"TotalAmt {operator} {written}", lambda row: COMPARE[operator](row.TotalAmt, Decimal(total))


@st.composite
def listed_parts(draw: st.DrawFn) -> Part:
    """References and Ids, which indexes serve."""
    name = draw(st.sampled_from(["CustomerRef", "Id"]))
    wanted = draw(st.lists(st.integers(0, 61).map(str), min_size=1, max_size=5))
    if len(wanted) == 1:
        return f"{name} = '{wanted[0]}'", lambda row: getattr(row, name) == wanted[0]
    texts = ", ".join(f"'{text}'" for text in wanted)
    return f"{name} in ( {texts} )", lambda row: getattr(row, name) in wanted


@st.composite
def update_parts(draw: st.DrawFn) -> Part:
    """The time of the last change, in several offsets."""
    operator, instant = draw(OPERATORS), NOON + timedelta(minutes=draw(st.integers(-1, 24)))
    texts = [
        instant.isoformat(), instant.isoformat().replace("+00:00", "Z"),
        instant.astimezone(BOOKS.zone).isoformat(), instant.astimezone(BOOKS.zone).replace(tzinfo=None).isoformat(),
    ]  # fmt: skip
    written = draw(st.sampled_from(texts))
    return f"MetaData.LastUpdatedTime {operator} '{written}'", lambda row: COMPARE[operator](row.updated, instant)


PARTS = st.one_of(number_parts(), date_parts(), amount_parts(), listed_parts(), update_parts())
SORTS: dict[str, Callable[[Row], Any]] = {
    "TxnDate": lambda row: row.TxnDate, "TotalAmt": lambda row: row.TotalAmt,
    "DocNumber": lambda row: (row.DocNumber is not None, (row.DocNumber or "").lower()),
    "DueDate": lambda row: (row.DueDate is not None, row.DueDate), "MetaData.LastUpdatedTime": lambda row: row.updated,
}  # fmt: skip


@st.composite
def orders(draw: st.DrawFn) -> list[tuple[str, str]]:
    """Keys to sort by and their directions."""
    names = draw(st.lists(st.sampled_from(list(SORTS)), max_size=3, unique=True))
    return [(name, draw(st.sampled_from(["", " ASC", " DESC"]))) for name in names]


@st.composite
def statements(draw: st.DrawFn) -> tuple[str, str, list[str], int]:
    """Two statements with the same conditions, one that counts; the Ids of the page and the number of all."""
    parts = draw(st.lists(PARTS, max_size=4))
    order = draw(orders())
    found = [row for row in ROWS if all(fits(row) for _, fits in parts)]
    for name, direction in reversed(order):
        found = sorted(found, key=SORTS[name], reverse=direction == " DESC")
    if [name for name, _ in order] == ["MetaData.LastUpdatedTime"]:
        turned = order[0][1] == " DESC"
        found = sorted(found, key=lambda row: (row.updated, int(row.Id)), reverse=turned)
    start, rows = draw(st.integers(0, 5) | st.integers(0, 70)), draw(st.integers(1, 80))
    case, blank = draw(CASES), draw(BLANKS)
    where = f"{case('where')} " + f" {case('and')} ".join(part for part, _ in parts) if parts else ""
    sort = case(draw(st.sampled_from(["orderby ", "order by "])))
    by = sort + ", ".join(f"{name}{case(direction)}" for name, direction in order) if order else ""
    pages = f"{case('startposition')} {start}{blank}{case('maxresults')} {rows}"
    end = draw(st.sampled_from(["", ";", " ", "\n;\n"]))
    text = blank.join([f"{case('select')} * {case('from')} {case('Invoice')}", where, by, pages]) + end
    count = f"{case('select')} {case('count')}(*) {case('from')} invoice {where}"
    first = max(1, start) - 1
    return text, count, [row.Id for row in found[first : first + rows]], len(found)


@settings(max_examples=400, deadline=None)
@given(statements())
def test_any_statement_finds_what_a_plain_filter_finds(asked: tuple[str, str, list[str], int]) -> None:
    """Issue: any statement of the grammar parses and gives the rows that a plain filter gives."""
    text, count, wanted, total = asked
    page = read_json(query_response(BOOKS, text, NO_LAG)[0])
    assert [each["Id"] for each in page.get("Invoice", [])] == wanted, text
    assert page.get("maxResults", 0) == len(wanted)
    assert read_json(query_response(BOOKS, count, NO_LAG)[0]) == {"totalCount": total}, count


def answered_or_refused(statement: str) -> None:
    """4000 and 4001 are the only refusals there are."""
    try:
        read_json(query_response(BOOKS, statement, NO_LAG)[0])
    except Refusal as refusal:
        found = refusal
    else:
        return
    assert {problem.code for problem in found.problems} <= {"4000", "4001"}, statement
    assert found.status == 400


WORDS = [
    "select", "*", "from", "Invoice", "Customer", "where", "and", "or", "not", "DocNumber", "TotalAmt", "Active", "Id",
    "MetaData.LastUpdatedTime", "Line.Amount", "Line.*", "Nothing", "=", "<", ">=", "!=", "<>", "in", "like", "(", ")",
    ",", "'a'", "' '", "''", "'2026-01-01'", "'2026-13-45'", "'NaN'", "'1e999999999'", "5", "-5", "0", "99999999999999",
    "1.5", "true", "null", "current_date", "orderby", "order", "by", "asc", "desc", "startposition", "maxresults",
    "count(*)", "iterator", ";", "'", "\\'", "\x00", "\ufffd", "\u0661", "\u00b2", "\u2019", "group", "%", "+04:00",
    "'2026-01-01T00:00:00+99:99'", "'0001-01-01T00:00:00+14:00'", "'9999-12-31T23:59:59-14:00'",
]  # fmt: skip


@settings(max_examples=600, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join))
def test_any_row_of_words_is_answered_or_refused(statement: str) -> None:
    """Issue: words of the language in any order are 4000 or 4001, or they are a statement."""
    answered_or_refused(statement)


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(WORDS),
    st.sampled_from([*COMPARE, "in", "like", "!="]),
    st.text(max_size=12) | st.sampled_from(WORDS),
)
def test_any_condition_is_answered_or_refused(name: str, operator: str, literal: str) -> None:
    """A well-formed frame around a condition made of anything."""
    answered_or_refused(f"select * from Invoice where {name} {operator} {literal}")
    answered_or_refused(f"select * from Invoice where {name} {operator} ('{literal}')")
    answered_or_refused(f"select * from Customer where {name} {operator} '{literal}'")
    answered_or_refused(f"select {name}, {literal} from Invoice orderby {literal} startposition {literal}")


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_answered_or_refused(statement: str) -> None:
    """Issue: garbage is 4000 or 4001, never anything else."""
    answered_or_refused(statement)
    answered_or_refused(f"select * from Invoice {statement}")


@settings(max_examples=200, deadline=None)
@given(statements(), st.integers(0, 200), st.text(max_size=3))
def test_a_statement_with_an_error_in_it_is_answered_or_refused(
    asked: tuple[str, str, list[str], int], place: int, error: str
) -> None:
    """A character too many or too few anywhere."""
    text = asked[0]
    answered_or_refused(text[:place] + error + text[place:])
    answered_or_refused(text[:place] + error + text[place + 1 :])
