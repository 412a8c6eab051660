"""The audit log as commands print it, for people."""

from collections.abc import Sequence

from rich.markup import escape

from qbo_milestones.entrypoints.tables import console, new_table, say
from qbo_milestones.model.audit import BROKEN_REMEDY, AuditCheck, AuditEntry, AuditHead, AuditState

# A hash in a table is there to be compared at a glance; --json has all of it.
_SHOWN = 12


def check_sentence(found: AuditCheck, anchor: AuditHead) -> str:
    """What the check found and what it means."""
    if found.state is AuditState.OLDER:
        return f"{found.sentence} The next run reads all documents and looks for every posting before it sends."
    if found.state is AuditState.BROKEN:
        return f"{found.sentence} {BROKEN_REMEDY}"
    kept = f"row {anchor.seq} is the one that is kept beside the key" if anchor.seq else "none is kept beside the key"
    return f"{found.sentence} {found.head.seq:,} rows, the last {found.head.hash or 'none'}; {kept}."


def show(found: Sequence[AuditEntry], about: str) -> None:
    """Rows for people, the oldest first; `about` says of what they were asked for, as `of D-103`."""
    if not found:
        say(f"Nothing is on record{about and ' '}{about}.")
        return
    shown = new_table("Row", "At (UTC)", "By", "Event", "What", "Hash", right=("Row",))
    for one in found:
        what = ", ".join(f"{name} {_short(text)}" for name, text in one.content.items())
        shown.add_row(
            *(f"{one.seq:,}", f"{one.at:%Y-%m-%d %H:%M:%S}", escape(one.actor), one.event),
            *(escape(what), one.hash[:_SHOWN]),
        )
    console.print(shown)


def _short(text: str) -> str:
    return text if len(text) <= 32 else f"{text[:_SHOWN]}..."
