"""A child that a hostile file has taken over: it burns time or memory, or talks nonsense, under the real limits."""

import json
import os
import sys

from qbo_milestones.adapters.registers.limits import Limits
from qbo_milestones.adapters.registers.xlsx_child import confine


def main(path: str, limits: Limits) -> None:
    """Do harm of the kind that the file is named after."""
    confine(limits)
    if "time" in path:
        while True:
            pass
    if "memory" in path:
        taken = len(bytearray(2 * limits.memory_bytes))
        sys.stdout.write(json.dumps({"refused": f"took {taken} bytes"}) + "\n")
    if "disk" in path:
        with open(f"{path}.out", "w") as file:  # noqa: PTH123
            file.write("x")
    if "environment" in path:
        sys.stdout.write(json.dumps({"refused": ", ".join(os.environ)}) + "\n")
    sys.stdout.write(
        {"nonsense": "{]\n", "refusal": '{"refused": "is \\u001b[31mred"}\n'}.get(path.split("-")[-1][:-5], "")
    )


if __name__ == "__main__":
    main(sys.argv[1], Limits(**json.loads(sys.argv[2])))
