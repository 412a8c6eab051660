"""An owner connects an app: yes, no, another company, an app that cannot be connected, and by hand."""

import requests

from pages.callback import Callback
from pages.studio import Studio
from pages.window import Window

APP = ("simulator-app", "simulator-secret")


def test_an_owner_says_yes_and_the_app_reads_the_books(window: Window, studio: Studio, callback: Callback) -> None:
    """The whole dance: consent for the second company, code, tokens, a call."""
    studio.side("companies", {"realm": "77", "name": "Second & Sons"})
    page = window.page
    window.open(studio.consent(callback.address))
    assert "Milestone billing asks to: read and change the books" in window.words()
    page.get_by_label("Company").select_option(label="Second & Sons")
    page.get_by_role("button", name="Connect").click()
    page.get_by_text("The app has its answer.").wait_for()
    assert (callback.came["state"], callback.came["realmId"]) == ("s-1", "77")
    form = {"grant_type": "authorization_code", "code": callback.came["code"], "redirect_uri": callback.address}
    tokens = requests.post(f"{studio.base}/oauth2/v1/tokens/bearer", data=form, auth=APP, timeout=10).json()
    headers = {"Authorization": f"Bearer {tokens['access_token']}", "Accept": "application/json"}
    info = requests.get(f"{studio.base}/v3/company/77/companyinfo/77", headers=headers, timeout=10).json()
    assert info["CompanyInfo"]["CompanyName"] == "Second & Sons"


def test_an_owner_says_no(window: Window, studio: Studio, callback: Callback) -> None:
    """The app hears it, and gets nothing."""
    window.open(studio.consent(callback.address))
    window.page.get_by_role("button", name="No, thanks").click()
    window.page.get_by_text("The app has its answer.").wait_for()
    assert callback.came == {"error": "access_denied", "state": "s-1"}


def test_an_app_may_send_the_owner_on_from_its_redirect_address(
    window: Window, studio: Studio, callback: Callback
) -> None:
    """The page's policy on where its form leads is held against every redirect that follows."""
    callback.sends_on = True
    window.open(studio.consent(callback.address))
    window.page.get_by_role("button", name="Connect").click()
    window.page.wait_for_url(f"http://localhost:{callback.port}/done")
    assert callback.came["code"]


def test_what_cannot_be_connected_is_explained(window: Window, studio: Studio) -> None:
    """The page says what to do; the browser logs the refused page itself, and nothing else."""
    window.open(studio.consent("https://example.com/callback"))
    assert "https://example.com/callback is not registered for Milestone billing." in window.words()
    window.open(studio.consent("http://localhost/", client_id="nobody"))
    assert "simulator-app" in window.words()
    refused = [said for said in window.complaints if "status of 400" in said]
    assert refused == window.complaints
    window.complaints.clear()


def test_a_person_tries_the_connection_by_hand(window: Window) -> None:
    """From the first page to the answer that an app would get, and back."""
    page = window.page
    window.open("/")
    page.get_by_role("link", name="Go through the consent page").click()
    page.get_by_role("button", name="Connect").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Connected"
    assert "grant_type=authorization_code" in window.words()
    page.get_by_role("link", name="Back to the books").click()
    assert "GET /connect/oauth2 200" in window.section("Last requests")
