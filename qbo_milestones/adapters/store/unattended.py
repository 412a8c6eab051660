"""The tables of unattended work: due runs, the audit log, counted calls, webhook events, the connection's story."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Text,
    text,
)

from qbo_milestones.adapters.store.columns import Instant, Words
from qbo_milestones.adapters.store.tables import metadata

# How the kinds of due runs begin: `nightly`, and `nightly002` after dates that were made while the clock was ahead.
NIGHTLY = "nightly"


def _of_company() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["company"], ["company.company"])


# The run of one business date, made once by whoever ticks first (reliability.md 1.10). Missed: a later date came due
# before it was run (ruling 15).
due_run = Table(
    "due_run",
    metadata,
    Column("company", String(32), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("business_date", Date, primary_key=True),
    Column("due_at", Instant, nullable=False),
    Column("next_try_at", Instant, nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("stage", String(16), nullable=False),
    Column("ended_at", Instant),
    # The number of the run that did it, in `run`.
    Column("run", BigInteger),
    Column("exit_code", Integer),
    _of_company(),
    CheckConstraint("stage IN ('due', 'done', 'missed')", name="stage"),
    CheckConstraint("(stage = 'due') = (ended_at IS NULL)", name="ended"),
    CheckConstraint("tries >= 0", name="tries"),
    Index(None, "stage", "next_try_at"),
)

# Append only; each row's hash covers the one before it.
audit = Table(
    "audit",
    metadata,
    Column("company", String(32), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("actor", Words, nullable=False),
    Column("event", String(48), nullable=False),
    # Canonical JSON.
    Column("content", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    _of_company(),
    CheckConstraint("seq >= 1", name="seq"),
)

# Requests that Intuit meters, by month of its calendar (`2026-11`).
metered_call = Table(
    "metered_call",
    metadata,
    Column("company", String(32), primary_key=True),
    Column("month", String(7), primary_key=True),
    Column("calls", BigInteger, nullable=False),
    _of_company(),
    CheckConstraint("calls >= 0", name="calls"),
)

# What was told to people already, so that it is told once.
notice = Table(
    "notice",
    metadata,
    Column("company", String(32), primary_key=True),
    Column("notice_key", String(96), primary_key=True),
    Column("first_at", Instant, nullable=False),
    _of_company(),
)

# Hints that a company has changed. The company may be one that we do not know.
webhook_event = Table(
    "webhook_event",
    metadata,
    Column("event_id", Words, primary_key=True),
    Column("company", String(32), nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("handled_at", Instant),
    Index(
        "ix_webhook_event_waiting",
        "company",
        "received_at",
        sqlite_where=text("handled_at IS NULL"),
        postgresql_where=text("handled_at IS NULL"),
    ),
    Index(None, "received_at"),
)

# Who connected, when, and what QuickBooks calls the company.
connection = Table(
    "connection",
    metadata,
    Column("company", String(32), primary_key=True),
    Column("title", Words, nullable=False),
    Column("connected_by", Words, nullable=False),
    Column("connected_at", Instant, nullable=False),
    Column("disconnected_at", Instant),
    _of_company(),
)
