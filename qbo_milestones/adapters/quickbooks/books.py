"""The books of one QuickBooks company: the port `Books` over HTTP."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from qbo_milestones.adapters.quickbooks import json, name_lists
from qbo_milestones.adapters.quickbooks.client import Client
from qbo_milestones.adapters.quickbooks.faults import Unreadable, json_fault
from qbo_milestones.adapters.quickbooks.json import Tree, trees_of
from qbo_milestones.adapters.quickbooks.paging import Pages, rows_of
from qbo_milestones.adapters.quickbooks.query import CREATED, MOST_ROWS, Condition, instant, select
from qbo_milestones.adapters.quickbooks.throwaways import ThrowAways
from qbo_milestones.errors import BadSettings, Doubtful, Refused, Unavailable
from qbo_milestones.model.books import (
    Account,
    Changes,
    Customer,
    Document,
    DocumentKind,
    Item,
    Preferences,
    Setup,
    gone,
)
from qbo_milestones.pipeline.outbox import Sought
from qbo_milestones.pipeline.posting import InvoiceDraft, Posting
from qbo_milestones.ports import Clock, Sent

CUSTOMER, ITEM = "Customer", "Item"
KINDS = (*(kind.value for kind in DocumentKind), CUSTOMER, ITEM)

# CDC looks back 30 days (quickbooks-online.md 4.3); an hour less, as our clocks may differ.
_LOOK_BACK = timedelta(days=30, hours=-1)
# A write takes 120 s at the most (reliability.md 1.3); an answer about an older document is a replay.
_LONGEST_WRITE = timedelta(minutes=3)
_READ_FIRST_S = 5.0
_IDS_AT_ONCE = 200
_OBJECT_NOT_FOUND = "610"
# How often a read is asked for before the run gives up for the night.
_READS = 3


class QuickBooksBooks:
    """Implements ports.Books. For use by several threads.

    `home_currency` spares the read of it where it is known already.
    """

    def __init__(self, client: Client, clock: Clock, home_currency: str = "") -> None:
        self._client, self._clock, self._currency = client, clock, home_currency
        self._preferences: Preferences | None = None

    def render(self, posting: Posting) -> bytes:
        """The body on the wire. Pure, and the same for the same posting (ruling 10)."""
        draft = posting.draft
        return json.invoice_body(draft) if isinstance(draft, InvoiceDraft) else json.journal_body(draft)

    def read_body(self, kind: DocumentKind, body: bytes, currency: str) -> Document:
        """Our own body as a document, by the same reading as QuickBooks' answers."""
        return json.read_body(kind, body, currency)

    def send(self, kind: DocumentKind, body: bytes, requestid: str) -> Sent:
        """Create the document by one POST; the answer is what QuickBooks holds.

        Raises Refused, Unavailable or NotConnected where surely nothing was applied, else Doubtful.
        """
        currency = self._currency_in_time()
        answer = self._client.create_object(kind.value, body, request_id=requestid)
        raw, tid = answer.get(kind.value), self._client.tid
        if not isinstance(raw, dict) or not json.text_of(raw, "Id"):
            raise Doubtful(f"QuickBooks answered a write without the {kind.value}", tid=tid, status=200)
        try:
            document = json.document(kind, raw, currency)
            return Sent(document, tid, self._replayed(document))
        except Unreadable as unreadable:
            raise Doubtful(str(unreadable), tid=tid, status=200) from None

    def _replayed(self, document: Document) -> bool:
        """Whether it was made longer ago than any write takes, by QuickBooks' clock."""
        now = self._clock.now() + self._skew
        return document.created_at is not None and now - document.created_at > _LONGEST_WRITE

    @property
    def _skew(self) -> timedelta:
        """QuickBooks' clock less ours, as of its last answer."""
        return timedelta(seconds=round(self._client.clock_skew_s))

    def look_up(self, sought: Sought) -> tuple[Document, ...]:
        """All documents that could be the sought one, by ruling 3: by number, else by customer and creation."""
        if sought.number:
            conditions = [Condition("DocNumber", "=", sought.number)]
        else:
            conditions = [
                Condition("CustomerRef", "=", sought.customer_id),
                # `since` is by our clock, the time of creation by theirs.
                Condition(CREATED, ">=", sought.since + self._skew),
            ]
        currency = self.home_currency()
        latest: dict[str, Document] = {}
        for page in Pages(self._ask, sought.kind.value, conditions).read():
            latest.update((found.id, found) for found in self._documents(sought.kind, page, currency))
        return tuple(latest.values())

    def setup(self) -> Setup:
        """How the company is set up: preferences, accounts, terms, classes, locations, tax codes."""
        preferences = self.preferences()
        name, country = self.company()
        return Setup(
            company_name=name,
            country=country,
            preferences=preferences,
            accounts=self.accounts(),
            terms=tuple(map(name_lists.term, self._all("Term"))),
            classes=tuple(map(name_lists.named, self._all("Class"))),
            locations=tuple(map(name_lists.named, self._all("Department"))),
            tax_codes=tuple(map(name_lists.named, self._all("TaxCode", inactive=False))),
            clock_skew_s=self._client.clock_skew_s,
        )

    def company(self) -> tuple[str, str]:
        """What the company calls itself, and its country as two letters where known."""
        realm = self._client.company_id
        answer = self._again(lambda: self._client.get_single_object("CompanyInfo", realm))
        return name_lists.company_info(json.tree_of(answer, "CompanyInfo"))

    def accounts(self) -> tuple[Account, ...]:
        """The chart of accounts, by one query."""
        return tuple(map(name_lists.account, self._all("Account")))

    def home_currency(self) -> str:
        """Amounts without a currency are of this one."""
        return self._currency or self.preferences().home_currency

    def preferences(self) -> Preferences:
        """Read once in the life of this object. Raises Unavailable where they do not name the home currency."""
        if self._preferences is None:
            rows = rows_of(self._ask(select("Preferences")), "Preferences")
            found = name_lists.preferences(rows[0]) if rows else None
            if found is None or not found.home_currency:
                raise Unavailable("QuickBooks did not say which home currency the company has", tid=self._client.tid)
            self._preferences, self._currency = found, found.home_currency
        return self._preferences

    def changes(self, since: datetime, kinds: tuple[str, ...] = KINDS) -> Changes:
        """All that changed since, by one CDC call; a thousand objects mean that it may have been cut (ruling 28).

        Further back than CDC looks, nothing is asked and all is `cut`.
        """
        if self._clock.now() - since > _LOOK_BACK:
            return Changes(complete=False, cut=frozenset(kinds))
        currency = self.home_currency()
        answer = self._again(lambda: self._client.change_data_capture(",".join(kinds), instant(since)))
        rows = _changed_rows(answer)
        found = self._changes(rows, currency, _time_of(answer))
        # The thousand is of the whole answer, so nobody knows whose rows are missing.
        if sum(map(len, rows.values())) >= MOST_ROWS:
            return Changes(found.documents, found.customers, found.items, found.read_until, False, frozenset(kinds))
        return found

    def pages(self, kinds: tuple[str, ...], since: datetime | None) -> Iterator[Changes]:
        """Everything of the kinds that was updated at or after `since`, a page of at most a thousand at a time.

        Deleted documents do not appear. `read_until` of every page is QuickBooks' time when the first was asked for:
        what changes while we read comes again next time.
        """
        currency = self.home_currency()
        began: list[datetime | None] = []

        def ask(statement: str) -> Tree:
            answer = self._ask(statement)
            if not began:
                began.append(_time_of(answer))
            return answer

        for kind in kinds:
            for page in Pages(ask, kind, inactive=kind in (CUSTOMER, ITEM)).read(since):
                yield self._changes({kind: page}, currency, began[0])

    def read(self, kind: DocumentKind, id_: str) -> Document:
        """One document by its id. What QuickBooks itself says is not there (610) is gone; else a failure is unknown."""
        currency = self.home_currency()
        try:
            answer = self._again(lambda: self._client.get_single_object(kind.value, _checked_id(id_)))
        except Refused as refused:
            if refused.code == _OBJECT_NOT_FOUND:
                return gone(kind, id_, None, currency)
            raise
        raw = answer.get(kind.value)
        if not isinstance(raw, dict) or json.text_of(raw, "Id") != id_:
            raise Unavailable(f"QuickBooks answered a read without the {kind.value}", tid=self._client.tid)
        return self._documents(kind, [raw], currency)[0]

    def present(self, kind: DocumentKind, ids: Sequence[str]) -> frozenset[str]:
        """Which of the documents still exist, voided ones too: pages do not tell of deletions (ruling 28).

        Raises Unavailable where QuickBooks answers with rows that were not asked for: then absence proves nothing.
        """
        wanted = tuple(dict.fromkeys(map(_checked_id, ids)))
        found: set[str] = set()
        for first in range(0, len(wanted), _IDS_AT_ONCE):
            some = wanted[first : first + _IDS_AT_ONCE]
            statement = select(kind.value, [Condition("Id", "IN", some)], rows=MOST_ROWS)
            rows = {json.text_of(row, "Id") for row in rows_of(self._ask(statement), kind.value)}
            if not rows <= set(some):
                raise Unavailable(f"QuickBooks answered for other {kind.value}s than asked for", tid=self._client.tid)
            found |= rows
        return frozenset(found)

    def throw_aways(self) -> ThrowAways:
        """For the requestid probe, which must not be made in a real company. Raises BadSettings without accounts."""
        usable = [account.id for account in self.accounts() if account.active and account.type in ("Income", "Expense")]
        if len(usable) < 2:
            raise BadSettings(
                "The probe's journal needs two accounts of type Income or Expense; add them in QuickBooks."
            )
        return ThrowAways(self._client, usable[0], usable[1])

    def _ask(self, statement: str) -> Tree:
        return self._again(lambda: self._client.query(statement))

    def _again(self, read: Callable[[], Tree]) -> Tree:
        """A read that failed is asked again a little later, three times in all; a write never is (ruling 9)."""
        retrying = Retrying(
            retry=retry_if_exception_type(Unavailable),
            stop=stop_after_attempt(_READS),
            wait=wait_random_exponential(multiplier=self._client.patience, max=20 * self._client.patience),
            sleep=self._clock.sleep,
            reraise=True,
        )
        return retrying(read)

    def _all(self, entity: str, inactive: bool = True) -> list[Tree]:
        return [row for page in Pages(self._ask, entity, inactive=inactive).read() for row in page]

    def _currency_in_time(self) -> str:
        """The home currency for a write, which must not leave late (client.LEAVES_WITHIN_S); nothing is sent then."""
        began = self._clock.monotonic()
        currency = self.home_currency()
        if self._clock.monotonic() - began > _READ_FIRST_S * self._client.patience:
            raise Unavailable("QuickBooks was slow to say the home currency; nothing was sent")
        return currency

    def _documents(self, kind: DocumentKind, rows: Sequence[Tree], currency: str) -> tuple[Document, ...]:
        try:
            return tuple(json.document(kind, row, currency) for row in rows)
        except Unreadable as unreadable:
            raise Unavailable(str(unreadable), tid=self._client.tid) from None

    def _changes(self, rows: dict[str, list[Tree]], currency: str, at: datetime | None) -> Changes:
        documents: list[Document] = []
        for kind in DocumentKind:
            documents += self._documents(kind, rows.get(kind.value, []), currency)
        customers: tuple[Customer, ...] = tuple(map(name_lists.customer, rows.get(CUSTOMER, [])))
        items: tuple[Item, ...] = tuple(map(name_lists.item, rows.get(ITEM, [])))
        return Changes(tuple(documents), customers, items, at)


def _checked_id(id_: str) -> str:
    """An id as it may stand in an address. Raises ValueError unless it is all digits, as QuickBooks' are."""
    if not (id_.isascii() and id_.isdigit()):
        raise ValueError(f"not an id of QuickBooks: {id_!r}")
    return id_


def _changed_rows(answer: Tree) -> dict[str, list[Tree]]:
    """The rows of a CDC answer by kind. Raises Unavailable for an answer without CDCResponse or with a fault in it."""
    responses = answer.get("CDCResponse")
    if not isinstance(responses, list):
        raise Unavailable("QuickBooks answered a CDC call without a CDCResponse")
    groups = [group for response in trees_of(answer, "CDCResponse") for group in trees_of(response, "QueryResponse")]
    if any(json_fault(part) for part in [*trees_of(answer, "CDCResponse"), *groups]):
        raise Unavailable("QuickBooks could not say all that changed")
    rows: dict[str, list[Tree]] = {}
    for group in groups:
        for kind in KINDS:
            rows.setdefault(kind, []).extend(trees_of(group, kind))
    return rows


def _time_of(answer: dict[str, Any]) -> datetime | None:
    return json.instant(json.text_of(answer, "time"))
