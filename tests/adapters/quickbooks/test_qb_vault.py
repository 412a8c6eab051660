"""The one key and what it seals. No test touches the machine's keyring (ruling 24)."""

import types
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from quickbooks_doubles import unhurried

from qbo_milestones.adapters.quickbooks.vault import (
    KEYRING_MODULES,
    Key,
    Keyring,
    Vault,
    from_text,
    key_from_environment,
    key_from_file,
    key_from_keyring,
    new_key,
    to_text,
)
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


def test_a_key_file_is_made_for_its_owner_alone_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "sub" / "key"
    made = key_from_file(path, create=True)
    assert key_from_file(path, create=True) == made
    assert key_from_file(path) == made
    assert path.stat().st_mode & 0o777 == 0o600
    assert [child.name for child in path.parent.iterdir()] == ["key"]


def test_processes_that_make_it_at_once_agree(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: key_from_file(tmp_path / "key", create=True), range(16)))
    assert len({key.secret for key in keys}) == 1


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620])
def test_a_key_file_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "key"
    key_from_file(path, create=True)
    path.chmod(mode)
    with pytest.raises(BadSettings, match="chmod 600"):
        key_from_file(path)


def test_a_missing_key_file_a_link_and_a_folder_are_refused(tmp_path: Path) -> None:
    key_from_file(tmp_path / "key", create=True)
    (tmp_path / "link").symlink_to(tmp_path / "key")
    for name in ("missing", "link", "."):
        with pytest.raises(BadSettings):
            key_from_file(tmp_path / name)


def test_a_key_in_the_environment() -> None:
    assert key_from_environment("QM_KEY", {"QM_KEY": to_text(KEY)}) == KEY
    with pytest.raises(BadSettings, match="QM_KEY"):
        key_from_environment("QM_KEY", {})


def backend(module: str, broken: bool = False) -> Keyring:
    """A keyring in memory that says that it comes from `module`."""
    kept: dict[tuple[str, str], str] = {}

    def get_password(_self: object, service: str, username: str) -> str | None:
        if broken:
            raise RuntimeError(f"locked {to_text(KEY)}")
        return kept.get((service, username))

    def set_password(_self: object, service: str, username: str, password: str) -> None:
        kept[service, username] = password

    def fill(body: dict[str, object]) -> None:
        body.update(get_password=get_password, set_password=set_password, __module__=module)

    made: Keyring = types.new_class("Keyring", (), exec_body=fill)()
    return made


def test_a_key_in_the_keyring_is_made_once() -> None:
    ring = backend(KEYRING_MODULES[2])
    with pytest.raises(BadSettings, match="run connect"):
        key_from_keyring("qbo-milestones", "key", ring)
    made = key_from_keyring("qbo-milestones", "key", ring, create=True)
    assert key_from_keyring("qbo-milestones", "key", ring, create=True) == made


@pytest.mark.parametrize(
    "module",
    [
        "keyring.backends.chainer",
        "keyring.backends.fail",
        "keyring.backends.null",
        "keyrings.alt.file",
        "keyrings.cryptfile",
    ],
)
def test_a_keyring_that_keeps_no_secrets_is_refused(module: str) -> None:
    with pytest.raises(BadSettings, match="key file"):
        key_from_keyring("qbo-milestones", "key", backend(module), create=True)


def test_a_locked_keyring_says_what_to_do_and_no_secret() -> None:
    with pytest.raises(BadSettings) as caught:
        key_from_keyring("qbo-milestones", "key", backend(KEYRING_MODULES[2], broken=True))
    assert to_text(KEY) not in str(caught.value)
    assert caught.value.__context__ is None
