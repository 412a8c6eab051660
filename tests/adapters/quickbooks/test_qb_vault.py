"""The one key and what it seals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from quickbooks_doubles import unhurried

from qbo_milestones.adapters.quickbooks.vault import Key, Vault, from_text, new_key, to_text
from qbo_milestones.errors import BadSettings

KEY = Key(bytes(range(32)))


@unhurried
@given(st.binary(max_size=200), st.text(max_size=20), st.integers(0, 10**6))
def test_what_is_sealed_comes_back(plain: bytes, realm: str, version: int) -> None:
    sealed = Vault(KEY).seal(plain, realm, version)
    assert Vault(new_key(), [KEY]).unseal(sealed, realm, version) == plain
    assert not plain or len(plain) < 8 or plain not in sealed


@unhurried
@given(st.integers(0, 200), st.integers(1, 255))
def test_any_changed_byte_is_noticed(place: int, flip: int) -> None:
    sealed = bytearray(Vault(KEY).seal(b"tokens", "1", 1))
    sealed[place % len(sealed)] ^= flip
    with pytest.raises(BadSettings):
        Vault(KEY).unseal(bytes(sealed), "1", 1)


@pytest.mark.parametrize(("realm", "version"), [("2", 1), ("1", 2), ("11", 1)])
def test_tokens_of_another_company_or_version_do_not_pass(realm: str, version: int) -> None:
    sealed = Vault(KEY).seal(b"tokens", "1", 1)
    with pytest.raises(BadSettings):
        Vault(KEY).unseal(sealed, realm, version)


@pytest.mark.parametrize("sealed", [b"", b"qm1", b"tokens in clear", b"qm1" + KEY.id])
def test_what_was_not_sealed_is_refused(sealed: bytes) -> None:
    with pytest.raises(BadSettings):
        Vault(KEY).unseal(sealed, "1", 1)


def test_another_key_says_so() -> None:
    with pytest.raises(BadSettings, match="another key"):
        Vault(new_key()).unseal(Vault(KEY).seal(b"tokens", "1", 1), "1", 1)


def test_no_repr_shows_the_key() -> None:
    shown = f"{KEY} {KEY!r} {Vault(KEY)!r}"
    assert to_text(KEY) not in shown
    assert KEY.secret.hex() not in shown
    assert repr(KEY.secret) not in shown


def test_a_key_as_text_comes_back() -> None:
    assert from_text(to_text(KEY) + "\n") == KEY


@pytest.mark.parametrize("text", ["", "short", "ü" * 44, "A" * 43, to_text(KEY) * 2])
def test_text_that_is_no_key_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(BadSettings) as caught:
        from_text(text)
    assert not text or text not in str(caught.value)
