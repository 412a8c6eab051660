"""``python -m qbo_milestones.simulator --port N --data FILE`` serves a QuickBooks Online on this machine."""

import argparse
import sys
from pathlib import Path

from qbo_milestones.simulator.seed.companies import SEEDS
from qbo_milestones.simulator.server import CannotServe, serve

NOT_STARTED = 2
PROGRAM = "python -m qbo_milestones.simulator"
ABOUT = """\
A QuickBooks Online on this machine: real HTTP, real OAuth 2, a double-entry ledger. A program for the v3 accounting
API works with it by its address alone. No real company is touched; nothing but 127.0.0.1 is served.

The first line printed is the address alone. Open it in a browser to see the books, the last requests and how to
connect (client id simulator-app, secret simulator-secret). The side door under /_sim/ takes JSON without a login:
tokens, the clock, faults, switches, reset. SIGTERM ends it, and the last state is kept.
"""
EXAMPLES = f"""\
examples:
  {PROGRAM}                        a free port, nothing kept
  {PROGRAM} --port 8700 --data company.db
  {PROGRAM} --port 8700 --seed empty
"""


def main(arguments: list[str]) -> int:
    """Read the options and serve; the exit code."""
    options = _parser().parse_args(arguments)
    try:
        serve(options.port, options.data, options.seed)
    except CannotServe as problem:
        print(f"error: {problem}", file=sys.stderr)  # noqa: T201
        return NOT_STARTED
    return 0


def _parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(
        prog=PROGRAM, description=ABOUT, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    found.add_argument("--port", type=_port, default=0, help="port on 127.0.0.1; 0, the default, takes a free one")
    found.add_argument("--data", type=Path, help="file that keeps the companies between starts")
    found.add_argument(
        "--seed", choices=sorted(SEEDS), default="agency", help="what a new company starts as (default: %(default)s)"
    )
    return found


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 65535")
    return port


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
