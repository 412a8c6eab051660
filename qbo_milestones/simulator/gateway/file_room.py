"""Hands out files at their temporary addresses: no token, and no longer than a quarter of an hour."""

from urllib.parse import quote

from qbo_milestones.simulator.books.attached import PREFIX, is_expired, is_signed
from qbo_milestones.simulator.messages import Answer, Request
from qbo_milestones.simulator.world.world import World


def handle_files(world: World, request: Request) -> Answer:
    """The file; 403 as the store behind the service says it."""
    realm, _, rest = request.path.removeprefix(PREFIX).partition("/")
    object_id = rest.partition("/")[0]
    company = world.companies.get(realm)
    if company is None or not is_signed(company, object_id, request.query):
        return _denied("SignatureDoesNotMatch", "The signature of the address does not match")
    if is_expired(company, request.query):
        return _denied("AccessDenied", "Request has expired")
    content, record = company.files.get(object_id), company.find("Attachable", object_id)
    if content is None or record is None:
        return _denied("NoSuchKey", "The file does not exist any more", 404)
    name = quote(str(record.body.get("FileName") or "attachment"), safe="")
    shown_as = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return Answer(200, content, str(record.body.get("ContentType") or "application/octet-stream"), shown_as)


def _denied(code: str, message: str, status: int = 403) -> Answer:
    xml = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return Answer(status, xml, "application/xml")
