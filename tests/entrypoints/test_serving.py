"""The simulator as a command: what it prints, and what it says when it cannot be served."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from entrypoints.shell import PROGRAM, Said, Shell
from qbo_milestones.errors import Unavailable
from qbo_milestones.simulator.seed.companies import SEEDS
from qbo_milestones.wiring import start_simulator, stop

COMMANDS = {
    "qbo-milestones": [str(PROGRAM), "simulator"],
    "module": [sys.executable, "-m", "qbo_milestones.simulator"],
}


@pytest.fixture(params=COMMANDS)
def command(request: pytest.FixtureRequest) -> list[str]:
    """The simulator started by either of its names."""
    return COMMANDS[request.param]


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which somebody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def call(shell: Shell, command: list[str], *words: str) -> Said:
    """Call it and wait for its end."""
    done = subprocess.run(
        [*command, *words], cwd=shell.folder, env=shell.environment, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    return Said(done.returncode, done.stdout, done.stderr)


def test_a_taken_port_is_said(shell: Shell, command: list[str], taken: int) -> None:
    """What, why and what to do, in one line; the data file of who serves there is not touched."""
    said = call(shell, command, "--port", str(taken), "--data", "company.db")
    assert (said.code, said.out) == (2, "")
    assert f"Port {taken} on 127.0.0.1 cannot be had: another program listens there" in said.err
    assert "--port" in said.err
    assert len(said.err.splitlines()) == 1
    assert not (shell.folder / "company.db").exists()


@pytest.mark.parametrize("text", ["{", '{"resets": 1', "[]", '{"resets": 1}' * 1000])
def test_a_damaged_data_file_is_said_and_left_alone(shell: Shell, command: list[str], text: str) -> None:
    """Nothing that may still be of use is written over."""
    data = shell.folder / "company.db"
    data.write_text(text, encoding="utf-8")
    said = call(shell, command, "--port", "0", "--data", str(data))
    assert (said.code, said.out) == (2, "")
    assert f"The data file {data} is damaged" in said.err
    assert "name a file that is not there yet" in said.err
    assert data.read_text(encoding="utf-8") == text


def test_a_data_file_that_cannot_be_written_is_said_at_once(shell: Shell, command: list[str]) -> None:
    """Not only when the first change would be lost."""
    said = call(shell, command, "--port", "0", "--data", "nowhere/company.db")
    assert (said.code, said.out) == (2, "")
    assert "nowhere/company.db cannot be written: No such file or directory" in said.err
    folder = call(shell, command, "--port", "0", "--data", ".")
    assert folder.code == 2
    assert "cannot be written: Is a directory" in folder.err


def test_who_starts_it_for_a_company_hears_why_it_cannot(tmp_path: Path) -> None:
    """The commands that bill start the simulator themselves."""
    (tmp_path / "company.db").write_text("{", encoding="utf-8")
    with pytest.raises(Unavailable, match=r"on port 0\. error: The data file .* is damaged"):
        start_simulator(0, tmp_path / "company.db")


def test_ctrl_c_at_the_terminal_is_not_for_the_simulator_of_a_run(tmp_path: Path) -> None:
    """Issue 4, drain: a terminal signals its whole group, and the run still wants the answers in the air."""
    process = start_simulator(0, tmp_path / "company.db")
    try:
        assert os.getpgid(process.pid) != os.getpgid(0)
    finally:
        stop(process)


def test_help_names_every_seed_and_the_way_in(shell: Shell, command: list[str]) -> None:
    """A developer needs nothing else to start."""
    said = call(shell, command, "--help")
    assert said.code == 0
    for word in (*SEEDS, "simulator-app", "simulator-secret", "/_sim/", "address alone", "browser", "--data"):
        assert word in said.out, word


def test_it_says_where_the_books_can_be_seen(shell: Shell, command: list[str], tmp_path: Path) -> None:
    """The first line is the address alone, for programs; the rest is for a person."""
    data = tmp_path / "kept.db"
    words = [*command, "--port", "0", "--data", str(data), "--seed", "empty"]
    serving = subprocess.Popen(words, cwd=shell.folder, env=shell.environment, stdout=subprocess.PIPE, text=True)
    try:
        assert serving.stdout is not None
        base, *said = [serving.stdout.readline().strip() for _ in range(7)]
        assert "No invoice is open." in requests.get(base, timeout=10).text
        assert any(line.startswith("Books") and base in line for line in said)
        assert any(str(data) in line for line in said)
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(timeout=30) == 0
    finally:
        serving.kill()
        serving.communicate()


def test_who_starts_it_may_close_the_pipe_after_the_address(shell: Shell, command: list[str]) -> None:
    """Nothing more is said afterwards, so nothing can fail for want of a listener."""
    serving = subprocess.Popen(
        [*command, "--port", "0"], cwd=shell.folder, env=shell.environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert serving.stdout is not None
        base = serving.stdout.readline().strip()
        serving.stdout.close()
        assert requests.get(base, timeout=10).status_code == 200
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(timeout=30) == 0
    finally:
        serving.kill()
        serving.wait()
