"""The side door's desks for the state that a company and its connected person are in."""

from dataclasses import asdict
from typing import Any

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.asked import NotUnderstood, one_of, only
from qbo_milestones.simulator.messages import Request
from qbo_milestones.simulator.side_door.desk import Desks, company_asked
from qbo_milestones.simulator.world.conditions import COMPANY, ENVIRONMENTS, PERSON, Condition
from qbo_milestones.simulator.world.world import World

CHOICES = {"company": COMPANY, "person": PERSON, "environment": ENVIRONMENTS}


def _condition(world: World, request: Request, body: Any) -> Doc:
    realm = company_asked(world, request, body).realm
    return {"realm": realm, **asdict(world.conditions.of(realm))}


def _change_condition(world: World, request: Request, body: Any) -> Doc:
    """Only what is named changes; lists are replaced."""
    wanted = only(body, "realm", *CHOICES, "denied", "missing")
    realm = company_asked(world, request, wanted).realm
    before = asdict(world.conditions.of(realm))
    chosen = {key: one_of(wanted.get(key, before[key]), key, CHOICES[key]) for key in CHOICES}
    lists = {key: _names(wanted.get(key, before[key]), key) for key in ("denied", "missing")}
    world.conditions.by_realm[realm] = Condition(
        chosen["company"], chosen["person"], chosen["environment"], lists["denied"], lists["missing"]
    )
    return _condition(world, request, wanted)


def _names(listed: Any, key: str) -> tuple[str, ...]:
    if not isinstance(listed, list | tuple):
        raise NotUnderstood(f"{key} is a list of entities and reports", key)
    return tuple(str(each) for each in listed)


DESKS: Desks = {("GET", "condition"): _condition, ("POST", "condition"): _change_condition}
