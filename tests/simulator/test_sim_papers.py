"""Documents as PDF and by e-mail: what stands on the page, who gets it, what is refused."""

import re
import zlib
from pathlib import Path
from typing import Any

import pytest
from simulator_person import Doc, Person, sale_line

from qbo_milestones.simulator.server import running

RULES: Doc = {"CustomerRef": {"value": "1"}, "BillEmail": {"Address": "ap@acme-robotics.example"}}


def page(person: Person, name: str, object_id: str) -> bytes:
    """The PDF of a document."""
    answer = person.call("GET", f"{name.lower()}/{object_id}/pdf")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf"), answer.text
    return answer.content


def words(pdf: bytes) -> str:
    """The texts that are drawn on the pages, in their order: what a reader would find."""
    assert pdf.startswith(b"%PDF-1.")
    assert pdf.rstrip().endswith(b"%%EOF")
    drawn = b"".join(
        zlib.decompress(stream) for stream in re.findall(rb"/FlateDecode.*?stream\r?\n(.*?)\r?\nendstream", pdf, re.S)
    )
    return "\n".join(each.decode("cp1252") for each in re.findall(rb"\(((?:\\.|[^\\)])*)\) Tj", drawn))


def documents(person: Person) -> list[tuple[str, Doc]]:
    """One of each kind that has a page."""
    line = [sale_line(1234.5, "4", Qty=3, UnitPrice=411.5)]
    sold = {**RULES, "Line": line, "DocNumber": "P-1"}
    invoice = person.post("Invoice", sold)
    payment = person.pay(1000, ("Invoice", invoice["Id"], 900), PaymentRefNum="CHK 7")
    rest = {name: person.post(name, {**sold, "DocNumber": f"{name[0]}-2"}) for name in ("CreditMemo", "SalesReceipt")}
    refund = person.post("RefundReceipt", {**sold, "DocNumber": "R-3", "DepositToAccountRef": {"value": "1"}})
    return [("Invoice", invoice), ("Payment", payment), *rest.items(), ("RefundReceipt", refund)]


def test_every_page_says_who_what_and_how_much(person: Person) -> None:
    seen = {name: words(page(person, name, made["Id"])) for name, made in documents(person)}
    for text in seen.values():
        assert "Northlight Studio\n18 Lantern Street\nNew York, NY 10013" in text
        assert "Acme Robotics" in text
        assert "10/15/2026" in text
    assert "INVOICE\nP-1\n" in seen["Invoice"]
    assert "Consulting\n3\n411.50\n1,234.50\n" in seen["Invoice"].replace("\n\n", "\n")
    assert seen["Invoice"].endswith("Total\nUSD 1,234.50\nPaid\n900.00\nBalance due\nUSD 334.50")
    assert "PAYMENT RECEIPT" in seen["Payment"]
    assert "Invoice P-1\n10/15/2026" in seen["Payment"]
    assert seen["Payment"].endswith("Not applied\n100.00\nAmount received\nUSD 1,000.00")
    assert [seen[name].split("\n")[4] for name in ("CreditMemo", "SalesReceipt", "RefundReceipt")] == [
        "CREDIT MEMO", "SALES RECEIPT", "REFUND RECEIPT",
    ]  # fmt: skip


def test_the_same_document_gives_the_same_bytes(person: Person) -> None:
    made = person.invoice(10)
    first = page(person, "Invoice", made["Id"])
    person.side("POST", "clock", {"advance_s": 1000})
    assert page(person, "Invoice", made["Id"]) == first
    assert b"(D:20261015160000Z" in first, "made when the document was, not when it is asked for"
    person.post("Invoice", {"Id": made["Id"], "SyncToken": "0", "sparse": True, "DocNumber": "X"})
    assert page(person, "Invoice", made["Id"]) != first


def test_discounts_tax_notes_and_what_fonts_cannot_show(person: Person) -> None:
    lines = [
        {**sale_line(100, "4", TaxCodeRef={"value": "TAX"}), "Description": "“Größe” for Łukasz (5 €)"},
        {"DetailType": "DescriptionOnly", "Description": "by hand", "DescriptionLineDetail": {}},
        {"Amount": 10, "DetailType": "DiscountLineDetail",
         "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 10}},
    ]  # fmt: skip
    tax, memo = {"TxnTaxCodeRef": {"value": "2"}}, {"value": "With thanks"}
    made = person.post("Invoice", {**RULES, "Line": lines, "TxnTaxDetail": tax, "CustomerMemo": memo})
    text = words(page(person, "Invoice", made["Id"]))
    assert r"“Größe” for ?ukasz \(5 €\)" in text
    assert "Discount 10%" in text
    assert "-10.00" in text
    assert f"Subtotal\n100.00\nTax\n{made['TxnTaxDetail']['TotalTax']:.2f}\n" in text
    assert text.endswith("With thanks")


def test_a_long_document_has_more_pages_and_a_void_one_a_stamp(person: Person) -> None:
    made = person.post("Invoice", {**RULES, "Line": [sale_line(1, "4") for _ in range(80)]})
    pdf = page(person, "Invoice", made["Id"])
    assert len(re.findall(rb"/Type /Page\b", pdf)) > 1
    assert "VOID" not in words(pdf)
    person.call("POST", "invoice", {"Id": made["Id"], "SyncToken": "0"}, operation="void")
    assert "VOID" in words(page(person, "Invoice", made["Id"]))


def test_dates_as_the_country_writes_them(person: Person) -> None:
    info = person.get("CompanyInfo", person.realm)
    person.post("CompanyInfo", {"Id": "1", "SyncToken": info["SyncToken"], "sparse": True, "Country": "GBR"})
    assert "15/10/2026" in words(
        page(person, "Invoice", person.invoice(10, GlobalTaxCalculation="NotApplicable")["Id"])
    )


def test_what_has_no_page(person: Person) -> None:
    for path, code in (("customer/1/pdf", "500"), ("invoice/99/pdf", "610"), ("invoice/x/pdf", "2030")):
        answer = person.call("GET", path)
        assert (answer.status_code, answer.json()["Fault"]["Error"][0]["code"]) == (400, code)


def sent(person: Person, path: str, **query: str) -> Any:
    """POST without a body, as clients send it."""
    url = f"{person.base}/v3/company/{person.realm}/{path}/send"
    return person.http.post(url, params=query, headers={"Content-Type": "application/octet-stream"}, timeout=10)


def test_every_document_is_sent_and_the_mail_is_kept(person: Person) -> None:
    for name, made in documents(person):
        found = sent(person, f"{name.lower()}/{made['Id']}").json()[name]
        assert found["SyncToken"] == str(int(person.get(name, made["Id"])["SyncToken"]))
        if name != "Payment":
            assert (found["EmailStatus"], found["DeliveryInfo"]["DeliveryType"]) == ("EmailSent", "Email")
            assert found["DeliveryInfo"]["DeliveryTime"] == "2026-10-15T12:00:00-04:00"
    mails = person.side("GET", "mails")["mails"]
    assert [mail["entity"] for mail in mails] == ["Invoice", "Payment", "CreditMemo", "SalesReceipt", "RefundReceipt"]
    assert {mail["to"] for mail in mails} == {"ap@acme-robotics.example"}
    assert (mails[0]["subject"], mails[0]["files"]) == (
        "Invoice from Northlight Studio", ["Invoice_P-1_from_Northlight_Studio.pdf"],
    )  # fmt: skip
    assert mails[1]["files"] == ["Payment_receipt_CHK_7_from_Northlight_Studio.pdf"]


def test_another_address_copies_and_enclosures(person: Person) -> None:
    made = person.invoice(
        5, "A-1", BillEmailCc={"Address": "cc@acme.example"}, BillEmailBcc={"Address": "b@acme.example"}
    )
    for name, enclosed in (("sow.pdf", True), ("inner.pdf", False)):
        link = {"AttachableRef": [{"EntityRef": {"type": "Invoice", "value": made["Id"]}, "IncludeOnSend": enclosed}]}
        files: Any = {
            "file_metadata_01": (None, str(link).replace("'", '"').replace("True", "true").replace("False", "false")),
            "file_content_01": (name, b"%PDF", "application/pdf"),
        }  # fmt: skip
        url = f"{person.base}/v3/company/{person.realm}/upload"
        assert "Attachable" in person.http.post(url, files=files, timeout=10).json()["AttachableResponse"][0]
    found = sent(person, f"invoice/{made['Id']}", sendTo="a@acme.example, b+c@acme.example").json()["Invoice"]
    assert found["BillEmail"]["Address"] == "a@acme.example, b+c@acme.example"
    (mail,) = person.side("GET", "mails")["mails"]
    assert (mail["to"], mail["cc"], mail["bcc"]) == (found["BillEmail"]["Address"], "cc@acme.example", "b@acme.example")
    assert mail["files"] == ["Invoice_A-1_from_Northlight_Studio.pdf", "sow.pdf"]


@pytest.mark.parametrize("address", ["nobody", "a@b", "a b@c.example", "a@c.example,", "a@c.example;d@e.example"])
def test_an_address_that_is_none(person: Person, address: str) -> None:
    made = person.invoice(5)
    error = sent(person, f"invoice/{made['Id']}", sendTo=address).json()["Fault"]["Error"][0]
    assert (error["code"], error["Message"]) == ("2210", "Invalid Email Address Format")
    assert error["Detail"] == "Email Address does not conform to the syntax rules of RFC 822."
    assert person.side("GET", "mails") == {"mails": []}
    assert person.get("Invoice", made["Id"])["SyncToken"] == "0"


def test_nobody_to_send_to_and_nothing_to_send(person: Person) -> None:
    made = person.invoice(5)
    assert sent(person, f"invoice/{made['Id']}").json()["Fault"]["Error"][0]["code"] == "6420"
    person.side("POST", "settings", {"send_without_address": "2020"})
    assert sent(person, f"invoice/{made['Id']}").json()["Fault"]["Error"][0]["code"] == "2020"
    assert sent(person, "journalentry/1", sendTo="a@b.example").json()["Fault"]["Error"][0]["code"] == "500"
    assert sent(person, "invoice/99", sendTo="a@b.example").json()["Fault"]["Error"][0]["code"] == "610"


def test_mails_survive_a_restart(tmp_path: Path) -> None:
    with running(data=tmp_path / "company.json") as base:
        person = Person(base)
        sent(person, f"invoice/{person.invoice(5)['Id']}", sendTo="a@b.example")
        before = person.side("GET", "mails")
    with running(data=tmp_path / "company.json") as base:
        assert Person(base).side("GET", "mails") == before
