"""A document that went out by e-mail, as the side door shows it: nothing leaves the machine."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Mail:
    """One e-mail. ``files`` are the names of what hangs on it: the document as PDF, then its attachments."""

    sent: datetime
    entity: str
    object_id: str
    to: str
    cc: str
    bcc: str
    subject: str
    message: str
    files: tuple[str, ...]
