"""Real processes that want an access token at one moment: forked by one that has read the program already.

Run as a script: a job as JSON on standard input, what each taker met as a JSON list on standard output.
"""

import hashlib
import json
import os
import signal
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

from qbo_milestones.adapters.quickbooks.grant import Grant
from qbo_milestones.adapters.quickbooks.login import Login
from qbo_milestones.adapters.quickbooks.tokens import Tokens
from qbo_milestones.adapters.quickbooks.vault import Key, Vault
from qbo_milestones.adapters.store.engine import open_engine
from qbo_milestones.adapters.store.tokens import TokenRoom
from qbo_milestones.errors import Failure
from qbo_milestones.keys import SealedTokens
from qbo_milestones.wiring import SystemClock

KEY = Key(bytes(range(32)))
# Where a taker may be killed: the mark stands; Intuit has answered; the new pair is kept.
MARKED, ANSWERED, KEPT = "marked", "answered", "kept"
# Instead of dying: somebody who holds no lock of ours is faster, and keeps what Intuit gives.
OVERTAKEN = "overtaken"
# What is wanted: any good token, another one than the refused, one of a connection that is not idle.
ANY, RENEWED, ALIVE = "any", "renewed", "alive"


def fingerprint(token: str) -> str:
    """Which token it is, told without telling it: what a test's own program prints is heard too (canaries.py)."""
    return hashlib.sha256(token.encode()).hexdigest()


def die() -> None:
    """kill -9."""
    os.kill(os.getpid(), signal.SIGKILL)


class DoomedStore(SealedTokens):
    """Dies right after the new pair was committed."""

    def save(self, tokens: Tokens, expected_version: int) -> bool:
        """See tokens.TokenStore."""
        super().save(tokens, expected_version)
        die()
        return True


class DoomedLogin(Login):
    """Dies before the question leaves, or when the answer has come."""

    at = ""
    store: SealedTokens

    def refresh(self, tokens: Tokens) -> Tokens:
        """See grant.Refresher."""
        if self.at == MARKED:
            die()
        if self.at == OVERTAKEN:
            self.at = ""
            self.store.save(super().refresh(tokens), tokens.version)
        fresh = super().refresh(tokens)
        if self.at == ANSWERED:
            die()
        return fresh


def room_of(database: str, realm: str) -> TokenRoom:
    """The row of the tokens; the process ends before anybody would close it."""
    return TokenRoom(open_engine(f"sqlite:///{database}"), realm)


def taken(job: Mapping[str, Any], dies: str) -> list[dict[str, str]]:
    """What one process met, one entry a thread."""
    vault, room = Vault(KEY), room_of(job["database"], job["realm"])
    store = (DoomedStore if dies == KEPT else SealedTokens)(room, vault, job["realm"])
    discovery = f"{job['base']}/.well-known/openid_sandbox_configuration"
    login = DoomedLogin("simulator-app", "simulator-secret", "http://localhost/", discovery, SystemClock())
    login.at, login.store = dies, store
    grant = Grant(store, login, SystemClock())

    def take(_n: int) -> dict[str, str]:
        try:
            if job["wants"] == ALIVE:
                grant.keep_alive(timedelta(days=30))
            token = grant.renewed(job["refused"]) if job["wants"] == RENEWED else grant.access_token()
            return {"token": fingerprint(token)}
        except Failure as failure:
            return {"failure": type(failure).__name__, "text": failure.text}

    with ThreadPoolExecutor(job["threads"]) as pool:
        return list(pool.map(take, range(job["threads"])))


def fork(job: Mapping[str, Any], dies: str, gate: int) -> tuple[int, int]:
    """A taker that waits at the gate; its process id, and where to read what it met."""
    reader, writer = os.pipe()
    child = os.fork()
    if child:
        os.close(writer)
        return child, reader
    os.read(gate, 1)
    os.write(writer, json.dumps(taken(job, dies)).encode())
    os._exit(0)


def main() -> None:
    """Let all takers go at once, and tell what they met; one that was killed met nothing."""
    job = json.load(sys.stdin)
    met: list[Any] = []
    for crowd in job["crowds"]:
        gates = [os.pipe() for _ in crowd]
        takers = [fork(job, dies, gate[0]) for dies, gate in zip(crowd, gates, strict=True)]
        for _, opener in gates:
            os.write(opener, b"!")
        for child, reader in takers:
            with os.fdopen(reader, "rb") as answers:
                text = answers.read()
            os.waitpid(child, 0)
            met += json.loads(text) if text else [{"killed": datetime.now(UTC).isoformat()}]
    json.dump(met, sys.stdout)


if __name__ == "__main__":
    main()
