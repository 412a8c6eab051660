"""Level A itself: it counts what it says, finds what is wrong with weaker protocols, and shows each story."""

from collections import Counter
from itertools import product

import pytest

from .level_a import LETTER, OURS, POLICIES, WEAKER, Census, duplicates, play, told, units
from .posting_model import START, Policy, failure_of
from .quickbooks_model import FOR_EVER, WORLDS, Fault, Quickbooks, World
from .score import Size, Wrong

HARDEST = World(0, 300, 20)


def test_the_sequences_are_those_of_the_page() -> None:
    """reliability.md 1.4: 14 fault kinds to the fourth in 12 worlds with two restarts are 921,984 a policy."""
    assert len(Fault) ** 4 * len(WORLDS) == 921_984
    assert len({(world.window_s, world.lag_s) for world in WORLDS}) == 12


def test_a_unit_counts_every_length() -> None:
    """Sequences of 0, 1 and 2 faults."""
    assert play(f"ours/{HARDEST}/2").schedules == 1 + 14 + 14**2
    counted = [unit for unit in units(Size.CI) if unit.startswith("ours")]
    assert len(counted) == len(WORLDS) * len(OURS)


@pytest.mark.parametrize("policy", [OURS[0], WEAKER[3], WEAKER[5]], ids=lambda policy: policy.name)
@pytest.mark.parametrize("world", [World(60, 30, 20), World(900, 300, 4000)], ids=str)
def test_sharing_states_changes_no_count(policy: Policy, world: World) -> None:
    """Each of the 196 sequences played from its beginning ends as the shared count says."""
    plain = Counter(wrong for faults in product(Fault, repeat=2) if (wrong := told(policy, world, faults)[0]))
    assert Census(policy, world).wrongs(START, 2) == plain


@pytest.mark.parametrize("policy", WEAKER, ids=lambda policy: policy.name)
def test_without_each_rule_the_model_finds_duplicates(policy: Policy) -> None:
    """reliability.md 1.4: a model that cannot fail would prove nothing. The least of the page's rows come out last."""
    assert duplicates(policy, 2) > 0


def test_the_order_of_the_policies_is_that_of_the_page() -> None:
    """From naive to restored without looking, each rule helps."""
    found = {name: duplicates(policy, 2) for name, policy in POLICIES.items()}
    assert found["naive"] > found["same-id-only"] > found["looks-at-once"] > found["ours"] == 0
    assert found["looks-at-once-new-id"] > found["looks-at-once"]


def test_same_id_alone_is_enough_only_where_it_is_remembered_for_ever() -> None:
    """reliability.md 1.4, second row. Even then not where a second send is refused: a correction has another id,
    though the first may have been applied. Ours has looked before it sent again.
    """
    same_id = POLICIES["same-id-only"]
    found = {world: tuple(Census(same_id, world).examples(START, 2)) for world in WORLDS}
    assert all(found[world] for world in WORLDS if world.window_s != FOR_EVER)
    for world in (world for world in WORLDS if world.window_s == FOR_EVER):
        assert all(Fault.REFUSED in faults[1:] for faults in found[world])


def test_after_the_quiet_time_even_a_new_id_is_safe() -> None:
    """One barrier may fall: the look-up alone carries us where a requestid means nothing."""
    assert duplicates(Policy("new-id", same_id=False), 2) == 0


@pytest.mark.parametrize(("quiet_s", "safe"), [(434, False), (435, True)])
def test_the_quiet_time_is_the_sum_of_its_parts(quiet_s: int, safe: bool) -> None:
    """15 s to leave, 120 s of work, 300 s of lag: one second less bills twice, and ours has 15 s to spare."""
    assert (duplicates(Policy("tight", quiet_s=quiet_s), 1) == 0) is safe


def test_a_broken_schedule_can_be_played_again() -> None:
    """What a unit names is what one schedule shows, with its story."""
    score = play(f"looks-at-once/{HARDEST}/1")
    assert {broken.wrong for broken in score.broken} == {Wrong.DUPLICATE}
    for broken in score.broken:
        (again,) = play(broken.schedule).broken
        assert (again.level, again.wrong, again.schedule) == (LETTER, broken.wrong, broken.schedule)
    assert "sent as attempt 1: late; 15 s: looked for, 0 found" in next(
        broken.sentence for broken in score.broken if broken.schedule.endswith("/late")
    )


def test_a_model_that_finds_nothing_is_itself_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """The controls are part of the level."""
    assert play("controls/naive/1").broken == ()
    monkeypatch.setattr(Quickbooks, "_apply", lambda *_: None)
    assert [broken.wrong for broken in play("controls/naive/1").broken] == [Wrong.OTHER]


def test_quickbooks_forgets_as_the_world_says() -> None:
    """A requestid is honoured for its window from when it arrived."""
    for window, at, kept in ((0, 0, False), (60, 59, True), (60, 60, False), (FOR_EVER, 10**9, True)):
        books = Quickbooks(World(window, 0, 20))
        books.receive("one", 0, None)
        assert books.remembers("one", at) is kept
        assert not books.remembers("two", at)


def test_every_fault_that_is_answered_has_its_failure() -> None:
    """By the adapter's own word: proved ones are not doubtful, all others are."""
    kinds = {fault: type(failure_of(fault)).__name__ for fault in Fault if not fault.startswith("dies")}
    sure = {Fault.UNREACHABLE: "Unavailable", Fault.REFUSED: "Refused", Fault.THROTTLED: "Unavailable"}
    assert kinds == {fault: sure.get(fault, "Doubtful") for fault in kinds}
