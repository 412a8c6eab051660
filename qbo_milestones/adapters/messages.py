"""Messages to people by e-mail, Slack, Teams and what else Apprise speaks; a receiver that fails stops nobody."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from apprise import Apprise, AppriseAsset, NotifyFormat


def send(addresses: Iterable[str], title: str, text: str) -> int:
    """Send to each address by itself, and return how many did not take it. Never raises.

    An address holds a password or a key: nothing of it, and nothing that the library says of it, is kept or logged.
    """
    with _silent():
        return sum(not _sent(address, title, text) for address in addresses)


def _sent(address: str, title: str, text: str) -> bool:
    receiver = Apprise(asset=AppriseAsset(secure_logging=True))
    try:
        known = receiver.add(address)
        return bool(known and receiver.notify(title=title, body=text, body_format=NotifyFormat.TEXT))
    except Exception:  # a hundred plugins of many hands: whatever one of them raises, the message was not taken
        return False


@contextmanager
def _silent() -> Iterator[None]:
    """The library's own log names addresses and shows answers."""
    log = logging.getLogger("apprise")
    disabled, log.disabled = log.disabled, True
    try:
        yield
    finally:
        log.disabled = disabled
