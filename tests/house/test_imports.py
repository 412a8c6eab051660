"""The arrows between the rooms (design.md, The house): contracts are kept, and no import goes in a circle."""

import subprocess
import sys
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    """Who imports whom, imports for annotations alone included."""
    return grimp.build_graph("qbo_milestones", cache_dir=None)


def test_the_contracts_are_kept() -> None:
    """design.md, The house: import-linter holds the arrows."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout
    assert " 0 broken" in done.stdout


def test_no_import_goes_in_a_circle(graph: grimp.ImportGraph) -> None:
    """design.md: no circles, annotations included; a package's own face counts as a module."""
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    # What imports nothing that is left cannot be on a circle; take it away until nothing changes.
    left = dict(imports)
    while free := {module for module, imported in left.items() if not imported & left.keys()}:
        left = {module: imported for module, imported in left.items() if module not in free}
    assert sorted(left) == []


def test_the_simulator_stands_apart(graph: grimp.ImportGraph) -> None:
    """design.md: a second house; it imports nothing of ours, only wiring imports it."""
    theirs = {module for module in graph.modules if module.startswith("qbo_milestones.simulator")}
    out = {(module, to) for module in theirs for to in graph.find_modules_directly_imported_by(module) - theirs}
    assert {pair for pair in out if pair[1] != "qbo_milestones"} == set()
    into = {by for module in theirs for by in graph.find_modules_that_directly_import(module)} - theirs
    assert into == {"qbo_milestones.wiring"}


def test_nothing_below_the_entrypoints_knows_them(graph: grimp.ImportGraph) -> None:
    """design.md: entrypoints are highest."""
    above = {module for module in graph.modules if module.startswith("qbo_milestones.entrypoints")}
    into = {by for module in above for by in graph.find_modules_that_directly_import(module)} - above
    assert into <= {"qbo_milestones.__main__"}
