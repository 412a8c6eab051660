"""The program as a person or a schedule calls it: a real process, an empty home, no keyring."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PROGRAM = Path(sys.executable).with_name("qbo-milestones")


def environment_of(home: Path) -> dict[str, str]:
    """Nothing of this process but where programs are, a home, and this source where another is installed."""
    return {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": str(ROOT),
        "HOME": str(home),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        # Planted, and of no use to anybody: whatever prints its settings is found out (canaries.py).
        "QBO_MILESTONES_QUICKBOOKS__CLIENT_SECRET": "canary-client-secret-4711",
        "QBO_MILESTONES_QUICKBOOKS__WEBHOOK_VERIFIER": "canary-verifier-token-4711",
    }


@dataclass(frozen=True, slots=True)
class Said:
    """What a call printed, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one JSON document on standard output."""
        found: dict[str, Any] = json.loads(self.out)
        return found


@dataclass
class Shell:
    """A folder and a home in which the program is called; `said` keeps everything that it ever printed."""

    folder: Path
    home: Path
    said: list[Said] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """What it is called with."""
        return environment_of(self.home)

    def __call__(self, *words: str | Path, **variables: str) -> Said:
        """Call the program and wait; never a traceback, whatever it is asked."""
        command = [str(PROGRAM), *map(str, words)]
        environment = {**self.environment, **variables}
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
        assert "Traceback" not in done.stdout + done.stderr, done.stderr
        found = Said(done.returncode, done.stdout, done.stderr)
        self.said.append(found)
        return found

    def settings(self, text: str = "", name: str = "config") -> Path:
        """A settings folder for the simulated company and the demo's register."""
        folder = self.folder / name
        folder.mkdir()
        demo = ROOT / "config" / "demo"
        (folder / "settings.toml").write_text(
            'home = "data"\n[key]\nsource = "file"\n'
            f'[register]\nsource = "{demo / "register.xlsx"}"\n[evidence]\nfolder = "{demo / "evidence"}"\n{text}',
            encoding="utf-8",
        )
        return folder
