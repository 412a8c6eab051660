"""Writes a register of any size, the same for the same seed: workbook, CSV folder, and evidence files."""

import argparse
import csv
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Protocol

from xlsxwriter import Workbook

from qbo_milestones.pipeline.reading.columns import CHANGES, CONTRACTS, DELIVERABLES, FORMS, SIGN_OFFS, Form

Value = str | Decimal | date
Row = Mapping[str, Value]

ROWS_A_CONTRACT = 50
CUSTOMERS = tuple(
    f"{first} {second}"
    for first in ("Harbor", "Cedar", "Summit", "Lakeside", "Copper", "Juniper", "Falcon", "Maple")
    for second in ("Robotics", "Foods", "Health", "Logistics", "Outdoors")
)
PEOPLE = ("Dana Reyes", "Kim Lee", "Sam Ortiz", "Ines Moreau", "Jon Bakke", "Priya Nair", "Tom Vasquez", "Ada Fisk")
OUTPUTS = ("Scope baseline", "Wireframes", "Design system", "Staging release", "Data migration", "User training")
START = date(2026, 1, 5)
# What became of a deliverable, and how many of a hundred.
OUTCOMES = {
    "accepted": 74,
    "awaiting": 8,
    "rejected": 4,
    "verbal": 3,
    "wrong person": 3,
    "conditional": 2,
    "no evidence": 2,
    "task": 2,
    "control": 2,
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for on the command line."""

    rows: int
    seed: int
    customers: tuple[str, ...]


class Writer(Protocol):
    """Takes the rows of all sheets, in any order."""

    def write(self, form: Form, row: Row) -> None: ...


def register(wanted: Wanted) -> Iterator[tuple[Form, Row]]:
    """All rows, contract by contract."""
    random = Random(wanted.seed)  # noqa: S311 - a believable mix, not a secret
    for number, first in enumerate(range(1, wanted.rows + 1, ROWS_A_CONTRACT), 1):
        last = min(first + ROWS_A_CONTRACT - 1, wanted.rows)
        yield from contract(random, number, range(first, last + 1), wanted.customers[number % len(wanted.customers)])


def contract(random: Random, number: int, ids: range, customer: str) -> Iterator[tuple[Form, Row]]:
    """One contract with its deliverables, sign-offs and, now and then, a change; its value is what they add up to."""
    reference, approver = f"SOW-2026-{number:04d}", random.choice(PEOPLE)
    by_percent = number % 10 == 0 and 100 % len(ids) == 0
    amounts = [Decimal(random.randrange(50_000, 900_000)) / 100 for _ in ids]
    yield CONTRACTS, contract_row(reference, customer, sum(amounts, Decimal(0)), approver)
    for id_number, amount in zip(ids, amounts, strict=True):
        id_ = f"D-{id_number:06d}"
        outcome = random.choices(tuple(OUTCOMES), tuple(OUTCOMES.values()))[0]
        share = {"percent": f"{100 // len(ids)}%"} if by_percent else {"amount": amount}
        yield DELIVERABLES, deliverable_row(random, id_, reference, approver, outcome) | share
        for sign_off in sign_offs(random, id_, approver, outcome):
            yield SIGN_OFFS, sign_off
    if number % 7 == 0:
        yield CHANGES, change_row(random, f"CR-{number:04d}", reference, f"D-{ids[0]:06d}")


def contract_row(reference: str, customer: str, value: Decimal, approver: str) -> dict[str, Value]:
    return {
        "reference": reference,
        "version": Decimal(1),
        "effective_from": START,
        "customer": customer,
        "currency": "USD",
        "value": value,
        "document": f"contracts/{reference}.pdf",
        "signed_on": START,
        "signed_by": approver,
        "terms": "Net 30",
        "po_number": f"PO-{reference[-4:]}",
        "partial_acceptance": "section 7.4: split in writing",
        "disputes": "section 12: written notice within 10 business days",
        "change_process": "section 9: written change request",
        "risk": "normal",
        "owner": "Robin Hale",
    }


def deliverable_row(random: Random, id_: str, reference: str, approver: str, outcome: str) -> dict[str, Value]:
    name = random.choice(OUTPUTS)
    kind = outcome if outcome in ("task", "control") else "deliverable"
    return {
        "id": id_,
        "contract": reference,
        "contract_version": Decimal(1),
        "milestone": f"M{random.randrange(1, 6)}",
        "name": f"{name} {id_[2:]}",
        "type": kind,
        "output": f"https://files.example.com/{id_}/{name.casefold().replace(' ', '-')}.pdf",
        "acceptance_test": "1. The output is complete\n2. It is free of defects of severity 1 and 2",
        "approver": f"{approver} (client product owner)",
        "billable": "yes" if kind == "deliverable" else "no",
        "trigger": "acceptance" if kind == "deliverable" else "none",
        "fallback": "no invoice; log gaps and resubmit",
        "target_date": START + timedelta(days=random.randrange(60, 300)),
        "revision": Decimal(1),
        "owner": "Robin Hale",
    }


def sign_offs(random: Random, id_: str, approver: str, outcome: str) -> Iterator[dict[str, Value]]:
    """What was decided on a deliverable; a tenth of the accepted ones was rejected first (R67)."""
    if outcome in ("awaiting", "task"):
        return
    on = START + timedelta(days=random.randrange(180, 300))
    if outcome == "rejected" or (outcome == "accepted" and random.random() < 0.1):
        yield sign_off_row(id_, approver, "rejected", on - timedelta(days=20)) | {
            "defects": "criterion 2: one defect of severity 2",
            "re_review_date": on,
        }
    if outcome == "rejected":
        return
    row = sign_off_row(id_, approver, "conditional" if outcome == "conditional" else "accepted", on)
    if outcome == "wrong person":
        row["signed_by"] = "Pat Unknown"
    if outcome in ("verbal", "no evidence"):
        del row["evidence"]
    if outcome == "verbal":
        row["channel"] = "verbal"
    yield row


def sign_off_row(id_: str, approver: str, decision: str, on: date) -> dict[str, Value]:
    evidence = f"{id_}.txt" if decision != "rejected" else f"{id_}-rejected.txt"
    return {
        "deliverable": id_,
        "revision": Decimal(1),
        "decision": decision,
        "signed_by": approver,
        "signed": on,
        "evidence": evidence,
        "statement": f"We have reviewed {id_}: {decision}.",
        "channel": "written",
    }


def change_row(random: Random, id_: str, reference: str, deliverable: str) -> dict[str, Value]:
    decision = random.choice(("in scope", "declined", "undecided"))
    row: dict[str, Value] = {
        "id": id_,
        "contract": reference,
        "deliverable": deliverable,
        "requested_on": START + timedelta(days=100),
        "description": "One more language",
        "decision": decision,
    }
    decided: dict[str, Value] = {"decided_by": "Robin Hale", "decided_on": START + timedelta(days=110)}
    return row if decision == "undecided" else row | decided


class CsvFolder:
    """One CSV file a sheet."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.writers = {}
        for form in FORMS:
            file = stack.enter_context((folder / f"{form.name}.csv").open("w", encoding="utf-8", newline=""))
            self.writers[form] = csv.writer(file)
            self.writers[form].writerow([column.name for column in form.columns])

    def write(self, form: Form, row: Row) -> None:
        self.writers[form].writerow([row.get(column.field, "") for column in form.columns])


class Excel:
    """One workbook, written row by row."""

    def __init__(self, path: Path, stack: ExitStack) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        book = stack.enter_context(Workbook(str(path), {"constant_memory": True}))
        self.dates = book.add_format({"num_format": "yyyy-mm-dd"})
        self.sheets = {form: book.add_worksheet(form.name) for form in FORMS}
        self.rows = dict.fromkeys(FORMS, 0)
        for form in FORMS:
            for index, column in enumerate(form.columns):
                self.sheets[form].write_string(0, index, column.name)

    def write(self, form: Form, row: Row) -> None:
        self.rows[form] += 1
        sheet, number = self.sheets[form], self.rows[form]
        for index, column in enumerate(form.columns):
            match row.get(column.field):
                case str() as text:
                    sheet.write_string(number, index, text)
                case Decimal() as amount:
                    sheet.write_number(number, index, amount)
                case date() as day:
                    sheet.write_datetime(number, index, day, self.dates)


class Evidence:
    """A small text file for every sign-off that names one."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder

    def write(self, form: Form, row: Row) -> None:
        if form is SIGN_OFFS and "evidence" in row:
            text = f"{row['statement']}\n{row['signed_by']}, {row['signed']}\n"
            (self.folder / str(row["evidence"])).write_text(text, encoding="utf-8")


def write(rows: Iterable[tuple[Form, Row]], writers: list[Writer]) -> dict[str, int]:
    """Give every row to every writer; how many rows each sheet has."""
    counts = dict.fromkeys((form.name for form in FORMS), 0)
    for form, row in rows:
        counts[form.name] += 1
        for writer in writers:
            writer.write(form, row)
    return counts


def main() -> None:
    """Read the command line and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000, help="how many deliverables")
    parser.add_argument("--into", type=Path, required=True, help="folder to write into")
    parser.add_argument("--seed", type=int, default=1, help="the same seed writes the same register")
    parser.add_argument("--form", choices=("xlsx", "csv", "both"), default="both")
    parser.add_argument("--evidence", action="store_true", help="write evidence files too")
    parser.add_argument("--customers", default="", help="names of the customers, with commas between")
    asked = parser.parse_args()
    customers = tuple(name.strip() for name in asked.customers.split(",") if name.strip()) or CUSTOMERS
    with ExitStack() as stack:
        writers: list[Writer] = []
        if asked.form in ("csv", "both"):
            writers.append(CsvFolder(asked.into / "csv", stack))
        if asked.form in ("xlsx", "both"):
            writers.append(Excel(asked.into / "register.xlsx", stack))
        if asked.evidence:
            writers.append(Evidence(asked.into / "evidence"))
        counts = write(register(Wanted(asked.rows, asked.seed, customers)), writers)
    sys.stdout.write(", ".join(f"{count:,} {name}" for name, count in counts.items()) + f" in {asked.into}\n")


if __name__ == "__main__":
    main()
