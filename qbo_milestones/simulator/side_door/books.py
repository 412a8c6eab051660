"""The side door's desks for the books: reset, dump, load, balances, and the companies themselves."""

from typing import Any

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.asked import one_of, only, text
from qbo_milestones.simulator.books.balances import balances, trial_balance
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.messages import Request
from qbo_milestones.simulator.seed.companies import SEEDS
from qbo_milestones.simulator.side_door.desk import Desks, company_asked
from qbo_milestones.simulator.world.conditions import ENVIRONMENTS, Condition
from qbo_milestones.simulator.world.world import World
from qbo_milestones.simulator.writing.contents import STANDING, dump, load
from qbo_milestones.simulator.writing.pristine import fresh_company


def start(world: World, realm: str, seed: str, name: str) -> Company:
    """A company fresh from its seed."""
    company = fresh_company(realm, world.clock, world.settings, one_of(seed, "seed", SEEDS), name)
    world.companies[realm] = company
    return company


def _reset(world: World, _request: Request, body: Any) -> Doc:
    """Everything anew: one company from its seed, no tokens, no rules, no log. The clock runs on."""
    wanted = only(body, "seed", "name", "keep_settings")
    seed = one_of(text(wanted, "seed", "agency"), "seed", SEEDS)
    kept = world.settings if wanted.get("keep_settings") else None
    world.clear()
    start(world, world.default_realm, seed, text(wanted, "name", "Northlight Studio"))
    if kept is not None:
        world.use(kept)
    return {"realm": world.default_realm}


def _dump(world: World, request: Request, _body: Any) -> Doc:
    return dump(company_asked(world, request))


def _load(world: World, request: Request, body: Any) -> Doc:
    """Replace a company's books, or add to them with ?merge=1; what the books do not name keeps its defaults."""
    company = company_asked(world, request)
    if request.query.get("merge") == "1":
        load(company, body)
    else:
        kept = {name: rows for name, rows in dump(company).items() if name in STANDING and name not in body}
        fresh = Company(company.realm, world.clock, world.settings)
        load(fresh, {**kept, **body})
        world.companies[company.realm] = company = fresh
    return {name: len(shelf.records) for name, shelf in company.shelves.items() if shelf.records}


def _trial_balance(world: World, request: Request, _body: Any) -> Doc:
    company = company_asked(world, request)
    return trial_balance(company, request.query.get("as_of", "9999-12-31"))


def _balances(world: World, request: Request, _body: Any) -> Doc:
    return balances(company_asked(world, request))


def _companies(world: World, _request: Request, _body: Any) -> Doc:
    return {"companies": [{"realm": realm, "name": name} for realm, name in world.company_names()]}


def _add_company(world: World, request: Request, body: Any) -> Doc:
    wanted = only(body, "realm", "name", "seed", "environment")
    realm = str(wanted.get("realm") or 9341450000000001 + len(world.companies))
    start(world, realm, text(wanted, "seed", "agency"), text(wanted, "name", f"Company {realm}"))
    environment = one_of(text(wanted, "environment", "sandbox"), "environment", ENVIRONMENTS)
    world.conditions.by_realm[realm] = Condition(environment=environment)
    return _companies(world, request, body)


DESKS: Desks = {
    ("POST", "reset"): _reset, ("GET", "dump"): _dump, ("POST", "load"): _load,
    ("GET", "trial_balance"): _trial_balance, ("GET", "balances"): _balances,
    ("GET", "companies"): _companies, ("POST", "companies"): _add_company,
}  # fmt: skip
