"""Whether a company lets its visitor in today: what its own servers say before they look at the books.

Seen for codes 100 and 130: XML although JSON was asked for, on one line (quickbooks-online.md 1.7 and 2.7).
"""

from dataclasses import dataclass

from qbo_milestones.simulator.catalogue import MESSAGES
from qbo_milestones.simulator.gateway.envelopes import XML, fault_json, fault_xml, pacific
from qbo_milestones.simulator.gateway.visit import Visit
from qbo_milestones.simulator.messages import Answer

AUTHENTICATION, AUTHORIZATION = "AuthenticationFault", "AuthorizatonFault"
"""The second one is spelt as QuickBooks spells it."""


@dataclass(frozen=True, slots=True)
class DoorFault:
    """Why someone is not let in; the HTTP status belongs to the text."""

    code: str
    detail: str
    kind: str = AUTHENTICATION

    @property
    def message(self) -> str:
        """As in the catalogue."""
        return MESSAGES[self.code]


NO_BEARER = DoorFault("100", "AuthenticationErrorGeneral: SRV-110-Authentication Failure ")
OLD_OAUTH = DoorFault("110", "AuthenticationOAuthError: SRV-110-Authentication Failure ")
REMOVED = DoorFault(
    "120",
    "AuthorizationFailure: -11014-You do not have access to use QuickBooks Online Plus. ", AUTHORIZATION,
)  # fmt: skip
CLOSED = {
    "wrong_cluster": DoorFault(
        "130",
        "WrongClusterError: -11017-You have accessed the wrong server.  You will now be redirected. ",
    ),
    "locked": DoorFault("140", "CompanyLockedOut: The company is locked. Try again later. "),
    "maintenance": DoorFault(
        "150",
        "CompanyUnderMaintenance: The company is under maintenance. Try again later. ",
    ),
}  # fmt: skip
"""State of the company -> why nobody is let in."""


def refused_entry(call: Visit) -> Answer | None:
    """Why the company does not let this call in, or None."""
    condition = call.world.conditions.of(call.realm)
    closed = CLOSED.get(condition.company)
    if closed is not None:
        later = condition.company in ("locked", "maintenance")
        return door_fault(call, closed, int(call.world.settings.closed_company_status) if later else 401)
    return door_fault(call, REMOVED) if condition.person == "removed" else None


def refused_scheme(call: Visit) -> Answer | None:
    """100 or 110 for an Authorization header that is not of OAuth 2, or None."""
    if call.scheme in ("", "bearer"):
        return None
    return door_fault(call, OLD_OAUTH if call.scheme == "oauth" else NO_BEARER)


def door_fault(call: Visit, fault: DoorFault, status: int = 401) -> Answer:
    """The company's no, in the shape that the switch ``door_fault_body`` names."""
    detail, time = f"{fault.detail}, statusCode: {status}", pacific(call.world.clock.now())
    if call.world.settings.door_fault_body == "json":
        return Answer(status, fault_json(fault.code, fault.message, detail, fault.kind, time))
    return Answer(status, fault_xml(fault.code, fault.message, detail, fault.kind, time), XML)
