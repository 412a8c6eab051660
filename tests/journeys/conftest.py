"""One simulator and one empty database a worker; a fresh company and a fresh folder for every test."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from qbo_milestones.adapters.store.engine import open_engine
from qbo_milestones.adapters.store.migrate import migrate
from qbo_milestones.simulator.server import running

from .agency import Agency
from .simulated import Doc, Simulated

MakeAgency = Callable[..., Agency]


@pytest.fixture(scope="session")
def base() -> Iterator[str]:
    """The address of a running simulator."""
    with running() as address:
        yield address


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with all tables and nothing in them."""
    path = tmp_path_factory.mktemp("template") / "store.db"
    engine = open_engine(f"sqlite:///{path}")
    migrate(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@pytest.fixture
def make_agency(base: str, template: Path, tmp_path: Path) -> Iterator[MakeAgency]:
    """Makes the test's agency: rules by name, and `switches` for the simulator. In the end no invariant is broken."""
    made: list[Agency] = []

    def make(switches: dict[str, Any] | None = None, pace: tuple[int, int] | None = None, **rules: object) -> Agency:
        paced = {"pace": pace} if pace else {}
        simulated = Simulated(base, **(switches or {}))
        made.append(Agency(simulated, tmp_path / f"agency {len(made)}", template, rules, **paced))
        return made[-1]

    yield make
    found = [breach for agency in made for breach in agency.breaches()]
    for agency in made:
        agency.close()
    assert found == []


@pytest.fixture
def agency(make_agency: MakeAgency) -> Agency:
    """An agency with an empty register, connected."""
    return make_agency()


def two_rows(agency: Agency) -> Agency:
    """Two billable rows, and one that is not."""
    agency.papers.accept("D-101", "1200.00")
    agency.papers.accept("D-102", "800.50")
    agency.papers.row("D-103", "70.00")
    return agency


@pytest.fixture(scope="session")
def quiet_night(base: str, template: Path, tmp_path_factory: pytest.TempPathFactory) -> Doc:
    """The books of the two rows after a night without any trouble."""
    agency = two_rows(Agency(Simulated(base), tmp_path_factory.mktemp("quiet"), template))
    assert agency.run().exit_code == 0
    agency.simulated.prove()
    found = agency.simulated.plain()
    agency.close()
    return found
