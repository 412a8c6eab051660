"""A migrated database for each test, copied from one that is made once a worker."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from qbo_milestones.adapters.store.engine import open_engine
from qbo_milestones.adapters.store.migrate import migrate
from qbo_milestones.adapters.store.store import DatabaseStore
from qbo_milestones.ports import Lease

from .makers import COMPANY, NOW, TTL, StillClock


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with all tables and nothing in them."""
    path = tmp_path_factory.mktemp("template") / "store.db"
    engine = open_engine(f"sqlite:///{path}")
    migrate(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@pytest.fixture
def path(template: Path, tmp_path: Path) -> Path:
    """The file of a fresh, migrated database."""
    copy = tmp_path / "store.db"
    shutil.copy2(template, copy)
    return copy


@pytest.fixture
def engine(path: Path) -> Iterator[Engine]:
    """An engine on it."""
    engine = open_engine(f"sqlite:///{path}")
    yield engine
    engine.dispose()


@pytest.fixture
def clock() -> StillClock:
    """A clock that stands until it is moved."""
    return StillClock()


@pytest.fixture
def store(engine: Engine, clock: StillClock) -> DatabaseStore:
    """The store of one company."""
    return DatabaseStore(engine, COMPANY, clock)


@pytest.fixture
def lease(store: DatabaseStore) -> Lease:
    """Its lease."""
    return store.take_lease("tests", NOW, TTL)
