"""How Alembic runs the migrations: on the transaction that `migrate` holds, and the triggers after them."""

from alembic import context

from qbo_milestones.adapters.store import triggers, unattended

_connection = context.config.attributes["connection"]
context.configure(
    connection=_connection,
    target_metadata=unattended.due_run.metadata,
    # SQLite's DDL is transactional once the driver leaves the beginning to us, so a killed migration leaves nothing.
    transactional_ddl=True,
    render_as_batch=True,
)
context.run_migrations()
triggers.install(_connection)
