"""Everything the simulator knows: the clock, the companies, the grants, the switches, the rules, the log."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

from qbo_milestones.simulator.books.company import Change, Company
from qbo_milestones.simulator.books.past import keep_past
from qbo_milestones.simulator.books.render import shown
from qbo_milestones.simulator.clock import Clock
from qbo_milestones.simulator.messages import Request
from qbo_milestones.simulator.settings import Settings
from qbo_milestones.simulator.webhooks.post_room import News, PostRoom
from qbo_milestones.simulator.world.checkpoints import Checkpoint
from qbo_milestones.simulator.world.conditions import Conditions
from qbo_milestones.simulator.world.grants import Grants
from qbo_milestones.simulator.world.late_calls import Late
from qbo_milestones.simulator.world.metering import Metering
from qbo_milestones.simulator.world.mischief import Mischief
from qbo_milestones.simulator.world.request_ids import RequestIds
from qbo_milestones.simulator.world.throttle import Throttle

DEFAULT_REALM = "9341450000000001"
LOG_LIMIT = 200_000


class World:
    """One running simulator. ``perform`` carries out a request that was put off until now."""

    def __init__(self, clock: Clock, perform: Callable[["World", Request], None], seed: str = "simulator") -> None:
        self.clock = clock
        self.perform = perform
        self.seed = seed
        self.resets = 0
        self.default_realm = DEFAULT_REALM
        self.clear()

    def clear(self) -> None:
        """Forget everything but the clock; tokens given out before never work again."""
        self.resets += 1
        self.settings = Settings()
        self.companies: dict[str, Company] = {}
        self.grants = Grants(f"{self.seed}/{self.resets}")
        self.conditions = Conditions()
        self.mischief = Mischief()
        self._keeps_past = False
        self.post_room = PostRoom(f"{self.seed}/{self.resets}")
        self.throttle = Throttle()
        self.metering = Metering()
        self.request_ids = RequestIds()
        self.late: list[Late] = []
        self.checkpoints: dict[str, Checkpoint] = {}
        self.log: list[dict[str, Any]] = []
        self.asked = 0

    def add_company(self, realm: str) -> Company:
        """An empty company under this realm, in place of one that was there."""
        self.companies[realm] = Company(realm, self.clock, self.settings)
        return self.companies[realm]

    def use(self, settings: Settings) -> None:
        """Switch."""
        self.settings = settings
        for company in self.companies.values():
            company.settings = settings

    def checkpoint(self, name: str) -> None:
        """Keep the books as they are now under this name."""
        now = Checkpoint(self.clock.now(), self.companies, self.request_ids, tuple(self.late))
        self.checkpoints[name] = now.copy()

    def rewind(self, name: str) -> None:
        """Make the books what they were at a checkpoint; the checkpoint stays."""
        kept = self.checkpoints[name].copy()
        for realm in [realm for realm in self.companies if realm not in kept.companies]:
            del self.companies[realm]
        self.companies.update(kept.companies)
        self.request_ids, self.late = kept.request_ids, list(kept.late)
        self.use(self.settings)

    def company_names(self) -> list[tuple[str, str]]:
        """(realm, name) of every company, the default one first."""
        found = []
        for realm, company in self.companies.items():
            info = company.find("CompanyInfo", "1")
            found.append((realm, str(info.body.get("CompanyName", realm)) if info else realm))
        return sorted(found, key=lambda pair: pair[0] != self.default_realm)

    def carry_out_late_calls(self) -> None:
        """Do what was put off and is due by now, in the order of their times."""
        now = self.clock.now()
        due = sorted((late for late in self.late if late.due <= now), key=lambda late: late.due)
        if due:
            self.late = [late for late in self.late if late.due > now]
        for late in due:
            self.perform(self, late.request)

    def keep_past(self) -> None:
        """Keep earlier versions of objects as long as a rule may want to show them, and no longer."""
        seconds = self.mischief.past_s
        if seconds or self._keeps_past:
            for company in self.companies.values():
                keep_past(company, seconds)
            self._keeps_past = bool(seconds)

    def tell_news(self) -> None:
        """Tell the post room what happened in any company since this was asked last."""
        for realm, company in self.companies.items():
            if company.changes:
                for change in company.take_changes():
                    self.tell(self._news(realm, company, change))

    def _news(self, realm: str, company: Company, change: Change) -> News:
        wanted = self.settings.webhook_data == "entity" and bool(self.post_room.lines)
        record = company.find(change.entity, change.object_id) if wanted else None
        data = shown(company, change.entity, record) if record else None
        return News(realm, change.entity, change.object_id, change.operation, change.at, change.followed, data=data)

    def tell(self, news: News) -> None:
        """Tell the apps that are connected to the company."""
        now = self.clock.now()
        self.post_room.tell(self.settings, news, lambda client_id: self.grants.live(client_id, news.realm, now))

    def trace_id(self, door: str) -> str:
        """The ``intuit_tid`` of an answer: the same every time, another for every request."""
        digest = sha256(f"{self.seed}/{self.resets}/{door}/{self.asked}".encode()).hexdigest()
        return f"1-{digest[:8]}-{digest[8:32]}"

    def note(self, entry: dict[str, Any]) -> dict[str, Any]:
        """Put a request on the log; the oldest go when it grows too long."""
        self.asked += 1
        entry["n"] = self.asked
        self.log.append(entry)
        if len(self.log) > LOG_LIMIT:
            del self.log[: LOG_LIMIT // 10]
        return entry
