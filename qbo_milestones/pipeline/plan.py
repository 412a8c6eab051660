"""What exactly do we send: the acceptance journal and the invoice of each billable deliverable (accounting.md 2, 4)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from qbo_milestones.model.books import Account, Customer, Item, Named, Setup, Term
from qbo_milestones.model.money import Money, zero
from qbo_milestones.pipeline.directory import Directory, Entry, NotFound
from qbo_milestones.pipeline.gate import Billable, Held, Reason
from qbo_milestones.pipeline.posting import (
    Identity,
    InvoiceDraft,
    JournalDraft,
    Posting,
    PostingKind,
    document_number,
)
from qbo_milestones.pipeline.register import Place, content_hash, fold

_DAY = timedelta(days=1)
_CUSTOM_FIELD_LIMIT = 31
_DESCRIPTION_LIMIT = 4000
_PO_LABELS = frozenset({"po number", "p.o. number", "po", "purchase order"})
_ID_LABELS = frozenset({"deliverable id", "deliverable"})


@dataclass(frozen=True, slots=True)
class PlanRules:
    """How one company wants its documents. Names are QuickBooks'; `today` is in the company's zone.

    `own_numbers` is False where QuickBooks numbers invoices itself (ruling 4).
    """

    company: str
    today: date
    item: str
    unbilled_account: str
    revenue_account: str
    class_name: str = ""
    location: str = ""
    tax_code: str = ""
    own_numbers: bool = True
    send: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """One deliverable's documents: the journal, and the invoice that waits for it (R87)."""

    deliverable_id: str
    contract: str
    customer: str
    amount: Money
    invoice: Posting
    journal: Posting
    due_date: date | None

    @property
    def postings(self) -> tuple[Posting, Posting]:
        """The journal before its invoice (R87)."""
        return self.journal, self.invoice


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be billed, in the order of acceptance, and what cannot be written for want of a name in QuickBooks."""

    pairs: tuple[Pair, ...]
    held: tuple[Held, ...] = ()


@dataclass(frozen=True, slots=True)
class _Sought:
    """One name of the row, looked for in QuickBooks: what was found, and what to say if it was not."""

    kind: str
    place: Place
    entry: Entry | NotFound | None

    @property
    def id(self) -> str:
        return "" if self.entry is None or isinstance(self.entry, NotFound) else self.entry.id


def draw_up(billables: Iterable[Billable], directory: Directory, rules: PlanRules) -> Plan:
    """The documents of every billable deliverable; one whose names are not in QuickBooks is held, the rest go on."""
    pairs: list[Pair] = []
    held: list[Held] = []
    for billable in sorted(billables, key=lambda b: (b.acceptance.accepted_on, b.deliverable.key)):
        sought = _look_up(billable, directory, rules)
        reasons = _reasons(billable, sought, directory, rules)
        if reasons:
            held.append(Held(billable.deliverable, reasons, billable.amount))
        else:
            pairs.append(_pair(billable, sought, directory, rules))
    return Plan(tuple(pairs), tuple(held))


def within_limits(
    pairs: Sequence[Pair], invoices: int | None, amount: Money | None, sent: Sequence[Money] = ()
) -> tuple[tuple[Pair, ...], tuple[Pair, ...]]:
    """The pairs that may be posted, and those past the limits, in order (ruling 12). None is no limit.

    `sent` are the invoices that earlier runs of the same business date sent: a date that is tried again has one limit.
    """
    total = None if amount is None else sum(sent, zero(amount.currency))
    for n, pair in enumerate(pairs):
        total = total + pair.amount if total is not None else None
        too_many = invoices is not None and n + len(sent) >= invoices
        too_much = amount is not None and total is not None and amount < total
        if too_many or too_much:
            return tuple(pairs[:n]), tuple(pairs[n:])
    return tuple(pairs), ()


def _look_up(billable: Billable, directory: Directory, rules: PlanRules) -> dict[str, _Sought]:
    deliverable, contract = billable.deliverable, billable.contract
    preferences = directory.setup.preferences
    row, sheet = deliverable.row, "Deliverables"
    class_name = (deliverable.class_name or rules.class_name) if preferences.tracks_classes else ""
    location = (deliverable.location or rules.location) if preferences.tracks_locations else ""
    tax_code = tax_code_name(billable, rules) if preferences.uses_sales_tax else ""
    return {
        "customer": _Sought(
            "CUSTOMER_NOT_FOUND",
            Place("Contracts", contract.row, "Project" if contract.project else "Customer"),
            directory.customer(contract.customer, contract.project),
        ),
        "term": _Sought(
            "TERMS_NOT_FOUND", Place("Contracts", contract.row, "Payment terms"), directory.term(contract.terms)
        ),
        "item": _Sought("ITEM_NOT_FOUND", Place(sheet, row, "Item"), directory.item(deliverable.item or rules.item)),
        "unbilled": _Sought("ACCOUNT_NOT_FOUND", Place(sheet, row), directory.account(rules.unbilled_account)),
        "revenue": _Sought("ACCOUNT_NOT_FOUND", Place(sheet, row), directory.account(rules.revenue_account)),
        "class": _Sought(
            "CLASS_NOT_FOUND", Place(sheet, row, "Class"), directory.class_(class_name) if class_name else None
        ),
        "location": _Sought(
            "LOCATION_NOT_FOUND", Place(sheet, row, "Location"), directory.location(location) if location else None
        ),
        "tax code": _Sought(
            "TAX_CODE_NOT_FOUND", Place(sheet, row, "Tax code"), directory.tax_code(tax_code) if tax_code else None
        ),
    }


def tax_code_name(billable: Billable, rules: PlanRules) -> str:
    """The tax code that the row, its contract or the settings name; empty where none does."""
    return billable.deliverable.tax_code or billable.contract.tax_code or rules.tax_code


def _reasons(
    billable: Billable, sought: dict[str, _Sought], directory: Directory, rules: PlanRules
) -> tuple[Reason, ...]:
    missing = [Reason(s.kind, s.entry.sentence, s.place) for s in sought.values() if isinstance(s.entry, NotFound)]
    return (
        *missing,
        *_item_reasons(sought),
        *_currency_reasons(billable, sought, directory),
        *_tax_reasons(billable, directory, rules),
        *_email_reasons(billable, sought, rules),
    )


def _item_reasons(sought: dict[str, _Sought]) -> Iterable[Reason]:
    item, unbilled = sought["item"].entry, sought["unbilled"].entry
    if isinstance(item, Item) and isinstance(unbilled, Account) and item.account_id != unbilled.id:
        sentence = (
            f'The item "{item.name}" does not point at "{unbilled.name}" in QuickBooks, so its invoice and the '
            "acceptance journal would count the revenue twice. Set the item's income account to that account."
        )
        yield Reason("ITEM_ACCOUNT_CHANGED", sentence, sought["item"].place)


def _currency_reasons(billable: Billable, sought: dict[str, _Sought], directory: Directory) -> Iterable[Reason]:
    home = directory.setup.preferences.home_currency
    customer = sought["customer"].entry
    theirs = customer.currency if isinstance(customer, Customer) and customer.currency else home
    currency = billable.amount.currency
    if currency != home:
        sentence = f"The contract is in {currency}, the books are in {home}: foreign currency is not billed yet."
        yield Reason("CURRENCY_NOT_SUPPORTED", sentence, Place("Contracts", billable.contract.row, "Currency"))
    elif currency != theirs:
        sentence = f"The contract is in {currency}, but the customer is billed in {theirs} in QuickBooks."
        yield Reason("CURRENCY_MISMATCH", sentence, Place("Contracts", billable.contract.row, "Currency"))


def _tax_reasons(billable: Billable, directory: Directory, rules: PlanRules) -> Iterable[Reason]:
    setup = directory.setup
    # In the United States a line without a code is taken as the customer and the item say; elsewhere it is refused.
    wanted = setup.preferences.uses_sales_tax and setup.country not in {"US", "USA"}
    if wanted and not tax_code_name(billable, rules):
        sentence = "QuickBooks wants a tax code on every invoice line, and neither row, contract nor settings name one."
        yield Reason("TAX_CODE_MISSING", sentence, Place("Deliverables", billable.deliverable.row, "Tax code"))


def _email_reasons(billable: Billable, sought: dict[str, _Sought], rules: PlanRules) -> Iterable[Reason]:
    if rules.send and not _email(billable, sought, rules):
        sentence = "Invoices are sent by e-mail, but neither the register nor QuickBooks knows this client's address."
        yield Reason("MISSING_EMAIL", sentence, Place("Contracts", billable.contract.row, "Bill to e-mail"))


def _email(billable: Billable, sought: dict[str, _Sought], rules: PlanRules) -> str:
    """Where the invoice goes. One that QuickBooks sends must bear an address; else the register decides."""
    customer = sought["customer"].entry
    theirs = customer.email if rules.send and isinstance(customer, Customer) else ""
    return billable.contract.bill_email or theirs


def _pair(billable: Billable, sought: dict[str, _Sought], directory: Directory, rules: PlanRules) -> Pair:
    journal = _journal(billable, sought, directory, rules)
    invoice = _invoice(billable, sought, directory, rules, journal.key)
    term, customer = sought["term"].entry, sought["customer"].entry
    days = term.due_days if isinstance(term, Term) else None
    return Pair(
        billable.deliverable.id,
        billable.contract.reference,
        customer.name if isinstance(customer, Customer) else "",
        billable.amount,
        invoice,
        journal,
        None if days is None else invoice.draft.date + timedelta(days=days),
    )


def _journal(billable: Billable, sought: dict[str, _Sought], directory: Directory, rules: PlanRules) -> Posting:
    accepted_on = billable.acceptance.accepted_on
    closed = directory.setup.preferences.closed_until
    on = accepted_on if closed is None else max(accepted_on, closed + _DAY)
    identity = _identity(billable, PostingKind.JOURNAL, rules)
    number = document_number(identity, billable.deliverable.id)
    draft = JournalDraft(
        customer_id=sought["customer"].id,
        date=on,
        amount=billable.amount,
        debit_account_id=sought["unbilled"].id,
        credit_account_id=sought["revenue"].id,
        description=_tagged(f"Acceptance of {_title(billable)}", billable),
        note=_note(billable, identity),
        number=number,
        class_id=sought["class"].id,
        location_id=sought["location"].id,
        multicurrency=directory.setup.preferences.multicurrency,
    )
    return replace(_posting(billable, identity, draft, number), moved_from=accepted_on if on != accepted_on else None)


def _invoice(
    billable: Billable, sought: dict[str, _Sought], directory: Directory, rules: PlanRules, after: str
) -> Posting:
    preferences, contract = directory.setup.preferences, billable.contract
    closed = preferences.closed_until
    accepted_on = billable.acceptance.accepted_on
    identity = _identity(billable, PostingKind.INVOICE, rules)
    number = document_number(identity, billable.deliverable.id) if rules.own_numbers else ""
    draft = InvoiceDraft(
        customer_id=sought["customer"].id,
        date=max(rules.today, accepted_on, closed + _DAY if closed else accepted_on),
        service_date=accepted_on,
        amount=billable.amount,
        item_id=sought["item"].id,
        description=_tagged(_title(billable), billable),
        note=_note(billable, identity),
        memo=f"Purchase order {contract.po_number}" if contract.po_number else "",
        number=number,
        terms_id=sought["term"].id,
        email=_email(billable, sought, rules),
        send=rules.send,
        class_id=sought["class"].id,
        class_on_line=not preferences.tracks_classes_per_transaction,
        location_id=sought["location"].id,
        tax_code_id=sought["tax code"].id,
        multicurrency=preferences.multicurrency,
        custom_fields=tuple(_custom_fields(billable, preferences.custom_fields)),
    )
    return replace(_posting(billable, identity, draft, number), after=after)


def _posting(billable: Billable, identity: Identity, draft: InvoiceDraft | JournalDraft, number: str) -> Posting:
    deliverable, contract, acceptance = billable.deliverable, billable.contract, billable.acceptance
    return Posting(
        identity=identity,
        deliverable_id=deliverable.id,
        revision=deliverable.revision,
        contract=contract.reference,
        contract_version=contract.version,
        accepted_on=acceptance.accepted_on,
        draft=draft,
        number=number,
        content_hash=content_hash(deliverable, contract),
        evidence=acceptance.sign_off.evidence,
        evidence_sha256=billable.sha256,
    )


def _identity(billable: Billable, kind: PostingKind, rules: PlanRules) -> Identity:
    return Identity(rules.company, billable.deliverable.key, kind)


def _title(billable: Billable) -> str:
    deliverable, contract, acceptance = billable.deliverable, billable.contract, billable.acceptance
    return (
        f"{deliverable.name or deliverable.output}, {contract.reference}; "
        f"accepted {acceptance.accepted_on} by {acceptance.signed_by}"
    )


def _tagged(text: str, billable: Billable) -> str:
    """Readable text that ends with the tag by which a person finds the deliverable (accounting.md 4.6)."""
    tag = f" [{billable.deliverable.id}]"
    return text[: _DESCRIPTION_LIMIT - len(tag)] + tag


def _note(billable: Billable, identity: Identity) -> str:
    """The stamp: one ASCII line that a client may see on a statement (ruling 5)."""
    deliverable, contract = billable.deliverable, billable.contract
    line = (
        f"{deliverable.id} rev {deliverable.revision} | {contract.reference} v{contract.version} | "
        f"accepted {billable.acceptance.accepted_on} | {identity.stamp_code}"
    )
    return line.encode("ascii", "replace").decode()


def _custom_fields(billable: Billable, fields: Iterable[Named]) -> Iterable[tuple[str, str]]:
    for field in fields:
        label = fold(field.name)
        if label in _ID_LABELS and len(billable.deliverable.id) <= _CUSTOM_FIELD_LIMIT:
            yield field.id, billable.deliverable.id
        if label in _PO_LABELS and 0 < len(billable.contract.po_number) <= _CUSTOM_FIELD_LIMIT:
            yield field.id, billable.contract.po_number


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One side of a T-account that a posting will make."""

    date: date
    account: str
    side: str
    amount: Money


def t_accounts(pair: Pair, setup: Setup | None) -> tuple[LedgerEntry, ...]:
    """What both documents will do in the ledger, before tax: journal first (accounting.md 2, profile `unbilled`).

    QuickBooks itself books the invoice: debit A/R, credit the item's income account.
    """
    journal, invoice, names = pair.journal.draft, pair.invoice.draft, _account_names(setup)
    if not isinstance(journal, JournalDraft):
        return ()
    debit, credit = names[journal.debit_account_id], names[journal.credit_account_id]
    return (
        LedgerEntry(journal.date, debit, "Debit", pair.amount),
        LedgerEntry(journal.date, credit, "Credit", pair.amount),
        LedgerEntry(invoice.date, names["A/R"], "Debit", pair.amount),
        LedgerEntry(invoice.date, debit, "Credit", pair.amount),
    )


def _account_names(setup: Setup | None) -> Mapping[str, str]:
    accounts = setup.accounts if setup else ()
    receivable = next((a.name for a in accounts if a.type == "Accounts Receivable" and a.active), "Accounts receivable")
    return {"A/R": receivable} | {account.id: account.name for account in accounts}
