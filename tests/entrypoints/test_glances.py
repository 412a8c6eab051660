"""What `status` says of the next nightly run, at any time of the day."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from qbo_milestones.entrypoints import tables
from qbo_milestones.pipeline.calendar import Timetable
from qbo_milestones.run.standing import Link, Standing

DAY, DUE = date(2026, 11, 26), datetime(2026, 11, 26, 8, 26, 28, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hour_utc", "last_try", "kept", "expected"),
    [
        (17, None, False, "for 2026-11-26, due now (since 03:26 EST); no worker has run it yet"),
        (17, None, True, "for 2026-11-26, due now (since 03:26 EST); no worker has run it yet"),
        (17, 75, True, "for 2026-11-26, due now (since 03:26 EST, again after exit code 75)"),
        (6, None, True, "for 2026-11-26, at 03:26 EST"),
        (6, 75, True, "for 2026-11-26, at 03:26 EST, again after exit code 75"),
        (2, None, False, "for 2026-11-26, at 2026-11-26 03:26 EST; no worker was at work here yet"),
    ],
)
def test_the_next_nightly_run_is_told_for_people(
    capsys: pytest.CaptureFixture[str], hour_utc: int, last_try: int | None, kept: bool, expected: str
) -> None:
    """Issue 4, schedule: a time that has gone by is no promise; minutes are enough, and today needs no date."""
    timetable = Timetable(DAY, DUE, last_try, None, (), kept)
    found = Standing("northlight", "simulator", "1", Link(), None, {}, {}, (), 0, 0, 500, timetable)
    now = datetime(2026, 11, 26, hour_utc, tzinfo=UTC).astimezone(ZoneInfo("America/New_York"))
    tables.standing(found, now)
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "Next nightly run" in line]
    assert line.replace("Next nightly run", "").strip() == expected
