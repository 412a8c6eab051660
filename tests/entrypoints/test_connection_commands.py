"""connect, reconnect, disconnect, status and key rotate as a person calls them; none of them tells a secret."""

import base64
import json
import os
import pty
import re
import select
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from entrypoints.shell import PROGRAM, Said, Shell
from qbo_milestones.config import load
from qbo_milestones.entrypoints import records, tables
from qbo_milestones.model.audit import AuditHead
from qbo_milestones.run.standing import Link, ends_ahead
from qbo_milestones.simulator.server import running
from qbo_milestones.wiring import epochs_of

SECRET = "canary-app-secret-51c2f7d09a"
VARIABLE = "QBO_MILESTONES_QUICKBOOKS__CLIENT_SECRET"
LOOKS_LIKE_A_TOKEN = re.compile(r"eyJ[0-9a-f]{20}|RT1-[0-9a-f]{20}|XAB[0-9a-f]{20}")


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    """A running simulator."""
    with running() as address:
        yield address


@pytest.fixture
def config(shell: Shell, base: str) -> Path:
    """The settings of a fresh company, with an app that has a secret of its own."""
    requests.post(f"{base}/_sim/reset", json={}, timeout=10)
    app = {"client_id": "our-app", "client_secret": SECRET, "loopback": True}
    requests.post(f"{base}/_sim/apps", json=app, timeout=10)
    folder = shell.settings()
    with (folder / "settings.toml").open("a", encoding="utf-8") as file:
        file.write(f'[quickbooks]\nclient_id = "our-app"\nsimulator_port = {urlsplit(base).port}\n')
    return folder


def call(shell: Shell, config: Path, *words: str, secret: str = SECRET) -> Said:
    """Call the program on the company."""
    return shell(*words, "--config", config, **{VARIABLE: secret})


def side(base: str, name: str, body: object) -> Any:
    """The simulator's side door."""
    return requests.post(f"{base}/_sim/{name}", json=body, timeout=10).json()


def test_a_connection_from_the_first_yes_to_the_last_no(shell: Shell, config: Path) -> None:
    """Issue 4: who connected, when, both ends; reconnect keeps; disconnect may be said twice."""
    assert call(shell, config, "reconnect").code == 3
    assert call(shell, config, "disconnect", "--yes").code == 3
    first = call(shell, config, "connect", "--by", "Grace Iwu")
    assert first.code == 0
    assert "Connected to Northlight Studio" in first.out
    assert "connected before" not in first.out
    link = json.loads(call(shell, config, "status", "--json").out)["connection"]
    assert (link["title"], link["connected_by"], link["problem"]) == ("Northlight Studio", "Grace Iwu", None)
    assert link["idle_end"]
    assert link["hard_end"]
    assert link["warnings"] == []
    again = call(shell, config, "reconnect")
    assert "what was posted are as they were" in " ".join(again.out.split())
    assert "@" in json.loads(call(shell, config, "status", "--json").out)["connection"]["connected_by"]
    assert f"check --config {config}" in again.out
    assert call(shell, config, "disconnect").code == 130
    assert "given back" in call(shell, config, "disconnect", "--yes").out
    assert "was not connected" in call(shell, config, "disconnect", "--yes").out
    ended = call(shell, config, "status")
    assert ended.code == 3
    assert "Not connected since" in ended.out
    assert "Next nightly run" in ended.out
    assert call(shell, config, "check").code == 3
    assert call(shell, config, "connect").code == 0


@pytest.mark.parametrize("words", [("reconnect",), ("disconnect", "--yes")])
def test_who_connects_after_a_restore_finds_the_log_older_and_not_broken(
    shell: Shell, config: Path, words: tuple[str, ...]
) -> None:
    """I11, C9: a person who puts back a backup and renews the connection has not altered anything."""
    assert call(shell, config, "connect").code == 0
    database = config / "data" / "milestones.db"
    held, epochs = database.read_bytes(), epochs_of(load(config, {}, ()))
    for _ in range(2):
        assert call(shell, config, "reconnect").code == 0
    epochs.keep_anchor(head_of(database))
    database.write_bytes(held)
    assert call(shell, config, "audit", "verify").code == 1
    call(shell, config, *words)
    assert call(shell, config, "audit", "verify").code == 0
    assert epochs.read() == 1


def head_of(database: Path) -> AuditHead:
    """Where its log ends."""
    with closing(sqlite3.connect(database)) as raw:
        return AuditHead(*raw.execute("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1").fetchone())


def test_ends_that_are_near_are_told_ahead(capsys: pytest.CaptureFixture[str]) -> None:
    """What is said to people and to programs of 100 idle days and of five years."""
    now = datetime(2026, 11, 23, tzinfo=UTC)
    link = Link(idle_end=now + timedelta(days=13), hard_end=now + timedelta(days=89))
    link = replace(link, warnings=ends_ahead(link, now))
    table = tables.new_table("", "")
    tables.connection(table, link)
    tables.console.print(table)
    said = " ".join(capsys.readouterr().out.split())
    assert "The connection ends on 2026-12-06" in said
    assert "must connect again before that day" in said
    warnings = records.connection(link)["warnings"]
    assert [(one["ending"], one["within_days"]) for one in warnings] == [("unused", 14), ("five years", 90)]


@pytest.mark.parametrize(
    ("words", "desk", "why"),
    [
        (("--no-browser",), {}, ""),
        ((), {}, "this machine has no desktop"),
        ((), {"DISPLAY": ":0", "SSH_CONNECTION": "192.0.2.1 1 192.0.2.2 22"}, "by SSH"),
    ],
    ids=["wished", "no desktop", "SSH"],
)
def test_the_owner_pastes_at_the_terminal(
    shell: Shell, config: Path, words: tuple[str, ...], desk: dict[str, str], why: str
) -> None:
    """A machine without a browser: the address, the company's name, a yes; without it nothing is kept (ruling 27)."""
    for yes, code in ((False, 3), (True, 0)):
        said = pasted(shell, config, "y" if yes else "n", words, desk)
        assert said.code == code, said
        assert why in said.out
        assert "stays hidden" in said.out
        assert "Northlight Studio" in said.out
        assert ("Connected to" in said.out) is yes
    assert call(shell, config, "check").code in (0, 2)


def pasted(shell: Shell, config: Path, answer: str, more: tuple[str, ...], desk: dict[str, str]) -> Said:
    """The conversation at a terminal without a browser."""
    words = [str(PROGRAM), "connect", "--paste", *more, "--config", str(config)]
    environment = {**shell.environment, **desk, "COLUMNS": "120", VARIABLE: SECRET}
    ours, theirs = pty.openpty()
    # A session of its own: a prompt for secrets would else look for the terminal at which the tests were started.
    talk = subprocess.Popen(
        words, cwd=shell.folder, env=environment, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    # The last blank comes when the terminal shows and keeps nothing of what was typed before.
    heard = listen(ours, r"(http://\S+)[\r\n](?:.|\n)*stays hidden[^\n]*: ")
    page = re.search(r"(http://\S+)", heard)
    assert page is not None
    final = requests.get(f"{page[1]}&sim_approve=1", allow_redirects=False, timeout=10).headers["Location"]
    os.write(ours, f"{final}\n".encode())
    heard += listen(ours, r"\[y/N\]: ")
    os.write(ours, f"{answer}\n".encode())
    heard += listen(ours, r"\Z(?!)")
    os.close(ours)
    said = Said(talk.wait(timeout=60), " ".join(heard.split()), "")
    shell.said.append(said)
    return said


def listen(terminal: int, until: str) -> str:
    """What is said at a terminal until something is, or until nobody is there any more."""
    heard = ""
    while not re.search(until, heard):
        ready, _, _ = select.select([terminal], [], [], 60)
        assert ready, heard
        try:
            piece = os.read(terminal, 4096)
        except OSError:
            # Linux: the other side was closed.
            return heard
        heard += piece.decode()
    return heard


def test_without_a_terminal_it_is_said_and_nobody_is_waited_for(shell: Shell, config: Path) -> None:
    """A service or a pipe: usage, and no prompt that shows what is pasted; an unanswered question is not "all done"."""
    for words in ((), ("--no-browser",)):
        said = call(shell, config, "connect", "--paste", *words)
        assert said.code == 2
        assert "needs a person" in said.err
        assert "GetPass" not in said.err
    assert call(shell, config, "connect").code == 0
    assert call(shell, config, "disconnect").code == 130
    assert call(shell, config, "status").code == 0


def free_port() -> int:
    """A port of this machine that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


def page_of(shell: Shell, config: Path, *words: str) -> tuple["subprocess.Popen[str]", str]:
    """`connect` with its page, left to wait for the owner; the page's address."""
    command = [str(PROGRAM), "connect", "--paste", "--browser", "--config", str(config), *words]
    environment = {**shell.environment, VARIABLE: SECRET}
    waiting = subprocess.Popen(
        command, cwd=shell.folder, env=environment, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert waiting.stdout is not None
    return waiting, next(line.strip() for line in waiting.stdout if line.startswith("http://"))


def test_sigterm_keeps_nothing_that_waits_for_its_confirmation(shell: Shell, config: Path, base: str) -> None:
    """reliability.md 5: 143. It is not given back either: another worker may live on the same permission."""
    callback = f"http://localhost:{free_port()}/callback"
    waiting, page = page_of(shell, config, "--set", f"quickbooks.redirect_uri={callback}")
    root, same = page.partition("?")[0], {"Sec-Fetch-Site": "same-origin"}
    with requests.Session() as browser:
        key = {"key": page.rpartition("key=")[2]}
        asked = browser.post(f"{root}enter", data=key, headers=same, timeout=10).text
        intuit = re.search('href="([^"]+oauth2[^"]+)"', asked)
        assert intuit is not None
        browser.get(f"{intuit[1].replace('&amp;', '&')}&sim_approve=1", timeout=10)
        assert "Is this the right company?" in browser.get(root, timeout=10).text
    waiting.send_signal(signal.SIGTERM)
    out, err = waiting.communicate(timeout=60)
    assert (waiting.returncode, err) == (143, ""), out
    every = requests.get(f"{base}/_sim/requests", timeout=10).json()["requests"]
    assert [each["status"] for each in every if each["path"].endswith("/tokens/revoke")] == []
    assert call(shell, config, "status").code == 3


def test_sigterm_takes_the_simulator_along_that_the_command_started(shell: Shell) -> None:
    """Whoever started it ends it, so that nobody finds its port and its company taken."""
    port = free_port()
    config = shell.settings(f"[quickbooks]\nsimulator_port = {port}\n")
    waiting, _ = page_of(shell, config, "--set", "quickbooks.redirect_uri=https://www.northlight.example/quickbooks")
    assert requests.get(f"http://127.0.0.1:{port}/_sim/dump", timeout=10).status_code == 200
    waiting.send_signal(signal.SIGTERM)
    out, err = waiting.communicate(timeout=60)
    assert (waiting.returncode, err) == (143, ""), out
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


SURPRISED = """
import sys
import requests
from qbo_milestones.entrypoints.cli import main

plain = requests.Session.request

def surprised(self, method, *given, **more):
    if method == "POST":
        raise RuntimeError(f"surprised by {self.client_secret} and {more}")
    return plain(self, method, *given, **more)

requests.Session.request = surprised
main()
"""


def test_what_we_did_wrong_is_told_without_a_secret(shell: Shell, config: Path) -> None:
    """Ruling 23: an error that nobody expected quotes the app's secret, its header and a code; 70 is ours."""
    done = subprocess.run(
        [sys.executable, "-c", SURPRISED, "connect", "--config", str(config)],
        cwd=shell.folder, env={**shell.environment, VARIABLE: SECRET}, capture_output=True, text=True,
        timeout=90, check=False,
    )  # fmt: skip
    assert done.returncode == 70
    assert "Traceback" in done.stderr
    assert "RuntimeError: surprised by ***" in done.stderr
    assert "redirect_uri" in done.stderr
    for secret in (SECRET, base64.b64encode(f"our-app:{SECRET}".encode()).decode()):
        assert secret not in done.stdout + done.stderr
    assert not LOOKS_LIKE_A_TOKEN.search(done.stdout + done.stderr)


def test_no_failing_command_tells_a_secret(shell: Shell, config: Path, base: str) -> None:
    """Ruling 23: the app's secret, codes, tokens and the key, in no output and no log, whatever fails."""
    wrong = f"{SECRET}-wrong"
    assert call(shell, config, "connect", secret=wrong).code == 2
    for kind in ("lost_answer", "garbled", "truncate", "status"):
        side(base, "faults", {"kind": kind, "entity": "oauth", "path": "bearer", "times": 1})
        assert call(shell, config, "connect").code == 3
    assert call(shell, config, "connect").code == 0
    side(base, "faults", {"kind": "reset", "entity": "oauth", "path": "revoke", "times": 1})
    assert call(shell, config, "disconnect", "--yes").code == 75
    side(base, "revoke", {})
    assert call(shell, config, "check").code == 3
    ended = call(shell, config, "check")
    assert ended.code == 3
    assert f"`qbo-milestones connect --config {config}`" in ended.err
    key = (config / "key").read_text(encoding="ascii").strip()
    (config / "key").write_text(f"{key[:-4]}!!!=\n", encoding="ascii")
    assert call(shell, config, "key", "rotate").code == 2
    assert call(shell, config, "check").code == 2
    (config / "key").write_text(base64.urlsafe_b64encode(b"x" * 32).decode(), encoding="ascii")
    assert call(shell, config, "check").code == 2
    shown = "".join(said.out + said.err for said in shell.said)
    for log in (config / "data").rglob("*.log*"):
        shown += log.read_text(encoding="utf-8")
    assert SECRET not in shown
    assert key[:40] not in shown
    assert not LOOKS_LIKE_A_TOKEN.search(shown)


def test_the_key_is_changed(shell: Shell, config: Path) -> None:
    """Issue 4, key rotation: the old key stays beside the new one until it may go; who changed it is on record."""
    assert call(shell, config, "connect").code == 0
    before = (config / "key").read_text(encoding="ascii")
    said = call(shell, config, "key", "rotate", "--by", "Grace Iwu")
    assert said.code == 0
    told = " ".join(said.out.split())
    assert "The tokens of 1 company are sealed with a new key. A running worker goes on." in told
    assert f"`qbo-milestones key rotate --config {config} --forget-old`" in said.out
    both = (config / "key").read_text(encoding="ascii")
    assert both.split()[1:] == before.split()
    assert call(shell, config, "key", "rotate", "--forget-old").code == 0
    after = (config / "key").read_text(encoding="ascii")
    assert after.split() == both.split()[:1]
    rows = [(row["event"], row["actor"]) for row in call(shell, config, "audit", "list", "--json").json["entries"]]
    assert rows[-1] == ("key.rotated", "Grace Iwu")
    assert call(shell, config, "status", "--json").json["connection"]["problem"] is None
