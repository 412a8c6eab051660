"""The systemd unit and the container file call the program as it is, and keep to reliability.md section 4 (issue 4)."""

import configparser
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import typer.main
from typer.core import TyperGroup

from qbo_milestones.config import known, load
from qbo_milestones.entrypoints.cli import app

ROOT = Path(__file__).parents[2]
UNIT, CONTAINER = ROOT / "config" / "qbo-milestones.service", ROOT / "config" / "Containerfile"
PROGRAM = "/opt/qbo-milestones/.venv/bin/qbo-milestones"


def service() -> configparser.SectionProxy:
    """The unit's section on the service."""
    unit = configparser.ConfigParser(interpolation=None, delimiters=("=",), strict=True)
    unit.optionxform = str  # type: ignore[assignment,method-assign]  # names are written as they are
    unit.read(UNIT, encoding="utf-8")
    return unit["Service"]


def lines() -> dict[str, list[str]]:
    """The container file by instruction, in order."""
    text = re.sub(r"^#.*\n", "", CONTAINER.read_text(encoding="utf-8"), flags=re.MULTILINE)
    found: dict[str, list[str]] = {}
    for line in filter(None, text.splitlines()):
        instruction, _, rest = line.partition(" ")
        found.setdefault(instruction, []).append(rest)
    return found


def check_call(words: list[str]) -> None:
    """A call of ours names a command and options that there are."""
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    command = group.commands[words[0]]
    options = {option for param in command.params for option in param.opts}
    assert {word for word in words[1:] if word.startswith("-")} <= options


def test_the_unit_starts_the_worker() -> None:
    """Issue 4: the command, its options and its program are those of this package."""
    program, *words = shlex.split(service()["ExecStart"])
    assert program == PROGRAM
    check_call(words)
    assert words[0] == "worker"
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    assert Path(program).name in scripts


def test_what_the_files_tell_people_to_call_exists() -> None:
    """Comments are part of the manual: `connect` beside the unit, `connect` and the worker in the container."""
    told = UNIT.read_text(encoding="utf-8").replace("\\\n#", "")
    calls = re.findall(rf"{PROGRAM} ([a-z][^\n]*)", told)
    assert len(calls) == 2
    for call in calls:
        check_call(shlex.split(call))
    for call in re.findall(
        r"^#\s+podman run .* qbo-milestones(.*)$", CONTAINER.read_text(encoding="utf-8"), re.MULTILINE
    ):
        check_call(shlex.split(call) or ["worker"])


def test_the_unit_stops_and_restarts_as_the_worker_ends() -> None:
    """Issue 4: drain within 150 s, no restart for settings that only a person can put right."""
    table = service()
    assert (table["KillSignal"], table["TimeoutStopSec"]) == ("SIGTERM", "150")
    assert (table["Restart"], table["RestartPreventExitStatus"]) == ("on-failure", "2")
    # The worker alone is asked: a child of it that reads a workbook must not die of the same signal.
    assert table["KillMode"] == "mixed"


def test_the_unit_is_shut_in() -> None:
    """reliability.md 4: own user, strict, no new privileges, the key as a credential, no secret in the unit."""
    table = service()
    wanted = {
        "ProtectSystem": "strict",
        "NoNewPrivileges": "yes",
        "PrivateTmp": "yes",
        "StateDirectory": "qbo-milestones",
        "StateDirectoryMode": "0700",
        "RestrictAddressFamilies": "AF_INET AF_INET6 AF_UNIX",
        "UMask": "0077",
    }
    assert {name: table[name] for name in wanted} == wanted
    assert table["User"] not in ("", "root")
    assert table["LoadCredential"].startswith("key:")
    assert not re.search(r"^Environment=", UNIT.read_text(encoding="utf-8"), re.MULTILINE)


def test_the_settings_that_the_files_name_exist(tmp_path: Path) -> None:
    """A variable or setting of another name would be an error at the start (ruling 25)."""
    every = CONTAINER.read_text(encoding="utf-8") + UNIT.read_text(encoding="utf-8")
    variables = set(re.findall(r"QBO_MILESTONES_([A-Z_]+)", every))
    settings = {name.upper().replace(".", "__") for name in known()}
    assert variables - settings == {"CONFIG", "TOKEN_KEY"}
    (tmp_path / "settings.toml").write_text('home = "/data"\n[key]\nsource = "credentials"\nfile = "key"\n')
    assert load(tmp_path, {"QBO_MILESTONES_HOME": "/data"}).home_folder == Path("/data")


def test_the_container_runs_the_worker_as_nobody_s_user() -> None:
    """Issue 4: non-root, python 3.11, exactly the lock, a volume for the data, SIGTERM to the worker itself."""
    found = lines()
    assert json.loads(found["ENTRYPOINT"][0]) == ["qbo-milestones"]
    assert json.loads(found["CMD"][0]) == ["worker"]
    assert found["STOPSIGNAL"] == ["SIGTERM"]
    assert found["VOLUME"] == ["/data"]
    assert int(found["USER"][-1]) > 0
    assert all(one.startswith("docker.io/library/python:3.11-slim") for one in found["FROM"])
    assert "uv sync --frozen --no-dev --no-editable" in found["RUN"]
    uv = next(run for run in found["RUN"] if "pip install" in run).rpartition("==")[2]
    assert f"uv=={uv}" in (ROOT / "scripts" / "setup").read_text(encoding="utf-8")


def test_what_the_container_copies_is_in_the_checkout() -> None:
    """And what the package is built from is copied."""
    copied = [word for line in lines()["COPY"] if "--from" not in line for word in line.split()[:-1]]
    assert all((ROOT / word).exists() for word in copied)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert {project["readme"], *project["license-files"]} <= set(copied)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd's own checker")
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    """With a program, a user and a file that are there."""
    text = (
        UNIT.read_text(encoding="utf-8").replace(PROGRAM, sys.executable).replace("User=qbo-milestones", "User=nobody")
    )
    unit = tmp_path / "qbo-milestones.service"
    unit.write_text(text, encoding="utf-8")
    command = [str(shutil.which("systemd-analyze")), "verify", "--man=no", str(unit)]
    environment = {**os.environ, "SYSTEMD_LOG_LEVEL": "warning"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
