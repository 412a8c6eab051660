"""OAuth libraries that nobody here wrote walk from the consent to the end of the connection, and check the id_token."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlparse

import jwt
import pytest
import requests
from simulator_person import Person
from test_sim_clients import public

AuthClient = public("intuitlib.client", "AuthClient")
AuthClientError = public("intuitlib.exceptions", "AuthClientError")
Scopes = public("intuitlib.enums", "Scopes")
OAuth2Session = public("requests_oauthlib", "OAuth2Session")
BACK = "http://localhost:8000/callback"
SECRET = "simulator-secret"
SCOPES = ["com.intuit.quickbooks.accounting", "openid", "email"]


@pytest.fixture
def today(person: Person) -> Person:
    """Libraries hold an id_token against the clock on the wall."""
    person.side("POST", "clock", {"frozen": False, "now": datetime.now(UTC).isoformat()})
    return person


def approved(url: str) -> str:
    """The address at which a person ends who says yes."""
    return requests.get(f"{url}&sim_approve=1", allow_redirects=False, timeout=10).headers["Location"]


def connected(person: Person) -> Any:
    auth = AuthClient("simulator-app", SECRET, BACK, f"{person.base}/.well-known/openid_configuration/")
    back = parse_qs(urlparse(approved(auth.get_authorization_url([Scopes.ACCOUNTING, Scopes.OPENID]))).query)
    assert back["state"] == [auth.state_token]
    auth.get_bearer_token(back["code"][0], realm_id=back["realmId"][0])
    return auth


def test_intuits_library_connects_refreshes_and_revokes(today: Person) -> None:
    with connected(today) as auth:
        assert auth.id_token.count(".") == 2, "the library keeps only an id_token that it found valid"
        assert "sub" in auth.get_user_info().json()
        before = (auth.access_token, auth.refresh_token)
        auth.refresh()
        assert not {auth.access_token, auth.refresh_token} & set(before)
        assert auth.revoke() is True
        with pytest.raises(AuthClientError) as refused:
            auth.refresh()
    assert (refused.value.status_code, refused.value.intuit_tid[:2]) == (400, "1-")
    assert b"Incorrect or invalid refresh token" in refused.value.content


def test_an_id_token_that_is_too_old_is_not_believed(today: Person) -> None:
    today.side("POST", "clock", {"now": (datetime.now(UTC) - timedelta(hours=2)).isoformat()})
    with connected(today) as auth:
        assert auth.id_token is None


def test_a_plain_oauth_library_connects_and_refreshes_by_itself(today: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    found = requests.get(f"{today.base}/.well-known/openid_sandbox_configuration", timeout=10).json()
    kept: list[dict[str, Any]] = []
    session = OAuth2Session(
        "simulator-app", redirect_uri=BACK, scope=SCOPES, auto_refresh_url=found["token_endpoint"],
        auto_refresh_kwargs={"client_id": "simulator-app", "client_secret": SECRET}, token_updater=kept.append,
    )  # fmt: skip
    with session:
        url, _ = session.authorization_url(found["authorization_endpoint"])
        token = session.fetch_token(found["token_endpoint"], authorization_response=approved(url), client_secret=SECRET)
        address = f"{today.base}/v3/company/{today.realm}/companyinfo/{today.realm}"
        assert session.get(address, timeout=10).json()["CompanyInfo"]["CompanyName"] == "Northlight Studio"
        session.token = {**token, "expires_at": 1}
        assert session.get(address, timeout=10).status_code == 200
    assert kept[0]["refresh_token"] != token["refresh_token"]


def test_the_id_token_is_one_that_any_library_accepts(today: Person) -> None:
    """The key comes from the JWKS, the issuer from the discovery document; the nonce comes back."""
    found = requests.get(f"{today.base}/.well-known/openid_configuration", timeout=10).json()
    claims, person = id_claims(found, nonce="n-1")
    assert (claims["realmid"], claims["nonce"]) == (today.realm, "n-1")
    assert claims["exp"] - claims["iat"] == 3600
    assert claims["sub"] == person["sub"]
    assert person["email"] == "robin@northlight.example"


def test_the_issuer_can_be_intuits_own_name(today: Person) -> None:
    """Some clients hold it fixed."""
    today.side("POST", "settings", {"openid_issuer": "intuit"})
    found = requests.get(f"{today.base}/.well-known/openid_configuration", timeout=10).json()
    assert found["issuer"] == "https://oauth.platform.intuit.com/op/v1"
    assert id_claims(found)[0]["iss"] == found["issuer"]


def id_claims(found: dict[str, Any], **more: str) -> tuple[dict[str, Any], dict[str, Any]]:
    query = {"client_id": "simulator-app", "response_type": "code", "scope": " ".join(SCOPES), "redirect_uri": BACK}
    url = requests.Request("GET", found["authorization_endpoint"], params={**query, "state": "s", **more}).prepare().url
    code = parse_qs(urlparse(approved(str(url))).query)["code"][0]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
    token = requests.post(found["token_endpoint"], data=form, auth=("simulator-app", SECRET), timeout=10).json()
    key = jwt.PyJWKClient(found["jwks_uri"]).get_signing_key_from_jwt(token["id_token"])
    algorithms = found["id_token_signing_alg_values_supported"]
    claims = jwt.decode(token["id_token"], key.key, algorithms, audience="simulator-app", issuer=found["issuer"])
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    return claims, requests.get(found["userinfo_endpoint"], headers=headers, timeout=10).json()
