"""Periods of reports: date macros, fiscal years, and the slices of time that make columns."""

from calendar import month_abbr, month_name, monthrange
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

MONTHS = tuple(month_name)
"""Index -> name, as Preferences.AccountingInfoPrefs.FirstMonthOfFiscalYear writes it."""
FIRST_DAY, LAST_DAY = "0001-01-01", "9999-12-31"


class Period(NamedTuple):
    """First and last day, YYYY-MM-DD."""

    start: str
    end: str


ALWAYS = Period(FIRST_DAY, LAST_DAY)


def months_later(day: date, months: int) -> date:
    """The same day of another month, the last one where that month is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def fiscal_start(day: date, first_month: int) -> date:
    """First day of the fiscal year that a day is in."""
    start = date(day.year, first_month, 1)
    return start if start <= day else start.replace(year=day.year - 1)


def fiscal_start_of(day: str, first_month: int) -> str:
    """The same for texts."""
    return day if day in ALWAYS else fiscal_start(date.fromisoformat(day), first_month).isoformat()


def _week(day: date, _: int) -> date:
    return day - timedelta(days=(day.weekday() + 1) % 7)


def _quarter(day: date, first_month: int) -> date:
    start = fiscal_start(day, first_month)
    return months_later(start, (day.year * 12 + day.month - start.year * 12 - start.month) // 3 * 3)


class Unit(NamedTuple):
    """A kind of period: where the one that a day is in begins, and how long it is in days or in months."""

    begin: Callable[[date, int], date]
    days: int = 0
    months: int = 0

    def moved(self, day: date, count: int) -> date:
        """The day that many units later."""
        return day + timedelta(days=self.days * count) if self.days else months_later(day, self.months * count)


DAY = Unit(lambda day, _: day, days=1)
WEEK = Unit(_week, days=7)
MONTH = Unit(lambda day, _: day.replace(day=1), months=1)
FISCAL_QUARTER, FISCAL_YEAR = Unit(_quarter, months=3), Unit(fiscal_start, months=12)
CALENDAR_QUARTER = Unit(lambda day, _: _quarter(day, 1), months=3)
CALENDAR_YEAR = Unit(lambda day, _: fiscal_start(day, 1), months=12)

_UNITS = {
    "Week": WEEK, "Month": MONTH, "Fiscal Quarter": FISCAL_QUARTER, "Fiscal Year": FISCAL_YEAR,
    "Calendar Quarter": CALENDAR_QUARTER, "Calendar Year": CALENDAR_YEAR,
}  # fmt: skip


class Macro(NamedTuple):
    """A predefined period: from the unit that is ``offset`` away from today's, for some units or to date."""

    unit: Unit
    offset: int
    units: int = 1
    to_date: bool = False


MACROS: dict[str, Macro] = {
    "Today": Macro(DAY, 0), "Yesterday": Macro(DAY, -1), "Next 4 Weeks": Macro(WEEK, 1, 4),
    **{f"{word} {name}": Macro(unit, offset)
       for name, unit in _UNITS.items() for word, offset in (("This", 0), ("Last", -1), ("Next", 1))},
    **{f"{word} {name}-to-date": Macro(unit, offset, to_date=True)
       for name, unit in _UNITS.items() for word, offset in (("This", 0), ("Last", -1))},
}  # fmt: skip
"""Every value of ``date_macro`` that names a period; ``All`` names all of them (BY_LOWER_NAME)."""
BY_LOWER_NAME = {name.lower(): macro for name, macro in MACROS.items()}
ALL_DATES = ("all", "all dates")


def macro_period(name: str, today: str, first_month: int) -> Period | None:
    """The period of a date macro, any case; None for an unknown one."""
    if name.lower() in ALL_DATES:
        return ALWAYS
    macro = BY_LOWER_NAME.get(name.lower())
    if macro is None:
        return None
    now = date.fromisoformat(today)
    start = macro.unit.moved(macro.unit.begin(now, first_month), macro.offset)
    end = macro.unit.moved(now, macro.offset) if macro.to_date else _end(macro, start)
    return Period(start.isoformat(), end.isoformat())


def _end(macro: Macro, start: date) -> date:
    return macro.unit.moved(start, macro.units) - timedelta(days=1)


def shown_macro(name: str, first_month: int) -> str:
    """A macro as the header repeats it: lower case; a fiscal year that begins in January is a calendar year."""
    return name.lower().replace("fiscal", "calendar") if first_month == 1 else name.lower()


# slices -------------------------------------------------------------------------------------------

SLICES: dict[str, Unit] = {
    "Days": DAY, "Week": WEEK, "Month": MONTH, "Quarter": FISCAL_QUARTER, "Year": FISCAL_YEAR,
}  # fmt: skip
"""Values of ``summarize_column_by`` that cut time."""
MOST_SLICES = 1000


def slices(period: Period, unit: Unit, first_month: int) -> Iterator[Period]:
    """The units of a period, the first and the last one clipped to it."""
    day, end = date.fromisoformat(period.start), date.fromisoformat(period.end)
    for _ in range(MOST_SLICES):
        if day > end:
            return
        after = unit.moved(unit.begin(day, first_month), 1)
        yield Period(day.isoformat(), min(after - timedelta(days=1), end).isoformat())
        day = after


def slice_of(day: str, unit: Unit, first_month: int) -> Period:
    """The whole unit that a day is in."""
    begin = unit.begin(date.fromisoformat(day), first_month)
    return Period(begin.isoformat(), (unit.moved(begin, 1) - timedelta(days=1)).isoformat())


def slice_title(part: Period, unit: Unit) -> str:
    """``Jan 2026``, ``Jan - Mar, 2026``, ``Oct 4 - Oct 10, 2026``, ``Oct 4, 2026``."""
    start, end = date.fromisoformat(part.start), date.fromisoformat(part.end)
    if start == end:
        return f"{_day(start)}, {start.year}"
    whole = start.day == 1 and (end + timedelta(days=1)).day == 1
    if unit.months and whole and months_later(start, unit.months) == end + timedelta(days=1):
        if unit is MONTH:
            return f"{month_abbr[start.month]} {start.year}"
        return f"{month_abbr[start.month]} - {month_abbr[end.month]}, {end.year}"
    first = f"{_day(start)}, {start.year}" if start.year != end.year else _day(start)
    return f"{first} - {_day(end)}, {end.year}"


def _day(day: date) -> str:
    return f"{month_abbr[day.month]} {day.day}"
