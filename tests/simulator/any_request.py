"""Requests that nobody would send: bodies, statements, paths, forms, out of the table of entities and out of junk."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from simulator_person import Doc

from qbo_milestones.simulator.schema.entities import ENTITIES
from qbo_milestones.simulator.schema.fields import EntitySpec, Field
from qbo_milestones.simulator.world.world import DEFAULT_REALM

Drawn = SearchStrategy[Any]
TEXT = st.text(max_size=12) | st.sampled_from(
    ["x" * 5000, "\x00", "\U0001f600", "\ud800", "a:b", '"', "<b>", "' or 1", "NaN", "1e400"]
)
NUMBER = st.sampled_from(
    [0, 1, -1, 100, 7.5, -0.01, "12.34", "-5", 10**30, 1e300, "1e400", Decimal("0.005"), "Infinity"]
)
LEAF: Drawn = st.none() | st.booleans() | NUMBER | TEXT | st.just("")
JUNK: Drawn = st.recursive(LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
                           max_leaves=6)  # fmt: skip
IDS = st.integers(0, 40).map(str) | st.sampled_from(
    ["", "abc", "-1", "1.5", "9" * 30, "TAX", "NON", "USD", "EUR", "\x00"]
)
DAYS = st.dates().map(str) | st.sampled_from(
    ["2026-03-01", "2025-12-31", "2026-02-30", "today", "2026-03-01T10:00:00Z"]
)
WORDS: dict[str, list[str]] = {
    "DetailType": ["SalesItemLineDetail", "DiscountLineDetail", "JournalEntryLineDetail", "DepositLineDetail",
                   "AccountBasedExpenseLineDetail", "ItemBasedExpenseLineDetail", "DescriptionOnly", "GroupLineDetail",
                   "SubTotalLineDetail", "TaxLineDetail"],
    "TxnType": ["Invoice", "Payment", "CreditMemo", "Bill", "VendorCredit", "JournalEntry", "Deposit", "Estimate",
                "PurchaseOrder", "TimeActivity", "Purchase", "Expense", "Customer"],
    "Type": ["Service", "Inventory", "Group", "Category", "Customer", "Vendor", "Employee"],
    "AccountSubType": ["Checking", "AccountsReceivable", "UndepositedFunds"],
    "NameOf": ["Vendor", "Employee"], "GlobalTaxCalculation": ["TaxExcluded", "TaxInclusive", "NotApplicable"],
}  # fmt: skip
"""Texts that mean something, by the property that holds them."""


def values(name: str, field: Field) -> Drawn:
    """What could stand in a property, sense before nonsense."""
    plain: dict[str, Drawn] = {
        "text": st.sampled_from(WORDS[name]) if name in WORDS else TEXT, "number": NUMBER, "integer": NUMBER,
        "flag": st.booleans(), "date": DAYS, "choice": st.sampled_from(field.choices or ("x",)), "any": JUNK,
        "ref": st.fixed_dictionaries({"value": IDS}), "group": objects(field.inner),
        "list": st.lists(objects(field.inner), max_size=3),
    }  # fmt: skip
    if name in ("Id", "TxnId", "SyncToken"):
        return IDS | JUNK
    return st.integers(0, 24).flatmap(lambda luck: JUNK if luck == 0 else plain[field.kind])


def objects(fields: Mapping[str, Field]) -> Drawn:
    """Some of these properties."""
    return st.deferred(lambda: st.sets(st.sampled_from(sorted(fields)), max_size=7).flatmap(
        lambda names: st.fixed_dictionaries({name: values(name, fields[name]) for name in sorted(names)})))  # fmt: skip


def bodies(spec: EntitySpec) -> Drawn:
    """A body for an entity: what it must have, most of the time, and more; or something else altogether."""
    must = {name: values(name, field) for name, field in spec.fields.items() if field.required}
    handle = {"Id": IDS, "SyncToken": st.sampled_from(["0", "1", "2", 7]), "sparse": st.booleans()}
    whole = st.tuples(st.fixed_dictionaries(must), objects(spec.fields), st.just({}) | st.fixed_dictionaries(handle))
    joined = whole.map(lambda parts: {**parts[1], **parts[0], **parts[2]})
    return st.integers(0, 24).flatmap(lambda luck: JUNK if luck == 0 else joined)


NAMES = st.sampled_from(sorted(ENTITIES))
QUERY: Drawn = st.just({}) | st.fixed_dictionaries({}, optional={
    "operation": st.sampled_from(["update", "delete", "void", "Create", "", "x"]),
    "include": st.sampled_from(["void", "allowduplicatedocnum", "allowautodocnum", ",", "x"]),
    "minorversion": st.sampled_from(["75", "abc", "-1"]), "requestid": st.text("abc", max_size=60),
})  # fmt: skip
WRITES = NAMES.flatmap(lambda name: st.tuples(st.just(name), bodies(ENTITIES[name]), QUERY))
"""(entity, body, query) of a write."""

Place = tuple[str | int, ...]


def places(value: Any, at: Place = ()) -> Iterator[Place]:
    """Every position in a body; of a list the first one."""
    yield at
    inner = value.items() if isinstance(value, dict) else enumerate(value[:1]) if isinstance(value, list) else ()
    for key, item in inner:
        yield from places(item, (*at, key))


def replaced(value: Any, at: Place, new: Any, within: bool = False) -> Any:
    """The body with something else at a position, or without it."""
    if not at:
        return None if new is DROPPED and not within else new
    if isinstance(value, list):
        return [replaced(value[0], at[1:], new), *value[1:]]
    changed = {**value, at[0]: replaced(value[str(at[0])], at[1:], new, True)}
    return {key: item for key, item in changed.items() if item is not DROPPED}


DROPPED: Any = object()


@st.composite
def edited(draw: st.DrawFn, dumped: dict[str, list[Doc]]) -> tuple[str, Any, dict[str, str]]:
    """(entity, body, query) of a write of something that is there, as it is or with parts that belong to others."""
    name = draw(st.sampled_from(sorted(dumped)))
    body: Any = draw(st.sampled_from(dumped[name]))
    kind = draw(st.sampled_from(["create", "create", "update", "update", "delete", "void"]))
    if kind == "create":
        body = {key: item for key, item in body.items() if key not in ("Id", "SyncToken", "MetaData")}
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.sampled_from(list(places(body))))
        others = [each for each in dumped[name] if place and place[0] in each]
        other = draw(st.sampled_from(others)) if others else {}
        body = replaced(body, place, draw(JUNK | NUMBER | IDS | DAYS | st.just(DROPPED) | st.just(_at(other, place))))
        if not isinstance(body, dict):
            break
    query = {"operation": kind} if kind in ("delete", "void") else {}
    return name, {"sparse": draw(st.booleans()), **body} if kind == "update" and isinstance(body, dict) else body, query


def _at(value: Any, place: Place) -> Any:
    """What stands at a position, DROPPED where there is none."""
    for step in place:
        fits = isinstance(value, dict) if isinstance(step, str) else isinstance(value, list) and len(value) > step
        if not fits or (isinstance(value, dict) and step not in value):
            return DROPPED
        value = value[step]
    return value


def words(text: str, *more: str) -> SearchStrategy[str]:
    """One of these words."""
    return st.sampled_from([*text.split(), *more])


FRAGMENTS = words(
    "select * count(*) from where orderby startposition maxresults and or in like not = < >= != ( ) , ' 'a%' '1' '' 1 "
    "-1 0 '2026-03-01' '\\\\' 99999999999999999999 true null Id Balance TxnDate MetaData.LastUpdatedTime CustomerRef "
    "Line.Amount Active desc asc é ; -- *, NoSuch DocNumber DisplayName Name AttachableRef.EntityRef.value",
    "order by", "\x00",
)  # fmt: skip
SELECTED = st.sampled_from(
    ["select * from", "select count(*) from", "select Id, Line.Amount from", "select *, Balance from"]
)
STATEMENTS = st.lists(FRAGMENTS | NAMES, max_size=14).map(" ".join) | st.tuples(
    SELECTED, NAMES, st.lists(FRAGMENTS, max_size=8).map(" ".join)
).map(" ".join)  # fmt: skip
SEGMENTS = NAMES | TEXT | words(
    "query batch cdc reports upload download taxservice taxcode exchangerate send pdf attachable-thumbnail companyinfo "
    "preferences .. %00 1 999 abc -1 é GeneralLedger ProfitAndLoss AgedReceivables NoSuchReport", "", "9" * 40,
)  # fmt: skip
PATHS = st.lists(SEGMENTS, min_size=1, max_size=4).map("/".join)
METHODS = words("GET POST PUT DELETE PATCH HEAD OPTIONS get")
RAW = st.binary(max_size=40) | st.sampled_from([
    b"", b"{", b"[", b"null", b'"x"', b"1", b"[1]", b'{"a":1,"a":2}', b"\xff\xfe{", b'{"Line":NaN}', b'{"Line":\x00}',
    b'{"Id":"\\ud800"}', b'{"CustomerRef":{"value":"1"},"CustomerRef":[1]}', b"{'a':1}", b'\xef\xbb\xbf{"a":1}',
    b"[" * 100_000, b'{"a":' * 3000 + b"1" + b"}" * 3000, b'{"TotalAmt":' + b"9" * 5000 + b"}",
])  # fmt: skip
QUESTIONS = words(
    "query entities changedSince start_date end_date date_macro accounting_method columns customer account sort_by "
    "summarize_column_by group_by report_date aging_method num_periods aging_period arpaid department class item qzurl "
    "minorversion sourcecurrencycode asofdate sendTo requestid operation include transaction_type docnum"
)
ANSWERS = DAYS | NUMBER.map(str) | TEXT | NAMES | words("Cash Month Total all a@b.cd EUR Customers", "This Month")
ASKED = st.dictionaries(QUESTIONS, ANSWERS, max_size=4)
HEADERS = st.fixed_dictionaries({}, optional={
    "content-type": words("application/json application/text text/plain application/xml multipart/form-data "
                          "application/x-www-form-urlencoded multipart/form-data;boundary=x", ""),
    "accept": words("*/* application/xml application/json x", ""),
    "content-length": words("abc -1 99999999999999999999", ""),
    "authorization": st.sampled_from(["", "Bearer", "Bearer x", "Basic eDp5", "OAuth x", "x" * 5000]),
})  # fmt: skip
REPORT = words(
    "GeneralLedger ProfitAndLoss BalanceSheet AgedReceivables AgedReceivableDetail TransactionList JournalReport "
    "CashFlow TrialBalance CustomerBalance CustomerIncome VendorBalanceDetail AgedPayables AccountList "
    "ProfitAndLossDetail"
)  # fmt: skip
HALVES, FILE_NAMES = words("file_metadata_01 file_content_01 file_content_02 x", ""), words("a.pdf a a.exe é.pdf", "")
PART = st.tuples(HALVES, FILE_NAMES, RAW).map(
    lambda part: f'--x\r\nContent-Disposition: form-data; name="{part[0]}"; filename="{part[1]}"\r\n\r\n'.encode()
    + part[2] + b"\r\n")  # fmt: skip
UPLOADS: Drawn = st.tuples(st.just("POST"), st.just("upload"), st.just({}),
                    st.just({"content-type": "multipart/form-data; boundary=x"}),
                    st.lists(PART, max_size=3).map(lambda parts: b"".join(parts) + b"--x--"))  # fmt: skip
CALLS: Drawn = UPLOADS | st.tuples(METHODS, PATHS, ASKED, HEADERS, RAW | JUNK) | st.tuples(
    st.just("GET"), REPORT.map("reports/{}".format), ASKED, st.just({}), st.just(b""))  # fmt: skip
"""(method, path, query, headers, body) of a call on a company."""
OPERATIONS = words("create update delete void send x", "")
ITEMS = st.fixed_dictionaries({}, optional={
    "bId": TEXT | st.none(), "operation": OPERATIONS, "ReportQuery": REPORT | TEXT | JUNK, "optionsData": TEXT,
    "Query": STATEMENTS | JUNK, "CDCQuery": st.fixed_dictionaries({"Entities": NAMES, "ChangedSince": DAYS}) | JUNK,
}) | NAMES.flatmap(lambda name: st.fixed_dictionaries({
    "bId": TEXT, "operation": OPERATIONS, name: bodies(ENTITIES[name])}))  # fmt: skip
BATCHES = st.lists(ITEMS | JUNK, max_size=4)
FORM = st.dictionaries(
    words("grant_type code redirect_uri refresh_token client_id client_secret token response_type scope state realm "
          "decision sim_approve sim_realm nonce"),
    TEXT | words("authorization_code refresh_token code simulator-app simulator-secret http://localhost/x 1 approve "
                 "com.intuit.quickbooks.accounting", DEFAULT_REALM),
    max_size=6,
)  # fmt: skip
PLACES = words(
    "/connect/oauth2 /oauth2/v1/tokens/bearer /v2/oauth2/tokens/revoke /v1/openid_connect/userinfo /op/v1/jwks / "
    "/.well-known/openid_configuration /company/x /company// /attachments/x/1/a.pdf /v3/company/ /v3/company "
    "/v3/company/1/invoice /app/connect/oauth2/request /nowhere //",
    "/\x00", f"/company/{DEFAULT_REALM}/invoice/1", f"/company/{DEFAULT_REALM}/register/1",
)  # fmt: skip
DOORS = st.tuples(METHODS, PLACES, FORM, HEADERS, RAW)
"""(method, path, form, headers, body) at the other doors; the form goes as query, and as body without one."""
DESKS = words(
    "clock faults settings companies condition apps token revoke webhooks webhooks/events webhooks/mischief load "
    "checkpoint rewind changes requests trial_balance balances mails metering dump nothing reset"
)
KEYS = words(
    "kind status code nth times rate seed realm name company person denied missing environment client_id client_secret "
    "redirect_uris scope scopes url entities format entity id operation now advance_s frozen throttle preferences "
    "Invoice Customer latency_s body after_commit query_lag_s since as_of keep_settings loopback deleted_id when "
    "after_s"
)
SIDE_DOOR = st.tuples(
    words("GET POST DELETE"), DESKS, st.dictionaries(KEYS, TEXT | DAYS, max_size=2),
    JUNK | st.dictionaries(KEYS, JUNK | words("status locked xml_fault open admin sandbox empty"), max_size=4),
)  # fmt: skip
"""(method, desk, query, body) at the side door."""
