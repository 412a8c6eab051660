"""Real processes in milliseconds: forked from a warm parent that has imported everything and opened nothing.

`python -m proof.nursery` is that parent. It has one thread, takes orders on standard input, and takes all its children
along when that is closed, however the proof itself ended.
"""

import contextlib
import gc
import importlib
import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PROGRAM = Path(sys.executable).with_name("qbo-milestones")
# What a run imports inside its functions, so that a forked child need not.
_WARM = (
    "alembic.command",
    "alembic.config",
    "alembic.script",
    "alembic.runtime.migration",
    "sqlalchemy.dialects.sqlite.pysqlite",
    "qbo_milestones.checkup.doctor",
    "qbo_milestones.connecting",
    "qbo_milestones.entrypoints.cli",
    "qbo_milestones.entrypoints.logbook",
    "qbo_milestones.entrypoints.one_run",
    "qbo_milestones.entrypoints.records",
    "qbo_milestones.entrypoints.tables",
    "qbo_milestones.entrypoints.worker",
    "qbo_milestones.run.night",
    "qbo_milestones.run.outcome",
    "qbo_milestones.simulator.server",
    "qbo_milestones.wiring",
)


@dataclass
class Child:
    """A process of the nursery. Its pid stays its own until it is found to have ended."""

    pid: int
    _nursery: "Nursery"
    code: int | None = None

    @property
    def over(self) -> bool:
        """Whether it has ended; `code` then says how, below 0 by which signal."""
        if self.code is None:
            self.code = self._nursery.order("poll", pid=self.pid)
        return self.code is not None

    def wait(self, seconds: float = 60) -> int:
        """Its exit code; what does not end in time is killed, and counts so."""
        self.over_within(seconds)
        return self.kill()

    def over_within(self, seconds: float) -> bool:
        """Whether it ends in time; it is left alone if not."""
        latest = time.monotonic() + seconds
        while not self.over and time.monotonic() < latest:
            time.sleep(0.002)
        return self.over

    def stop(self) -> bool:
        """SIGSTOP; True once all of it stands still, False where it had ended."""
        if self.code is None:
            self.code = self._nursery.order("stop", pid=self.pid)
        return self.code is None

    def go_on(self) -> None:
        """SIGCONT."""
        self.signal(signal.SIGCONT)

    def signal(self, number: signal.Signals) -> None:
        """To this process, if it has not ended."""
        if self.code is None:
            os.kill(self.pid, number)

    def kill(self) -> int:
        """kill -9, unless it has ended by itself; how it ended."""
        self.signal(signal.SIGKILL)
        while not self.over:
            time.sleep(0.0005)
        assert self.code is not None
        return self.code


class Nursery:
    """The warm parent, from outside."""

    def __init__(self, home: Path) -> None:
        environment = {
            "PATH": os.environ.get("PATH", ""),
            "HOME": str(home),
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}",
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "proof.nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            cwd=home,
            text=True,
        )
        assert self._heard() == "ready"

    def start(self, *words: str | Path, into: Path, whole: bool = False) -> Child:
        """A call of the program; what it prints goes `into` a file. `whole` executes it anew, as a shell does."""
        pid = self.order("start", words=list(map(str, words)), into=str(into), whole=whole)
        return Child(pid, self)

    def simulator(self, into: Path) -> tuple[Child, str]:
        """A simulated company in memory, as a process of its own, and its address."""
        pid, address = self.order("simulator", into=str(into))
        return Child(pid, self), address

    def order(self, what: str, **how: object) -> Any:
        """One order and its answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"what": what, **how}) + "\n")
        self._process.stdin.flush()
        return self._heard()

    def close(self) -> None:
        """The parent and all its children end."""
        with self._process:
            assert self._process.stdin is not None
            self._process.stdin.close()

    def _heard(self) -> Any:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())


def serve() -> None:
    """Be the warm parent until standard input is closed."""
    for name in _WARM:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    children: set[int] = set()
    try:
        _say("ready")
        for line in sys.stdin:
            order = json.loads(line)
            _say(_ORDERS[order.pop("what")](children, **order))
    finally:
        for pid in children:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _say(answer: object) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def _start(children: set[int], words: list[str], into: str, whole: bool) -> int:
    return _forked(children, into, lambda: _executed(words) if whole else _program(words))


def _simulator(children: set[int], into: str) -> tuple[int, str]:
    from qbo_milestones.simulator import server

    heard, told = os.pipe()

    def say(text: str) -> None:
        os.write(told, text.splitlines()[0].encode())
        os.close(told)

    pid = _forked(children, into, lambda: server.serve(0, say=say))
    os.close(told)
    with os.fdopen(heard) as pipe:
        return pid, pipe.read()


def _poll(children: set[int], pid: int) -> int | None:
    ended, status = os.waitpid(pid, os.WNOHANG)
    return _code(children, pid, status) if ended else None


def _stop(children: set[int], pid: int) -> int | None:
    os.kill(pid, signal.SIGSTOP)
    _, status = os.waitpid(pid, os.WUNTRACED)
    return None if os.WIFSTOPPED(status) else _code(children, pid, status)


def _code(children: set[int], pid: int, status: int) -> int:
    children.discard(pid)
    return os.waitstatus_to_exitcode(status)


_ORDERS: dict[str, Callable[..., object]] = {"start": _start, "simulator": _simulator, "poll": _poll, "stop": _stop}


def _forked(children: set[int], into: str, work: Callable[[], int | None]) -> int:
    pid = os.fork()
    if pid:
        children.add(pid)
        return pid
    code: int | None = 70
    try:
        with _redirected(into):
            try:
                code = work()
            except BaseException:
                traceback.print_exc()
    finally:
        os._exit(code or 0)


@contextlib.contextmanager
def _redirected(into: str) -> Iterator[None]:
    """Nothing of the parent's input and output is the child's."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    out = os.open(into, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(nothing, 0)
    os.dup2(out, 1)
    os.dup2(out, 2)
    os.close(nothing)
    os.close(out)
    try:
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def _program(words: list[str]) -> int:
    """The program's own entry, as the installed command calls it."""
    from qbo_milestones.entrypoints.cli import main

    sys.argv = [PROGRAM.name, *words]
    try:
        main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    return 0


def _executed(words: list[str]) -> int:
    os.execv(PROGRAM, [str(PROGRAM), *words])  # noqa: S606 - our own program


if __name__ == "__main__":
    serve()
