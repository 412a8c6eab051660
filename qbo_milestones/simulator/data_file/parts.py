"""What of a world is kept, as data: the parts that are kept key by key, and the small ones that are kept whole."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from qbo_milestones.simulator.amounts import read_json, write_json
from qbo_milestones.simulator.books.company import Company, Deletion
from qbo_milestones.simulator.books.ledger import Entry, Key, Posting
from qbo_milestones.simulator.books.mails import Mail
from qbo_milestones.simulator.books.shelf import Record
from qbo_milestones.simulator.books.watched import Watched
from qbo_milestones.simulator.clock import Standing
from qbo_milestones.simulator.data_file.plain import plain, typed
from qbo_milestones.simulator.schema.entities import ENTITIES
from qbo_milestones.simulator.settings import Settings
from qbo_milestones.simulator.webhooks.line import Line
from qbo_milestones.simulator.webhooks.tricks import Trick
from qbo_milestones.simulator.world.conditions import Condition
from qbo_milestones.simulator.world.grants import Access, App, Code, Grant
from qbo_milestones.simulator.world.late_calls import Late
from qbo_milestones.simulator.world.metering import Use
from qbo_milestones.simulator.world.mischief import Rule
from qbo_milestones.simulator.world.request_ids import FirstAnswer
from qbo_milestones.simulator.world.world import World

Stored = str | bytes


@dataclass(frozen=True, slots=True)
class Codec:
    """How values of one kind are written to the file and read back."""

    write: Callable[[Any], Stored]
    read: Callable[[Any], Any]


def as_json(kind: Any) -> Codec:
    """Any value that ``plain`` knows."""
    return Codec(lambda value: write_json(plain(value)), lambda text: typed(kind, read_json(text)))


def _write_record(record: Record) -> str:
    body = write_json(record.body)
    return f'["{record.created.isoformat()}","{record.updated.isoformat()}",{body}]'


def _read_record(text: str) -> Record:
    # Every number is a Decimal, as when a client sent it: 100 and 100.5 must not be of two kinds.
    created, updated, body = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    return Record(body, datetime.fromisoformat(created), datetime.fromisoformat(updated))


def _read_posting(text: str) -> Posting:
    # By hand, for these are most of what is read; named tuples are written as lists, and so are keys in them.
    day, entries = json.loads(text)
    return Posting(day, tuple(Entry._make(_parts(entry)) for entry in entries))


def _parts(entry: list[Any]) -> Iterator[Any]:
    return (tuple(part) if type(part) is list else part for part in entry)


RECORD = Codec(_write_record, _read_record)
POSTING = Codec(json.dumps, _read_posting)
RAW = Codec(bytes, bytes)


@dataclass(frozen=True, slots=True)
class Part:
    """A dict that is kept key by key: where it is, how its values are written, and how one is put back."""

    of: Callable[[Any], Watched[Any, Any]]
    codec: Codec
    key: Any = str
    put: Callable[[Any, Any, Any], object] | None = None

    def restore(self, owner: Any, key: str, stored: Stored) -> None:
        """Put a value back under its key."""
        found_key, value = typed(self.key, json.loads(key)), self.codec.read(stored)
        if self.put is None:
            self.of(owner)[found_key] = value
        else:
            self.put(owner, found_key, value)


def _shelf(name: str) -> Part:
    def put(company: Company, _: str, record: Record) -> None:
        company.place(name, record)

    return Part(lambda company: company.shelves[name].records, RECORD, put=put)


def _put_posting(company: Company, key: Key, posting: Posting) -> None:
    company.ledger.post(key, posting.day, list(posting.entries))


COMPANY: dict[str, Part] = {
    **{name: _shelf(name) for name in ENTITIES},
    "postings": Part(lambda company: company.ledger.postings, POSTING, Key, _put_posting),
    "applied": Part(lambda company: company.applied, as_json(dict[Key, int]), Key),
    "banked": Part(lambda company: company.banked, as_json(str), Key),
    "deletions": Part(lambda company: company.deletions, as_json(Deletion), Key),
    "last_ids": Part(lambda company: company.last_ids, as_json(int)),
    "standing": Part(lambda company: company.standing, as_json(str)),
    "files": Part(lambda company: company.files, RAW),
    "mails": Part(lambda company: company.mails, as_json(Mail), int),
}
"""Postings and links are kept as they are: the documents are not computed anew when they are read."""


def _write_access(access: Access) -> str:
    return write_json([access.grant.key, access.expires.isoformat()])


def _let_in(world: World, token: str, found: list[str]) -> None:
    world.grants.access[token] = Access(world.grants.connections[found[0]], datetime.fromisoformat(found[1]))


WORLD: dict[str, Part] = {
    "request_ids": Part(lambda world: world.request_ids.answers, as_json(FirstAnswer), tuple[str, str, str]),
    "apps": Part(lambda world: world.grants.apps, as_json(App)),
    "codes": Part(lambda world: world.grants.codes, as_json(Code)),
    "connections": Part(
        lambda world: world.grants.connections, as_json(Grant), put=lambda world, _, grant: world.grants.keep(grant)
    ),
    "access": Part(lambda world: world.grants.access, Codec(_write_access, read_json), put=_let_in),
    "metering": Part(lambda world: world.metering.calls, as_json(int), Use),
    "conditions": Part(lambda world: world.conditions.by_realm, as_json(Condition)),
    "lines": Part(lambda world: world.post_room.lines, as_json(Line)),
}


@dataclass(frozen=True, slots=True)
class Small:
    """Something that is kept whole, whenever it is no longer equal to what was kept last.

    What does not change ``alone`` is kept only when something else is written anyway.
    """

    of: Callable[[World], Any]
    kind: Any
    put: Callable[[World, Any], object]
    alone: bool = True


def _set_tokens(world: World, found: tuple[str, int]) -> None:
    world.grants.seed, world.grants.issued = found


def _set_post(world: World, found: tuple[str, int, int]) -> None:
    world.post_room.seed, world.post_room.events, world.post_room.posted = found


def _post(world: World) -> tuple[str, int, int]:
    return world.post_room.seed, world.post_room.events, world.post_room.posted


def _set(name: str) -> Callable[[World, Any], None]:
    return lambda world, value: setattr(world, name, value)


SMALL: dict[str, Small] = {
    "settings": Small(lambda world: world.settings, Settings, lambda world, settings: world.use(settings)),
    "clock": Small(lambda world: world.clock.standing, Standing, lambda world, found: world.clock.stand(found)),
    "resets": Small(lambda world: world.resets, int, _set("resets")),
    "realms": Small(
        lambda world: tuple(world.companies), tuple[str, ...], lambda world, realms: [*map(world.add_company, realms)]
    ),
    "tokens": Small(lambda world: (world.grants.seed, world.grants.issued), tuple[str, int], _set_tokens),
    "rules": Small(
        lambda world: plain(world.mischief.rules), list[Rule], lambda world, rules: world.mischief.rules.extend(rules)
    ),
    "post": Small(_post, tuple[str, int, int], _set_post),
    "tricks": Small(
        lambda world: plain(world.post_room.tricks), list[Trick],
        lambda world, tricks: world.post_room.tricks.extend(tricks),
    ),
    "late": Small(lambda world: list(world.late), list[Late], lambda world, late: world.late.extend(late)),
    "asked": Small(lambda world: world.asked, int, _set("asked"), alone=False),
}  # fmt: skip
"""In the order in which they are put back."""
