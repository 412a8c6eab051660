"""Secrets that the process holds, and what looks like one, are masked in any text (ruling 23; reliability.md 4)."""

import json
import string
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbo_milestones.adapters import secrecy
from qbo_milestones.adapters.secrecy import MASK, hide, masked, without_held

HELD = "Pa55word/with+odd=signs & ümläuts"


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrecy, "_held", {})
    monkeypatch.setattr(secrecy, "_forms", ())


SHOWN = [
    ("Authorization: Bearer abc.def.ghi", "Authorization: Bearer ***"),
    ("authorization: Basic QUJDOjEyMw==", "authorization: Basic ***"),
    ("sent bearer xyz12 there", "sent bearer *** there"),
    ('{"access_token": "abc", "x": 1}', '{"access_token": "***", "x": 1}'),
    ("refresh_token=RT1-12-abc&grant_type=refresh_token", "refresh_token=***&grant_type=refresh_token"),
    ("client_secret='s3cret'", "client_secret='***'"),
    ("GET /callback?code=XAB1234&state=ok", "GET /callback?code=***&state=ok"),
    ("value eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4Q0JDIn0..x_y", "value ***"),
    ("old RT1-29-H0-17463947abc given", "old *** given"),
    ("key wJalrXUtnFEMI7K7MDENGbPxRfiCYEXAMPLEKEY here", "key *** here"),
]


@pytest.mark.parametrize(("text", "expected"), SHOWN)
def test_what_looks_like_a_secret_is_masked(text: str, expected: str) -> None:
    """reliability.md 4, Log redaction: Authorization, tokens, client secret."""
    assert masked(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "posting_sent, 3 of 17, company 9341450000000001",
        "Error code 6140: Duplicate Document Number",
        "/var/lib/qbo-milestones/northlight/data/milestones.db cannot be opened",
        "the token was refreshed and the secret is known",
        "D-103 rev 1 | SOW-2026-014 v2 | accepted 2026-10-28",
        "it_is_a_very_long_event_name_without_any_digit_in_it",
    ],
)
def test_plain_words_stay(text: str) -> None:
    """A log that masks everything tells nothing."""
    assert masked(text) == text


def test_a_held_secret_is_masked_in_every_form() -> None:
    """In clear, in an address, in JSON; and a longer one before the one that is a part of it."""
    hide(HELD, HELD + " and more")
    for form in (HELD, quote(HELD, ""), json.dumps(HELD), json.dumps({"a": HELD})):
        assert "Pa55word" not in without_held(f"before {form} after")
    assert without_held(f"x {HELD} and more y") == f"x {MASK} y"


def test_the_oldest_are_forgotten_and_short_ones_never_held() -> None:
    """A worker runs for months: the list stays bounded, and what is used again stays."""
    hide("", "short", "the client's secret")
    for number in range(5_000):
        hide(f"token-number-{number:05}")
        if number % 500 == 0:
            hide("the client's secret")
    assert without_held("a short word") == "a short word"
    assert without_held("the client's secret token-number-04999") == f"{MASK} {MASK}"
    assert without_held("token-number-00001") == "token-number-00001"
    assert len(secrecy._held) == 1_000


TEXT = st.text(st.characters(codec="utf-8"), max_size=60)


@given(secret=st.text(string.ascii_letters + string.digits + "-_./+=~", min_size=8, max_size=80), around=TEXT)
def test_no_text_shows_a_held_secret(secret: str, around: str) -> None:
    """Ruling 23, for any secret and any text around it."""
    hide(secret)
    for shown in (masked(f"{around}{secret}{around}"), without_held(json.dumps({around: secret}))):
        assert secret not in shown
