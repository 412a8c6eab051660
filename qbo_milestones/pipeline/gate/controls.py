"""What waits for what: an open control holds the rows that name it, through chains and circles (R36).

A row is clear when each id in its Blocked by is a row of the register that was validly accepted and is clear itself.
Time and memory are linear in the register and its references, and nothing recurses: a chain may be
as long as the sheet.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from qbo_milestones.pipeline.gate.held import Reason, reason
from qbo_milestones.pipeline.register import Deliverable, Place, fold

_SHEET = "Deliverables"
_NAMED_IN_CIRCLE = 10


@dataclass(frozen=True, slots=True)
class _Graph:
    """The rows by folded id, and the folded ids that each waits for. An id with several rows has the first."""

    rows: Mapping[str, Deliverable]
    waits_for: Mapping[str, tuple[str, ...]]


def blockers(rows: Iterable[Deliverable]) -> frozenset[str]:
    """The folded ids that some row waits for."""
    return frozenset(fold(each) for row in rows for each in row.blocked_by)


def dependencies(
    rows: Mapping[str, Sequence[Deliverable]], open_because: Callable[[str], str]
) -> dict[str, tuple[Reason, ...]]:
    """Why each row that waits is not clear, by folded id; a row that is clear has no entry.

    `rows` are by folded id; `open_because` says why an id is not accepted, and is empty where it is.
    """
    graph = _graph(rows)
    circles: dict[str, str] = {}
    stuck: dict[str, str] = {}
    found: dict[str, tuple[Reason, ...]] = {}
    for group in _Walk(graph).groups():
        circle = _circle(group, graph)
        circles.update(dict.fromkeys(group, circle) if circle else {})
        for key in group:
            whys = tuple(_whys(key, graph, circles, stuck, open_because, rows))
            if whys:
                found[key] = whys
                stuck[key] = circle or _root(key, graph, stuck, open_because, rows)
    return found


def _graph(rows: Mapping[str, Sequence[Deliverable]]) -> _Graph:
    first = {key: min(several, key=lambda row: row.row) for key, several in rows.items()}
    waits = {
        key: tuple(dict.fromkeys(fold(each) for row in several for each in row.blocked_by))
        for key, several in rows.items()
        if any(row.blocked_by for row in several)
    }
    return _Graph(first, waits)


class _Walk:
    """Tarjan's walk with a stack of its own: it yields each circle, or row in none, after all that it waits for."""

    def __init__(self, graph: _Graph) -> None:
        self._graph = graph
        self._index: dict[str, int] = {}
        self._low: dict[str, int] = {}
        self._open: dict[str, None] = {}
        self._work: list[tuple[str, Iterator[str]]] = []

    def groups(self) -> Iterator[list[str]]:
        """Every row that waits for something, in groups."""
        for start in self._graph.waits_for:
            if start not in self._index:
                self._enter(start)
            while self._work:
                yield from self._step()

    def _enter(self, key: str) -> None:
        self._index[key] = self._low[key] = len(self._index)
        self._open[key] = None
        self._work.append((key, iter(self._graph.waits_for[key])))

    def _step(self) -> Iterator[list[str]]:
        """Go one deeper from the row on top, or leave it for good."""
        key, rest = self._work[-1]
        for each in rest:
            if each not in self._graph.waits_for:
                continue  # waits for nothing, so it is in no circle
            if each not in self._index:
                self._enter(each)
                return
            if each in self._open:
                self._low[key] = min(self._low[key], self._index[each])
        self._work.pop()
        if self._work:
            above = self._work[-1][0]
            self._low[above] = min(self._low[above], self._low[key])
        if self._low[key] == self._index[key]:
            yield self._closed(key)

    def _closed(self, key: str) -> list[str]:
        group: list[str] = []
        while not group or group[-1] != key:
            group.append(self._open.popitem()[0])
        return group


def _circle(group: list[str], graph: _Graph) -> str:
    """One way around, as ids, if the group is a circle; the same whatever the order of the rows."""
    members = set(group)
    if len(group) == 1 and group[0] not in graph.waits_for[group[0]]:
        return ""
    key = min(members)
    path: dict[str, int] = {}
    while key not in path:
        path[key] = len(path)
        key = min(each for each in graph.waits_for[key] if each in members)
    around = list(path)[path[key] :]
    around = around[(least := around.index(min(around))) :] + around[:least]
    names = [graph.rows[each].id for each in around[:_NAMED_IN_CIRCLE]]
    more = [f"… {len(around) - len(names)} more"] if len(around) > len(names) else []
    return " -> ".join((*names, *more, names[0]))


def _whys(
    key: str,
    graph: _Graph,
    circles: Mapping[str, str],
    stuck: Mapping[str, str],
    open_because: Callable[[str], str],
    rows: Mapping[str, Sequence[Deliverable]],
) -> Iterator[Reason]:
    row = graph.rows[key]
    place = Place(_SHEET, row.row, "Blocked by")
    if key in circles:
        text = f"the rows wait for each other: {circles[key]}. Take one of them out of the circle."
        yield reason("DEPENDENCY_CIRCLE", place, text)
    for blocker in graph.waits_for[key]:
        if key in circles and circles.get(blocker) == circles[key]:
            continue
        because = _cause(blocker, graph, open_because, rows)
        if because:
            yield reason("DEPENDENCY_OPEN", place, f"{because}. Resolve it first.")
        elif blocker in stuck:
            name = graph.rows[blocker].id
            text = f"{name} is accepted, but is itself held: {stuck[blocker]}. Resolve that first."
            yield reason("DEPENDENCY_OPEN", place, text)


def _cause(
    blocker: str, graph: _Graph, open_because: Callable[[str], str], rows: Mapping[str, Sequence[Deliverable]]
) -> str:
    """Why a blocker by itself is open; empty where it is accepted."""
    row = graph.rows.get(blocker)
    if row is None:
        return f"{blocker} is no row of the register"
    if len(rows[blocker]) > 1:
        return f"{row.id} stands in the register more than once"
    because = open_because(blocker)
    return f"{row.id} ({_SHEET} row {row.row}) is open: {because}" if because else ""


def _root(
    key: str,
    graph: _Graph,
    stuck: Mapping[str, str],
    open_because: Callable[[str], str],
    rows: Mapping[str, Sequence[Deliverable]],
) -> str:
    """What, at the end of the chain, holds a row: the first that is found, in the order of the cell."""
    for blocker in graph.waits_for[key]:
        found = _cause(blocker, graph, open_because, rows) or stuck.get(blocker, "")
        if found:
            return found
    raise AssertionError(f"{key} is held by nothing")
