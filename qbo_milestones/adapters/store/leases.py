"""Who may work on a company: a lease with a fence that only grows, checked by every writer in its own transaction."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from qbo_milestones.adapters.store.tables import company as company_table
from qbo_milestones.errors import Unavailable
from qbo_milestones.ports import Lease

_c = company_table.c


def ensure_company(connection: Connection, company: str, name: str = "", environment: str = "") -> None:
    """The company's row; one that stands keeps its facts unless new ones are given."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    row = dialect.insert(company_table).values(company=company, name=name, environment=environment)
    connection.execute(row.on_conflict_do_nothing())
    if given := {key: value for key, value in (("name", name), ("environment", environment)) if value}:
        connection.execute(update(company_table).where(_c.company == company).values(**given))


def shorten(connection: Connection, company: str, now: datetime, ttl: timedelta) -> None:
    """A lease that ends further ahead than any can was taken while the clock was ahead: it ends in `ttl` from now.

    Its owner, if it lives, renews it long before.
    """
    ahead = (_c.company == company, _c.lease_until > now + 2 * ttl)
    connection.execute(update(company_table).where(*ahead).values(lease_until=now + ttl))


def take(connection: Connection, company: str, owner: str, now: datetime, ttl: timedelta) -> Lease:
    """The lease with the next fence. Raises Unavailable, with the seconds that are left, while it is held.

    An owner that died keeps it until its time is over: nobody can tell a dead one from a slow one.
    """
    ensure_company(connection, company)
    row = connection.execute(
        select(_c.lease_owner, _c.lease_until, _c.fence).where(_c.company == company).with_for_update()
    ).one()
    if row.lease_owner is not None and row.lease_until > now:
        left = (row.lease_until - now).total_seconds()
        raise Unavailable(
            f"Another run ({row.lease_owner}) works on company {company}. Try again when it has ended; if it died, "
            f"in {left:.0f} s.",
            after_s=left,
        )
    fence = row.fence + 1
    values = {"lease_owner": owner, "lease_until": now + ttl, "fence": fence}
    connection.execute(update(company_table).where(_c.company == company).values(**values))
    return Lease(company, owner, fence)


def check(connection: Connection, company: str, lease: Lease) -> None:
    """Raises Unavailable unless the lease is still ours; holds the company's row until the transaction ends (I7)."""
    row = connection.execute(
        select(_c.lease_owner, _c.fence).where(_c.company == company).with_for_update()
    ).one_or_none()
    ours = row is not None and row.fence == lease.fence and row.lease_owner == lease.owner
    if not ours or lease.company != company:
        raise Unavailable(f"lease lost: {lease.owner} no longer works on company {company} (fence {lease.fence})")


def renew(connection: Connection, company: str, lease: Lease, now: datetime, ttl: timedelta) -> None:
    """Hold it for `ttl` from now. Raises Unavailable when it was lost."""
    check(connection, company, lease)
    connection.execute(update(company_table).where(_c.company == company).values(lease_until=now + ttl))


def release(connection: Connection, company: str, lease: Lease) -> None:
    """Give it back; the fence stays, so that nothing of this lease can be written any more."""
    ours = (_c.company == company, _c.fence == lease.fence, _c.lease_owner == lease.owner)
    connection.execute(update(company_table).where(*ours).values(lease_owner=None, lease_until=None))
