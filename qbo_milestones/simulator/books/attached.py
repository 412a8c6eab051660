"""Where the file of an attachable can be had: by its Id with a token, or for a quarter of an hour without one."""

from hashlib import sha256
from urllib.parse import quote, urlencode

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company

LIFE_S = 15 * 60
PREFIX = "/attachments/"
PICTURES = ("image/gif", "image/jpeg", "image/png", "image/tif", "image/tiff")
"""Content types that have a thumbnail."""


def file_of(company: Company, body: Doc) -> Doc:
    """Size and addresses of an attachable's file, nothing for a note; temporary ones are good from now on."""
    object_id = str(body["Id"])
    if object_id not in company.files:
        return {}
    size = len(company.files[object_id])
    own = f"/v3/company/{company.realm}"
    there = {"FileAccessUri": f"{own}/download/{object_id}", "TempDownloadUri": temporary(company, body)}
    found: Doc = {"Size": size, **there}
    if body.get("ContentType") in PICTURES:
        found["ThumbnailFileAccessUri"] = f"{own}/attachable-thumbnail/{object_id}"
        found["ThumbnailTempDownloadUri"] = temporary(company, body)
    return found


def temporary(company: Company, body: Doc) -> str:
    """A whole address that needs no token."""
    object_id, expires = str(body["Id"]), int(company.clock.now().timestamp()) + LIFE_S
    path = f"{PREFIX}{company.realm}/{object_id}/{quote(str(body.get('FileName') or 'attachment'), safe='')}"
    signed = {"Expires": expires, "AWSAccessKeyId": "SIMULATOR", "Signature": _signature(company, object_id, expires)}
    return f"{company.base_url}{path}?{urlencode(signed)}"


def is_signed(company: Company, object_id: str, query: dict[str, str]) -> bool:
    """Whether a temporary address was given out by this company for this file."""
    expires = query.get("Expires", "")
    return expires.isdecimal() and query.get("Signature") == _signature(company, object_id, int(expires))


def is_expired(company: Company, query: dict[str, str]) -> bool:
    """Whether its quarter of an hour is over, by the simulated clock."""
    return company.clock.now().timestamp() >= int(query["Expires"])


def _signature(company: Company, object_id: str, expires: int) -> str:
    return sha256(f"{company.realm}/{object_id}/{expires}/{company.realm}".encode()).hexdigest()[:28]
