"""``/upload``: files with their metadata in one multipart request (quickbooks-online.md 6.5, Attachable)."""

from collections.abc import Iterator

from qbo_milestones.simulator.amounts import Doc, read_json, write_json
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.render import shown_text
from qbo_milestones.simulator.books.shelf import Record
from qbo_milestones.simulator.calls.multipart import Malformed, Part, parts_of
from qbo_milestones.simulator.calls.operations import Call
from qbo_milestones.simulator.calls.permissions import check_permitted
from qbo_milestones.simulator.faults import Refusal, refuse
from qbo_milestones.simulator.schema.entities import ENTITIES
from qbo_milestones.simulator.writing import documents

CONTENT, METADATA = "file_content_", "file_metadata_"
TYPES = {
    "ai": "application/postscript", "csv": "text/csv", "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "eps": "application/postscript", "gif": "image/gif", "jpeg": "image/jpeg", "jpg": "image/jpeg",
    "ods": "application/vnd.oasis.opendocument.spreadsheet", "pdf": "application/pdf", "png": "image/png",
    "rtf": "text/rtf", "tif": "image/tif", "txt": "text/plain", "xls": "application/vnd/ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xml": "text/xml",
}  # fmt: skip
"""Endings of the names of files that may be uploaded, and the content type where none is given."""
SAME_TYPE = {"image/jpg": "image/jpeg"}
UNKNOWN_TYPES = ("", "application/octet-stream", "binary/octet-stream")


def upload(company: Company, call: Call) -> str:
    """``AttachableResponse`` with one entry per file; what is wrong with one file is its own Fault."""
    check_permitted(call.condition, "Attachable", writes=True)
    answers = [_answer(company, metadata, content) for metadata, content in _pairs(company, call)]
    return f'{{"AttachableResponse":[{",".join(answers)}],"time":"{company.answer_time()}"}}'


def _pairs(company: Company, call: Call) -> list[tuple[Part | None, Part | None]]:
    """What belongs together by the number at the end of its name; either half may be missing."""
    _check_size(company, call)
    try:
        parts = parts_of(call.request.headers.get("content-type", ""), call.request.body)
    except Malformed:
        raise refuse("500", "Operation Cannot consume content type is not supported") from None
    by_name = {part.name: part for part in parts}
    numbers = dict.fromkeys(name.removeprefix(half) for name in by_name for half in _halves(name))
    if not numbers:
        raise refuse("6041", "The request holds no file")
    return [(by_name.get(METADATA + number), by_name.get(CONTENT + number)) for number in numbers]


def _halves(name: str) -> Iterator[str]:
    return (half for half in (CONTENT, METADATA) if name.startswith(half))


def _check_size(company: Company, call: Call) -> None:
    length = call.request.headers.get("content-length", "")
    if not length and company.settings.upload_without_length == "refuse":
        raise refuse("6020", "We cannot find the content-length header in the request")
    size = max(len(call.request.body), int(length) if length.isdecimal() else 0)
    if size > company.settings.upload_limit:
        raise refuse(
            "6030", f"The file upload request should not exceed 100MB in size. The current request size is {size}"
        )


def _answer(company: Company, metadata: Part | None, content: Part | None) -> str:
    try:
        record = _attach(company, _described(metadata), content)
    except Refusal as refusal:
        return write_json({"Fault": refusal.as_json()})
    return f'{{"Attachable":{shown_text(company, "Attachable", record)}}}'


def _described(metadata: Part | None) -> Doc:
    """The Attachable that was sent along; where there is none, the service makes it from the file."""
    if metadata is None:
        return {}
    try:
        found = read_json(metadata.content)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        supplied = metadata.content_type or "unknown"
        raise refuse(
            "6040",
            "The file metadata submitted must be of Attachable type. "
            f"Supplied Type: {supplied}, request parameter: {metadata.name}.",
        )
    return found


def _attach(company: Company, described: Doc, content: Part | None) -> Record:
    empty = content is None or (not content.content and company.settings.empty_upload == "refuse")
    if content is None or empty or not content.sound:
        raise refuse("6041", "The uploaded file is not valid: it has no content")
    file_name = str(described.get("FileName") or content.file_name)
    kind = _content_type(company, file_name, str(described.get("ContentType") or content.content_type))
    body = {**described, "FileName": file_name or "attachment", "ContentType": kind}
    record = documents.create(company, ENTITIES["Attachable"], body)
    company.files[str(record.body["Id"])] = content.content
    return record


def _content_type(company: Company, file_name: str, given: str) -> str:
    """As given, or by the ending of the name; 6041 for a file of a kind that is not on the list."""
    kind = SAME_TYPE.get(given, given)
    _, dot, ending = file_name.rpartition(".")
    by_name = TYPES.get(ending.lower(), "") if dot else ""
    if not by_name and company.settings.attachment_types == "refuse" and (dot or kind not in TYPES.values()):
        raise refuse("6041", f"The uploaded file is not valid: files of the type {ending or kind} are not accepted")
    return by_name or kind if kind in UNKNOWN_TYPES else kind
