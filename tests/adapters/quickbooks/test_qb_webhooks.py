"""What a webhook's post says, and who signed it; held against the simulator's own writing of the same rules."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbo_milestones.adapters.quickbooks.webhooks import BELIEVED_FOR, NotUnderstood, hints_in, signed
from qbo_milestones.adapters.store.events import Hint
from qbo_milestones.simulator.webhooks.letters import signature

NOW = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
# Verbatim from quickbooks-online.md 7.
OLD = (
    '{"eventNotifications":[{"realmId":"310687","dataChangeEvent":{"entities":[{"id":"1234","operation":"Create",'
    '"name":"Account","lastUpdated":"2025-09-08T20:52:31.657Z"}]}}]}'
)
NEW = (
    '[{"specversion":"1.0","id":"88cd52aa-33b6-4351-9aa4-47572edbd068","source":"intuit.dsnK=",'
    '"type":"qbo.account.created.v1","datacontenttype":"application/json","time":"2025-09-10T21:31:25.179851517Z",'
    '"intuitentityid":"1234","intuitaccountid":"310687","data":{}}]'
)


def event(**changes: Any) -> dict[str, Any]:
    """A CloudEvent of now."""
    return {**json.loads(NEW)[0], "time": NOW.isoformat(), **changes}


def read(tree: object, now: datetime = NOW) -> tuple[Hint, ...]:
    return hints_in(json.dumps(tree).encode(), now)


@given(st.binary(max_size=300), st.text(min_size=1, max_size=40))
def test_a_signature_is_over_the_raw_bytes(body: bytes, verifier: str) -> None:
    """quickbooks-online.md 7: base64 HMAC-SHA256 of the raw body; one changed bit is another body."""
    verifier = verifier.encode("utf-8", "replace").decode()
    sign = signature(body, verifier).encode()
    assert signed(body, sign, verifier)
    assert not signed(body + b" ", sign, verifier)
    assert not signed(body, sign, verifier + "x")
    assert not signed(body, sign[:-1], verifier)
    assert not signed(body, b"", verifier)


def test_both_shapes_are_read() -> None:
    """CloudEvents since 2026-05-15, with nine decimals; the shape before it."""
    at = datetime(2025, 9, 10, 22, 0, tzinfo=UTC)
    assert hints_in(NEW.encode(), at) == (Hint("310687", "310687:88cd52aa-33b6-4351-9aa4-47572edbd068"),)
    (old,) = hints_in(OLD.encode(), at)
    assert old.company == "310687"
    assert (old,) == hints_in(OLD.replace(":", " : ").replace("20 : 52 : 31", "20:52:31").encode(), at)
    (other,) = hints_in(OLD.replace("Create", "Update").encode(), at)
    assert other.id != old.id


def test_one_post_may_speak_of_several_companies() -> None:
    """quickbooks-online.md 7: one POST may mix realms; what is malformed spoils nothing else."""
    broken = [event(id=5), event(time="soon"), event(intuitaccountid="12x"), event(intuitaccountid=None), {}]
    assert [hint.company for hint in read([event(intuitaccountid="1"), *broken, event(intuitaccountid="2")])] == [
        "1",
        "2",
    ]


@pytest.mark.parametrize(
    ("age", "believed"),
    [
        (timedelta(0), True),
        (BELIEVED_FOR, True),
        (BELIEVED_FOR + timedelta(seconds=1), False),
        (-timedelta(hours=23), True),
        (-timedelta(hours=25), False),
    ],
)
def test_old_events_are_let_go(age: timedelta, believed: bool) -> None:
    """reliability.md 4: no time in the signature, so an event is believed for seven days; nor from the future."""
    assert bool(read([event(time=(NOW - age).isoformat())])) is believed


def test_an_id_of_any_kind_has_a_bounded_name() -> None:
    """It becomes a key of ours."""
    for id_ in ("x" * 5000, "a b", "\ud800", "\0", "ümlaut"):
        (hint,) = read([event(id=id_)])
        assert len(hint.id) < 90
        assert hint.id.isascii()
    assert len({read([event(id=id_)])[0].id for id_ in ("x" * 5000, "x" * 5001, "a b")}) == 3


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"5",
        b"null",
        b'"x"',
        b"[1]",
        b"[[]]",
        b"\xff\xfe",
        b"[" * 1_000_000,
        b'{"a":' * 300_000,
        b"[" + b"9" * 1_000_000 + b"]",
        b"<xml/>",
    ],
)
def test_what_is_no_list_of_events_is_said_so(body: bytes) -> None:
    """Hostile bodies are bounded: nesting, long numbers, other formats."""
    with pytest.raises(NotUnderstood) as caught:
        hints_in(body, NOW)
    assert len(str(caught.value)) < 60


def test_a_flood_of_events_is_bounded() -> None:
    """2 MB hold more events than a company makes in a night."""
    assert len(read([event(id=str(number)) for number in range(10_050)])) == 10_000


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=20,
)
NAMES = st.sampled_from(
    ["id", "time", "intuitaccountid", "eventNotifications", "realmId", "dataChangeEvent", "entities"]
)


@given(st.lists(st.dictionaries(NAMES, JSON, max_size=5), max_size=4))
def test_no_tree_breaks_it(tree: list[dict[str, object]]) -> None:
    """Any JSON at any place: hints or none, never an error."""
    for hint in read(tree):
        assert hint.company.isdigit()


@given(JSON)
def test_no_json_breaks_it(tree: object) -> None:
    """What is no list of objects is said so."""
    try:
        read(tree)
    except NotUnderstood:
        assert not isinstance(tree, dict)
        assert not isinstance(tree, list) or any(not isinstance(row, dict) for row in tree)
