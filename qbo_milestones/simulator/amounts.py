"""Exact money and exact JSON: Decimal and integer cents inside, never a binary fraction."""

import json
from decimal import ROUND_HALF_UP, Decimal
from json.encoder import encode_basestring_ascii as quoted
from typing import Any

Doc = dict[str, Any]
"""One QuickBooks JSON object: text, Decimal, int, bool, None, lists and Docs."""

CENT = Decimal("0.01")


def half_up(value: Decimal) -> Decimal:
    """Round to cents, half away from zero, as QuickBooks does (quickbooks-online.md 6.2)."""
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


def cents(value: Decimal | int | str) -> int:
    """Home-currency units to integer cents, half up."""
    return int(half_up(Decimal(value)) * 100)


def money(amount_cents: int) -> Decimal:
    """Integer cents to a Decimal with two places."""
    return (Decimal(amount_cents) / 100).quantize(CENT)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def read_json(text: bytes | str) -> Any:
    """Parse JSON with every fraction as Decimal; NaN, Infinity and nesting without end are refused."""
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_no_constant)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def write_json(value: Any) -> str:
    """JSON text with Decimals as plain numbers: the digits that came in are the digits that go out."""
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, dict):
        return "{" + ",".join([f"{quoted(key)}:{write_json(item)}" for key, item in value.items()]) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join([write_json(item) for item in value]) + "]"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, int):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in QuickBooks JSON")
