"""Where the key may lie, and how it is changed there. No test touches the machine's keyring (ruling 24)."""

import threading
import time
import types
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import secretstorage

from qbo_milestones.adapters.quickbooks import key_places
from qbo_milestones.adapters.quickbooks.key_places import (
    KEYRING_MODULES,
    Credential,
    KeyFile,
    Keyring,
    KeyringEntry,
    KeyVariable,
    asks_a_person,
)
from qbo_milestones.adapters.quickbooks.vault import Key, new_key, to_text
from qbo_milestones.errors import BadSettings

KEY, NEXT = Key(bytes(range(32))), Key(bytes(range(1, 33)))


def test_a_key_file_is_made_for_its_owner_alone_and_kept(tmp_path: Path) -> None:
    place = KeyFile(tmp_path / "sub" / "key")
    place.make()
    made = place.keys()
    place.make()
    assert place.keys() == made
    assert place.path.stat().st_mode & 0o777 == 0o600
    assert [child.name for child in place.path.parent.iterdir()] == ["key"]


def test_processes_that_make_it_at_once_agree(tmp_path: Path) -> None:
    place = KeyFile(tmp_path / "key")

    def made(_n: int) -> tuple[Key, ...]:
        place.make()
        return place.keys()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(made, range(16)))) == 1


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620])
def test_a_key_file_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    place = KeyFile(tmp_path / "key")
    place.make()
    place.path.chmod(mode)
    with pytest.raises(BadSettings, match="chmod 600"):
        place.keys()


def test_a_missing_key_file_a_link_a_folder_and_an_empty_one_are_refused(tmp_path: Path) -> None:
    KeyFile(tmp_path / "key").make()
    (tmp_path / "link").symlink_to(tmp_path / "key")
    (tmp_path / "empty").touch(mode=0o600)
    for name in ("missing", "link", ".", "empty"):
        with pytest.raises(BadSettings):
            KeyFile(tmp_path / name).keys()


def test_a_key_file_holds_the_old_key_until_it_is_settled(tmp_path: Path) -> None:
    place = KeyFile(tmp_path / "key")
    place.make()
    (old,) = place.keys()
    place.add(NEXT)
    assert place.keys() == (NEXT, old)
    assert place.path.stat().st_mode & 0o777 == 0o600
    assert "--forget-old" in place.settle(forget=False)
    assert place.keys() == (NEXT, old)
    assert place.settle(forget=True) == ""
    assert place.settle(forget=False) == ""
    assert place.keys() == (NEXT,)
    assert [child.name for child in tmp_path.iterdir()] == ["key"]


def test_a_key_in_the_environment() -> None:
    assert KeyVariable("QM_KEY", {"QM_KEY": to_text(KEY)}).keys() == (KEY,)
    both = KeyVariable("QM_KEY", {"QM_KEY": to_text(NEXT), "QM_KEY_OLD": to_text(KEY)})
    assert both.keys() == (NEXT, KEY)
    for forget in (False, True):
        said = both.settle(forget=forget)
        assert said.startswith("First run this for every other --config that uses this key; only then unset QM_KEY_OLD")
    # Whoever made a new key here would lose every connection.
    with pytest.raises(BadSettings, match=r"QM_KEY .*Restore the key .* only where nothing was ever connected make"):
        KeyVariable("QM_KEY", {}).make()


def test_a_key_from_the_service_manager(tmp_path: Path) -> None:
    """Issue 4: from a credentials directory on a headless machine, with a clear error instead of a prompt."""
    environment = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    (tmp_path / "key").write_text(to_text(KEY) + "\n", encoding="ascii")
    (tmp_path / "key").chmod(0o440)
    place = Credential("key", environment)
    assert place.keys() == (KEY,)
    (tmp_path / "key.old").write_text(to_text(NEXT), encoding="ascii")
    assert place.keys() == (KEY, NEXT)
    assert "every other --config" in place.settle(forget=False)
    assert "key.old" in place.settle(forget=True)
    with pytest.raises(BadSettings, match="LoadCredential=key:"):
        Credential("key", {}).make()
    with pytest.raises(BadSettings, match="cannot be read"):
        Credential("other", environment).keys()


@pytest.mark.parametrize("place", [KeyVariable("QM_KEY", {"QM_KEY": to_text(KEY)}), Credential("key", {})])
def test_a_key_that_we_cannot_change_is_changed_by_steps(place: KeyVariable | Credential) -> None:
    with pytest.raises(BadSettings, match=r"1\. .* 2\. .* 3\. .*key rotate") as caught:
        place.add(NEXT)
    assert to_text(NEXT) not in caught.value.text
    assert to_text(KEY) not in caught.value.text


class Ring:
    """A keyring in memory, told by `step` of each change before it is made."""

    def __init__(self, step: Callable[[], None] = lambda: None) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.step, self.broken, self.forgetful = step, False, False

    def get_password(self, service: str, username: str) -> str | None:
        if self.broken:
            raise RuntimeError(f"locked {to_text(KEY)}")
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.step()
        if not self.forgetful:
            self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self.step()
        del self.kept[service, username]


def ring_of(module: str, step: Callable[[], None] = lambda: None) -> Ring:
    """A keyring that says that it comes from `module`."""
    made: Ring = types.new_class("Keyring", (Ring,), exec_body=lambda body: body.update(__module__=module))(step)
    return made


def entry(backend: Keyring, *, locked: bool = False) -> KeyringEntry:
    return KeyringEntry("qbo-milestones", "northlight", backend, lambda _: locked)


def test_a_key_in_the_keyring_is_made_once() -> None:
    place = entry(ring_of(KEYRING_MODULES[2]))
    with pytest.raises(BadSettings, match="run connect"):
        place.keys()
    place.make()
    made = place.keys()
    place.make()
    assert place.keys() == made


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
        entry(ring_of(module)).make()


def test_a_locked_keyring_is_not_asked_at_all() -> None:
    """Issue 4, a clear error instead of a prompt: a backend that is asked puts one on a screen and waits for ever."""
    ring = ring_of(KEYRING_MODULES[2])
    ring.broken = True
    for use in (entry(ring, locked=True).keys, entry(ring, locked=True).make):
        with pytest.raises(BadSettings, match="is locked; unlock it or name a key file"):
            use()


@pytest.mark.parametrize("locked", [True, False])
@pytest.mark.parametrize("chosen", ["", "/org/freedesktop/secrets/collection/work"])
@pytest.mark.parametrize("module", KEYRING_MODULES)
def test_the_secret_service_is_asked_whether_it_is_locked(
    monkeypatch: pytest.MonkeyPatch, module: str, chosen: str, *, locked: bool
) -> None:
    """The collection that keyring would use; other backends cannot tell."""
    asked = []

    class Bus:
        def close(self) -> None:
            asked.append("closed")

    class Collection:
        def __init__(self, _bus: Bus, path: str = "default") -> None:
            asked.append(path)

        def is_locked(self) -> bool:
            return locked

    monkeypatch.setattr(secretstorage, "dbus_init", Bus)
    monkeypatch.setattr(secretstorage, "Collection", Collection)
    ring = ring_of(module)
    if chosen:
        vars(ring)["preferred_collection"] = chosen
    tells = module.endswith(("SecretService", "libsecret"))
    assert asks_a_person(ring) == (locked and tells)
    assert asked == ([chosen or "default", "closed"] if tells else [])


def test_a_keyring_that_hangs_is_given_up_and_not_asked_again_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    """A company's worker thread must go on; a second prompt on top of the first would help nobody."""
    monkeypatch.setattr(key_places, "_KEYRING_WAIT_S", 0.2)
    ring, answered = ring_of(KEYRING_MODULES[0]), threading.Event()
    asked = []

    def hanging(_service: str, _username: str) -> str | None:
        asked.append(1)
        answered.wait(20)
        return to_text(KEY)

    vars(ring)["get_password"] = hanging
    began = time.monotonic()
    for _ in range(3):
        with pytest.raises(BadSettings, match=r"no answer within 0.2 s.*unlock it or name a key file"):
            entry(ring).keys()
    assert len(asked) == 1
    assert time.monotonic() - began < 10
    answered.set()
    monkeypatch.setattr(key_places, "_KEYRING_WAIT_S", 20.0)
    assert entry(ring).keys() == (KEY,)


def test_a_keyring_that_fails_says_what_to_do_and_no_secret() -> None:
    ring = ring_of(KEYRING_MODULES[2])
    ring.broken = True
    with pytest.raises(BadSettings) as caught:
        entry(ring).keys()
    assert to_text(KEY) not in str(caught.value)
    assert caught.value.__context__ is None


def test_a_keyring_that_keeps_nothing_is_noticed() -> None:
    ring = ring_of(KEYRING_MODULES[2])
    ring.forgetful = True
    with pytest.raises(BadSettings, match="did not keep"):
        entry(ring).make()


class Crash(BaseException):
    """The process ends here."""


def test_a_change_in_the_keyring_may_stop_anywhere() -> None:
    """Issue 4, key rotation: at every step the old key is still there, until the new one has taken its place."""
    for at in range(1, 10):
        left = [at]

        def step(left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] == 0:
                raise Crash

        ring = ring_of(KEYRING_MODULES[2])
        place = entry(ring)
        place.make()
        (old,) = place.keys()
        ring.step = step
        try:
            place.add(new_key())
        except Crash:
            assert old in set(place.keys())
            continue
        new, kept = place.keys()
        assert kept == old
        assert "--forget-old" in place.settle(forget=False)
        try:
            place.settle(forget=True)
        except Crash:
            assert place.keys() == (new, old)
            continue
        assert place.keys() == (new,)
        assert at == 4
        return
    raise AssertionError("it never came to its end")
