"""Keeps a world in one JSON file, written whole and put in place atomically."""

from base64 import b64decode, b64encode
from dataclasses import asdict, astuple
from datetime import datetime
from pathlib import Path
from typing import Any

from qbo_milestones.simulator.amounts import Doc, read_json, write_json
from qbo_milestones.simulator.books.mails import Mail
from qbo_milestones.simulator.messages import Answer
from qbo_milestones.simulator.world.conditions import Condition
from qbo_milestones.simulator.world.grants import Access, App, Code, Grant, Grants
from qbo_milestones.simulator.world.metering import Use
from qbo_milestones.simulator.world.request_ids import FirstAnswer
from qbo_milestones.simulator.world.world import World
from qbo_milestones.simulator.writing.contents import deletions, dump, load, remember_deletions


def save(world: World, path: Path) -> None:
    """Write the world. What is not kept: the log, fault rules, throttle windows."""
    text = write_json(_picture(world))
    beside = path.with_name(path.name + ".new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)
    world.changed = False


def restore(world: World, path: Path) -> None:
    """Make the world what the file says."""
    picture: Any = read_json(path.read_text(encoding="utf-8"))
    world.clear()
    world.resets = int(picture["resets"])
    world.use(world.settings.changed(picture["settings"]))
    _set_clock(world, picture["clock"])
    for realm, kept in picture["companies"].items():
        company = world.add_company(realm)
        load(company, kept["books"])
        remember_deletions(company, kept["deletions"])
        company.last_ids.update(kept["last_ids"])
        company.files.update({object_id: b64decode(text) for object_id, text in kept["files"].items()})
        company.mails = [_mail(each) for each in kept["mails"]]
    _restore_grants(world, picture["grants"])
    for month, app, realm, kind, count in picture["metering"]:
        world.metering.calls[Use(month, app, realm, kind)] = count
    for realm, state in picture["conditions"].items():
        lists = {name: tuple(state[name]) for name in ("denied", "missing")}
        world.conditions.by_realm[realm] = Condition(**{**state, **lists})
    for realm, app, request_id, first in picture["request_ids"]:
        answer = Answer(first["status"], first["body"])
        kept_answer = FirstAnswer(first["body_hash"], answer, datetime.fromisoformat(first["given"]))
        world.request_ids.answers[(realm, app, request_id)] = kept_answer
    world.changed = False


def _picture(world: World) -> Doc:
    return {
        "format": 1, "resets": world.resets, "settings": world.settings.as_json(), "clock": world.clock.as_json(),
        "companies": {
            realm: {"books": dump(company), "deletions": deletions(company), "last_ids": dict(company.last_ids),
                    "files": _texts(company.files), "mails": [_plain(asdict(mail)) for mail in company.mails]}
            for realm, company in world.companies.items()
        },
        "grants": _grants(world.grants),
        "metering": [[*astuple(use), count] for use, count in world.metering.calls.items()],
        "conditions": {realm: asdict(state) for realm, state in world.conditions.by_realm.items()},
        "request_ids": [
            [*key, {"status": first.answer.status, "body": first.answer.body, "body_hash": first.body_hash,
                    "given": first.given.isoformat()}]
            for key, first in world.request_ids.answers.items()
        ],
    }  # fmt: skip


def _texts(files: dict[str, bytes]) -> dict[str, str]:
    return {object_id: b64encode(content).decode() for object_id, content in files.items()}


def _mail(kept: Doc) -> Mail:
    return Mail(**{**kept, "sent": datetime.fromisoformat(kept["sent"]), "files": tuple(kept["files"])})


def _set_clock(world: World, kept: Doc) -> None:
    if kept["frozen"]:
        world.clock.set(datetime.fromisoformat(kept["now"]))
        world.clock.freeze(True)
    else:
        world.clock.advance(float(kept["offset_s"]))


def _grants(grants: Grants) -> Doc:
    connections = list({id(grant): grant for grant in grants.by_refresh.values()}.values())
    place = {id(grant): number for number, grant in enumerate(connections)}
    return {
        "issued": grants.issued, "seed": grants.seed,
        "apps": [_plain(asdict(app)) for app in grants.apps.values()],
        "codes": {value: _plain(asdict(code)) for value, code in grants.codes.items()},
        "connections": [_plain(asdict(grant)) for grant in connections],
        "access": [[value, place[id(access.grant)], access.expires.isoformat()]
                   for value, access in grants.access.items()],
    }  # fmt: skip


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _restore_grants(world: World, kept: Doc) -> None:
    grants = Grants(str(kept["seed"]))
    grants.issued = int(kept["issued"])
    for app in kept["apps"]:
        grants.apps[app["client_id"]] = App(
            **{**app, **{name: tuple(app[name]) for name in ("redirect_uris", "scopes")}}
        )
    for value, code in kept["codes"].items():
        grants.codes[value] = Code(
            **{**code, **{name: datetime.fromisoformat(code[name]) for name in ("expires", "asked")}}
        )
    connections = [_connection(each) for each in kept["connections"]]
    for grant in connections:
        for value in [*grant.retired, grant.refresh_token]:
            grants.by_refresh[value] = grant
    for value, number, expires in kept["access"]:
        grants.access[value] = Access(connections[number], datetime.fromisoformat(expires))
    world.grants = grants


def _connection(kept: Doc) -> Grant:
    times = {name: datetime.fromisoformat(kept[name]) for name in ("hard_end", "rotated", "refresh_expires")}
    retired = {value: datetime.fromisoformat(died) for value, died in kept["retired"].items()}
    return Grant(**{**kept, **times, "retired": retired})
