"""One call as the gateway sees it: who knocks with which token, at which company, for what."""

from dataclasses import dataclass

from qbo_milestones.simulator.books.past import NO_LAG, Lag
from qbo_milestones.simulator.messages import Request
from qbo_milestones.simulator.world.grants import Access
from qbo_milestones.simulator.world.world import World

PREFIX = "/v3/company/"


@dataclass(frozen=True, slots=True)
class Visit:
    """A request under /v3/company/; ``parts`` is the path after the realm, ``lag`` how far lists are behind."""

    world: World
    request: Request
    realm: str
    parts: tuple[str, ...]
    lag: Lag = NO_LAG

    @property
    def scheme(self) -> str:
        """The first word of the Authorization header, in lower case."""
        return self.request.headers.get("authorization", "").partition(" ")[0].lower()

    @property
    def token(self) -> str:
        """What follows the first word of the Authorization header."""
        return self.request.headers.get("authorization", "").partition(" ")[2].strip()

    @property
    def access(self) -> Access | None:
        """What the token opens, dead or alive."""
        return self.world.grants.access.get(self.token) if self.scheme == "bearer" else None

    @property
    def head(self) -> str:
        """The path's first word after the realm, in lower case: an entity, query, batch, cdc ..."""
        return self.parts[0].lower() if self.parts else ""

    @property
    def writes(self) -> bool:
        """Whether it can change the books: every POST but that of a query."""
        return self.request.method == "POST" and self.head != "query"

    @property
    def app(self) -> str:
        """The client id that the token was given to, empty for a token that nobody gave."""
        return self.access.grant.client_id if self.access else ""


def visit(world: World, request: Request) -> Visit:
    """The request, taken apart."""
    realm, *parts = request.path.removeprefix(PREFIX).strip("/").split("/")
    return Visit(world, request, realm, tuple(parts))
