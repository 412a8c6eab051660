"""The one entry of the pure core: a world and a request make an answer. No sockets, no wall clock."""

from collections.abc import Callable
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from qbo_milestones.simulator.access.oauth import handle_oauth, is_oauth
from qbo_milestones.simulator.books.attached import PREFIX as FILES
from qbo_milestones.simulator.clock import Clock
from qbo_milestones.simulator.gateway import file_room, gateway
from qbo_milestones.simulator.gateway.spoiling import Work, answer_or_spoil
from qbo_milestones.simulator.gateway.visit import PREFIX, visit
from qbo_milestones.simulator.messages import Answer, Request
from qbo_milestones.simulator.pages.desk import handle_pages, no_page
from qbo_milestones.simulator.side_door import books, side_door
from qbo_milestones.simulator.world.mischief import OAUTH
from qbo_milestones.simulator.world.world import DEFAULT_REALM, World


def new_world(wall: Callable[[], datetime], seed: str = "agency", name: str = "Northlight Studio") -> World:
    """A world with the default company and app; ``wall`` is the clock that simulated time follows."""
    world = World(Clock(wall), _perform_late)
    books.start(world, DEFAULT_REALM, seed, name)
    return world


def handle(world: World, request: Request) -> Answer:
    """Answer one request; what was put off and is due is done first."""
    world.carry_out_late_calls()
    answer = _answer(world, request)
    world.tell_news()
    return answer.with_headers({"Date": format_datetime(world.clock.now(), usegmt=True)})


def _perform_late(world: World, request: Request) -> None:
    """A request that was put off: it was let in long ago, and nobody hears its answer."""
    work = _oauth_work(world, request) if is_oauth(request) else gateway.work_of(visit(world, request))
    entry = work.note()
    entry["status"], entry["fate"] = work.serve_late().status, "late"


def _answer(world: World, request: Request) -> Answer:
    if request.path.startswith(PREFIX):
        return gateway.handle_api(world, request)
    if request.path.startswith(side_door.PREFIX):
        return side_door.handle_side_door(world, request)
    if request.path.startswith(FILES):
        return file_room.handle_files(world, request)
    if is_oauth(request):
        return answer_or_spoil(world, request, _oauth_work(world, request))
    return handle_pages(world, request) or _nothing(request)


def _oauth_work(world: World, request: Request) -> Work:
    """An OAuth request is spoiled on demand like any other, and on the log too, without its secrets."""
    entry: dict[str, Any] = {
        "time": world.clock.now().isoformat(), "method": request.method, "path": request.path, "query": {},
        "realm": None, "entity": OAUTH, "body": None, "status": None, "requestid": None, "app": None,
    }  # fmt: skip
    return Work(
        note=lambda: world.note({**entry}),
        refused=lambda: None,
        serve=lambda _lag: handle_oauth(world, request),
        serve_late=lambda: handle_oauth(world, request),
        catch_up=world.carry_out_late_calls,
    )


def _nothing(request: Request) -> Answer:
    """A wrong address, told to a person as a page and to a program as JSON."""
    by_a_person = "text/html" in request.headers.get("accept", "")
    return no_page(request) if by_a_person else Answer(404, '{"error":"no such path"}')
