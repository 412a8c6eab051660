"""Does our database know the past? New, restored, or the one that made the last run (ruling 2; design.md, 11)."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from qbo_milestones.errors import Doubtful
from qbo_milestones.model.audit import AuditCheck, AuditHead, AuditState
from qbo_milestones.pipeline.outbox import FORGOTTEN, Outgoing
from qbo_milestones.ports import Epochs, Lease, Store
from qbo_milestones.run.world import World


class History(StrEnum):
    """What our database knows of the company."""

    NEW = "new"
    KNOWN = "known"
    RESTORED = "restored"


SENTENCES = {
    History.NEW: "first look at this company: all documents are read, and those that bear our stamp count as posted",
    History.KNOWN: "the database made the last run here; only what changed is read",
    History.RESTORED: (
        "the database is older than the last run: all documents are read, and every posting is looked for in "
        "QuickBooks, after the quiet time, before it is sent"
    ),
}


def verify(world: World) -> AuditCheck:
    """The audit log from its anchor on, before the run writes anything (I11).

    The anchor knows of an older database also where the count of runs does not, as after a restore to the middle of
    the last run. That is remembered in the count before the anchor is moved, so that a crash here forgets nothing.
    """
    return verify_log(world.store, world.epochs)


def verify_log(store: Store, epochs: Epochs) -> AuditCheck:
    """The same for whoever else adds to the log: behind rows of its own an older database could not be recognised."""
    check = store.check_audit(epochs.anchor())
    if check.state is AuditState.OLDER:
        epochs.write(max(_count(store) + 1, epochs.read()))
        epochs.keep_anchor(check.head)
    return check


def accept_log(store: Store, epochs: Epochs, lease: Lease, reason: str, now: datetime) -> AuditHead:
    """A person answers for a log that is not whole: it goes on from a row that says so.

    What may have happened besides is unknown, so the next run looks for everything first, as after a restore. That is
    remembered before the log is whole again; killed in between, it is accepted once more.
    """
    epochs.write(max(_count(store), epochs.read()) + 1)
    head = store.accept_audit(lease, reason, epochs.anchor(), now)
    epochs.keep_anchor(replace(head, accepted=head.seq))
    return head


def recognise(world: World) -> History:
    """Compare the count of runs in the database with the one that is kept beside the key.

    The database counts first, so one that is ahead only tells of a run that died between the two.
    """
    if _count(world.store) < world.epochs.read():
        # Before all else: a database from before its first run has no cursor, and forgot just as much.
        return History.RESTORED
    return History.NEW if world.store.cursor() is None else History.KNOWN


def count_run(world: World, lease: Lease) -> None:
    """One more run, in the database first and then beside the key."""
    count = max(_count(world.store), world.epochs.read()) + 1
    world.store.set_epoch(lease, str(count))
    world.epochs.write(count)


def look_first(world: World, lease: Lease, sendable: Iterable[Outgoing]) -> None:
    """What may have been sent in a life that the database forgot is doubtful from now on: looked for before it is sent.

    Planned ones and doubtful ones: neither our plan nor our last send tells when that life sent it.
    """
    failure = Doubtful("Nobody knows whether and when this was sent before.", code=FORGOTTEN)
    for outgoing in tuple(sendable):
        world.store.doubt(lease, outgoing, world.clock.now(), failure)


def _count(store: Store) -> int:
    return int(store.epoch() or 0)
