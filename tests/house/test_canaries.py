"""The suite hears its own secrets: each way on which one could get out is tried (ruling 23; issue 4)."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

TRIED = """
import hashlib, logging, os, sqlite3, subprocess, sys
import pytest
from qbo_milestones.errors import Unavailable

def secret(kind):
    return kind + hashlib.sha256(b"x").hexdigest()

def child(code):
    return [sys.executable, "-c", "import hashlib;x=hashlib.sha256(b'x').hexdigest();" + code]

def test_prints():
    print("token", secret("eyJ"))

def test_prints_to_a_capture(capsys):
    print(secret("RT1-"), file=sys.stderr)
    capsys.readouterr()

def test_below_python(capfd):
    os.write(1, secret("XAB").encode())
    capfd.readouterr()

def test_logs_a_field():
    logging.getLogger("qbo_milestones.x").debug("x", extra={"requestid": secret("eyJ")})

def test_logs_in_the_message():
    logging.getLogger("qbo_milestones.x").info("token %s", secret("eyJ"))

def test_raises_and_catches():
    with pytest.raises(Unavailable):
        raise Unavailable(f"refused: {secret('eyJ')}")

def test_fails_with_it():
    assert secret("eyJ") == "x"

def test_runs_a_program():
    subprocess.run(child("print('eyJ' + x)"), capture_output=True, check=True)

def test_reads_a_program_line_by_line():
    process = subprocess.Popen(child("print('eyJ' + x)"), stdout=subprocess.PIPE, text=True)
    for line in process.stdout:
        pass
    process.wait()
    process.stdout.close()

def test_leaves_a_file(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "some.log").write_text("canary-" + "planted-1")

def test_leaves_a_database(tmp_path):
    base = sqlite3.connect(tmp_path / "store.db")
    base.execute("CREATE TABLE token (value TEXT)")
    base.execute("INSERT INTO token VALUES (?)", (secret("RT1-"),))
    base.commit()
    base.close()

def test_prints_its_key(tmp_path):
    key = "Wm9" * 14 + "A="
    (tmp_path / "key").write_text(key)
    print("key", key)

def test_keeps_its_key_twice(tmp_path):
    key = "Wm9" * 14 + "A="
    (tmp_path / "key").write_text(key)
    (tmp_path / "copy.json").write_text(f'{{"key": "{key}"}}')
"""
INNOCENT = """
import logging, sqlite3

def test_shows_nothing(tmp_path, capsys):
    print("9341450000000001 and 1-69f0a24d-0123456789abcdef01234567")
    capsys.readouterr()
    logging.getLogger("qbo_milestones.x").warning("x", extra={"requestid": "a" * 32})
    (tmp_path / "settings.toml").write_text("client_secret = 'canary-" + "planted-1'")
    (tmp_path / "key").write_text("Wm9" * 14 + "A=")
    base = sqlite3.connect(tmp_path / "simulator.db")
    base.execute("CREATE TABLE kept (realm TEXT, part TEXT)")
    base.execute("INSERT INTO kept VALUES (?, '')", ("RT1-" + "ab" * 32,))
    base.commit()
    base.close()
"""


def played(folder: Path, tests: str, *options: str) -> str:
    """What a suite of its own ends with."""
    (folder / "test_some.py").write_text(tests, encoding="utf-8")
    (folder / "conftest.py").write_text(
        f"import sys\nsys.path.insert(0, {str(ROOT / 'tests')!r})\nsys.path.insert(0, {str(ROOT)!r})\n"
        "pytest_plugins = ['canaries']\n",
        encoding="utf-8",
    )
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
    command += ["--basetemp", str(folder / "base")]
    # Into a file, since what a program prints to a test is heard.
    out = folder / "said"
    with out.open("w", encoding="utf-8") as file:
        subprocess.run(command, cwd=folder, stdout=file, stderr=file, timeout=120, check=False)
    return out.read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Not the test's own, and gone after it: what lies there is leaked on purpose."""
    found = tmp_path_factory.mktemp("leaks")
    yield found
    shutil.rmtree(found)


@pytest.mark.parametrize("options", [(), ("-n", "2")], ids=["alone", "in workers"])
def test_each_way_out_is_heard(folder: Path, options: tuple[str, ...]) -> None:
    """Issue 4: no secret in any output of the whole test suite, under pytest-xdist too."""
    said = played(folder, TRIED, *options)
    names = re.findall(r"^def (test_\w+)", TRIED, re.MULTILINE)
    assert len(names) == 13
    found = set(re.findall(r"^(?:FAILED|ERROR) test_some\.py::(\w+)", said, re.MULTILINE))
    assert set(names) - found == set()
    assert "in the text of a Unavailable" in said


def test_the_innocent_pass(folder: Path) -> None:
    """Settings, key files and the simulator's own data are where secrets belong."""
    assert "1 passed" in played(folder, INNOCENT)
