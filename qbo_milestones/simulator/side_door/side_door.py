"""The side door under /_sim/: what a test or a demonstration must be able to set and see. JSON, no login."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from qbo_milestones.simulator.amounts import Doc, read_json, write_json
from qbo_milestones.simulator.books.balances import balances, trial_balance
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.faults import Refusal
from qbo_milestones.simulator.messages import Answer, Request
from qbo_milestones.simulator.seed import SEEDS
from qbo_milestones.simulator.settings import BadSetting
from qbo_milestones.simulator.world.grants import ACCESS_LIFE_S, DEFAULT_APP, App
from qbo_milestones.simulator.world.mischief import BadRule, rule
from qbo_milestones.simulator.world.world import World
from qbo_milestones.simulator.writing.contents import STANDING, dump, load
from qbo_milestones.simulator.writing.documents import merged

PREFIX = "/_sim/"
SCOPE = "com.intuit.quickbooks.accounting openid"


class NotUnderstood(ValueError):
    """The side door was asked for something it does not have."""


def handle_side_door(world: World, request: Request) -> Answer:
    """The answer to one request under /_sim/; what it does not understand is a 400 with the reason."""
    name = request.path.removeprefix(PREFIX).strip("/")
    desk = DESKS.get((request.method, name))
    if desk is None:
        known = ", ".join(f"{method} {path}" for method, path in DESKS)
        return Answer(404, write_json({"error": f"no {request.method} {name}; there are: {known}"}))
    try:
        body = read_json(request.body) if request.body.strip() else {}
        answer = desk(world, request, body)
    except (NotUnderstood, BadRule, BadSetting, Refusal, ValueError, KeyError, TypeError) as error:
        return Answer(400, write_json({"error": f"{type(error).__name__}: {error}"}))
    world.changed = world.changed or request.method != "GET"
    return Answer(200, write_json(answer))


def start(world: World, realm: str, seed: str, name: str) -> Company:
    """A company fresh from its seed."""
    if seed not in SEEDS:
        raise NotUnderstood(f"seed is one of {', '.join(SEEDS)}")
    company = world.add_company(realm)
    load(company, SEEDS[seed](name))
    return company


def _company(world: World, request: Request, body: Any = None) -> Company:
    named = body.get("realm") if isinstance(body, dict) else None
    realm = str(request.query.get("realm") or named or world.default_realm)
    if realm not in world.companies:
        raise NotUnderstood(f"no company {realm}; there are: {', '.join(world.companies)}")
    return world.companies[realm]


def _reset(world: World, _request: Request, body: Any) -> Doc:
    """Everything anew: one company from its seed, no tokens, no rules, no log. The clock runs on."""
    kept = world.settings if body.get("keep_settings") else None
    world.clear()
    start(world, world.default_realm, str(body.get("seed", "agency")), str(body.get("name", "Northlight Studio")))
    if kept is not None:
        world.use(kept)
    return {"realm": world.default_realm}


def _dump(world: World, request: Request, _body: Any) -> Doc:
    return dump(_company(world, request))


def _load(world: World, request: Request, body: Any) -> Doc:
    """Replace a company's books, or add to them with ?merge=1; what the books do not name keeps its defaults."""
    company = _company(world, request)
    if request.query.get("merge") == "1":
        load(company, body)
    else:
        kept = {name: rows for name, rows in dump(company).items() if name in STANDING and name not in body}
        fresh = Company(company.realm, world.clock, world.settings)
        load(fresh, {**kept, **body})
        world.companies[company.realm] = company = fresh
    return {name: len(shelf.records) for name, shelf in company.shelves.items() if shelf.records}


def _requests(world: World, request: Request, _body: Any) -> Doc:
    since = int(request.query.get("since", "0"))
    return {"requests": [entry for entry in world.log if entry["n"] > since], "last": world.asked}


def _clear_requests(world: World, _request: Request, _body: Any) -> Doc:
    world.log.clear()
    return {"last": world.asked}


def _clock(world: World, _request: Request, body: Any) -> Doc:
    if "frozen" in body:
        world.clock.freeze(bool(body["frozen"]))
    if "now" in body:
        world.clock.set(datetime.fromisoformat(str(body["now"])))
    if "advance_s" in body:
        world.clock.advance(float(body["advance_s"]))
    world.carry_out_late_calls()
    return world.clock.as_json()


def _faults(world: World, _request: Request, _body: Any) -> Doc:
    return {"faults": [each.as_json() for each in world.mischief.rules], "late": len(world.late)}


def _add_faults(world: World, request: Request, body: Any) -> Doc:
    wanted = body if isinstance(body, list) else [body]
    world.mischief.rules += [rule(each) for each in wanted]
    return _faults(world, request, body)


def _clear_faults(world: World, request: Request, body: Any) -> Doc:
    world.mischief.rules.clear()
    return _faults(world, request, body)


def _settings(world: World, request: Request, _body: Any) -> Doc:
    preferences = _company(world, request).fetch("Preferences", "1").body
    return {"settings": world.settings.as_json(), "preferences": preferences}


def _change_settings(world: World, request: Request, body: Any) -> Doc:
    """Switches by name; ``preferences`` is merged into the company's Preferences (``realm`` names which)."""
    wanted = {name: value for name, value in body.items() if name not in ("preferences", "realm")}
    company = _company(world, request, body)
    world.use(world.settings.changed(wanted))
    if "preferences" in body:
        before = company.fetch("Preferences", "1")
        company.put("Preferences", merged(before.body, body["preferences"]), before)
    return _settings(world, request, body)


def _trial_balance(world: World, request: Request, _body: Any) -> Doc:
    company = _company(world, request)
    return trial_balance(company, request.query.get("as_of", "9999-12-31"))


def _balances(world: World, request: Request, _body: Any) -> Doc:
    return balances(_company(world, request))


def _companies(world: World, _request: Request, _body: Any) -> Doc:
    return {"companies": [{"realm": realm, "name": name} for realm, name in world.company_names()]}


def _add_company(world: World, request: Request, body: Any) -> Doc:
    realm = str(body.get("realm") or 9341450000000001 + len(world.companies))
    start(world, realm, str(body.get("seed", "agency")), str(body.get("name", f"Company {realm}")))
    return _companies(world, request, body)


def _add_app(world: World, _request: Request, body: Any) -> Doc:
    app = App(
        str(body["client_id"]), str(body["client_secret"]), str(body.get("name", body["client_id"])),
        tuple(str(uri) for uri in body.get("redirect_uris", [])), bool(body.get("loopback", False)),
    )  # fmt: skip
    world.grants.apps[app.client_id] = app
    return {"apps": sorted(world.grants.apps)}


def _token(world: World, request: Request, body: Any) -> Doc:
    """A valid access token without the OAuth dance, for people of a demonstration and for tests."""
    company = _company(world, request, body)
    client_id = str(body.get("client_id", "side-door"))
    if client_id != DEFAULT_APP and client_id not in world.grants.apps:
        world.grants.apps[client_id] = App(client_id, "side-door", "A person in the browser")
    now = world.clock.now()
    grant = world.grants.new_grant(client_id, company.realm, SCOPE, now)
    access = world.grants.new_access(grant, now)
    return {
        "access_token": access, "refresh_token": grant.refresh_token, "realm": company.realm,
        "client_id": client_id, "expires_in": ACCESS_LIFE_S,
    }  # fmt: skip


def _revoke_all(world: World, request: Request, body: Any) -> Doc:
    """Every connection to a company ends, as when its owner disconnects the app."""
    realm = _company(world, request, body).realm
    ended = [grant for grant in world.grants.by_refresh.values() if grant.realm == realm and not grant.revoked]
    for grant in ended:
        grant.revoked = True
    return {"revoked": len({id(grant) for grant in ended})}


DESKS: dict[tuple[str, str], Callable[[World, Request, Any], Doc]] = {
    ("POST", "reset"): _reset, ("GET", "dump"): _dump, ("POST", "load"): _load,
    ("GET", "requests"): _requests, ("DELETE", "requests"): _clear_requests,
    ("GET", "clock"): _clock, ("POST", "clock"): _clock,
    ("GET", "faults"): _faults, ("POST", "faults"): _add_faults, ("DELETE", "faults"): _clear_faults,
    ("GET", "settings"): _settings, ("POST", "settings"): _change_settings,
    ("GET", "trial_balance"): _trial_balance, ("GET", "balances"): _balances,
    ("GET", "companies"): _companies, ("POST", "companies"): _add_company, ("POST", "apps"): _add_app,
    ("POST", "token"): _token, ("POST", "revoke"): _revoke_all,
}  # fmt: skip
