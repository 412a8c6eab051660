"""The side door's desks for apps and tokens: register an app, give a token without consent, disconnect everyone."""

from typing import Any

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.asked import NotUnderstood, one_of, only, text
from qbo_milestones.simulator.messages import Request
from qbo_milestones.simulator.side_door.desk import Desks, company_asked
from qbo_milestones.simulator.world.grants import ACCESS_LIFE_S, DEFAULT_APP, App, redirect_problem
from qbo_milestones.simulator.world.world import World

SCOPE = "com.intuit.quickbooks.accounting openid"


def _add_app(world: World, request: Request, body: Any) -> Doc:
    """Register one pair of keys; its redirect addresses must be such as Intuit takes."""
    texts, lists = ("client_secret", "name", "environment", "app_id", "reconnect_url"), ("redirect_uris", "scopes")
    wanted = only(body, "client_id", "loopback", *texts, *lists)
    client_id = text(wanted, "client_id")
    environment = one_of(text(wanted, "environment", ""), "environment", ("", "development", "production"))
    uris = tuple(_redirect(str(uri), environment) for uri in wanted.get("redirect_uris", []))
    world.grants.apps[client_id] = App(
        client_id, text(wanted, "client_secret"), text(wanted, "name", client_id), uris,
        bool(wanted.get("loopback", False)), environment, tuple(str(each) for each in wanted.get("scopes", [])),
        text(wanted, "app_id", client_id), text(wanted, "reconnect_url", ""),
    )  # fmt: skip
    return _apps(world, request, wanted)


def _delete_app(world: World, request: Request, _body: Any) -> Doc:
    """The keys are withdrawn; what they opened stays behind."""
    client_id = one_of(request.query.get("client_id"), "client_id", world.grants.apps)
    del world.grants.apps[client_id]
    return _apps(world, request, None)


def _apps(world: World, _request: Request, _body: Any) -> Doc:
    return {"apps": sorted(world.grants.apps)}


def _redirect(address: str, environment: str) -> str:
    problem = redirect_problem(address, environment)
    if problem:
        raise NotUnderstood(f"{address}: {problem}", "redirect_uris")
    return address


def _token(world: World, request: Request, body: Any) -> Doc:
    """A valid access token without the OAuth dance, for people of a demonstration and for tests."""
    wanted = only(body, "realm", "client_id", "scope")
    company = company_asked(world, request, wanted)
    client_id = text(wanted, "client_id", "side-door")
    if client_id != DEFAULT_APP and client_id not in world.grants.apps:
        world.grants.apps[client_id] = App(client_id, "side-door", "A person in the browser")
    now = world.clock.now()
    grant = world.grants.new_grant(client_id, company.realm, text(wanted, "scope", SCOPE), now)
    access = world.grants.new_access(grant, now)
    return {
        "access_token": access, "refresh_token": grant.refresh_token, "realm": company.realm,
        "client_id": client_id, "expires_in": ACCESS_LIFE_S,
    }  # fmt: skip


def _revoke_all(world: World, request: Request, body: Any) -> Doc:
    """Every connection to a company ends, as when its owner disconnects the app."""
    realm = company_asked(world, request, only(body, "realm")).realm
    ended = [grant for grant in world.grants.connections.values() if grant.realm == realm and not grant.revoked]
    for grant in ended:
        world.grants.end(grant)
    return {"revoked": len(ended)}


DESKS: Desks = {
    ("GET", "apps"): _apps,
    ("POST", "apps"): _add_app,
    ("DELETE", "apps"): _delete_app,
    ("POST", "token"): _token,
    ("POST", "revoke"): _revoke_all,
}
