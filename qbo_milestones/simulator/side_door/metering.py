"""The side door's desk for what the apps would be billed for."""

from typing import Any

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.messages import Request
from qbo_milestones.simulator.side_door.desk import Desks
from qbo_milestones.simulator.world.metering import CORE, CORE_PLUS, Use, month_of
from qbo_milestones.simulator.world.world import World


def _metering(world: World, _request: Request, _body: Any) -> Doc:
    """One row for each month, app and company. Intuit bills no sandbox; it is counted here all the same."""
    calls = world.metering.calls
    rows = dict.fromkeys((use.month, use.app, use.realm) for use in calls)
    return {
        "month": month_of(world.clock.now()),
        "calls": [
            {
                "month": month, "app": app, "realm": realm, "environment": world.conditions.of(realm).environment,
                **{kind: calls[Use(month, app, realm, kind)] for kind in (CORE, CORE_PLUS)},
            }
            for month, app, realm in rows
        ],
    }  # fmt: skip


DESKS: Desks = {("GET", "metering"): _metering}
