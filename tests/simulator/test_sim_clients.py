"""Public Python clients work against the simulator without a change."""

import json
from collections.abc import Iterator
from importlib import import_module
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest
import requests
from client_rows import FOUNDATIONS, READ_ONLY, REPORTS, ROWS, Row
from simulator_person import Person


def public(module: str, name: str) -> Any:
    """A name of one of the public clients; they have no types of their own."""
    return getattr(import_module(module), name)


AuthClient = public("intuitlib.client", "AuthClient")
Scopes = public("intuitlib.enums", "Scopes")
QuickBooks = public("quickbooks", "QuickBooks")
QuickbooksException = public("quickbooks.exceptions", "QuickbooksException")
ValidationException = public("quickbooks.exceptions", "ValidationException")
Account = public("quickbooks.objects.account", "Account")
Customer = public("quickbooks.objects.customer", "Customer")
Invoice = public("quickbooks.objects.invoice", "Invoice")
JournalEntry = public("quickbooks.objects.journalentry", "JournalEntry")
Payment = public("quickbooks.objects.payment", "Payment")


def ref(value: str) -> Any:
    found = public("quickbooks.objects.base", "Ref")()
    found.value = value
    return found


@pytest.fixture
def books(person: Person, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """python-quickbooks, connected through intuit-oauth's own flow."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    discovery = f"{person.base}/.well-known/openid_sandbox_configuration"
    auth = AuthClient("simulator-app", "simulator-secret", "http://localhost:8000/callback", discovery)
    url = auth.get_authorization_url([Scopes.ACCOUNTING])
    answer = requests.get(f"{url}&sim_approve=1", allow_redirects=False, timeout=10)
    back = parse_qs(urlparse(answer.headers["Location"]).query)
    auth.get_bearer_token(back["code"][0], realm_id=back["realmId"][0])
    monkeypatch.setattr(QuickBooks, "api_url_v3", f"{person.base}/v3")
    client = QuickBooks(auth_client=auth, company_id=back["realmId"][0], minorversion=75)
    yield client
    client.session.close()
    auth.close()


def an_invoice(amount: float = 100.0) -> Any:
    invoice = Invoice()
    invoice.CustomerRef = ref("1")
    line = public("quickbooks.objects.detailline", "SalesItemLine")()
    line.Amount = amount
    line.SalesItemLineDetail = public("quickbooks.objects.detailline", "SalesItemLineDetail")()
    line.SalesItemLineDetail.ItemRef = ref("1")
    invoice.Line.append(line)
    return invoice


MODULES = {"Class": "trackingclass"}


def entity_class(name: str) -> Any:
    """python-quickbooks' class of an entity."""
    return public(f"quickbooks.objects.{MODULES.get(name, name.lower())}", name)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.entity)
def test_every_entity_is_saved_found_and_ended(books: Any, person: Person, row: Row) -> None:
    person.side("POST", "load", FOUNDATIONS, merge="1")
    kind = entity_class(row.entity)
    name, value = next(iter(row.change.items()))
    made = kind.from_json(row.body).save(qb=books)
    read = kind.get(made.Id, qb=books)
    assert (read.Id, read.SyncToken) == (made.Id, "0")
    setattr(read, name, value)
    assert (read.save(qb=books).SyncToken, getattr(kind.get(made.Id, qb=books), name)) == ("1", value)
    assert [each.Id for each in kind.filter(Id=made.Id, qb=books)] == [made.Id]
    assert [each.Id for each in kind.choose([made.Id, "999999"], qb=books)] == [made.Id]
    assert kind.count(f"Id = '{made.Id}'", qb=books) == 1
    if row.find:
        assert made.Id in [each.Id for each in kind.filter(**dict([row.find]), max_results=10, qb=books)]
    assert made.Id in [each.Id for each in kind.all(max_results=1000, qb=books)]
    end(books, kind, row, made.Id)


def end(books: Any, kind: Any, row: Row, object_id: str) -> None:
    """Send, void, then delete or make inactive."""
    if row.sends and hasattr(kind, "send"):
        found = kind.get(object_id, qb=books).send(qb=books, send_to="a+b@acme-robotics.example")[row.entity]
        assert (found["EmailStatus"], found[row.address]["Address"]) == ("EmailSent", "a+b@acme-robotics.example")
    if row.prints and hasattr(kind, "download_pdf"):
        assert kind.get(object_id, qb=books).download_pdf(qb=books).startswith(b"%PDF-")
    if row.voids and hasattr(kind, "void"):
        kind.get(object_id, qb=books).void(qb=books)
        assert kind.get(object_id, qb=books).TotalAmt == 0
    last = kind.get(object_id, qb=books)
    if row.ends == "delete":
        assert last.delete(qb=books)[row.entity]["status"] == "Deleted"
        with pytest.raises(public("quickbooks.exceptions", "ObjectNotFoundException")):
            kind.get(object_id, qb=books)
    else:
        last.Active = False
        assert last.save(qb=books).Active is False
        assert object_id not in [each.Id for each in kind.all(max_results=1000, qb=books)]


@pytest.mark.parametrize("name", READ_ONLY)
def test_what_is_only_read(books: Any, name: str) -> None:
    kind = entity_class(name)
    found = kind.all(qb=books)
    assert found
    assert kind.get(found[0].Id, qb=books).Id == found[0].Id


def test_settings_and_reports(books: Any) -> None:
    preferences = public("quickbooks.objects.preferences", "Preferences").get(qb=books)
    preferences.TimeTrackingPrefs.BillCustomers = False
    assert preferences.save(qb=books).TimeTrackingPrefs.BillCustomers is False
    info = public("quickbooks.objects.company_info", "CompanyInfo").get(books.company_id, qb=books)
    assert info.CompanyName == "Northlight Studio"
    for name in REPORTS:
        report = books.get_report(name, {"start_date": "2026-01-01", "end_date": "2026-12-31"})
        assert (report["Header"]["ReportName"], set(report)) == (name, {"Header", "Columns", "Rows"})


def test_currencies_and_their_rates(books: Any, person: Person) -> None:
    person.side("POST", "settings", {"preferences": {"CurrencyPrefs": {"MultiCurrencyEnabled": True}}})
    currency = entity_class("CompanyCurrency").from_json({"Code": "EUR", "Name": "Euro"}).save(qb=books)
    assert [each.Code for each in entity_class("CompanyCurrency").filter(Id=currency.Id, qb=books)] == ["EUR"]
    rates = entity_class("ExchangeRate")
    rate = rates.from_json({"SourceCurrencyCode": "EUR", "AsOfDate": "2026-10-01", "Rate": 1.0875})
    assert rate.save(qb=books).TargetCurrencyCode == "USD"
    (found,) = rates.filter(SourceCurrencyCode="EUR", AsOfDate="2026-10-01", qb=books)
    assert found.Rate == 1.0875


def test_a_tax_code_with_its_rate_is_made(books: Any) -> None:
    agency = entity_class("TaxAgency").all(qb=books)[0]
    detail = {"TaxRateName": "Albany sales tax", "RateValue": 8, "TaxAgencyId": agency.Id, "TaxApplicableOn": "Sales"}
    service = public("quickbooks.objects.taxservice", "TaxService")
    made = service.from_json({"TaxCode": "Albany", "TaxRateDetails": [detail]}).save(qb=books)
    assert entity_class("TaxCode").get(made.TaxCodeId, qb=books).Name == "Albany"
    assert "Albany sales tax" in [each.Name for each in entity_class("TaxRate").all(qb=books)]


def test_templates_of_what_comes_again(books: Any) -> None:
    """The client deletes a template with everything that it read of it."""
    kind = entity_class("RecurringTransaction")
    schedule = {"IntervalType": "Monthly", "NumInterval": 1, "DayOfMonth": 1}
    info = {"Name": "Hosting", "Active": True, "RecurType": "Automated", "ScheduleInfo": schedule}
    body = next(row.body for row in ROWS if row.entity == "Invoice")
    body = {name: value for name, value in body.items() if name != "DocNumber"}
    made = kind.from_json({"Invoice": {**body, "RecurringInfo": info}}).save(qb=books)
    read = kind.get(made.Invoice.Id, qb=books)
    assert (read.Invoice.RecurringInfo.Name, read.Invoice.SyncToken) == ("Hosting", "0")
    read.Invoice.PrivateNote = "every month"
    assert read.save(qb=books).Invoice.PrivateNote == "every month"
    assert [each.Invoice.Id for each in kind.all(qb=books)] == [made.Invoice.Id]
    last = kind.get(made.Invoice.Id, qb=books)
    assert last.delete(qb=books)["RecurringTransaction"]["status"] == "Deleted"
    assert kind.all(qb=books) == []


def test_dlt_reads_customers_with_settings_alone(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its source makes the clients from an access token, and names no minor version."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    monkeypatch.setattr(QuickBooks, "api_url_v3", f"{person.base}/v3")
    token = person.side("POST", "token", {"client_id": "simulator-app"})
    auth = AuthClient(
        client_id="simulator-app", client_secret="simulator-secret", redirect_uri="http://localhost:8000/callback",
        environment=f"{person.base}/.well-known/openid_configuration/", access_token=token["access_token"],
    )  # fmt: skip
    with pytest.warns(DeprecationWarning, match="minor version"):
        client = QuickBooks(auth_client=auth, refresh_token=token["refresh_token"], company_id=person.realm)
    assert [each.to_dict()["DisplayName"] for each in Customer.all(qb=client)][:1] == ["Acme Robotics"]
    client.session.close()
    auth.close()


def test_batches_change_and_delete(books: Any, person: Person) -> None:
    made = public("quickbooks.batch", "batch_create")([an_invoice(each) for each in range(1, 33)], qb=books)
    assert (len(made.successes), len(made.faults)) == (32, 0)
    for each in made.successes:
        each.PrivateNote = "in one go"
    changed = public("quickbooks.batch", "batch_update")(made.successes, qb=books)
    assert {each.PrivateNote for each in changed.successes} == {"in one go"}
    stale = public("quickbooks.batch", "batch_delete")(made.successes[:2], qb=books)
    assert [each.Error[0].code for each in stale.faults] == ["5010", "5010"]
    assert Invoice.count(qb=books) == 32
    person.proof()


def test_changes_since_with_what_is_gone(books: Any, person: Person) -> None:
    kinds = [Invoice, Payment, Customer, JournalEntry]
    kept, gone = person.invoice(5), person.invoice(6)
    person.call("POST", "invoice", {"Id": gone["Id"], "SyncToken": "0"}, operation="delete")
    found = public("quickbooks.cdc", "change_data_capture")(kinds, "2026-10-15", qb=books)
    assert [(each.Id, getattr(each, "status", "")) for each in found.Invoice] == [
        (kept["Id"], ""), (gone["Id"], "Deleted"),
    ]  # fmt: skip
    assert not hasattr(found, "Payment")


def test_the_connection_is_refreshed_shown_and_revoked(books: Any) -> None:
    """intuit-oauth; python-quickbooks keeps the old access token, so a new client is made."""
    auth = books.auth_client
    auth.refresh()
    fresh = QuickBooks(auth_client=auth, company_id=books.company_id, minorversion=75)
    assert Customer.count(qb=fresh) == 11
    auth.revoke()
    with pytest.raises(public("quickbooks.exceptions", "AuthorizationException")):
        Customer.count(qb=fresh)
    fresh.session.close()


def test_an_invoice_is_made_changed_paid_and_voided(books: Any, person: Person) -> None:
    invoice = an_invoice().save(qb=books, request_id="pq-1")
    assert (invoice.Id, invoice.TotalAmt) == ("1", 100)
    invoice.PrivateNote = "changed"
    invoice = invoice.save(qb=books)
    assert invoice.SyncToken == "1"
    payment = Payment()
    payment.CustomerRef, payment.TotalAmt = ref("1"), 100
    line = public("quickbooks.objects.payment", "PaymentLine")()
    line.Amount = 100
    line.LinkedTxn.append(invoice.to_linked_txn())
    payment.Line.append(line)
    payment = payment.save(qb=books)
    assert Invoice.get(1, qb=books).Balance == 0
    payment.void(qb=books)
    paid = Invoice.get(1, qb=books)
    assert paid.Balance == 100
    paid.void(qb=books)
    assert Invoice.get(1, qb=books).PrivateNote == "Voided - changed"
    person.proof()


def test_lists_queries_counts_and_batches(books: Any) -> None:
    assert len(Customer.all(qb=books)) == 11
    assert Account.filter(AccountType="Bank", Active=True, qb=books)[0].Name == "Checking"
    assert [each.DisplayName for each in Customer.where("DisplayName LIKE 'Beta H%'", qb=books)][:1] == ["Beta Health"]
    made = public("quickbooks.batch", "batch_create")([an_invoice(1), an_invoice(2)], qb=books)
    assert (len(made.successes), made.faults) == (2, [])
    assert Invoice.count(qb=books) == 2
    changed = public("quickbooks.cdc", "change_data_capture")([Invoice, Payment], "2026-10-15T00:00:00-04:00", qb=books)
    assert len(changed.Invoice) == 2


def test_a_journal_is_posted(books: Any) -> None:
    journal = JournalEntry()
    for side, account in (("Debit", "4"), ("Credit", "8")):
        line = public("quickbooks.objects.journalentry", "JournalEntryLine")()
        line.Amount = 10.25
        line.JournalEntryLineDetail = public("quickbooks.objects.journalentry", "JournalEntryLineDetail")()
        line.JournalEntryLineDetail.PostingType = side
        line.JournalEntryLineDetail.AccountRef = ref(account)
        journal.Line.append(line)
    journal.DocNumber = "D-1-AJ"
    journal.save(qb=books)
    assert JournalEntry.filter(DocNumber="D-1-AJ", qb=books)[0].TotalAmt == 0
    journal.delete(qb=books)
    assert JournalEntry.count(qb=books) == 0


def test_faults_become_the_clients_exceptions(books: Any, person: Person) -> None:
    with pytest.raises(ValidationException, match="Required param missing"):
        Invoice().save(qb=books)
    person.side("POST", "faults", {"kind": "throttle"})
    with pytest.raises(QuickbooksException, match="ThrottleExceeded"):
        Invoice.get(1, qb=books)


def test_a_file_is_attached_to_an_invoice(books: Any, person: Person) -> None:
    """By the public client (base64) and as a plain multipart form."""
    made = person.invoice(5)
    attachable = public("quickbooks.objects.attachable", "Attachable")()
    attachable.FileName, attachable.ContentType, attachable._FileBytes = "a.txt", "text/plain", b"accepted"
    attachable.Note = "evidence"
    saved = attachable.save(qb=books)
    assert (saved.Size, requests.get(saved.TempDownloadUri, timeout=10).text) == (8, "accepted")
    link = [{"EntityRef": {"type": "Invoice", "value": made["Id"]}}]
    metadata = json.dumps({"AttachableRef": link, "FileName": "b.pdf", "ContentType": "application/pdf"})
    files: Any = {
        "file_metadata_01": ("m.json", metadata, "application/json"),
        "file_content_01": ("b.pdf", b"\r\n%PDF\n\n", "application/pdf"),
    }
    url = f"{person.base}/v3/company/{person.realm}/upload"
    found = person.http.post(url, files=files, timeout=10).json()["AttachableResponse"][0]["Attachable"]
    assert (found["FileName"], found["Size"]) == ("b.pdf", 8)
    assert found["AttachableRef"] == [{**link[0], "IncludeOnSend": False}]
    assert requests.get(found["TempDownloadUri"], timeout=10).content == b"\r\n%PDF\n\n"
    assert person.query("select * from Attachable where FileName = 'b.pdf'")["Attachable"][0]["Id"] == found["Id"]


def test_a_card_is_paid_from_the_bank(books: Any, person: Person) -> None:
    """An entity whose JSON has another name than its path: CreditCardPaymentTxn."""
    person.side("POST", "load", FOUNDATIONS, merge="1")
    kind = public("quickbooks.objects.creditcardpayment_entity", "CreditCardPayment")
    paid = kind()
    paid.Amount, paid.BankAccountRef, paid.CreditCardAccountRef = 100, ref("1"), ref("900")
    paid = paid.save(qb=books)
    assert person.side("GET", "trial_balance")["by_id"]["900"] == "100.00"
    paid.Amount = 40
    assert paid.save(qb=books).SyncToken == "1"
    assert [each.Amount for each in kind.all(qb=books)] == [40]
    assert person.query("select * from CreditCardPaymentTxn where TxnDate > '2026-01-01'")["CreditCardPaymentTxn"]
    changes = person.call("GET", "cdc", entities="CreditCardPayment", changedSince="2026-10-14").json()
    assert "CreditCardPaymentTxn" in changes["CDCResponse"][0]["QueryResponse"][0]
    items = [{"bId": "1", "operation": "delete", "CreditCardPaymentTxn": {"Id": paid.Id, "SyncToken": "1"}}]
    gone = person.call("POST", "batch", {"BatchItemRequest": items}).json()["BatchItemResponse"][0]
    assert gone["CreditCardPaymentTxn"] == {"status": "Deleted", "domain": "QBO", "Id": paid.Id}
    wrong = {"BankAccountRef": {"value": "900"}, "CreditCardAccountRef": {"value": "1"}, "Amount": 1}
    assert person.refused("CreditCardPayment", wrong)["element"] == "BankAccountRef"
    person.proof()
