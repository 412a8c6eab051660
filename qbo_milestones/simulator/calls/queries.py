"""The query endpoint: a statement in, a ``QueryResponse`` out (quickbooks-online.md 2.5 and 5)."""

from urllib.parse import unquote_plus

from qbo_milestones.simulator.amounts import write_json
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.past import Lag, behind
from qbo_milestones.simulator.books.render import shown, shown_text
from qbo_milestones.simulator.messages import Request
from qbo_milestones.simulator.query.grammar import parse
from qbo_milestones.simulator.query.properties import projected, selected_paths
from qbo_milestones.simulator.query.search import counted, page

UNCOUNTED = frozenset({
    "Account", "Attachable", "Class", "Customer", "Department", "Employee", "Item", "Payment", "PaymentMethod",
    "Purchase", "SalesReceipt", "Term", "Vendor",
})  # fmt: skip
"""Entities whose answers carry no ``totalCount`` (samples of the entity pages, captures of CDC)."""


def query_response(company: Company, statement_text: str, lag: Lag) -> tuple[str, int]:
    """``QueryResponse`` of a statement as JSON text, and how many objects are in it."""
    statement = parse(statement_text, company.settings.parser_expectations)
    company = behind(company, lag)
    if statement.count:
        return f'{{"totalCount":{counted(company, statement)}}}', 0
    found = page(company, statement)
    name = found.spec.name
    paths = selected_paths(found.spec, statement, company.settings.projection_of_groups)
    if not found.records:
        return "{}", 0
    if paths:
        texts = [write_json(projected(shown(company, name, record), paths)) for record in found.records]
    else:
        texts = [shown_text(company, name, record) for record in found.records]
    whole = found.total is not None and found.start == 1 and name not in UNCOUNTED
    total = f',"totalCount":{found.total}' if whole else ""
    objects = f'"{found.spec.element}":[{",".join(texts)}]'
    return f'{{{objects},"startPosition":{found.start},"maxResults":{len(texts)}{total}}}', len(texts)


def statement_of(request: Request) -> str:
    """The statement of a query request: the parameter, or the body of a POST, as text or as a form."""
    posted = request.body.decode("utf-8", "replace") if request.method == "POST" else ""
    if "form-urlencoded" in request.headers.get("content-type", ""):
        posted = unquote_plus(posted.removeprefix("query="))
    return request.query.get("query") or posted
