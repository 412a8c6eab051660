"""Attachments: uploads as real clients write them, what is refused, where the bytes are to be had and for how long."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
import requests
from simulator_person import Doc, Person

from qbo_milestones.simulator.server import running

PDF = b"%PDF-1.4\r\n\r\n--not a boundary\n\x00\xff\n\n"


def send(person: Person, body: bytes, kind: str = "multipart/form-data; boundary=XyZ", **headers: str) -> Doc:
    """A form as its bytes; the whole answer, with its HTTP status."""
    url = f"{person.base}/v3/company/{person.realm}/upload"
    answer = person.http.post(url, data=body, headers={"Content-Type": kind, **headers}, timeout=10)
    return {"status": answer.status_code, **answer.json()}


def form(*parts: tuple[str, bytes], line: bytes = b"\r\n", end: bytes = b"--XyZ--") -> bytes:
    """Parts of headers and content."""
    chunks = [b"--XyZ" + line + head.encode().replace(b"\n", line) + line * 2 + text + line for head, text in parts]
    return b"".join(chunks) + end


def content(name: str = "a.pdf", more: str = "", number: str = "01") -> str:
    """The headers of a file."""
    return f'Content-Disposition: form-data; name="file_content_{number}"; filename="{name}"{more}'


def described(body: Any, number: str = "01") -> tuple[str, bytes]:
    """A metadata part."""
    head = (
        f'Content-Disposition: form-data; name="file_metadata_{number}"\nContent-Type: application/json; charset=UTF-8'
    )
    return head, body if isinstance(body, bytes) else json.dumps(body).encode()


def attached(person: Person, *parts: tuple[str, bytes], **how: bytes) -> Doc:
    """The one attachable that an upload makes."""
    found = send(person, form(*parts, **how))
    assert found["status"] == 200, found
    (only,) = found["AttachableResponse"]
    assert "Attachable" in only, only
    made: Doc = only["Attachable"]
    return made


def fault(person: Person, *parts: tuple[str, bytes]) -> tuple[str, str]:
    """Code and detail of an upload's refused item."""
    (only,) = send(person, form(*parts))["AttachableResponse"]
    error = only["Fault"]["Error"][0]
    return error["code"], error["Detail"]


def fetch(address: str) -> requests.Response:
    """A temporary address, without a token."""
    return requests.get(address, timeout=10)


def test_the_bytes_come_back_for_a_quarter_of_an_hour(person: Person) -> None:
    invoice = person.invoice(5)
    link = {"AttachableRef": [{"EntityRef": {"type": "invoice", "value": invoice["Id"]}, "IncludeOnSend": "true"}]}
    made = attached(person, described({**link, "Note": "signed", "FileName": "Größe 1.pdf"}), (content("b.pdf"), PDF))
    assert (made["FileName"], made["Size"], made["ContentType"]) == ("Größe 1.pdf", len(PDF), "application/pdf")
    assert made["AttachableRef"] == [
        {"EntityRef": {"type": "Invoice", "value": invoice["Id"]}, "IncludeOnSend": True}
    ]  # fmt: skip
    assert made["FileAccessUri"] == f"/v3/company/{person.realm}/download/{made['Id']}"
    found = fetch(made["TempDownloadUri"])
    assert (found.content, found.headers["Content-Type"]) == (PDF, "application/pdf")
    assert "filename*=UTF-8''Gr%C3%B6%C3%9Fe%201.pdf" in found.headers["Content-Disposition"]
    person.side("POST", "clock", {"advance_s": 899})
    assert fetch(made["TempDownloadUri"]).status_code == 200
    person.side("POST", "clock", {"advance_s": 1})
    late = fetch(made["TempDownloadUri"])
    assert (late.status_code, "Request has expired" in late.text) == (403, True)


def test_download_answers_an_address_as_plain_text(person: Person) -> None:
    made = attached(person, (content(), PDF))
    for accepted in ("text/plain", "application/json", "*/*"):
        answer = person.http.get(
            f"{person.base}{made['FileAccessUri']}", headers={"Accept": accepted}, timeout=10
        )  # fmt: skip
        assert answer.headers["Content-Type"].startswith("text/plain")
        assert fetch(answer.text).content == PDF
    person.side("POST", "clock", {"advance_s": 2000})
    assert fetch(person.get("Attachable", made["Id"])["TempDownloadUri"]).content == PDF


def test_an_address_is_good_for_its_own_file_only(person: Person) -> None:
    first, second = attached(person, (content("a.pdf"), PDF)), attached(person, (content("b.pdf"), b"x"))
    stolen = first["TempDownloadUri"].replace(f"/{first['Id']}/", f"/{second['Id']}/")
    assert fetch(stolen).status_code == 403
    person.call("POST", "attachable", {"Id": first["Id"], "SyncToken": "0"}, operation="delete")
    assert fetch(first["TempDownloadUri"]).status_code == 404
    assert person.call("GET", f"download/{first['Id']}").json()["Fault"]["Error"][0]["code"] == "610"


def test_a_note_has_no_file(person: Person) -> None:
    made = person.post(
        "Attachable", {"Note": "rang", "AttachableRef": [{"EntityRef": {"type": "Customer", "value": "1"}}]}
    )
    assert set(made) & {"Size", "FileAccessUri", "TempDownloadUri", "FileName"} == set()
    assert made["AttachableRef"][0]["IncludeOnSend"] is False
    assert person.call("GET", f"download/{made['Id']}").json()["Fault"]["Error"][0]["code"] == "610"
    assert [error["code"] for error in person.call("POST", "attachable", {"Tag": "x"}).json()["Fault"]["Error"]] == [
        "2020", "2020",
    ]  # fmt: skip


@pytest.mark.parametrize(("head", "text"), [
    (content(more="\nContent-Type: application/pdf\nContent-Transfer-Encoding: base64"), base64.encodebytes(PDF)),
    (content(more="\nContent-Transfer-Encoding: binary\nContent-Length: 34"), PDF),
    (content(more="\ncontent-transfer-encoding: BASE64\nCONTENT-TYPE: application/pdf"), base64.b64encode(PDF)),
    ("Content-Type: application/pdf\nContent-Disposition: form-data; filename=a.pdf; name=file_content_01", PDF),
    ("content-disposition: form-data; name='file_content_01'; name=file_content_01; filename=\"a.pdf\"", PDF),
])  # fmt: skip
def test_the_same_file_in_many_clothes(person: Person, head: str, text: bytes) -> None:
    made = attached(person, (head.replace("name='file_content_01'; ", ""), text))
    assert (made["FileName"], made["ContentType"]) == ("a.pdf", "application/pdf")
    assert fetch(made["TempDownloadUri"]).content == PDF


@pytest.mark.parametrize(("name", "more", "expected"), [
    ("plain.txt", "", "plain.txt"),
    (r"with \"quotes\".txt", "", 'with "quotes".txt'),
    ("Größe.txt", "", "Größe.txt"),
    ("=?UTF-8?B?R3LDtsOfZS50eHQ=?=", "", "Größe.txt"),
    ("plain.txt", "; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%26%20co.txt", "Größe & co.txt"),
    ("plain.txt", "; filename*=iso-8859-1'de'Gr%F6%DFe.txt", "Größe.txt"),
    ("semi;colon.txt", "", "semi;colon.txt"),
])  # fmt: skip
def test_names_quoted_and_encoded(person: Person, name: str, more: str, expected: str) -> None:
    made = attached(person, (content(name, more), b"x"))
    assert made["FileName"] == expected
    assert fetch(made["TempDownloadUri"]).content == b"x"


def test_bare_line_feeds_and_a_missing_end(person: Person) -> None:
    """python-quickbooks writes line feeds; some clients forget the last boundary's two dashes."""
    made = attached(person, described({"Note": "n"}), (content("a.txt"), b"one\ntwo"), line=b"\n", end=b"--XyZ\n")
    assert (fetch(made["TempDownloadUri"]).content, made["Note"]) == (b"one\ntwo", "n")


def test_several_files_in_one_request(person: Person) -> None:
    found = send(person, b"preamble\r\n" + form(
        described({"Note": "second", "FileName": "2.csv"}, "02"), (content("1.txt", number="01"), b"one"),
        (content("two.csv", number="02"), b"a,b"), (content("3.exe", number="03"), b"MZ"),
        ('Content-Disposition: form-data; name="other"', b"passed over"),
    ) + b"\r\nepilogue")["AttachableResponse"]  # fmt: skip
    by_name = {each["Attachable"]["FileName"]: each["Attachable"] for each in found if "Attachable" in each}
    assert (by_name["2.csv"]["Note"], by_name["2.csv"]["ContentType"]) == ("second", "text/csv")
    assert fetch(by_name["1.txt"]["TempDownloadUri"]).content == b"one"
    assert [each["Fault"]["Error"][0]["code"] for each in found if "Fault" in each] == ["6041"]
    assert person.query("select count(*) from Attachable")["totalCount"] == 2


def test_attachments_are_found_by_what_they_hang_on(person: Person) -> None:
    invoice = person.invoice(5)["Id"]
    for name, kind, value in (("a.pdf", "Invoice", invoice), ("b.pdf", "Customer", "1"), ("c.txt", "invoice", invoice)):
        link = {"AttachableRef": [{"EntityRef": {"type": kind, "value": value}}]}
        attached(person, described(link), (content(name), PDF))
    person.post("Attachable", {"Note": "loose"})
    about = f"AttachableRef.EntityRef.Type = 'invoice' and AttachableRef.EntityRef.value = '{invoice}'"
    found = person.query(" ".join(["select Id from attachable where", about]))["Attachable"]
    assert [(each["Id"], each["sparse"]) for each in found] == [("1", True), ("3", True)]
    by_name = person.query("select * from Attachable where FileName LIKE '%.pdf' orderby FileName desc")["Attachable"]
    assert [each["FileName"] for each in by_name] == ["b.pdf", "a.pdf"]
    assert person.query("select count(*) from Attachable where Size > '5'") == {"totalCount": 3}


def test_pictures_have_thumbnails(person: Person) -> None:
    made = attached(
        person, described({"ContentType": "image/jpg", "FileName": "r.jpg"}), (content("r.jpg"), b"\xff\xd8")
    )
    assert made["ContentType"] == "image/jpeg"
    assert made["ThumbnailFileAccessUri"] == f"/v3/company/{person.realm}/attachable-thumbnail/{made['Id']}"
    assert fetch(person.call("GET", f"attachable-thumbnail/{made['Id']}").text).content == b"\xff\xd8"
    assert "ThumbnailFileAccessUri" not in attached(person, (content("a.txt"), b"x"))


def test_what_is_wrong_with_a_file(person: Person) -> None:
    assert fault(person, described(b"<Attachable/>"), (content(), PDF))[0] == "6040"
    assert fault(person, described([1]), (content(), PDF))[0] == "6040"
    assert fault(person, described({"FileName": "a.pdf"}))[0] == "6041"
    assert fault(person, (content(more="\nContent-Transfer-Encoding: base64"), b"*&^%"))[0] == "6041"
    assert fault(person, (content("a.exe"), b"MZ"))[0] == "6041"
    unsupported = described({"AttachableRef": [{"EntityRef": {"type": "Term", "value": "1"}}]})
    assert fault(person, unsupported, (content(), PDF)) == (
        "6050", "The entity reference type Term is unsupported for Attachable",
    )  # fmt: skip
    code, detail = fault(
        person, described({"AttachableRef": [{"EntityRef": {"type": "Invoice", "value": "9"}}]}), (content(), PDF)
    )
    assert (code, detail.startswith("Object Not Found : Something you're trying to use")) == ("610", True)
    assert fault(person, described({"NoSuch": 1}), (content(), PDF))[0] == "2010"
    assert person.query("select count(*) from Attachable") == {"totalCount": 0}


def test_what_is_wrong_with_a_request(person: Person) -> None:
    first = send(person, b"{}", "application/json")
    assert (first["status"], first["Fault"]["Error"][0]["code"]) == (400, "500")
    assert first["Fault"]["Error"][0]["Detail"] == "Operation Cannot consume content type is not supported"
    assert send(person, form())["Fault"]["Error"][0]["code"] == "6041"
    person.side("POST", "settings", {"upload_limit": 100})
    big = send(person, form((content(), b"x" * 100)))
    assert big["Fault"]["Error"][0]["Message"] == "Upload request size exceeds allowed limit"


def test_switches(person: Person) -> None:
    url = f"{person.base}/v3/company/{person.realm}/upload"
    headers = {"Content-Type": "multipart/form-data; boundary=XyZ"}
    person.side("POST", "settings", {"attachment_types": "accept", "upload_without_length": "refuse"})
    assert attached(person, (content("a.exe"), b"MZ"))["FileName"] == "a.exe"
    streamed = person.http.post(url, data=iter([form((content(), PDF))]), headers=headers, timeout=10)
    assert streamed.json()["Fault"]["Error"][0]["code"] == "6020"
    person.side("POST", "settings", {"upload_without_length": "accept"})
    assert "Attachable" in person.http.post(
        url, data=iter([form((content(), PDF))]), headers=headers, timeout=10
    ).json()["AttachableResponse"][0]  # fmt: skip


def test_files_and_mails_go_back_to_a_checkpoint(person: Person) -> None:
    kept, made = attached(person, (content(), PDF)), person.invoice(5)
    person.side("POST", "checkpoint", {})
    person.call("POST", "attachable", {"Id": kept["Id"], "SyncToken": "0"}, operation="delete")
    attached(person, (content("later.pdf"), PDF))
    assert person.call("POST", f"invoice/{made['Id']}/send", sendTo="a@b.example").status_code == 200
    person.side("POST", "rewind", {})
    assert fetch(person.get("Attachable", kept["Id"])["TempDownloadUri"]).content == PDF
    assert person.query("select count(*) from Attachable")["totalCount"] == 1
    assert person.side("GET", "mails") == {"mails": []}


def test_an_upload_and_a_mail_repeated_with_their_request_id_happen_once(person: Person) -> None:
    made = person.invoice(5)
    url, headers = f"{person.base}/v3/company/{person.realm}", {"Content-Type": "multipart/form-data; boundary=XyZ"}
    for _ in range(2):
        once = {"requestid": "up-1"}
        answer = person.http.post(
            f"{url}/upload", data=form((content(), PDF)), headers=headers, params=once, timeout=10
        )  # fmt: skip
        assert answer.json()["AttachableResponse"][0]["Attachable"]["Id"] == "1"
        person.call("POST", f"invoice/{made['Id']}/send", sendTo="a@b.example", requestid="mail-1")
    assert person.query("select count(*) from Attachable")["totalCount"] == 1
    assert len(person.side("GET", "mails")["mails"]) == 1


def test_the_bytes_survive_a_restart(tmp_path: Path) -> None:
    with running(data=tmp_path / "company.json") as base:
        made = attached(Person(base), (content(), PDF))
    with running(data=tmp_path / "company.json") as base:
        person = Person(base)
        assert fetch(person.get("Attachable", made["Id"])["TempDownloadUri"]).content == PDF
