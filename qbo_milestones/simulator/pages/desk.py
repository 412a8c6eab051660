"""Which page an address shows: the books at ``/``, a company, a list, one object, what OAuth brought back."""

from functools import partial
from urllib.parse import quote, urlencode

from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.ledger import Key
from qbo_milestones.simulator.books.render import shown
from qbo_milestones.simulator.books.shelf import Record
from qbo_milestones.simulator.messages import Answer, Request
from qbo_milestones.simulator.pages import developer
from qbo_milestones.simulator.pages.paper import message, moment, page, pretty, words
from qbo_milestones.simulator.pages.people import SIDES, figures, open_rows, owing
from qbo_milestones.simulator.pages.register import register
from qbo_milestones.simulator.pages.sheet import facts, item_lines, links, posted_lines
from qbo_milestones.simulator.pages.transactions import (
    foreign_currency,
    full_name,
    is_transaction,
    latest,
    open_invoices,
    row,
    transaction_names,
)
from qbo_milestones.simulator.pages.trial_balance import trial_balance
from qbo_milestones.simulator.schema.entities import ENTITIES
from qbo_milestones.simulator.world.world import World

PREFIX, RETURNED, ICON = "/company/", "/returned", "/favicon.ico"
ROWS, FEW, MANY = 50, 25, 200
SCOPE = "com.intuit.quickbooks.accounting"
PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="4" fill="#1d7a3e"/>'
    '<path d="M4 4.5h8M4 8h8M4 11.5h5" stroke="#fff" stroke-width="1.6" stroke-linecap="round"/></svg>'
)


def handle_pages(world: World, request: Request) -> Answer | None:
    """The page at an address, None where there is none for it."""
    if request.method not in ("GET", "HEAD"):
        return None
    if request.path == ICON:
        return Answer(200, PICTURE, "image/svg+xml", {"Cache-Control": "max-age=86400"})
    if request.path == RETURNED:
        return _returned(request)
    if request.path == "/":
        return _books(world, request, world.default_realm)
    if not request.path.startswith(PREFIX):
        return None
    realm, *parts = request.path.removeprefix(PREFIX).strip("/").split("/")
    return _books(world, request, realm, *parts)


def no_page(request: Request) -> Answer:
    """What a person sees who followed a wrong address."""
    return message(404, "There is no such page", f"Nothing is at {request.path}.")


def _books(world: World, request: Request, realm: str, *parts: str) -> Answer:
    """A company, one of its lists, or one of its objects, by the number of words in the address."""
    company = world.companies.get(realm)
    if company is None:
        return message(404, "There is no such company", f"No company here has the realm {realm}.")
    found = {name.lower(): name for name in ENTITIES}.get(parts[0].lower()) if parts else None
    if not parts:
        return _overview(world, company, request)
    if found is not None and len(parts) == 1:
        return _list(world, company, found)
    if found is not None and len(parts) == 2:
        return _object(world, company, found, parts[1])
    return no_page(request)


def _frame(world: World, company: Company) -> dict[str, object]:
    """What the head of every page about a company needs."""
    info = company.find("CompanyInfo", "1")
    name = str(info.body.get("CompanyName") or company.realm) if info else company.realm
    return {
        "realm": company.realm, "company": name, "currency": company.home_currency(),
        "path": partial(_path, company),
        "companies": world.company_names(), "clock": developer.clock_words(world, company),
    }  # fmt: skip


def _path(company: Company, *words: str) -> str:
    return PREFIX + "/".join(quote(word, safe="") for word in (company.realm, *words))


def _overview(world: World, company: Company, request: Request) -> Answer:
    return page(
        "overview",
        {
            **_frame(world, company), **_developers_part(world, company, request), "closed": company.closed_until(),
            "figures": figures(company), "books": trial_balance(company, ROWS), "counts": _counts(company),
            "owing": {kind: owing(company, kind, FEW) for kind in SIDES}, "invoices": open_invoices(company, ROWS),
            "transactions": latest(company, transaction_names(company), FEW),
        },
    )  # fmt: skip


def _developers_part(world: World, company: Company, request: Request) -> dict[str, object]:
    return {
        "requests": developer.last_requests(world, company, FEW), "switches": developer.changed_switches(world),
        "rules": developer.fault_rules(world), "late": len(world.late), "apps": world.grants.apps.values(),
        "base": request.base_url, "consent": _consent_path(request), "checkpoints": list(world.checkpoints),
        "conditions": developer.conditions(world, company), "mailboxes": developer.mailboxes(world),
    }  # fmt: skip


def _counts(company: Company) -> dict[str, int]:
    """How many objects there are of each entity: transactions first, then the lists, by name."""
    names = sorted(company.shelves, key=lambda name: (not is_transaction(name), name))
    return {name: len(company.shelves[name].records) for name in names if company.shelves[name].records}


def _consent_path(request: Request) -> str:
    """The consent page, asked for by the standing app, that comes back to a page of ours."""
    query = {"client_id": "simulator-app", "response_type": "code", "scope": SCOPE,
             "redirect_uri": request.base_url + RETURNED, "state": "tried-by-hand"}  # fmt: skip
    return f"/connect/oauth2?{urlencode(query)}"


def _list(world: World, company: Company, name: str) -> Answer:
    more = {"entity": name, "rows": latest(company, [name], MANY), "with_amounts": is_transaction(name)}
    return page("list", {**_frame(world, company), **more})


def _object(world: World, company: Company, name: str, object_id: str) -> Answer:
    record = company.find(name, object_id)
    if record is None:
        deleted = (name, object_id) in company.deletions
        said = "It was deleted." if deleted else "It may have been there before the simulator was reset."
        return message(404, f"There is no {words(name).lower()} {object_id}", said)
    body, key = shown(company, name, record), (name, object_id)
    linked = [row(company, found[0], company.fetch(*found).body) for found in links(company, key, body)]
    return page(
        "object",
        {
            **_frame(world, company), **_head(company, name, record), "facts": facts(company, name, body),
            "lines": item_lines(company, body), "journal": name == "JournalEntry", **_posting(company, key),
            "links": linked, **_dealings(company, key), "json": pretty(body),
            "register": register(company, object_id, MANY) if name == "Account" else None,
        },
    )  # fmt: skip


def _head(company: Company, name: str, record: Record) -> dict[str, object]:
    created, updated = (instant.astimezone(company.zone) for instant in (record.created, record.updated))
    object_id = str(record.body["Id"])
    return {
        "entity": name, "id": object_id, "title": full_name(company, (name, object_id)),
        "token": record.body["SyncToken"], "created": moment(created), "updated": moment(updated),
        "foreign": foreign_currency(company, record.body),
    }  # fmt: skip


def _posting(company: Company, key: Key) -> dict[str, object]:
    lines = posted_lines(company, key)
    debits = sum(line.cents for line in lines if line.cents > 0)
    return {"posting": lines, "debits": debits, "credits": -sum(line.cents for line in lines if line.cents < 0)}


def _dealings(company: Company, key: Key) -> dict[str, object]:
    """Open items and last transactions of a customer or vendor."""
    if key[0] not in SIDES:
        return {"open_items": None, "latest": None}
    made = latest(company, transaction_names(company), ROWS, about=key)
    return {"open_items": open_rows(company, key, MANY), "latest": made}


def _returned(request: Request) -> Answer:
    """Where the consent page leads when a person tries it by hand: what an app would get, and its next step."""
    # The code stands in a command to copy, so it must be one.
    connected = request.query.get("code", "").isalnum()
    return page("returned", {"base": request.base_url, "came": request.query, "connected": connected})
