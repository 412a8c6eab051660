"""Rows of the table of provoked faults: what gateway, company door, uploads and large answers say (100 to 150, 3001
to 3202, 6020 to 6050, 6190, 10100, 10200)."""

import json
from collections.abc import Callable
from typing import Any

from catalogue_rows import INVOICE, Act, Answer, Row, after, get, in_condition, post
from simulator_person import Person

ENDED = (
    "Subscription period has ended or cancelled or there was a billing problem : You can't add data to QuickBooks "
    "Online Plus because your trial or subscription period ended, you cancelled your subscription, or there was a "
    "billing problem. To update your subscription, click the gear icon and view your account information."
)
BOUNDARY = "XyZ"


def known_by(authorization: str | None, accept: str = "application/json") -> Act:
    """A read under another Authorization header."""

    def act(person: Person) -> Answer:
        url = f"{person.base}/v3/company/{person.realm}/preferences"
        return person.http.get(url, headers={"Authorization": authorization, "Accept": accept}, timeout=10)

    return act


def with_token(person: Person, accept: str = "application/json", **wanted: Any) -> Answer:
    """A read with a token of another kind."""
    token = person.side("POST", "token", wanted)["access_token"]
    return known_by(f"Bearer {token}", accept)(person)


def later(seconds: float) -> Callable[[Person], object]:
    """Time passes."""
    return lambda person: person.side("POST", "clock", {"advance_s": seconds})


def other_company(person: Person) -> Answer:
    """A token that was given for another company."""
    person.side("POST", "companies", {"realm": "77"})
    url = f"{person.base}/v3/company/77/preferences"
    return person.http.get(url, timeout=10)


def withdrawn_keys(person: Person) -> Answer:
    """The token of an app that is no more."""
    person.side("POST", "apps", {"client_id": "gone", "client_secret": "x", "redirect_uris": ["http://localhost/x"]})
    token = person.side("POST", "token", {"client_id": "gone"})["access_token"]
    person.side("DELETE", "apps", client_id="gone")
    return known_by(f"Bearer {token}")(person)


def disconnected(person: Person) -> Answer:
    """The owner has disconnected the app."""
    person.side("POST", "settings", {"revoked_grant": "3201"})
    person.side("POST", "revoke", {"realm": person.realm})
    return person.call("GET", "preferences")


def too_often(person: Person) -> Answer:
    """One call more than the company takes in a minute."""
    person.side("POST", "settings", {"throttle": True, "limit_app_second": 1000, "limit_realm_minute": 2})
    for _ in range(2):
        person.call("GET", "preferences")
    return person.call("GET", "preferences")


def upload(*parts: tuple[str, bytes], length: bool = True) -> Act:
    """A form of these parts, (headers, content)."""

    def act(person: Person) -> Answer:
        chunks = [b"--XyZ\r\n" + head.encode() + b"\r\n\r\n" + body + b"\r\n" for head, body in parts]
        body = b"".join(chunks) + b"--XyZ--"
        url = f"{person.base}/v3/company/{person.realm}/upload"
        kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        return person.http.post(url, data=body if length else iter([body]), headers=kind, timeout=10)

    return act


def metadata(body: Any) -> tuple[str, bytes]:
    """The part that tells of the file."""
    return 'Content-Disposition: form-data; name="file_metadata_01"\r\nContent-Type: application/json', json.dumps(
        body
    ).encode()


def content(name: str, body: bytes = b"%PDF-1.4") -> tuple[str, bytes]:
    """The file."""
    return f'Content-Disposition: form-data; name="file_content_01"; filename="{name}"', body


def too_much(person: Person) -> Answer:
    """Two statements that find more than 1,000 objects together."""
    person.side("POST", "load", {"Class": [{"Id": str(each), "Name": f"Class {each}"} for each in range(1, 602)]},
                merge="1")  # fmt: skip
    statement = "select * from Class maxresults 1000"
    items = [{"bId": bid, "Query": statement} for bid in ("one", "two")]
    return person.call("POST", "batch", {"BatchItemRequest": items})


NOTE = {"Note": "of a gadget", "AttachableRef": [{"EntityRef": {"type": "Gadget", "value": "1"}}]}
AUTHENTICATION, AUTHORIZATION = "AuthenticationFault", "AuthorizatonFault"
REFUSED = "message={}; errorCode=00{}; statusCode={}"
ROWS = [
    Row("100", known_by("Basic eDp5"), "General Authentication Error",
        "AuthenticationErrorGeneral: SRV-110-Authentication Failure , statusCode: 401", None, 401, AUTHENTICATION),
    Row("110", known_by("OAuth oauth_token=x"), "Authentication OAuth Error",
        "AuthenticationOAuthError: SRV-110-Authentication Failure , statusCode: 401", None, 401, AUTHENTICATION),
    Row("120", in_condition(get("preferences"), person="removed"), "Authorization Failure",
        "AuthorizationFailure: -11014-You do not have access to use QuickBooks Online Plus. , statusCode: 401", None,
        401, AUTHORIZATION),
    Row("130", in_condition(get("preferences"), company="wrong_cluster"), "Accessing Wrong Cluster",
        "WrongClusterError: -11017-You have accessed the wrong server.  You will now be redirected. , statusCode: 401",
        None, 401, AUTHENTICATION),
    Row("140", in_condition(get("preferences"), company="locked"), "Company Locked Out",
        "CompanyLockedOut: The company is locked. Try again later. , statusCode: 503", None, 503, AUTHENTICATION),
    Row("150", in_condition(get("preferences"), company="maintenance"), "Company Under Maintenance",
        "CompanyUnderMaintenance: The company is under maintenance. Try again later. , statusCode: 503", None, 503,
        AUTHENTICATION),
    Row("3001", too_often, REFUSED.format("ThrottleExceeded", "3001", 429),
        "The request limit was reached. Try again later", None, 429, "SERVICE"),
    Row("3100", other_company, REFUSED.format("ApplicationAuthorizationFailed", "3100", 403), "", None, 403, "SERVICE"),
    Row("3100", lambda person: with_token(person, scope="openid profile"),
        REFUSED.format("AuthorizationFailed", "3100", 403), "The access token does not have sufficient scope", None,
        403, "SERVICE"),
    Row("3200", after(later(3600), get("preferences")), REFUSED.format("AuthenticationFailed", "3200", 401),
        r"Token expired: .*", None, 401, "AUTHENTICATION"),
    Row("3200", after(later(3600), lambda person: known_by(str(person.http.headers["Authorization"]), "*/*")(person)),
        REFUSED.format("AuthenticationFailed", "3200", 401), r"Token expired: .*", None, 401, "AUTHENTICATION"),
    Row("3200", known_by("Bearer short"), REFUSED.format("AuthenticationFailed", "3200", 401),
        "Malformed bearer token: too short or too long", None, 401, "AUTHENTICATION"),
    Row("3200", withdrawn_keys, REFUSED.format("ApplicationAuthenticationFailed", "3200", 401), "", None, 401,
        "AUTHENTICATION"),
    Row("3201", disconnected, REFUSED.format("AuthorizationFailure", "3201", 401), r"Token revoked: .*", None, 401,
        "AUTHORIZATION"),
    Row("3202", known_by(None), REFUSED.format("EmptyField", "3202", 401), "oauth_token", None, 401, "AUTHENTICATION"),
    Row("6020", after(lambda person: person.side("POST", "settings", {"upload_without_length": "refuse"}),
                      upload(content("a.pdf"), length=False)), "Content length missing in request",
        "We cannot find the content-length header in the request"),
    Row("6030", after(lambda person: person.side("POST", "settings", {"upload_limit": 10}), upload(content("a.pdf"))),
        "Upload request size exceeds allowed limit",
        r"The file upload request should not exceed 100MB in size. The current request size is \d+"),
    Row("6040", upload(metadata([1]), content("a.pdf")), "The file metadata must be of Attachable type",
        "The file metadata submitted must be of Attachable type. Supplied Type: application/json, request parameter: "
        "file_metadata_01.", status=200),
    Row("6041", upload(content("a.exe")), "Invalid Uploaded File",
        "The uploaded file is not valid: files of the type exe are not accepted", status=200),
    Row("6050", post("attachable", NOTE), "The entity reference type is unsupported for Attachable",
        "The entity reference type Gadget is unsupported for Attachable"),
    Row("6190", in_condition(post("invoice", INVOICE), company="subscription_ended"), "Invalid Company Status", ENDED),
    Row("10100", too_much, "Result Set Big",
        "The result set is too big: a batch answers with at most 1000 objects", status=200),
    Row("10200", in_condition(post("invoice", INVOICE), company="reset"), "Company Reset",
        "Company was reset : the request is older than the company's data"),
]  # fmt: skip
