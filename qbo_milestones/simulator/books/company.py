"""The state of one company: its objects, its ledger, its links, what was deleted, and its own time zone."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.ledger import Key, Ledger
from qbo_milestones.simulator.books.mails import Mail
from qbo_milestones.simulator.books.shelf import Record, Shelf
from qbo_milestones.simulator.books.state import State
from qbo_milestones.simulator.books.versions import Past, Version
from qbo_milestones.simulator.books.watched import Groups, Tally, Watched
from qbo_milestones.simulator.clock import Clock
from qbo_milestones.simulator.faults import DELETED, INACTIVE, Refusal, no_number, refuse
from qbo_milestones.simulator.schema.entities import ENTITIES
from qbo_milestones.simulator.settings import Settings


@dataclass(frozen=True, slots=True)
class Deletion:
    """What is left of a deleted object: the stub that change data capture shows."""

    entity: str
    object_id: str
    deleted: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """Something that happened to an object. ``followed``: it is the consequence of a change of another object."""

    entity: str
    object_id: str
    operation: str
    at: datetime
    followed: bool = False


_LARGEST_ID = 2**31 - 1


class Company(State):
    """One realm. Everything that happens to it goes through ``documents``; this only keeps it."""

    SHARED: ClassVar[frozenset[str]] = frozenset({"clock", "settings"})

    def __init__(self, realm: str, clock: Clock, settings: Settings) -> None:
        self.realm = realm
        self.clock = clock
        self.settings = settings
        self.shelves = {name: Shelf() for name in ENTITIES}
        self.ledger = Ledger()
        self.applied: Groups[Key, Key, int] = Groups()
        self.banked: Watched[Key, str] = Watched()
        self.deletions: Watched[Key, Deletion] = Watched()
        self.last_ids: Tally[str] = Tally()
        self.standing: Watched[str, str] = Watched()
        self.changes: list[Change] = []
        self._touched: dict[Key, str] = {}
        self.past: Past | None = None
        self.files: Watched[str, bytes] = Watched()
        self.mails: Watched[int, Mail] = Watched()
        self.base_url = ""
        self._zone = ZoneInfo("America/New_York")

    # time -----------------------------------------------------------------------------------------

    @property
    def zone(self) -> ZoneInfo:
        """The company's time zone, from CompanyInfo."""
        return self._zone

    def follow_profile(self) -> None:
        """Keep the time that CompanyInfo names."""
        profile = self.find("CompanyInfo", "1")
        self._zone = ZoneInfo(str((profile.body if profile else {}).get("DefaultTimeZone") or "America/New_York"))

    def now(self) -> datetime:
        """The simulated instant in whole seconds, as MetaData keeps it."""
        return self.clock.now().replace(microsecond=0)

    def shown(self, instant: datetime) -> str:
        """An instant as MetaData shows it: company time with its offset."""
        return instant.astimezone(self._zone).isoformat(timespec="seconds")

    def answer_time(self) -> str:
        """``time`` of an answer: company time, milliseconds, offset."""
        return self.clock.now().astimezone(self._zone).isoformat(timespec="milliseconds")

    def today(self) -> str:
        """The company's date, YYYY-MM-DD."""
        return self.clock.now().astimezone(self._zone).date().isoformat()

    # objects --------------------------------------------------------------------------------------

    def find(self, name: str, object_id: str) -> Record | None:
        """The object, or None, also for an entity that there is not."""
        shelf = self.shelves.get(name)
        return shelf.records.get(object_id) if shelf is not None else None

    def fetch(self, name: str, object_id: str) -> Record:
        """The object; 2030 for an Id that is no number, 610 where nothing is there (any more)."""
        record = self.find(name, object_id)
        if record is not None:
            return record
        if not object_id.isdecimal() or int(object_id) > _LARGEST_ID:
            raise Refusal(no_number(object_id, "Id"))
        raise refuse("610", DELETED if (name, object_id) in self.deletions else INACTIVE)

    def put(self, name: str, body: Doc, before: Record | None = None) -> Record:
        """Store an object: gives it Id, SyncToken and MetaData, and raises the token of one that was there."""
        now = self.now()
        object_id = str(body.get("Id") or self._next_id(name)) if before is None else str(before.body["Id"])
        token = 0 if before is None else int(before.body["SyncToken"]) + 1
        record = Record(body, now if before is None else before.created, now)
        frame = {"domain": "QBO", "sparse": False, "Id": object_id, "SyncToken": str(token)}
        record.body = arranged(name, {**_without_frame(body), **frame, "MetaData": self._meta(record)})
        self._file(name, object_id, record)
        self._touched.setdefault((name, object_id), _what_was_done(before, body))
        if name == "CompanyInfo":
            self.follow_profile()
        return record

    def amend(self, name: str, record: Record, more: Doc) -> Record:
        """Put computed properties on a stored object without a new SyncToken or time."""
        amended = Record({**record.body, **more}, record.created, record.updated)
        self._file(name, str(record.body["Id"]), amended)
        return amended

    def touch(self, name: str, record: Record, more: Doc) -> Record:
        """Put properties that follow from another object's change: a new time, the old SyncToken."""
        touched = Record({**record.body, **more}, record.created, self.now())
        touched.body["MetaData"] = self._meta(touched)
        self._file(name, str(record.body["Id"]), touched)
        return touched

    def place(self, name: str, record: Record) -> None:
        """Store an object as it is (loaded by the side door)."""
        object_id = str(record.body["Id"])
        if object_id.isdecimal():
            sequence = _sequence(name)
            self.last_ids[sequence] = max(self.last_ids[sequence], int(object_id))
        self._file(name, object_id, record)
        if name == "CompanyInfo":
            self.follow_profile()

    def forget(self, name: str, object_id: str) -> None:
        """Delete an object for good and remember that it was there."""
        self._file(name, object_id, None)
        if name == "Attachable":
            self.files.pop(object_id, None)
        self.deletions[(name, object_id)] = Deletion(name, object_id, self.now())
        self._touched[(name, object_id)] = "Delete"

    def _file(self, name: str, object_id: str, record: Record | None) -> None:
        """Put an object on its shelf, or take it off."""
        shelf = self.shelves[name]
        if self.past is not None:
            self.past.note(Version(self.clock.now(), name, object_id, shelf.records.get(object_id)))
        if record is None:
            shelf.drop(object_id)
        else:
            shelf.put(record)

    # what happened --------------------------------------------------------------------------------

    def begin(self) -> None:
        """An operation begins: what was put here before it (loaded books) is no change."""
        self._touched = {}

    def happened(self, operation: str, name: str, object_id: str) -> None:
        """An operation is over: note it, and what it did to other objects, for whoever asks what changed."""
        now, touched = self.clock.now(), self._touched
        self._touched = {}
        done = touched.pop((name, object_id), operation)
        self.changes.append(Change(name, object_id, done if done == "Inactivate" else operation, now))
        self.changes += [Change(*key, what, now, followed=True) for key, what in touched.items()]

    def take_changes(self) -> list[Change]:
        """What happened since this was asked last."""
        found, self.changes = self.changes, []
        return found

    def person_id(self) -> str:
        """The number of the person who connected the apps: near the company's own, as it is seen."""
        return str(int(self.realm) + 32) if self.realm.isdecimal() else self.realm

    def _meta(self, record: Record) -> Doc:
        return {"CreateTime": self.shown(record.created), "LastUpdatedTime": self.shown(record.updated)}

    def _next_id(self, name: str) -> str:
        self.last_ids[_sequence(name)] += 1
        return str(self.last_ids[_sequence(name)])

    def next_number(self) -> str:
        """The next number of the sales forms, where QuickBooks numbers them itself."""
        self.last_ids["DocNumber"] = max(self.last_ids["DocNumber"], 1000) + 1
        return str(self.last_ids["DocNumber"])

    # preferences ----------------------------------------------------------------------------------

    def preference(self, group: str, name: str) -> Any:
        """One preference, None where it is not set."""
        record = self.find("Preferences", "1")
        found = record.body.get(group) if record else None
        return found.get(name) if isinstance(found, dict) else None

    def other_preference(self, name: str) -> bool:
        """One of ``OtherPrefs.NameValue``, true or not."""
        pairs = self.preference("OtherPrefs", "NameValue") or []
        return any(pair.get("Name") == name and str(pair.get("Value")).lower() == "true" for pair in pairs)

    def home_currency(self) -> str:
        """Code of the home currency."""
        found = self.preference("CurrencyPrefs", "HomeCurrency")
        return str(found.get("value") or "USD") if isinstance(found, dict) else "USD"

    def has_currencies(self) -> bool:
        """Whether the company keeps other currencies than its own."""
        return bool(self.preference("CurrencyPrefs", "MultiCurrencyEnabled"))

    def closed_until(self) -> str:
        """The closing date YYYY-MM-DD, or an empty text: transactions on or before it are closed."""
        return str(self.preference("AccountingInfoPrefs", "BookCloseDate") or "")


def _what_was_done(before: Record | None, body: Doc) -> str:
    if before is None:
        return "Create"
    return "Inactivate" if before.body.get("Active") is True and body.get("Active") is False else "Update"


def arranged(name: str, body: Doc) -> Doc:
    """Names answer their properties in the order of their entity's table, which is that of live answers."""
    spec = ENTITIES[name]
    return body if spec.is_transaction else {**{field: body[field] for field in spec.fields if field in body}, **body}


def _sequence(name: str) -> str:
    """Transactions share one row of numbers, each name list has its own."""
    return "transaction" if ENTITIES[name].is_transaction else name


def _without_frame(body: Doc) -> Doc:
    return {name: value for name, value in body.items() if value is not None and name not in _FRAME}


_FRAME = {"domain", "sparse", "Id", "SyncToken", "MetaData", "status"}
