"""One test for each rule without which something is billed twice or lost; level I takes the rules away one by one.

Each test falls when its rule is gone, and stands when any of the other nine is (ruling 33).
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from qbo_milestones.adapters.quickbooks.answers import judged
from qbo_milestones.adapters.quickbooks.faults import Answer
from qbo_milestones.adapters.quickbooks.grant import Grant
from qbo_milestones.adapters.quickbooks.tokens import Stored, Tokens
from qbo_milestones.errors import Doubtful, Unavailable
from qbo_milestones.model.books import Changes, DocumentKind
from qbo_milestones.pipeline.outbox import Stage
from qbo_milestones.ports import Sent

from .posting_model import NOW, OURS, QUIET_S, Policy
from .quickbooks_model import Fault, World
from .real_posting import Company, MovedClock, plan_one

# No requestid is remembered and a query shows everything at once: only the rules themselves help.
FORGETFUL = World(0, 0, 20)


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in which one posting is planned."""
    return plan_one(tmp_path_factory.mktemp("planned") / "store.db")


@contextmanager
def company(folder: Path, planned: Path, *faults: Fault) -> Iterator[Company]:
    """The real store and delivery, and a QuickBooks that meets the faults."""
    made = Company(folder, planned, Policy("ours"), FORGETFUL, faults)
    yield made
    made.close()


def sends(made: Company) -> list[str]:
    """What was sent, without the time."""
    return [line.partition(" s: ")[2] for line in made.log if "sent as" in line]


def test_a_row_says_sending_before_anything_is_sent(tmp_path: Path, planned: Path) -> None:
    """Write-ahead row, I1: whoever finds the database after a death knows that something may have been sent."""
    seen: list[Stage] = []
    with company(tmp_path, planned) as made:
        send = made.send

        def watched(_kind: object, body: bytes, requestid: str) -> Sent:
            seen.append(made.row().stage)
            return send(_kind, body, requestid)

        made.send = watched  # type: ignore[method-assign]
        made.deliver()
    assert seen == [Stage.SENDING]


def test_nothing_is_concluded_while_quickbooks_may_still_be_at_work(tmp_path: Path, planned: Path) -> None:
    """Quiet time, I5: a second before it is over nobody has looked, and nobody has sent again."""
    with company(tmp_path, planned, Fault.LATE) as made:
        made.deliver()
        made.clock.seconds = QUIET_S - 1
        made.deliver()
        assert len(made.log) == 1
        assert made.row().stage is Stage.DOUBTFUL


def test_what_was_applied_unheard_is_found_and_not_sent_again(tmp_path: Path, planned: Path) -> None:
    """Look-up, I4: with QuickBooks' memory gone, only looking keeps a lost answer from becoming a second invoice."""
    with company(tmp_path, planned, Fault.ANSWER_LOST) as made:
        made.deliver()
        made.clock.seconds = 2 * QUIET_S
        made.deliver()
        assert len(sends(made)) == 1
        assert (made.row().stage, made.row().adopted) == (Stage.POSTED, True)


def test_what_is_sent_again_goes_under_the_same_requestid(tmp_path: Path, planned: Path) -> None:
    """Same id, I3: should the look-up have missed it, QuickBooks still knows it by its requestid."""
    used: list[str] = []
    with company(tmp_path, planned) as made:

        def lost(_kind: object, body: bytes, requestid: str) -> Sent:
            assert body == OURS.body
            used.append(requestid)
            raise Doubtful("no answer")

        made.send = lost  # type: ignore[method-assign]
        for at in (0, QUIET_S, 2 * QUIET_S):
            made.clock.seconds = at
            made.deliver()
    assert len(used) == 3
    assert set(used) == {OURS.requestid}


def test_who_lost_the_lease_writes_nothing(tmp_path: Path, planned: Path) -> None:
    """Fence, I7: a worker that was paused while another took over begins no send."""
    with company(tmp_path, planned) as made:
        late = made.lease
        made.store.release_lease(late)
        made.lease = made.store.take_lease("heir", NOW, timedelta(hours=1))
        with pytest.raises(Unavailable):
            made.store.begin(late, made.row(), NOW)
        assert made.row().stage is Stage.PLANNED


@dataclass
class Drawer:
    """What outlives a process of one connection's tokens."""

    kept: Tokens

    def load(self) -> Stored:
        return Stored(self.kept)

    def version(self) -> int:
        return self.kept.version

    def save(self, tokens: Tokens, expected_version: int) -> bool:
        free = self.kept.version == expected_version
        self.kept = tokens if free else self.kept
        return free

    def mark(self, version: int, _since: datetime | None) -> bool:
        return version == self.kept.version

    def end(self, version: int, _at: datetime) -> bool:
        return version == self.kept.version

    @contextmanager
    def lock(self) -> Iterator[None]:
        yield


class Intuit:
    """Gives the next pair."""

    def refresh(self, tokens: Tokens) -> Tokens:
        ends = NOW + timedelta(hours=1)
        return replace(
            tokens, access="access-2", refresh="refresh-2", access_expires_at=ends, version=tokens.version + 1
        )


def test_new_tokens_are_kept_before_they_are_used() -> None:
    """Persist before use, reliability.md 1.8: who dies with a pair only in memory has lost the connection."""
    drawer = Drawer(Tokens("1", "access-1", "refresh-1", NOW, NOW + timedelta(days=100), None, 1, NOW))
    used = Grant(drawer, Intuit(), MovedClock()).access_token()
    assert used == drawer.kept.access == "access-2"


def test_the_database_takes_no_second_live_posting_of_a_key(tmp_path: Path, planned: Path) -> None:
    """Unique live key, I2: of the index alone, without the triggers and whatever a program believes."""
    with company(tmp_path, planned) as made, closing(sqlite3.connect(made.file, isolation_level=None)) as raw:
        for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            raw.execute(f"DROP TRIGGER {name}")
        raw.execute("CREATE TEMP TABLE twin AS SELECT * FROM posting")
        raw.execute("UPDATE twin SET seq = seq + 1, requestid = 'another'")
        with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
            raw.execute("INSERT INTO posting SELECT * FROM twin")


def test_a_number_that_is_in_use_may_be_our_own() -> None:
    """The 6140 rule, ruling 6: another barrier fired, so it is looked for; refused, it would be planned anew."""
    body = (
        b'{"Fault": {"type": "ValidationFault", "Error": [{"code": "6140", "Message": "Duplicate Document Number"}]}}'
    )
    failure = judged(Answer(400, "application/json", body), writes=True).failure
    assert isinstance(failure, Doubtful)


def test_the_cursor_moves_only_with_what_was_read(tmp_path: Path, planned: Path) -> None:
    """Cursor with data, C8: who dies while a page is kept reads that page again."""

    class Broken(tuple[object, ...]):
        def __iter__(self) -> Iterator[object]:
            raise KeyboardInterrupt

    with company(tmp_path, planned) as made:
        with pytest.raises(KeyboardInterrupt):
            made.store.keep_books(made.lease, Changes(documents=Broken()), NOW)  # type: ignore[arg-type]
        assert made.store.cursor() is None
        document = replace(made.document(1), updated_at=NOW)
        made.store.keep_books(made.lease, Changes(documents=(document,)), NOW)
        assert made.store.cursor() == NOW
        assert made.store.documents(DocumentKind.INVOICE, ["1"]) == (document,)


def test_only_what_passes_now_is_sent(tmp_path: Path, planned: Path) -> None:
    """Sign-off at sending, I8: planned yesterday, revoked today: it stays where it is."""
    with company(tmp_path, planned) as made:
        made.deliver(sendable=frozenset())
        assert made.log == []
        assert made.row().stage is Stage.PLANNED
