"""scripts/make-register writes the same believable register for the same seed."""

import subprocess
import sys
from pathlib import Path

from register_samples import content

from qbo_milestones.adapters.registers.source import read
from qbo_milestones.pipeline.register import check

SCRIPT = Path(__file__).parents[3] / "scripts" / "make_register.py"


def make(into: Path, *options: str) -> None:
    subprocess.run([sys.executable, str(SCRIPT), "--into", str(into), *options], check=True, capture_output=True)


def test_a_generated_register_reads_without_a_problem_and_has_its_evidence(tmp_path: Path) -> None:
    """Ruling 32: all four sheets, sign-offs and evidence."""
    make(tmp_path / "a", "--rows", "300", "--evidence", "--customers", "Acme, Beta")
    make(tmp_path / "b", "--rows", "300", "--form", "csv", "--customers", "Acme, Beta")
    make(tmp_path / "c", "--rows", "300", "--form", "csv", "--customers", "Acme, Beta", "--seed", "2")
    workbook, folder = read(str(tmp_path / "a" / "register.xlsx")), read(str(tmp_path / "a" / "csv"))
    assert content(workbook) == content(folder)
    assert check(workbook) == ()
    assert len(workbook.deliverables) == 300
    assert {it.customer for versions in workbook.contracts.values() for it in versions} == {"Acme", "Beta"}
    named = {it.evidence for several in workbook.sign_offs.values() for it in several if it.evidence}
    assert {it.name for it in (tmp_path / "a" / "evidence").iterdir()} == named
    again, other = read(str(tmp_path / "b" / "csv")), read(str(tmp_path / "c" / "csv"))
    assert content(again) == content(folder)
    assert content(other) != content(folder)
