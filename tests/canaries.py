"""No secret in any output of the whole suite (ruling 23; reliability.md 4): a pytest plugin that hears everything.

What the suite's secrets look like is known: the simulator's tokens and codes have a shape of their own, those that
tests plant begin with the word, and the key of the agency's journeys is one. They are looked for in what a test
prints, in what programs that it starts print, in every log record, in every Failure's text, in reports, and in the
files that are left in the test's folder: databases, logs, whatever a program writes. A test that shows one fails.

Not looked into: settings files and key files, which are where secrets are put in, and the simulator's data, which is
the other side's. A key file's content must be nowhere else.
"""

import io
import logging
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from qbo_milestones.adapters import log
from qbo_milestones.errors import Failure

# The simulator's access tokens, refresh tokens and codes; planted ones; the Basic header of the simulator's own app;
# the key of the journeys' agency.
SECRET = re.compile(
    r"(?:eyJ|RT1-|XAB)[0-9a-f]{64}|canary-[\w~.-]{4,}|c2ltdWxhdG9yLWFwcDpzaW11bGF0b3Itc2VjcmV0|AAECAwQFBgcICQoLDA0ODxAR"
)
_STARTS = (b"eyJ", b"RT1-", b"XAB", b"canary-", b"c2ltdWxh", b"AAECAwQF")
_SECRET_BYTES = re.compile(SECRET.pattern.encode())
_KEY = re.compile(rb"[A-Za-z0-9_-]{43}=\n?")
_SIMULATORS = b"CREATE TABLE kept (realm TEXT"
_LARGEST = 64 * 1024 * 1024
_PLAIN_FIELDS = frozenset(vars(logging.makeLogRecord({})))


class Ear:
    """What was heard of secrets since it was last asked; never the secrets themselves."""

    def __init__(self) -> None:
        self._leaks: list[str] = []
        self._heard: list[str] = []
        self._room = 4_000_000

    def hear(self, text: str | bytes | None, where: str) -> None:
        """Look for a secret in some output."""
        words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text or ""
        if found := SECRET.search(words):
            self._leak(found[0], where)
        if self._room > 0:
            self._heard.append(words)
            self._room -= len(words)

    def read(self, folder: Path) -> None:
        """Look for a secret in every file of a folder, and for the folder's keys in everything heard."""
        files = [path for path in folder.rglob("*") if path.suffix != ".toml" and path.is_file()]
        contents = {path: _content(path) for path in files}
        keys = {content.strip() for content in contents.values() if _KEY.fullmatch(content)}
        for path, content in contents.items():
            if _KEY.fullmatch(content) or _is_simulators(path, contents):
                continue
            known = next((key for key in keys if key in content), None)
            found = known or _first(content)
            if found:
                self._leak(found.decode("ascii", "replace"), f"the file {path.name}")
        for key in keys:
            if any(key.decode() in words for words in self._heard):
                self._leak(key.decode(), "an output")

    def told(self) -> list[str]:
        """The leaks, which are then forgotten."""
        leaks, self._leaks = self._leaks, []
        return leaks

    def forget(self) -> None:
        """The next test begins."""
        self._leaks, self._heard, self._room = [], [], 4_000_000

    def _leak(self, secret: str, where: str) -> None:
        self._leaks.append(f"{secret[:7]}... of {len(secret)} characters in {where}")


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes() if path.stat().st_size <= _LARGEST else b""
    except OSError:
        return b""


def _first(content: bytes) -> bytes | None:
    # Most files hold none of the beginnings, and looking for those is quick.
    if not any(start in content for start in _STARTS):
        return None
    found = _SECRET_BYTES.search(content)
    return found[0] if found else None


def _is_simulators(path: Path, contents: dict[Path, bytes]) -> bool:
    name = path.name.removesuffix("-wal").removesuffix("-shm").removesuffix("-journal")
    family = (path.with_name(name), path.with_name(f"{name}-wal"))
    return any(_SIMULATORS in contents.get(each, b"") for each in family)


EAR = Ear()


class _Log(logging.Handler):
    """Our own records as they are made, before anything is masked; everybody's as they would be written."""

    def emit(self, record: logging.LogRecord) -> None:
        """See logging.Handler."""
        if record.name.startswith(log.OURS):
            facts = [str(value) for name, value in vars(record).items() if name not in _PLAIN_FIELDS]
            EAR.hear(" ".join([str(record.msg), str(record.args), *facts]), f"the log record {record.name}")
        if record.levelno >= logging.WARNING:
            EAR.hear(self.format(record), f"the log line of {record.name}")


class _Pipe(io.TextIOWrapper):
    """A program's output, read by a test piece by piece."""

    def read(self, size: int | None = -1, /) -> str:
        """See io.TextIOBase."""
        found = super().read(size)
        EAR.hear(found, "a program's output")
        return found

    def readline(self, size: int = -1, /) -> str:  # type: ignore[override]
        """See io.TextIOBase."""
        found = super().readline(size)
        EAR.hear(found, "a program's output")
        return found


def _is_foreign(command: Any) -> bool:
    """A client in another language tells its test what the simulator answered, tokens too."""
    return isinstance(command, list | tuple) and Path(str(command[0])).name.startswith("node")


def _listen_to_programs(patch: pytest.MonkeyPatch) -> None:
    begin, communicate = subprocess.Popen.__init__, subprocess.Popen.communicate

    def begun(process: Any, *args: Any, **options: Any) -> None:
        begin(process, *args, **options)
        if _is_foreign(process.args):
            return
        for name in ("stdout", "stderr"):
            pipe = getattr(process, name)
            if type(pipe) is io.TextIOWrapper:
                encoding, errors = pipe.encoding, pipe.errors
                setattr(process, name, _Pipe(pipe.detach(), encoding=encoding, errors=errors))

    def communicated(process: Any, *args: Any, **options: Any) -> Any:
        said = communicate(process, *args, **options)
        for text in () if _is_foreign(process.args) else said:
            EAR.hear(text, "a program's output")
        return said

    patch.setattr(subprocess.Popen, "__init__", begun)
    patch.setattr(subprocess.Popen, "communicate", communicated)


def _listen_to_captures(patch: pytest.MonkeyPatch) -> None:
    read = pytest.CaptureFixture.readouterr

    def readouterr(fixture: Any) -> Any:
        said = read(fixture)
        for text in said:
            EAR.hear(text, "what was printed")
        return said

    patch.setattr(pytest.CaptureFixture, "readouterr", readouterr)


def _listen_to_failures(patch: pytest.MonkeyPatch) -> None:
    make = Failure.__init__

    def made(failure: Failure, text: str, **facts: Any) -> None:
        make(failure, text, **facts)
        EAR.hear(" ".join([text, *(str(fact) for fact in facts.values())]), f"the text of a {type(failure).__name__}")

    patch.setattr(Failure, "__init__", made)


def pytest_configure(config: pytest.Config) -> None:
    """Listen from now until the end."""
    patch = pytest.MonkeyPatch()
    config.add_cleanup(patch.undo)
    _listen_to_programs(patch)
    _listen_to_captures(patch)
    _listen_to_failures(patch)
    handler = _Log()
    handler.setFormatter(log.formatter())
    ours = logging.getLogger(log.OURS)
    ours.setLevel(logging.DEBUG)
    logging.getLogger().addHandler(handler)
    config.add_cleanup(lambda: logging.getLogger().removeHandler(handler))


@pytest.fixture(scope="session", autouse=True)
def no_secret_is_left_behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What modules and sessions leave in their folders is looked through at the end."""
    yield
    EAR.forget()
    for folder in tmp_path_factory.getbasetemp().iterdir():
        if folder not in _SEEN and folder.is_dir() and not folder.is_symlink():
            EAR.read(folder)
    assert EAR.told() == []


_SEEN: set[Path] = set()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """A new test."""
    EAR.forget()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """A test whose output shows a secret has failed."""
    report: pytest.TestReport = yield  # type: ignore[assignment]
    folder = getattr(item, "funcargs", {}).get("tmp_path")
    if isinstance(folder, Path):
        _SEEN.add(folder)
    if call.when == "teardown":
        for name, text in report.sections:
            EAR.hear(text, name)
        if isinstance(folder, Path):
            EAR.read(folder)
    if report.longrepr is not None:
        EAR.hear(str(report.longrepr), "the report of a failure")
    if leaks := EAR.told():
        report.outcome = "failed"
        was = f"{report.longrepr}\n" if report.longrepr is not None else ""
        report.longrepr = f"{was}A secret was shown (tests/canaries.py):\n" + "\n".join(dict.fromkeys(leaks))
    return report  # type: ignore[return-value]
