"""A person who speaks to the pure core of a simulator in this process: no sockets, and its state can be looked at."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from requests.adapters import BaseAdapter
from simulator_person import Person

from qbo_milestones.simulator.front import handle
from qbo_milestones.simulator.messages import Request
from qbo_milestones.simulator.world.world import World

BASE = "http://simulator.test"


class Inside(BaseAdapter):
    """Carries requests to a world. ``afterwards`` is called when a request was handled."""

    def __init__(self, world: World, afterwards: Callable[[], None]) -> None:
        super().__init__()
        self.world, self.afterwards = world, afterwards

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """One request in, one answer out."""
        parts = urlsplit(str(request.url))
        given: Any = request.body or b""
        body = given.encode() if isinstance(given, str) else bytes(given)
        headers = {name.lower(): value for name, value in request.headers.items()}
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        answer = handle(self.world, Request(str(request.method), parts.path, query, headers, body, BASE))
        self.afterwards()
        found = requests.Response()
        content = answer.body.encode() if isinstance(answer.body, str) else answer.body
        found.status_code, found._content, found.url = answer.status, content, str(request.url)
        found.headers.update(answer.headers)
        return found

    def close(self) -> None:
        """Nothing is open."""


class Insider(Person):
    """A person inside the process."""

    def __init__(self, world: World, afterwards: Callable[[], None] = lambda: None) -> None:
        self._inside = Inside(world, afterwards)
        super().__init__(BASE)

    def session(self) -> requests.Session:
        """A session that leads inside."""
        found = requests.Session()
        found.mount(BASE, self._inside)
        return found
