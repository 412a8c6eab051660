"""One simulator and one browser for all tests; a company with something to see and a fresh window for each."""

import os
from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import Browser, sync_playwright

from pages.callback import Callback
from pages.studio import Studio
from pages.window import DESK, PHONE, Window
from qbo_milestones.simulator.server import running

FLAGS = [
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
"""Without them the browser looks for hosts on the net at every start."""


@pytest.fixture(scope="session")
def base() -> Iterator[str]:
    """The address of a running simulator."""
    with running() as url:
        yield url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a screen."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=os.environ["BROWSER_PROGRAM"], args=FLAGS)
        yield found
        found.close()


@pytest.fixture
def studio(base: str) -> Studio:
    """A fresh company with invoices, a payment and a customer whose name is an attack."""
    requests.post(f"{base}/_sim/reset", timeout=10).close()
    return Studio(base)


@pytest.fixture
def callback() -> Iterator[Callback]:
    """The redirect address of an app that listens on this machine."""
    with Callback() as listening:
        yield listening


@pytest.fixture
def window(browser: Browser, studio: Studio) -> Iterator[Window]:
    """A browser window on a desk; whatever it complained of fails the test."""
    with Window(browser, studio.base, DESK) as opened:
        yield opened


@pytest.fixture
def phone(browser: Browser, studio: Studio) -> Iterator[Window]:
    """The same on a narrow phone."""
    with Window(browser, studio.base, PHONE) as opened:
        yield opened
