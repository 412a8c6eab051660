"""What QuickBooks says when it says no: a Fault, in JSON of both casings or XML (quickbooks-online.md 2.5)."""

import json
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

_TEXT_LIMIT = 300
_TOKEN_LIKE = re.compile(r"(?i:bearer|basic)\s+\S+|[A-Za-z0-9._~+/=-]{32,}")
_TRACE_ID = re.compile(r"(?:gw-|[0-9]-)[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4,24}){1,4}")
_TRACE_LIMIT = 64
_PLAIN_CODE = re.compile(r"[A-Za-z0-9_-]{1,16}")


class Unreadable(ValueError):
    """An answer that is not what it should be. The text names the place, never the content."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer as it came, before anybody believes it. The body stays out of repr: it holds customers' data."""

    status: int
    content_type: str
    body: bytes
    tid: str = ""
    retry_after: str = ""
    date: str = ""

    @property
    def text(self) -> str:
        """The body as text. UTF-8, as QuickBooks says; ISO-8859-1 where it says so and the bytes are no UTF-8 (2.4).

        Raises Unreadable.
        """
        try:
            return self.body.decode("utf-8-sig")
        except UnicodeDecodeError:
            if "iso-8859-1" in self.content_type.lower():
                return self.body.decode("iso-8859-1")
            raise Unreadable("the answer is not text") from None

    def __repr__(self) -> str:
        return f"Answer(status={self.status}, tid={self.tid!r}, {len(self.body)} bytes)"


@dataclass(frozen=True, slots=True)
class FaultError:
    """One entry of a fault. `code` is without leading zeros: 003001 and 3001 are one."""

    code: str
    message: str
    detail: str
    element: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault. `type` is QuickBooks' word in lower case, without "fault": validation, system, authentication ..."""

    type: str
    errors: tuple[FaultError, ...]

    @property
    def codes(self) -> frozenset[str]:
        """The codes of all its errors."""
        return frozenset(error.code for error in self.errors)


def parsed(text: str) -> dict[str, Any]:
    """A JSON object, its numbers with a point as Decimal.

    Raises Unreadable for anything else: HTML, truncated JSON, NaN, nesting without end.
    """
    try:
        value = json.loads(text, parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Unreadable("the answer is not JSON") from None
    if not isinstance(value, dict):
        raise Unreadable("the answer is not a JSON object")
    return value


def _no_constant(name: str) -> None:
    raise ValueError(name)


def json_fault(tree: dict[str, Any]) -> Fault | None:
    """The fault in a parsed answer: `Fault` of QuickBooks, or `fault` of the gateway before it."""
    # The gateway writes `"fault": null` beside its other keys; QuickBooks' own key is never there without a fault.
    raw = tree["Fault"] if "Fault" in tree else tree.get("fault")
    if raw is None and "Fault" not in tree:
        return None
    if not isinstance(raw, dict):
        return Fault("", ())
    errors = raw.get("Error") or raw.get("error") or []
    entries = errors if isinstance(errors, list) else [errors]
    return Fault(_type(raw.get("type")), tuple(_error(entry) for entry in entries if isinstance(entry, dict)))


def _error(entry: dict[str, Any]) -> FaultError:
    lower = {str(key).lower(): value for key, value in entry.items()}
    code, message, detail, element = (_text(lower.get(key)) for key in ("code", "message", "detail", "element"))
    return FaultError(_code(code), message, detail, element)


def xml_fault(body: bytes) -> Fault | None:
    """The fault in an XML answer; None where there is none that can be read."""
    try:
        root = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError, RecursionError):
        return None
    found = next((node for node in root.iter() if _tag(node) == "fault"), None)
    if found is None:
        return None
    errors = tuple(_xml_error(node) for node in found if _tag(node) == "error")
    return Fault(_type(found.get("type")), errors)


def _xml_error(node: Element) -> FaultError:
    parts = {_tag(child): child.text or "" for child in node}
    code = node.get("code") or parts.get("code", "")
    element = node.get("element") or parts.get("element", "")
    return FaultError(_code(code), parts.get("message", ""), parts.get("detail", ""), element)


def _tag(node: Element) -> str:
    return node.tag.rpartition("}")[2].lower() if isinstance(node.tag, str) else ""


def _type(value: object) -> str:
    return _text(value).casefold().removesuffix("fault")


def _code(text: str) -> str:
    code = text.strip()
    return (code.lstrip("0") or code) if _PLAIN_CODE.fullmatch(code) else ""


def _text(value: object) -> str:
    return str(value) if isinstance(value, str | int) else ""


def trace_id(text: str, secrets: tuple[str, ...] = ()) -> str:
    """An `intuit_tid` as it is (`gw-<uuid>` or `1-69f0a24d-<24 hex>`), anything else made safe.

    Its long run of hexadecimal digits looks like a token, and support asks for all of it.
    """
    known = len(text) <= _TRACE_LIMIT and _TRACE_ID.fullmatch(text)
    return text if known and not any(secret and secret in text for secret in secrets) else safe(text, secrets)


def safe(text: str, secrets: tuple[str, ...] = ()) -> str:
    """`text` on one line, cut, without the given secrets and without whatever looks like a token (ruling 23).

    QuickBooks puts the expired token itself into its error's detail (quickbooks-online.md 1.7).
    """
    for secret in secrets:
        if secret:
            text = text.replace(secret, "***")
    line = " ".join(_TOKEN_LIKE.sub("***", text).split())
    return line if len(line) <= _TEXT_LIMIT else line[: _TEXT_LIMIT - 1] + "…"
