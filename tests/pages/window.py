"""A browser window that remembers what it complained of and whom it asked."""

from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Dialog, ViewportSize

DESK: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 360, "height": 740}
HERE = {"127.0.0.1", "localhost"}


class Window:
    """One tab with an empty memory. Leaving it fails if a page complained, ran a script or asked another machine."""

    def __init__(self, browser: Browser, base: str, size: ViewportSize) -> None:
        self.base = base
        self._context = browser.new_context(viewport=size)
        self.page = self._context.new_page()
        self.page.set_default_timeout(10_000)
        self.complaints: list[str] = []
        self.asked: set[str] = set()
        self.page.on("console", self._listen)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", self._refuse)
        self.page.on("request", lambda request: self.asked.add(urlsplit(request.url).hostname or request.url))

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def _refuse(self, dialog: Dialog) -> None:
        self.complaints.append(f"a script ran: {dialog.message}")
        dialog.dismiss()

    def open(self, path: str) -> None:
        """Go to one of the simulator's pages."""
        self.page.goto(self.base + path)

    def words(self) -> str:
        """What a person reads on the page, white space as one blank."""
        return " ".join(self.page.locator("body").inner_text().split())

    def section(self, name: str) -> str:
        """What a person reads under one heading."""
        return " ".join(self.page.get_by_role("region", name=name).inner_text().split())

    def overhang(self) -> int:
        """By how many pixels the page is wider than the window."""
        found: int = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        self._context.close()
        if kind is None:
            assert self.complaints == []
            assert self.asked <= HERE
