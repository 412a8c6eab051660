"""The shapes in which a call is turned away before it reaches the books (quickbooks-online.md 1.7 and 2.7)."""

from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr
from zoneinfo import ZoneInfo

from qbo_milestones.simulator.amounts import Doc, write_json

NAMESPACE = "http://schema.intuit.com/finance/v3"
XML = "application/xml;charset=UTF-8"
XML_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
PACIFIC = ZoneInfo("America/Los_Angeles")
"""The gateway's own time."""


@dataclass(frozen=True, slots=True)
class GatewayFault:
    """What the gateway itself refuses: its code, name, HTTP status and type."""

    code: str
    name: str
    status: int
    kind: str

    @property
    def message(self) -> str:
        """``message=AuthenticationFailed; errorCode=003200; statusCode=401`` and its sisters."""
        return f"message={self.name}; errorCode=00{self.code}; statusCode={self.status}"


TOKEN_REFUSED = GatewayFault("3200", "AuthenticationFailed", 401, "AUTHENTICATION")
APP_UNKNOWN = GatewayFault("3200", "ApplicationAuthenticationFailed", 401, "AUTHENTICATION")
USER_REFUSED = GatewayFault("3201", "AuthorizationFailure", 401, "AUTHORIZATION")
TOKEN_EMPTY = GatewayFault("3202", "EmptyField", 401, "AUTHENTICATION")
APP_REFUSED = GatewayFault("3100", "ApplicationAuthorizationFailed", 403, "SERVICE")
SCOPE_REFUSED = GatewayFault("3100", "AuthorizationFailed", 403, "SERVICE")
THROTTLED = GatewayFault("3001", "ThrottleExceeded", 429, "SERVICE")


def gateway_json(code: str, message: str, detail: str | None, kind: str, now: datetime) -> Doc:
    """The gateway's lower-case envelope, null siblings included, its time in milliseconds since 1970."""
    error = {"message": message, "detail": detail, "code": code, "element": None}
    return {
        "warnings": None, "intuitObject": None, "fault": {"error": [error], "type": kind},
        "report": None, "queryResponse": None, "batchItemResponse": [], "attachableResponse": [],
        "syncErrorResponse": None, "requestId": None, "time": int(now.timestamp() * 1000), "status": None,
        "cdcresponse": [],
    }  # fmt: skip


def gateway_xml(code: str, message: str, detail: str | None, kind: str, now: datetime) -> str:
    """The same as XML, laid out as the gateway does."""
    more = f"\n            <Detail>{escape(detail)}</Detail>" if detail else ""
    return (
        f'{XML_HEAD}\n<IntuitResponse time="{pacific(now)}" xmlns="{NAMESPACE}">\n    <Fault type={quoteattr(kind)}>\n'
        f"        <Error code={quoteattr(code)}>\n            <Message>{escape(message)}</Message>{more}\n"
        "        </Error>\n    </Fault>\n</IntuitResponse>\n"
    )


def pacific(instant: datetime) -> str:
    """An instant as those write it who know no company's zone."""
    return instant.astimezone(PACIFIC).isoformat(timespec="milliseconds")


def fault_json(code: str, message: str, detail: str, kind: str, time: str, element: str | None = "") -> str:
    """One error in the capital-letter envelope; without an element where that is None."""
    shown = {"Message": message, "Detail": detail, "code": code}
    error = shown if element is None else {**shown, "element": element}
    return write_json({"Fault": {"Error": [error], "type": kind}, "time": time})


def fault_xml(code: str, message: str, detail: str, kind: str, time: str, element: str | None = None) -> str:
    """One error as the company's servers write it in XML: on one line."""
    about = "" if element is None else f" element={quoteattr(element)}"
    return (
        f"{XML_HEAD}<IntuitResponse xmlns={quoteattr(NAMESPACE)} time={quoteattr(time)}><Fault type={quoteattr(kind)}>"
        f"<Error code={quoteattr(code)}{about}><Message>{escape(message)}</Message><Detail>{escape(detail)}</Detail>"
        "</Error></Fault></IntuitResponse>"
    )
