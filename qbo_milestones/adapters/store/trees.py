"""Customer trees with all that belongs to them: what is reconciled together (accounting.md 5 P8)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from qbo_milestones.adapters.store import outbox
from qbo_milestones.adapters.store.books import CHUNK, pieces
from qbo_milestones.adapters.store.columns import AnyRow
from qbo_milestones.adapters.store.documents import from_text
from qbo_milestones.adapters.store.tables import customer as customer_table
from qbo_milestones.adapters.store.tables import document as document_table
from qbo_milestones.adapters.store.tables import document_customer, document_link
from qbo_milestones.adapters.store.tables import posting as posting_table
from qbo_milestones.model.books import Document, DocumentKind
from qbo_milestones.pipeline.case import Case
from qbo_milestones.pipeline.outbox import Outgoing

_d, _p, _whose, _link = document_table.c, posting_table.c, document_customer.c, document_link.c

# Rows that one batch of trees may hold in memory; a tree alone may be larger.
_BATCH_ROWS = 2000


@dataclass(frozen=True, slots=True)
class Trees:
    """The trees that are asked for: members by root, and about how many rows belong to each."""

    members: Mapping[str, tuple[str, ...]]
    weights: Mapping[str, int]

    def batches(self) -> Iterator[tuple[str, ...]]:
        """Roots that are read together: many small trees or one large one."""
        batch: list[str] = []
        rows = customers = 0
        for root, members in self.members.items():
            heavy = rows + self.weights[root] > _BATCH_ROWS or customers + len(members) > CHUNK
            if batch and heavy:
                yield tuple(batch)
                batch, rows, customers = [], 0, 0
            batch.append(root)
            rows += self.weights[root]
            customers += len(members)
        if batch:
            yield tuple(batch)


def trees(connection: Connection, company: str, customer_ids: Iterable[str]) -> Trees:
    """The trees that we posted to or that hold one of the customers."""
    parents = _parents(connection, company)
    roots: dict[str, str] = {}
    posted_to = connection.scalars(select(_p.customer_id).where(_p.company == company).distinct())
    wanted = {_root(customer, parents, roots) for customer in (*posted_to, *customer_ids) if customer}
    members: dict[str, list[str]] = {root: [root] for root in sorted(wanted)}
    for customer in parents:
        root = _root(customer, parents, roots)
        if root in wanted and customer != root:
            members[root].append(customer)
    counted = _row_counts(connection, company)
    return Trees(
        {root: tuple(inside) for root, inside in members.items()},
        {root: sum(counted.get(customer, 0) for customer in inside) for root, inside in members.items()},
    )


def _parents(connection: Connection, company: str) -> dict[str, str]:
    query = select(customer_table.c.id, customer_table.c.parent_id).where(customer_table.c.company == company)
    return {row.id: row.parent_id for row in connection.execute(query)}


def _root(customer: str, parents: Mapping[str, str], known: dict[str, str]) -> str:
    """The top of a customer's tree; a parent that we do not know is one. A circle's top is its smallest id."""
    path: list[str] = []
    at = customer
    while at not in known and at not in path:
        path.append(at)
        at = parents.get(at, "") or at
    top = known[at] if at in known else min(path[path.index(at) :])
    known.update(dict.fromkeys(path, top))
    return top


def _row_counts(connection: Connection, company: str) -> dict[str, int]:
    counted: dict[str, int] = {}
    for column, owner in ((_whose.customer_id, _whose.company), (_p.customer_id, _p.company)):
        query = select(column, func.count()).where(owner == company).group_by(column)
        for customer, count in connection.execute(query):
            counted[customer] = counted.get(customer, 0) + count
    return counted


def cases(connection: Connection, company: str, members: Mapping[str, Sequence[str]]) -> list[Case]:
    """The cases of some roots, read at one instant."""
    root_of = {customer: root for root, inside in members.items() for customer in inside}
    outgoing = _outgoing(connection, company, root_of)
    documents, payments = _documents(connection, company, root_of)
    _add_strayed(connection, company, outgoing, documents)
    deposits = _deposits(connection, company, payments)
    return [
        Case(
            frozenset(inside),
            tuple(outgoing.get(root, ())),
            tuple(documents.get(root, {}).values()),
            tuple(deposits.get(root, {}).values()),
        )
        for root, inside in members.items()
    ]


def _outgoing(connection: Connection, company: str, root_of: Mapping[str, str]) -> dict[str, list[Outgoing]]:
    found: dict[str, list[tuple[int, Outgoing]]] = {}
    for piece in pieces(root_of):
        query = select(*outbox.COLUMNS).where(_p.company == company, _p.customer_id.in_(piece))
        for row in connection.execute(query):
            found.setdefault(root_of[row.customer_id], []).append((row.seq, outbox.to_outgoing(company, row)))
    return {root: [outgoing for _, outgoing in sorted(rows, key=_first)] for root, rows in found.items()}


def _first(pair: tuple[int, Outgoing]) -> int:
    return pair[0]


_Documents = dict[str, dict[tuple[str, str], Document]]


def _documents(
    connection: Connection, company: str, root_of: Mapping[str, str]
) -> tuple[_Documents, dict[str, set[str]]]:
    """Documents by root, and the roots of each payment."""
    found: _Documents = {}
    payments: dict[str, set[str]] = {}
    same = (_d.company == _whose.company) & (_d.kind == _whose.kind) & (_d.id == _whose.id)
    for piece in pieces(root_of):
        query = select(_whose.customer_id, _d.kind, _d.id, _d.content).join_from(
            document_customer, document_table, same
        )
        query = query.where(_whose.company == company, _whose.customer_id.in_(piece))
        # Sorted here: an ORDER BY would make the database walk all documents instead of these.
        for row in sorted(connection.execute(query), key=_by_id):
            root = root_of[row.customer_id]
            _add(found, root, row)
            if row.kind == DocumentKind.PAYMENT:
                payments.setdefault(row.id, set()).add(root)
    return found, payments


def _add_strayed(
    connection: Connection, company: str, outgoing: Mapping[str, Sequence[Outgoing]], found: _Documents
) -> None:
    """Our documents that a person gave to a customer of another tree: edited, not missing."""
    wanted = {
        (one.document_kind.value, one.books_id): root
        for root, ours in outgoing.items()
        for one in ours
        if one.books_id and (one.document_kind.value, one.books_id) not in found.get(root, {})
    }
    for kind in sorted({kind for kind, _ in wanted}):
        for piece in pieces(id_ for of, id_ in wanted if of == kind):
            query = select(_d.kind, _d.id, _d.content)
            query = query.where(_d.company == company, _d.kind == kind, _d.id.in_(piece))
            for row in connection.execute(query):
                _add(found, wanted[row.kind, row.id], row)


def _by_id(row: AnyRow) -> tuple[str, str]:
    return (row.kind, row.id)


def _add(found: _Documents, root: str, row: AnyRow) -> None:
    held = found.setdefault(root, {})
    if (row.kind, row.id) not in held:
        held[row.kind, row.id] = from_text(row.content)


def _deposits(connection: Connection, company: str, payments: Mapping[str, set[str]]) -> _Documents:
    found: _Documents = {}
    same = (_d.company == _link.company) & (_d.kind == _link.from_kind) & (_d.id == _link.from_id)
    for piece in pieces(payments):
        query = select(_link.to_id, _d.kind, _d.id, _d.content).join_from(document_link, document_table, same)
        query = query.where(
            _link.company == company,
            _link.to_kind == DocumentKind.PAYMENT.value,
            _link.to_id.in_(piece),
            _link.from_kind == DocumentKind.DEPOSIT.value,
        )
        for row in sorted(connection.execute(query), key=_by_id):
            for root in payments[row.to_id]:
                _add(found, root, row)
    return found


def strays(
    connection: Connection, company: str, inside: frozenset[str], after: str
) -> tuple[list[Document], str | None]:
    """The next live payments with money not applied of customers who are not `inside`; and where to go on."""
    query = select(_d.id, _d.customer_id, _d.content).where(
        _d.company == company,
        _d.kind == DocumentKind.PAYMENT.value,
        _d.balance_minor > 0,
        _d.deleted.is_(False),
        _d.voided.is_(False),
        _d.id > after,
    )
    rows = connection.execute(query.order_by(_d.id).limit(CHUNK)).all()
    found = [from_text(row.content) for row in rows if row.customer_id not in inside]
    return found, rows[-1].id if len(rows) == CHUNK else None
