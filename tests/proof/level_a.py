"""Level A: every sequence of faults in every world, by the real decisions, against a model of QuickBooks.

A schedule is a policy, a world and a sequence of faults: the first send meets the first fault, and so on; when they
are used up nothing fails any more. Counted are all sequences of every length up to the depth. Sequences that lead
into the same state share their future, so each state is played once.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

from .posting_model import START, Frozen, Life, Policy, settle, verdict
from .quickbooks_model import WORLDS, Fault, World
from .score import Broken, Score, Size, Wrong

LETTER = "A"
TITLE = "every sequence of faults in a model, the real decisions"
DEPTH = {Size.CI: 4, Size.NIGHTLY: 5, Size.RELEASE: 6}
SHOWN = 5

# What our code does, with its database kept or restored at each death.
OURS = (Policy("ours"), Policy("ours-restored", forgets=True, looks_first=True))
# One rule less each (reliability.md 1.4): the model must find their duplicates. Behind each, how many of its 921,984
# sequences of four faults bill twice, and how many did in the first model of that page. There are more here, as each
# fault meets a send, requests leave up to 15 s late, and a proxy may hold one back. Fewer without the write-ahead row:
# here only a death loses it, and an answer that is lost while the worker lives is still looked for.
WEAKER = (
    Policy("naive", quiet_s=None, same_id=False),  # 864,360; 668,160
    Policy("same-id-only", quiet_s=None),  # 512,112; 327,126
    Policy("looks-at-once-new-id", quiet_s=0, same_id=False),  # 483,728; 306,008
    Policy("looks-at-once", quiet_s=0),  # 211,737; 97,984
    Policy("quiet-120", quiet_s=120),  # 171,788; 74,200
    Policy("no-write-ahead", write_ahead=False),  # 104,924; 327,126
    Policy("restored-without-looking", forgets=True),  # 125,004; 98,712
    Policy("believes-500", doubts_500=False),  # 39,279; not there
)
POLICIES = {policy.name: policy for policy in (*OURS, *WEAKER)}
CONTROLS = "controls"
CONTROL_DEPTH = {Size.CI: 2, Size.NIGHTLY: 4, Size.RELEASE: 4}


def units(size: Size) -> Sequence[str]:
    """One for each of our policies in each world, and one for each weaker policy in all of them."""
    ours = [f"{policy.name}/{world}/{DEPTH[size]}" for world in WORLDS for policy in OURS]
    return [*ours, *(f"{CONTROLS}/{policy.name}/{CONTROL_DEPTH[size]}" for policy in WEAKER)]


def play(schedule: str) -> Score:
    """`policy/window/lag/restart/depth` plays all sequences; with faults and commas instead of the depth, that one."""
    name, *rest = schedule.split("/")
    if name == CONTROLS:
        return play_control(POLICIES[rest[0]], int(rest[1]))
    window, lag, restart, last = rest
    policy, world = POLICIES[name], World(int(window), int(lag), int(restart))
    if not last.isdigit():
        return play_one(policy, world, faults_of(last))
    return play_all(policy, world, int(last))


def story(schedule: str) -> Sequence[str]:
    """What happens in one schedule, second by second; nothing of a unit."""
    name, *rest = schedule.split("/")
    if name == CONTROLS or rest[-1].isdigit():
        return ()
    return told(POLICIES[name], World(*map(int, rest[:3])), faults_of(rest[3]))[1]


def faults_of(text: str) -> tuple[Fault, ...]:
    """Their names with commas between."""
    return tuple(Fault(each) for each in text.split(",") if each)


def play_all(policy: Policy, world: World, depth: int) -> Score:
    """Every sequence of each length; of those that broke, all are counted and some are named."""
    counted = Census(policy, world)
    schedules, broken = 0, list[Broken]()
    for length in range(depth + 1):
        schedules += len(Fault) ** length
        found = counted.wrongs(START, length)
        if found:
            named = islice(counted.examples(START, length), SHOWN)
            where = f"{sum(found.values()):,} of {len(Fault) ** length:,} sequences of {length} faults"
            broken += [_broken(policy, world, faults, where) for faults in named]
    return Score(schedules, tuple(broken))


def play_one(policy: Policy, world: World, faults: tuple[Fault, ...]) -> Score:
    """One sequence, with its story."""
    wrong, _ = told(policy, world, faults)
    return Score(1, (_broken(policy, world, faults, "this one"),) if wrong else ())


def told(policy: Policy, world: World, faults: tuple[Fault, ...]) -> tuple[Wrong | None, list[str]]:
    """How a sequence ends, and its story."""
    life = Life(policy, world, START, story := [])
    for fault in faults:
        life.step(fault)
    settle(life)
    wrong = verdict(life)
    story.append(f"{life.stage} in the outbox, {len(life.books.applied)} in QuickBooks")
    return wrong, story


def _broken(policy: Policy, world: World, faults: tuple[Fault, ...], where: str) -> Broken:
    wrong, story = told(policy, world, faults)
    schedule = f"{policy.name}/{world}/{','.join(faults)}"
    return Broken(LETTER, schedule, wrong or Wrong.OTHER, f"{where}: {'; '.join(story)}")


def play_control(policy: Policy, depth: int) -> Score:
    """That the model can fail: a weaker policy bills twice somewhere. Its schedules are not counted as ours."""
    if duplicates(policy, depth):
        return Score()
    sentence = f"the model finds no duplicate of the policy {policy.name}"
    return Score(0, (Broken(LETTER, f"{CONTROLS}/{policy.name}/{depth}", Wrong.OTHER, sentence),))


def duplicates(policy: Policy, depth: int) -> int:
    """How many of the sequences of exactly `depth` faults bill twice, in all worlds together."""
    return sum(Census(policy, world).wrongs(START, depth)[Wrong.DUPLICATE] for world in WORLDS)


class Census:
    """Counts what goes wrong from a state on; equal states are counted once."""

    def __init__(self, policy: Policy, world: World) -> None:
        self.policy, self.world = policy, world
        self.known: dict[tuple[Frozen, int], Counter[Wrong]] = {}
        self.after: dict[tuple[Frozen, Fault], Frozen] = {}

    def wrongs(self, state: Frozen, length: int) -> Counter[Wrong]:
        """How many of the sequences of exactly so many faults end how."""
        if (state, length) not in self.known:
            self.known[state, length] = self._end(state) if length == 0 else self._sum(state, length)
        return self.known[state, length]

    def _sum(self, state: Frozen, length: int) -> Counter[Wrong]:
        found = Counter[Wrong]()
        for fault in Fault:
            found.update(self.wrongs(self._after(state, fault), length - 1))
        return found

    def _end(self, state: Frozen) -> Counter[Wrong]:
        life = Life(self.policy, self.world, state)
        settle(life)
        wrong = verdict(life)
        return Counter({wrong: 1} if wrong else {})

    def _after(self, state: Frozen, fault: Fault) -> Frozen:
        if (state, fault) not in self.after:
            life = Life(self.policy, self.world, state)
            life.step(fault)
            self.after[state, fault] = life.frozen()
        return self.after[state, fault]

    def examples(self, state: Frozen, length: int, faults: tuple[Fault, ...] = ()) -> Iterator[tuple[Fault, ...]]:
        """Sequences that go wrong, in order."""
        if length == 0:
            yield faults
            return
        for fault in Fault:
            after = self._after(state, fault)
            if self.wrongs(after, length - 1):
                yield from self.examples(after, length - 1, (*faults, fault))
