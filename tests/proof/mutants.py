"""Ten mutants of the code that bills: one rule less each, as texts that are replaced in real lines (ruling 33)."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Change:
    """In one file of the package, one text in the place of another."""

    file: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Mutant:
    """The code without one rule. `guard` is the test that kills it, of those in test_rules_of_sending.py."""

    name: str
    lost: str
    guard: str
    changes: tuple[Change, ...]


class DoesNotApply(Exception):
    """The code has changed under a mutant, so it must be written anew."""


DELIVERY, OUTBOX = "run/delivery.py", "pipeline/outbox.py"

MUTANTS = (
    Mutant(
        "no-write-ahead-row",
        "the row says sending only when the answer is there",
        "test_a_row_says_sending_before_anything_is_sent",
        (
            Change(
                DELIVERY,
                "outgoing = world.store.begin(heartbeat.lease, ready.take(), world.clock.now())\n",
                "outgoing = ready.take()\n",
            ),
            Change(
                DELIVERY,
                "    now = world.clock.now()\n    failure = future.exception()\n",
                "    now = world.clock.now()\n"
                "    outgoing = world.store.begin(heartbeat.lease, outgoing, now)\n"
                "    failure = future.exception()\n",
            ),
        ),
    ),
    Mutant(
        "no-quiet-time",
        "a lost answer is looked for at once",
        "test_nothing_is_concluded_while_quickbooks_may_still_be_at_work",
        (
            Change(
                OUTBOX,
                "return outgoing.last_sent_at is None or now >= outgoing.last_sent_at + quiet",
                "return outgoing.last_sent_at is None or now >= outgoing.last_sent_at",
            ),
        ),
    ),
    Mutant(
        "no-look-up",
        "after the quiet time it is sent again unseen",
        "test_what_was_applied_unheard_is_found_and_not_sent_again",
        (Change(DELIVERY, "found = _found(world, outgoing, now)", "found = ()"),),
    ),
    Mutant(
        "another-id",
        "each send has a requestid of its own",
        "test_what_is_sent_again_goes_under_the_same_requestid",
        (
            Change(
                DELIVERY,
                "world.books.send(outgoing.document_kind, outgoing.body, outgoing.requestid)",
                "world.books.send(outgoing.document_kind, outgoing.body, outgoing.identity.requestid("
                "outgoing.attempt + (outgoing.last_sent_at - outgoing.first_sent_at).seconds))",
            ),
        ),
    ),
    Mutant(
        "no-fence",
        "a worker that lost its lease goes on writing",
        "test_who_lost_the_lease_writes_nothing",
        (
            Change(
                "adapters/store/leases.py",
                "ours = row is not None and row.fence == lease.fence and row.lease_owner == lease.owner",
                "ours = row is not None",
            ),
        ),
    ),
    Mutant(
        "tokens-used-before-kept",
        "the new pair is kept at the next refresh",
        "test_new_tokens_are_kept_before_they_are_used",
        (
            Change(
                "adapters/quickbooks/grant.py",
                "        self._unsaved = fresh\n",
                "        self._unsaved = fresh\n        return fresh\n",
            ),
        ),
    ),
    Mutant(
        "no-unique-live-key",
        "the database takes two live postings of one key",
        "test_the_database_takes_no_second_live_posting_of_a_key",
        (
            Change(
                "adapters/store/migrations/versions/v0001_first.py",
                '["company", "posting_key"],\n        unique=True,',
                '["company", "posting_key"],\n        unique=False,',
            ),
        ),
    ),
    Mutant(
        "6140-is-a-refusal",
        "a number in use counts as proof that nothing of ours is there",
        "test_a_number_that_is_in_use_may_be_our_own",
        (Change("adapters/quickbooks/answers.py", 'frozenset({"600", "6140"})', 'frozenset({"600"})'),),
    ),
    Mutant(
        "cursor-before-data",
        "the cursor moves before what was read is kept",
        "test_the_cursor_moves_only_with_what_was_read",
        (
            Change(
                "adapters/store/store.py",
                "        now = self._clock.now()\n        for piece in books.pieces(changes.documents):\n",
                "        now = self._clock.now()\n"
                "        if cursor is not None:\n"
                "            with self._writing(lease) as connection:\n"
                "                books.move_cursor(connection, self._company, cursor)\n"
                "        for piece in books.pieces(changes.documents):\n",
            ),
        ),
    ),
    Mutant(
        "sent-though-revoked",
        "what was planned is sent though its row would not pass today",
        "test_only_what_passes_now_is_sent",
        (Change(DELIVERY, " if one.identity.deliverable in sendable)\n    with", ")\n    with"),),
    ),
)


def apply(mutant: Mutant, package: Path) -> None:
    """Change a copy of the package. Raises DoesNotApply where a text does not stand there exactly once."""
    for change in mutant.changes:
        path = package / change.file
        text = path.read_text(encoding="utf-8")
        if text.count(change.old) != 1:
            raise DoesNotApply(f"{mutant.name}: {change.file} holds {text.count(change.old)} times {change.old!r}")
        path.write_text(text.replace(change.old, change.new), encoding="utf-8")
