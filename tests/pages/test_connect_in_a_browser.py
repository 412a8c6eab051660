"""An owner connects the program itself: from the page on this machine to Intuit's and back, or by a pasted address."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import Error

from entrypoints.shell import PROGRAM
from pages.studio import Studio
from pages.window import Window

HOME = Path(__file__).parents[2]
ON_OUR_DOMAIN = "https://www.northlight.example/quickbooks"
CALLBACK = "http://localhost:8765/callback"


class Program:
    """`connect` as it runs in a terminal, waiting for the owner."""

    def __init__(self, folder: Path, base: str, redirect_uri: str) -> None:
        (folder / "settings.toml").write_text(
            f'company = "northlight"\n[key]\nsource = "file"\n[quickbooks]\nsimulator_port = {urlsplit(base).port}\n'
            f'redirect_uri = "{redirect_uri}"\n',
            encoding="utf-8",
        )
        self.command = [str(PROGRAM), "connect", "--paste", "--browser", "--by", "Grace Iwu", "--config", str(folder)]
        environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(HOME)}
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True, env=environment)
        assert self.process.stdout is not None
        lines = iter(self.process.stdout.readline, "")
        self.page = next(line.strip() for line in lines if line.startswith("http://"))

    def ended(self) -> str:
        """What it said to the end."""
        out, _ = self.process.communicate(timeout=30)
        assert self.process.returncode == 0, out
        return out


@pytest.fixture(params=[CALLBACK, ON_OUR_DOMAIN], ids=["callback", "pasted"])
def program(request: pytest.FixtureRequest, studio: Studio, tmp_path: Path) -> Iterator[Program]:
    """The program, with development keys and with production ones."""
    keys = {"client_id": "simulator-app", "client_secret": "simulator-secret"}
    app = {**keys, "name": "Milestone billing", "redirect_uris": [ON_OUR_DOMAIN], "loopback": True}
    requests.post(f"{studio.base}/_sim/apps", json=app, timeout=10)
    made = Program(tmp_path, studio.base, request.param)
    yield made
    made.process.kill()
    made.process.communicate()


def test_an_owner_connects(program: Program, window: Window, tmp_path: Path) -> None:
    """Ruling 27: every page is plain, nothing is asked of another machine, no script runs, no policy is broken."""
    page, pastes = window.page, ON_OUR_DOMAIN in (tmp_path / "settings.toml").read_text(encoding="utf-8")
    page.goto(program.page)
    page.get_by_role("button", name="Begin").click()
    assert "key=" not in page.url
    assert "never changes or deletes anything" in window.words()
    photograph(window, f"ask-{pastes}")
    if pastes:
        paste_from_our_domain(window)
    else:
        page.get_by_role("link", name="Sign in at Intuit").click()
        page.get_by_role("button", name="Connect").click()
    page.get_by_role("heading", name="Is this the right company?").wait_for()
    assert "Northlight Studio" in window.words()
    photograph(window, f"confirm-{pastes}")
    page.get_by_role("button", name="Yes, connect").click()
    page.get_by_role("heading", name="Connected").wait_for()
    photograph(window, f"done-{pastes}")
    assert "Connected to Northlight Studio" in program.ended()


def paste_from_our_domain(window: Window) -> None:
    """Intuit's page in a tab of its own, which ends at a domain that is not there; back with its address."""
    with window.page.expect_popup() as opened:
        window.page.get_by_role("link", name="Sign in at Intuit").click()
    tab = opened.value
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.route(f"{ON_OUR_DOMAIN}*", lambda route: route.abort())
    try:
        tab.get_by_role("button", name="Connect").click()
        tab.wait_for_url("chrome-error://**")
    except Error:
        assert asked
    window.page.get_by_label("The address on which you ended").fill(asked[-1])
    tab.close()
    window.page.get_by_role("button", name="Go on").click()


def photograph(window: Window, name: str) -> None:
    """For people, where a folder is named."""
    if folder := os.environ.get("PHOTOGRAPHS"):
        window.page.screenshot(path=f"{folder}/{name}.png", full_page=True)
    assert window.overhang() <= 0
