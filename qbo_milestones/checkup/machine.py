"""The machine: who may open our files, where the key lies, and whether the connection's tokens can be read with it."""

import os
import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from qbo_milestones.adapters.quickbooks.key_places import os_keyring
from qbo_milestones.adapters.store.store import DatabaseStore
from qbo_milestones.checkup.findings import Finding, broken, failed, warning, well
from qbo_milestones.config import Settings
from qbo_milestones.errors import BadSettings
from qbo_milestones.keys import KEY_VARIABLE, link_of, place_of
from qbo_milestones.model.exit_code import RECONNECT, USAGE
from qbo_milestones.wiring import epochs_of

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_PLACES = {
    "file": "the file that key.file names",
    "environment": f"the environment variable {KEY_VARIABLE}",
    "credentials": "the credentials of the service manager",
    "keyring": "the machine's keyring",
}
# A refresh takes at most its time-outs; one that is this old died on its way.
_REFRESH_TAKES = timedelta(minutes=10)


def permissions(settings: Settings) -> Iterator[Finding]:
    """Home, database, key, counts and log are for their owner alone (reliability.md 4)."""
    for name, path in _places(settings):
        if path.exists():
            yield _permission(name, path)


def _places(settings: Settings) -> Iterator[tuple[str, Path]]:
    yield "Home folder", settings.home_folder
    yield "Database file", settings.home_folder / "milestones.db"
    if settings.key.source == "file":
        yield "Key file", settings.path(settings.key.file)
    counts = epochs_of(settings).path
    yield "Count of runs", counts
    yield "End of the audit log", counts.with_suffix(".audit")
    if settings.log.file:
        yield "Log file", settings.path(Path(settings.log.file))


def _permission(name: str, path: Path) -> Finding:
    found = path.stat()
    mode = "700" if path.is_dir() else "600"
    if found.st_mode & _OTHERS:
        kept = stat.S_IMODE(found.st_mode)
        return broken(name, f"{path} has mode {kept:o}: others may open it.", f"Run: chmod {mode} {path}", USAGE)
    if found.st_uid != os.geteuid():
        sentence = f"{path} belongs to another user than the one who runs this."
        return warning(name, sentence, "Run every command as the user of the worker.")
    return well(name, f"{path} is for its owner alone.")


def witness(settings: Settings) -> Iterator[Finding]:
    """A database that is restored together with its witness is believed, and what it forgot is billed again."""
    if settings.real and settings.witness_folder == settings.home_folder:
        name = "Count of runs"
        sentence = f"It lies in {settings.home_folder} beside the database: whoever restores one restores the other."
        remedy = "Name a folder of its own in the setting witness, out of all backups; move *.epoch and *.audit there."
        yield warning(name, sentence, remedy)


def key(settings: Settings) -> Finding:
    """Where the key to the tokens lies; a keyring that keeps it in plain text, or nothing at all, is refused."""
    try:
        place_of(settings).keys()
    except BadSettings as unusable:
        return failed("Key", unusable, "Do as it says, or name another place in key.source and connect again.")
    backend = f": {type(os_keyring()).__module__}" if settings.key.source == "keyring" else ""
    return well("Key", f"It lies in {_PLACES[settings.key.source]}{backend}.")


def connection(settings: Settings, store: DatabaseStore, now: datetime) -> Finding:
    """Whether the stored tokens can be unsealed, and when the connection ends by itself."""
    link, name = link_of(settings, store, now), "Connection"
    if link.problem or (link.idle_end and link.idle_end <= now) or (link.hard_end and link.hard_end <= now):
        sentence = link.problem or "The connection has ended: it was not used for long, or its five years are over."
        return broken(name, sentence, "Restore the key if it is missing; else run `qbo-milestones connect`.", RECONNECT)
    if link.warnings:
        return warning(name, link.warnings[0].sentence, "Let the nightly run work, or run `qbo-milestones reconnect`.")
    kept = store.tokens.load()
    if kept and kept.refreshing_since and now - kept.refreshing_since > _REFRESH_TAKES:
        sentence = f"A refresh was begun at {kept.refreshing_since:%Y-%m-%d %H:%M} UTC and never ended."
        return warning(name, sentence, "The next run tries the old value once; if it fails, connect again.")
    return well(name, f"The tokens can be read; unused they end on {link.idle_end:%Y-%m-%d}.")
