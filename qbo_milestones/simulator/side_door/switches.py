"""The side door's desks for the switches and for a company's preferences."""

from typing import Any

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.asked import NotUnderstood
from qbo_milestones.simulator.messages import Request
from qbo_milestones.simulator.side_door.desk import Desks, company_asked
from qbo_milestones.simulator.world.world import World


def _settings(world: World, request: Request, _body: Any) -> Doc:
    preferences = company_asked(world, request).fetch("Preferences", "1").body
    return {"settings": world.settings.as_json(), "preferences": preferences}


def _change_settings(world: World, request: Request, body: Any) -> Doc:
    """Switches by name; ``preferences`` is merged into the company's Preferences (``realm`` names which)."""
    if not isinstance(body, dict):
        raise NotUnderstood("the body is an object of switches", known=world.settings.as_json())
    wanted = {name: value for name, value in body.items() if name not in ("preferences", "realm")}
    company = company_asked(world, request, body)
    world.use(world.settings.changed(wanted))
    if "preferences" in body:
        before = company.fetch("Preferences", "1")
        company.begin()
        company.put("Preferences", _merged(before.body, body["preferences"]), before)
        company.happened("Update", "Preferences", "1")
    return _settings(world, request, body)


def _merged(old: Any, new: Any) -> Any:
    """Groups of preferences are merged property by property."""
    if isinstance(old, dict) and isinstance(new, dict):
        return {**old, **{name: _merged(old.get(name), value) for name, value in new.items()}}
    return new


DESKS: Desks = {("GET", "settings"): _settings, ("POST", "settings"): _change_settings}
