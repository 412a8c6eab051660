"""What may be done in a company in its state: subscription, rights and features (codes 6190, 5020, 5030)."""

import re

from qbo_milestones.simulator.faults import refuse
from qbo_milestones.simulator.world.conditions import Condition

_FROM = re.compile(r"\bfrom\s+(\w+)", re.IGNORECASE)
NO_RIGHT = "Permission Denied Error : You do not have the access rights to use this feature."
ENDED = (
    "Subscription period has ended or cancelled or there was a billing problem : You can't add data to QuickBooks "
    "Online Plus because your trial or subscription period ended, you cancelled your subscription, or there was a "
    "billing problem. To update your subscription, click the gear icon and view your account information."
)


def check_permitted(condition: Condition, name: str, writes: bool) -> None:
    """6190 for a write where the subscription ended, 5020 without the right, 5030 without the feature."""
    if writes and condition.company == "subscription_ended":
        raise refuse("6190", ENDED)
    if writes and condition.company == "reset":
        raise refuse("10200", "Company was reset : the request is older than the company's data")
    if _names(condition.denied, name):
        raise refuse("5020", NO_RIGHT, name)
    if _names(condition.missing, name):
        raise refuse("5030", f"Feature Not Supported Error : {name} is not supported", name)


def check_queried(condition: Condition, statement: str) -> None:
    """The same for the entity that a statement asks for."""
    asked = _FROM.search(statement)
    if asked is not None:
        check_permitted(condition, asked[1], writes=False)


def _names(listed: tuple[str, ...], name: str) -> bool:
    return name.lower() in {each.lower() for each in listed}
