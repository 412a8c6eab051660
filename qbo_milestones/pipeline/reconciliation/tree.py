"""One customer tree laid out for the checks: what is ours, what each document claims to be for, what is still open."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from qbo_milestones.model.books import Document, DocumentKind, fingerprint
from qbo_milestones.pipeline.case import Case, Facts, Row
from qbo_milestones.pipeline.outbox import STANDING, Outgoing, Stage
from qbo_milestones.pipeline.posting import PostingKind
from qbo_milestones.pipeline.reconciliation.sentences import by_id, plain
from qbo_milestones.pipeline.reconciliation.tags import Tags, bracketed_id, mentions, tags_of, words_of
from qbo_milestones.pipeline.register import fold
from qbo_milestones.pipeline.settlement import Settlement, is_cash, settle

_FIGURES = 4
_CLAIMING = frozenset({DocumentKind.INVOICE, DocumentKind.JOURNAL_ENTRY})


@dataclass(frozen=True, slots=True)
class Tree:
    """A case with its indexes; built once, read by every check.

    `posted` by kind and QuickBooks' id; `claims` by kind and folded deliverable id: the live documents for it, ours
    among them; `tags` only of live documents that are not ours; `edited` are ours that are not as we posted them.
    `standing` and `disputed` are folded ids with a posting that may be in the books, or that waits for a person's
    choice (a disputed one has its own flag, which already names the documents). `postings` are our posted ones by
    kind and folded id; `numbers` are of our posted invoices, folded, and lead to that id; `claiming` are the ids of
    all invoices among the claims; `payments` are those that brought money.
    """

    case: Case
    facts: Facts
    documents: Mapping[tuple[DocumentKind, str], Document]
    posted: Mapping[tuple[DocumentKind, str], Outgoing]
    edited: frozenset[tuple[DocumentKind, str]]
    claims: Mapping[tuple[DocumentKind, str], tuple[Document, ...]]
    tags: Mapping[tuple[DocumentKind, str], Tags]
    standing: frozenset[str]
    disputed: frozenset[str]
    postings: Mapping[tuple[PostingKind, str], tuple[Outgoing, ...]]
    numbers: Mapping[str, str]
    claiming: frozenset[str]
    settlements: Mapping[str, Settlement]
    payments: tuple[Document, ...]

    def row(self, deliverable: str) -> Row | None:
        """What the register says of a folded id."""
        return self.facts.rows.get(deliverable)

    def written(self, deliverable: str) -> str:
        """A folded id as the register or the outbox writes it."""
        row = self.row(deliverable)
        return row.id if row else plain(deliverable)

    def held(self, outgoing: Outgoing) -> Document | None:
        """The document of a posting as the books hold it now."""
        return self.documents.get((outgoing.document_kind, outgoing.books_id))

    def is_ours(self, document: Document) -> bool:
        """Whether we posted it."""
        return (document.kind, document.id) in self.posted

    def journal_number(self, deliverable: str) -> str:
        """The number of the deliverable's acceptance journal, empty where we posted none."""
        return self._number(PostingKind.JOURNAL, deliverable)

    def invoice_number(self, deliverable: str) -> str:
        """The number of the deliverable's invoice, empty where we posted none."""
        return self._number(PostingKind.INVOICE, deliverable)

    def _number(self, kind: PostingKind, deliverable: str) -> str:
        ours = (d for d in self.claims.get((kind.document_kind, deliverable), ()) if self.is_ours(d))
        numbers = (plain(d.number) or self.posted[d.kind, d.id].number for d in ours)
        return next(filter(None, numbers), "")

    def named_by(self, payment: Document) -> tuple[str, ...]:
        """Folded ids of what we posted whose id or number the payment's reference or memo names (accounting.md 7).

        Bare figures in a reference are a check's number, not an invoice's: as such they count in the memo only.
        """
        ids = mentions(f"{payment.reference}\n{payment.note}", self.standing.__contains__)
        words = [w for w in words_of(payment.reference) if not w.isdigit()] + [
            w for w in words_of(payment.note) if not (w.isdigit() and len(w) < _FIGURES)
        ]
        return tuple(dict.fromkeys((*ids, *(self.numbers[w] for w in words if w in self.numbers))))

    def named_postings(self, payment: Document) -> tuple[Outgoing, ...]:
        """Our posted invoices that the payment names."""
        named = self.named_by(payment)
        return tuple(o for id_ in named for o in self.postings.get((PostingKind.INVOICE, id_), ()))

    def posted_invoice(self, invoice_id: str) -> Outgoing | None:
        """Our posting of an invoice, by QuickBooks' id."""
        return self.posted.get((DocumentKind.INVOICE, invoice_id))

    def customer(self, id_: str) -> str:
        """A customer as people call it."""
        known = self.facts.customer_names.get(id_)
        return plain(known) if known else f"customer with id {id_}" if id_ else "no customer"


def lay_out(case: Case, facts: Facts) -> Tree:
    """The tree of a case. Linear in its documents."""
    documents = {(d.kind, d.id): d for d in by_id(case.documents)}
    posted = {(o.document_kind, o.books_id): o for o in case.outgoing if o.stage is Stage.POSTED and o.books_id}
    reader = _Reader(case.outgoing, facts)
    tagged = {
        key: tags_of(document, reader.known)
        for key, document in documents.items()
        if key[0] in _CLAIMING and document.live and key not in posted
    }
    edited = frozenset(key for key, outgoing in posted.items() if _edited(outgoing, documents.get(key)))
    claims: dict[tuple[DocumentKind, str], list[Document]] = defaultdict(list)
    for key, document in documents.items():
        if key in tagged:
            deliverables = reader.claimed(tagged[key])
        elif key in posted and document.live:
            deliverables = reader.own(posted[key], document if key in edited else None)
        else:
            continue
        for deliverable in sorted(deliverables):
            claims[key[0], deliverable].append(document)
    return Tree(
        case,
        facts,
        documents,
        posted,
        edited,
        {key: tuple(found) for key, found in claims.items()},
        tagged,
        frozenset(o.identity.deliverable for o in case.outgoing if o.stage in STANDING),
        frozenset(o.identity.deliverable for o in case.outgoing if o.stage is Stage.DISPUTED),
        _by_deliverable(posted.values()),
        _numbers(posted, documents),
        frozenset(d.id for (kind, _), found in claims.items() if kind is DocumentKind.INVOICE for d in found),
        {settlement.invoice_id: settlement for settlement in settle(case, facts)},
        tuple(d for d in documents.values() if is_cash(d)),
    )


def _by_deliverable(posted: Iterable[Outgoing]) -> Mapping[tuple[PostingKind, str], tuple[Outgoing, ...]]:
    found: dict[tuple[PostingKind, str], tuple[Outgoing, ...]] = {}
    for outgoing in posted:
        key = outgoing.identity.kind, outgoing.identity.deliverable
        found[key] = (*found.get(key, ()), outgoing)
    return found


def _numbers(
    posted: Mapping[tuple[DocumentKind, str], Outgoing], documents: Mapping[tuple[DocumentKind, str], Document]
) -> Mapping[str, str]:
    held = ((documents.get(key), o) for key, o in posted.items() if o.identity.kind is PostingKind.INVOICE)
    return {
        fold(number): outgoing.identity.deliverable
        for document, outgoing in held
        for number in (outgoing.number, document.number if document else "")
        if number
    }


def _edited(outgoing: Outgoing, held: Document | None) -> bool:
    before = outgoing.as_posted
    if before is None or held is None or not held.live:
        return False
    return fingerprint(before) != fingerprint(held)


class _Reader:
    """Turns tags into deliverables of the register or of the outbox."""

    def __init__(self, outgoing: Iterable[Outgoing], facts: Facts) -> None:
        self._by_stamp = {o.identity.stamp_code: o.identity.deliverable for o in outgoing}
        self._by_number = {fold(o.number): o.identity.deliverable for o in outgoing if o.number}
        self._names = {o.identity.deliverable for o in outgoing}
        self._rows = facts.rows

    def known(self, word: str) -> bool:
        """Whether a folded word is an id or a number of ours."""
        return word in self._names or word in self._rows or word in self._by_number

    def deliverable(self, word: str) -> str:
        """The deliverable that a known word means."""
        return word if word in self._names or word in self._rows else self._by_number[word]

    def claimed(self, tags: Tags) -> set[str]:
        """The deliverables that a document which is not ours claims to be for."""
        words = (*map(fold, tags.bracketed), *tags.mentioned)
        found = {self.deliverable(word) for word in words if self.known(word)}
        if tags.stamp in self._by_stamp:
            found.add(self._by_stamp[tags.stamp])
        elif tags.stamp and not found:
            # A stamp that the outbox does not know: the id beside it is all that is left to go by.
            found.add(fold(tags.stamped_id))
        return found

    def own(self, outgoing: Outgoing, edited: Document | None) -> set[str]:
        """Our document's deliverable, and those whose tags somebody added to it since."""
        found = {outgoing.identity.deliverable}
        if edited and outgoing.as_posted:
            before = {fold(bracketed_id(line.description)) for line in outgoing.as_posted.lines}
            now = {fold(bracketed_id(line.description)) for line in edited.lines}
            found |= {self.deliverable(word) for word in now - before if self.known(word)}
        return found
