"""The rules of the outbox as triggers, so that no program, ours included, can break them (reliability.md 1.6).

They are made anew after every migration, since altering a table on SQLite makes a new table without them (ruling 21).
"""

from sqlalchemy import Connection, inspect, text

from qbo_milestones.errors import BadSettings
from qbo_milestones.pipeline.outbox import ARROWS

_PREFIX = "rule_"

# What a posting is, for ever; and what only a new attempt series may change (ruling 6, I3).
_IDENTITY = ("company", "seq", "posting_key", "deliverable", "kind", "letter", "document_kind", "stamp_code")
_FACTS = (
    "deliverable_id",
    "revision",
    "contract",
    "contract_version",
    "customer_id",
    "amount_minor",
    "currency",
    "number",
    "after_key",
    "content_hash",
    "accepted_on",
    "txn_date",
    "moved_from",
    "evidence",
    "evidence_sha256",
    "note",
    "body",
    "body_sha256",
    "attempt",
    "requestid",
    "planned_at",
)
_ENDED = ("books_id", "as_posted", "adopted", "first_sent_at", "last_sent_at", "fence")
_SENT = ("company", "posting_seq", "n", "requestid", "body_sha256", "sent_at", "fence")


def _changed(columns: tuple[str, ...]) -> str:
    return "(" + " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in columns) + ")"


def _has_posting(condition: str) -> str:
    return f"EXISTS (SELECT 1 FROM posting p WHERE p.company = NEW.company AND {condition})"  # noqa: S608 - all constants


def _has_attempt(condition: str) -> str:
    return f"EXISTS (SELECT 1 FROM attempt a WHERE a.company = NEW.company AND {condition})"  # noqa: S608 - all constants


_LEGAL = ", ".join(sorted(f"'{start}>{end}'" for start, end in ARROWS))
_MOVES = "NEW.stage IS NOT OLD.stage"
_AGAIN = "(OLD.stage = 'refused' AND NEW.stage = 'planned')"
_WAS_SENT = _has_attempt("a.requestid = NEW.requestid")
_IS_OPEN = _has_attempt("a.posting_seq = NEW.seq AND a.outcome IS NULL")
_IS_SENT = _has_attempt(
    "a.posting_seq = NEW.seq AND a.requestid = NEW.requestid AND a.body_sha256 = NEW.body_sha256 AND a.outcome IS NULL"
)
_STANDS = " OR ".join(
    (
        _has_posting("p.seq = NEW.seq"),
        _has_posting("p.requestid = NEW.requestid"),
        _has_posting("p.posting_key = NEW.posting_key AND p.stage <> 'withdrawn'"),
        _WAS_SENT,
    )
)
_UNSENT = "NEW.first_sent_at IS NULL AND NEW.last_sent_at IS NULL"
_FRESH = f"(NEW.stage = 'planned' AND NEW.adopted = 0 AND {_UNSENT})"
# What another machine posted has no body here, and can never be sent (ruling 2).
_ADOPTED = f"(NEW.stage = 'posted' AND NEW.adopted = 1 AND length(NEW.body) = 0 AND {_UNSENT})"
_MAY_BE_SENT = _has_posting(
    "p.seq = NEW.posting_seq AND p.requestid = NEW.requestid AND p.body_sha256 = NEW.body_sha256"
    " AND p.stage IN ('planned', 'doubtful')"
)
_OTHER_BYTES = _has_attempt(
    "a.requestid = NEW.requestid AND (a.body_sha256 <> NEW.body_sha256 OR a.posting_seq <> NEW.posting_seq)"
)
_OUT_OF_ORDER = _has_attempt("a.posting_seq = NEW.posting_seq AND (a.n >= NEW.n OR a.outcome IS NULL)")

_AUDIT_GAP = "NEW.seq <> COALESCE((SELECT max(a.seq) FROM audit a WHERE a.company = NEW.company), 0) + 1"
_AUDIT_FORK = (
    "NEW.previous <> COALESCE("
    "(SELECT a.hash FROM audit a WHERE a.company = NEW.company ORDER BY a.seq DESC LIMIT 1), '')"
)
_DUE_STANDS = (
    "EXISTS (SELECT 1 FROM due_run d WHERE d.company = NEW.company AND d.kind = NEW.kind"
    " AND d.business_date = NEW.business_date)"
)

_NEWEST_FENCE = "(SELECT c.fence FROM company c WHERE c.company = NEW.company)"

_INSERT, _UPDATE, _DELETE = "INSERT ON posting", "UPDATE ON posting", "DELETE ON posting"

# Name, event and table, condition under which it is refused, and the sentence.
_RULES = (
    ("posting_starts", _INSERT, f"NOT ({_FRESH} OR {_ADOPTED})", "a posting begins as planned"),
    # REPLACE deletes the old row without a word; this comes before it.
    ("posting_replaced", _INSERT, _STANDS, "a posting of this key or requestid stands already"),
    (
        "posting_arrow",
        _UPDATE,
        f"{_MOVES} AND OLD.stage || '>' || NEW.stage NOT IN ({_LEGAL})",
        "no such arrow in the outbox",
    ),
    ("posting_identity", _UPDATE, _changed(_IDENTITY), "the identity of a posting is frozen"),
    ("posting_facts", _UPDATE, f"NOT {_AGAIN} AND {_changed(_FACTS)}", "a posting is frozen"),
    (
        "posting_again",
        _UPDATE,
        f"{_AGAIN} AND (NEW.attempt <> OLD.attempt + 1 OR NEW.requestid = OLD.requestid OR {_WAS_SENT})",
        "a refused posting is planned again only as its next attempt",
    ),
    (
        "posting_sending",
        _UPDATE,
        f"{_MOVES} AND NEW.stage = 'sending' AND NOT {_IS_SENT}",
        "nothing is sent without an attempt with its exact body",
    ),
    (
        "posting_ended",
        _UPDATE,
        f"{_MOVES} AND OLD.stage = 'sending' AND {_IS_OPEN}",
        "a send is over only when its attempt has an outcome",
    ),
    (
        "posting_answered",
        _UPDATE,
        f"{_MOVES} AND OLD.stage = 'sending' AND NEW.stage <> 'doubtful' AND OLD.fence IS NOT {_NEWEST_FENCE}",
        "only the sender has read an answer, while the company is its own",
    ),
    (
        "posting_withdrawn",
        _UPDATE,
        f"{_MOVES} AND NEW.stage = 'withdrawn' AND {_WAS_SENT}",
        "a posting that was sent is not withdrawn",
    ),
    ("posting_posted", _UPDATE, f"OLD.stage = 'posted' AND {_changed(_ENDED)}", "posted is the end"),
    ("posting_deleted", _DELETE, "1", "postings are never deleted"),
    (
        "attempt_starts",
        "INSERT ON attempt",
        f"NEW.outcome IS NOT NULL OR NOT {_MAY_BE_SENT}",
        "an attempt sends a posting that may be sent, as it stands",
    ),
    ("attempt_fence", "INSERT ON attempt", f"NEW.fence IS NOT {_NEWEST_FENCE}", "only who holds the company sends"),
    ("attempt_bytes", "INSERT ON attempt", f"{_OTHER_BYTES} OR {_OUT_OF_ORDER}", "one requestid has one body for ever"),
    (
        "attempt_frozen",
        "UPDATE ON attempt",
        f"OLD.outcome IS NOT NULL OR {_changed(_SENT)}",
        "an attempt is frozen once it has an outcome",
    ),
    ("attempt_deleted", "DELETE ON attempt", "1", "attempts are never deleted"),
    ("audit_starts", "INSERT ON audit", f"{_AUDIT_GAP} OR {_AUDIT_FORK}", "the audit log only grows at its end"),
    ("audit_frozen", "UPDATE ON audit", "1", "the audit log is never changed"),
    ("audit_deleted", "DELETE ON audit", "1", "the audit log is never deleted"),
    (
        "due_run_ended",
        "UPDATE ON due_run",
        f"OLD.stage <> 'due' OR {_changed(('company', 'kind', 'business_date', 'due_at'))}",
        "the run of a date is done or missed for ever",
    ),
    # REPLACE deletes the old row without a word; this comes before it.
    ("due_run_replaced", "INSERT ON due_run", _DUE_STANDS, "the run of a date is due once"),
    ("due_run_deleted", "DELETE ON due_run", "1", "the run of a date is never deleted"),
    ("company_fence", "UPDATE ON company", "NEW.fence < OLD.fence", "a fence never goes back"),
)


def rules() -> dict[str, str]:
    """The DDL of every trigger by its name, for SQLite."""
    return {
        f"{_PREFIX}{name}": f"CREATE TRIGGER {_PREFIX}{name} BEFORE {event} FOR EACH ROW WHEN {condition}"
        f" BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
        for name, event, condition, sentence in _RULES
    }


def standing(connection: Connection) -> dict[str, str]:
    """The triggers of ours that the database has, by name, with their DDL."""
    found = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
    return {name: sql for name, sql in found if name.startswith(_PREFIX)}


def install(connection: Connection) -> None:
    """Make every trigger anew, but of no table that an older migration does not have.

    Raises BadSettings for a database whose dialect has no such rules yet: better none than one without them.
    """
    if connection.dialect.name != "sqlite":
        raise BadSettings(f"The outbox's rules are not written for {connection.dialect.name} yet; use SQLite.")
    for name in standing(connection):
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    tables = set(inspect(connection).get_table_names())
    for (_, event, _, _), ddl in zip(_RULES, rules().values(), strict=True):
        if event.rpartition(" ")[2] in tables:
            connection.exec_driver_sql(ddl)
