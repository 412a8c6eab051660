"""The pages over HTTP: what stands on them, what their headers forbid, and how long they take when there is much."""

import re
from html import unescape
from urllib.parse import urlencode

import pytest
import requests
from simulator_person import Person, journal, sale_line

CALLBACK = "http://localhost:8765/callback"
SCOPE = "com.intuit.quickbooks.accounting"
HOSTILE = "<script>alert('x')</script> & \"Söhne\""


def opened(person: Person, path: str, status: int = 200) -> str:
    """A page as HTML."""
    answer = requests.get(person.base + path, timeout=10)
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "text/html;charset=UTF-8"
    return answer.text


def said(html: str) -> str:
    """The words of a page, as a person at a desk reads them; narrow windows show some in other places."""
    body = re.sub(r'<span class="narrow">.*?</span>', "", html[html.index("<body>") :])
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


def section(html: str, name: str) -> str:
    """The words of one section."""
    found = re.search(rf'<section aria-labelledby="{name}">(.*?)</section>', html, re.DOTALL)
    assert found is not None, name
    return said(f"<body>{found[1]}")


def consent(**more: str) -> str:
    """The address of the consent page."""
    query = {"client_id": "simulator-app", "response_type": "code", "scope": SCOPE, "redirect_uri": CALLBACK}
    return f"/connect/oauth2?{urlencode({**query, 'state': 's1', **more})}"


def test_the_books_stand_on_the_first_page(person: Person) -> None:
    """Accounts by kind, who owes, what is open and late, in figures as accountants write them."""
    person.invoice("1234.5", "D-1", TxnDate="2026-08-01", DueDate="2026-08-31", PrivateNote="About the robots")
    person.invoice(100, "D-2", customer="2", DueDate="2026-10-15")
    person.pay(50, customer="3")
    html = opened(person, "/")
    assert "Northlight Studio" in html
    assert "15 Oct 2026, 12:00:00 EDT · the clock stands still · USD · books closed until 31 Dec 2025" in said(html)
    assert "D-1 Acme Robotics 1 Aug 2026 31 Aug 2026 overdue 1,234.50 1,234.50" in section(html, "invoices")
    assert section(html, "invoices").count("overdue") == 1
    assert "Cedar Foods (50.00)" in section(html, "owing")
    accounts = section(html, "accounts")
    assert "Accounts Receivable (A/R) Accounts Receivable 1,284.50" in accounts
    assert "Trial balance 1,334.50 1,334.50" in accounts
    assert "About the robots 1,234.50 1,234.50" in section(html, "latest")
    assert "1,234.50 Overdue" in said(html)


def test_a_developer_finds_address_credentials_requests_and_what_is_spoiled(person: Person) -> None:
    """What a program needs to connect, what it asked last, and why an answer may look odd."""
    person.side("POST", "settings", {"batch_limit": 10})
    person.side("POST", "faults", {"kind": "lost_answer", "entity": "bill", "times": None})
    person.refused("Invoice", {})
    html = opened(person, "/")
    connect = section(html, "connect")
    assert f"{person.base}/v3/company/{person.realm}" in connect
    assert "simulator-app" in connect
    assert "simulator-secret" in connect
    assert "batch_limit 10 30" in section(html, "switches")
    assert "lost answer entity bill" in section(html, "switches")
    assert "for ever" in section(html, "switches")
    assert "POST invoice 400 side-door" in section(html, "requests")


def test_what_keeps_programs_out_and_who_hears_of_changes_is_seen(person: Person) -> None:
    """A locked company, a checkpoint, an app that listens to webhooks."""
    assert "Webhooks" not in said(opened(person, "/"))
    person.side("POST", "webhooks", {"url": "http://127.0.0.1:9/hook"})
    person.side("POST", "condition", {"company": "subscription_ended", "denied": ["Bill"]})
    person.side("POST", "checkpoint", {"name": "before lunch"})
    html = opened(person, "/")
    assert "simulator-app http://127.0.0.1:9/hook 0 0" in section(html, "webhooks")
    assert "The company is subscription ended." in section(html, "switches")
    assert "No permission for Bill." in section(html, "switches")
    assert "Checkpoints: before lunch" in section(html, "switches")


def test_several_companies_can_be_chosen(person: Person) -> None:
    """Each has a page of its own; a wrong one is said to be wrong."""
    assert 'aria-label="Companies"' not in opened(person, "/")
    person.side("POST", "companies", {"realm": "77", "name": "Second & Sons", "seed": "empty"})
    html = opened(person, "/company/77")
    assert "<h1>Second &amp; Sons</h1>" in html
    assert f'<a href="/company/{person.realm}">' in html
    assert "No company here has the realm 78." in said(opened(person, "/company/78", 404))


def test_an_object_shows_lines_ledger_links_and_json(person: Person) -> None:
    """An invoice leads to its payment and back; its posting sums."""
    made = person.invoice("1250.50", "D-1", PrivateNote="Stamp")
    paid = person.pay(500, ("Invoice", made["Id"], 250))
    html = opened(person, f"/company/{person.realm}/invoice/{made['Id']}")
    assert "Milestone" in section(html, "lines")
    assert "Total in USD 1,250.50 1,250.50" in section(html, "ledger")
    assert f"Payment #{paid['Id']}" in section(html, "links")
    assert f'href="/company/{person.realm}/Payment/{paid["Id"]}"' in html
    assert "Balance 1,000.50" in section(html, "facts")
    assert '"DocNumber": "D-1"' in section(html, "json")
    assert "Invoice D-1" in section(opened(person, f"/company/{person.realm}/Payment/{paid['Id']}"), "links")


def test_a_journal_has_its_sides(person: Person) -> None:
    """Debit and credit columns instead of quantities."""
    made = person.post("JournalEntry", journal("12.34", DocNumber="J-1"))
    assert "Journal entry J-1 15 Oct 2026 12.34" in section(opened(person, "/"), "latest")
    lines = section(opened(person, f"/company/{person.realm}/journalentry/{made['Id']}"), "lines")
    assert "Debit Credit" in lines
    assert "Quantity" not in lines


def test_an_account_has_a_register_and_a_customer_open_items(person: Person) -> None:
    """Newest first, with the balance after each; unapplied money lessens what is open."""
    person.invoice(100, "D-1", TxnDate="2026-10-01")
    person.invoice(30, "D-2", TxnDate="2026-10-02")
    person.pay(20)
    register = section(opened(person, f"/company/{person.realm}/account/2"), "register")
    assert register.index("110.00") < register.index("130.00") < register.index("Invoice D-1")
    items = section(opened(person, f"/company/{person.realm}/customer/1"), "open")
    assert "Invoice D-2 2 Oct 2026" in items
    assert "(20.00)" in items


def test_what_is_owed_to_vendors_stands_beside_what_customers_owe(person: Person) -> None:
    """A bill, half of it paid: on the first page, on the vendor's and on the payment's."""
    vendor = person.post("Vendor", {"DisplayName": "Paper & Co"})["Id"]
    account = {"AccountRef": {"value": "17"}}
    line = {"Amount": 300, "DetailType": "AccountBasedExpenseLineDetail", "AccountBasedExpenseLineDetail": account}
    bill = person.post("Bill", {"VendorRef": {"value": vendor}, "DocNumber": "B-9", "Line": [line]})
    link = {"TxnId": bill["Id"], "TxnType": "Bill"}
    paid = person.post("BillPayment", {
        "VendorRef": {"value": vendor}, "PayType": "Check", "TotalAmt": 100,
        "CheckPayment": {"BankAccountRef": {"value": "1"}}, "Line": [{"Amount": 100, "LinkedTxn": [link]}],
    })  # fmt: skip
    html = opened(person, "/")
    assert "Vendors we owe Paper & Co 200.00" in section(html, "owing")
    assert "(100.00) In the bank" in said(html)
    assert "Bill B-9 15 Oct 2026" in section(opened(person, f"/company/{person.realm}/Vendor/{vendor}"), "open")
    payment = opened(person, f"/company/{person.realm}/BillPayment/{paid['Id']}")
    assert "Bill B-9" in section(payment, "lines")
    assert "Accounts Payable (A/P) Paper & Co 100.00" in section(payment, "ledger")


def test_what_is_not_there_is_said(person: Person) -> None:
    """Deleted objects, unknown ones, wrong addresses; a program gets JSON where a person gets a page."""
    made = person.invoice(1, "D-1")
    person.post("Invoice", {"Id": made["Id"], "SyncToken": "0"}, operation="delete")
    assert "It was deleted." in said(opened(person, f"/company/{person.realm}/invoice/{made['Id']}", 404))
    opened(person, f"/company/{person.realm}/nothing", 404)
    wrong = requests.get(f"{person.base}/wrong", headers={"Accept": "text/html,*/*"}, timeout=10)
    assert (wrong.status_code, wrong.headers["Content-Type"]) == (404, "text/html;charset=UTF-8")
    assert requests.get(f"{person.base}/wrong", timeout=10).json() == {"error": "no such path"}


def test_hostile_names_are_text_everywhere(person: Person) -> None:
    """Nothing that a program wrote becomes markup."""
    customer = person.post("Customer", {"DisplayName": HOSTILE})["Id"]
    made = person.invoice(5, "<b>1</b>", customer, PrivateNote=HOSTILE)
    person.side("POST", "companies", {"realm": "77", "name": HOSTILE})
    person.side(
        "POST", "apps", {"client_id": "evil", "client_secret": "s", "name": HOSTILE, "redirect_uris": [CALLBACK]}
    )
    pages = ["/", "/company/77", *(f"/company/{person.realm}/{rest}" for rest in (
        f"customer/{customer}", f"invoice/{made['Id']}", "customer", "invoice", "account/2"))]  # fmt: skip
    pages += [consent(), consent(client_id="evil", state='"><script>')]
    for path in pages:
        html = opened(person, path)
        assert "<script" not in html, path
        assert "<b>1" not in html, path
    assert HOSTILE in said(opened(person, "/"))


@pytest.mark.parametrize("path", ["/", consent(), "/company/9", "/returned?code=abc"])
def test_pages_forbid_what_they_do_not_need(person: Person, path: str) -> None:
    """No script, no frame, no outside resource, no copy kept."""
    answer = requests.get(person.base + path, timeout=10)
    policy = answer.headers["Content-Security-Policy"]
    assert {"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"} <= set(policy.split("; "))
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert not re.search(r'(?:src|href)="(?:https?:)?//', answer.text)


def test_the_consent_page_says_who_asks_for_what(person: Person) -> None:
    """Scopes in plain words; the form may lead to the app, also to one with a scheme of its own."""
    html = opened(person, consent(scope=f"{SCOPE} openid"))
    assert "Milestone billing asks to: read and change the books" in said(html)
    assert "know who you are" in said(html)
    assert '<label for="realm">' in html
    app = {"client_id": "phone", "client_secret": "s", "name": "Phone", "redirect_uris": ["my.app:/back"]}
    person.side("POST", "apps", app)
    answer = requests.get(person.base + consent(client_id="phone", redirect_uri="my.app:/back"), timeout=10)
    assert answer.headers["Content-Security-Policy"].endswith("form-action 'self' http: https: my.app:")


def test_a_connection_that_cannot_be_made_says_what_to_do(person: Person) -> None:
    """A wrong app and a wrong redirect address are told apart, on the page and on the click."""
    app = said(opened(person, consent(client_id="nobody"), 400))
    assert "No app here has the client id nobody." in app
    assert "simulator-app" in app
    redirect = said(opened(person, consent(redirect_uri="https://example.com/cb"), 400))
    assert "https://example.com/cb is not registered for Milestone billing" in redirect
    click = {"client_id": "simulator-app", "redirect_uri": "https://example.com/cb", "decision": "approve"}
    assert requests.post(f"{person.base}/connect/oauth2", data=click, timeout=10).status_code == 400


def test_a_person_can_try_the_connection_by_hand(person: Person) -> None:
    """The first page leads to consent, consent to a page that shows what an app gets and its next step."""
    link = re.search(r'href="(/connect/oauth2[^"]*)"', opened(person, "/"))
    assert link is not None
    assert "127.0.0.1" in said(opened(person, unescape(link[1])))
    came = said(opened(person, "/returned?code=XAB12&realmId=77&state=s"))
    assert "code=XAB12" in came
    assert "curl" not in said(opened(person, "/returned?code=';rm&state=s"))
    assert "access_denied" in said(opened(person, "/returned?error=access_denied"))


def test_the_icon_is_answered(person: Person) -> None:
    """Browsers ask for it."""
    assert requests.get(f"{person.base}/favicon.ico", timeout=10).headers["Content-Type"] == "image/svg+xml"


def test_ten_thousand_documents_make_a_page_of_the_same_size(person: Person) -> None:
    """Rows are cut and the rest is counted."""
    line = sale_line(10)
    invoices = [
        {"Id": str(number), "DocNumber": f"N-{number}", "CustomerRef": {"value": str(number % 9 + 1)},
         "TxnDate": "2026-09-01", "Line": [line]}
        for number in range(1, 10_001)
    ]  # fmt: skip
    load = requests.post(f"{person.base}/_sim/load?merge=1", json={"Invoice": invoices}, timeout=60)
    assert load.status_code == 200
    html = opened(person, "/")
    assert "9,950 more are not shown" in section(html, "invoices")
    assert "9,975 more are not shown" in section(html, "latest")
    assert len(html) < 100_000
    for path in ("account/2", "customer/1", "invoice", "invoice/1"):
        assert len(opened(person, f"/company/{person.realm}/{path}")) < 200_000
