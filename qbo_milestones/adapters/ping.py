"""The dead-man ping: a monitor hears when a run begins and how it ended, and raises the alarm when it hears nothing."""

import logging
import threading

import requests

from qbo_milestones.adapters.quickbooks.transport import plain_session

# A monitor that does not answer delays no run by more than this, in seconds (reliability.md 5).
WAIT_S = 5.0
_CONNECT_S = 2.0

_log = logging.getLogger(__name__)


class Ping:
    """Speaks healthchecks.io's protocol to one check. Its address is a secret: whoever has it can silence the alarm.

    Nothing here ever raises, and nothing takes longer than WAIT_S.
    """

    def __init__(self, address: str) -> None:
        self._address = address.rstrip("/")

    def __repr__(self) -> str:
        return "Ping(***)"

    def start(self, run_id: str) -> None:
        """A run begins; `run_id` is a UUID that its end bears too."""
        self._send("start", run_id, "")

    def end(self, run_id: str, exit_code: int, text: str) -> None:
        """The run ended with this exit code: 0 is good, all else raises the alarm. The text is shown with it."""
        self._send(str(exit_code), run_id, text)

    def _send(self, path: str, run_id: str, text: str) -> None:
        # A counterpart that drips its answer byte by byte can outlast any time-out of the library's.
        thread = threading.Thread(target=self._post, args=(path, run_id, text), name="ping", daemon=True)
        thread.start()
        thread.join(WAIT_S)
        if thread.is_alive():
            _log.warning("ping_failed", extra={"kind": path, "outcome": "no answer in time"})

    def _post(self, path: str, run_id: str, text: str) -> None:
        try:
            with (
                plain_session() as session,
                session.post(
                    f"{self._address}/{path}",
                    params={"rid": run_id},
                    data=text.encode(),
                    headers={"Content-Type": "text/plain; charset=utf-8"},
                    timeout=(_CONNECT_S, WAIT_S - _CONNECT_S),
                    allow_redirects=False,
                    stream=True,
                ) as answer,
            ):
                outcome = "" if answer.ok else f"HTTP {answer.status_code}"
        except (requests.RequestException, OSError, ValueError) as error:
            # The library's own text holds the address.
            outcome = type(error).__name__
        if outcome:
            _log.warning("ping_failed", extra={"kind": path, "outcome": outcome})
