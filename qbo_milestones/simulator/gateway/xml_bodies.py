"""A JSON answer told in XML, as the service does it for whoever did not ask for JSON."""

from typing import Any
from xml.sax.saxutils import escape, quoteattr

from qbo_milestones.simulator.amounts import read_json, write_json
from qbo_milestones.simulator.gateway.envelopes import NAMESPACE, XML_HEAD

ATTRIBUTES = {"time", "domain", "sparse", "startPosition", "maxResults", "totalCount", "name", "status", "type", "code"}
"""Properties that are attributes in XML where they are plain values."""


def xml_of(text: str) -> str:
    """``IntuitResponse`` with what the JSON text holds; what is no JSON stays as it is."""
    try:
        found = read_json(text)
    except ValueError:
        return text
    return XML_HEAD + _element("IntuitResponse", found, f" xmlns={quoteattr(NAMESPACE)}")


def _element(name: str, value: Any, more: str = "") -> str:
    if isinstance(value, list):
        return "".join(_element(name, item) for item in value)
    if not isinstance(value, dict):
        return f"<{name}{more}>{escape(_plain(value))}</{name}>"
    attributes = {key: item for key, item in value.items() if key in ATTRIBUTES and not isinstance(item, dict | list)}
    shown = "".join(f" {key}={quoteattr(_plain(item))}" for key, item in attributes.items())
    inner = "".join(
        escape(_plain(item)) if key == "value" else _element(key, item)
        for key, item in value.items()
        if key not in attributes
    )
    return f"<{name}{more}{shown}>{inner}</{name}>"


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else write_json(value)
