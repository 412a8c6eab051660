"""HTML from templates: how money, dates and words look on a page, and the headers that every page carries."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from qbo_milestones.simulator.amounts import cents, write_json
from qbo_milestones.simulator.messages import Answer

HTML = "text/html;charset=UTF-8"
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "form-action "
)
NO_FORMS = "'none'"
HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
           "Referrer-Policy": "no-referrer"}  # fmt: skip


def page(template: str, values: Mapping[str, object], status: int = 200, forms_go_to: str = NO_FORMS) -> Answer:
    """A page from its template; every value is escaped. ``forms_go_to`` are the sources that its forms may reach."""
    html = _environment().get_template(f"{template}.html").render(values)
    return Answer(status, html, HTML, {**HEADERS, "Content-Security-Policy": POLICY + forms_go_to})


def message(status: int, title: str, *paragraphs: str) -> Answer:
    """A page that says what is wrong and what to do about it."""
    return page("message", {"title": title, "paragraphs": paragraphs}, status)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    loader = PackageLoader("qbo_milestones.simulator.pages")
    found = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        auto_reload=False,
    )  # fmt: skip
    found.filters.update(money=money, day=day, words=words, plural=plural)
    return found


def money(amount: int | Decimal) -> str:
    """Cents or an amount as accountants write it: ``1,234.50``, negatives in parentheses."""
    value = amount if isinstance(amount, int) else cents(amount)
    whole, rest = divmod(abs(value), 100)
    text = f"{whole:,}.{rest:02}"
    return f"({text})" if value < 0 else text


def day(text: str) -> str:
    """``2026-10-15`` as ``15 Oct 2026``; what is no date stays as it is."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return text
    return f"{found.day} {found:%b %Y}"


def moment(instant: datetime) -> str:
    """``15 Oct 2026, 12:00:05 EDT``, in the zone that the instant is in."""
    return f"{instant.day} {instant:%b %Y, %H:%M:%S %Z}"


def words(name: str) -> str:
    """``JournalEntry`` as ``Journal entry``, ``APAccount`` as ``AP account``."""
    parts = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name).split(" ")
    text = " ".join(part if part.isupper() and len(part) > 1 else part.lower() for part in parts)
    return text[:1].upper() + text[1:]


def plural(count: int, one: str, many: str = "") -> str:
    """``1 invoice``, ``1,200 invoices``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def pretty(value: Any, indent: str = "") -> str:
    """JSON for reading: one property a line, every digit as it is stored."""
    deeper = f"{indent}  "
    if isinstance(value, dict) and value:
        inner = [f"{deeper}{write_json(name)}: {pretty(item, deeper)}" for name, item in value.items()]
        return "{\n" + ",\n".join(inner) + f"\n{indent}}}"
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(f"{deeper}{pretty(item, deeper)}" for item in value) + f"\n{indent}]"
    return write_json(value)
