"""Templates of transactions that come again, as data: the schedule, and a transaction of any of twelve kinds."""

from qbo_milestones.simulator.schema.fields import EntitySpec, anything, choice, date, flag, group, integer, ref, text
from qbo_milestones.simulator.schema.shapes import FRAME

KINDS = (
    "Bill", "Purchase", "CreditMemo", "Deposit", "Estimate", "Invoice", "JournalEntry", "RefundReceipt",
    "SalesReceipt", "Transfer", "VendorCredit", "PurchaseOrder",
)  # fmt: skip
"""What may come again."""
_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_SCHEDULE = group(
    StartDate=date(), EndDate=date(), DaysBefore=integer(), MaxOccurrences=integer("", 1), RemindDays=integer(),
    IntervalType=choice("Yearly", "Monthly", "Weekly", "Daily"), NumInterval=integer("", 1),
    DayOfMonth=integer("", 1, 31), DayOfWeek=choice(*_DAYS), MonthOfYear=text(20), WeekOfMonth=integer("", 1, 5),
    NextDate=date(), PreviousDate=date("-"),
)  # fmt: skip

RECURRING = EntitySpec(
    "RecurringTransaction",
    {
        **{kind: anything() for kind in KINDS}, "Type": text(20, "-f"), "RecurDataRef": ref("", "fsb"),
        "RecurringInfo": group(
            Name=text(100, "fs"), RecurType=choice("Automated", "Reminded", "UnScheduled", marks="fs"),
            Active=flag("f"), ScheduleInfo=_SCHEDULE),
        **FRAME,
    },
    frozenset({"create", "read", "query", "update", "delete"}), cdc=False,
)  # fmt: skip
