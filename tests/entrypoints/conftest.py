"""Every call starts from an empty home."""

from pathlib import Path

import pytest

from entrypoints.shell import Shell


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """The program in an empty folder and an empty home."""
    for name in ("folder", "home"):
        (tmp_path / name).mkdir()
    return Shell(tmp_path / "folder", tmp_path / "home")
