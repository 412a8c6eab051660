"""Flags from run to run: opened, seen again, cleared when their facts are gone; what was cleared stays as history."""

import json
from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from qbo_milestones.adapters.store.books import pieces
from qbo_milestones.adapters.store.columns import AnyRow, to_money
from qbo_milestones.adapters.store.tables import flag as flag_table
from qbo_milestones.model.flag import KINDS, Flag, Severity, review_date
from qbo_milestones.ports import FlagChange, OpenFlag

_f = flag_table.c
_URGENCY = list(Severity)


def keep(connection: Connection, company: str, found: Iterable[Flag], run: int, today: date) -> FlagChange:
    """All that a run found; what is open and not among it is cleared. One cleared and found again is a new row."""
    flags: dict[str, Flag] = {}
    for flag in found:
        flags.setdefault(flag.key, flag)
    standing = {row.flag_key: row for row in _open_rows(connection, company)}
    opened = [flag for key, flag in flags.items() if key not in standing]
    still = [flag for key, flag in flags.items() if key in standing]
    cleared = [row for key, row in standing.items() if key not in flags]
    _open(connection, company, opened, run, today)
    for flag in still:
        _see(connection, company, flag, standing[flag.key], run)
    for piece in pieces(row.seq for row in cleared):
        where = (_f.company == company, _f.seq.in_(piece))
        connection.execute(update(flag_table).where(*where).values(cleared_on=today, cleared_run=run))
    return FlagChange(tuple(opened), tuple(still), tuple(as_flag(row) for row in cleared))


def _open_rows(connection: Connection, company: str) -> list[AnyRow]:
    query = select(flag_table).where(_f.company == company, _f.cleared_on.is_(None)).order_by(_f.seq)
    return list(connection.execute(query))


def _open(connection: Connection, company: str, flags: list[Flag], run: int, today: date) -> None:
    last = connection.scalar(select(func.max(_f.seq)).where(_f.company == company)) or 0
    rows = [
        {
            "company": company,
            "seq": seq,
            "flag_key": flag.key,
            "opened_on": today,
            "opened_run": run,
            "review_on": review_date(flag.rule.severity, today),
            "last_seen_run": run,
            **_facts(flag),
        }
        for seq, flag in enumerate(flags, start=last + 1)
    ]
    if rows:
        connection.execute(insert(flag_table), rows)


def _see(connection: Connection, company: str, flag: Flag, row: AnyRow, run: int) -> None:
    values = {**_facts(flag), "last_seen_run": run}
    if row.severity != flag.rule.severity:
        # More or less urgent than it was: looked at by its new rule, counted from the day it was opened.
        values["review_on"] = review_date(flag.rule.severity, row.opened_on)
    connection.execute(update(flag_table).where(_f.company == company, _f.seq == row.seq).values(**values))


def _facts(flag: Flag) -> dict[str, Any]:
    return {
        "kind": flag.kind,
        "severity": flag.rule.severity.value,
        "subject": flag.subject,
        "sentence": flag.sentence,
        "amount_minor": None if flag.amount is None else flag.amount.minor,
        "currency": None if flag.amount is None else flag.amount.currency,
        "documents": json.dumps(flag.documents),
        "also": json.dumps(flag.also),
        "invoice_number": flag.invoice_number,
        "journal_number": flag.journal_number,
        "payment_reference": flag.payment_reference,
        "place": flag.where,
    }


def as_flag(row: AnyRow) -> Flag:
    """A row of the table as the finding that it tells of."""
    return Flag(
        kind=row.kind,
        subject=row.subject,
        sentence=row.sentence,
        amount=to_money(row.amount_minor, row.currency),
        documents=tuple(json.loads(row.documents)),
        invoice_number=row.invoice_number,
        journal_number=row.journal_number,
        payment_reference=row.payment_reference,
        where=row.place,
        also=tuple(json.loads(row.also)),
    )


def flags(connection: Connection, company: str, *, cleared: bool) -> tuple[OpenFlag, ...]:
    """Open flags, most urgent first, then the oldest; with `cleared` the closed ones behind them."""
    query = select(flag_table).where(_f.company == company)
    if not cleared:
        query = query.where(_f.cleared_on.is_(None))
    rows = sorted(connection.execute(query), key=_by_urgency)
    return tuple(
        OpenFlag(as_flag(row), row.opened_on, row.review_on, row.last_seen_run, row.cleared_on, row.cleared_run)
        for row in rows
        # A kind that this program no longer knows has no rule to show it by; its row stays.
        if row.kind in KINDS
    )


def _by_urgency(row: AnyRow) -> tuple[bool, int, date, int]:
    return (row.cleared_on is not None, _URGENCY.index(Severity(row.severity)), row.opened_on, row.seq)
