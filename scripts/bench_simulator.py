"""Measures the simulator from another process, over connections that are kept open, kind of call by kind of call."""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote

REALM = "9341450000000001"
LANES = 4
LOADED_AT_ONCE = 5000
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Server:
    """A simulator in a process of its own."""

    port: int
    pid: int

    def cpu_s(self) -> float:
        """Seconds of processor time it has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS


@contextmanager
def serving(data: Path | None) -> Iterator[Server]:
    """A simulator on the last processor of this machine; the load comes from the others where there are any."""
    cores = sorted(os.sched_getaffinity(0))
    command = [sys.executable, "-m", "qbo_milestones.simulator", "--port", "0"]
    with subprocess.Popen(  # noqa: S603 - our own module
        command + (["--data", str(data)] if data else []), stdout=subprocess.PIPE, text=True
    ) as process:
        os.sched_setaffinity(process.pid, cores[-1:])
        os.sched_setaffinity(0, cores[:-1] or cores)
        try:
            if process.stdout is None:
                raise RuntimeError("the simulator says nothing")
            yield Server(int(process.stdout.readline().rpartition(":")[2]), process.pid)
        finally:
            process.terminate()
            process.wait(60)
            os.sched_setaffinity(0, cores)


class Lane:
    """One connection. Bytes go out and come in; nothing else is done here, so that the load is never the limit."""

    def __init__(self, port: int, token: str = "") -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self._socket.makefile("rb")
        self._head = f"Host: localhost\r\nAuthorization: Bearer {token}\r\nAccept: application/json\r\n"

    def send(self, method: str, path: str, body: Any = None) -> None:
        """One request."""
        content = b"" if body is None else json.dumps(body).encode()
        head = f"{method} {path} HTTP/1.1\r\n{self._head}Content-Length: {len(content)}\r\n"
        kind = "Content-Type: application/json\r\n" if body is not None else ""
        self._socket.sendall(f"{head}{kind}\r\n".encode() + content)

    def receive(self) -> bytes:
        """Its answer, which must be a good one."""
        status, length = self._file.readline(), 0
        while (line := self._file.readline()) != b"\r\n":
            if line.lower().startswith(b"content-length:"):
                length = int(line[15:])
        content = self._file.read(length)
        if b" 200 " not in status:
            raise RuntimeError(f"{status!r} {content[:500]!r}")
        return content

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Both, and the JSON of the answer."""
        self.send(method, path, body)
        return json.loads(self.receive())

    def close(self) -> None:
        """Hang up."""
        self._file.close()
        self._socket.close()


Call = tuple[str, str, Any]
COMPANY = f"/v3/company/{REALM}"


def invoice(number: int) -> dict[str, Any]:
    """An invoice of one line."""
    detail = {"ItemRef": {"value": "4"}, "Qty": 1, "UnitPrice": 100}
    line = {"Amount": 100, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}
    return {"CustomerRef": {"value": str(number % 9 + 1)}, "DocNumber": f"B-{number}", "Line": [line]}


def payment(number: int) -> dict[str, Any]:
    """A payment of that invoice in full."""
    line = {"Amount": 100, "LinkedTxn": [{"TxnId": str(number), "TxnType": "Invoice"}]}
    return {"CustomerRef": {"value": "1"}, "TotalAmt": 100, "Line": [line]}


def journal(number: int) -> dict[str, Any]:
    """A journal of two lines."""
    sides = [("Debit", "4"), ("Credit", "8")]
    lines = [
        {"Amount": 5, "DetailType": "JournalEntryLineDetail",
         "JournalEntryLineDetail": {"PostingType": side, "AccountRef": {"value": account}}}
        for side, account in sides
    ]  # fmt: skip
    return {"DocNumber": f"J-{number}", "Line": lines}


def by_number(number: int) -> str:
    """The query for an invoice by its number."""
    statement = f"select * from Invoice where DocNumber = 'B-{number}'"  # noqa: S608 - QuickBooks' language, not SQL
    return f"{COMPANY}/query?query={quote(statement)}"


def kinds(first: int, first_id: int, calls: int) -> Iterator[tuple[str, list[Call]]]:
    """Each kind of call with its requests; invoices are numbered from ``first``, their Ids from ``first_id``."""
    numbers, ids = range(first, first + calls), range(first_id, first_id + calls)
    yield "create invoice", [("POST", f"{COMPANY}/invoice", invoice(number)) for number in numbers]
    yield "read invoice", [("GET", f"{COMPANY}/invoice/{object_id}", None) for object_id in ids]
    yield "query by number", [("GET", by_number(number), None) for number in numbers]
    paid = [payment(object_id) | {"CustomerRef": {"value": str(number % 9 + 1)}} for number, object_id in zip(
        numbers, ids, strict=True)]  # fmt: skip
    yield "create payment", [("POST", f"{COMPANY}/payment", body) for body in paid]
    yield "create journal", [("POST", f"{COMPANY}/journalentry", journal(number)) for number in numbers]


def measure(server: Server, documents: int, calls: int) -> dict[str, tuple[float, float]]:
    """Kind of call -> (calls a second, calls per second of the simulator's processor time)."""
    with ExitStack() as stack:
        lanes = _connected(server, stack)
        first_id = _filled(lanes[0], documents) + 1
        found = {}
        for name, requests in kinds(documents + 1, first_id, calls):
            clock, cpu = time.perf_counter(), server.cpu_s()
            rest = iter(requests)
            while group := list(islice(rest, LANES)):
                for lane, call in zip(lanes, group, strict=False):
                    lane.send(*call)
                for lane, _ in zip(lanes, group, strict=False):
                    lane.receive()
            found[name] = calls / (time.perf_counter() - clock), calls / max(server.cpu_s() - cpu, 1 / TICKS)
        return found


def _connected(server: Server, stack: ExitStack) -> list[Lane]:
    with ExitStack() as first:
        lane = Lane(server.port)
        first.callback(lane.close)
        lane.ask("POST", "/_sim/settings", {"throttle": False})
        token = lane.ask("POST", "/_sim/token", {})["access_token"]
    lanes = [Lane(server.port, token) for _ in range(LANES)]
    for lane in lanes:
        stack.callback(lane.close)
    return lanes


def _filled(lane: Lane, documents: int) -> int:
    """Load that many invoices; the last Id that was given."""
    for first in range(1, documents + 1, LOADED_AT_ONCE):
        numbers = range(first, min(first + LOADED_AT_ONCE, documents + 1))
        lane.ask("POST", "/_sim/load?merge=1", {"Invoice": [{"Id": str(each), **invoice(each)} for each in numbers]})
    return documents


def main() -> None:
    """Measure in memory, with a data file, and in large books; print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=2000, help="calls of each kind")
    parser.add_argument("--documents", type=int, default=100_000, help="invoices in the large books; 0 leaves them out")
    options = parser.parse_args()
    rows: dict[str, dict[str, tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for title, data, documents in [
            ("in memory", None, 0), ("data file", Path(folder) / "bench.db", 0),
            (f"{options.documents:,} documents", None, options.documents),
            (f"{options.documents:,} documents, data file", Path(folder) / "large.db", options.documents),
        ]:  # fmt: skip
            if documents or not rows or title == "data file":
                with serving(data) as server:
                    rows[title] = measure(server, documents, options.calls)
    _show(rows)


def _show(rows: dict[str, dict[str, tuple[float, float]]]) -> None:
    names = list(next(iter(rows.values())))
    print("calls a second (in brackets: per second of the simulator's processor time)")  # noqa: T201
    print(" " * 34 + "".join(f"{name:>18}" for name in names))  # noqa: T201
    for title, found in rows.items():
        cells = (f"{wall:,.0f} ({cpu:,.0f})" for wall, cpu in found.values())
        print(f"{title:<34}" + "".join(f"{cell:>18}" for cell in cells))  # noqa: T201


if __name__ == "__main__":
    main()
