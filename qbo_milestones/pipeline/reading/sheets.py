"""Raw sheets become the register: contracts, deliverables, sign-offs, changes, and everything wrong with them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

from qbo_milestones.model.money import Money
from qbo_milestones.pipeline.reading import figures
from qbo_milestones.pipeline.reading.cells import Moment, ReadingRules
from qbo_milestones.pipeline.reading.columns import CHANGES, CONTRACTS, DELIVERABLES, SIGN_OFFS, Form
from qbo_milestones.pipeline.reading.figures import Figure
from qbo_milestones.pipeline.reading.header import canonical_sheets, doubled_sheets, holds_inline, inline_columns
from qbo_milestones.pipeline.reading.rows import (
    Notebook,
    Opened,
    Row,
    Sheet,
    Slot,
    Values,
    is_blank,
    open_sheet,
    read_cells,
    slots_at,
    slots_of,
)
from qbo_milestones.pipeline.register import (
    Change,
    Contract,
    Deliverable,
    Place,
    Problem,
    Register,
    SignOff,
    fold,
)

Contracts = Mapping[str, tuple[Contract, ...]]


@dataclass(slots=True)
class _Desk:
    """What lies on the table while a register is read: its sheets, the rules, and the problems of no row."""

    sheets: dict[str, Sheet]
    rules: ReadingRules
    problems: list[Problem] = field(default_factory=list)

    def open(self, form: Form) -> tuple[Opened, list[Slot]] | None:
        sheet = self.sheets.get(form.name)
        opened = open_sheet(sheet, form, self.rules, self.problems) if sheet else None
        return (opened, slots_of(form, opened, self.rules, self.problems)) if opened else None


def read_register(
    sheets: Iterable[Sheet], rules: ReadingRules | None = None, *, source: str = "", sha256: str = ""
) -> Register:
    """The register that the sheets hold. Never raises for what stands in a cell: that becomes a Problem.

    The rows of each sheet are read once, Contracts first, whatever the order of `sheets`.
    """
    rules = rules or ReadingRules()
    by_name = {sheet.name: sheet for sheet in sheets}
    ours = {name: by_name[there] for name, there in canonical_sheets(list(by_name), rules).items()}
    desk = _Desk(ours, rules)
    for doubled in doubled_sheets(list(by_name), rules):
        sentence = f"several sheets are called {doubled}, and either could be meant; rename all but one"
        desk.problems.append(Problem("MISSING_SHEET", Place(doubled, 1), sentence))
    if DELIVERABLES.name not in ours:
        names = ", ".join(by_name) or "none"
        sentence = f"there is no sheet called Deliverables; found {names}. Name it so, or map it in the settings"
        desk.problems.append(Problem("MISSING_SHEET", Place(DELIVERABLES.name, 1), sentence))
    contracts, deliverables, sign_offs = _main_sheets(desk)
    changes = tuple(_read_changes(desk, contracts))
    return Register(contracts, deliverables, sign_offs, changes, tuple(desk.problems), source, sha256)


def _main_sheets(desk: _Desk) -> tuple[Contracts, tuple[Deliverable, ...], dict[str, tuple[SignOff, ...]]]:
    """Contracts, deliverables and sign-offs, from sheets of their own or inline (ruling 43)."""
    found = desk.open(CONTRACTS)
    contracts = _with_doubles(_read_contracts(*found, desk)) if found else {}
    main = desk.open(DELIVERABLES)
    inline_sign_offs: list[SignOff] = []
    stopped: set[str] = set()
    deliverables: tuple[Deliverable, ...] = ()
    if main:
        opened, slots = main
        if CONTRACTS.name not in desk.sheets or SIGN_OFFS.name not in desk.sheets:
            opened, contracts, inline_sign_offs = _read_inline(opened, contracts, desk)
        deliverables, stopped = _without_doubles(_read_deliverables(opened, slots, contracts, desk), desk)
    found = desk.open(SIGN_OFFS)
    sign_offs = chain(inline_sign_offs, _read_sign_offs(*found, desk) if found else ())
    return contracts, deliverables, _by_deliverable(sign_offs, {it.key for it in deliverables} | stopped, desk)


def _rows(opened: Opened, slots: list[Slot], form: Form, desk: _Desk) -> Iterator[tuple[Values, Notebook]]:
    """The rows that bear their key, with their fields. One with text but no key is reported (ruling 44)."""
    note = Notebook(opened.name)
    key = form.key.field
    for row in opened.rows:
        note.turn(row.number)
        values = read_cells(row, slots, note)
        if key in values:
            yield values, note
        elif not is_blank(row):
            desk.problems.extend(_without_key(note, form))


def _without_key(note: Notebook, form: Form) -> list[Problem]:
    if bad := [it for it in note.problems if it.kind == "BAD_ID" and it.place.column == form.key.name]:
        return bad
    place = Place(note.sheet, note.row, form.key.name)
    sentence = f"the row has text but no {form.key.name}, so it is not read"
    # Notes and totals stand below the deliverables of many a workbook; in the other sheets a decision may be lost.
    return [Problem("MISSING_ID", place, sentence, warning=form is DELIVERABLES)]


def _read_contracts(opened: Opened, slots: list[Slot], desk: _Desk) -> Iterator[Contract]:
    for values, note in _rows(opened, slots, CONTRACTS, desk):
        yield _contract(values, note)


def _contract(values: Values, note: Notebook) -> Contract:
    # A version that cannot be read must not pass for version 1.
    unreadable = any(it.kind == "BAD_NUMBER" and it.place.column == "Version" for it in note.problems)
    version = values.pop("version", 0 if unreadable else 1)
    currency = values.pop("currency", "")
    if not currency and not any(problem.kind == "BAD_WORD" for problem in note.problems):
        note.column = "Currency"
        note("BAD_WORD", "the contract has no currency; write its ISO code, such as USD")
    value = _money(values.pop("value", None), currency, "Contract value", note)
    values = {"effective_from": None, "customer": "", **values}
    return Contract(
        version=version, currency=currency, value=value, row=note.row, problems=tuple(note.problems), **values
    )


def _with_doubles(contracts: Iterable[Contract]) -> Contracts:
    """By folded reference, oldest version first; two rows of one version both say so."""
    found: defaultdict[str, defaultdict[int, list[Contract]]] = defaultdict(lambda: defaultdict(list))
    for contract in contracts:
        found[fold(contract.reference)][contract.version].append(contract)
    return {
        reference: tuple(chain.from_iterable(_marked(versions[number]) for number in sorted(versions)))
        for reference, versions in found.items()
    }


def _marked(same: list[Contract]) -> Iterator[Contract]:
    rows = _listed([contract.row for contract in same])
    for contract in same:
        if len(same) == 1:
            yield contract
            continue
        sentence = f"version {contract.version} of {contract.reference} stands in rows {rows}; keep one"
        problem = Problem("DUPLICATE_VERSION", Place(CONTRACTS.name, contract.row, "Version"), sentence)
        yield replace(contract, problems=(*contract.problems, problem))


def _read_deliverables(opened: Opened, slots: list[Slot], contracts: Contracts, desk: _Desk) -> Iterator[Deliverable]:
    currencies = _Currencies(contracts)
    for values, note in _rows(opened, slots, DELIVERABLES, desk):
        currency = currencies.of(values.get("contract", ""), values.get("contract_version"), note)
        amount, share = values.pop("amount", None), values.pop("share", None)
        if isinstance(share, Figure):
            amount = amount or share
        elif share is not None:
            values.setdefault("percent", share)
        if amount is not None and "percent" in values:
            note.column = "Amount"
            note("BAD_AMOUNT", "both an amount and a percentage are given; keep one")
            amount = values.pop("percent") and None
        _split_moment(values, "submitted", "submitted_on", "submitted_time")
        values["amount"] = _money(amount, currency, "Amount", note)
        yield Deliverable(row=note.row, problems=tuple(note.problems), **_filled(values, "contract"))


class _Currencies:
    """The currency of the version that a row stands on; without a version, the one that all versions share.

    Each answer is kept: a contract may have very many rows, and a hostile one very many versions.
    """

    def __init__(self, contracts: Contracts) -> None:
        self.contracts = contracts
        self.known: dict[tuple[str, int | None], tuple[str, str]] = {}

    def of(self, reference: str, version: int | None, note: Notebook) -> str:
        """An ISO code; empty, and a complaint, where the contract does not say."""
        if not reference:
            return ""
        key = (fold(reference), version)
        if key not in self.known:
            self.known[key] = self._look_up(reference, version)
        currency, complaint = self.known[key]
        if complaint:
            note.column = "Contract"
            note("UNKNOWN_CONTRACT", complaint)
        return currency

    def _look_up(self, reference: str, version: int | None) -> tuple[str, str]:
        versions = self.contracts.get(fold(reference), ())
        if not versions:
            return "", f"there is no contract {reference}"
        currencies = {it.currency for it in versions if version is None or it.version == version}
        if not currencies:
            return "", f"contract {reference} has no version {version}"
        if len(currencies) > 1:
            return "", f"the versions of {reference} are in several currencies; write which version it is"
        return currencies.pop(), ""


def _money(figure: Figure | None, currency: str, column: str, note: Notebook) -> Money | None:
    if figure is None or not currency:  # what is wrong with the contract or its currency has been said
        return None
    note.column = column
    return figures.money(figure, currency, note)


def _split_moment(values: Values, field_: str, day: str, clock: str) -> None:
    moment: Moment | None = values.pop(field_, None)
    if moment is not None:
        values[day], values[clock] = moment.day, moment.clock


def _filled(values: Values, *names: str) -> dict[str, Any]:
    return {**dict.fromkeys(names, ""), **values}


def _without_doubles(deliverables: Iterable[Deliverable], desk: _Desk) -> tuple[tuple[Deliverable, ...], set[str]]:
    """The deliverables whose id is theirs alone; an id borne by several rows stops all of them, and only them."""
    found: dict[str, Deliverable] = {}
    doubles: defaultdict[str, list[Deliverable]] = defaultdict(list)
    for deliverable in deliverables:
        first = found.setdefault(deliverable.key, deliverable)
        if first is not deliverable:
            doubles[deliverable.key] += [deliverable] if doubles[deliverable.key] else [first, deliverable]
    sheet = desk.sheets[DELIVERABLES.name].name
    for key, bearers in doubles.items():
        del found[key]
        rows = _listed([it.row for it in bearers])
        sentence = f"{bearers[0].id} stands in rows {rows}; an id is never used twice, so none of them is billed"
        desk.problems += [
            Problem("DUPLICATE_ID", Place(sheet, it.row, DELIVERABLES.key.name), sentence) for it in bearers
        ]
    return tuple(found.values()), set(doubles)


def _listed(rows: list[int]) -> str:
    return ", ".join(map(str, rows[:20])) + (f" and {len(rows) - 20} more" if len(rows) > 20 else "")


def _read_sign_offs(opened: Opened, slots: list[Slot], desk: _Desk) -> Iterator[SignOff]:
    for values, note in _rows(opened, slots, SIGN_OFFS, desk):
        yield _sign_off(values, note)


def _sign_off(values: Values, note: Notebook) -> SignOff:
    _split_moment(values, "signed", "signed_on", "signed_time")
    return SignOff(row=note.row, problems=tuple(note.problems), **values)


def _by_deliverable(sign_offs: Iterable[SignOff], known: set[str], desk: _Desk) -> dict[str, tuple[SignOff, ...]]:
    """By folded deliverable id, in the order of the rows; those of an unknown deliverable are reported."""
    found: defaultdict[str, list[SignOff]] = defaultdict(list)
    sheet = desk.sheets.get(SIGN_OFFS.name)
    for sign_off in sign_offs:
        key = fold(sign_off.deliverable)
        found[key].append(sign_off)
        if key not in known:
            place = Place(sheet.name if sheet else SIGN_OFFS.name, sign_off.row, SIGN_OFFS.key.name)
            sentence = f"there is no deliverable {sign_off.deliverable}, so this sign-off does nothing"
            desk.problems.append(Problem("UNKNOWN_DELIVERABLE", place, sentence, warning=True))
    return {key: tuple(several) for key, several in found.items()}


def _read_changes(desk: _Desk, contracts: Contracts) -> Iterator[Change]:
    """Change requests. One without a readable id still comes out: it may block what it touches."""
    found = desk.open(CHANGES)
    if not found:
        return
    opened, slots = found
    note, currencies = Notebook(opened.name), _Currencies(contracts)
    for row in opened.rows:
        note.turn(row.number)
        values = read_cells(row, slots, note)
        if is_blank(row):
            continue
        if "id" not in values:
            note.problems.extend(_without_key(note, CHANGES))
        currency = currencies.of(values.get("contract", ""), None, note)
        values["fee_delta"] = _money(values.get("fee_delta"), currency, "Fee delta", note)
        yield Change(row=row.number, problems=tuple(dict.fromkeys(note.problems)), **_filled(values, "id", "contract"))


def _read_inline(opened: Opened, contracts: Contracts, desk: _Desk) -> tuple[Opened, Contracts, list[SignOff]]:
    """The contracts and sign-offs that stand in Deliverables itself, where they have no sheet (ruling 43).

    The rows are kept, for they are read again as deliverables.
    """
    rows = list(opened.rows)
    sign_offs: list[SignOff] = []
    for form in (CONTRACTS, SIGN_OFFS):
        found = inline_columns(opened.header, form, desk.rules)
        if form.name in desk.sheets or not holds_inline(form, found):
            continue
        slots = slots_at(form, found, opened, desk.rules, desk.problems)
        if form is CONTRACTS:
            contracts = _inline_contracts(rows, slots, opened.name)
        else:
            sign_offs = list(_inline_sign_offs(rows, slots, opened.name))
    return replace(opened, rows=iter(rows)), contracts, sign_offs


def _inline_contracts(rows: list[Row], slots: list[Slot], sheet: str) -> Contracts:
    """Each version once: the first row says what it is, later ones may leave cells empty but not say otherwise."""
    found: dict[tuple[str, int], tuple[Values, Notebook]] = {}
    for row in rows:
        note = Notebook(sheet, row.number)
        values = read_cells(row, slots, note)
        if "reference" not in values:
            continue
        key = (fold(values["reference"]), values.get("version", 1))
        first, its_note = found.setdefault(key, (values, note))
        if differing := sorted(name for name in set(first) & set(values) if not _same(first[name], values[name])):
            columns = ", ".join(column.name for column in CONTRACTS.columns if column.field in differing)
            its_note.column = "Contract"
            its_note("DUPLICATE_VERSION", f"row {row.number} says something else about the same contract: {columns}")
        for name, value in values.items():
            first.setdefault(name, value)
    return _with_doubles(_contract(values, note) for values, note in found.values())


def _same(one: object, other: object) -> bool:
    return fold(one) == fold(other) if isinstance(one, str) and isinstance(other, str) else one == other


def _inline_sign_offs(rows: list[Row], slots: list[Slot], sheet: str) -> Iterator[SignOff]:
    note = Notebook(sheet)
    for row in rows:
        note.turn(row.number)
        values = read_cells(row, slots, note)
        if "deliverable" in values and set(values) - {"deliverable", "revision"}:
            yield _sign_off(values, note)
