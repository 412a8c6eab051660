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
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main
from typer.core import TyperGroup

from qbo_milestones.adapters.quickbooks.client import CONNECT_S, LEAVES_WITHIN_S, READ_S
from qbo_milestones.adapters.quickbooks.key_places import Credential
from qbo_milestones.config import known, load
from qbo_milestones.entrypoints.cli import app
from qbo_milestones.keys import place_of

ROOT = Path(__file__).parents[2]
UNIT, CONTAINER = ROOT / "config" / "qbo-milestones.service", ROOT / "config" / "Containerfile"
EXAMPLE = ROOT / "config" / "examples" / "real-company.toml"
PROGRAM = "/opt/qbo-milestones/bin/qbo-milestones"
BASH = shutil.which("bash")
# What a command needs to be the worker's fellow; the rest shuts in what runs unattended.
SHARED = {"User", "UMask", "ProtectHome", "StateDirectory", "StateDirectoryMode", "WorkingDirectory"} | {
    "EnvironmentFile",
    "LoadCredential",
}
# A program that tells what it was called with, a line a call.
STUB = '#!/usr/bin/env bash\npython3 -c "import json, sys; print(json.dumps(sys.argv[1:]))" "$@"\n'


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
    for line in filter(None, text.replace("\\\n", "").splitlines()):
        instruction, _, rest = line.partition(" ")
        found.setdefault(instruction, []).append(rest)
    return found


def variables() -> dict[str, str]:
    """What the image sets."""
    return dict(pair.split("=", 1) for line in lines()["ENV"] for pair in line.split())


def told(file: Path) -> str:
    """What the comments of a file say to type, each command on a line."""
    shown = re.findall(r"^#   (?! \S)(.*)$", file.read_text(encoding="utf-8"), re.MULTILINE)
    return "\n".join(shown).replace("\\\n", "") + "\n"


def calls(file: Path) -> Iterator[list[str]]:
    """The calls of our program in them, through the function `qbm` or in a container of their own."""
    for line in told(file).splitlines():
        for call in re.findall(r"^(?:QBM=\"[^\"]*\" )?qbm ([a-z].*)|^podman run .* qbo-milestones(.*)", line):
            yield shlex.split("".join(call)) or ["worker"]


def check_call(words: list[str]) -> str:
    """A call of ours names a command and options that there are, with values that these take; the command's name."""
    command, rest = typer.main.get_command(app), list(words)
    while isinstance(command, TyperGroup):
        command = command.commands[rest.pop(0)]
    with command.make_context(words[0], rest):
        return words[0]


def typed(tmp_path: Path, program: str, script: str) -> list[list[str]]:
    """What `program` is called with when the script is typed into bash, at home in an empty folder."""
    stub = tmp_path / program
    stub.write_text(STUB, encoding="utf-8")
    stub.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "HOME": str(tmp_path)}
    command = [str(BASH), "-euc", script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False, env=environment, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


def function_s_call(tmp_path: Path, words: str) -> list[str]:
    """What the function of the unit's comments, taken from there as they say, hands to systemd-run."""
    taking = re.search(r"sed -n .* >> ~/\.bashrc", UNIT.read_text(encoding="utf-8"))
    assert taking
    (only,) = typed(tmp_path, "systemd-run", f"{taking.group()}\nset +u\n. ~/.bashrc\n{words}")
    return only


def properties(call: list[str]) -> dict[str, str]:
    """The properties among the words of a call of systemd-run."""
    return dict(call[at + 1].split("=", 1) for at, word in enumerate(call) if word == "-p")


def test_the_unit_starts_the_worker() -> None:
    """Issue 4: the command, its options and its program are those of this package."""
    program, *words = shlex.split(service()["ExecStart"])
    assert program == PROGRAM
    assert check_call(words) == "worker"
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    assert Path(program).name in scripts


@pytest.mark.parametrize(
    ("file", "least"),
    [
        (UNIT, {"connect", "check", "plan", "status", "flags", "run", "doctor", "reconnect", "key"}),
        (CONTAINER, {"worker", "connect", "check", "plan", "status", "doctor", "reconnect", "key"}),
    ],
    ids=["unit", "container"],
)
def test_what_the_files_tell_people_to_call_exists(file: Path, least: set[str]) -> None:
    """Comments are part of the manual. There is no browser beside a service, and who connects is not the service."""
    every = list(calls(file))
    assert {check_call(call) for call in every} >= least
    for call in every:
        assert call[0] not in {"connect", "reconnect"} or {"--no-browser", "--by"} <= set(call)
        assert call == ["worker"] or "--config" in call


@pytest.mark.skipif(BASH is None, reason="needs bash")
def test_every_command_runs_as_the_worker_does(tmp_path: Path) -> None:
    """Another user, key or secret, and a command cannot open the tokens or leaves files that the worker cannot."""
    call = function_s_call(tmp_path, 'qbm connect --config "/etc/a b" --by "Grace Iwu"')
    unit, given = service(), properties(call)
    assert given == {name: unit[name] for name in SHARED}
    assert call[call.index(PROGRAM) :] == [PROGRAM, "connect", "--config", "/etc/a b", "--by", "Grace Iwu"]
    assert {"--pty", "--pipe", "--wait", "--collect"} <= set(call)


@pytest.mark.skipif(BASH is None, reason="needs bash")
def test_the_key_is_changed_with_both_keys_at_hand(tmp_path: Path) -> None:
    """The older one is the credential NAME.old (keys.py), for this one call."""
    (line,) = re.findall(r"^QBM=.*$", told(UNIT), re.MULTILINE)
    call = function_s_call(tmp_path, line)
    assert call.count("-p") == len(SHARED) + 1
    assert "LoadCredential=key.old:/etc/qbo-milestones/key.old" in call
    assert call[call.index(PROGRAM) + 1 :][:2] == ["key", "rotate"]


@pytest.mark.skipif(BASH is None, reason="needs bash")
@pytest.mark.parametrize("file", [UNIT, CONTAINER], ids=["unit", "container"])
def test_the_key_that_is_made_as_they_say_is_one(file: Path, tmp_path: Path) -> None:
    """Each time the files say how."""
    making = re.findall(r"^(head -c 32 .*?) (?:>|\| podman) ", told(file), re.MULTILINE)
    assert len(making) == 2
    for name, line in zip(("key", "key.old"), making, strict=True):
        subprocess.run([str(BASH), "-c", f"{line} > {name}"], cwd=tmp_path, timeout=30, check=True)
    assert len(Credential("key", {"CREDENTIALS_DIRECTORY": str(tmp_path)}).keys()) == 2


def test_the_unit_stops_and_restarts_as_the_worker_ends() -> None:
    """Issue 4: the drain is waited for; no restart for settings that only a person can put right."""
    table = service()
    assert table["KillSignal"] == "SIGTERM"
    takes = LEAVES_WITHIN_S + CONNECT_S + READ_S
    stops = [table["TimeoutStopSec"], *re.findall(r"--stop-timeout=(\d+)", told(CONTAINER))]
    assert stops == ["180", "180"]
    assert takes < float(stops[0])
    for file in (UNIT, CONTAINER):
        assert f"{takes:.0f} s" in file.read_text(encoding="utf-8")
    assert (table["Restart"], table["RestartPreventExitStatus"]) == ("on-failure", "2")
    # The worker alone is asked: a child of it that reads a workbook must not die of the same signal.
    assert table["KillMode"] == "mixed"


def test_the_unit_is_shut_in() -> None:
    """reliability.md 4: own user, strict, no new privileges, the key as a credential, no secret in the unit."""
    table = service()
    wanted = {
        "ProtectSystem": "strict",
        "ProtectHome": "yes",
        "NoNewPrivileges": "yes",
        "PrivateTmp": "yes",
        "StateDirectory": "qbo-milestones qbo-milestones-witness",
        "StateDirectoryMode": "0700",
        "RestrictAddressFamilies": "AF_INET AF_INET6 AF_UNIX",
        "UMask": "0077",
    }
    assert {name: table[name] for name in wanted} == wanted
    assert table["User"] not in ("", "root")
    assert table["LoadCredential"].startswith("key:")
    assert not re.search(r"^Environment=", UNIT.read_text(encoding="utf-8"), re.MULTILINE)


def test_the_unit_s_settings_fit_what_the_service_may_see_and_write(tmp_path: Path) -> None:
    """What is written lies in its two folders, the files that tell a restored database in the second (I9)."""
    shown = re.search(r"^home = .*?(?=^install )", told(UNIT), re.MULTILINE | re.DOTALL)
    assert shown
    shutil.copy(EXAMPLE, tmp_path / "1.toml")
    (tmp_path / "2.toml").write_text(shown.group(), encoding="utf-8")
    settings = load(tmp_path, {})
    state = [Path("/var/lib") / name for name in service()["StateDirectory"].split()]
    assert [settings.home_folder, settings.witness_folder] == state
    assert place_of(settings) == Credential(service()["LoadCredential"].partition(":")[0], os.environ)
    assert settings.log.file == ""
    for read in (Path(settings.register_.source), settings.evidence.folder):
        assert read.is_absolute()
        assert read.parts[1] not in {"home", "root", "tmp"}


def test_the_settings_that_the_files_name_exist() -> None:
    """A variable or setting of another name would be an error at the start (ruling 25)."""
    every = CONTAINER.read_text(encoding="utf-8") + UNIT.read_text(encoding="utf-8")
    named = set(re.findall(r"QBO_MILESTONES_([A-Z_]+)", every))
    assert named - {name.upper().replace(".", "__") for name in known()} == {"CONFIG"}
    for table, name in re.findall(r"\[(\w+)\] (\w+)(?= =|`)", every):
        assert f"{table}.{name}" in set(known())


def test_the_image_sets_what_the_settings_need_not(tmp_path: Path) -> None:
    """The example works in it as it is: data and witness on volumes of their own, the key where podman puts it."""
    shutil.copy(EXAMPLE, tmp_path)
    image = variables()
    settings = load(tmp_path, image)
    assert f"{settings.home_folder} {settings.witness_folder}" == lines()["VOLUME"][0] == "/data /witness"
    assert place_of(settings) == Credential("key", os.environ)
    assert image["CREDENTIALS_DIRECTORY"] == "/run/secrets"


@pytest.mark.skipif(BASH is None, reason="needs bash")
def test_the_container_is_started_with_all_that_it_needs(tmp_path: Path) -> None:
    """Every volume, both secrets under the names that the program looks for, readable by its user; up after a boot."""
    starting = re.search(r"^options=.*?^podman run -d[^\n]*$", told(CONTAINER), re.MULTILINE | re.DOTALL)
    assert starting
    (call,) = typed(tmp_path, "podman", starting.group())
    mounted = [word.split(":") for at, word in enumerate(call) if call[at - 1] == "-v"]
    assert {mount[1] for mount in mounted} == {variables()["QBO_MILESTONES_CONFIG"], *lines()["VOLUME"][0].split()}
    assert mounted[0][2] == "ro,z"
    user = lines()["USER"][-1].partition(":")[0]
    key, secret = [word.split(",") for at, word in enumerate(call) if call[at - 1] == "--secret"]
    assert {f"target={variables()['QBO_MILESTONES_KEY__FILE']}", f"uid={user}", "mode=0400"} <= set(key)
    assert secret[1:] == ["type=env", "target=QBO_MILESTONES_QUICKBOOKS__CLIENT_SECRET"]
    assert {"--restart=always", f"--userns=keep-id:uid={user},gid={user}"} <= set(call)
    created = re.findall(r"podman secret create (?:--replace )?(\S+) -", told(CONTAINER))
    assert {key[0], secret[0]} <= set(created)


def test_the_worker_takes_several_companies_from_one_variable() -> None:
    """As the container's comment says; the other commands take one folder."""
    (value,) = re.findall(r"QBO_MILESTONES_CONFIG=(/config:\S+)", CONTAINER.read_text(encoding="utf-8"))
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QBO_MILESTONES_CONFIG", value)
        with group.commands["worker"].make_context("worker", []) as context:
            assert [str(path) for path in context.params["configs"]] == value.split(":")


def test_the_container_runs_the_worker_as_nobody_s_user() -> None:
    """Issue 4: non-root, python 3.11, exactly the lock, SIGTERM to the worker itself."""
    found = lines()
    assert json.loads(found["ENTRYPOINT"][0]) == ["qbo-milestones"]
    assert json.loads(found["CMD"][0]) == ["worker"]
    assert found["STOPSIGNAL"] == ["SIGTERM"]
    assert found["USER"] == ["10001:10001"]
    assert all(one.startswith("docker.io/library/python:3.11-slim") for one in found["FROM"])
    assert "uv sync --frozen --no-dev --no-editable" in found["RUN"]


def test_both_install_what_the_lock_names() -> None:
    """By the uv that made the lock, without the tools of the tests."""
    setup = (ROOT / "scripts" / "setup").read_text(encoding="utf-8")
    for file in (UNIT, CONTAINER):
        text = file.read_text(encoding="utf-8")
        (uv,) = re.findall(r"pip install .*\b(uv==\S+)", text)
        assert uv in setup
        assert "uv sync --frozen --no-dev --no-editable" in text
    assert f"UV_PROJECT_ENVIRONMENT={Path(PROGRAM).parents[1]} " in told(UNIT)


def test_what_the_container_copies_is_in_the_checkout() -> None:
    """And what the package is built from is copied."""
    copied = [word for line in lines()["COPY"] if "--from" not in line for word in line.split()[:-1]]
    assert all((ROOT / word).exists() for word in copied)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert {project["readme"], *project["license-files"]} <= set(copied)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd's own checker")
@pytest.mark.parametrize("which", ["unit", "function"])
def test_systemd_finds_nothing_wrong(tmp_path: Path, which: str) -> None:
    """With the unit and with what the function gives a command, once a program, a user and a file are there."""
    text = UNIT.read_text(encoding="utf-8")
    if which == "function":
        given = properties(function_s_call(tmp_path, "qbm status"))
        text = "\n".join(["[Service]", f"ExecStart={PROGRAM}", *(f"{name}={given[name]}" for name in given), ""])
    unit = tmp_path / "qbo-milestones.service"
    unit.write_text(
        text.replace(PROGRAM, sys.executable).replace("User=qbo-milestones", "User=nobody"), encoding="utf-8"
    )
    command = [str(shutil.which("systemd-analyze")), "verify", "--man=no", str(unit)]
    environment = {**os.environ, "SYSTEMD_LOG_LEVEL": "warning"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
