"""What counts as an e-mail address: one, or several with commas between."""

import re

NO_MAILBOX = "Email Address does not conform to the syntax rules of RFC 822."
_PART = r"[^\s@,;:<>()\[\]\\\"]+"
_MAILBOX = re.compile(rf"{_PART}@{_PART}\.{_PART}")


def are_mailboxes(text: str) -> bool:
    """Whether each of them could be written to."""
    return all(_MAILBOX.fullmatch(each.strip()) for each in text.split(","))
