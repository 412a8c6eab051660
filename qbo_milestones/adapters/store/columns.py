"""Column types that refuse what must never be stored: naive instants, and text that no database takes."""

from datetime import UTC, datetime
from typing import Any, TypeAlias

from sqlalchemy import DateTime, Dialect, String
from sqlalchemy.types import TypeDecorator

from qbo_milestones.model.money import Money, from_minor

# A row of a query; the library types its columns only while it is not passed on.
AnyRow: TypeAlias = Any


class Instant(TypeDecorator[datetime]):
    """An instant, stored as UTC to the microsecond (ruling 21). Raises ValueError for a naive one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """To UTC."""
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError("an instant without a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """From UTC; SQLite gives it back without its zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Words(TypeDecorator[str]):
    """Text from outside. What UTF-8 or PostgreSQL cannot hold (half a surrogate pair, NUL) becomes a question mark.

    One hostile name in the books must not stop the whole pull; the exact text stands in the document's JSON.
    """

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """To storable text."""
        return None if value is None else storable(value)


def storable(text: str) -> str:
    """The text as it will stand in a column of Words."""
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "?").encode("utf-8", "replace").decode()


def to_money(minor: int | None, currency: str | None) -> Money | None:
    """The money of two columns; None where there is none."""
    return None if minor is None or currency is None else from_minor(minor, currency)
