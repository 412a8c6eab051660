"""The model of level A does, send for send and second for second, what the code that bills does."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from .level_a import OURS, told
from .posting_model import Policy
from .quickbooks_model import WORLDS, Fault, World
from .real_posting import Company, plan_one


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in which one posting is planned."""
    return plan_one(tmp_path_factory.mktemp("planned") / "store.db")


@settings(max_examples=40)
@given(
    policy=st.sampled_from(OURS),
    world=st.sampled_from(WORLDS),
    faults=st.lists(st.sampled_from(Fault), max_size=6).map(tuple),
)
def test_the_model_is_the_code(
    planned: Path, tmp_path_factory: pytest.TempPathFactory, policy: Policy, world: World, faults: tuple[Fault, ...]
) -> None:
    """reliability.md 1.4: what is proved of the model holds for the code only if both take the same steps."""
    company = Company(tmp_path_factory.mktemp("story"), planned, policy, world, faults)
    company.live()
    end = f"{company.row().stage} in the outbox, {len(company.quickbooks.applied)} in QuickBooks"
    company.close()
    _, story = told(policy, world, faults)
    assert [*company.log, end] == [line for line in story if " worker " not in line]
