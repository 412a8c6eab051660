"""The statements that data pipelines and client libraries in use send, word by word as their sources build them."""

from collections.abc import Iterator

import pytest
from simulator_person import Doc, Person, sale_line

LISTS = ("Account", "Budget", "Class", "Customer", "Department", "Employee", "Item", "PaymentMethod", "TaxCode",
         "TaxRate", "Term", "Vendor")  # fmt: skip
OTHERS = ("Bill", "BillPayment", "CreditMemo", "Deposit", "Estimate", "Invoice", "JournalEntry", "Payment", "Purchase",
          "PurchaseOrder", "RefundReceipt", "SalesReceipt", "TaxAgency", "TimeActivity", "Transfer",
          "VendorCredit")  # fmt: skip
CAPTURED = [name for name in (*LISTS, *OTHERS) if name not in ("TaxAgency", "TaxCode", "TaxRate", "TimeActivity")]


@pytest.fixture
def many(person: Person) -> Person:
    """450 invoices, made in nine minutes."""
    for _ in range(9):
        body = {"CustomerRef": {"value": "1"}, "Line": [sale_line(1)]}
        person.side("POST", "load", {"Invoice": [body] * 50}, merge="1")
        person.side("POST", "clock", {"advance_s": 60})
    return person


def singer(person: Person, name: str, bookmark: str, size: int = 200) -> Iterator[Doc]:
    """As a Singer tap walks through an entity, by pages, until one is not full."""
    active = " AND Active IN (true, false)" if name in LISTS else ""
    start = 1
    while True:
        found = person.query(
            f"SELECT * FROM {name} WHERE Metadata.LastUpdatedTime >= '{bookmark}'{active} "
            f"ORDER BY Metadata.LastUpdatedTime ASC STARTPOSITION {start} MAXRESULTS {size}"
        ).get(name, [])
        yield from found
        if len(found) < size:
            return
        start += size


@pytest.mark.parametrize("name", [*LISTS, *OTHERS])
def test_the_walk_of_a_singer_tap_finds_everything_once(person: Person, name: str) -> None:
    """Every entity that it knows can be asked for what changed, and comes in the order of its change."""
    found = list(singer(person, name, "2000-01-01T00:00:00.000000Z", size=7))
    times = [each["MetaData"]["LastUpdatedTime"] for each in found]
    assert times == sorted(times)
    active = " where Active in (true, false)" if name in LISTS else ""
    total = person.query(f"select count(*) from {name}{active}")["totalCount"]
    assert len({each["Id"] for each in found}) == len(found) == total
    assert list(singer(person, name, "2026-11-01T00:00:00Z")) == []


def test_a_walk_over_pages_meets_each_object_once(many: Person) -> None:
    found = list(singer(many, "Invoice", "2026-10-15T16:00:00.000000Z"))
    assert [int(each["Id"]) for each in found] == list(range(1, 451))
    assert len(list(singer(many, "Invoice", "2026-10-15T16:08:00Z"))) == 50


def test_a_walk_from_bookmark_to_bookmark_misses_nothing(many: Person) -> None:
    """The next walk starts at the last change that the one before saw, which comes again."""
    bookmark = list(singer(many, "Invoice", "2026-10-15T16:00:00Z"))[-1]["MetaData"]["LastUpdatedTime"]
    changed = {"Id": "7", "SyncToken": "0", "sparse": True, "PrivateNote": "late"}
    many.post("Invoice", changed)
    found = [each["Id"] for each in singer(many, "Invoice", bookmark)]
    assert found == [*map(str, range(401, 451)), "7"]


def test_the_capture_of_a_singer_tap_is_answered(many: Person) -> None:
    """One call with all its entities: a group each."""
    answer = many.call("GET", "cdc", entities=",".join(CAPTURED), changedSince="2026-10-15T16:00:01Z").json()
    groups = answer["CDCResponse"][0]["QueryResponse"]
    assert len(groups) == len(CAPTURED)
    assert [len(group.get(name, [])) for name, group in zip(CAPTURED, groups, strict=True) if name == "Invoice"] == [
        400
    ]


def test_the_windows_of_an_elt_connector_meet_each_object_once(many: Person) -> None:
    """Slices of time, open at their start, closed at their end; pages of 200."""
    found: list[str] = []
    for low, high in (("15:00:00", "16:02:00"), ("16:02:00", "16:05:30"), ("16:05:30", "23:00:00")):
        for start in (1, 201):
            page = many.query(
                f"SELECT * FROM Invoice WHERE Metadata.LastUpdatedTime > '2026-10-15T{low}+00:00' "
                f"AND Metadata.LastUpdatedTime <= '2026-10-15T{high}+00:00' "
                f"ORDER BY Metadata.LastUpdatedTime ASC STARTPOSITION {start} MAXRESULTS 200"
            )
            found += [each["Id"] for each in page.get("Invoice", [])]
    assert sorted(map(int, found)) == list(range(1, 451))


def test_a_walk_that_starts_at_nought_meets_each_object_once(many: Person) -> None:
    """A connector in use asks for STARTPOSITION 0, then 101: nought is the first."""
    found: list[str] = []
    for start in (0, 101, 201, 301, 401):
        page = many.query(
            f"select * from Invoice where Metadata.LastUpdatedTime > '2000-01-01T00:00:00Z' "
            f"STARTPOSITION {start} MAXRESULTS 100"
        )
        found += [each["Id"] for each in page["Invoice"]]
    assert found == [str(number) for number in range(1, 451)]


def test_inactive_ones_alone_are_asked_for_beside_the_change(person: Person) -> None:
    person.post("Customer", {"Id": "9", "SyncToken": "0", "sparse": True, "Active": False})
    found = person.query(
        "select * from Customer where Active = false and MetaData.LastUpdatedTime > '2000-01-01T00:00:00Z' "
        "STARTPOSITION 0 MAXRESULTS 100"
    )
    assert [each["Id"] for each in found["Customer"]] == ["9"]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM CompanyInfo",
        "select * from CompanyInfo startposition 1 maxresults 1",
        "SELECT * FROM Customer Where MetaData.LastUpdatedTime > '2000-01-01T00:00:00-04:00'",
        "Select * from Customer STARTPOSITION 1 MAXRESULTS 5",
        "select * from Customer where Active = True startposition 1 maxresults 1000",
        "Select * From Customer Where Active IN (True, False) ORDERBY DisplayName STARTPOSITION 1 MAXRESULTS 10",
        "SELECT * FROM Customer ORDER BY Id STARTPOSITION 1 MAXRESULTS 100",
        "SELECT * FROM Customer  ORDERBY MetaData.LastUpdatedTime DESC STARTPOSITION 1 MAXRESULTS 1",
        "SELECT Id, DisplayName, SyncToken FROM Customer WHERE DisplayName LIKE '%a%' MAXRESULTS 1000",
        "select DisplayName, Id from Customer where Id in ('1', '2', '3')",
        "SELECT COUNT(*) FROM Customer",
        "select count(*) from Invoice where MetaData.CreateTime >= '2026-01-01T00:00:00'",
        "select * from Item where Type IN ('Service', 'NonInventory', 'Inventory') and Active = true",
        "select * from Account where AccountType = 'Income' and Active = true orderby Name",
        "select * from TaxCode where Active = true",
        "SELECT * FROM Preferences",
    ],
)  # fmt: skip
def test_statements_of_libraries_in_use_are_answered(person: Person, statement: str) -> None:
    person.query(statement)
