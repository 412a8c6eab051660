"""The adapter reads what QuickBooks itself was seen to answer, whatever the simulator thinks (ruling 31)."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import responses

from qbo_milestones.adapters.quickbooks.answers import judged
from qbo_milestones.adapters.quickbooks.books import QuickBooksBooks
from qbo_milestones.adapters.quickbooks.client import PRODUCTION, Client
from qbo_milestones.adapters.quickbooks.faults import Answer
from qbo_milestones.adapters.quickbooks.throttle import Throttle
from qbo_milestones.errors import Doubtful, Failure, NotConnected, Refused, Unavailable
from qbo_milestones.model.books import Document, DocumentKind
from qbo_milestones.model.money import Money

CAPTURES = Path(__file__).parent / "captures"
REALM = "4620816365000000001"
BASE = f"{PRODUCTION}/company/{REALM}"
NOW = datetime(2015, 7, 24, 18, 0, tzinfo=UTC)


class Still:
    """A clock that stands still but for what is waited."""

    def __init__(self) -> None:
        self.waited = 0.0

    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return self.waited

    def sleep(self, seconds: float) -> None:
        self.waited += seconds


class Access:
    """One token."""

    def access_token(self) -> str:
        return "token"

    def renewed(self, refused: str) -> str:
        raise NotConnected(f"not renewed: {len(refused)}")


def books() -> QuickBooksBooks:
    return QuickBooksBooks(Client(PRODUCTION, REALM, Access(), Throttle(Still()), Still()), Still(), "USD")


def capture(name: str) -> bytes:
    return (CAPTURES / (name if name.endswith(".xml") else f"{name}.json")).read_bytes()


def usd(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


# Capture, what a write becomes, what a read becomes, the code.
FAULTS: list[tuple[str, type[Failure], type[Failure], str]] = [
    ("gateway_401_token_expired", NotConnected, NotConnected, "3200"),
    ("gateway_401_malformed_token", NotConnected, NotConnected, "3200"),
    ("gateway_403_wrong_company", NotConnected, NotConnected, "3100"),
    ("gateway_429_throttle", Unavailable, Unavailable, "3001"),
    ("fault_429_throttle", Unavailable, Unavailable, "3001"),
    ("fault_400_query_parser", Refused, Refused, "4000"),
    ("fault_400_query_validation", Refused, Refused, "4001"),
    ("fault_400_number_in_use", Doubtful, Unavailable, "6140"),
    ("fault_400_number_in_use_and_missing_line", Doubtful, Unavailable, "6140"),
    ("fault_400_deleted", Refused, Refused, "610"),
    ("fault_400_period_closed", Refused, Unavailable, "6210"),
    ("fault_400_amount", Refused, Unavailable, "6070"),
    ("fault_500_system", Doubtful, Unavailable, "10000"),
    ("fault_400_inactive", Refused, Refused, "610"),
    ("fault_400_stale", Refused, Unavailable, "5010"),
    ("fault_400_name_in_use", Refused, Unavailable, "6240"),
    ("fault_400_permission_denied", Refused, Unavailable, "5020"),
    ("fault_400_subscription_ended", Refused, Unavailable, "6190"),
    ("fault_400_receivable_without_customer", Refused, Unavailable, "6000"),
    ("fault_400_payable_without_supplier", Refused, Unavailable, "6000"),
    ("fault_400_not_utf8", Refused, Unavailable, "500"),
    ("gateway_429_throttle.xml", Unavailable, Unavailable, "3001"),
    ("gateway_403_missing_scope.xml", NotConnected, NotConnected, "3100"),
    ("fault_401_authentication.xml", NotConnected, NotConnected, "100"),
    ("fault_401_wrong_cluster.xml", NotConnected, NotConnected, "130"),
]


@pytest.mark.parametrize(("name", "write", "read", "code"), FAULTS, ids=[case[0] for case in FAULTS])
def test_each_captured_fault_has_its_class(name: str, write: type[Failure], read: type[Failure], code: str) -> None:
    answer = Answer(int(name.split("_")[1]), "application/json", capture(name), "gw-1")
    for writes, kind in ((True, write), (False, read)):
        failure = judged(answer, writes).failure
        assert type(failure) is kind
        assert (failure.code, failure.tid) == (code, "gw-1")


def test_the_cases_name_every_captured_fault() -> None:
    named = {case[0] if case[0].endswith(".xml") else f"{case[0]}.json" for case in FAULTS}
    captured = [path for path in CAPTURES.iterdir() if path.suffix in (".json", ".xml")]
    assert named == {path.name for path in captured if path.stem.split("_")[1].isdigit()}


def test_only_an_expired_token_is_worth_a_refresh() -> None:
    expired = {name for name, *_ in FAULTS if judged(Answer(int(name.split("_")[1]), "", capture(name)), True).expired}
    assert expired == {name for name, *_ in FAULTS if "_401_" in name}


def test_the_expired_token_that_quickbooks_repeats_is_not_repeated_by_us() -> None:
    body = capture("gateway_401_token_expired").decode().replace("AB0…", "AB0canary").encode()
    assert "AB0" not in str(judged(Answer(401, "application/json", body), True).failure)


def test_a_single_answer_is_read() -> None:
    with responses.RequestsMock() as wire:
        wire.get(f"{BASE}/invoice/130", body=capture("single_invoice"))
        held = books().read(DocumentKind.INVOICE, "130")
    assert (held.id, held.number, held.customer_id) == ("130", "1037", "24")
    assert (held.total, held.balance) == (usd("275.00"), usd("275.00"))
    assert [(line.item_id, line.amount, line.kind) for line in held.lines] == [
        ("5", usd("275.00"), "SalesItemLineDetail")
    ]
    assert held.updated_at == datetime(2015, 7, 24, 17, 33, 38, tzinfo=UTC)


def test_a_deleted_answer_is_gone() -> None:
    with responses.RequestsMock() as wire:
        wire.get(f"{BASE}/invoice/33", body=capture("delete_invoice"))
        held = books().read(DocumentKind.INVOICE, "33")
    assert held.deleted
    assert held.id == "33"


def test_a_read_of_what_is_not_there_is_gone() -> None:
    with responses.RequestsMock() as wire:
        wire.get(f"{BASE}/invoice/33", status=400, body=capture("fault_400_deleted"))
        assert books().read(DocumentKind.INVOICE, "33").deleted


@pytest.mark.parametrize("status", [404, 500, 410])
def test_not_found_in_any_other_way_is_unknown(status: int) -> None:
    with responses.RequestsMock() as wire:
        wire.get(f"{BASE}/invoice/33", status=status, body=capture("fault_400_deleted"))
        with pytest.raises(Unavailable):
            books().read(DocumentKind.INVOICE, "33")


def test_an_empty_query_is_no_rows_and_a_foreign_answer_is_unknown() -> None:
    with responses.RequestsMock() as wire:
        wire.post(f"{BASE}/query", body=capture("query_nothing"))
        assert books().present(DocumentKind.INVOICE, ["1"]) == frozenset()
    with responses.RequestsMock() as wire:
        wire.post(f"{BASE}/query", body=capture("cdc_nothing"))
        with pytest.raises(Unavailable):
            books().present(DocumentKind.INVOICE, ["1"])


def test_every_call_asks_for_json() -> None:
    """Otherwise the gateway says no in XML; python-quickbooks, under our adapter, asks too."""
    with responses.RequestsMock() as wire:
        wire.get(f"{BASE}/invoice/130", body=capture("single_invoice"))
        wire.post(f"{BASE}/query", body=capture("query_nothing"))
        wire.get(f"{BASE}/cdc", body=capture("cdc_nothing"))
        books().read(DocumentKind.INVOICE, "130")
        books().present(DocumentKind.INVOICE, ["1"])
        books().changes(NOW)
        assert [call.request.headers["Accept"] for call in wire.calls] == ["application/json"] * 3


def test_nothing_changed() -> None:
    with responses.RequestsMock() as wire:
        wire.get(f"{BASE}/cdc", body=capture("cdc_nothing"))
        changes = books().changes(NOW)
    assert (changes.documents, changes.customers, changes.complete) == ((), (), True)
    assert changes.read_until == datetime(2015, 7, 24, 17, 33, 39, 110000, tzinfo=UTC)


def test_changes_with_deleted_and_inactive_ones() -> None:
    with responses.RequestsMock() as wire:
        wire.get(f"{BASE}/cdc", body=capture("cdc_customers_and_a_deleted_invoice"))
        changes = books().changes(NOW)
    assert [(each.name, each.active) for each in changes.customers] == [("Acme", True), ("Bolt", False)]
    found: dict[str, Document] = {each.id: each for each in changes.documents}
    assert (found["34"].total, found["34"].deleted) == (usd("12.50"), False)
    assert found["979"].deleted
    assert found["979"].updated_at == datetime(2015, 7, 24, 17, 0, tzinfo=UTC)
    assert [(link.kind, link.id) for line in found["51"].lines for link in line.links] == [("Invoice", "34")]
