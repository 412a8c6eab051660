"""The adapter against the simulator, over real HTTP: what is sent comes back as it was sent."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import requests
from quickbooks_doubles import MovedClock
from quickbooks_tokens import MemoryStore

from qbo_milestones.adapters.quickbooks.books import KINDS, QuickBooksBooks
from qbo_milestones.adapters.quickbooks.client import Client
from qbo_milestones.adapters.quickbooks.grant import Grant, keep_connection
from qbo_milestones.adapters.quickbooks.login import Login
from qbo_milestones.adapters.quickbooks.throttle import Throttle
from qbo_milestones.adapters.quickbooks.tokens import Tokens
from qbo_milestones.errors import Doubtful, NotConnected, Refused, Unavailable
from qbo_milestones.model.books import Document, DocumentKind
from qbo_milestones.model.money import Money
from qbo_milestones.pipeline.outbox import Sought, differences
from qbo_milestones.pipeline.posting import Draft, Identity, InvoiceDraft, JournalDraft, Posting, PostingKind
from qbo_milestones.simulator.server import running

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
INVOICE, JOURNAL = DocumentKind.INVOICE, DocumentKind.JOURNAL_ENTRY
STAMP = "D-103 rev 1 | SOW-2026-014 v2 | accepted 2026-10-28 | qm:abcdefghijklmnop"


class Company:
    """One simulated company with the adapter connected to it."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.door("POST", "reset", {})
        self.door("DELETE", "faults", None)
        self.door("POST", "clock", {"frozen": True, "now": NOW.isoformat()})
        self.clock = MovedClock(NOW)
        token = self.door("POST", "token", {"client_id": "simulator-app"})
        later = NOW + timedelta(hours=1)
        tokens = Tokens(token["realm"], token["access_token"], token["refresh_token"], later, later, None, 0, NOW)
        self.store = MemoryStore()
        keep_connection(self.store, tokens)
        self.login = Login(
            "simulator-app",
            "simulator-secret",
            "http://localhost:8765/callback",
            f"{base}/.well-known/openid_sandbox_configuration",
            self.clock,
        )
        grant = Grant(self.store, self.login, self.clock)
        client = Client(f"{base}/v3", token["realm"], grant, Throttle(self.clock), self.clock)
        self.books = QuickBooksBooks(client, self.clock)

    def door(self, method: str, name: str, body: object) -> Any:
        answer = requests.request(method, f"{self.base}/_sim/{name}", json=body, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def advance(self, seconds: float) -> None:
        self.clock.move(seconds)
        self.door("POST", "clock", {"advance_s": seconds})

    def held(self, kind: DocumentKind) -> dict[str, Document]:
        """All documents of a kind as a whole read finds them."""
        return {found.id: found for page in self.books.pages((kind.value,), None) for found in page.documents}

    def post(self, draft: Draft, requestid: str = "r1") -> tuple[Document, Document]:
        posting = posting_of(draft)
        body = self.books.render(posting)
        assert self.books.render(posting) == body
        kind = posting.identity.kind.document_kind
        return self.books.read_body(kind, body, "USD"), self.books.send(kind, body, requestid).document

    def api(self, method: str, path: str, body: object = None) -> Any:
        tokens = self.store.tokens
        assert tokens is not None
        answer = requests.request(
            method,
            f"{self.base}/v3/company/{tokens.realm}/{path}",
            json=body,
            headers={"Authorization": f"Bearer {tokens.access}", "Accept": "application/json"},
            timeout=10,
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def asked(self) -> list[dict[str, Any]]:
        return [entry for entry in self.door("GET", "requests", None)["requests"] if "/_sim/" not in entry["path"]]


def posting_of(draft: Draft) -> Posting:
    kind = PostingKind.INVOICE if isinstance(draft, InvoiceDraft) else PostingKind.JOURNAL
    identity = Identity("9341450000000001", "d-103", kind)
    return Posting(identity, "D-103", 1, "SOW-2026-014", 2, date(2026, 10, 28), draft, draft.number, "hash")


def invoice(amount: str = "10000.00", number: str = "D-103-A") -> InvoiceDraft:
    return InvoiceDraft(
        customer_id="1",
        date=date(2026, 11, 23),
        service_date=date(2026, 10, 28),
        amount=Money(Decimal(amount), "USD"),
        item_id="1",
        description="D-103 Brand book — accepted 2026-10-28 by Zoë 'Z' O\\Neill",
        note=STAMP,
        memo="PO 4711",
        number=number,
        terms_id="3",
        email="ap@client.example",
        class_id="1",
        location_id="1",
        tax_code_id="NON",
    )


def journal(number: str = "D-103-AJ") -> JournalDraft:
    amount = Money(Decimal("10000.00"), "USD")
    return JournalDraft("1", date(2026, 10, 28), amount, "4", "8", "D-103 accepted", STAMP, number, "1", "1")


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    with running() as address:
        yield address


@pytest.fixture
def company(base: str) -> Company:
    return Company(base)


@pytest.mark.parametrize("draft", [invoice(), journal()], ids=["invoice", "journal"])
def test_what_quickbooks_holds_is_what_was_sent(company: Company, draft: Draft) -> None:
    sent, held = company.post(draft)
    assert differences(sent, held) == ()
    assert held.stamp == "qm:abcdefghijklmnop"
    assert held.total == draft.amount
    assert held.balance == (draft.amount if isinstance(draft, InvoiceDraft) else Money(Decimal(0), "USD"))
    assert company.held(held.kind) == {held.id: held}


def test_the_same_requestid_makes_one_document(company: Company) -> None:
    _, first = company.post(invoice())
    _, second = company.post(invoice())
    assert first.id == second.id
    assert len(company.door("GET", "dump", None)["Invoice"]) == 1


def test_look_up_by_number_finds_the_document_and_no_other(company: Company) -> None:
    _, held = company.post(journal())
    company.post(journal("D-104-AJ"), "r2")
    assert company.books.look_up(Sought(JOURNAL, "D-103-AJ", "1", NOW)) == (held,)
    assert company.books.look_up(Sought(JOURNAL, "D-105-AJ", "1", NOW)) == ()


def test_look_up_without_a_number_goes_by_customer_and_creation(company: Company) -> None:
    company.door("POST", "settings", {"preferences": {"SalesFormsPrefs": {"CustomTxnNumbers": False}}})
    company.post(invoice(number=""), "r1")
    company.advance(7200)
    _, held = company.post(invoice(number=""), "r2")
    company.post(replace(invoice(number=""), customer_id="2"), "r3")
    found = company.books.look_up(Sought(INVOICE, "", "1", NOW + timedelta(hours=1)))
    assert [each.id for each in found] == [held.id]


def test_a_voided_document_is_found_as_voided(company: Company) -> None:
    _, held = company.post(invoice())
    company.api("POST", "invoice?operation=void", {"Id": held.id, "SyncToken": held.version})
    (found,) = company.books.look_up(Sought(INVOICE, "D-103-A", "1", NOW))
    assert found.id == held.id
    assert found.voided
    assert company.books.present(INVOICE, [held.id]) == {held.id}


def test_a_deleted_document_is_gone_by_every_way_of_asking(company: Company) -> None:
    _, kept = company.post(invoice(number="D-104-A"), "r1")
    _, held = company.post(invoice(), "r2")
    company.api("POST", "invoice?operation=delete", {"Id": held.id, "SyncToken": held.version})
    assert set(company.held(INVOICE)) == {kept.id}
    assert company.books.present(INVOICE, [held.id, kept.id, "999999"]) == {kept.id}
    changed = {each.id: each.deleted for each in company.books.changes(NOW - timedelta(days=1)).documents}
    assert changed == {held.id: True, kept.id: False}


def test_changes_tell_all_kinds_and_quickbooks_own_time(company: Company) -> None:
    _, held = company.post(invoice())
    company.advance(60)
    payment = {"CustomerRef": {"value": "1"}, "TotalAmt": 4000, "PaymentRefNum": "WIRE 7",
               "Line": [{"Amount": 4000, "LinkedTxn": [{"TxnId": held.id, "TxnType": "Invoice"}]}]}  # fmt: skip
    company.api("POST", "payment", payment)
    changes = company.books.changes(NOW)
    by_kind = {each.kind: each for each in changes.documents}
    paid = by_kind[DocumentKind.PAYMENT]
    assert (paid.total, paid.balance) == (Money(Decimal(4000), "USD"), Money(Decimal(0), "USD"))
    assert (paid.reference, paid.customer_id) == ("WIRE 7", "1")
    assert [(link.kind, link.id) for link in paid.lines[0].links] == [("Invoice", held.id)]
    assert by_kind[INVOICE].balance == Money(Decimal(6000), "USD")
    assert changes.complete
    assert changes.read_until == NOW + timedelta(seconds=60)


def test_a_quiet_night_costs_two_metered_calls_and_then_one(company: Company) -> None:
    company.advance(3600 * 24)
    company.door("DELETE", "requests", None)
    assert company.books.changes(company.clock.now()).documents == ()
    company.books.changes(company.clock.now())
    reads = [entry["path"] for entry in company.asked() if "/v3/company" in entry["path"]]
    assert [path.rpartition("/")[2] for path in reads] == ["query", "cdc", "cdc"]


def test_beyond_thirty_days_nothing_is_asked(company: Company) -> None:
    company.door("DELETE", "requests", None)
    changes = company.books.changes(NOW - timedelta(days=31))
    assert (changes.complete, changes.cut) == (False, frozenset(KINDS))
    assert company.asked() == []


def test_pages_give_customers_with_the_inactive_ones_and_items(company: Company) -> None:
    company.api("POST", "customer", {"Id": "2", "SyncToken": "0", "sparse": True, "Active": False})
    pages = list(company.books.pages(("Customer", "Item", "Invoice"), None))
    customers = {each.id: each for page in pages for each in page.customers}
    assert not customers["2"].active
    assert not customers["2"].name.endswith("(deleted)")
    assert customers["1"].active
    assert {each.account_id for page in pages for each in page.items if each.name == "Milestone"} == {"4"}
    assert {page.read_until for page in pages} == {NOW}


def test_setup_reads_how_the_company_posts(company: Company) -> None:
    company.door("POST", "load?merge=1", {"TaxCode": [{"Id": "9", "Name": "Exempt", "Active": True}]})
    setup = company.books.setup()
    preferences = setup.preferences
    assert (setup.company_name, setup.country) == ("Northlight Studio", "US")
    assert (preferences.home_currency, preferences.multicurrency) == ("USD", False)
    assert preferences.custom_numbers
    assert preferences.tracks_classes
    assert not preferences.tracks_classes_per_transaction
    assert preferences.warns_duplicate_journals
    assert preferences.closed_until == date(2025, 12, 31)
    assert {account.type for account in setup.accounts if account.id == "2"} == {"Accounts Receivable"}
    assert {term.name: term.due_days for term in setup.terms}["Net 30"] == 30
    assert len(setup.classes) == 3
    assert len(setup.locations) == 2
    assert "Exempt" in {code.name for code in setup.tax_codes}
    assert abs(setup.clock_skew_s) <= 1


def test_clock_skew_is_theirs_less_ours(company: Company) -> None:
    company.door("POST", "clock", {"frozen": True, "now": (NOW + timedelta(seconds=90)).isoformat()})
    # Our clock moves on by what the throttle spaces the requests of one set-up.
    assert 88 <= company.books.setup().clock_skew_s <= 90


def test_a_number_in_use_is_doubtful(company: Company) -> None:
    company.post(invoice(), "r1")
    with pytest.raises(Doubtful) as caught:
        company.post(invoice(), "r2")
    assert caught.value.code == "6140"


def test_a_reference_to_nothing_is_refused(company: Company) -> None:
    with pytest.raises(Refused) as caught:
        company.post(replace(invoice(), item_id="999"))
    assert caught.value.code in {"2500", "610"}
    assert caught.value.tid


def test_a_closed_period_is_refused(company: Company) -> None:
    with pytest.raises(Refused) as caught:
        company.post(replace(journal(), date=date(2025, 12, 31)))
    assert caught.value.code in {"6200", "6210"}


SPOILT = [
    ("lost_answer", Doubtful, 1),
    ("late_commit", Doubtful, 0),
    ("refuse_before", Doubtful, 0),
    ("truncate", Doubtful, 1),
    ("reset", Doubtful, 1),
    ("garbled", Doubtful, 1),
    ("throttle", Unavailable, 0),
]


@pytest.mark.parametrize(("kind", "failure", "made"), SPOILT, ids=[case[0] for case in SPOILT])
def test_each_spoilt_write_has_its_class(company: Company, kind: str, failure: type[Exception], made: int) -> None:
    company.books.setup()
    company.door("POST", "faults", {"kind": kind, "method": "POST", "path": "/invoice", "after_s": 60})
    with pytest.raises(failure) as caught:
        company.post(invoice())
    assert type(caught.value) is failure
    assert len(company.door("GET", "dump", None).get("Invoice", [])) == made


@pytest.mark.parametrize("kind", ["status", "lost_answer", "truncate", "reset", "garbled"])
def test_each_spoilt_read_is_unknown(company: Company, kind: str) -> None:
    _, held = company.post(invoice())
    company.door("POST", "faults", {"kind": kind, "path": "/query", "times": None})
    with pytest.raises(Unavailable):
        company.books.present(INVOICE, [held.id])
    asked = [each for each in company.door("GET", "requests", None)["requests"] if each["entity"] == "query"]
    assert len(asked) >= 3


def test_a_read_that_was_spoilt_once_is_asked_again(company: Company) -> None:
    _, held = company.post(invoice())
    company.door("POST", "faults", {"kind": "garbled", "path": "/query"})
    assert company.books.present(INVOICE, [held.id]) == {held.id}


@pytest.mark.parametrize("body", ["gateway", "fault", "xml"])
def test_a_throttle_is_understood_in_every_writing(company: Company, body: str) -> None:
    company.door("POST", "settings", {"throttle_body": body})
    company.door("POST", "faults", {"kind": "throttle", "path": "/query", "times": 3})
    with pytest.raises(Unavailable) as caught:
        company.books.present(INVOICE, ["1"])
    assert caught.value.after_s == 60


def test_an_expired_token_is_renewed_and_the_call_repeated(company: Company) -> None:
    company.books.setup()
    company.door("POST", "clock", {"advance_s": 3700})
    sent, held = company.post(invoice())
    assert differences(sent, held) == ()
    tokens = company.store.tokens
    assert tokens is not None
    assert tokens.version == 2


def test_a_revoked_connection_is_for_a_person_and_asked_only_once(company: Company) -> None:
    company.door("POST", "revoke", {})
    company.door("DELETE", "requests", None)
    for _ in range(3):
        with pytest.raises(NotConnected):
            company.books.present(INVOICE, ["1"])
    refreshes = [entry for entry in company.asked() if "tokens/bearer" in entry["path"]]
    assert len(refreshes) == 1


def test_the_whole_sign_in(company: Company) -> None:
    url, state = company.login.authorization_url()
    approved = requests.get(f"{url}&sim_approve=1", allow_redirects=False, timeout=10)
    tokens = company.login.exchange(approved.headers["Location"], state)
    assert tokens.realm == "9341450000000001"
    assert tokens.hard_expires_at is not None
    kept = keep_connection(company.store, tokens)
    assert kept.version == 2
    again = company.login.refresh(kept)
    assert (again.version, again.realm) == (3, kept.realm)
    assert again.refresh != kept.refresh
    with pytest.raises(NotConnected):
        company.login.refresh(kept)
    company.login.revoke(again)
    with pytest.raises(NotConnected):
        company.login.refresh(again)


def test_an_address_is_good_once(company: Company) -> None:
    url, state = company.login.authorization_url()
    address = requests.get(f"{url}&sim_approve=1", allow_redirects=False, timeout=10).headers["Location"]
    first = company.login.exchange(address, state)
    with pytest.raises(NotConnected, match="used already"):
        company.login.exchange(address, state)
    assert company.login.refresh(first).version == 2
