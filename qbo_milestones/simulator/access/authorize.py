"""A person is asked whether an app may connect to a company, and sent back with a code (quickbooks-online.md 1.2)."""

from datetime import timedelta
from urllib.parse import parse_qsl, urlencode

from qbo_milestones.simulator.access.consent import RIGHTS, consent_page, no_reconnect, no_such_app, wrong_redirect
from qbo_milestones.simulator.messages import Answer, Request
from qbo_milestones.simulator.world.grants import App, Code, names_company
from qbo_milestones.simulator.world.world import World


def authorize(world: World, request: Request) -> Answer:
    """Show the consent page, or redirect at once where the switch or ``sim_approve=1`` says so.

    Whatever else an app sends along (``prompt``, ``claims``, PKCE) is ignored, but for the nonce of OpenID.
    """
    query = request.query
    app = world.grants.apps.get(query.get("client_id", ""))
    refused = _refused(app, query)
    if refused is not None or app is None:
        return refused or no_such_app("")
    if world.settings.auto_approve or query.get("sim_approve") == "1":
        return _approved(world, app, query, query.get("sim_realm", ""))
    return consent_page(app.name, world.company_names(), query)


def decide(world: World, request: Request) -> Answer:
    """The click on the consent page; what it hands on is checked again."""
    form = dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
    form["response_type"] = "code"
    app = world.grants.apps.get(form.get("client_id", ""))
    refused = _refused(app, form)
    if refused is not None or app is None:
        return refused or no_such_app("")
    if form.get("decision") != "approve":
        return _back(form["redirect_uri"], error="access_denied", state=form["state"])
    return _approved(world, app, form, form.get("realm", ""))


def reconnect(world: World, request: Request) -> Answer:
    """Intuit's own link to connect anew: it leads to the address that the app has registered for that."""
    app_id = request.query.get("appId", "")
    app = next((app for app in world.grants.apps.values() if app_id and app.app_id == app_id), None)
    if app is None:
        return no_such_app(app_id)
    if not app.reconnect_url:
        return no_reconnect(app.name)
    return _back(app.reconnect_url, realmId=request.query.get("realmId", ""))


def _refused(app: App | None, query: dict[str, str]) -> Answer | None:
    """A page where nobody can be sent back, a redirect with the error where the app can be told."""
    if app is None:
        return no_such_app(query.get("client_id", ""))
    redirect_uri = query.get("redirect_uri", "")
    if not app.takes(redirect_uri):
        return wrong_redirect(app.name, redirect_uri)
    if query.get("response_type") != "code" or not query.get("state"):
        return _back(redirect_uri, error="invalid_request", state=query.get("state", ""))
    scopes = query.get("scope", "").split()
    if not scopes or not set(scopes) <= set(app.scopes or RIGHTS):
        return _back(redirect_uri, error="invalid_scope", state=query["state"])
    return None


def _approved(world: World, app: App, query: dict[str, str], realm: str) -> Answer:
    """A code; the company's id comes with it, but not where the app only asked who the person is."""
    realm = realm if realm in world.companies else world.default_realm
    now, scope = world.clock.now(), query["scope"]
    expires = now + timedelta(seconds=world.settings.code_life_s)
    code = world.grants.new_code(
        Code(app.client_id, realm, query["redirect_uri"], scope, expires, query.get("nonce", ""), now)
    )
    company = {"realmId": realm} if names_company(scope) else {}
    return _back(query["redirect_uri"], code=code, state=query["state"], **company)


def _back(redirect_uri: str, **answer: str) -> Answer:
    joint = "&" if "?" in redirect_uri else "?"
    return Answer(302, "", headers={"Location": f"{redirect_uri}{joint}{urlencode(answer)}"})
