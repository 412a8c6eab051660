"""`runs`, `digest` and `audit` on a company with two runs behind it, as a person and a program call them."""

import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from entrypoints.shell import Shell
from listener import listening
from qbo_milestones.adapters.epochs import EpochFile
from qbo_milestones.config import load
from qbo_milestones.errors import Refused
from qbo_milestones.model.audit import BROKEN_REMEDY
from qbo_milestones.model.flag import Flag
from qbo_milestones.model.money import from_minor
from qbo_milestones.pipeline.outbox import Stage
from qbo_milestones.pipeline.posting import Identity, InvoiceDraft, Posting, PostingKind
from qbo_milestones.wiring import epochs_of, stored

REALM = "9130000000000001"
NOW = datetime(2026, 11, 23, 3, 17, tzinfo=UTC)
FLAG = Flag("POSTING_REFUSED", "D-1", "QuickBooks refused it.", from_minor(120_050, "USD"))


def _posting() -> Posting:
    amount, day = from_minor(120_050, "USD"), NOW.date()
    draft = InvoiceDraft("7", day, day, amount, "11", "Design", "note", number="D-1-A")
    return Posting(Identity(REALM, "d-1", PostingKind.INVOICE), "D-1", 1, "SOW-1", 1, day, draft, "D-1-A", "c" * 64)


@pytest.fixture
def company(shell: Shell) -> Path:
    """One run that posted nothing, one in which QuickBooks refused an invoice, and one call that was metered."""
    folder = shell.settings(f'[quickbooks]\nrealm = "{REALM}"\n')
    settings = load(folder, {})
    with stored(settings) as store:
        for number in (1, 2):
            lease = store.take_lease("host:1:abc", NOW, timedelta(seconds=30))
            run = store.start_run(lease, NOW.date(), NOW)
            if number == 2:
                store.plan(lease, [(_posting(), b"frozen")], NOW)
                (planned,) = store.outgoing()
                store.move(
                    lease,
                    store.begin(lease, planned, NOW),
                    Stage.REFUSED,
                    NOW,
                    failure=Refused("no", code="6000", tid="1-a"),
                )
                store.keep_flags(lease, [FLAG], run, NOW.date())
            store.finish_run(
                lease, run, NOW.replace(minute=18), number - 1, {"posted": "0", "refused": str(number - 1)}
            )
            store.release_lease(lease)
        store.meter(10).count()
        epochs_of(settings).keep_anchor(store.audit_head())
    return folder


def test_the_history_of_runs(shell: Shell, company: Path) -> None:
    """Issue 4, Operation: run history, in words and numbers."""
    said = shell("runs", "--config", company)
    assert said.code == 0
    assert "1: a person is waited for" in said.out
    assert "0:01:00" in said.out
    newest, first = shell("runs", "--config", company, "--json").json["runs"]
    assert (newest["run"], newest["exit_code"], newest["took_s"], first["ended"]) == (2, 1, 60, "all done")
    assert len(shell("runs", "--config", company, "--count", "1", "--json").json["runs"]) == 1


def test_a_run_of_a_business_date_is_told_as_such(shell: Shell, company: Path) -> None:
    """Issue 4, Operation: why a run took place, as far as it is on record: the schedule names its runs, no one else."""
    with closing(sqlite3.connect(company / "data" / "milestones.db", isolation_level=None)) as raw:
        raw.execute(
            "INSERT INTO due_run (company, kind, business_date, due_at, next_try_at, stage, ended_at, run, exit_code) "
            "VALUES (?1, 'nightly', '2026-11-23', ?2, ?2, 'done', ?2, 2, 1)",
            (REALM, f"{NOW:%Y-%m-%d %H:%M:%S.%f}"),
        )
    assert [one["why"] for one in shell("runs", "--config", company, "--json").json["runs"]] == ["night", None]
    lines = [line.split() for line in shell("runs", "--config", company).out.splitlines() if "2026-11-23" in line]
    assert [line[2] for line in lines] == ["night", "2026-11-23"]
    assert "Run 2 for 2026-11-23, the nightly one" in shell("runs", "2", "--config", company).out
    assert "nightly" not in shell("runs", "1", "--config", company).out
    assert "2026-11-23   night" in shell("status", "--config", company).out


def test_one_run_in_full(shell: Shell, company: Path) -> None:
    """Its sends with their trace ids for QuickBooks' support, and its flags."""
    said = shell("runs", "2", "--config", company)
    for what in ("Run 2 for 2026-11-23", "D-1-A", "1,200.50 USD", "refused 6000", "1-a", "Opened: POSTING_REFUSED"):
        assert what in said.out
    found = shell("runs", "2", "--config", company, "--json").json
    (sent,) = found["sends"]
    assert (sent["outcome"], sent["intuit_tid"], sent["code"], sent["amount"]["amount"]) == (
        "refused",
        "1-a",
        "6000",
        "1200.50",
    )
    assert [one["kind"] for one in found["flags_opened"]] == ["POSTING_REFUSED"]
    missing = shell("runs", "9", "--config", company)
    assert (missing.code, missing.out) == (2, "")
    assert "There is no run 9" in missing.err


def test_the_digest_again(shell: Shell, company: Path) -> None:
    """Printed without being sent; sent to a real receiver; a receiver that is not there is said."""
    said = shell("digest", "--config", company)
    assert said.code == 0
    assert "QuickBooks refused D-1-A (1,200.50 USD, code 6000)." in said.out
    nobody = shell("digest", "--config", company, "--send")
    assert nobody.code == 2
    assert "set digest.to" in nobody.err
    with listening() as room:
        sent = shell("digest", "--config", company, "--send", "--json", QBO_MILESTONES_DIGEST__TO=room.room)
        (message,) = room.messages()
    assert (message["title"], message["message"], sent.json["sent"]) == (sent.json["title"], sent.json["text"], 1)
    away = shell("digest", "--config", company, "--send", QBO_MILESTONES_DIGEST__TO=room.room)
    assert away.code == 75
    said_so = " ".join(away.err.split())
    assert "1 of the 1 receivers in digest.to did not take the digest: number 1 (json)." in said_so
    assert "canary" not in "".join(one.out + one.err for one in shell.said)


def test_the_audit_log_is_checked_and_shown(shell: Shell, company: Path) -> None:
    """reliability.md 4, Audit log: exit code 0 while it is whole."""
    said = shell("audit", "verify", "--config", company)
    assert said.code == 0
    assert re.search(
        r"The chain is whole\. 8 rows, the last [0-9a-f]{64}; row 8 is the one", " ".join(said.out.split())
    )
    found = shell("audit", "verify", "--config", company, "--json").json
    assert (found["state"], found["broken_row"], found["head"]) == ("intact", None, found["anchor"])
    shown = shell("audit", "list", "--config", company)
    assert "posting.refused" in shown.out
    rows = shell("audit", "list", "--config", company, "--deliverable", "d-1", "--json").json["entries"]
    assert [row["event"] for row in rows] == ["posting.planned", "posting.sending", "posting.refused", "flag.opened"]
    none = shell("audit", "list", "--config", company, "--since", "2126-01-01", "--json")
    assert none.json == {"entries": []}


def test_what_the_audit_log_does_not_have_is_said(shell: Shell, company: Path) -> None:
    """An empty table tells nobody whether the question was understood."""
    asked = {
        ("--deliverable", "D-999"): "Nothing is on record of D-999.",
        ("--since", "2126-01-01"): "Nothing is on record since 2126-01-01.",
        ("--deliverable", "d-1", "--since", "2126-01-01"): "Nothing is on record of d-1 since 2126-01-01.",
    }
    for words, sentence in asked.items():
        said = shell("audit", "list", "--config", company, *words)
        assert (said.code, said.out.strip()) == (0, sentence)
    for day in ("yesterday", "20261123", "2026-13-01"):
        wrong = shell("audit", "list", "--config", company, "--since", day)
        sentence = f"write the day as YYYY-MM-DD, like 2026-11-23; '{day}' is none."
        assert (wrong.code, sentence in " ".join(wrong.err.replace("\u2502", " ").split())) == (2, True)


def test_an_altered_log_ends_with_the_code_of_an_integrity_stop(shell: Shell, company: Path) -> None:
    """reliability.md 5: 5, with the first broken row; the same whenever it is asked."""
    with closing(sqlite3.connect(company / "data" / "milestones.db", isolation_level=None)) as raw:
        raw.executescript("DROP TRIGGER rule_audit_frozen; UPDATE audit SET actor = 'nobody' WHERE seq = 5")
    said = shell("audit", "verify", "--config", company)
    assert said.code == 5
    text = " ".join(said.out.split())
    assert "Audit log, row 5: it was changed after it was written." in text
    # What the doctor advises too: a backup put back would wipe out what somebody did.
    assert text.endswith(BROKEN_REMEDY)
    found = shell("audit", "verify", "--config", company, "--json")
    assert (found.code, found.json["state"], found.json["broken_row"]) == (5, "broken", 5)


def test_a_log_that_ends_elsewhere_than_its_anchor(shell: Shell, company: Path) -> None:
    """An older database is told from an altered one."""
    epochs = EpochFile(company / "simulator.epoch")
    head = epochs.anchor()
    epochs.keep_anchor(type(head)(head.seq + 40, head.hash))
    said = shell("audit", "verify", "--config", company)
    assert said.code == 1
    assert "The database is older than the last run" in said.out


def test_status_tells_the_metered_calls(shell: Shell, company: Path) -> None:
    """reliability.md 1.2: how much of the month is used."""
    assert shell("status", "--config", company, "--json").json["metered_calls"] == {
        "this_month": 1,
        "this_month_all_companies": 1,
        "allowed": 500_000,
    }
    assert "1 this month of 500,000" in shell("status", "--config", company).out


def test_a_person_answers_for_an_altered_log(shell: Shell, company: Path) -> None:
    """I11: the way on is named, asked for, and kept; it is not there for a log that is whole."""
    accept = ("audit", "accept", "--config", company, "--reason", "I put back a backup")
    assert "nothing to accept" in shell(*accept).out
    with closing(sqlite3.connect(company / "data" / "milestones.db", isolation_level=None)) as raw:
        raw.executescript("DROP TRIGGER rule_audit_frozen; UPDATE audit SET actor = 'nobody' WHERE seq = 5")
    assert "audit accept" in shell("audit", "verify", "--config", company).out
    assert shell("audit", "accept", "--config", company, "--reason", " ", "--yes").code == 2
    assert shell(*accept).code == 1
    assert shell("audit", "verify", "--config", company).code == 5
    assert shell(*accept, "--yes", "--by", "Grace Iwu").code == 0
    assert shell("audit", "verify", "--config", company).code == 0
    last = shell("audit", "list", "--config", company, "--json").json["entries"][-1]
    assert (last["event"], last["actor"], last["content"]["reason"]) == (
        *("log.accepted", "Grace Iwu"),
        "I put back a backup",
    )
