"""What this run would bill, and why each other row is held: everything gathered, then decided, nothing sent."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from qbo_milestones.model.books import Document, DocumentKind, Setup
from qbo_milestones.model.money import Money, zero
from qbo_milestones.pipeline.directory import index
from qbo_milestones.pipeline.gate import (
    Billable,
    Billed,
    Difference,
    EvidenceFile,
    Held,
    Verdict,
    changed_after_billing,
    confirm,
    evidence_wanted,
    examine,
    keep_cap,
)
from qbo_milestones.pipeline.gate.promise import hold_changed
from qbo_milestones.pipeline.outbox import Outgoing, Stage
from qbo_milestones.pipeline.plan import Pair, draw_up, within_limits
from qbo_milestones.pipeline.posting import Identity, PostingKind
from qbo_milestones.pipeline.preflight import Check, Subject, inspect
from qbo_milestones.pipeline.register import Contract, Deliverable, Register, fold
from qbo_milestones.pipeline.trail import contract_of
from qbo_milestones.ports import Adoption
from qbo_milestones.run.world import Rules, Tell, World


@dataclass(frozen=True, slots=True)
class Decision:
    """One reading of the register against the books. Rows = pairs + beyond + held.

    `pairs` are within the run's limits, `beyond` past them. `setup` is None where nothing is to be posted, for then
    nothing needs it. `differences` are billed rows that say something else now; `withdrawn` are planned postings,
    never sent, whose row changed; nothing of the `barred` deliverables is sent (I8). `backlog` are the amounts of
    planned invoices that an earlier run left.
    """

    register: Register
    currency: str
    billed: Mapping[str, Billed]
    differences: tuple[Difference, ...]
    withdrawn: tuple[Outgoing, ...]
    adoptions: tuple[Adoption, ...]
    backlog: tuple[Money, ...] = ()
    billables: tuple[Billable, ...] = ()
    held: tuple[Held, ...] = ()
    pairs: tuple[Pair, ...] = ()
    beyond: tuple[Pair, ...] = ()
    setup: Setup | None = None
    checks: tuple[Check, ...] = ()

    @property
    def barred(self) -> frozenset[str]:
        """The folded ids of deliverables whose sign-off or content no longer is what was planned."""
        return frozenset(fold(difference.deliverable) for difference in self.differences)


def decide(world: World, rules: Rules, now: datetime, tell: Tell) -> Decision:
    """Gather the register, the evidence and the set-up; let the gate and the plan decide. Sends nothing."""
    register = world.registers.read()
    tell(f"Read {len(register.deliverables):,} deliverables from {register.source}")
    decision = _stand(world, rules, register)
    verdicts = _judge(world, rules, decision, now)
    billables = tuple(verdict for verdict in verdicts if isinstance(verdict, Billable))
    held = tuple(verdict for verdict in verdicts if isinstance(verdict, Held))
    decision = replace(decision, billables=billables, held=held)
    return _plan(world, rules, decision, now, tell) if billables or decision.backlog else decision


def read_setup(world: World) -> Setup:
    """The company's set-up, with customers and items as last pulled."""
    return replace(world.books.setup(), customers=world.store.customers(), items=world.store.items())


def _stand(world: World, rules: Rules, register: Register) -> Decision:
    """What is billed already, and which planned postings the register no longer bears out."""
    billed = {one.deliverable_key: one for one in world.store.billed()}
    adoptions = tuple(_adoptions(world, rules, register))
    for adoption in adoptions:
        billed.setdefault(adoption.identity.deliverable, _as_billed(adoption))
    planned = tuple(world.store.outgoing(frozenset({Stage.PLANNED})))
    differences = changed_after_billing(register, billed)
    withdrawn = _withdrawn(planned, {fold(difference.deliverable) for difference in differences})
    gone = {outgoing.identity.deliverable for outgoing in withdrawn}
    return Decision(
        register,
        rules.home_currency,
        {key: one for key, one in billed.items() if key not in gone},
        tuple(difference for difference in differences if fold(difference.deliverable) not in gone),
        withdrawn,
        adoptions,
        tuple(o.amount for o in planned if o.identity.kind is PostingKind.INVOICE and o not in withdrawn),
    )


def _withdrawn(planned: tuple[Outgoing, ...], changed: set[str]) -> tuple[Outgoing, ...]:
    """Of the changed deliverables, those of which nothing was ever sent: all of their postings."""
    unsent = [o for o in planned if o.first_sent_at is None and o.identity.deliverable in changed]
    # An invoice whose journal was sent is no longer alone: a person must decide about both (E14).
    sent = {o.after for o in unsent if o.after} - {o.key for o in unsent}
    journals_sent = {o.identity.deliverable for o in unsent if o.after in sent}
    return tuple(o for o in unsent if o.identity.deliverable not in journals_sent)


def _judge(world: World, rules: Rules, decision: Decision, now: datetime) -> tuple[Verdict, ...]:
    register, billed = decision.register, decision.billed
    there = world.evidence.find(evidence_wanted(register, billed))
    verdicts = examine(register, billed, there, rules.for_gate(now))
    # Only what is about to be posted is read and hashed (ruling 18).
    confirmed = confirm(verdicts, _fingerprints(world, verdicts, there))
    first_seen = world.store.contents(each.deliverable.key for each in confirmed if isinstance(each, Billable))
    return keep_cap(hold_changed(confirmed, first_seen), register, billed)


def _fingerprints(
    world: World, verdicts: Iterable[Verdict], there: Mapping[str, EvidenceFile]
) -> dict[str, EvidenceFile]:
    paths = {verdict.acceptance.sign_off.evidence for verdict in verdicts if isinstance(verdict, Billable)}
    return {path: world.evidence.fingerprint(path) for path in sorted(paths) if path in there}


def _plan(world: World, rules: Rules, decision: Decision, now: datetime, tell: Tell) -> Decision:
    tell(f"{len(decision.billables):,} pass the gate; reading how the company is set up")
    setup = read_setup(world)
    directory = index(setup)
    plan = draw_up(decision.billables, directory, rules.for_plan(now))
    pairs, beyond = within_limits(plan.pairs, *_limits_left(rules, decision))
    checks = inspect(Subject(directory, rules.for_plan(now), decision.register))
    held = (*decision.held, *plan.held)
    return replace(decision, held=held, pairs=pairs, beyond=beyond, setup=setup, checks=checks)


def _limits_left(rules: Rules, decision: Decision) -> tuple[int | None, Money | None]:
    """The run's limits less what earlier runs planned and this one will send first (ruling 12)."""
    invoices = None if rules.invoices is None else max(0, rules.invoices - len(decision.backlog))
    if rules.amount is None:
        return invoices, None
    waiting = sum(decision.backlog, zero(rules.amount.currency))
    return invoices, max(rules.amount - waiting, zero(rules.amount.currency))


def _adoptions(world: World, rules: Rules, register: Register) -> Iterator[Adoption]:
    """Rows whose stamp stands in the books without our outbox knowing it (ruling 2)."""
    known = world.store.known_stamps()
    strange = {code: found for code, found in world.store.stamped().items() if code not in known}
    for row in register.deliverables if strange else ():
        for kind in PostingKind:
            identity = Identity(rules.company, row.key, kind)
            found = [d for d in strange.get(identity.stamp_code, ()) if d.kind is kind.document_kind]
            if found:
                yield _adoption(identity, row, contract_of(register, row), min(found, key=_age))


def _age(document: Document) -> tuple[str, str]:
    return document.created_at.isoformat() if document.created_at else "", document.id


def _adoption(identity: Identity, row: Deliverable, contract: Contract | None, document: Document) -> Adoption:
    return Adoption(
        identity=identity,
        deliverable_id=row.id,
        revision=_revision(document, row.revision),
        contract=row.contract,
        contract_version=contract.version if contract else 0,
        amount=net(document),
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
    )
