"""The names of register and settings, found in QuickBooks: each exactly once and active, or a sentence (R64)."""

from dataclasses import replace
from decimal import Decimal

import pytest
from plan_company import SETUP

from qbo_milestones.model.books import Account, Customer, Item, Named, Setup, Term
from qbo_milestones.pipeline.directory import Directory, Entry, NotFound, index

CUSTOMERS = (
    Customer("58", "Acme"),
    Customer("59", "Website", parent_id="58", is_project=True),
    Customer("60", "Borealis"),
    Customer("61", "Website", parent_id="60", is_project=True),
    Customer("62", "Phase 2", parent_id="59"),
    Customer("63", "Twin"),
    Customer("64", "twin "),
    Customer("65", "Gone", active=False),
    Customer("66", "Back", active=False),
    Customer("67", "Back"),
)
DIRECTORY = index(replace(SETUP, customers=CUSTOMERS))


def id_of(found: Entry | NotFound) -> str:
    """The id of what was found, or the sentence."""
    return found.sentence if isinstance(found, NotFound) else found.id


@pytest.mark.parametrize(
    ("name", "project", "id_"),
    [
        ("Acme", "", "58"),
        ("  aCME ", "", "58"),
        ("id:60", "", "60"),
        ("ID:60", "", "60"),
        ("id:64", "", "64"),
        ("Back", "", "67"),
        # A project is one of its own customer, though another has one of that name.
        ("Acme", "Website", "59"),
        ("Borealis", "website", "61"),
        ("Acme", "id:59", "59"),
        ("id:58", "id:59", "59"),
        # A sub-customer of a project lies under the customer too.
        ("Acme", "Phase 2", "62"),
    ],
)
def test_a_customer_and_its_project_are_found(name: str, project: str, id_: str) -> None:
    """register.md, Contracts: by display name however it is written, or by `id:123`."""
    assert id_of(DIRECTORY.customer(name, project)) == id_


@pytest.mark.parametrize(
    ("name", "project", "words"),
    [
        ("Acme Ltd", "", ('no customer "Acme Ltd"', "create it")),
        ("", "", ('no customer ""',)),
        ("id:999", "", ('no customer "id:999"',)),
        ("Twin", "", ("2 entries", "id:63", "id:64")),
        ("Gone", "", ('"Gone" is inactive', "active again")),
        ("id:65", "", ("inactive",)),
        ("Acme Ltd", "Website", ('no customer "Acme Ltd"',)),
        ("Acme", "Nothing", ('project of customer "Acme" "Nothing"',)),
        ("Borealis", "Phase 2", ('project of customer "Borealis"',)),
        ("Borealis", "id:59", ('project of customer "Borealis"',)),
        # A customer is no project of itself.
        ("Acme", "Acme", ("project of customer",)),
    ],
)
def test_what_cannot_be_used_is_said(name: str, project: str, words: tuple[str, ...]) -> None:
    """R49, R64: nothing is guessed and nothing created; a sentence says what to do."""
    found = DIRECTORY.customer(name, project)
    assert isinstance(found, NotFound)
    assert all(word in found.sentence for word in words), found.sentence


def test_an_ambiguous_project_is_told_by_its_ids() -> None:
    """register.md, Contracts: two projects of one name under one customer."""
    two = (*CUSTOMERS, Customer("68", "Website", parent_id="58"))
    found = index(replace(SETUP, customers=two)).customer("Acme", "Website")
    assert isinstance(found, NotFound)
    assert "id:59" in found.sentence
    assert "id:68" in found.sentence
    assert "id:61" not in found.sentence


def test_a_circle_of_parents_ends() -> None:
    """reliability.md 4: broken data of the other side never hangs a run."""
    circle = (Customer("1", "Top"), Customer("2", "A", parent_id="3"), Customer("3", "B", parent_id="2"))
    assert isinstance(index(replace(SETUP, customers=circle)).customer("Top", "A"), NotFound)


def test_every_list_is_looked_up_in_the_same_way() -> None:
    """Names are compared as ids are, and only within their own list."""
    setup = Setup(
        "Northlight",
        "US",
        SETUP.preferences,
        accounts=(Account("1", "Sales", "Income"),),
        items=(Item("2", "Sales"),),
        terms=(Term("3", "Sales", 30),),
        classes=(Named("4", "Sales"),),
        locations=(Named("5", "Sales"),),
        tax_codes=(Named("6", "Sales"), Named("7", "Old", active=False)),
        clock_skew_s=Decimal(0),
    )
    found: Directory = index(setup)
    finds = (found.account, found.item, found.term, found.class_, found.location, found.tax_code)
    assert [id_of(find(" SALES")) for find in finds] == ["1", "2", "3", "4", "5", "6"]
    words = ("account", "product or service", "payment term", "class", "location", "tax code")
    for find, word in zip(finds, words, strict=True):
        missing = find("Rent")
        assert isinstance(missing, NotFound)
        assert f'no {word} "Rent"' in missing.sentence
    assert "inactive" in id_of(found.tax_code("old"))
