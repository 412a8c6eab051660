"""The page that tells an owner how to get keys says nothing that the program does not know (ruling 27)."""

import re
import tomllib
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import typer.main
from typer.core import TyperGroup

from qbo_milestones.config import PREFIX, load
from qbo_milestones.config import known as settings_known
from qbo_milestones.entrypoints.cli import app
from qbo_milestones.keys import place_of

PAGE = Path(__file__).parents[2] / "config" / "get-keys.html"
TEXT = PAGE.read_text(encoding="utf-8")
BLOCKS = [unescape(block) for block in re.findall(r"<pre>(.*?)</pre>", TEXT, re.DOTALL)]


class Tags(HTMLParser):
    """Every tag with what it fetches or leads to, and whether all are closed in order."""

    void = frozenset({"meta", "link", "br", "wbr"})

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in self.void:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_it_can_be_read_from_disk_without_scripts_or_anything_from_elsewhere() -> None:
    """Self-contained: no script, no form, nothing fetched; links lead to Intuit alone."""
    tags = Tags()
    tags.feed(TEXT)
    assert tags.open == []
    assert not {tag for tag, _ in tags.seen} & {"script", "form", "iframe", "img", "object", "input"}
    assert not [attrs for _, attrs in tags.seen if "src" in attrs or any(name.startswith("on") for name in attrs)]
    leads = {attrs["href"] for _, attrs in tags.seen if "href" in attrs}
    assert leads == {"data:,", "https://developer.intuit.com/"}


def test_its_settings_and_variables_exist(tmp_path: Path) -> None:
    """What an owner copies from the page works; the trial also where the machine has no keyring."""
    tables = [block for block in BLOCKS if "[quickbooks]" in block]
    assert len(tables) == 2
    for block in tables:
        for name, value in tomllib.loads(block)["quickbooks"].items():
            assert f"quickbooks.{name}" in set(settings_known())
            assert value
    (tmp_path / "settings.toml").write_text(tables[0], encoding="utf-8")
    settings = load(tmp_path, {})
    assert settings.quickbooks.environment == "sandbox"
    place_of(settings).make()
    assert (tmp_path / "key").is_file()
    assert set(re.findall(rf"{PREFIX}[A-Z_]+", TEXT)) == {
        f"{PREFIX}QUICKBOOKS__CLIENT_SECRET",
        f"{PREFIX}QUICKBOOKS__WEBHOOK_VERIFIER",
    }


def test_its_commands_exist_and_say_for_which_company() -> None:
    """Copied as they stand they do what they say: without --config they would speak of no company of the owner's."""
    named = re.findall(r"(?<!/)qbo-milestones +([a-z][^\n<;,]*)", unescape(TEXT))
    assert {words.split()[0] for words in named} == {"connect", "disconnect", "reconnect", "status", "check", "door"}
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    for words in named:
        name, *rest = words.split()
        with group.commands[name].make_context(name, [*rest]):
            assert rest[:2] in (["--config", "trial"], ["--config", "northlight"])


def test_the_door_it_tells_of_is_the_program_s() -> None:
    """The proxy must hand on to where the door listens, and to the path that it knows."""
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    with group.commands["door"].make_context("door", []) as context:
        assert f"port {context.params['port']} of the machine" in TEXT
    assert "https://hooks.northlight.example/webhook<" in TEXT


def test_what_it_says_to_run_and_to_open_is_in_the_checkout() -> None:
    """Newcomers start here."""
    root = PAGE.parents[1]
    named = set(re.findall(r"\b(?:config|scripts)/[\w./-]*\w", TEXT))
    assert named >= {"scripts/setup", "config/qbo-milestones.service", "config/Containerfile"}
    assert [name for name in sorted(named) if not (root / name).is_file()] == []
    assert ".venv/bin/qbo-milestones" in TEXT
