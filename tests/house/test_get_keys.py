"""The page that tells an owner how to get keys says nothing that the program does not know (ruling 27)."""

import re
import tomllib
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

from test_pages import COMMAND, known

from qbo_milestones.config import PREFIX, load
from qbo_milestones.config import known as settings_known

PAGE = Path(__file__).parents[2] / "config" / "get-keys.html"
TEXT = PAGE.read_text(encoding="utf-8")
BLOCKS = [unescape(block) for block in re.findall(r"<pre>(.*?)</pre>", TEXT, re.DOTALL)]


class Tags(HTMLParser):
    """Every tag with what it fetches or leads to, and whether all are closed in order."""

    void = frozenset({"meta", "link"})

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
    """What an owner copies from the page works."""
    tables = [block for block in BLOCKS if "[quickbooks]" in block]
    assert len(tables) == 2
    for block in tables:
        for name, value in tomllib.loads(block)["quickbooks"].items():
            assert f"quickbooks.{name}" in set(settings_known())
            assert value
    (tmp_path / "settings.toml").write_text(tables[0], encoding="utf-8")
    assert load(tmp_path, {}).quickbooks.environment == "sandbox"
    assert set(re.findall(rf"{PREFIX}[A-Z_]+", TEXT)) == {f"{PREFIX}QUICKBOOKS__CLIENT_SECRET"}


def test_its_commands_exist() -> None:
    """As on the pages for newcomers."""
    named = {
        match.group(1) for match in COMMAND.finditer("\n".join([*BLOCKS, *re.findall(r"<code>(.*?)</code>", TEXT)]))
    }
    assert {" connect", " disconnect", " reconnect", " status", " check"} <= named
    assert [words for words in sorted(named) if not known(words.split())] == []
