"""What was told to people already, so that it is told once (reliability.md 1.5, C5)."""

from datetime import datetime

from sqlalchemy import Engine, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from qbo_milestones.adapters.store import leases
from qbo_milestones.adapters.store.engine import reading, writing
from qbo_milestones.adapters.store.unattended import notice

_n = notice.c


class Notices:
    """The keys of what one company's people were told."""

    def __init__(self, engine: Engine, company: str) -> None:
        self._engine, self._company = engine, company

    def known(self, prefix: str) -> frozenset[str]:
        """Everything that was told whose key begins so."""
        query = select(_n.notice_key).where(
            _n.company == self._company, _n.notice_key.startswith(prefix, autoescape=True)
        )
        with reading(self._engine) as connection:
            return frozenset(connection.scalars(query))

    def keep(self, keys: frozenset[str], now: datetime) -> None:
        """They are told; the first time stands."""
        if not keys:
            return
        with writing(self._engine) as connection:
            leases.ensure_company(connection, self._company)
            dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
            rows = [{"company": self._company, "notice_key": key, "first_at": now} for key in sorted(keys)]
            connection.execute(dialect.insert(notice).on_conflict_do_nothing(), rows)

    def forget(self, keys: frozenset[str]) -> None:
        """It is no longer so: when it comes again it is told again."""
        if not keys:
            return
        with writing(self._engine) as connection:
            connection.execute(delete(notice).where(_n.company == self._company, _n.notice_key.in_(sorted(keys))))
