"""What this run would bill, and why each other row is held: everything gathered, then decided, nothing sent."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from qbo_milestones.model.books import Document, DocumentKind, Setup
from qbo_milestones.model.money import Money, from_minor, zero
from qbo_milestones.pipeline.directory import index
from qbo_milestones.pipeline.gate import (
    Billable,
    Billed,
    Difference,
    EvidenceFile,
    Held,
    Reason,
    Verdict,
    accepted,
    changed_after_billing,
    confirm,
    evidence_wanted,
    examine,
    keep_cap,
)
from qbo_milestones.pipeline.gate.promise import hold_changed
from qbo_milestones.pipeline.outbox import Outgoing, Stage
from qbo_milestones.pipeline.plan import Pair, draw_up, within_limits
from qbo_milestones.pipeline.posting import Identity, JournalDraft, Posting, PostingKind
from qbo_milestones.pipeline.preflight import Check, Subject, inspect
from qbo_milestones.pipeline.reconciliation import hold_invoiced
from qbo_milestones.pipeline.register import Contract, Deliverable, Place, Register, contract_of, fold
from qbo_milestones.ports import Adoption
from qbo_milestones.run.world import Rules, Tell, World


@dataclass(frozen=True, slots=True)
class Decision:
    """One reading of the register against the books. Rows = pairs + beyond + held.

    `pairs` are within the business date's limits, `beyond` past them. `waiting` are planned or refused postings: each
    run judges their rows anew, as if they were not there. `differences` are billed rows that say something else now.
    Of the `half` only the journal stands, and their invoice is still to be decided; of the `resendable` something is
    doubtful, and their rows would pass the gate today. The `outdated` are keys of doubtful postings that would not be
    sent today, or in other words than are frozen; the date alone makes no other words.
    The `known` are keys of what this database planned, refused or withdrew; of others another machine may know more.
    `signed` are the folded ids of all rows with a valid acceptance, empty where nothing is billed yet. `setup` is None
    where nothing is to be posted.
    """

    register: Register
    currency: str
    billed: Mapping[str, Billed]
    signed: frozenset[str]
    differences: tuple[Difference, ...]
    waiting: tuple[Outgoing, ...]
    adoptions: tuple[Adoption, ...]
    half: Mapping[str, Billed]
    known: frozenset[str] = frozenset()
    resendable: frozenset[str] = frozenset()
    outdated: frozenset[str] = frozenset()
    billables: tuple[Billable, ...] = ()
    held: tuple[Held, ...] = ()
    pairs: tuple[Pair, ...] = ()
    beyond: tuple[Pair, ...] = ()
    setup: Setup | None = None
    checks: tuple[Check, ...] = ()

    @property
    def sendable(self) -> frozenset[str]:
        """The folded ids of the deliverables of which something may be sent now, and of no other (I8)."""
        return self.resendable | {pair.invoice.identity.deliverable for pair in self.pairs}


def decide(world: World, rules: Rules, now: datetime, tell: Tell, retry: frozenset[str] = frozenset()) -> Decision:
    """Gather the register, the evidence and the set-up; let the gate and the plan decide. Sends nothing.

    `retry` are folded ids whose invoice a person wants although only their journal was found in the books.
    """
    register = world.registers.read()
    tell(f"Read {len(register.deliverables):,} deliverables from {register.source}")
    decision = _stand(world, rules, register, now, retry)
    verdicts = _judge(world, rules, decision, now)
    billables = tuple(verdict for verdict in verdicts if isinstance(verdict, Billable))
    held = tuple(verdict for verdict in verdicts if isinstance(verdict, Held))
    doubtful = tuple(world.store.outgoing(frozenset({Stage.DOUBTFUL})))
    again = _resendable(world, rules, decision, now, doubtful)
    resendable = frozenset(billable.deliverable.key for billable in again)
    decision = replace(decision, billables=billables, held=held, resendable=resendable)
    if billables or again:
        # What is doubtful may be sent again, so the set-up must be right for it too.
        decision = _plan(world, rules, decision, now, tell, retry)
    return replace(decision, outdated=_outdated(world, rules, decision, now, again, doubtful))


def read_setup(world: World) -> Setup:
    """The company's set-up, with customers and items as last pulled."""
    return replace(world.books.setup(), customers=world.store.customers(), items=world.store.items())


def _stand(world: World, rules: Rules, register: Register, now: datetime, retry: frozenset[str]) -> Decision:
    """What is billed already, and what is still to be decided though some of it is on its way."""
    billed = {one.deliverable_key: one for one in world.store.billed()}
    adoptions = tuple(_adoptions(world, rules, register))
    for adoption in adoptions:
        _count_in(billed, adoption)
    waiting = tuple(world.store.outgoing(frozenset({Stage.PLANNED, Stage.REFUSED, Stage.WITHDRAWN})))
    # Only billed rows are asked about here; a company that has billed nothing yet is spared the work.
    signed = accepted(register, rules.for_gate(now)) if billed else frozenset()
    changed = changed_after_billing(register, billed)
    differences = (*changed, *_unsigned(register, billed, signed, changed))
    settled = {fold(difference.deliverable) for difference in differences}
    # Only the journal stands, and we know that its invoice never did: the invoice is still to be decided. Where we do
    # not know it (another machine's journal), a person says so, for the invoice may have been deleted since.
    never_stood = {one.identity.deliverable for one in waiting if one.identity.kind is PostingKind.INVOICE} | retry
    half = {key: one for key, one in billed.items() if not one.invoiced and key in never_stood and key not in settled}
    return Decision(
        register,
        rules.home_currency,
        {key: one for key, one in billed.items() if key not in half},
        signed,
        differences,
        tuple(one for one in waiting if one.stage is not Stage.WITHDRAWN),
        adoptions,
        half,
        frozenset(one.key for one in waiting),
    )


def _unsigned(
    register: Register, billed: Mapping[str, Billed], signed: frozenset[str], changed: Iterable[Difference]
) -> Iterator[Difference]:
    """Billed rows whose sign-off is no longer a valid one, though nobody revoked it in words."""
    revoked = {fold(one.deliverable) for one in changed}
    for row in register.deliverables:
        one = billed.get(row.key)
        if one is not None and row.key not in signed and row.key not in revoked:
            place = Place("Deliverables", row.row, "Deliverable ID")
            sentence = f"{place}: {row.id} is billed ({one.where}), but no valid sign-off of it is on record any more."
            yield Difference("ACCEPTANCE_REVOKED_BILLED", row.id, sentence, place, one.amount)


def _resendable(
    world: World, rules: Rules, decision: Decision, now: datetime, doubtful: Iterable[Outgoing]
) -> tuple[Billable, ...]:
    """The doubtful deliverables whose rows would pass the gate today, had nothing of them been sent."""
    changed = {fold(difference.deliverable) for difference in decision.differences}
    wanted = {one.identity.deliverable for one in doubtful} - changed
    asked = {key: one for key, one in decision.billed.items() if key in wanted}
    if not asked:
        return ()
    others = {key: one for key, one in decision.billed.items() if key not in asked}
    verdicts = _judge(world, rules, replace(decision, billed=others, half={**decision.half, **asked}), now)
    return tuple(one for one in verdicts if isinstance(one, Billable) and one.deliverable.key in asked)


def _outdated(
    world: World,
    rules: Rules,
    decision: Decision,
    now: datetime,
    again: tuple[Billable, ...],
    doubtful: Iterable[Outgoing],
) -> frozenset[str]:
    """The keys of what is doubtful and would be written otherwise today; a corrected row is not billed as it was."""
    drawn = draw_up(again, index(decision.setup), rules.for_plan(now)).pairs if again and decision.setup else ()
    pairs = (*decision.pairs, *decision.beyond, *drawn)
    today = {posting.key: posting for pair in pairs for posting in pair.postings}
    return frozenset(one.key for one in doubtful if not _same_words(world, rules, one, today.get(one.key)))


def _same_words(world: World, rules: Rules, outgoing: Outgoing, today: Posting | None) -> bool:
    frozen = world.books.read_body(outgoing.document_kind, outgoing.body, rules.home_currency)
    if today is None or frozen.txn_date is None:
        return False
    return world.books.render(replace(today, draft=replace(today.draft, date=frozen.txn_date))) == outgoing.body


def _judge(world: World, rules: Rules, decision: Decision, now: datetime) -> tuple[Verdict, ...]:
    register, billed = decision.register, decision.billed
    there = world.evidence.find(evidence_wanted(register, billed))
    verdicts = examine(register, billed, there, rules.for_gate(now), decision.half)
    first_seen = world.store.contents(each.deliverable.key for each in verdicts if isinstance(each, Billable))
    standing = hold_invoiced(hold_changed(verdicts, first_seen), world.store.invoices(), rules.company)
    # Only what is about to be posted is read and hashed (ruling 18).
    return keep_cap(confirm(standing, _fingerprints(world, standing, there)), register, billed)


def _fingerprints(
    world: World, verdicts: Iterable[Verdict], there: Mapping[str, EvidenceFile]
) -> dict[str, EvidenceFile]:
    paths = {verdict.acceptance.sign_off.evidence for verdict in verdicts if isinstance(verdict, Billable)}
    return {path: world.evidence.fingerprint(path) for path in sorted(paths) if path in there}


def _plan(world: World, rules: Rules, decision: Decision, now: datetime, tell: Tell, retry: frozenset[str]) -> Decision:
    tell(f"Through the gate: {len(decision.billables):,}; reading how the company is set up")
    setup = read_setup(world)
    directory = index(setup)
    plan = draw_up(decision.billables, directory, rules.for_plan(now))
    refused = {one.key: one for one in decision.waiting if one.refused_by_quickbooks}
    rows = {billable.deliverable.key: billable.deliverable for billable in decision.billables}
    stuck: list[Held] = []
    free: list[Pair] = []
    for pair in plan.pairs:
        key = pair.invoice.identity.deliverable
        found = _differs(world, decision, pair) or (None if key in retry else _refused(world, refused, pair))
        if found is None:
            free.append(pair)
        else:
            stuck.append(Held(rows[key], (found,), pair.amount))
    sent = world.store.invoiced_for(rules.today(now))
    pairs, beyond = within_limits(free, rules.invoices, rules.amount, sent)
    checks = inspect(Subject(directory, rules.for_plan(now), decision.register))
    held = (*decision.held, *plan.held, *stuck)
    return replace(decision, held=held, pairs=pairs, beyond=beyond, setup=setup, checks=checks)


def _differs(world: World, decision: Decision, pair: Pair) -> Reason | None:
    """Why an invoice would not meet the journal that stands: amount, customer or account (accounting.md 4.9, I3)."""
    standing = decision.half.get(pair.invoice.identity.deliverable)
    if standing is None:
        return None
    if standing.amount == pair.amount and standing.customer_id in ("", pair.invoice.draft.customer_id):
        return _meets_another_account(world, standing, pair)
    text = f"{standing.where} stands over {standing.amount}; the row now names another amount or customer."
    return Reason("JOURNAL_DIFFERS", text)


def _meets_another_account(world: World, standing: Billed, pair: Pair) -> Reason | None:
    """The invoice credits what its item points at, and the journal must have debited just that."""
    identity, wanted = pair.journal.identity, pair.journal.draft
    journals = world.store.stamped(identity.kind.document_kind, identity.stamp_code)
    debits = {line.account_id for journal in journals if journal.live for line in journal.lines if line.side == "Debit"}
    if not isinstance(wanted, JournalDraft) or debits <= {wanted.debit_account_id}:
        return None
    text = (
        f"{standing.where} debits another account than the one which the invoice would credit now, and would stay open."
    )
    return Reason("JOURNAL_DIFFERS", text)


def _refused(world: World, refused: Mapping[str, Outgoing], pair: Pair) -> Reason | None:
    """Why a pair waits for a person's word: QuickBooks refused these very bytes."""
    for posting in pair.postings:
        one = refused.get(posting.key)
        if one is not None and one.body == world.books.render(posting):
            text = f"QuickBooks refused {one.number or one.deliverable_id}: {one.reason.rstrip('.')}."
            return Reason("POSTING_REFUSED", f"{text} Put that right, then run with --retry {one.deliverable_id}.")
    return None


def _adoptions(world: World, rules: Rules, register: Register) -> Iterator[Adoption]:
    """Rows whose stamp stands in the books without our outbox knowing it, voided ones too (ruling 2)."""
    strangers = world.store.strangers()
    for row in register.deliverables if strangers else ():
        for kind in PostingKind:
            identity = Identity(rules.company, row.key, kind)
            found = [d for d in strangers.get(identity.stamp_code, ()) if d.kind is kind.document_kind]
            if found:
                yield _adoption(identity, row, contract_of(register, row), min(found, key=_age))


def _count_in(billed: dict[str, Billed], adoption: Adoption) -> None:
    """An invoice speaks for its deliverable, a journal only where there is no invoice."""
    found = _as_billed(adoption)
    if found.invoiced or found.deliverable_key not in billed:
        billed[found.deliverable_key] = found


def _age(document: Document) -> tuple[bool, str, str]:
    """A live document before a voided one, then the older."""
    return not document.live, document.created_at.isoformat() if document.created_at else "", document.id


def _adoption(identity: Identity, row: Deliverable, contract: Contract | None, document: Document) -> Adoption:
    currency = document.total.currency
    return Adoption(
        identity=identity,
        deliverable_id=row.id,
        revision=_revision(document, row.revision),
        contract=row.contract,
        contract_version=contract.version if contract else 0,
        # A voided document says nothing of its amount; the outbox holds no posting over nothing.
        amount=next((m for m in (net(document), row.amount) if m and m.minor > 0), from_minor(1, currency)),
        # What was agreed when it was posted is not in the books, so it cannot be compared.
        content_hash="",
        document=document,
    )


def net(document: Document) -> Money:
    """What the document bills, without tax: the sum of its lines, or of a journal's debits (accounting.md 0.5)."""
    if document.kind is DocumentKind.JOURNAL_ENTRY:
        return document.total
    return sum((line.amount for line in document.lines), zero(document.total.currency))


def _revision(document: Document, otherwise: int) -> int:
    """The revision that the stamp names: `D-103 rev 1 | ...`."""
    _, found, rest = document.note.partition(" rev ")
    number = rest.partition(" ")[0]
    return int(number) if found and number.isdigit() else otherwise


def _as_billed(adoption: Adoption) -> Billed:
    return Billed(
        deliverable_key=adoption.identity.deliverable,
        revision=adoption.revision,
        amount=adoption.amount,
        contract=adoption.contract,
        content_hash=adoption.content_hash,
        where=f"{adoption.document.kind.value} {adoption.document.number or adoption.document.id}",
        invoiced=adoption.identity.kind is PostingKind.INVOICE,
    )
