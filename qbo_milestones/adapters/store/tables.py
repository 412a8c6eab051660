"""The tables. One database serves many companies: `company` (the realm id) stands first in every key.

The arrows of the outbox and what is frozen are triggers, in `triggers.py`; what a table can say by itself is said here.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from qbo_milestones.adapters.store.columns import Instant, Words
from qbo_milestones.model.books import DocumentKind
from qbo_milestones.pipeline.outbox import Stage

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _one_of(column: str, values: type[Stage] | type[DocumentKind], name: str) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=name)


def _of_company() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["company"], ["company.company"])


company = Table(
    "company",
    metadata,
    Column("company", String(32), primary_key=True),
    Column("name", Words, nullable=False, server_default=""),
    Column("environment", String(16), nullable=False, server_default=""),
    # Kept beside the key too: where the two differ, this database was restored (design.md, Exactly once 11).
    Column("epoch", String(64), nullable=False, server_default=""),
    Column("lease_owner", Words),
    Column("lease_until", Instant),
    Column("fence", BigInteger, nullable=False, server_default="0"),
    Column("books_cursor", Instant),
)

posting = Table(
    "posting",
    metadata,
    Column("company", String(32), primary_key=True),
    # The order in which it was planned, within its company.
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("posting_key", String(64), nullable=False),
    Column("deliverable", Words, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("letter", String(8), nullable=False),
    Column("document_kind", String(32), nullable=False),
    Column("stamp_code", String(32), nullable=False),
    Column("deliverable_id", Words, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("contract", Words, nullable=False),
    Column("contract_version", Integer, nullable=False),
    Column("customer_id", String(64), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("number", Words, nullable=False),
    Column("after_key", String(64), nullable=False),
    Column("content_hash", String(64), nullable=False),
    # Not known of one that another machine posted (ruling 2).
    Column("accepted_on", Date),
    Column("txn_date", Date),
    Column("moved_from", Date),
    Column("evidence", Words, nullable=False),
    Column("evidence_sha256", String(64), nullable=False),
    Column("note", Words, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("body_sha256", String(64), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("requestid", String(50), nullable=False),
    Column("stage", String(16), nullable=False),
    Column("planned_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("first_sent_at", Instant),
    Column("last_sent_at", Instant),
    Column("fence", BigInteger, nullable=False, server_default="0"),
    Column("books_id", String(64)),
    Column("code", Words, nullable=False, server_default=""),
    Column("reason", Words, nullable=False, server_default=""),
    Column("adopted", Boolean, nullable=False, server_default=false()),
    Column("as_posted", Text),
    _of_company(),
    UniqueConstraint("company", "requestid"),
    UniqueConstraint("company", "document_kind", "books_id"),
    _one_of("stage", Stage, "stage"),
    _one_of("document_kind", DocumentKind, "document_kind"),
    CheckConstraint("amount_minor > 0", name="amount"),
    CheckConstraint("length(currency) = 3", name="currency"),
    CheckConstraint("attempt >= 1", name="attempt"),
    CheckConstraint("(stage = 'posted') = (books_id IS NOT NULL)", name="books_id"),
    CheckConstraint("(stage = 'posted') = (as_posted IS NOT NULL)", name="as_posted"),
    # Without a body it cannot be sent: only an adopted one has none.
    CheckConstraint("stage = 'posted' OR length(body) > 0", name="body"),
    # One live intent a key; a withdrawn one was never sent and leaves room for the next (I2).
    Index(None, "company", "stamp_code"),
    Index(
        "uq_posting_live_key",
        "company",
        "posting_key",
        unique=True,
        sqlite_where=text("stage <> 'withdrawn'"),
        postgresql_where=text("stage <> 'withdrawn'"),
    ),
    Index(None, "company", "posting_key"),
    Index(None, "company", "stage", "seq"),
    Index(None, "company", "customer_id"),
    Index(None, "company", "deliverable"),
)

# One row a send. `outcome` is the stage that followed; None while nobody knows.
attempt = Table(
    "attempt",
    metadata,
    Column("company", String(32), primary_key=True),
    Column("posting_seq", BigInteger, primary_key=True, autoincrement=False),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("requestid", String(50), nullable=False),
    Column("body_sha256", String(64), nullable=False),
    Column("sent_at", Instant, nullable=False),
    Column("fence", BigInteger, nullable=False),
    Column("outcome", String(16)),
    Column("ended_at", Instant),
    Column("http_status", Integer),
    Column("tid", Words, nullable=False, server_default=""),
    Column("code", Words, nullable=False, server_default=""),
    Column("text", Words, nullable=False, server_default=""),
    ForeignKeyConstraint(["company", "posting_seq"], ["posting.company", "posting.seq"]),
    CheckConstraint("n >= 1", name="n"),
    CheckConstraint("(outcome IS NULL) = (ended_at IS NULL)", name="ended"),
    Index(None, "company", "requestid"),
    Index(
        "uq_attempt_open",
        "company",
        "posting_seq",
        unique=True,
        sqlite_where=text("outcome IS NULL"),
        postgresql_where=text("outcome IS NULL"),
    ),
)

# The books as last read. `content` is the whole document; the columns are what is looked for.
document = Table(
    "document",
    metadata,
    Column("company", String(32), primary_key=True),
    Column("kind", String(32), primary_key=True),
    Column("id", Words, primary_key=True),
    Column("version", Words, nullable=False),
    Column("number", Words, nullable=False),
    Column("customer_id", Words, nullable=False),
    Column("txn_date", Date),
    Column("total_minor", BigInteger, nullable=False),
    Column("balance_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("stamp", Words, nullable=False),
    Column("voided", Boolean, nullable=False),
    Column("deleted", Boolean, nullable=False),
    # Deleted only because a whole read did not hold it: the same version seen again brings it back.
    Column("presumed", Boolean, nullable=False, server_default=false()),
    Column("updated_at", Instant),
    Column("seen_at", Instant, nullable=False),
    Column("content", Text, nullable=False),
    _of_company(),
    _one_of("kind", DocumentKind, "kind"),
    CheckConstraint("length(currency) = 3", name="currency"),
    Index(None, "company", "kind", "number"),
    Index(None, "company", "kind", "seen_at"),
    Index(
        "ix_document_stamped",
        "company",
        "stamp",
        sqlite_where=text("stamp <> ''"),
        postgresql_where=text("stamp <> ''"),
    ),
    Index(
        "ix_document_open",
        "company",
        "kind",
        "id",
        sqlite_where=text("balance_minor > 0"),
        postgresql_where=text("balance_minor > 0"),
    ),
)


def _of_document(kind: str, id_: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["company", kind, id_], ["document.company", "document.kind", "document.id"])


# Whose document it is: the header's customer, and of a journal every line's.
document_customer = Table(
    "document_customer",
    metadata,
    Column("company", String(32), primary_key=True),
    Column("kind", String(32), primary_key=True),
    Column("id", Words, primary_key=True),
    Column("customer_id", Words, primary_key=True),
    _of_document("kind", "id"),
    Index(None, "company", "customer_id"),
)

document_link = Table(
    "document_link",
    metadata,
    Column("company", String(32), primary_key=True),
    Column("from_kind", String(32), primary_key=True),
    Column("from_id", Words, primary_key=True),
    Column("to_kind", Words, primary_key=True),
    Column("to_id", Words, primary_key=True),
    _of_document("from_kind", "from_id"),
    Index(None, "company", "to_kind", "to_id"),
)

customer = Table(
    "customer",
    metadata,
    Column("company", String(32), primary_key=True),
    Column("id", Words, primary_key=True),
    Column("name", Words, nullable=False),
    Column("parent_id", Words, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("email", Words, nullable=False),
    Column("currency", Words, nullable=False),
    Column("is_project", Boolean, nullable=False),
    Column("updated_at", Instant),
    _of_company(),
)

account = Table(
    "account",
    metadata,
    Column("company", String(32), primary_key=True),
    Column("id", Words, primary_key=True),
    Column("type", Words, nullable=False),
    _of_company(),
)

item = Table(
    "item",
    metadata,
    Column("company", String(32), primary_key=True),
    Column("id", Words, primary_key=True),
    Column("name", Words, nullable=False),
    Column("account_id", Words, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("updated_at", Instant),
    _of_company(),
)

flag = Table(
    "flag",
    metadata,
    Column("company", String(32), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("flag_key", Words, nullable=False),
    Column("kind", String(64), nullable=False),
    Column("severity", String(16), nullable=False),
    Column("subject", Words, nullable=False),
    Column("sentence", Words, nullable=False),
    Column("amount_minor", BigInteger),
    Column("currency", String(3)),
    # JSON lists of words.
    Column("documents", Text, nullable=False),
    Column("also", Text, nullable=False),
    Column("invoice_number", Words, nullable=False),
    Column("journal_number", Words, nullable=False),
    Column("payment_reference", Words, nullable=False),
    Column("place", Words, nullable=False),
    Column("opened_on", Date, nullable=False),
    Column("opened_run", BigInteger, nullable=False),
    Column("review_on", Date, nullable=False),
    Column("last_seen_run", BigInteger, nullable=False),
    Column("cleared_on", Date),
    Column("cleared_run", BigInteger),
    _of_company(),
    CheckConstraint("(amount_minor IS NULL) = (currency IS NULL)", name="amount"),
    CheckConstraint("(cleared_on IS NULL) = (cleared_run IS NULL)", name="cleared"),
    Index(
        "uq_flag_open",
        "company",
        "flag_key",
        unique=True,
        sqlite_where=text("cleared_on IS NULL"),
        postgresql_where=text("cleared_on IS NULL"),
    ),
)

run = Table(
    "run",
    metadata,
    Column("company", String(32), primary_key=True),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("business_date", Date, nullable=False),
    Column("fence", BigInteger, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("exit_code", Integer),
    # JSON: texts by name.
    Column("counts", Text, nullable=False, server_default="{}"),
    _of_company(),
    CheckConstraint("(finished_at IS NULL) = (exit_code IS NULL)", name="finished"),
)

# What each deliverable and revision promised when it was first seen (ruling 17).
content = Table(
    "content",
    metadata,
    Column("company", String(32), primary_key=True),
    Column("deliverable", Words, primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    # Empty for the promise itself; for what was signed, the hash of the sign-off that it stood under.
    Column("sign_off", String(64), primary_key=True),
    Column("content_hash", String(64), nullable=False),
    Column("first_seen_at", Instant, nullable=False),
    _of_company(),
)

# The connection's tokens, sealed before they come here; changed only by compare-and-swap of `version`.
token = Table(
    "token",
    metadata,
    Column("company", String(32), primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    # A refresh was begun and its answer is not kept yet: it may be lost (reliability.md 1.8).
    Column("refreshing_since", Instant),
    # Intuit no longer accepts this version: only a person who connects again ends that.
    Column("ended_at", Instant),
    _of_company(),
    CheckConstraint("version >= 1", name="version"),
)
