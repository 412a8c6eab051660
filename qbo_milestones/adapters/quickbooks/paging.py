"""Reading a list of any length, while people go on working in QuickBooks: nothing skipped, nothing twice."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from qbo_milestones.adapters.quickbooks.query import MOST_ROWS, UPDATED, Condition, select
from qbo_milestones.errors import Unavailable

Row = dict[str, Any]
Ask = Callable[[str], dict[str, Any]]

_PASSES = 10
_SECOND = timedelta(seconds=1)


class Pages:
    """The rows of one entity in the order of their last change, a page at a time.

    Counting positions through the whole list would skip a row whenever an earlier one is edited, since an edit moves
    that row to the end and all behind it one up. So each page asks for what changed at or after the last page's
    last second, from its first position, and leaves out what it has already given. An edited row comes once more,
    in its new version. Ids are no help: QuickBooks neither compares nor sorts them (quickbooks-online.md 5).
    """

    def __init__(
        self,
        ask: Ask,
        entity: str,
        conditions: Sequence[Condition] = (),
        *,
        inactive: bool = False,
        rows: int = MOST_ROWS,
    ) -> None:
        self._ask, self._entity, self._conditions = ask, entity, tuple(conditions)
        self._inactive, self._rows = inactive, rows
        self._given: dict[str, tuple[object, object]] = {}

    def read(self, since: datetime | None = None) -> Iterator[list[Row]]:
        """Pages of at most `rows` rows; at least one page, which may be empty. Raises what `ask` raises."""
        at = since.replace(microsecond=0) if since is not None else None
        while True:
            page = self._page([] if at is None else [Condition(UPDATED, ">=", at)], 1)
            yield self._fresh(page)
            if len(page) < self._rows:
                return
            last = _second(page[-1], at)
            if at is not None and last <= at:
                yield from self._crowded(at)
                last = at + _SECOND
            at = last
            self._forget(page, at)

    def _forget(self, page: list[Row], at: datetime) -> None:
        """Keep only what a later page can hold once more, so that memory stays that of a page."""
        again = {str(row.get("Id")) for row in page if _second(row, at) >= at}
        self._given = {id_: version for id_, version in self._given.items() if id_ in again}

    def _crowded(self, at: datetime) -> Iterator[list[Row]]:
        """One second that holds more rows than a page, as after an import: here positions must be counted.

        Rows can only leave a second that is past. So while the count stays the same, nobody left, and once as many
        rows were seen they are all; else there is another pass, as rows of one second have no order of their own.
        """
        second = [Condition(UPDATED, ">=", at), Condition(UPDATED, "<", at + _SECOND)]
        before = self._count(second)
        seen: set[str] = set()
        for _ in range(_PASSES):
            for page in self._positions(second):
                seen.update(str(row.get("Id")) for row in page)
                yield self._fresh(page)
            after = self._count(second)
            if before == after == len(seen):
                return
            if before != after:
                seen.clear()
            before = after
        raise Unavailable(f"QuickBooks' list of {self._entity} moved while it was read")

    def _positions(self, conditions: Sequence[Condition]) -> Iterator[list[Row]]:
        start, page = 1, self._page(conditions, 1)
        while page:
            yield page
            start += len(page)
            page = self._page(conditions, start) if len(page) == self._rows else []

    def _page(self, conditions: Sequence[Condition], start: int) -> list[Row]:
        statement = select(
            self._entity,
            [*self._conditions, *conditions],
            inactive=self._inactive,
            order_by=UPDATED,
            start=start,
            rows=self._rows,
        )
        return rows_of(self._ask(statement), self._entity)

    def _count(self, conditions: Sequence[Condition]) -> int:
        statement = select(self._entity, [*self._conditions, *conditions], what="count(*)", inactive=self._inactive)
        total = query_response(self._ask(statement)).get("totalCount", 0)
        return total if isinstance(total, int) else 0

    def _fresh(self, page: list[Row]) -> list[Row]:
        fresh = []
        for row in page:
            id_, version = str(row.get("Id")), (row.get("SyncToken"), _updated(row))
            if self._given.get(id_) != version:
                self._given[id_] = version
                fresh.append(row)
        return fresh


def query_response(answer: dict[str, Any]) -> dict[str, Any]:
    """The QueryResponse of an answer. Raises Unavailable where there is none: unknown is not "none"."""
    response = answer.get("QueryResponse")
    if not isinstance(response, dict):
        raise Unavailable("QuickBooks answered a query without a QueryResponse")
    return response


def rows_of(answer: dict[str, Any], entity: str) -> list[Row]:
    """The rows of an entity in a query's answer; none where the key is missing, which is how QuickBooks says so."""
    rows = query_response(answer).get(entity, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Unavailable(f"QuickBooks answered a query for {entity} with something else")
    return rows


def _updated(row: Row) -> object:
    meta = row.get("MetaData")
    return meta.get("LastUpdatedTime") if isinstance(meta, dict) else None


def _second(row: Row, otherwise: datetime | None) -> datetime:
    """The second of a row's last change, in UTC."""
    stamp = _updated(row)
    try:
        at = datetime.fromisoformat(str(stamp))
    except ValueError:
        at = otherwise or datetime(1970, 1, 1, tzinfo=UTC)
    aware = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    return aware.astimezone(UTC).replace(microsecond=0)
