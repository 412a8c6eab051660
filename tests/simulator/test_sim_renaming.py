"""A changed name is shown beside every reference, without a new SyncToken for what refers to it."""

from typing import Any

from simulator_person import Person, journal_line, sale_line

Doc = dict[str, Any]


def renamed(person: Person, name: str, object_id: str, **more: Any) -> Doc:
    """Change a name-list object sparsely."""
    token = person.get(name, object_id)["SyncToken"]
    return person.post(name, {"Id": object_id, "SyncToken": token, "sparse": True, **more})


def test_a_renamed_customer_is_renamed_in_old_documents(person: Person) -> None:
    made, paid = person.invoice(100), person.pay(5)
    entry = person.post("JournalEntry", {"Line": [journal_line(7, "Debit", "2", "1"), journal_line(7, "Credit", "8")]})
    line = {"Amount": 3, "DepositLineDetail": {"AccountRef": {"value": "2"}, "Entity": {"value": "1"}}}
    deposit = person.post("Deposit", {"DepositToAccountRef": {"value": "1"}, "Line": [line]})
    before = person.get("Invoice", made["Id"])
    person.side("POST", "clock", {"advance_s": 60})
    renamed(person, "Customer", "1", DisplayName="Acme Machines")
    now = person.get("Invoice", made["Id"])
    assert now == {**before, "CustomerRef": {"value": "1", "name": "Acme Machines"}}
    assert person.get("Payment", paid["Id"])["CustomerRef"]["name"] == "Acme Machines"
    entity = person.get("JournalEntry", entry["Id"])["Line"][0]["JournalEntryLineDetail"]["Entity"]
    assert entity["EntityRef"] == {"value": "1", "name": "Acme Machines"}
    found = person.get("Deposit", deposit["Id"])["Line"][0]["DepositLineDetail"]["Entity"]
    assert found["name"] == "Acme Machines"
    assert person.get("Customer", "10")["FullyQualifiedName"] == "Acme Machines:Acme Robotics website"
    assert person.invoice(1)["CustomerRef"]["name"] == "Acme Machines"


def test_only_what_refers_to_it_is_renamed(person: Person) -> None:
    """Another customer, and a vendor of the same Id, keep their names."""
    vendor = person.post("Vendor", {"DisplayName": "Quarry Print"})
    other = person.invoice(1, customer="2")
    line = journal_line(7, "Debit", "16")
    line["JournalEntryLineDetail"]["Entity"] = {"Type": "Vendor", "EntityRef": {"value": vendor["Id"]}}
    entry = person.post("JournalEntry", {"Line": [line, journal_line(7, "Credit", "8")]})
    before = [person.get("Invoice", other["Id"]), person.get("JournalEntry", entry["Id"])]
    person.side("POST", "checkpoint")
    renamed(person, "Customer", vendor["Id"], DisplayName="Acme Machines")
    renamed(person, "Customer", "3", Notes="no new name")
    assert [person.get("Invoice", other["Id"]), person.get("JournalEntry", entry["Id"])] == before
    assert set(person.side("GET", "changes")["companies"][person.realm]) == {"Customer"}


def test_a_renamed_item_account_class_and_term_are_renamed_in_old_documents(person: Person) -> None:
    lines = [sale_line(100, "1", ClassRef={"value": "1"}), sale_line(5, "4")]
    made = person.post("Invoice", {"CustomerRef": {"value": "1"}, "Line": lines, "SalesTermRef": {"value": "3"}})
    renamed(person, "Item", "1", Name="Deliverable")
    renamed(person, "Class", "1", Name="Drawing")
    renamed(person, "Account", "4", Name="Accepted, not billed")
    now = person.get("Invoice", made["Id"])
    first, second = (line["SalesItemLineDetail"] for line in now["Line"][:2])
    assert (first["ItemRef"]["name"], second["ItemRef"]["name"]) == ("Deliverable", "Consulting")
    assert first["ClassRef"]["name"] == "Drawing"
    assert person.get("Item", "1")["IncomeAccountRef"]["name"] == "Accepted, not billed"
    assert now["SyncToken"] == "0"


def test_the_name_of_a_parent_is_renamed_in_references_to_its_children(person: Person) -> None:
    """The full name is what a reference to an account shows (quickbooks-online.md 2.3)."""
    child = {"Name": "Design", "AccountType": "Income", "ParentRef": {"value": "9"}, "SubAccount": True}
    account = person.post("Account", child)["Id"]
    lines = [journal_line(7, "Debit", "1"), journal_line(7, "Credit", account)]
    entry = person.post("JournalEntry", {"Line": lines})
    renamed(person, "Account", "9", Name="Services")
    detail = person.get("JournalEntry", entry["Id"])["Line"][1]["JournalEntryLineDetail"]
    assert detail["AccountRef"] == {"value": account, "name": "Services:Design"}


def test_what_is_made_inactive_shows_so_in_old_documents(person: Person) -> None:
    made = person.invoice(100, customer="6")
    person.pay(100, ("Invoice", made["Id"], 100), customer="6")
    renamed(person, "Customer", "6", Active=False)
    assert person.get("Invoice", made["Id"])["CustomerRef"]["name"] == "Fjord Outdoor (deleted)"
    renamed(person, "Customer", "6", Active=True, DisplayName="Fjord Outdoor")
    assert person.get("Invoice", made["Id"])["CustomerRef"]["name"] == "Fjord Outdoor"


def test_by_a_switch_old_documents_keep_the_old_name(person: Person) -> None:
    person.side("POST", "settings", {"renamed_references": "then"})
    made = person.invoice(100)
    renamed(person, "Customer", "1", DisplayName="Acme Machines")
    assert person.get("Invoice", made["Id"])["CustomerRef"]["name"] == "Acme Robotics"
    assert person.invoice(1)["CustomerRef"]["name"] == "Acme Machines"
