"""The first tables."""

import sqlalchemy as sa
from alembic import op

from qbo_milestones.adapters.store.columns import Instant, Words
from qbo_milestones.errors import BadSettings

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Every table, the referred ones first."""
    _company()
    _account()
    _content()
    _customer()
    _document()
    _flag()
    _item()
    _posting()
    _run()
    _token()
    _attempt()
    _document_customer()
    _document_link()


def downgrade() -> None:
    """Only while nothing was planned: without its postings, a company would be billed again."""
    if op.get_bind().scalar(sa.text("SELECT count(*) FROM posting")):
        raise BadSettings("The first migration is not undone once postings were planned; they would be forgotten.")
    for table in (
        "document_link",
        "document_customer",
        "attempt",
        "token",
        "run",
        "posting",
        "item",
        "flag",
        "document",
        "customer",
        "content",
        "account",
        "company",
    ):
        op.drop_table(table)


def _company() -> None:
    op.create_table(
        "company",
        sa.Column("company", sa.String(length=32), nullable=False),
        sa.Column("name", Words(), server_default="", nullable=False),
        sa.Column("environment", sa.String(length=16), server_default="", nullable=False),
        sa.Column("epoch", sa.String(length=64), server_default="", nullable=False),
        sa.Column("lease_owner", Words(), nullable=True),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("fence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("books_cursor", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("company", name=op.f("pk_company")),
    )


def _account() -> None:
    op.create_table(
        "account",
        sa.Column("company", sa.String(length=32), nullable=False),
        sa.Column("id", Words(), nullable=False),
        sa.Column("type", Words(), nullable=False),
        sa.ForeignKeyConstraint(["company"], ["company.company"], name=op.f("fk_account_company")),
        sa.PrimaryKeyConstraint("company", "id", name=op.f("pk_account")),
    )


def _content() -> None:
    op.create_table(
        "content",
        sa.Column("company", sa.String(length=32), nullable=False),
        sa.Column("deliverable", Words(), nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sign_off", sa.String(length=64), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("first_seen_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["company"], ["company.company"], name=op.f("fk_content_company")),
        sa.PrimaryKeyConstraint("company", "deliverable", "revision", "sign_off", name=op.f("pk_content")),
    )


def _customer() -> None:
    op.create_table(
        "customer",
        sa.Column("company", sa.String(length=32), nullable=False),
        sa.Column("id", Words(), nullable=False),
        sa.Column("name", Words(), nullable=False),
        sa.Column("parent_id", Words(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("email", Words(), nullable=False),
        sa.Column("currency", Words(), nullable=False),
        sa.Column("is_project", sa.Boolean(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["company"], ["company.company"], name=op.f("fk_customer_company")),
        sa.PrimaryKeyConstraint("company", "id", name=op.f("pk_customer")),
    )


def _document() -> None:
    op.create_table(
        "document",
        sa.Column("company", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("id", Words(), nullable=False),
        sa.Column("version", Words(), nullable=False),
        sa.Column("number", Words(), nullable=False),
        sa.Column("customer_id", Words(), nullable=False),
        sa.Column("txn_date", sa.Date(), nullable=True),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("balance_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("stamp", Words(), nullable=False),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("presumed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=True),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('Invoice', 'Payment', 'CreditMemo', 'JournalEntry', 'Deposit', 'SalesReceipt', 'RefundReceipt')",
            name=op.f("ck_document_kind"),
        ),
        sa.CheckConstraint("length(currency) = 3", name=op.f("ck_document_currency")),
        sa.ForeignKeyConstraint(["company"], ["company.company"], name=op.f("fk_document_company")),
        sa.PrimaryKeyConstraint("company", "kind", "id", name=op.f("pk_document")),
    )
    op.create_index(op.f("ix_document_company_kind_number"), "document", ["company", "kind", "number"], unique=False)
    op.create_index(op.f("ix_document_company_kind_seen_at"), "document", ["company", "kind", "seen_at"], unique=False)
    op.create_index(
        "ix_document_open",
        "document",
        ["company", "kind", "id"],
        unique=False,
        sqlite_where=sa.text("balance_minor > 0"),
        postgresql_where=sa.text("balance_minor > 0"),
    )
    op.create_index(
        "ix_document_stamped",
        "document",
        ["company", "stamp"],
        unique=False,
        sqlite_where=sa.text("stamp <> ''"),
        postgresql_where=sa.text("stamp <> ''"),
    )


def _flag() -> None:
    op.create_table(
        "flag",
        sa.Column("company", sa.String(length=32), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("flag_key", Words(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("severity", sa.String(length=16), nullable=False),
        sa.Column("subject", Words(), nullable=False),
        sa.Column("sentence", Words(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("documents", sa.Text(), nullable=False),
        sa.Column("also", sa.Text(), nullable=False),
        sa.Column("invoice_number", Words(), nullable=False),
        sa.Column("journal_number", Words(), nullable=False),
        sa.Column("payment_reference", Words(), nullable=False),
        sa.Column("place", Words(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("opened_run", sa.BigInteger(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=False),
        sa.Column("last_seen_run", sa.BigInteger(), nullable=False),
        sa.Column("cleared_on", sa.Date(), nullable=True),
        sa.Column("cleared_run", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(amount_minor IS NULL) = (currency IS NULL)", name=op.f("ck_flag_amount")),
        sa.CheckConstraint("(cleared_on IS NULL) = (cleared_run IS NULL)", name=op.f("ck_flag_cleared")),
        sa.ForeignKeyConstraint(["company"], ["company.company"], name=op.f("fk_flag_company")),
        sa.PrimaryKeyConstraint("company", "seq", name=op.f("pk_flag")),
    )
    op.create_index(
        "uq_flag_open",
        "flag",
        ["company", "flag_key"],
        unique=True,
        sqlite_where=sa.text("cleared_on IS NULL"),
        postgresql_where=sa.text("cleared_on IS NULL"),
    )


def _item() -> None:
    op.create_table(
        "item",
        sa.Column("company", sa.String(length=32), nullable=False),
        sa.Column("id", Words(), nullable=False),
        sa.Column("name", Words(), nullable=False),
        sa.Column("account_id", Words(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["company"], ["company.company"], name=op.f("fk_item_company")),
        sa.PrimaryKeyConstraint("company", "id", name=op.f("pk_item")),
    )


def _posting() -> None:
    op.create_table(
        "posting",
        sa.Column("company", sa.String(length=32), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("posting_key", sa.String(length=64), nullable=False),
        sa.Column("deliverable", Words(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("letter", sa.String(length=8), nullable=False),
        sa.Column("document_kind", sa.String(length=32), nullable=False),
        sa.Column("stamp_code", sa.String(length=32), nullable=False),
        sa.Column("deliverable_id", Words(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("contract", Words(), nullable=False),
        sa.Column("contract_version", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("number", Words(), nullable=False),
        sa.Column("after_key", sa.String(length=64), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("accepted_on", sa.Date(), nullable=True),
        sa.Column("txn_date", sa.Date(), nullable=True),
        sa.Column("moved_from", sa.Date(), nullable=True),
        sa.Column("evidence", Words(), nullable=False),
        sa.Column("evidence_sha256", sa.String(length=64), nullable=False),
        sa.Column("note", Words(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("body_sha256", sa.String(length=64), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("requestid", sa.String(length=50), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("planned_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("first_sent_at", Instant(), nullable=True),
        sa.Column("last_sent_at", Instant(), nullable=True),
        sa.Column("fence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("books_id", sa.String(length=64), nullable=True),
        sa.Column("code", Words(), server_default="", nullable=False),
        sa.Column("reason", Words(), server_default="", nullable=False),
        sa.Column("adopted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("as_posted", sa.Text(), nullable=True),
        sa.CheckConstraint("(stage = 'posted') = (as_posted IS NOT NULL)", name=op.f("ck_posting_as_posted")),
        sa.CheckConstraint("stage = 'posted' OR length(body) > 0", name=op.f("ck_posting_body")),
        sa.CheckConstraint("(stage = 'posted') = (books_id IS NOT NULL)", name=op.f("ck_posting_books_id")),
        sa.CheckConstraint(
            "document_kind IN ('Invoice', 'Payment', 'CreditMemo', 'JournalEntry', 'Deposit',"
            " 'SalesReceipt', 'RefundReceipt')",
            name=op.f("ck_posting_document_kind"),
        ),
        sa.CheckConstraint(
            "stage IN ('planned', 'sending', 'posted', 'refused', 'doubtful', 'disputed', 'withdrawn')",
            name=op.f("ck_posting_stage"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_posting_amount")),
        sa.CheckConstraint("attempt >= 1", name=op.f("ck_posting_attempt")),
        sa.CheckConstraint("length(currency) = 3", name=op.f("ck_posting_currency")),
        sa.ForeignKeyConstraint(["company"], ["company.company"], name=op.f("fk_posting_company")),
        sa.PrimaryKeyConstraint("company", "seq", name=op.f("pk_posting")),
        sa.UniqueConstraint(
            "company", "document_kind", "books_id", name=op.f("uq_posting_company_document_kind_books_id")
        ),
        sa.UniqueConstraint("company", "requestid", name=op.f("uq_posting_company_requestid")),
    )
    op.create_index(op.f("ix_posting_company_customer_id"), "posting", ["company", "customer_id"], unique=False)
    op.create_index(op.f("ix_posting_company_deliverable"), "posting", ["company", "deliverable"], unique=False)
    op.create_index(op.f("ix_posting_company_posting_key"), "posting", ["company", "posting_key"], unique=False)
    op.create_index(op.f("ix_posting_company_stamp_code"), "posting", ["company", "stamp_code"], unique=False)
    op.create_index(op.f("ix_posting_company_stage_seq"), "posting", ["company", "stage", "seq"], unique=False)
    op.create_index(
        "uq_posting_live_key",
        "posting",
        ["company", "posting_key"],
        unique=True,
        sqlite_where=sa.text("stage <> 'withdrawn'"),
        postgresql_where=sa.text("stage <> 'withdrawn'"),
    )


def _run() -> None:
    op.create_table(
        "run",
        sa.Column("company", sa.String(length=32), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.Column("exit_code", sa.Integer(), nullable=True),
        sa.Column("counts", sa.Text(), server_default="{}", nullable=False),
        sa.CheckConstraint("(finished_at IS NULL) = (exit_code IS NULL)", name=op.f("ck_run_finished")),
        sa.ForeignKeyConstraint(["company"], ["company.company"], name=op.f("fk_run_company")),
        sa.PrimaryKeyConstraint("company", "id", name=op.f("pk_run")),
    )


def _token() -> None:
    op.create_table(
        "token",
        sa.Column("company", sa.String(length=32), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_token_version")),
        sa.ForeignKeyConstraint(["company"], ["company.company"], name=op.f("fk_token_company")),
        sa.PrimaryKeyConstraint("company", name=op.f("pk_token")),
    )


def _attempt() -> None:
    op.create_table(
        "attempt",
        sa.Column("company", sa.String(length=32), nullable=False),
        sa.Column("posting_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("requestid", sa.String(length=50), nullable=False),
        sa.Column("body_sha256", sa.String(length=64), nullable=False),
        sa.Column("sent_at", Instant(), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("http_status", sa.Integer(), nullable=True),
        sa.Column("tid", Words(), server_default="", nullable=False),
        sa.Column("code", Words(), server_default="", nullable=False),
        sa.Column("text", Words(), server_default="", nullable=False),
        sa.CheckConstraint("(outcome IS NULL) = (ended_at IS NULL)", name=op.f("ck_attempt_ended")),
        sa.CheckConstraint("n >= 1", name=op.f("ck_attempt_n")),
        sa.ForeignKeyConstraint(
            ["company", "posting_seq"], ["posting.company", "posting.seq"], name=op.f("fk_attempt_posting")
        ),
        sa.PrimaryKeyConstraint("company", "posting_seq", "n", name=op.f("pk_attempt")),
    )
    op.create_index(op.f("ix_attempt_company_requestid"), "attempt", ["company", "requestid"], unique=False)
    op.create_index(
        "uq_attempt_open",
        "attempt",
        ["company", "posting_seq"],
        unique=True,
        sqlite_where=sa.text("outcome IS NULL"),
        postgresql_where=sa.text("outcome IS NULL"),
    )


def _document_customer() -> None:
    op.create_table(
        "document_customer",
        sa.Column("company", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("id", Words(), nullable=False),
        sa.Column("customer_id", Words(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company", "kind", "id"],
            ["document.company", "document.kind", "document.id"],
            name=op.f("fk_document_customer_document"),
        ),
        sa.PrimaryKeyConstraint("company", "kind", "id", "customer_id", name=op.f("pk_document_customer")),
    )
    op.create_index(
        op.f("ix_document_customer_company_customer_id"), "document_customer", ["company", "customer_id"], unique=False
    )


def _document_link() -> None:
    op.create_table(
        "document_link",
        sa.Column("company", sa.String(length=32), nullable=False),
        sa.Column("from_kind", sa.String(length=32), nullable=False),
        sa.Column("from_id", Words(), nullable=False),
        sa.Column("to_kind", Words(), nullable=False),
        sa.Column("to_id", Words(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company", "from_kind", "from_id"],
            ["document.company", "document.kind", "document.id"],
            name=op.f("fk_document_link_document"),
        ),
        sa.PrimaryKeyConstraint("company", "from_kind", "from_id", "to_kind", "to_id", name=op.f("pk_document_link")),
    )
    op.create_index(
        op.f("ix_document_link_company_to_kind_to_id"), "document_link", ["company", "to_kind", "to_id"], unique=False
    )
