"""Messages to people by e-mail, Slack, Teams and what else Apprise speaks; a receiver that fails stops nobody."""

import logging
from collections.abc import Iterable
from concurrent.futures import wait
from functools import partial

from apprise import Apprise, AppriseAsset, NotificationManager, NotifyFormat

from qbo_milestones.adapters.time_limit import begin

# Apprise's own time-outs begin anew with each byte that comes, and some of its plug-ins have none. In seconds.
LIMIT_S = 60.0


def send(addresses: Iterable[str], title: str, text: str) -> tuple[str, ...]:
    """Send to each address by itself, side by side. Never raises.

    Returns those that did not take it within LIMIT_S, as `number 2 (slack)`. An address holds a password or a key:
    nothing of it, and nothing that the library says of it, is kept or logged.
    """
    # Its log names addresses and shows answers. For good: one that hangs may speak long after we went on.
    logging.getLogger("apprise").disabled = True
    sent = {
        begin(partial(_sent, address, title, text), "message"): f"number {number} ({_kind(address)})"
        for number, address in enumerate(addresses, 1)
    }
    _, hanging = wait(sent, LIMIT_S)
    return tuple(receiver for one, receiver in sent.items() if one in hanging or not one.result())


def _kind(address: str) -> str:
    """What stands before `://`, where it is a word that Apprise knows: in a mistyped address it may be the secret."""
    kind = address.partition("://")[0].lower()
    known: list[str] = NotificationManager().schemas()  # type: ignore[no-untyped-call]
    return kind if kind in known or kind == "https" else "of no known kind"


def _sent(address: str, title: str, text: str) -> bool:
    receiver = Apprise(asset=AppriseAsset(secure_logging=True))
    try:
        known = receiver.add(address)
        return bool(known and receiver.notify(title=title, body=text, body_format=NotifyFormat.TEXT))
    except Exception:  # a hundred plugins of many hands: whatever one of them raises, the message was not taken
        return False
