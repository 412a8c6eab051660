"""References from one object to another: the Id that one holds, and the name that it shows beside it."""

from typing import Any

from qbo_milestones.simulator.amounts import Doc


def ref_id(doc: Doc, name: str) -> str:
    """The Id a reference holds, an empty text without one."""
    value = doc.get(name)
    return str(value.get("value") or "") if isinstance(value, dict) else ""


def display_name(body: Doc) -> Any:
    """What a reference's ``name`` shows: the full name for trees of names (quickbooks-online.md 2.3)."""
    if "DisplayName" in body:
        return body["DisplayName"]
    return body.get("FullyQualifiedName") or body.get("Name", "")
