"""The side door's desk for what a company sent by e-mail."""

from dataclasses import asdict
from typing import Any

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.mails import Mail
from qbo_milestones.simulator.messages import Request
from qbo_milestones.simulator.side_door.desk import Desks, company_asked
from qbo_milestones.simulator.world.world import World


def _mails(world: World, request: Request, _body: Any) -> Doc:
    company = company_asked(world, request)
    return {"mails": [{"n": number, **_shown(mail)} for number, mail in company.mails.items()]}


def _shown(mail: Mail) -> Doc:
    found = asdict(mail)
    return {"time": found.pop("sent").isoformat(), "Id": found.pop("object_id"), **found, "files": list(mail.files)}


DESKS: Desks = {("GET", "mails"): _mails}
