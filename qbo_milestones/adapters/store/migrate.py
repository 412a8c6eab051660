"""Bringing the database to this program's tables, and the triggers with them."""

import threading
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from qbo_milestones.adapters.store import triggers
from qbo_milestones.adapters.store.engine import reading, writing
from qbo_milestones.errors import BadSettings

# The newest migration; a test compares it with the folder. Known here so that a start needs no Alembic.
HEAD = "0002"

# Alembic keeps what it works on in its modules: threads with a database each would trip over one another.
_ONE_AT_A_TIME = threading.Lock()


def migrate(engine: Engine, revision: str = HEAD) -> None:
    """To a migration, up or down (`base` is nothing at all), in one transaction, with the triggers it needs.

    Two processes may call it at once. Raises BadSettings for a database that a newer program made.
    """
    with reading(engine) as connection:
        if revision == HEAD and _is_ready(connection):
            return
    with _ONE_AT_A_TIME, writing(engine) as connection:
        _run(connection, revision)


def version(engine: Engine) -> str:
    """The migration at which the database stands; empty for none."""
    with reading(engine) as connection:
        return _version(connection)


def _version(connection: Connection) -> str:
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return connection.scalar(text("SELECT version_num FROM alembic_version")) or ""


def _is_ready(connection: Connection) -> bool:
    if _version(connection) != HEAD or connection.dialect.name != "sqlite":
        return False
    return triggers.standing(connection) == triggers.rules()


def _run(connection: Connection, revision: str) -> None:
    # Alembic is heavy and rarely needed: it must not slow down every start.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    order = ["", *(script.revision for script in reversed(list(ScriptDirectory.from_config(config).walk_revisions())))]
    standing, wanted = _version(connection), "" if revision == "base" else revision
    if standing not in order:
        raise BadSettings(
            f"The database was made by a newer version of this program (migration {standing}); update it."
        )
    if order.index(wanted) < order.index(standing):
        command.downgrade(config, revision)
    else:
        command.upgrade(config, revision)
