"""What the pages for newcomers name exists: every command, every script, every file of the house."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main
from typer.core import TyperGroup

from qbo_milestones.entrypoints.cli import app

ROOT = Path(__file__).parents[2]
PAGES = [page for page in (ROOT / "README.md", ROOT / "ARCHITECTURE.md") if page.is_file()]
COMMAND = re.compile(r"qbo-milestones((?: +[a-z][a-z-]*)+)")


def code(page: Path) -> Iterator[str]:
    """What stands in code: blocks line by line, and spans; a sentence may say anything."""
    text = page.read_text(encoding="utf-8")
    for block in re.findall(r"^```[^\n]*\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        yield from block.splitlines()
    yield from re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE))


def known(words: list[str]) -> bool:
    """Whether the first word is a command, and the second one of its own where it has some."""
    top = typer.main.get_command(app)
    assert isinstance(top, TyperGroup)
    found = top.commands.get(words[0])
    if isinstance(found, TyperGroup) and len(words) > 1:
        return words[1] in found.commands
    return found is not None


def test_the_check_knows_a_command_from_a_word() -> None:
    """These tests would not pass on anything."""
    assert known(["register", "check"])
    assert known(["run"])
    assert not known(["register", "bill"])
    assert not known(["bill"])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_on_the_page_exists(page: Path) -> None:
    """A newcomer types what the page says."""
    named = {match.group(1) for line in code(page) for match in COMMAND.finditer(line)}
    assert [words for words in sorted(named) if not known(words.split())] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_script_on_the_page_exists(page: Path) -> None:
    """Scripts are files that can be run."""
    named = set(re.findall(r"(?<![\w/.-])scripts/([a-z][\w-]*(?:\.py)?)", page.read_text(encoding="utf-8")))
    missing = [name for name in sorted(named) if not (ROOT / "scripts" / name).is_file()]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_on_the_page_leads_somewhere(page: Path) -> None:
    """Links into this repository."""
    targets = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []
