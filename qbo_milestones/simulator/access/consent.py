"""The consent page: who asks for what, on which company; and the page that says why a connection cannot be made."""

import re
from urllib.parse import urlsplit

from qbo_milestones.simulator.messages import Answer
from qbo_milestones.simulator.pages.paper import message, page

RIGHTS = {
    "com.intuit.quickbooks.accounting": "read and change the books: invoices, payments, customers, journals, accounts",
    "com.intuit.quickbooks.payment": "take payments",
    "openid": "know who you are",
    "profile": "see your name",
    "email": "see your e-mail address",
    "phone": "see your phone number",
    "address": "see your address",
    "project-management.project": "read and change projects",
    "app-foundations.custom-field-definitions": "read and change which custom fields there are",
    "app-foundations.custom-field-definitions.read": "see which custom fields there are",
    "app-foundations.custom-dimensions.read": "see which dimensions there are",
    "indirect-tax.tax-calculation.quickbooks": "have sales tax computed",
    "tax-compliance.workpapers.read": "see the tax workpapers",
    "time-tracking.time-entry": "read and change time entries",
    "payroll.compensation.read": "see what employees earn",
    "com.intuit.quickbooks.payroll": "read and change payroll",
    "com.intuit.quickbooks.payroll.timetracking": "read and change time entries of the payroll",
    "com.intuit.quickbooks.payroll.benefits": "read and change benefits",
    "com.intuit.quickbooks.payroll.payslip.read": "see payslips",
    "intuit_name": "see your name",
}
"""Scopes in plain words (quickbooks-online.md 1.3)."""
KEPT = ("client_id", "redirect_uri", "state", "scope", "nonce")
"""What the click on the page hands on."""


def consent_page(app_name: str, companies: list[tuple[str, str]], query: dict[str, str]) -> Answer:
    """Asks a person. Companies are (realm, name)."""
    back = query["redirect_uri"]
    return page(
        "consent",
        {
            "app": app_name, "companies": companies, "back": urlsplit(back).netloc or back,
            "rights": [RIGHTS[scope] for scope in query["scope"].split()],
            "kept": {name: query.get(name, "") for name in KEPT},
        },
        forms_go_to=_sources(back),
    )  # fmt: skip


def no_such_app(client_id: str) -> Answer:
    """Nobody can be asked: the app is not known here."""
    return message(
        400, "This connection cannot be made", f"No app here has the client id {client_id or '(none was given)'}.",
        "Give your program the client id simulator-app and the secret simulator-secret, or register the app with "
        "POST /_sim/apps.",
    )  # fmt: skip


def wrong_redirect(app_name: str, redirect_uri: str) -> Answer:
    """Nobody is sent to an address that the app has not registered."""
    return message(
        400, "This connection cannot be made",
        f"The redirect address {redirect_uri or '(none was given)'} is not registered for {app_name}.",
        "It must be the same as a registered one to the letter, without a query. The standing app simulator-app also "
        "takes any http address on localhost or 127.0.0.1; others are registered with POST /_sim/apps.",
    )  # fmt: skip


def no_reconnect(app_name: str) -> Answer:
    """Nobody is sent on: the app has not said where its connections are made anew."""
    return message(
        400, "This app cannot be connected anew from here", f"{app_name} has registered no reconnect address.",
        "Register the app with a reconnect_url by POST /_sim/apps, or connect from the app itself.",
    )  # fmt: skip


def _sources(redirect_uri: str) -> str:
    """Where the form may lead: browsers hold this policy against every redirect that follows the click, and an app may
    redirect on from its own address. An app on a phone has a scheme of its own."""
    scheme = urlsplit(redirect_uri).scheme
    own = f" {scheme}:" if re.fullmatch(r"[a-z][a-z0-9+.-]*", scheme) and scheme not in ("http", "https") else ""
    return f"'self' http: https:{own}"
