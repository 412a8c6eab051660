"""`door` as a command: a real process that hears a simulated company, and says what it lacks."""

import json
import signal
import subprocess
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from entrypoints.shell import PROGRAM, Shell
from qbo_milestones.adapters.store.engine import open_engine
from qbo_milestones.adapters.store.events import waiting_hints
from qbo_milestones.simulator.server import running

REALM, VERIFIER = "9341450000000001", "canary-verifier-token-1"


def test_without_a_verifier_token_it_says_what_to_do(shell: Shell) -> None:
    """Exit code 2, and where the token is found."""
    said = shell("door", "--config", shell.settings(), "--port", "0", QBO_MILESTONES_QUICKBOOKS__WEBHOOK_VERIFIER="")
    assert said.code == 2
    assert "QBO_MILESTONES_QUICKBOOKS__WEBHOOK_VERIFIER" in said.err


@pytest.mark.parametrize("shape", ["cloudevents", "legacy"])
def test_the_simulated_company_speaks_to_the_real_door(shell: Shell, shape: str) -> None:
    """From a change in the books to the hint, over two servers and a real signature; duplicates and forgeries too."""
    folder = shell.settings(f'[quickbooks]\nrealm = "{REALM}"\n')
    engine = open_engine(f"sqlite:///{folder / 'data' / 'milestones.db'}")
    command = [str(PROGRAM), "door", "--config", str(folder), "--port", "0"]
    secret = {"QBO_MILESTONES_QUICKBOOKS__WEBHOOK_VERIFIER": VERIFIER}
    with (
        running() as base,
        subprocess.Popen(
            command,
            cwd=shell.folder,
            env={**shell.environment, **secret},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            talk(base, f"{address}/webhook", shape)
            process.send_signal(signal.SIGTERM)
            _, complaints = process.communicate(timeout=30)
        finally:
            process.kill()
    assert process.returncode == 0
    assert list(waiting_hints(engine, datetime.now(UTC))) == [REALM]
    with engine.connect() as connection:
        kept = connection.exec_driver_sql("SELECT count(*) FROM webhook_event").scalar()
    engine.dispose()
    told = [json.loads(line) for line in complaints.splitlines()]
    assert sum(line["count"] for line in told if line["event"] == "webhook_kept") == kept == 2
    assert [line["event"] for line in told if line["level"] == "warning"] == ["webhook_not_signed"]
    assert VERIFIER not in complaints


def talk(base: str, url: str, shape: str) -> None:
    """Three customers are made in the books; the first is told of twice, the last with a forged signature."""

    def side(name: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = requests.post(f"{base}/_sim/{name}", json=body, timeout=30)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    side("settings", {"webhook_timer": False})
    token = side("token", {"realm": REALM})["access_token"]
    side("webhooks", {"client_id": "side-door", "url": url, "verifier_token": VERIFIER, "format": shape})
    side("webhooks/mischief", {"kind": "duplicate", "nth": 1})
    side("webhooks/mischief", {"kind": "bad_signature", "nth": 3})
    for number in range(3):
        answer = requests.post(
            f"{base}/v3/company/{REALM}/customer",
            json={"DisplayName": f"Customer {number}"},
            headers={"Authorization": f"Bearer {token}"},
            timeout=30,
        )
        assert answer.status_code == 200, answer.text
        side("webhooks/deliver", {})
