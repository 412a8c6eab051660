"""Takes a multipart form apart, as loosely as clients write it: bare line feeds, base64, names quoted or encoded."""

import binascii
import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from email.header import decode_header, make_header
from email.message import Message
from email.parser import HeaderParser
from email.utils import collapse_rfc2231_value
from itertools import pairwise
from quopri import decodestring

_BLANK_LINE = re.compile(rb"\r?\n\r?\n")


class Malformed(ValueError):
    """Not a multipart form, or a part that cannot be decoded."""


@dataclass(frozen=True, slots=True)
class Part:
    """One field of the form. ``content`` is decoded; ``sound`` is false where it could not be."""

    name: str
    file_name: str
    content_type: str
    content: bytes
    sound: bool = True


def parts_of(content_type: str, body: bytes) -> list[Part]:
    """The named parts in their order."""
    head = _headers(f"Content-Type: {content_type}".encode())
    boundary = head.get_boundary()
    if head.get_content_type() != "multipart/form-data" or not boundary:
        raise Malformed("multipart/form-data with a boundary expected")
    return list(_parts(boundary.encode(), body))


def _parts(boundary: bytes, body: bytes) -> Iterator[Part]:
    line = re.compile(rb"(?:\A|\r?\n)--" + re.escape(boundary) + rb"(--)?[ \t]*(?=\r?\n|\Z)")
    marks = list(line.finditer(body))
    for mark, following in pairwise(marks):
        if mark[1]:
            return
        part = _part(body[mark.end() : following.start()])
        if part.name:
            yield part


def _part(text: bytes) -> Part:
    # The line break that ends the boundary's line is still there; without headers a blank line follows at once.
    blank = _BLANK_LINE.search(text)
    head, content = (text[: blank.start()], text[blank.end() :]) if blank else (text, b"")
    headers = _headers(head.lstrip(b"\r\n"))
    name = headers.get_param("name", "", "content-disposition")
    kind = headers.get_content_type() if headers["content-type"] else ""
    try:
        decoded, sound = _decoded(str(headers.get("content-transfer-encoding", "")).strip().lower(), content), True
    except Malformed:
        decoded, sound = b"", False
    return Part(collapse_rfc2231_value(name), _file_name(headers), kind, decoded, sound)


def _headers(text: bytes) -> "Message[str, str]":
    try:
        shown = text.decode()
    except UnicodeDecodeError:
        shown = text.decode("latin-1")
    return HeaderParser().parsestr(shown)


def _file_name(headers: "Message[str, str]") -> str:
    """``filename*`` wins over ``filename`` (RFC 6266); an encoded word is decoded (RFC 2047)."""
    given = [value for key, value in headers.get_params([], "content-disposition") if key.lower() == "filename"]
    encoded = [value for value in given if isinstance(value, tuple)]
    name = collapse_rfc2231_value((encoded or given or [""])[0])
    return str(make_header(decode_header(name))) if name.startswith("=?") else name


def _decoded(encoding: str, content: bytes) -> bytes:
    if encoding == "quoted-printable":
        return decodestring(content)
    if encoding != "base64":
        return content
    try:
        return b64decode(b"".join(content.split()), validate=True)
    except binascii.Error:
        raise Malformed("not base64") from None
