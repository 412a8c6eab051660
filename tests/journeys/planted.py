"""Troubles made in the books by people through the API, each on its own deliverable, and what puts them right again."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from .agency import Agency
from .simulated import Doc, cents

Expected = list[tuple[str, str]]
Undo = Callable[[], None]


def _nothing() -> None:
    """Cannot be undone by a person, or not in a way that concerns the flag."""


@dataclass
class Row:
    """A billed deliverable on which a trouble is planted; `customer` is its own, so that no two troubles meet."""

    agency: Agency
    id: str
    customer: str
    contract: str
    day: str

    @property
    def amount(self) -> float:
        """What is billed."""
        return cents(self.agency.papers.rows[self.id]["Amount"]) / 100

    def invoice(self) -> Doc:
        """As it stands."""
        return self.agency.simulated.find("Invoice", f"{self.id}-A")

    def journal(self) -> Doc:
        """As it stands."""
        return self.agency.simulated.find("JournalEntry", f"{self.id}-AJ")

    def pay(self, total: float, applied: float = 0, reference: str = "") -> Doc:
        """A payment of this customer."""
        parts = [(self.invoice(), applied)] if applied else []
        return self.agency.simulated.pay(total, parts, customer=self.customer, on=self.day, reference=reference)


Planting = Callable[[Row], tuple[Expected, Undo]]


def unapplied(row: Row) -> tuple[Expected, Undo]:
    """The money came, nobody applied it; right when it is applied."""
    payment = row.pay(row.amount)
    return [("PAYMENT_UNAPPLIED", "")], lambda: _apply(row, payment)


def _apply(row: Row, payment: Doc) -> None:
    row.agency.simulated.apply(payment, row.invoice(), row.amount)


def overpaid(row: Row) -> tuple[Expected, Undo]:
    """Ten too much; right when the payment is corrected."""
    payment = row.pay(row.amount + 10, row.amount)
    return [("PAYMENT_OVERPAID", row.id)], lambda: _correct(row, payment)


def _correct(row: Row, payment: Doc) -> None:
    row.agency.simulated.apply({**payment, "TotalAmt": row.amount}, row.invoice(), row.amount)


def duplicate_reference(row: Row) -> tuple[Expected, Undo]:
    """One check entered twice; right when the second entry is deleted."""
    number = f"44{row.id[2:5]}"
    row.pay(row.amount, row.amount, reference=f"CHK #00{number}")
    return [("PAYMENT_DUPLICATE_REF", row.id)], _delete_payment(row, row.pay(row.amount, reference=number))


def duplicate_amount(row: Row) -> tuple[Expected, Undo]:
    """One amount twice on a day, without a reference that tells them apart."""
    row.pay(row.amount, row.amount, reference="ACH")
    return [("PAYMENT_DUPLICATE_AMOUNT", row.id)], _delete_payment(row, row.pay(row.amount, reference="ACH"))


def _delete_payment(row: Row, payment: Doc) -> Undo:
    return lambda: row.agency.simulated.delete("Payment", payment)


def stranger(row: Row) -> tuple[Expected, Undo]:
    """Somebody whom the register does not know pays for nothing."""
    simulated = row.agency.simulated
    customer = simulated.post("Customer", {"DisplayName": f"Stranger {row.id}"})
    payment = simulated.pay(row.amount, customer=customer["Id"], on=row.day)
    return [("PAYMENT_UNMATCHED", "")], _delete_payment(row, payment)


def edited_invoice(row: Row) -> tuple[Expected, Undo]:
    """Somebody takes something off; right when it is put back."""
    row.agency.simulated.set_amount(row.invoice(), row.amount - 0.5)
    return [("INVOICE_EDITED", row.id)], lambda: _set_back(row)


def _set_back(row: Row) -> None:
    row.agency.simulated.set_amount(row.invoice(), row.amount)


def voided_invoice(row: Row) -> tuple[Expected, Undo]:
    """Voided by hand."""
    row.agency.simulated.void(row.invoice())
    return [("INVOICE_VOIDED", row.id)], _nothing


def deleted_invoice(row: Row) -> tuple[Expected, Undo]:
    """Deleted by hand."""
    row.agency.simulated.delete("Invoice", row.invoice())
    return [("INVOICE_DELETED", row.id)], _nothing


def edited_journal(row: Row) -> tuple[Expected, Undo]:
    """The journal's note is overwritten; right when it is as it was."""
    note = row.journal()["PrivateNote"]
    row.agency.simulated.change("JournalEntry", row.journal(), PrivateNote="accrual", Line=row.journal()["Line"])
    return [("JOURNAL_EDITED", row.id)], lambda: _restore_note(row, note)


def _restore_note(row: Row, note: str) -> None:
    row.agency.simulated.change("JournalEntry", row.journal(), PrivateNote=note, Line=row.journal()["Line"])


def deleted_journal(row: Row) -> tuple[Expected, Undo]:
    """Deleted by hand; right when a person enters it again as it was."""
    lines = [{k: v for k, v in line.items() if k != "Id"} for line in row.journal()["Line"]]
    row.agency.simulated.delete("JournalEntry", row.journal())
    body = {"DocNumber": f"again {row.id}", "TxnDate": "2026-11-02", "Line": lines}
    return [("JOURNAL_DELETED", row.id)], lambda: _enter(row, body)


def _enter(row: Row, body: Doc) -> None:
    row.agency.simulated.post("JournalEntry", body)


def second_invoice(row: Row) -> tuple[Expected, Undo]:
    """Billed again by hand with our tag; right when that one is voided."""
    again = row.agency.simulated.sale("Invoice", row.amount, f"Again [{row.id}]", customer=row.customer)
    return [("INVOICE_DUPLICATE_DELIVERABLE", row.id)], lambda: row.agency.simulated.void(again)


def not_accepted(row: Row) -> tuple[Expected, Undo]:
    """An invoice by hand for a deliverable that nobody signed; right when it is deleted."""
    other = f"{row.id}N"
    row.agency.papers.row(other, "55.00", Contract=row.contract)
    made = row.agency.simulated.sale("Invoice", 55.0, f"Early [{other}]", customer=row.customer)
    return [("INVOICE_NO_ACCEPTANCE", other)], lambda: row.agency.simulated.delete("Invoice", made)


def untagged(row: Row) -> tuple[Expected, Undo]:
    """The milestone item on an invoice that names nothing; right when it is voided."""
    made = row.agency.simulated.sale("Invoice", 77.0, "Work", customer=row.customer)
    return [("INVOICE_UNTAGGED", "")], lambda: row.agency.simulated.void(made)


def register_changed(row: Row) -> tuple[Expected, Undo]:
    """The row says another amount; right when it says the old one."""
    before = dict(row.agency.papers.rows[row.id])
    row.agency.papers.row(row.id, f"{row.amount + 1:.2f}")
    return [("REGISTER_CHANGED", row.id)], lambda: row.agency.papers.rows.update({row.id: before})


def register_removed(row: Row) -> tuple[Expected, Undo]:
    """The row is gone; right when it is back."""
    before = row.agency.papers.rows.pop(row.id)
    return [("REGISTER_REMOVED", row.id.casefold())], lambda: row.agency.papers.rows.update({row.id: before})


def revoked(row: Row) -> tuple[Expected, Undo]:
    """The sign-off is taken back; right when that record is."""
    row.agency.papers.sign(row.id, Decision="revoked", Signed_at="2026-11-22")
    record = row.agency.papers.sign_offs[-1]
    return [("ACCEPTANCE_REVOKED_BILLED", row.id)], lambda: row.agency.papers.sign_offs.remove(record)


def _clean(_: Row) -> tuple[Expected, Undo]:
    """Nothing happens."""
    return [], _nothing


def _clean_paid(row: Row) -> tuple[Expected, Undo]:
    """Paid and taken to the bank."""
    row.agency.simulated.deposit(row.pay(row.amount, row.amount, reference=f"W {row.id}1"))
    return [], _nothing


def _clean_in_parts(row: Row) -> tuple[Expected, Undo]:
    """Paid in two unequal parts."""
    row.pay(0.25, 0.25, reference=f"P {row.id}1")
    row.pay(row.amount - 0.25, row.amount - 0.25, reference=f"P {row.id}2")
    return [], _nothing


def _clean_other_business(row: Row) -> tuple[Expected, Undo]:
    """Hours billed and paid beside it."""
    made = row.agency.simulated.sale("Invoice", 300.0, "Hours in November", item="4", customer=row.customer)
    row.agency.simulated.pay(300.0, [(made, 300.0)], customer=row.customer, on=row.day)
    return [], _nothing


PLANTINGS: tuple[Planting, ...] = (
    unapplied,
    overpaid,
    duplicate_reference,
    duplicate_amount,
    stranger,
    edited_invoice,
    voided_invoice,
    deleted_invoice,
    edited_journal,
    deleted_journal,
    second_invoice,
    not_accepted,
    untagged,
    register_changed,
    register_removed,
    revoked,
)
CLEAN: tuple[Planting, ...] = (_clean, _clean_paid, _clean_in_parts, _clean_other_business)
CANNOT_BE_UNDONE = frozenset({voided_invoice, deleted_invoice})


def billed_rows(agency: Agency, count: int, chance: random.Random) -> list[Row]:
    """So many customers with a contract and one billed deliverable each; a day later."""
    rows = []
    for n in range(count):
        customer = agency.simulated.post("Customer", {"DisplayName": f"Client {n}"})
        agency.papers.contract(f"SOW-{n + 10}", Customer=f"Client {n}")
        amount = chance.randrange(100, 5_000_000) / 100
        agency.papers.accept(f"K-{n:03}x", f"{amount:.2f}", Contract=f"SOW-{n + 10}")
        rows.append(Row(agency, f"K-{n:03}x", customer["Id"], f"SOW-{n + 10}", "2026-11-24"))
    agency.run()
    agency.tomorrow()
    return rows
