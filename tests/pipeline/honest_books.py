"""A small agency's books for tests: rows that are billed as the program bills them, and clients who pay."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from qbo_milestones.model.books import Document, DocumentKind, DocumentLine, Link, gone
from qbo_milestones.model.money import Money, zero
from qbo_milestones.pipeline.case import Case, Facts, Row
from qbo_milestones.pipeline.outbox import Outgoing, Stage
from qbo_milestones.pipeline.posting import Identity, PostingKind, document_number
from qbo_milestones.pipeline.register import fold

CUSTOMER = "58"
MILESTONE, HOURS = "7", "8"
BANK, UNDEPOSITED, UNBILLED, REVENUE = "35", "4", "90", "91"
OCTOBER = date(2026, 10, 1)


def usd(amount: str | int | Decimal) -> Money:
    """Dollars."""
    return Money(Decimal(amount), "USD")


class HonestBooks:
    """Register, outbox and books of one customer tree, all in agreement until a test spoils them."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}
        self.outgoing: list[Outgoing] = []
        self.documents: dict[tuple[DocumentKind, str], Document] = {}
        self.deposits: list[Document] = []
        self._next = 100

    def id(self) -> str:
        """The next id; QuickBooks counts all kinds together."""
        self._next += 1
        return str(self._next)

    def row(self, id_: str, amount: Money, *, accepted: bool = True) -> Row:
        """A row of the register."""
        self.rows[fold(id_)] = Row(id_, "SOW-1", accepted, amount, f"Deliverables row {len(self.rows) + 2}")
        return self.rows[fold(id_)]

    def bill(
        self,
        id_: str,
        amount: Money,
        on: date = OCTOBER,
        *,
        tax: Money | None = None,
        journal: bool = True,
        deduction: Money | None = None,
    ) -> Document:
        """An accepted row with its journal and invoice, as this program posts them; returns the invoice."""
        self.row(id_, amount)
        if journal:
            self._post(id_, amount, PostingKind.JOURNAL, self._journal(id_, amount, on))
        total = amount + (tax or zero("USD")) - (deduction or zero("USD"))
        return self._post(id_, amount, PostingKind.INVOICE, self._invoice(id_, amount, total, on))

    def _post(self, id_: str, amount: Money, kind: PostingKind, document: Document) -> Document:
        self.add(document)
        self.outgoing.append(
            Outgoing(
                self.identity(id_, kind),
                id_,
                1,
                "SOW-1",
                1,
                CUSTOMER,
                amount,
                document.number,
                b"{}",
                stage=Stage.POSTED,
                books_id=document.id,
                as_posted=document,
            )
        )
        return document

    def identity(self, id_: str, kind: PostingKind, letter: str = "A") -> Identity:
        """The identity of a posting in this company."""
        return Identity("4620816365", fold(id_), kind, letter)

    def stamp(self, id_: str, kind: PostingKind) -> str:
        """The stamp's line."""
        return f"{id_} rev 1 | SOW-1 v1 | accepted 2026-10-01 | {self.identity(id_, kind).stamp_code}"

    def _journal(self, id_: str, amount: Money, on: date) -> Document:
        text = f"Release, SOW-1; accepted {on} by Ann Lee [{id_}]"
        lines = tuple(
            DocumentLine(amount, text, account_id=account, side=side, customer_id=CUSTOMER)
            for account, side in ((UNBILLED, "Debit"), (REVENUE, "Credit"))
        )
        return Document(
            DocumentKind.JOURNAL_ENTRY,
            self.id(),
            "0",
            amount,
            zero("USD"),
            on,
            number=document_number(self.identity(id_, PostingKind.JOURNAL), id_),
            note=self.stamp(id_, PostingKind.JOURNAL),
            lines=lines,
        )

    def _invoice(self, id_: str, amount: Money, total: Money, on: date) -> Document:
        line = DocumentLine(amount, f"Release, SOW-1; accepted {on} by Ann Lee [{id_}]", item_id=MILESTONE)
        return Document(
            DocumentKind.INVOICE,
            self.id(),
            "0",
            total,
            total,
            on,
            on + timedelta(days=30),
            number=document_number(self.identity(id_, PostingKind.INVOICE), id_),
            customer_id=CUSTOMER,
            note=self.stamp(id_, PostingKind.INVOICE),
            lines=(line,),
        )

    def by_hand(
        self, total: Money, description: str = "Consulting", *, item: str = HOURS, number: str = "", note: str = ""
    ) -> Document:
        """An invoice that somebody typed into QuickBooks."""
        line = DocumentLine(total, description, item_id=item)
        document = Document(
            DocumentKind.INVOICE,
            self.id(),
            "0",
            total,
            total,
            OCTOBER + timedelta(days=9),
            OCTOBER + timedelta(days=39),
            number=number or f"INV-{self._next}",
            customer_id=CUSTOMER,
            note=note,
            lines=(line,),
        )
        return self.add(document)

    def copy(self, document: Document) -> Document:
        """QuickBooks' Copy: the same text, note and all, under a new number, unpaid."""
        return self.add(
            replace(document, id=self.id(), number=f"C{self._next}", balance=document.total, version="0", links=())
        )

    def add(self, document: Document) -> Document:
        """Into the books, over what was there."""
        self.documents[document.kind, document.id] = document
        return document

    def drop(self, document: Document) -> None:
        """As if the books had never held it."""
        del self.documents[document.kind, document.id]

    def delete(self, document: Document) -> None:
        """Deleted in QuickBooks."""
        self.add(gone(document.kind, document.id, None))

    def void(self, document: Document) -> None:
        """Voided in QuickBooks."""
        lines = tuple(replace(line, amount=zero("USD")) for line in document.lines)
        none = zero("USD")
        self.add(replace(document, total=none, balance=none, lines=lines, note=f"Voided - {document.note}"))

    def pay(
        self,
        parts: Sequence[tuple[Document, Money]],
        on: date = OCTOBER + timedelta(days=20),
        *,
        reference: str = "",
        note: str = "",
        left: Money | None = None,
        memos: Sequence[tuple[str, Money]] = (),
        account: str = UNDEPOSITED,
    ) -> Document:
        """A payment of invoices by line, with `left` unapplied and credits used; the invoices' balances follow."""
        left = left or zero("USD")
        credit = sum((amount for _, amount in memos), zero("USD"))
        total = sum((amount for _, amount in parts), left) - credit
        id_ = self.id()
        lines = [DocumentLine(amount, links=(Link("Invoice", invoice.id),)) for invoice, amount in parts]
        lines += [DocumentLine(amount, links=(Link("CreditMemo", memo),)) for memo, amount in memos]
        for invoice, amount in parts:
            now = self.documents[DocumentKind.INVOICE, invoice.id]
            links = (*now.links, Link("Payment", id_))
            self.add(replace(now, balance=now.balance - amount, links=links, version=str(int(now.version) + 1)))
        return self.add(
            Document(
                DocumentKind.PAYMENT,
                id_,
                "0",
                total,
                left,
                on,
                customer_id=CUSTOMER,
                note=note,
                reference=reference or f"CHK-{9000 + int(id_)}",
                deposit_account_id=account,
                lines=tuple(lines),
            )
        )

    def deposit(self, *payments: Document, account: str = BANK) -> Document:
        """Payments taken to the bank."""
        total = sum((payment.total for payment in payments), zero("USD"))
        lines = tuple(DocumentLine(p.total, links=(Link("Payment", p.id),)) for p in payments)
        document = Document(
            DocumentKind.DEPOSIT, self.id(), "0", total, zero("USD"), OCTOBER, deposit_account_id=account, lines=lines
        )
        self.deposits.append(document)
        return document

    def held(self, document: Document) -> Document:
        """The document as it stands now."""
        return self.documents[document.kind, document.id]

    def case(self) -> Case:
        """The tree."""
        return Case(frozenset({CUSTOMER}), tuple(self.outgoing), tuple(self.documents.values()), tuple(self.deposits))

    def facts(self) -> Facts:
        """What it is judged against."""
        return Facts(
            date(2026, 10, 31),
            self.rows,
            frozenset({MILESTONE}),
            {BANK: "Bank", UNDEPOSITED: "Other Current Asset"},
            {CUSTOMER: "Northwind Traders"},
        )
