"""Real processes: two that race, and one that is killed at each statement and leaves one side or the other."""

import os
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine

from qbo_milestones.adapters.store.engine import open_engine
from qbo_milestones.adapters.store.migrate import HEAD, migrate, version
from qbo_milestones.adapters.store.store import DatabaseStore
from qbo_milestones.adapters.store.tokens import Sealed, TokenRoom
from qbo_milestones.errors import Unavailable
from qbo_milestones.model.books import DocumentKind
from qbo_milestones.pipeline.outbox import Stage
from qbo_milestones.ports import Lease

from .makers import COMPANY, NOW, TTL, answer, body, close, open_store, planned, posting

_ROOT = Path(__file__).parents[3]
_PRELUDE = """
import os, sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from sqlalchemy import event
from store.makers import *
from qbo_milestones.adapters.store.engine import open_engine
from qbo_milestones.adapters.store.migrate import HEAD, migrate, version
from qbo_milestones.adapters.store.migrate import migrate
from qbo_milestones.errors import Unavailable
from qbo_milestones.model.books import Changes, DocumentKind
from qbo_milestones.ports import Lease
path = Path(sys.argv[1])
engine = open_engine(f"sqlite:///{{path}}")
store = DatabaseStore(engine, COMPANY, StillClock())
"""


def _spawn(path: Path, code: str) -> "subprocess.Popen[str]":
    script = _PRELUDE.format(tests=str(Path(__file__).parents[1])) + code
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    environment = {**os.environ, "PYTHONPATH": str(_ROOT)}
    return subprocess.Popen([sys.executable, "-c", script, str(path)], env=environment, **pipes)  # type: ignore[call-overload,no-any-return]


def _race(path: Path, code: str) -> list[str]:
    """What each of several processes prints, all let go at once after they are ready."""
    ready = 'print("ready", flush=True)\nsys.stdin.readline()\n'
    processes = [_spawn(path, ready + code) for _ in range(2)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n", process.communicate()
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    outcomes = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], outcomes
    return sorted(out.strip() for out, _ in outcomes)


def test_two_processes_race_for_the_lease(path: Path) -> None:
    code = """
try:
    print("fence", store.take_lease(f"process {os.getpid()}", NOW, TTL).fence)
except Unavailable as error:
    print("held" if error.after_s == 30 else error)
"""
    assert _race(path, code) == ["fence 1", "held"]


def test_two_processes_race_to_plan_the_same_keys(path: Path, store: DatabaseStore, lease: Lease) -> None:
    code = f"""
lease = Lease(COMPANY, "tests", {lease.fence})
print(store.plan(lease, [(posting(f"d-{{n}}"), body(f"d-{{n}}")) for n in range(1500)], NOW))
"""
    assert sum(map(int, _race(path, code))) == 1500
    assert [out.identity.deliverable for out in store.outgoing()] == [f"d-{n}" for n in range(1500)]


def test_two_processes_make_one_database(tmp_path: Path) -> None:
    code = 'migrate(engine)\nprint(store.introduce("Agency", "sandbox"), sum(store.counts().values()))\n'
    assert _race(tmp_path / "new" / "store.db", code) == ["None 0"] * 2


def test_a_killed_refresh_frees_its_lock(path: Path) -> None:
    held = _spawn(path, 'with store.tokens.lock():\n    print("held", flush=True)\n    sys.stdin.readline()\n')
    assert held.stdout is not None
    assert held.stdout.readline() == "held\n"
    waiting = _spawn(path, 'print("asks", flush=True)\nwith store.tokens.lock():\n    print("mine", flush=True)\n')
    assert waiting.stdout is not None
    assert waiting.stdout.readline() == "asks\n"
    assert waiting.poll() is None
    held.kill()
    held.communicate()
    assert waiting.communicate(timeout=60) == ("mine\n", "")


@pytest.mark.parametrize(
    ("hold", "what"),
    [
        ("held = store.tokens.lock()\nheld.__enter__()", "the connection's tokens"),
        ("import fcntl\nfcntl.flock(os.open(path.parent, os.O_RDONLY), fcntl.LOCK_EX)", "the folder"),
    ],
)
def test_a_stopped_process_holds_up_no_other_without_end(path: Path, hold: str, what: str) -> None:
    """A holder that was stopped (SIGSTOP) lets go of nothing; whoever waits is told, and goes on once it is killed."""
    held = _spawn(path, f'{hold}\nprint("held", flush=True)\nsys.stdin.readline()\n')
    assert held.stdout is not None
    assert held.stdout.readline() == "held\n"
    held.send_signal(signal.SIGSTOP)
    engine = open_engine(f"sqlite:///{path}", patience=0.01)
    room = TokenRoom(engine, COMPANY)

    def refresh() -> None:
        with room.lock():
            room.load()

    try:
        with pytest.raises(Unavailable, match=f"another process holds {what}.*try again"):
            refresh()
        held.kill()
        held.communicate()
        refresh()
    finally:
        held.kill()
        held.communicate()
        engine.dispose()


def test_threads_exclude_each_other_from_a_refresh(store: DatabaseStore) -> None:
    room = store.tokens
    assert room.save(b"0", 0)

    def refresh(_n: int) -> bool:
        with room.lock():
            held = room.load()
            assert held is not None
            return room.save(b"%d" % (int(held.sealed) + 1), held.version)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(refresh, range(16)))
    assert room.load() == Sealed(b"16", 17)


def test_two_companies_do_not_wait_for_each_other(engine: Engine, store: DatabaseStore) -> None:
    with store.tokens.lock(), TokenRoom(engine, "another").lock():
        pass


def test_ten_lanes_post_at_once(store: DatabaseStore, lease: Lease) -> None:
    store.plan(lease, [(posting(f"d-{n}"), body(f"d-{n}")) for n in range(60)], NOW)

    def post(n_out: tuple[int, object]) -> Stage:
        n, out = n_out
        sent = store.begin(lease, out, NOW)  # type: ignore[arg-type]
        return store.move(lease, sent, Stage.POSTED, NOW, document=answer(sent, str(n))).stage

    with ThreadPoolExecutor(10) as pool:
        assert set(pool.map(post, enumerate(list(store.outgoing())))) == {Stage.POSTED}
    assert store.counts()[Stage.POSTED] == 60


def test_of_many_threads_one_sends(store: DatabaseStore, lease: Lease) -> None:
    out = planned(store, lease)

    def begin(_n: int) -> bool:
        try:
            return store.begin(lease, out, NOW).stage is Stage.SENDING
        except AssertionError:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(begin, range(16))) == 1
    assert len(store.trace("d-103").attempts) == 1


# Each change, and how to tell from the database on which side of it we stand.
_CHANGES = {
    "plan": "store.plan(lease, [(posting('d-9'), b'x'), (posting('d-10'), b'x')], NOW)",
    "begin": "store.begin(lease, out, NOW)",
    "move": "store.move(lease, sent, Stage.POSTED, NOW, document=answer(sent))",
    "keep": "store.keep_books(lease, Changes(customers=(), documents=(invoice('77'),)), NOW)",
    "lease": "store.take_lease('heir', NOW + TTL, TTL)",
    "token": "store.tokens.save(b'sealed', 0)",
}


def _side(path: Path) -> dict[str, object]:
    """What stands in the file, counted; read by a fresh process's eyes."""
    engine = open_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        names = ("posting", "attempt", "document", "document_customer", "token")
        counted = {name: connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar() for name in names}  # noqa: S608
        stages = connection.exec_driver_sql(
            "SELECT group_concat(stage || coalesce(books_id, '')) FROM posting"
        ).scalar()
        fence = connection.exec_driver_sql("SELECT fence FROM company").scalar()
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    engine.dispose()
    return {**counted, "fence": fence, str(stages): 1}


_KILLER = """
import shutil

lease = Lease(COMPANY, "tests", {fence})

def die_at(k, database, change):
    engine = open_engine(f"sqlite:///{{database}}")
    store = DatabaseStore(engine, COMPANY, StillClock())
    out = sent = next(store.outgoing())
    left = [k]
    def count(*_):
        left[0] -= 1
        if left[0] == 0:
            os._exit(9)
    event.listen(engine, "before_cursor_execute", count)
    event.listen(engine, "commit", count)
    exec(change)
    os._exit(7)

for name, change in {changes!r}.items():
    for k in range(1, 200):
        copy = path.with_name(f"{{name}}-{{k}}.db")
        shutil.copy2(path.with_name(f"{{name}}.db"), copy)
        child = os.fork() or die_at(k, copy, change)
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7:
            break
    print(name, k)
"""


def test_a_process_killed_at_any_statement_leaves_either_side(
    path: Path, store: DatabaseStore, lease: Lease, engine: Engine
) -> None:
    """A child forks for each statement of each change and dies there; the file that it leaves is one of two."""
    planned(store, lease)
    engine.dispose()
    for name in _CHANGES:
        shutil.copy2(path, path.with_name(f"{name}.db"))
    sending = open_store(path.with_name("move.db"))
    sending.begin(lease, next(sending.outgoing()), NOW)
    close(sending)
    code = _KILLER.format(fence=lease.fence, changes=_CHANGES)
    out, error = _spawn(path, code).communicate(timeout=60)
    assert error == ""
    lasts = dict(line.split() for line in out.splitlines())
    assert set(lasts) == set(_CHANGES)
    for name, last in lasts.items():
        _check_sides(path, name, int(last))


def _check_sides(path: Path, name: str, last: int) -> None:
    before = _side(path.with_name(f"{name}.db"))
    sides = [_side(path.with_name(f"{name}-{k}.db")) for k in range(1, last + 1)]
    after = sides[-1]
    assert last > 2
    assert after != before
    assert all(side in (before, after) for side in sides)
    # Dying before the first commit leaves nothing; what is committed stands, though the process dies at once.
    assert sides[0] == before
    assert sides == sorted(sides, key=lambda side: side == after)


def test_a_commit_stands_when_its_process_dies_behind_it(path: Path, store: DatabaseStore, lease: Lease) -> None:
    planned(store, lease)
    code = f"""
lease = Lease(COMPANY, "tests", {lease.fence})
sent = store.begin(lease, next(store.outgoing()), NOW)
os._exit(9)
"""
    child = _spawn(path, code)
    assert child.communicate(timeout=60) == ("", "")
    assert child.returncode == 9
    (left,) = store.outgoing()
    assert left.stage is Stage.SENDING
    heir = open_store(path)
    with pytest.raises(Unavailable):
        heir.take_lease("heir", NOW, TTL)
    fence = heir.take_lease("heir", NOW + TTL, TTL)
    doubtful = heir.move(fence, left, Stage.DOUBTFUL, NOW, reason="the sender died")
    posted = heir.move(fence, doubtful, Stage.POSTED, NOW, document=answer(doubtful), adopted=True)
    assert posted.adopted
    assert heir.documents(DocumentKind.INVOICE, ["145"])
    close(heir)


def test_threads_make_a_database_each(tmp_path: Path) -> None:
    """Several companies in one worker after an update of the program: each home is brought up to date."""
    engines = [open_engine(f"sqlite:///{tmp_path / str(n) / 'store.db'}") for n in range(6)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(migrate, engines))
    assert {version(engine) for engine in engines} == {HEAD}
    for engine in engines:
        engine.dispose()
