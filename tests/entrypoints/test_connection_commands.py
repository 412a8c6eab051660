"""connect, reconnect, disconnect, status and key rotate as a person calls them; none of them tells a secret."""

import base64
import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from entrypoints.shell import PROGRAM, Said, Shell
from qbo_milestones.entrypoints import records, tables
from qbo_milestones.run.standing import Link, ends_ahead
from qbo_milestones.simulator.server import running

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
    assert call(shell, config, "disconnect").code == 1
    assert "given back" in call(shell, config, "disconnect", "--yes").out
    assert "was not connected" in call(shell, config, "disconnect", "--yes").out
    assert "Not connected since" in call(shell, config, "status").out
    assert call(shell, config, "check").code == 3
    assert call(shell, config, "connect").code == 0


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


def test_the_owner_pastes_at_the_terminal(shell: Shell, config: Path) -> None:
    """A machine without a browser: the address, the company's name, a yes; without it nothing is kept."""
    for yes, code in ((False, 3), (True, 0)):
        said = pasted(shell, config, "y" if yes else "n")
        assert said.code == code, said
        assert "Northlight Studio" in said.out
        assert ("Connected to" in said.out) is yes
    assert call(shell, config, "check").code in (0, 2)


def pasted(shell: Shell, config: Path, answer: str) -> Said:
    """The conversation at a terminal without a browser."""
    words = [str(PROGRAM), "connect", "--paste", "--no-browser", "--config", str(config)]
    environment = {**shell.environment, VARIABLE: SECRET}
    talk = subprocess.Popen(
        words, cwd=shell.folder, env=environment, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert talk.stdout is not None
    lines = iter(talk.stdout.readline, "")
    page = next(line.strip() for line in lines if line.startswith("http"))
    final = requests.get(f"{page}&sim_approve=1", allow_redirects=False, timeout=10).headers["Location"]
    out, err = talk.communicate(f"{final}\n{answer}\n", timeout=60)
    said = Said(talk.returncode, out, err)
    shell.said.append(said)
    return said


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
    assert call(shell, config, "check").code == 3
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
    """Issue 4, key rotation: the connection goes on with the new key, and the old one is gone."""
    assert call(shell, config, "connect").code == 0
    before = (config / "key").read_text(encoding="ascii")
    said = call(shell, config, "key", "rotate")
    assert said.code == 0
    assert "The key was changed" in said.out
    after = (config / "key").read_text(encoding="ascii")
    assert len(after.split()) == 1
    assert after != before
    assert call(shell, config, "status", "--json").json["connection"]["problem"] is None
