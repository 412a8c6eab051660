"""The query language: what statements find, page, count, project, and what is refused in which words."""

from datetime import timedelta
from typing import Any

import pytest
import requests
from simulator_person import Person


def ids(found: dict[str, Any], name: str = "Invoice") -> list[str]:
    return [each["Id"] for each in found.get(name, [])]


def next_day(person: Person) -> None:
    """A day later; the access token is a new one."""
    person.side("POST", "clock", {"advance_s": timedelta(days=1).total_seconds()})
    person.http.headers["Authorization"] = "Bearer " + person.side("POST", "token", {})["access_token"]


@pytest.fixture
def three(person: Person) -> Person:
    """Three invoices a day apart: A-1 10.00, a'2 20.50, and one of another customer without number."""
    person.invoice(10, "A-1", TxnDate="2026-10-01")
    next_day(person)
    person.invoice(20.50, "a'2", TxnDate="2026-10-02", DueDate="2026-12-01")
    next_day(person)
    person.invoice(30, customer="2", TxnDate="2026-10-03")
    return person


def posted(person: Person, statement: str, content_type: str) -> requests.Response:
    url = f"{person.base}/v3/company/{person.realm}/query"
    headers = {"Content-Type": content_type}
    return person.http.post(url, data=statement.encode(), headers=headers, timeout=10)


WHERE = [
    ("DocNumber = 'A-1'", ["1"]),
    ("docnumber = 'a-1'", ["1"]),
    (r"DocNumber = 'a\'2'", ["2"]),
    ("DocNumber in ('A-1', 'nothing')", ["1"]),
    ("DocNumber LIKE 'a%'", ["1", "2"]),
    ("DocNumber LIKE '%1'", ["1"]),
    ("DocNumber LIKE 'A-1'", ["1"]),
    ("DocNumber like '_-1'", []),
    ("DocNumber = ' '", ["3"]),
    ("TotalAmt > '10.0'", ["2", "3"]),
    ("TotalAmt = '10.000'", ["1"]),
    ("TotalAmt in ('10', '30.00')", ["1", "3"]),
    ("Balance >= 20.50 and TxnDate < '2026-10-03'", ["2"]),
    ("CustomerRef = '2'", ["3"]),
    ("(CustomerRef = '1') AND (Balance > '15' AND TxnDate > '2026-01-01')", ["2"]),
    ("TxnDate = '1999-01-01'", []),
    ("TxnDate = '2026-10-02Z'", ["2"]),
    ("TxnDate >= '2026-10-02T00:00:00-07:00'", ["2", "3"]),
    ("TxnDate LIKE '2026-10-0%'", ["1", "2", "3"]),
    ("DueDate > CURRENT_DATE", ["1", "2", "3"]),
    ("DueDate > '2026-11-15'", ["2"]),
    ("TxnDate = CURRENT_DATE", []),
    ("Id in ('3','1')", ["1", "3"]),
    ("Id = '99'", []),
    ("MetaData.LastUpdatedTime > '2026-10-16T11:59:59-04:00'", ["2", "3"]),
    ("METADATA.lastupdatedtime > '2026-10-16T15:59:59Z'", ["2", "3"]),
    ("MetaData.LastUpdatedTime >= '2026-10-16T12:00:00'", ["2", "3"]),
    ("MetaData.LastUpdatedTime >= '2026-10-16'", ["2", "3"]),
    ("MetaData.LastUpdatedTime >= '2026-10-16T10:00:00-0600'", ["2", "3"]),
    ("MetaData.LastUpdatedTime >= '2026-10-16 16:00:00.000000+00:00'", ["2", "3"]),
    ("MetaData.LastUpdatedTime >= '2026-10-16T17:00:00 01:00'", ["2", "3"]),
    ("MetaData.LastUpdatedTime = '2026-10-16T12:00:00-04:00'", ["2"]),
    ("MetaData.CreateTime <= '2026-10-15T16:00:00Z'", ["1"]),
    ("MetaData.CreateTime > '2026-10-15T16:00:00Z' and MetaData.CreateTime < '2026-10-17T16:00:00Z'", ["2"]),
]


@pytest.mark.parametrize(("where", "expected"), WHERE)
def test_conditions_find_what_they_ask_for(three: Person, where: str, expected: list[str]) -> None:
    statement = f"select * from Invoice where {where}"
    assert ids(three.query(statement)) == expected
    assert three.query(f"select count(*) from Invoice where {where}") == {"totalCount": len(expected)}
    for content_type in ("application/text", "text/plain"):
        assert ids(posted(three, statement, content_type).json()["QueryResponse"]) == expected


WRITTEN = [
    ("select * from Invoice", ["1", "2", "3"]),
    ("SELECT FROM Invoice", ["1", "2", "3"]),
    ("Select *\n  From invoice\r\n Where DocNumber='A-1' ;  ", ["1"]),
    ("  select * from INVOICE;", ["1", "2", "3"]),
    ("select * from Invoice where TxnDate >= '2026-10-02' orderby TxnDate desc", ["3", "2"]),
    ("select * from Invoice Order By Balance DESC, TxnDate STARTPOSITION 2 MAXRESULTS 1", ["2"]),
    ("select * from Invoice orderby TxnDate asc startposition 0 maxresults 2", ["1", "2"]),
    ("select * from Invoice orderby DocNumber", ["3", "2", "1"]),
    ("select * from Invoice orderby DocNumber desc", ["1", "2", "3"]),
    ("select * from Invoice orderby MetaData.LastUpdatedTime desc maxresults 2", ["3", "2"]),
    ("select * from Invoice orderby MetaData.CreateTime desc", ["3", "2", "1"]),
    ("select * from Invoice orderby Id desc", ["1", "2", "3"]),
    ("select * from Invoice startposition 3", ["3"]),
    ("select * from Invoice startposition 4", []),
    ("select * from Invoice maxresults 1000", ["1", "2", "3"]),
]


@pytest.mark.parametrize(("statement", "expected"), WRITTEN)
def test_statements_may_be_written_in_many_ways(three: Person, statement: str, expected: list[str]) -> None:
    assert ids(three.query(statement)) == expected
    assert ids(posted(three, statement, "application/text").json()["QueryResponse"]) == expected


def test_a_form_may_carry_a_statement(three: Person) -> None:
    """Seen to work, though nobody documents it."""
    for body in ("query=select+count(*)+from+Invoice", "select%20count(*)%20from%20Invoice"):
        answer = posted(three, body, "application/x-www-form-urlencoded")
        assert answer.json()["QueryResponse"] == {"totalCount": 3}


def test_a_plus_in_the_address_is_a_blank_unless_it_is_encoded(three: Person) -> None:
    """The offset of a timestamp survives both."""
    url = f"{three.base}/v3/company/{three.realm}/query?query="
    where = "select+*+from+Invoice+where+MetaData.LastUpdatedTime+>=+'2026-10-16T18:00:00{plus}02:00'"
    for plus in ("+", "%2B"):
        answer = three.http.get(url + where.format(plus=plus), timeout=10)
        assert ids(answer.json()["QueryResponse"]) == ["2", "3"]


def test_special_characters_and_emoji_are_found(person: Person) -> None:
    name = "Zoë & Søn \U0001f600 100%"
    person.post("Customer", {"DisplayName": name})
    assert person.query(f"select * from Customer where DisplayName = '{name}'")["Customer"][0]["DisplayName"] == name
    assert person.query("select * from Customer where DisplayName like '%\U0001f600%'")["Customer"]
    answer = posted(person, f"select * from Customer where DisplayName = '{name}'", "text/plain")
    assert answer.json()["QueryResponse"]["maxResults"] == 1


def test_a_backslash_stands_for_itself_when_doubled(person: Person) -> None:
    made = person.post("Customer", {"DisplayName": "a\\b"})
    assert ids(person.query(r"select * from Customer where DisplayName = 'a\\b'"), "Customer") == [made["Id"]]
    assert ids(person.query(r"select * from Customer where DisplayName = 'a\b'"), "Customer") == [made["Id"]]
    person.side("POST", "settings", {"backslash_in_strings": "literal"})
    assert ids(person.query(r"select * from Customer where DisplayName = 'a\\b'"), "Customer") == []


def test_a_long_statement_goes_by_post(three: Person) -> None:
    many = ", ".join(f"'{number}'" for number in range(1, 5000))
    statement = f"select * from Invoice where Id in ({many})"
    assert len(statement) > 30_000
    assert ids(posted(three, statement, "application/text").json()["QueryResponse"]) == ["1", "2", "3"]


def test_booleans_stand_bare_and_are_tolerated_in_quotes(person: Person) -> None:
    for word in ("true", "TRUE", "True", "'true'"):
        assert person.query(f"select count(*) from Item where Active = {word}")["totalCount"]
    person.side("POST", "settings", {"quoted_booleans": "refuse"})
    assert person.query_refused("select * from Item where Active = 'true'")["code"] == "4001"
    assert person.query_refused("select * from Item where Active = 'yes'")["code"] == "4001"


def test_counts_ignore_pages(three: Person) -> None:
    assert three.query("select count(*) from Invoice startposition 3 maxresults 1") == {"totalCount": 3}
    assert three.query("select COUNT ( * ) from Bill") == {"totalCount": 0}


def test_total_count_is_said_where_the_page_holds_everything(three: Person) -> None:
    """As in the samples of the entity pages: for transactions, not for names."""
    assert three.query("select * from Invoice maxresults 3")["totalCount"] == 3
    assert "totalCount" not in three.query("select * from Invoice maxresults 2")
    assert "totalCount" not in three.query("select * from Invoice startposition 2")
    found = three.query("select * from Customer")
    assert (found["startPosition"], found["maxResults"], "totalCount" in found) == (1, 11, False)
    assert list(three.query("select * from Invoice")) == ["Invoice", "startPosition", "maxResults", "totalCount"]


def test_a_projection_gives_sparse_objects(three: Person) -> None:
    frame = {"domain": "QBO", "sparse": True, "Id": "1"}
    assert three.query("select docnumber, Id from Invoice maxresults 1")["Invoice"] == [{**frame, "DocNumber": "A-1"}]
    times = three.query("select MetaData.CreateTime from Invoice where Id = '1'")["Invoice"]
    assert times == [{**frame, "MetaData": {"CreateTime": "2026-10-15T12:00:00-04:00"}}]
    both = "select MetaData.CreateTime, MetaData.LastUpdatedTime from Invoice where Id = '1'"
    assert len(three.query(both)["Invoice"][0]["MetaData"]) == 2
    assert three.query("select CustomerRef from Invoice where Id = '3'")["Invoice"][0]["CustomerRef"]["value"] == "2"
    lines = three.query("select Line.* from Invoice where Id = '1'")["Invoice"][0]["Line"]
    assert lines == three.get("Invoice", "1")["Line"]
    amounts = three.query("select Line.Amount from Invoice where Id = '1'")["Invoice"][0]["Line"]
    assert amounts == [{"Amount": 10}, {"Amount": 10}]
    everything = three.query("select *, Sku from Item where Id = '1'")["Item"][0]
    assert (everything["Name"], everything["sparse"]) == ("Milestone", False)


def test_nested_properties_cannot_be_named_in_a_projection(three: Person) -> None:
    """Seen live for addresses and references; the switch allows them."""
    customer = {"DisplayName": "With address", "BillAddr": {"City": "Troy", "Line1": "1 Way"}}
    made = three.post("Customer", customer)
    for name in ("BillAddr", "BillAddr.City", "ParentRef"):
        error = three.query_refused(f"select Id, {name} from Customer")
        assert error["Detail"] == f"QueryValidationError: Property {name} not found for Entity Customer"
    assert three.query("select Id, PrimaryEmailAddr from Customer maxresults 1")["maxResults"] == 1
    assert three.query_refused("select InvoiceLink from Invoice")["code"] == "4001"
    three.side("POST", "settings", {"projection_of_groups": "accept"})
    found = three.query(f"select BillAddr.City from Customer where Id = '{made['Id']}'")["Customer"][0]
    assert found["BillAddr"] == {"City": "Troy"}


PARSER = [
    ("", '"<EOF>" at line 0, column 0.'),
    ("select * from", '"<EOF>" at line 1, column 13.'),
    ("select * from Invoice where", '"<EOF>" at line 1, column 27.'),
    ("select * from Invoice where DocNumber =", '"<EOF>" at line 1, column 39.'),
    ("delete from Invoice", '" <IDENTIFIER> "delete "" at line 1, column 1.'),
    ("select * form Invoice", '" <IDENTIFIER> "form "" at line 1, column 10.'),
    ("select * from Invoice, Bill", '" "," ", "" at line 1, column 22.'),
    ("select * from Vendor where DisplayName = 'Cutlery 'R Us'", '" <IDENTIFIER> "R "" at line 1, column 52.'),
    ("select * from Invoice where DocNumber = 'O''Brien'", '" <STRING> "\\\'Brien\\\' "" at line 1, column 44.'),
    ("select * from Invoice where Balance = '1' or Balance = '2'", '" <OR> "or "" at line 1, column 43.'),
    ("select * from Invoice where DocNumber != 'a'", '" "!=" "!= "" at line 1, column 39.'),
    ("select * from Invoice where not DocNumber = 'a'", '" "not" "not "" at line 1, column 43.'),
    ("select * from Invoice where DocNumber <> 'a'", '" ">" "> "" at line 1, column 40.'),
    ("select * from Invoice where DocNumber is null", '" <IDENTIFIER> "is "" at line 1, column 39.'),
    ("select * from Invoice where DocNumber like 5", '" <INTEGER> "5 "" at line 1, column 44.'),
    ("select * from Invoice where Id in ()", '" ")" ") "" at line 1, column 36.'),
    ("select * from Invoice where ()", '" ")" ") "" at line 1, column 30.'),
    ("select * from Invoice group by DocNumber", '" <IDENTIFIER> "group "" at line 1, column 23.'),
    ("select * from Invoice\njoin Customer", '" <IDENTIFIER> "join "" at line 2, column 1.'),
    ("select sum(TotalAmt) from Invoice", '" "(" "( "" at line 1, column 11.'),
    ("select count(Id) from Invoice", '" <IDENTIFIER> "Id "" at line 1, column 14.'),
    ("select distinct DocNumber from Invoice", '" <IDENTIFIER> "DocNumber "" at line 1, column 17.'),
    ("select * from Invoice where lower(DocNumber) = 'a'", '" "(" "( "" at line 1, column 34.'),
    ("select * from Invoice limit 5", '" <IDENTIFIER> "limit "" at line 1, column 23.'),
    ("select * from Invoice startposition '1'", '" <STRING> "\\\'1\\\' "" at line 1, column 37.'),
    ("select * from Invoice; select * from Bill", '" "select" "select "" at line 1, column 24.'),
    ("select * from Invoice where TxnDate > 2026-10-01", '" <INTEGER> "-10 "" at line 1, column 43.'),
]  # fmt: skip


@pytest.mark.parametrize(("statement", "seen"), PARSER)
def test_what_cannot_be_parsed_is_refused_with_its_place(person: Person, statement: str, seen: str) -> None:
    error = person.query_refused(statement)
    assert error == {
        "Message": "Error parsing query", "Detail": f"QueryParserError: Encountered {seen}", "code": "4000",
    }  # fmt: skip


LEXER = [
    ("select * from account where AccountSubType %3D 'a'", 'column 44.  Encountered: "%" (37), after : ""'),
    ('select * from Invoice where DocNumber = "a"', 'column 41.  Encountered: "\\"" (34), after : ""'),
    ("select * from Invoice where DocNumber = 'a", 'column 43.  Encountered: <EOF> after : "\\\'a"'),
    (r"select * from Invoice where DocNumber = 'a\'", "column 45.  Encountered: <EOF> after : \"\\'a\\\\\\'\""),
    ("select * from Invoice where DocNumber = \u2018a\u2019", 'column 41.  Encountered: "\\u2018" (8216), after : ""'),
]


@pytest.mark.parametrize(("statement", "seen"), LEXER)
def test_what_is_no_word_of_the_language_is_a_lexical_error(person: Person, statement: str, seen: str) -> None:
    detail = person.query_refused(statement)["Detail"]
    assert detail == f"QueryParserError: Invalid content. Lexical error at line 1, {seen}"


def test_the_parser_says_what_it_expected_where_that_is_wanted(person: Person) -> None:
    """Older captures go on so; both are verbatim but for the column."""
    person.side("POST", "settings", {"parser_expectations": True})
    error = person.query_refused("select * from Vendor where DisplayName = 'Cutlery 'R Us'")
    assert error["Detail"] == (
        'QueryParserError: Encountered " <IDENTIFIER> "R "" at line 1, column 52.\nWas expecting one of:\n'
        '    <EOF> \n    <AND> ...\n    "iterator" ...\n    "maxresults" ...\n    <OR> ...\n    "order" ...\n'
        '    "orderby" ...\n    "startposition" ...\n    '
    )
    assert person.query_refused("")["Detail"] == (
        'QueryParserError: Encountered "<EOF>" at line 0, column 0.\nWas expecting:\n    "select" ...\n    '
    )


VALIDATION = [
    ("select * from Check", "invalid context declaration: Check"),
    ("select * from nothing", "invalid context declaration: nothing"),
    ("select * from TaxService", "Metadata not found for Entity: TaxService"),
    ("select * from Payment where NoSuchField = '1'", "Property NoSuchField not found for Entity Payment"),
    ("select NoSuchField from Payment", "Property NoSuchField not found for Entity Payment"),
    ("select * from Payment orderby NoSuchField", "Property NoSuchField not found for Entity Payment"),
    ("select * from Invoice where CustomerRef.value = '1'", "Property CustomerRef.value not found for Entity Invoice"),
    ("select * from Purchase where AccountRef.name = 'x'", "Property AccountRef.name not found for Entity Purchase"),
    ("select * from PurchaseOrder where CustomerRef = '1'", "Property CustomerRef not found for Entity PurchaseOrder"),
    ("select * from Customer where CustomerTypeRef = '1'", "property 'CustomerTypeRef' is not queryable"),
    ("select * from Vendor where PrimaryEmailAddr = 'a@b.c'", "property 'PrimaryEmailAddr' is not queryable"),
    ("select * from Vendor where acctnum = '1'", "property 'acctnum' is not queryable"),
    ("select * from Deposit where TotalAmt > '1'", "property 'TotalAmt' is not queryable"),
    ("select * from Purchase where EntityRef = '1'", "property 'EntityRef' is not queryable"),
    ("select * from Invoice where DepartmentRef = '1'", "property 'DepartmentRef' is not queryable"),
    ("select * from Payment where UnappliedAmt > '0'", "property 'UnappliedAmt' is not queryable"),
    ("select * from Payment where DocNumber = 'a'", "property 'DocNumber' is not queryable"),
    ("select * from Invoice where Line.Amount = '1'", "property 'Line.Amount' is not queryable"),
    ("select * from Invoice where MetaData = '2026-01-01'", "property 'MetaData' is not queryable"),
    ("select * from Invoice orderby CustomerRef", "property 'CustomerRef' is not sortable"),
    ("select * from Invoice maxresults 0", "value 0 is too small. Min allowed value is 1"),
    ("select * from Invoice maxresults -5", "value -5 is too small. Min allowed value is 1"),
    ("select * from Invoice startposition -1", "value -1 is too small. Min allowed value is 0"),
    ("select * from Invoice maxresults 1500", "value 1500 is too large. Max allowed value is 1000"),
]


@pytest.mark.parametrize(("statement", "said"), VALIDATION)
def test_what_cannot_be_asked_is_refused_by_name(person: Person, statement: str, said: str) -> None:
    """Most of these texts were seen live."""
    error = person.query_refused(statement)
    assert error == {"Message": "Invalid query", "Detail": f"QueryValidationError: {said}", "code": "4001"}


MISFITS = [
    "Id > '1'", "Id like '1%'", "TotalAmt like '1%'", "TotalAmt = 'ten'", "TotalAmt = 'nan'", "TxnDate = '01/02/2026'",
    "TxnDate = '2026-13-01'", "MetaData.LastUpdatedTime > 'yesterday'", "MetaData.CreateTime like '2026%'",
    "TxnDate > '2026-02-30'", "MetaData.LastUpdatedTime > '2026-10-16T25:00:00Z'",
]  # fmt: skip


@pytest.mark.parametrize("where", MISFITS)
def test_a_literal_or_operator_that_does_not_fit_is_refused(person: Person, where: str) -> None:
    assert person.query_refused(f"select * from Invoice where {where}")["code"] == "4001"


def test_unsure_answers_of_the_language_are_switches(three: Person) -> None:
    three.side("POST", "settings", {"query_negation": "accept", "orderby_id": "sort", "too_many_rows": "clamp"})
    assert ids(three.query("select * from Invoice where DocNumber != 'A-1' orderby Id desc")) == ["3", "2"]
    assert ids(three.query("select * from Invoice where not CustomerRef = '1' maxresults 5000")) == ["3"]
    assert ids(three.query("select * from Invoice where not MetaData.CreateTime > '2026-10-16'")) == ["1"]
    three.side("POST", "settings", {"orderby_id": "refuse", "unquoted_numbers": "refuse"})
    assert three.query_refused("select * from Invoice orderby Id")["code"] == "4001"
    error = three.query_refused("SELECT * FROM Invoice WHERE Balance > 0")
    assert error["Detail"] == 'QueryParserError: Encountered " ">" "> "" at line 1, column 37.'


def test_name_lists_show_only_active_names_unless_asked(person: Person) -> None:
    person.post("Customer", {"Id": "9", "SyncToken": "0", "sparse": True, "Active": False})
    assert "9" not in ids(person.query("select * from Customer"), "Customer")
    assert person.query("select count(*) from Customer") == {"totalCount": 10}
    everyone = person.query("select * from Customer where Active in (true, false)")["Customer"]
    gone = next(each for each in everyone if each["Id"] == "9")
    assert gone["DisplayName"].endswith(" (deleted)")
    assert len(everyone) == 11
    assert ids(person.query("select * from Customer where Active = false"), "Customer") == ["9"]
    named = "select * from Customer where active IN (true, 'FALSE') and DisplayName like '%(deleted)'"
    assert ids(person.query(named), "Customer") == ["9"]


def test_attachments_are_found_by_what_they_are_attached_to(person: Person) -> None:
    """The one reference that is asked for by its parts; an official example."""
    link = [{"EntityRef": {"type": "Invoice", "value": person.invoice(5)["Id"]}}]
    made = person.post("Attachable", {"Note": "a note", "AttachableRef": link})
    where = "where AttachableRef.EntityRef.Type = 'invoice' and AttachableRef.EntityRef.value = '1'"
    assert person.query(f"select Id from attachable {where}")["Attachable"] == [
        {"domain": "QBO", "sparse": True, "Id": made["Id"]}
    ]
    assert person.query("select * from Attachable where AttachableRef.EntityRef.value = '2'") == {}
    assert ids(person.query("select * from Attachable where AttachableRef.EntityRef.value IN ('1')"), "Attachable")


def test_an_email_address_of_a_customer_is_found(person: Person) -> None:
    made = person.post("Customer", {"DisplayName": "By mail", "PrimaryEmailAddr": {"Address": "Ann@Example.com"}})
    for test in ("= 'ann@example.com'", "LIKE '%@example.com'"):
        assert ids(person.query(f"select * from Customer where PrimaryEmailAddr {test}"), "Customer") == [made["Id"]]


def test_company_and_preferences_are_queried_as_one_row(person: Person) -> None:
    assert person.query("select * from CompanyInfo")["CompanyInfo"][0]["CompanyName"] == "Northlight Studio"
    assert person.query("select * from Preferences")["maxResults"] == 1
