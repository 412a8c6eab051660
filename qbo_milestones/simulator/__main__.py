"""``python -m qbo_milestones.simulator --port N --data FILE`` serves a QuickBooks Online on this machine."""

import argparse
import sys
from pathlib import Path

from qbo_milestones.simulator.seed import SEEDS
from qbo_milestones.simulator.server import serve


def main(arguments: list[str]) -> None:
    """Read the options and serve."""
    parser = argparse.ArgumentParser(prog="python -m qbo_milestones.simulator", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--data", type=Path, help="JSON file that keeps the state")
    parser.add_argument("--seed", choices=sorted(SEEDS), default="agency", help="what a new company starts as")
    options = parser.parse_args(arguments)
    serve(options.port, options.data, options.seed, lambda line: print(line, flush=True))  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:])
