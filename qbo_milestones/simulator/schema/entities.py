"""The table of entities: one row each, found by the name that a path or a query uses."""

from qbo_milestones.simulator.faults import refuse
from qbo_milestones.simulator.schema.accounts import ACCOUNT
from qbo_milestones.simulator.schema.attachments import ATTACHABLE
from qbo_milestones.simulator.schema.company import COMPANY_INFO, PREFERENCES
from qbo_milestones.simulator.schema.fields import EntitySpec
from qbo_milestones.simulator.schema.items import ITEM
from qbo_milestones.simulator.schema.lists import LAST_LISTS, LISTS
from qbo_milestones.simulator.schema.people import PEOPLE
from qbo_milestones.simulator.schema.recurring import RECURRING
from qbo_milestones.simulator.schema.taxes import TAXES
from qbo_milestones.simulator.schema.transactions import TRANSACTIONS

ENTITIES: dict[str, EntitySpec] = {
    spec.name: spec
    for spec in [
        *(PREFERENCES, COMPANY_INFO, *TAXES, *LISTS, ACCOUNT, *PEOPLE, ITEM, *LAST_LISTS),
        *(ATTACHABLE, *TRANSACTIONS, RECURRING),
    ]
}
"""In the order in which a dump is loaded: names before what refers to them."""

BY_ELEMENT = {spec.element: spec for spec in ENTITIES.values()}
_BY_LOWER_NAME = {called.lower(): spec for spec in ENTITIES.values() for called in (spec.name, spec.element)}


def entity_or_none(name: str) -> EntitySpec | None:
    """The entity of a path segment or a FROM clause, in any case."""
    return _BY_LOWER_NAME.get(name.lower())


def entity(name: str) -> EntitySpec:
    """The entity of this name, in any case; 2000 where there is none."""
    spec = entity_or_none(name)
    if spec is None:
        raise refuse("2000", f"Invalid or unsupported object name: {name}")
    return spec
