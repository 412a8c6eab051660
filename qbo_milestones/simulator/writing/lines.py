"""The lines of a transaction: known ones keep their Id, new ones get the next; amounts must be what was multiplied."""

from qbo_milestones.simulator.amounts import Doc, half_up
from qbo_milestones.simulator.faults import Problem


def number_lines(lines: list[Doc], before: Doc | None, first: int, with_number: bool = False) -> list[Doc]:
    """The lines with Ids. A line keeps its Id if the stored document has it, else it is a new line (section 6)."""
    known = {str(line["Id"]) for line in (before or {}).get("Line", []) if line.get("Id") is not None}
    kept: set[str] = set()
    next_id = max([int(line) for line in known if line.isdecimal()] + [first - 1]) + 1
    numbered = []
    for position, line in enumerate(lines, start=1):
        line_id = str(line.get("Id") or "")
        if line_id not in known or line_id in kept:
            line_id, next_id = str(next_id), next_id + 1
        kept.add(line_id)
        place = {"LineNum": position} if with_number else {}
        rest = {name: value for name, value in line.items() if name not in ("Id", "LineNum", "LineEx")}
        numbered.append({"Id": line_id, **place, **{name: value for name, value in rest.items() if value is not None}})
    return numbered


def amount_problem(line: Doc, detail: Doc) -> list[Problem]:
    """6070 where Amount is not UnitPrice * Qty, half up to cents (quickbooks-online.md 6.2)."""
    quantity, price = detail.get("Qty"), detail.get("UnitPrice")
    if not quantity or not price or half_up(quantity * price) == half_up(line["Amount"]):
        return []
    supplied = half_up(line["Amount"])
    return [Problem("6070", f"Amount is not equal to UnitPrice * Qty. Supplied value:{supplied:,}", "Amount")]
