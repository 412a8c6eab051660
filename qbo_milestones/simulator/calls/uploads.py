"""``/upload``: files with their metadata in one multipart request (quickbooks-online.md 6.5, Attachable)."""

import base64
import binascii
import re

from qbo_milestones.simulator.amounts import Doc, read_json, write_json
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.shelf import Record
from qbo_milestones.simulator.calls.operations import Call
from qbo_milestones.simulator.faults import Refusal, refuse
from qbo_milestones.simulator.schema.entities import ENTITIES
from qbo_milestones.simulator.writing import documents

LARGEST_FILE = 100 * 1024 * 1024
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_PART_NAME = re.compile(r'name="(file_(?:metadata|content)_\w+)"')


def upload(company: Company, call: Call) -> str:
    """``AttachableResponse`` with one entry per file; what is wrong with one file is its own Fault."""
    parts = _parts(call)
    answers: list[Doc] = []
    for name in sorted(part for part in parts if part.startswith("file_content_")):
        try:
            record = _attach(company, parts, name)
            answers.append({"Attachable": record.body})
        except Refusal as refusal:
            answers.append({"Fault": refusal.as_json()})
    if not answers:
        raise refuse("6041", "The request holds no file")
    return write_json({"AttachableResponse": answers, "time": company.answer_time()})


def _parts(call: Call) -> dict[str, tuple[str, bytes]]:
    """Part name -> (its headers, its content)."""
    found = re.search(r'boundary="?([^";]+)"?', call.request.headers.get("content-type", ""))
    if found is None:
        raise refuse("1050", "Invalid content type: multipart/form-data expected")
    parts: dict[str, tuple[str, bytes]] = {}
    for chunk in call.request.body.split(b"--" + found[1].strip().encode()):
        head, _, content = _BLANK_LINE.sub(b"\0\0", chunk.lstrip(b"\r\n"), count=1).partition(b"\0\0")
        headers = head.decode("utf-8", "replace")
        name = _PART_NAME.search(headers)
        if name is not None:
            parts[name[1]] = (headers, _decoded(headers, content.removesuffix(b"\n").removesuffix(b"\r")))
    return parts


def _decoded(headers: str, content: bytes) -> bytes:
    if "base64" not in headers.lower():
        return content
    try:
        return base64.b64decode(content)
    except binascii.Error:
        raise refuse("6041", "The file is not valid base64") from None


def _attach(company: Company, parts: dict[str, tuple[str, bytes]], name: str) -> Record:
    headers, content = parts[name]
    _, metadata = parts.get(name.replace("content", "metadata"), ("", b"{}"))
    try:
        described = read_json(metadata)
    except ValueError:
        raise refuse("6040", "The metadata is not an Attachable") from None
    if not isinstance(described, dict):
        raise refuse("6040", "The metadata is not an Attachable")
    if len(content) > LARGEST_FILE:
        raise refuse("6030", "The file is larger than 100 MB")
    file_name = re.search(r'filename="([^"]+)"', headers)
    given = {"FileName": file_name[1]} if file_name else {}
    record = documents.create(company, ENTITIES["Attachable"], {**given, **described, "Size": len(content)})
    uri = f"/v3/company/{company.realm}/download/{record.body['Id']}"
    return company.amend("Attachable", record, {"FileAccessUri": uri, "TempDownloadUri": uri})
