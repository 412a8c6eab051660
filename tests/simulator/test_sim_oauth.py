"""OAuth 2.0 over HTTP, as an app and as a person at the consent page see it."""

import json
import re
from typing import Any
from urllib.parse import parse_qs, urlparse

import requests
from simulator_person import Person

BACK = "http://localhost:8765/callback"
APP = ("simulator-app", "simulator-secret")
SCOPE = "com.intuit.quickbooks.accounting"
EXPIRED = (
    '{"warnings":null,"intuitObject":null,"fault":{"error":[{"message":"message=AuthenticationFailed; '
    'errorCode=003200; statusCode=401","detail":"Token expired: AB0...","code":"3200","element":null}],'
    '"type":"AUTHENTICATION"},"report":null,"queryResponse":null,"batchItemResponse":[],"attachableResponse":[],'
    '"syncErrorResponse":null,"requestId":null,"time":1730024394085,"status":null,"cdcresponse":[]}'
)
"""Verbatim from quickbooks-online.md 1.7."""


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


def connect(base: str) -> dict[str, Any]:
    found: dict[str, Any] = exchange(base, code_of(ask(base, sim_approve="1"))["code"]).json()
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


def test_an_expired_token_is_answered_as_the_gateway_was_captured(person: Person) -> None:
    captured = json.loads(EXPIRED)
    found = connect(person.base)
    person.side("POST", "clock", {"now": "2027-01-01T00:00:00+00:00"})
    answer = api(person.base, found["access_token"])
    body = answer.json()
    assert list(body) == list(captured)
    body["fault"]["error"][0]["detail"] = captured["fault"]["error"][0]["detail"]
    assert body == {**captured, "time": 1798761600000}
    assert (answer.status_code, answer.headers["Content-Type"]) == (401, "application/json;charset=UTF-8")


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


def test_userinfo_names_the_person(person: Person) -> None:
    url = endpoints(person.base)["userinfo_endpoint"]
    access = connect(person.base)["access_token"]
    assert requests.get(url, headers={"Authorization": f"Bearer {access}"}, timeout=10).json()["givenName"] == "Robin"
