"""What the unattended worker needs: due runs, the audit log, counted calls, webhook events, the connection's story."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from qbo_milestones.adapters.store import audit
from qbo_milestones.adapters.store.columns import Instant, Words

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """New tables, and what the token's row remembers of a refresh."""
    _audit()
    _connection()
    _due_run()
    _metered_call()
    _notice()
    _webhook_event()
    for column in ("refreshing_since", "ended_at"):
        op.add_column("token", sa.Column(column, Instant(), nullable=True))
    # What companies did before there was a log is no gap in it.
    audit.begin(op.get_bind(), datetime.now(UTC), f"migration {revision}")


def downgrade() -> None:
    """Without them."""
    for column in ("ended_at", "refreshing_since"):
        op.drop_column("token", column)
    for table in ("webhook_event", "notice", "metered_call", "due_run", "connection", "audit"):
        op.drop_table(table)


def _of_company(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["company"], ["company.company"], name=op.f(f"fk_{table}_company"))


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("company", sa.String(length=32), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor", Words(), nullable=False),
        sa.Column("event", sa.String(length=48), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("seq >= 1", name=op.f("ck_audit_seq")),
        _of_company("audit"),
        sa.PrimaryKeyConstraint("company", "seq", name=op.f("pk_audit")),
    )


def _connection() -> None:
    op.create_table(
        "connection",
        sa.Column("company", sa.String(length=32), nullable=False),
        sa.Column("title", Words(), nullable=False),
        sa.Column("connected_by", Words(), nullable=False),
        sa.Column("connected_at", Instant(), nullable=False),
        sa.Column("disconnected_at", Instant(), nullable=True),
        _of_company("connection"),
        sa.PrimaryKeyConstraint("company", name=op.f("pk_connection")),
    )


def _due_run() -> None:
    op.create_table(
        "due_run",
        sa.Column("company", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("next_try_at", Instant(), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("run", sa.BigInteger(), nullable=True),
        sa.Column("exit_code", sa.Integer(), nullable=True),
        sa.CheckConstraint("stage IN ('due', 'done', 'missed')", name=op.f("ck_due_run_stage")),
        sa.CheckConstraint("(stage = 'due') = (ended_at IS NULL)", name=op.f("ck_due_run_ended")),
        sa.CheckConstraint("tries >= 0", name=op.f("ck_due_run_tries")),
        _of_company("due_run"),
        sa.PrimaryKeyConstraint("company", "kind", "business_date", name=op.f("pk_due_run")),
    )
    op.create_index(op.f("ix_due_run_stage_next_try_at"), "due_run", ["stage", "next_try_at"], unique=False)


def _metered_call() -> None:
    op.create_table(
        "metered_call",
        sa.Column("company", sa.String(length=32), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("calls >= 0", name=op.f("ck_metered_call_calls")),
        _of_company("metered_call"),
        sa.PrimaryKeyConstraint("company", "month", name=op.f("pk_metered_call")),
    )


def _notice() -> None:
    op.create_table(
        "notice",
        sa.Column("company", sa.String(length=32), nullable=False),
        sa.Column("notice_key", sa.String(length=96), nullable=False),
        sa.Column("first_at", Instant(), nullable=False),
        _of_company("notice"),
        sa.PrimaryKeyConstraint("company", "notice_key", name=op.f("pk_notice")),
    )


def _webhook_event() -> None:
    op.create_table(
        "webhook_event",
        sa.Column("event_id", Words(), nullable=False),
        sa.Column("company", sa.String(length=32), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("handled_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_webhook_event")),
    )
    op.create_index(
        "ix_webhook_event_waiting",
        "webhook_event",
        ["company", "received_at"],
        unique=False,
        sqlite_where=sa.text("handled_at IS NULL"),
        postgresql_where=sa.text("handled_at IS NULL"),
    )
    op.create_index(op.f("ix_webhook_event_received_at"), "webhook_event", ["received_at"], unique=False)
