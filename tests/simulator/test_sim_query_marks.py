"""What each entity may be searched and sorted by, from its public page, held against what the simulator does."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from qbo_milestones.simulator.amounts import read_json
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.past import NO_LAG
from qbo_milestones.simulator.books.render import LIVE_FIELDS
from qbo_milestones.simulator.books.shelf import Record
from qbo_milestones.simulator.calls.queries import query_response
from qbo_milestones.simulator.clock import Clock
from qbo_milestones.simulator.faults import Refusal
from qbo_milestones.simulator.schema.entities import ENTITIES
from qbo_milestones.simulator.schema.fields import Field
from qbo_milestones.simulator.settings import Settings

PERSON = "Id:fs GivenName:fs MiddleName:fs FamilyName:fs CompanyName:fs DisplayName:fs PrintOnCheckName:fs Active:fs"
MARKS = {
    "Preferences": "Id:fs",
    "CompanyInfo": "CompanyName:fs Id:fs",
    "TaxAgency": "DisplayName:fs Id:fs",
    "TaxRate": "Name:fs Description:fs Active:fs RateValue:f AgencyRef:fs TaxReturnLineRef:fs Id:fs",
    "TaxCode": "Name:fs Description:fs Active:fs Taxable:f TaxGroup:f Id:fs",
    "Term": "Name:fs Active:fs Id:fs",
    "Class": "Name:fs SubClass:f ParentRef:f FullyQualifiedName:fs Active:fs Id:fs",
    "Department": "Name:fs SubDepartment:s ParentRef:f FullyQualifiedName:fs Active:fs Id:fs",
    "PaymentMethod": "Name:fs Active:fs Id:fs",
    "CompanyCurrency": "Code:fs Name:fs Active:fs Id:fs",
    "ExchangeRate": "SourceCurrencyCode:f TargetCurrencyCode:f AsOfDate:f Id:fs",
    "Account": "Name:fs SubAccount:fs ParentRef:fs Description:fs FullyQualifiedName:fs Active:fs Classification:fs "
    "AccountType:fs AccountSubType:fs AcctNum:fs CurrentBalance:fs CurrentBalanceWithSubAccounts:fs Id:fs",
    "CustomerType": "Name:fs Active:fs Id:fs",
    "Customer": f"{PERSON} Balance:fs BalanceWithJobs:s FullyQualifiedName:fs PrimaryEmailAddr.Address:f",
    "Vendor": f"{PERSON} Balance:fs Suffix:fs",
    "Employee": f"{PERSON} Suffix:fs",
    "Item": "Name:fs Sku:fs Active:fs SubItem:f ParentRef:f FullyQualifiedName:fs Taxable:f UnitPrice:s Type:fs "
    "PurchaseCost:s Id:fs",
    "Budget": "Name:fs BudgetType:fs Active:fs Id:fs",
    "JournalCode": "Name:fs Active:fs Id:fs",
    "Attachable": "Id:fs FileName:fs Note:fs Category:fs ContentType:fs Size:fs PlaceName:fs Lat:fs Long:fs Tag:fs "
    "AttachableRef.EntityRef:f AttachableRef.IncludeOnSend:f AttachableRef.LineInfo:f AttachableRef.NoRefOnly:f "
    "AttachableRef.Inactive:f",
    "Estimate": "Id:fs DocNumber:fs TxnDate:fs CustomerRef:f ProjectRef:f DueDate:fs",
    "PurchaseOrder": "Id:fs DocNumber:fs TxnDate:fs DueDate:fs",
    "TimeActivity": "Id:fs TxnDate:fs ProjectRef:f",
    "Invoice": "Id:fs DocNumber:fs TxnDate:fs TotalAmt:fs CustomerRef:f ProjectRef:f Balance:fs DueDate:fs "
    "SalesTermRef:f",
    "CreditMemo": "Id:fs DocNumber:fs TxnDate:fs CustomerRef:f ProjectRef:f Balance:fs SalesTermRef:f",
    "SalesReceipt": "Id:fs DocNumber:fs TxnDate:fs TotalAmt:f CustomerRef:f ProjectRef:f Balance:fs",
    "RefundReceipt": "Id:fs DocNumber:fs TxnDate:fs CustomerRef:f ProjectRef:f Balance:fs PaymentType:fs",
    "Bill": "Id:fs DocNumber:fs TxnDate:fs TotalAmt:fs VendorRef:fs APAccountRef:fs Balance:f DueDate:fs "
    "SalesTermRef:fs",
    "VendorCredit": "Id:fs DocNumber:fs TxnDate:fs TotalAmt:fs APAccountRef:fs Balance:s",
    "Purchase": "Id:fs DocNumber:fs TxnDate:fs TotalAmt:fs AccountRef:f PaymentType:f",
    "JournalEntry": "Id:fs DocNumber:fs TxnDate:fs",
    "Transfer": "Id:fs TxnDate:fs",
    "CreditCardPayment": "Id:fs TxnDate:fs",
    "Payment": "Id:fs TxnDate:fs TotalAmt:fs CustomerRef:f ProjectRef:f PaymentRefNum:fs",
    "BillPayment": "Id:fs DocNumber:fs TxnDate:fs TotalAmt:fs VendorRef:fs APAccountRef:fs",
    "Deposit": "Id:fs DocNumber:fs TxnDate:fs",
}
TIMES = "MetaData.CreateTime:fs MetaData.LastUpdatedTime:fs"
FIRST = datetime(2026, 10, 15, 16, tzinfo=UTC)
VALUES: dict[str, tuple[Any, Any]] = {
    "text": ("alpha", "beta"), "number": (10, 25), "integer": (1, 2), "flag": (False, True),
    "date": ("2026-01-05", "2026-02-05"), "ref": ({"value": "7", "name": "a"}, {"value": "8", "name": "b"}),
}  # fmt: skip


def properties(fields: Mapping[str, Field], before: str = "") -> Iterator[tuple[str, Field]]:
    """Every property by its dotted name; parts of references and of lines are none."""
    for name, field in fields.items():
        yield before + name, field
        if field.kind != "list" or name == "AttachableRef":
            yield from properties(field.inner, f"{before}{name}.")


def expected(name: str) -> dict[str, str]:
    """The marks of an entity's properties."""
    return dict(word.split(":") for word in f"{MARKS[name]} {TIMES}".split())


def stored(paths: dict[str, Field], name: str, which: int) -> Record:
    """An object in which every property has the first or the second of two values."""
    instant = FIRST + timedelta(hours=which)
    times = dict.fromkeys(("CreateTime", "LastUpdatedTime"), instant.isoformat())
    body: dict[str, Any] = {"Id": str(which + 1), "MetaData": times, "Line": []}
    for path, field in paths.items():
        *groups, last = path.split(".")
        if groups[:1] == ["MetaData"] or path == "Id" or last in LIVE_FIELDS.get(name, ()):
            continue
        inside = body
        for group in groups:
            inside = inside.setdefault(group, {})
        inside[last] = sorted(field.choices)[-which] if field.kind == "choice" else VALUES[field.kind][which]
    return Record(body, instant, instant)


def literal(path: str, record: Record) -> str:
    """The value of a property as a statement writes it."""
    value: Any = record.body
    if path.startswith("MetaData."):
        return f"'{record.updated.isoformat()}'"
    for word in path.split("."):
        value = value[word]
    if isinstance(value, bool):
        return str(value).lower()
    return f"'{value['value'] if isinstance(value, dict) else value}'"


def asked(company: Company, statement: str) -> Any:
    """The answer, or the words of the refusal."""
    try:
        return read_json(query_response(company, statement, NO_LAG)[0])
    except Refusal as refusal:
        (problem,) = refusal.problems
        return problem.code, problem.detail.removeprefix("QueryValidationError: ")


def books_with(name: str) -> tuple[Company, tuple[Record, Record]]:
    """Two objects of an entity."""
    company = Company("1", Clock(lambda: FIRST), Settings())
    paths = {path: field for path, field in properties(ENTITIES[name].fields) if path in expected(name)}
    first, second = stored(paths, name, 0), stored(paths, name, 1)
    for record in (first, second):
        company.shelves[name].put(record)
    return company, (first, second)


def changed(objects: list[Any]) -> list[str]:
    """Which of the two they are, by when they changed: exchange rates show no Id."""
    return [each["MetaData"]["LastUpdatedTime"] for each in objects]


def test_every_entity_has_its_marks() -> None:
    """An entity that comes needs its line in the table. Templates are wrapped by their kind: tested elsewhere."""
    assert set(MARKS) == set(ENTITIES) - {"RecurringTransaction"}


@pytest.mark.parametrize("name", MARKS)
def test_what_may_be_searched_by_finds_and_the_rest_is_refused(name: str) -> None:
    """Issue: each filterable property of an entity filters; any other is refused with 4001."""
    company, (first, second) = books_with(name)
    marks = expected(name)
    active = " and Active in (true, false)" if "Active" in marks else ""
    for path, field in properties(ENTITIES[name].fields):
        if "f" not in marks.get(path, ""):
            answer = asked(company, f"select * from {name} where {path} = 'x'")
            if "f" not in marks.get(f"{path}.Address", ""):
                assert answer == ("4001", f"property '{path}' is not queryable"), path
        elif path.split(".")[-1] not in LIVE_FIELDS.get(name, ()):
            also = active if path != "Active" else ""
            for record in (first, second):
                found = asked(company, f"select * from {name} where {path} = {literal(path, record)}{also}")
                assert changed(found[ENTITIES[name].element]) == changed([record.body]), (path, field, found)


@pytest.mark.parametrize("name", MARKS)
def test_what_may_be_sorted_by_sorts_and_the_rest_is_refused(name: str) -> None:
    """Sorting by Id is a switch of its own."""
    company, (first, second) = books_with(name)
    marks = expected(name)
    where = "where Active in (true, false) " if "Active" in marks else ""
    for path, _field in properties(ENTITIES[name].fields):
        answer = asked(company, f"select * from {name} {where}orderby {path} desc")
        if "s" not in marks.get(path, ""):
            assert answer == ("4001", f"property '{path}' is not sortable"), path
        elif path != "Id" and path.split(".")[-1] not in LIVE_FIELDS.get(name, ()):
            assert changed(answer[ENTITIES[name].element]) == changed([second.body, first.body]), (path, answer)
