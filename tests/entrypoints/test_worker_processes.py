"""The worker as a real process against the simulator over TCP: it bills, drains, dies and catches up (issue 4).

Time-outs are a twentieth (ruling 7): a lease of 1.5 s, a quiet time of 2 s, a tick and a second try after 3 s.
"""

import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from entrypoints.shell import environment_of
from journeys.agency import Papers
from journeys.simulated import Simulated
from qbo_milestones.entrypoints.one_run import run_once
from qbo_milestones.entrypoints.signals import Stop
from qbo_milestones.simulator.server import running
from qbo_milestones.wiring import load_settings

PATIENCE_S = 60
_SHM = Path("/dev/shm")  # noqa: S108 - a folder of our own in it
SETTINGS = """company = "{name}"
home = "data"
[key]
source = "file"
[quickbooks]
simulator_port = {port}
[register]
source = "../papers/register"
[evidence]
folder = "../papers/evidence"
[schedule]
at = "00:00"
jitter_min = 0
[posting]
patience = 0.05
quiet_s = 40
lanes = 1
"""


@dataclass
class Desk:
    """A folder with the papers and the settings of companies, and the processes that work there."""

    folder: Path
    simulated: Simulated
    papers: Papers
    children: list["subprocess.Popen[str]"] = field(default_factory=list)

    def company(self, name: str, more: str = "") -> Path:
        """The settings of a company, connected."""
        folder = self.folder / name
        folder.mkdir(mode=0o700)
        text = SETTINGS.format(name=name, port=self.simulated.base.rpartition(":")[2]) + more
        (folder / "settings.toml").write_text(text, encoding="utf-8")
        assert self.call("connect", "--config", folder)[0] == 0
        return folder

    def start(self, *words: str | Path) -> "subprocess.Popen[str]":
        """The program, left to work."""
        environment = environment_of(self.folder)
        pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        command = [sys.executable, "-m", "qbo_milestones", *map(str, words)]
        child = subprocess.Popen(command, cwd=self.folder, env=environment, stdin=subprocess.DEVNULL, **pipes)
        self.children.append(child)
        return child

    def call(self, *words: str | Path) -> tuple[int, str]:
        """The program to its end: its exit code, and all that it said."""
        return self.end(self.start(*words))

    def end(self, child: "subprocess.Popen[str]") -> tuple[int, str]:
        """Wait for it."""
        out, error = child.communicate(timeout=PATIENCE_S)
        assert "Traceback" not in out + error, error
        return child.returncode, out + error

    def hear(self, child: "subprocess.Popen[str]", words: str) -> None:
        """Wait until it says this."""
        assert child.stderr is not None
        patience = threading.Timer(PATIENCE_S, child.kill)
        patience.start()
        said = ""
        while words not in said:
            line = child.stderr.readline()
            assert line, f"it ended without {words}: {said}"
            said += line
        patience.cancel()

    def ask(self, company: Path, query: str) -> list[Any]:
        """What stands in a company's database; nothing before there is one."""
        file = f"file:{company / 'data' / 'milestones.db'}?mode=ro"
        with closing(sqlite3.connect(file, uri=True, timeout=10)) as connection:
            return connection.execute(query).fetchall()

    def in_the_air(self, company: Path) -> bool:
        """Whether the slow request, the second of all, is being answered."""
        return self.ask(company, "SELECT count(*), count(outcome) FROM attempt") == [(2, 1)]

    def stages(self, company: Path) -> dict[str, int]:
        """Postings by stage."""
        return dict(self.ask(company, "SELECT stage, count(*) FROM posting GROUP BY stage"))

    def due(self, company: Path) -> list[Any]:
        """Stages and exit codes of the due dates."""
        return self.ask(company, "SELECT stage, exit_code FROM due_run ORDER BY business_date")

    def until(self, fact: Callable[[], bool]) -> None:
        """Wait until it is so."""
        end = time.monotonic() + PATIENCE_S
        while not fact():
            assert time.monotonic() < end, "it never came to it"
            time.sleep(0.02)

    def close(self) -> None:
        """Nobody works on."""
        for child in self.children:
            if child.poll() is None:
                child.kill()
            child.communicate()
        self.simulated.close()


@pytest.fixture
def desk() -> Iterator[Desk]:
    """Two rows to bill: four postings. In memory, where a busy disk cannot make a short lease run out."""
    memory = _SHM if _SHM.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="worker-", dir=memory) as name, running() as base:
        simulated, folder = Simulated(base), Path(name)
        papers = Papers(folder / "papers")
        papers.accept("D-101", "1200.00")
        papers.accept("D-102", "800.50")
        papers.write()
        made = Desk(folder, simulated, papers)
        yield made
        made.close()


def slow(desk: Desk, seconds: float) -> None:
    """The second posting is answered late."""
    desk.simulated.spoil("latency", method="POST", entity="journalentry", nth=2, times=1, latency_s=seconds)


def billed(desk: Desk) -> bool:
    """Each document once, and the books in order."""
    if desk.simulated.numbers() != ["D-101-A", "D-101-AJ", "D-102-A", "D-102-AJ"]:
        return False
    desk.simulated.prove()
    return True


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_that_is_asked_to_stop_hears_the_answer_out(desk: Desk, number: signal.Signals) -> None:
    """Issue 4, drain: the request in hand is answered and committed, no more is sent, the lease is free, exit 0."""
    company = desk.company("northlight")
    slow(desk, 2)
    worker = desk.start("worker", "--config", company)
    desk.until(lambda: desk.in_the_air(company))
    worker.send_signal(number)
    code, said = desk.end(worker)
    assert code == 0, said
    assert '"event": "draining"' in said
    assert desk.stages(company) == {"posted": 2, "planned": 2}
    assert desk.ask(company, "SELECT exit_code FROM run") == [(75,)]
    assert desk.ask(company, "SELECT lease_owner FROM company") == [(None,)]
    assert desk.due(company) == [("due", 75)]
    # The next one goes on where this one stopped.
    desk.start("worker", "--config", company)
    desk.until(lambda: desk.due(company) == [("done", 0)])
    assert billed(desk)


@pytest.mark.parametrize(
    ("signals", "code"),
    [
        ((signal.SIGTERM, signal.SIGTERM), 143),
        ((signal.SIGINT, signal.SIGINT), 130),
        ((signal.SIGKILL,), -9),
    ],
)
def test_a_worker_that_ends_at_once_is_caught_up(desk: Desk, signals: tuple[signal.Signals, ...], code: int) -> None:
    """Issue 4: a second signal, or kill -9, in a send: it stays `sending`, is looked for, and is billed once."""
    company = desk.company("northlight")
    slow(desk, 20)
    worker = desk.start("worker", "--config", company)
    desk.until(lambda: desk.in_the_air(company))
    worker.send_signal(signals[0])
    for number in signals[1:]:
        # Two signals that come at once may be one.
        desk.hear(worker, '"event": "draining"')
        worker.send_signal(number)
    assert desk.end(worker)[0] == code
    assert desk.stages(company)["sending"] == 1
    desk.simulated.heal()
    desk.start("worker", "--config", company)
    desk.until(lambda: desk.due(company) == [("done", 0)])
    assert billed(desk)


def test_a_person_and_the_worker_never_run_at_once(desk: Desk) -> None:
    """Issue 4, lease: the second is told who works, exits with 75, and the due run is tried again."""
    company = desk.company("northlight")
    slow(desk, 6)
    person = desk.start("run", "--config", company)
    desk.until(lambda: desk.in_the_air(company))
    assert desk.call("worker", "--once", "--config", company)[0] == 75
    assert desk.due(company) == [("due", 75)]
    code, said = desk.call("run", "--config", company)
    assert code == 75
    assert "Another run (" in said
    assert desk.end(person)[0] == 0
    desk.start("worker", "--config", company)
    desk.until(lambda: desk.due(company) == [("done", 0)])
    assert billed(desk)


def test_a_person_is_kept_from_running_beside_the_worker(desk: Desk) -> None:
    """Issue 4, lease, the other way round."""
    company = desk.company("northlight")
    slow(desk, 5)
    desk.start("worker", "--config", company)
    desk.until(lambda: desk.in_the_air(company))
    code, said = desk.call("run", "--json", "--config", company)
    assert code == 75
    assert "Another run (" in said
    desk.until(lambda: desk.due(company) == [("done", 0)])
    assert billed(desk)


def test_a_look_by_day_posts_nothing_and_brings_payments_back(desk: Desk) -> None:
    """Issue 4: what a webhook says is only a hint that a company is due for a look; posting is the night's."""
    company = desk.company("northlight")
    settings = load_settings(company)
    look = partial(run_once, settings, Stop(), lambda _: None, looks_only=True)
    assert look().exit_code == 0
    assert (desk.simulated.numbers(), desk.stages(company)) == ([], {})
    assert desk.call("run", "--config", company)[0] == 0
    desk.simulated.pay(1200.0, [(desk.simulated.find("Invoice", "D-101-A"), 1200.0)])
    assert look().exit_code == 0
    assert desk.ask(company, "SELECT count(*) FROM document WHERE kind = 'Payment'") == [(1,)]
    assert billed(desk)


def test_reconnecting_keeps_what_was_read_and_what_was_posted(desk: Desk) -> None:
    """Issue 4: the next run reads only what changed, and nothing is billed again."""
    company = desk.company("northlight")
    assert desk.call("run", "--config", company)[0] == 0
    kept = ("SELECT books_cursor FROM company", "SELECT * FROM posting", "SELECT * FROM document")
    before = [desk.ask(company, query) for query in kept]
    assert desk.call("disconnect", "--yes", "--config", company)[0] == 0
    assert desk.call("reconnect", "--config", company)[0] == 0
    assert [desk.ask(company, query) for query in kept] == before
    desk.simulated.come_in()
    desk.simulated.side("DELETE", "requests")
    assert desk.call("run", "--config", company)[0] == 0
    asked = desk.simulated.asked()
    assert any(each["path"].endswith("/cdc") for each in asked)
    # A whole read goes page by page.
    assert "from invoice" not in str(asked).lower()
    assert desk.simulated.writes() == []
    assert billed(desk)


def test_one_company_is_refused_and_the_other_is_billed(desk: Desk) -> None:
    """Issue 4: one company's failure never stops another; its date is tried again, and the worker works on."""
    refused = desk.company("southwind", '[billing]\nitem = "No such item"\n')
    company = desk.company("northlight")
    code, said = desk.call("worker", "--once", "--config", refused, "--config", company)
    assert code == 2, said
    assert (desk.due(refused), desk.due(company)) == ([("due", 2)], [("done", 0)])
    assert desk.stages(refused) == {}
    assert billed(desk)
    assert desk.call("worker", "--once", "--config", refused, "--config", company)[0] == 0


def test_settings_that_cannot_be_read_stop_only_their_company(desk: Desk) -> None:
    """Issue 4: a typo and a reboot must not leave all others unbilled; where none can be read nothing begins."""
    company = desk.company("northlight")
    code, said = desk.call("worker", "--once", "--config", desk.folder / "nowhere", "--config", company)
    assert code == 2
    assert '"event": "company_not_served"' in said
    assert "nowhere" in said
    assert desk.due(company) == [("done", 0)]
    assert billed(desk)
    code, said = desk.call("worker", "--config", desk.folder / "nowhere", "--config", desk.folder / "nor-here")
    assert code == 2
    assert "Error: There is no settings folder" in said


def test_a_person_s_first_ctrl_c_drains_the_run(desk: Desk) -> None:
    """Issue 4: what is in hand is answered, 75 says that there is more to do."""
    company = desk.company("northlight")
    slow(desk, 2)
    person = desk.start("run", "--config", company)
    desk.until(lambda: desk.in_the_air(company))
    person.send_signal(signal.SIGINT)
    code, said = desk.end(person)
    assert code == 75
    assert "Stopping once the requests in hand are answered" in said
    assert desk.stages(company) == {"posted": 2, "planned": 2}
