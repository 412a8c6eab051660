"""OAuth 2.0 over HTTP, as an app and as a person at the consent page see it."""

import re
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest
import requests
from simulator_person import Person

BACK = "http://localhost:8765/callback"
APP = ("simulator-app", "simulator-secret")
SCOPE = "com.intuit.quickbooks.accounting"


def endpoints(base: str) -> dict[str, str]:
    found: dict[str, str] = requests.get(f"{base}/.well-known/openid_sandbox_configuration/", timeout=10).json()
    return found


def ask(base: str, **more: str) -> requests.Response:
    query = {"client_id": APP[0], "response_type": "code", "scope": SCOPE, "redirect_uri": BACK, "state": "s1"}
    url = endpoints(base)["authorization_endpoint"]
    return requests.get(url, params={**query, **more}, allow_redirects=False, timeout=10)


def code_of(answer: requests.Response) -> dict[str, str]:
    assert answer.status_code == 302, answer.text
    return {name: values[0] for name, values in parse_qs(urlparse(answer.headers["Location"]).query).items()}


def token(base: str, auth: tuple[str, str] = APP, headers: Any = None, **form: str) -> requests.Response:
    return requests.post(endpoints(base)["token_endpoint"], data=form, auth=auth, headers=headers, timeout=10)


def exchange(base: str, code: str, **more: str) -> requests.Response:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, **more}
    return requests.post(endpoints(base)["token_endpoint"], data=form, auth=APP, timeout=10)


def connect(base: str, **more: str) -> dict[str, Any]:
    found: dict[str, Any] = exchange(base, code_of(ask(base, sim_approve="1", **more))["code"]).json()
    return found


def refresh(base: str, value: str, **more: Any) -> requests.Response:
    return token(base, grant_type="refresh_token", refresh_token=value, **more)


def api(base: str, access: str, realm: str = "9341450000000001") -> requests.Response:
    headers = {"Authorization": f"Bearer {access}", "Accept": "application/json"}
    return requests.get(f"{base}/v3/company/{realm}/companyinfo/{realm}", headers=headers, timeout=10)


def test_both_discovery_documents_are_there_with_and_without_a_slash(person: Person) -> None:
    for path in ("openid_configuration", "openid_sandbox_configuration"):
        for slash in ("", "/"):
            found = requests.get(f"{person.base}/.well-known/{path}{slash}", timeout=10).json()
            assert {"issuer", "authorization_endpoint", "token_endpoint", "revocation_endpoint", "jwks_uri"} <= set(
                found
            )


def test_a_person_clicks_through_the_consent_page(person: Person) -> None:
    page = ask(person.base)
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert "Northlight Studio" in page.text
    form = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page.text))
    url = f"{person.base}/connect/oauth2"
    click = {**form, "realm": person.realm, "decision": "approve"}
    back = code_of(requests.post(url, data=click, allow_redirects=False, timeout=10))
    assert (back["state"], back["realmId"]) == ("s1", person.realm)
    assert exchange(person.base, back["code"]).json()["token_type"] == "bearer"
    refused = requests.post(url, data={**click, "decision": "refuse"}, allow_redirects=False, timeout=10)
    assert code_of(refused) == {"error": "access_denied", "state": "s1"}


def test_a_wrong_redirect_address_or_scope_is_not_served(person: Person) -> None:
    assert ask(person.base, redirect_uri="http://localhost.evil.example/").status_code == 400
    assert ask(person.base, redirect_uri=f"{BACK}?x=1").status_code == 400
    assert ask(person.base, client_id="nobody").status_code == 400
    assert code_of(ask(person.base, scope="everything"))["error"] == "invalid_scope"


def test_the_first_tokens_and_their_lives(person: Person) -> None:
    found = connect(person.base)
    assert (found["expires_in"], found["x_refresh_token_expires_in"]) == (3600, 8726400)
    assert "x_refresh_token_hard_expires_in" not in found
    hard = refresh(person.base, found["refresh_token"], headers={"x-include-refresh-token-hard-expires-in": "true"})
    assert hard.json()["x_refresh_token_hard_expires_in"] == 157680000
    assert api(person.base, found["access_token"]).status_code == 200


def test_a_code_is_good_once_and_its_second_use_ends_the_connection(person: Person) -> None:
    code = code_of(ask(person.base, sim_approve="1"))["code"]
    first = exchange(person.base, code).json()
    again = exchange(person.base, code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert api(person.base, first["access_token"]).status_code == 401
    other = code_of(ask(person.base, sim_approve="1"))["code"]
    assert exchange(person.base, other, redirect_uri="http://localhost:1/").status_code == 400
    late = code_of(ask(person.base, sim_approve="1"))["code"]
    person.side("POST", "clock", {"advance_s": 601})
    assert exchange(person.base, late).status_code == 400


def test_a_refreshed_token_kills_the_old_one(person: Person) -> None:
    found = connect(person.base)
    fresh = refresh(person.base, found["refresh_token"]).json()
    assert fresh["refresh_token"] != found["refresh_token"]
    dead = refresh(person.base, found["refresh_token"])
    assert (dead.status_code, dead.json()) == (
        400,
        {"error": "invalid_grant", "error_description": "Incorrect or invalid refresh token"},
    )
    assert refresh(person.base, fresh["refresh_token"]).status_code == 200


def test_rotation_once_a_day_and_a_grace_are_switches(person: Person) -> None:
    person.side("POST", "settings", {"refresh_rotation": "daily", "refresh_grace_s": 60})
    found = connect(person.base)
    assert refresh(person.base, found["refresh_token"]).json()["refresh_token"] == found["refresh_token"]
    person.side("POST", "clock", {"advance_s": 86401})
    assert refresh(person.base, found["refresh_token"]).json()["refresh_token"] != found["refresh_token"]
    person.side("POST", "clock", {"advance_s": 30})
    assert refresh(person.base, found["refresh_token"]).status_code == 200
    person.side("POST", "clock", {"advance_s": 31})
    assert refresh(person.base, found["refresh_token"]).status_code == 400


def test_tokens_end_on_the_simulated_clock(person: Person) -> None:
    found = connect(person.base)
    person.side("POST", "clock", {"advance_s": 3600})
    assert api(person.base, found["access_token"]).status_code == 401
    person.side("POST", "clock", {"advance_s": 8726400})
    assert refresh(person.base, found["refresh_token"]).status_code == 400


def test_wrong_credentials_are_an_invalid_client(person: Person) -> None:
    answer = token(person.base, auth=("simulator-app", "wrong"), grant_type="refresh_token", refresh_token="x")
    assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"})


def test_revoke_ends_the_connection(person: Person) -> None:
    found = connect(person.base)
    url = endpoints(person.base)["revocation_endpoint"]
    answer = requests.post(url, json={"token": found["refresh_token"]}, auth=APP, timeout=10)
    assert (answer.status_code, answer.content) == (200, b"")
    assert api(person.base, found["access_token"]).status_code == 401
    assert refresh(person.base, found["refresh_token"]).status_code == 400


def test_a_malformed_token_and_a_wrong_company(person: Person) -> None:
    answer = api(person.base, "short")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Intuit", error="invalid_token"'
    assert answer.json()["fault"]["error"][0]["detail"] == "Malformed bearer token: too short or too long"
    assert answer.headers["intuit_tid"]
    person.side("POST", "companies", {"realm": "77", "name": "Second"})
    wrong = api(person.base, connect(person.base)["access_token"], "77")
    error = wrong.json()["fault"]["error"][0]
    assert (wrong.status_code, error["code"]) == (403, "3100")
    assert error["message"] == "message=ApplicationAuthorizationFailed; errorCode=003100; statusCode=403"


def test_userinfo_shows_what_the_scopes_allow(person: Person) -> None:
    url = endpoints(person.base)["userinfo_endpoint"]

    def shown(scope: str) -> requests.Response:
        access = connect(person.base, scope=scope)["access_token"]
        return requests.get(url, headers={"Authorization": f"Bearer {access}"}, timeout=10)

    assert list(shown("openid").json()) == ["sub"]
    whole = shown("openid profile email phone address").json()
    assert list(whole) == [
        "sub", "givenName", "familyName", "email", "emailVerified", "phoneNumber", "phoneNumberVerified", "address",
    ]  # fmt: skip
    assert set(whole["address"]) == {"streetAddress", "locality", "region", "postalCode", "country"}
    assert (whole["givenName"], whole["emailVerified"]) == ("Robin", True)
    refused = shown(f"{SCOPE} email")
    assert (refused.status_code, refused.json()) == (403, {"error": "insufficient_scope"})
    assert requests.get(url, headers={"Authorization": "Bearer x"}, timeout=10).status_code == 401


def test_a_refusal_without_a_description_is_the_25_bytes_that_were_seen(person: Person) -> None:
    person.side("POST", "settings", {"oauth_error_description": False})
    answer = refresh(person.base, "nothing")
    assert (answer.status_code, answer.content) == (400, b'{"error":"invalid_grant"}')
    assert answer.headers["Content-Type"] == "application/json;charset=utf-8"
    assert (answer.headers["intuit_tid"][:2], answer.headers["Cache-Control"]) == ("1-", "no-cache, no-store")


def test_what_is_not_understood_at_the_token_desk(person: Person) -> None:
    assert token(person.base, grant_type="password").json() == {"error": "unsupported_grant_type"}
    assert token(person.base, code="x").json() == {"error": "invalid_request"}
    url = endpoints(person.base)["token_endpoint"]
    assert requests.get(url, timeout=10).status_code == 405


def test_the_secret_may_stand_in_the_form(person: Person) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": connect(person.base)["refresh_token"]}
    url = endpoints(person.base)["token_endpoint"]
    post = {**form, "client_id": APP[0], "client_secret": APP[1]}
    assert requests.post(url, data={**post, "client_secret": "wrong"}, timeout=10).status_code == 401
    assert requests.post(url, data=post, auth=(APP[0], "wrong"), timeout=10).status_code == 401
    assert requests.post(url, data=form, timeout=10).json() == {"error": "invalid_client"}
    assert requests.post(url, data=post, timeout=10).status_code == 200


def test_a_used_up_refresh_value_can_end_the_connection(person: Person) -> None:
    person.side("POST", "settings", {"stale_refresh": "revoke"})
    found = connect(person.base)
    fresh = refresh(person.base, found["refresh_token"]).json()
    assert refresh(person.base, found["refresh_token"]).status_code == 400
    assert refresh(person.base, fresh["refresh_token"]).status_code == 400


def test_only_its_own_app_can_revoke_or_refresh_a_connection(person: Person) -> None:
    """And a connection that has ended already is answered as it was seen: 400 without a body."""
    person.side("POST", "apps", {"client_id": "other", "client_secret": "secret"})
    found = connect(person.base)
    url = endpoints(person.base)["revocation_endpoint"]

    def revoke(value: str, auth: tuple[str, str]) -> requests.Response:
        return requests.post(url, json={"token": value}, auth=auth, timeout=10)

    assert revoke(found["access_token"], (APP[0], "wrong")).status_code == 401
    assert revoke(found["access_token"], ("other", "secret")).status_code == 400
    assert refresh(person.base, found["refresh_token"], auth=("other", "secret")).status_code == 400
    assert api(person.base, found["access_token"]).status_code == 200
    assert revoke(found["access_token"], APP).status_code == 200
    again = revoke(found["refresh_token"], APP)
    assert (again.status_code, again.content) == (400, b"")


def test_what_a_revoked_connection_is_answered_is_a_switch(person: Person) -> None:
    access = connect(person.base)["access_token"]
    person.side("POST", "revoke", {})
    for code, status in (("3200", 401), ("3201", 401), ("3100", 403)):
        person.side("POST", "settings", {"revoked_grant": code})
        answer = api(person.base, access)
        assert (answer.status_code, answer.json()["fault"]["error"][0]["code"]) == (status, code)


def test_a_person_who_left_the_company_cannot_refresh(person: Person) -> None:
    found = connect(person.base)
    person.side("POST", "condition", {"person": "removed"})
    answer = refresh(person.base, found["refresh_token"])
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert answer.json()["x_error_reason"] == "user_not_in_realm"


def test_an_app_gets_only_the_scopes_it_has(person: Person) -> None:
    app = {"client_id": "small", "client_secret": "s", "redirect_uris": [BACK], "scopes": [SCOPE]}
    person.side("POST", "apps", app)
    assert "code" in code_of(ask(person.base, client_id="small", sim_approve="1"))
    assert code_of(ask(person.base, client_id="small", scope="openid")) == {"error": "invalid_scope", "state": "s1"}


def test_the_state_is_wanted_and_the_rest_is_tolerated(person: Person) -> None:
    assert code_of(ask(person.base, state=""))["error"] == "invalid_request"
    assert code_of(ask(person.base, response_type="token"))["error"] == "invalid_request"
    more = {"prompt": "select_account", "claims": '{"id_token":{"realmId":null}}', "code_challenge": "x"}
    assert set(code_of(ask(person.base, sim_approve="1", **more))) == {"code", "state", "realmId"}


def test_who_only_asks_for_the_person_is_not_told_the_company(person: Person) -> None:
    assert set(code_of(ask(person.base, scope="openid profile", sim_approve="1"))) == {"code", "state"}


@pytest.mark.parametrize(
    ("address", "environment", "taken"),
    [
        ("https://app.example/back", "production", True),
        ("https://app.example/back?x=1", "production", False),
        ("https://app.example/back#x", "production", False),
        ("http://app.example/back", "", False),
        ("http://localhost:9/back", "development", True),
        ("http://localhost:9/back", "production", False),
        ("https://localhost:9/back", "development", False),
        ("app.example/back", "development", False),
    ],
)
def test_which_redirect_addresses_can_be_registered(
    person: Person, address: str, environment: str, taken: bool
) -> None:
    app = {"client_id": "a", "client_secret": "s", "redirect_uris": [address], "environment": environment}
    answer = requests.post(f"{person.base}/_sim/apps", json=app, timeout=10)
    assert (answer.status_code == 200) is taken
    if taken:
        assert ask(person.base, client_id="a", redirect_uri=address).status_code == 200
        assert ask(person.base, client_id="a", redirect_uri=f"{address}/").status_code == 400


def test_keys_of_the_other_environment_fail_at_the_first_call(person: Person) -> None:
    """Not at the consent (quickbooks-online.md 1.1)."""
    person.side("POST", "companies", {"realm": "88", "environment": "production"})
    for pair, environment in (("dev", "development"), ("live", "production")):
        person.side("POST", "apps", {"client_id": pair, "client_secret": "s", "environment": environment})
    for pair, opens in (("dev", person.realm), ("live", "88")):
        for realm in (person.realm, "88"):
            access = person.side("POST", "token", {"realm": realm, "client_id": pair})["access_token"]
            answer = api(person.base, access, realm)
            assert answer.status_code == (200 if realm == opens else 403)
            assert realm == opens or answer.json()["fault"]["error"][0]["code"] == "3100"


def test_withdrawn_keys_open_nothing_any_more(person: Person) -> None:
    person.side("POST", "apps", {"client_id": "k", "client_secret": "s"})
    given = person.side("POST", "token", {"client_id": "k"})
    assert person.side("DELETE", "apps", client_id="k")["apps"] == ["side-door", "simulator-app"]
    answer = api(person.base, given["access_token"])
    error = answer.json()["fault"]["error"][0]
    assert answer.status_code == 401
    assert error["message"] == "message=ApplicationAuthenticationFailed; errorCode=003200; statusCode=401"
    assert refresh(person.base, given["refresh_token"], auth=("k", "s")).json() == {"error": "invalid_client"}


def test_the_reconnect_link_leads_to_the_app(person: Person) -> None:
    url = f"{person.base}/app/connect/oauth2/request"
    app = {"client_id": "k", "client_secret": "s", "app_id": "app-1", "reconnect_url": "https://app.example/again"}
    person.side("POST", "apps", app)
    query = {"appId": "app-1", "realmId": person.realm, "mode": "reconnect"}
    answer = requests.get(url, params=query, allow_redirects=False, timeout=10)
    assert answer.headers["Location"] == f"https://app.example/again?realmId={person.realm}"
    for unknown in ("nobody", APP[0]):
        assert requests.get(url, params={**query, "appId": unknown}, timeout=10).status_code == 400


def test_the_five_years_are_not_prolonged_by_a_refresh(person: Person) -> None:
    value = connect(person.base)["refresh_token"]
    header = {"x-include-refresh-token-hard-expires-in": "true"}
    for day in range(0, 5 * 365 - 20, 100):
        answer = refresh(person.base, value, headers=header).json()
        assert answer["x_refresh_token_hard_expires_in"] == 157680000 - day * 86400
        value = answer["refresh_token"]
        person.side("POST", "clock", {"advance_s": 100 * 86400})
    assert answer["x_refresh_token_expires_in"] < 8726400
    assert refresh(person.base, value).status_code == 400


def test_the_life_of_an_access_token_is_a_switch(person: Person) -> None:
    person.side("POST", "settings", {"access_life_s": 5})
    found = connect(person.base)
    assert found["expires_in"] == 5
    person.side("POST", "clock", {"advance_s": 4})
    assert api(person.base, found["access_token"]).status_code == 200
    person.side("POST", "clock", {"advance_s": 1})
    assert api(person.base, found["access_token"]).status_code == 401
