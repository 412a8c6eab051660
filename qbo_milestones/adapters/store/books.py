"""The mirror of the books: what was last read of each document, customer and item; an older version never wins."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields, replace
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, RowMapping, Table, bindparam, delete, insert, select, update

from qbo_milestones.adapters.store.columns import AnyRow
from qbo_milestones.adapters.store.documents import from_text, to_text
from qbo_milestones.adapters.store.tables import account as account_table
from qbo_milestones.adapters.store.tables import company as company_table
from qbo_milestones.adapters.store.tables import customer as customer_table
from qbo_milestones.adapters.store.tables import document as document_table
from qbo_milestones.adapters.store.tables import document_customer, document_link
from qbo_milestones.adapters.store.tables import item as item_table
from qbo_milestones.model.books import Account, Customer, Document, DocumentKind, Item
from qbo_milestones.model.money import zero

_d, _w, _l = document_table.c, document_customer.c, document_link.c
_T = TypeVar("_T")

# What one statement may name: far below SQLite's 32,766 parameters.
CHUNK = 1000

Key = tuple[str, str]


def pieces(things: Iterable[_T], size: int = CHUNK) -> Iterator[list[_T]]:
    """In pieces of at most `size`."""
    remaining = iter(things)
    while piece := list(islice(remaining, size)):
        yield piece


def keep_documents(connection: Connection, company: str, documents: Iterable[Document], now: datetime) -> None:
    """Upsert; of two readings the newer version stands, and a deletion stands against what is not newer than it."""
    for piece in pieces(documents):
        newest: dict[Key, Document] = {}
        for document in piece:
            key = (document.kind.value, document.id)
            if key not in newest or _supersedes(document, newest[key], presumed=False):
                newest[key] = document
        _keep(connection, company, newest, now)


def _keep(connection: Connection, company: str, documents: dict[Key, Document], now: datetime) -> None:
    standing = {(row.kind, row.id): row for row in _rows(connection, company, documents)}
    seen: list[Key] = []
    new: list[Document] = []
    changed: list[Document] = []
    for key, document in documents.items():
        row = standing.get(key)
        if row is None:
            new.append(document)
        elif to_text(document) == row.content and not row.deleted:
            seen.append(key)
        elif _supersedes(document, held := from_text(row.content), presumed=row.presumed):
            changed.append(_remembered(document, held))
    _touch(connection, company, seen, now)
    if new:
        connection.execute(insert(document_table), [_values(company, document, now) for document in new])
    _replace(connection, company, changed, now)
    _keep_ties(connection, company, [*new, *changed])


def _rows(connection: Connection, company: str, keys: Iterable[Key]) -> Iterator[AnyRow]:
    for kind, ids in _by_kind(keys).items():
        for piece in pieces(ids):
            query = select(_d.kind, _d.id, _d.content, _d.deleted, _d.presumed).where(
                _d.company == company, _d.kind == kind, _d.id.in_(piece)
            )
            yield from connection.execute(query)


def _supersedes(new: Document, held: Document, *, presumed: bool) -> bool:
    """Whether a reading replaces another. By QuickBooks' own time of change, then by SyncToken; a tie is the newer's.

    What is deleted comes back only by a newer version, or by the same one where we had only presumed it deleted.
    """
    order = _order(new, held)
    if new.deleted:
        return held.deleted or order >= 0
    if held.deleted:
        return order > 0 or (presumed and order == 0)
    return order >= 0


def _order(new: Document, held: Document) -> int:
    """1 if newer, 0 if the same as far as can be told, -1 if older. A deletion without a time is never older."""
    if new.updated_at and held.updated_at and new.updated_at != held.updated_at:
        return 1 if new.updated_at > held.updated_at else -1
    if new.version.isdecimal() and held.version.isdecimal():
        ours, theirs = int(new.version), int(held.version)
        return (ours > theirs) - (ours < theirs)
    return 0


def _remembered(document: Document, held: Document) -> Document:
    """A deletion keeps what tells a person which document it was, without its money."""
    if not document.deleted:
        return document
    nothing = zero(held.total.currency)
    # Its own version stays, so that a late reading of the same version does not bring it back.
    return replace(
        held,
        version=document.version or held.version,
        updated_at=document.updated_at or held.updated_at,
        total=nothing,
        balance=nothing,
        lines=(),
        links=(),
        deleted=True,
    )


def _values(company: str, document: Document, now: datetime, *, presumed: bool = False) -> dict[str, Any]:
    return {
        "company": company,
        "kind": document.kind.value,
        "id": document.id,
        "version": document.version,
        "number": document.number,
        "customer_id": document.customer_id,
        "txn_date": document.txn_date,
        "total_minor": document.total.minor,
        "balance_minor": document.balance.minor,
        "currency": document.total.currency,
        "stamp": document.stamp,
        "voided": document.voided,
        "deleted": document.deleted,
        "presumed": presumed,
        "updated_at": document.updated_at,
        "seen_at": now,
        "content": to_text(document),
    }


def _replace(
    connection: Connection, company: str, documents: Sequence[Document], now: datetime, *, presumed: bool = False
) -> None:
    if not documents:
        return
    rows = [_values(company, document, now, presumed=presumed) for document in documents]
    named = [{f"the_{name}": value for name, value in row.items()} for row in rows]
    key = {"company", "kind", "id"}
    change = update(document_table).where(
        _d.company == bindparam("the_company"), _d.kind == bindparam("the_kind"), _d.id == bindparam("the_id")
    )
    connection.execute(change.values({name: bindparam(f"the_{name}") for name in rows[0] if name not in key}), named)
    # A deleted one stays its customers', or nobody would be told.
    live = [document for document in documents if not document.deleted]
    for kind, ids in _by_kind((document.kind.value, document.id) for document in documents).items():
        links = (_l.company == company, _l.from_kind == kind, _l.from_id.in_(ids))
        connection.execute(delete(document_link).where(*links))
    for kind, ids in _by_kind((document.kind.value, document.id) for document in live).items():
        owned = (_w.company == company, _w.kind == kind, _w.id.in_(ids))
        connection.execute(delete(document_customer).where(*owned))


def _by_kind(keys: Iterable[Key]) -> dict[str, list[str]]:
    ids: dict[str, list[str]] = {}
    for kind, id_ in keys:
        ids.setdefault(kind, []).append(id_)
    return ids


def _touch(connection: Connection, company: str, keys: Sequence[Key], now: datetime) -> None:
    for kind, ids in _by_kind(keys).items():
        where = (_d.company == company, _d.kind == kind, _d.id.in_(ids))
        connection.execute(update(document_table).where(*where).values(seen_at=now))


def _keep_ties(connection: Connection, company: str, documents: Iterable[Document]) -> None:
    customers: list[dict[str, str]] = []
    links: list[dict[str, str]] = []
    for document in documents:
        if document.deleted:
            continue
        kind, id_ = document.kind.value, document.id
        customers += (
            {"company": company, "kind": kind, "id": id_, "customer_id": customer}
            for customer in sorted(whose(document))
        )
        links += (
            {"company": company, "from_kind": kind, "from_id": id_, "to_kind": to_kind, "to_id": to_id}
            for to_kind, to_id in sorted(_linked(document))
        )
    if customers:
        connection.execute(insert(document_customer), customers)
    if links:
        connection.execute(insert(document_link), links)


def whose(document: Document) -> frozenset[str]:
    """The customers that a document belongs to: its header's, and those of a journal's lines (accounting.md 5 P8)."""
    named = {document.customer_id}
    if document.kind is DocumentKind.JOURNAL_ENTRY:
        named |= {line.customer_id for line in document.lines}
    return frozenset(named - {""})


def _linked(document: Document) -> frozenset[Key]:
    every = (*document.links, *(link for line in document.lines for link in line.links))
    return frozenset((link.kind, link.id) for link in every)


def forget_unseen(connection: Connection, company: str, kind: DocumentKind, before: datetime, now: datetime) -> int:
    """Mark deleted up to CHUNK documents of a kind that were not seen since `before`; how many there were."""
    query = select(_d.content).where(
        _d.company == company, _d.kind == kind.value, _d.seen_at < before, _d.deleted.is_(False)
    )
    held = [from_text(content) for content in connection.scalars(query.limit(CHUNK))]
    left = [_remembered(replace(document, deleted=True), document) for document in held]
    _replace(connection, company, left, now, presumed=True)
    return len(left)


def keep_customers(connection: Connection, company: str, customers: Iterable[Customer]) -> None:
    """Upsert; the newer one stands."""
    _keep_named(connection, company, customer_table, customers)


def keep_items(connection: Connection, company: str, items: Iterable[Item]) -> None:
    """Upsert; the newer one stands."""
    _keep_named(connection, company, item_table, items)


def keep_accounts(connection: Connection, company: str, accounts: Iterable[Account]) -> None:
    """The chart of accounts as it is now, in place of what was known."""
    rows = {account.id: {"company": company, "id": account.id, "type": account.type} for account in accounts}
    if rows:
        connection.execute(delete(account_table).where(account_table.c.company == company))
        connection.execute(insert(account_table), list(rows.values()))


def account_types(connection: Connection, company: str) -> dict[str, str]:
    """QuickBooks' AccountType by account id, as last read."""
    query = select(account_table.c.id, account_table.c.type).where(account_table.c.company == company)
    return {row.id: row.type for row in connection.execute(query)}


def _keep_named(
    connection: Connection, company: str, table: Table, things: Iterable[Customer] | Iterable[Item]
) -> None:
    remaining: Iterator[list[Customer | Item]] = pieces(things)
    for piece in remaining:
        newest: dict[str, Customer | Item] = {}
        for thing in piece:
            if thing.id not in newest or _not_older(thing.updated_at, newest[thing.id].updated_at):
                newest[thing.id] = thing
        query = select(table.c.id, table.c.updated_at).where(table.c.company == company, table.c.id.in_(list(newest)))
        standing = {row.id: row.updated_at for row in connection.execute(query)}
        new = [_plain(company, thing) for id_, thing in newest.items() if id_ not in standing]
        if new:
            connection.execute(insert(table), new)
        for id_, thing in newest.items():
            if id_ in standing and _not_older(thing.updated_at, standing[id_]):
                where = (table.c.company == company, table.c.id == id_)
                connection.execute(update(table).where(*where).values(**_plain(company, thing)))


def _not_older(new: datetime | None, held: datetime | None) -> bool:
    return new is None or held is None or new >= held


def _plain(company: str, thing: Customer | Item) -> dict[str, Any]:
    return {"company": company} | {field.name: getattr(thing, field.name) for field in fields(thing)}


def customers(connection: Connection, company: str) -> tuple[Customer, ...]:
    """All customers, by id."""
    return tuple(Customer(**row) for row in _named(connection, company, customer_table, Customer))


def items(connection: Connection, company: str) -> tuple[Item, ...]:
    """All items, by id."""
    return tuple(Item(**row) for row in _named(connection, company, item_table, Item))


def _named(
    connection: Connection, company: str, table: Table, noun: type[Customer] | type[Item]
) -> Sequence[RowMapping]:
    columns = [table.c[field.name] for field in fields(noun)]
    query = select(*columns).where(table.c.company == company).order_by(table.c.id)
    return connection.execute(query).mappings().all()


def cursor(connection: Connection, company: str) -> datetime | None:
    """Until when the books were read, by QuickBooks' clock."""
    query = select(company_table.c.books_cursor).where(company_table.c.company == company)
    return connection.scalar(query)


def move_cursor(connection: Connection, company: str, to: datetime) -> None:
    """Forward only: an older instant leaves it where it is."""
    held = cursor(connection, company)
    if held is None or to > held:
        connection.execute(update(company_table).where(company_table.c.company == company).values(books_cursor=to))


def invoices(connection: Connection, company: str, after: str) -> tuple[list[Document], str | None]:
    """The next live invoices, by id, and where to go on."""
    query = select(_d.id, _d.content).where(
        _d.company == company,
        _d.kind == DocumentKind.INVOICE.value,
        _d.deleted.is_(False),
        _d.voided.is_(False),
        _d.id > after,
    )
    rows = connection.execute(query.order_by(_d.id).limit(CHUNK)).all()
    return [from_text(row.content) for row in rows], rows[-1].id if len(rows) == CHUNK else None


def stamped(connection: Connection, company: str, kind: DocumentKind, stamp: str) -> tuple[Document, ...]:
    """Documents of a kind that bear a stamp, without the deleted ones."""
    query = select(_d.content).where(_d.company == company, _d.stamp == stamp, _d.stamp != "", _d.kind == kind.value)
    return tuple(from_text(row.content) for row in connection.execute(query.where(_d.deleted.is_(False))))


def documents(connection: Connection, company: str, kind: DocumentKind, ids: Iterable[str]) -> tuple[Document, ...]:
    """Documents of a kind, those that we know, in the order asked for."""
    wanted = list(dict.fromkeys(ids))
    found = {row.id: row.content for row in _rows(connection, company, ((kind.value, id_) for id_ in wanted))}
    return tuple(from_text(found[id_]) for id_ in wanted if id_ in found)
