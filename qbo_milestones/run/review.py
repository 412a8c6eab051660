"""After the posting: ours held against theirs, customer by customer; flags are opened, kept or cleared."""

from collections.abc import Iterator

from qbo_milestones.model.flag import Flag
from qbo_milestones.model.money import zero
from qbo_milestones.pipeline.case import Facts, Row
from qbo_milestones.pipeline.gate import Difference, accepted
from qbo_milestones.pipeline.outbox import Stage, look_up_due
from qbo_milestones.pipeline.reconciliation import (
    flag_by_hand,
    flag_outgoing,
    flag_register,
    reconcile,
    reconcile_strays,
)
from qbo_milestones.pipeline.register import fold
from qbo_milestones.ports import FlagChange, Lease
from qbo_milestones.run.decision import Decision
from qbo_milestones.run.world import Rules, World

_STUCK = frozenset({Stage.DOUBTFUL, Stage.DISPUTED, Stage.REFUSED})


def review(world: World, rules: Rules, lease: Lease, number: int, decision: Decision) -> FlagChange:
    """Find every trouble that stands now and keep it as a flag; what is no longer found is cleared.

    Called only when register and books were read whole: an unread side clears nothing.
    """
    world.store.keep_accounts(lease, decision.setup.accounts if decision.setup else world.books.accounts())
    today = rules.today(world.clock.now())
    facts = facts_of(world, rules, decision)
    return world.store.keep_flags(lease, tuple(_found(world, rules, decision, facts)), number, today)


def facts_of(world: World, rules: Rules, decision: Decision) -> Facts:
    """What every customer's case is judged against."""
    now = world.clock.now()
    signed = decision.signed or accepted(decision.register, rules.for_gate(now))
    amounts = {held.deliverable.key: held.amount for held in decision.held}
    amounts |= {billable.deliverable.key: billable.amount for billable in decision.billables}
    by_hand = {one.deliverable.key for one in decision.held if one.by_hand}
    rows = {
        row.key: Row(
            row.id,
            row.contract,
            row.key in signed,
            amounts.get(row.key, row.amount),
            f"Deliverables row {row.row}",
            row.key in by_hand,
        )
        for row in decision.register.deliverables
    }
    items = {fold(rules.item), *(fold(row.item) for row in decision.register.deliverables if row.item)}
    return Facts(
        rules.today(now),
        rows,
        frozenset(item.id for item in world.store.items() if fold(item.name) in items or f"id:{item.id}" in items),
        world.store.account_types(),
        {customer.id: customer.name for customer in world.store.customers()},
        world.books.preferences().closed_until,
    )


def _found(world: World, rules: Rules, decision: Decision, facts: Facts) -> Iterator[Flag]:
    yield from (_register_flag(difference) for difference in decision.differences)
    yield from flag_by_hand(decision.held)
    now = world.clock.now()
    for outgoing in world.store.outgoing(_STUCK):
        if outgoing.stage is Stage.DOUBTFUL and not look_up_due(outgoing, now, rules.quiet):
            # Its quiet time runs; nobody has anything to do yet.
            continue
        flag = flag_outgoing(outgoing, facts)
        if flag is not None:
            yield flag
    customers = _customers(world, decision)
    for case in world.store.cases(customers):
        yield from reconcile(case, facts)
    yield from reconcile_strays(world.store.strays(customers), facts)
    if decision.beyond:
        yield _limit(decision)


def _register_flag(found: Difference) -> Flag:
    return flag_register(
        found.kind, found.deliverable, found.sentence, str(found.place) if found.place else "", found.amount
    )


def _limit(decision: Decision) -> Flag:
    total = sum((pair.amount for pair in decision.beyond), zero(decision.currency))
    sentence = (
        f"{len(decision.beyond)} deliverables ({total}) are billable but past the limits of one business date, "
        f"beginning with {decision.beyond[0].deliverable_id}; they were not posted."
    )
    return Flag("LIMIT_REACHED", "", sentence, total)


def _customers(world: World, decision: Decision) -> frozenset[str]:
    """The customers that the register names, by QuickBooks' id; a name that is not there has no case."""
    wanted = {
        (contract.customer, contract.project)
        for versions in decision.register.contracts.values()
        for contract in versions
        if contract.customer
    }
    by_name: dict[str, str] = {}
    for customer in world.store.customers():
        by_name[fold(customer.name)] = by_name[f"id:{customer.id}"] = customer.id
    return frozenset(by_name[name] for pair in wanted for name in map(fold, pair) if name in by_name)
