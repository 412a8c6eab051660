"""Why was it not billed: every deliverable row is Billable, or Held with every reason (design.md; rulings 1, 11, 37).

The run calls it in four steps: `evidence_wanted` says which files to look for, `examine` decides, `confirm` looks at
the hashed files of what is about to be posted (ruling 18), and `keep_cap` holds what would pass its contract's value.
Nothing in here reads a file or a clock, and no setting makes it bill without a valid sign-off.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from qbo_milestones.pipeline.gate.agreement import Agreements, Standing, in_force
from qbo_milestones.pipeline.gate.amounts import Line, Priced, price
from qbo_milestones.pipeline.gate.change_requests import ChangeRequests
from qbo_milestones.pipeline.gate.controls import blockers, dependencies
from qbo_milestones.pipeline.gate.decision import Desk, evidence_path, file_reasons
from qbo_milestones.pipeline.gate.held import Reason, reason
from qbo_milestones.pipeline.gate.moments import zone
from qbo_milestones.pipeline.gate.people import blank
from qbo_milestones.pipeline.gate.row_checks import CHECKS, SHEET, claims_billing, settled
from qbo_milestones.pipeline.gate.sign_off import Judgement, judge
from qbo_milestones.pipeline.gate.verdict import Acceptance, Billable, Billed, EvidenceFile, Held, Rules, Verdict
from qbo_milestones.pipeline.register import Deliverable, Place, Register, fold

_NOTHING: Mapping[str, Billed] = MappingProxyType({})


def evidence_wanted(register: Register, billed: Mapping[str, Billed]) -> set[str]:
    """The paths of evidence that can still matter, as the cells have them: of open rows and of what blocks rows.

    Links are not among them. `billed` is by folded deliverable id.
    """
    wanted: set[str] = set()
    waited_for = blockers(register.deliverables)
    for row in register.deliverables:
        key = row.key
        is_open = claims_billing(row) and key not in billed and blank(row.already_invoiced_as)
        if is_open or key in waited_for:
            wanted.update(
                evidence_path(record)
                for record in register.sign_offs.get(key, ())
                if record.evidence and record.revision in (row.revision, None)
            )
    wanted.discard("")
    return wanted


def examine(
    register: Register,
    billed: Mapping[str, Billed],
    evidence: Mapping[str, EvidenceFile],
    rules: Rules,
    half: Mapping[str, Billed] = _NOTHING,
) -> tuple[Verdict, ...]:
    """The verdict on every deliverable row, in the order of the rows.

    `billed` is by folded deliverable id; `evidence` by path, existence only, of at least `evidence_wanted`. Of the
    `half` something stands in the books, and the rest is still to be decided: their amounts are constants (ruling 19).
    """
    if rules.now.tzinfo is None or (rules.starts_on_required and rules.starts_on is None):
        raise AssertionError("the settings give an aware time, and refuse a missing starts_on")
    gate = _Gate(register, billed, evidence, rules, half)
    return tuple(gate.verdict(n) for n in range(len(register.deliverables)))


def accepted(register: Register, rules: Rules) -> frozenset[str]:
    """The folded ids of deliverables with a valid acceptance on record now, billed or not.

    Evidence is taken to be where the record says: a file that was lost after billing is no lost acceptance.
    """
    paths = {evidence_path(record) for records in register.sign_offs.values() for record in records}
    gate = _Gate(register, {}, {path: EvidenceFile(path) for path in paths}, rules)
    return gate.accepted()


def confirm(verdicts: Sequence[Verdict], hashed: Mapping[str, EvidenceFile]) -> tuple[Verdict, ...]:
    """The verdicts after the evidence of the billable rows was read: with its SHA-256, or held.

    `hashed` is by path as the cell has it. A link has the SHA-256 that the register gives, if any.
    """
    return tuple(_confirmed(each, hashed) if isinstance(each, Billable) else each for each in verdicts)


def _confirmed(billable: Billable, hashed: Mapping[str, EvidenceFile]) -> Verdict:
    record = billable.acceptance.sign_off
    path = evidence_path(record)
    if not path:
        return _with_hash(billable, record.sha256.lower())
    file = hashed.get(path)
    if file is not None and not file.problem and not file.sha256:
        file = replace(file, problem="could not be read")
    found = tuple(file_reasons(record, file))
    if found or file is None:
        return Held(billable.deliverable, found, billable.amount)
    return _with_hash(billable, file.sha256.lower())


def _with_hash(b: Billable, sha256: str) -> Billable:
    # Written out, because dataclasses.replace takes several times as long.
    return Billable(b.deliverable, b.contract, b.acceptance, b.amount, sha256, b.cap)


@dataclass(frozen=True, slots=True)
class _Indexes:
    """The rows of a register by folded id, and the ids that stand for a split."""

    rows: Mapping[str, Sequence[Deliverable]]
    parents: frozenset[str]


def _index(rows: Sequence[Deliverable]) -> _Indexes:
    by_key: dict[str, list[Deliverable]] = defaultdict(list)
    for row in rows:
        by_key[row.key].append(row)
    parents = frozenset(fold(row.parent) for row in rows if row.parent)
    return _Indexes(by_key, parents)


class _Gate:
    """One examination: everything that rows share, looked at once."""

    def __init__(
        self,
        register: Register,
        billed: Mapping[str, Billed],
        evidence: Mapping[str, EvidenceFile],
        rules: Rules,
        half: Mapping[str, Billed] = _NOTHING,
    ) -> None:
        company = zone(rules.zone)
        if company is None:
            raise AssertionError("the settings give the company a known zone")
        today = rules.now.astimezone(company).date()
        self._register, self._billed, self._rules = register, billed, rules
        self._desk = Desk(rules, company, evidence)
        agreements = Agreements(register.contracts, today, company, rules.home_currency)
        self._lines = [Line(row, row.key, agreements.of(row)) for row in register.deliverables]
        self._priced = price(self._lines, {**billed, **half} if half else billed)
        for n, line in enumerate(self._lines) if half else ():
            if line.key in half:
                self._priced[n] = replace(self._priced[n], amount=half[line.key].amount)
        self._index = _index(register.deliverables)
        self._standing = {line.key: line.standing for line in self._lines}
        self._changes = ChangeRequests(register.changes, self._index.rows)
        self._judged: dict[str, Judgement] = {}
        self._waiting = dependencies(self._index.rows, self._open_because)

    def verdict(self, n: int) -> Verdict:
        """The verdict on one row."""
        line, priced = self._lines[n], self._priced[n]
        closed = tuple(self._closed(line))
        if closed:
            return Held(line.row, closed, priced.amount)
        judged = self._judge(line.row, line.key, line.standing)
        found = (*self._open(line, priced, judged),)
        if found:
            return Held(line.row, tuple(dict.fromkeys(found)), priced.amount)
        contract, in_force = line.standing.contract, line.standing.in_force
        if contract is None or in_force is None or judged.acceptance is None or priced.amount is None:
            raise AssertionError(f"{line.row.id} has no reason to be held, and not all to be billed")
        return Billable(line.row, contract, judged.acceptance, priced.amount, cap=in_force.value)

    def accepted(self) -> frozenset[str]:
        """The keys of all rows with a valid acceptance."""
        signed = (line for line in self._lines if line.key in self._register.sign_offs)
        return frozenset(line.key for line in signed if self._judge(line.row, line.key, line.standing).acceptance)

    def _closed(self, line: Line) -> Iterator[Reason]:
        """Why nothing more is asked of a row; then nothing else is said of it."""
        each = self._billed.get(line.key)
        if each is not None:
            text = f"it is billed already: {each.where}, {each.amount}. A deliverable is billed once."
            yield reason("ALREADY_BILLED", Place(SHEET, line.row.row, "Deliverable ID"), text)
        found = list(settled(line.row))
        yield from found
        if found and each is None and blank(line.row.already_invoiced_as):
            yield from self._waiting.get(line.key, ())

    def _open(self, line: Line, priced: Priced, judged: Judgement) -> Iterator[Reason]:
        """All that is wrong with a row that is meant to be billed."""
        row, standing = line.row, line.standing
        yield from self._identified(line)
        for check in CHECKS:
            yield from check(row, standing)
        yield from priced.reasons
        if priced.amount is None and not priced.reasons and row.percent is not None:
            yield from self._unpriced(line)
        yield from judged.reasons
        accepted_on = judged.acceptance.accepted_on if judged.acceptance else None
        if judged.acceptance:
            yield from self._in_time(line, judged.acceptance)
        yield from self._waiting.get(line.key, ())
        yield from self._changes.touching(line.key, standing.key, accepted_on)
        if row.parent or line.key in self._index.parents:
            yield _split(row)

    def _identified(self, line: Line) -> Iterator[Reason]:
        if line.key and len(self._index.rows[line.key]) == 1:
            return
        place = Place(SHEET, line.row.row, "Deliverable ID")
        if not line.key:
            yield reason("MISSING_ID", place, "no Deliverable ID. Give the row one that is never used again.")
        else:
            others = [str(row.row) for row in self._index.rows[line.key] if row.row != line.row.row][:5]
            yield reason(
                "DUPLICATE_ID", place, f"{line.row.id} also stands in row {', '.join(others)}. Use an ID once."
            )

    def _unpriced(self, line: Line) -> Iterator[Reason]:
        """A percentage of nothing: its contract is not known, or has no value in force."""
        text = f"{line.row.percent}% of a contract value that is not in force yet. Complete the contract first."
        yield reason("MISSING_AMOUNT", Place(SHEET, line.row.row, "Percent"), text)

    def _in_time(self, line: Line, acceptance: Acceptance) -> Iterator[Reason]:
        starts_on = self._rules.starts_on
        if starts_on is not None and acceptance.accepted_on < starts_on:
            text = f"accepted on {acceptance.accepted_on}, before billing starts here on {starts_on}."
            advice = "Invoice it by hand if that was never done."
            yield reason("BEFORE_GO_LIVE", Place("Sign-offs", acceptance.sign_off.row, "Signed at"), f"{text} {advice}")
        then = in_force(line.standing.versions, acceptance.accepted_on)
        now = line.standing.in_force
        if line.row.percent is not None and then and now and then.value != now.value:
            text = (
                f"version {now.version} would re-price {line.row.percent}% of {then.value}, which was accepted on "
                f"{acceptance.accepted_on}. Write the accepted amount as a fixed one."
            )
            yield reason("CR_TOUCHES_ACCEPTED", Place("Contracts", now.row, "Contract value"), text)

    def _judge(self, row: Deliverable, key: str, standing: Standing) -> Judgement:
        judged = self._judged.get(key)
        if judged is None:
            records = self._register.sign_offs.get(key, ())
            judged = self._judged[key] = judge(row, standing.contract, standing.local, records, self._desk)
        return judged

    def _open_because(self, key: str) -> str:
        """Why a row is not accepted, for what waits for it; empty where it is. A control needs no amount."""
        row = self._index.rows[key][0]
        problems = [problem for problem in row.problems if not problem.warning]
        if problems:
            return f"{problems[0].place} cannot be read"
        judged = self._judge(row, key, self._standing[key])
        return "" if judged.acceptance else judged.reasons[0].sentence.rstrip(".")


def _split(row: Deliverable) -> Reason:
    says = f"it was split from {row.parent}" if row.parent else "it was split into parts"
    text = f"{says}; splits are not billed by this version. Write each part as a deliverable of its own."
    return reason("SPLIT_NOT_SUPPORTED", Place(SHEET, row.row, "Parent"), text)
