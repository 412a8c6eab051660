"""What QuickBooks applies by itself where the company prefers so (quickbooks-online.md 6.4, 6.5, 11)."""

from simulator_person import Person, sale_line


def prefers(person: Person, **preferences: bool) -> None:
    """Switch preferences of the sales forms on."""
    person.side("POST", "settings", {"preferences": {"SalesFormsPrefs": preferences}})


def test_a_credit_is_applied_to_the_oldest_invoices(person: Person) -> None:
    """R: a payment of 0.00 links them, and the invoices change without anybody's call."""
    prefers(person, AutoApplyCredit=True)
    late, early = person.invoice(100, DueDate="2026-12-01"), person.invoice(60, DueDate="2026-11-01")
    credit = person.post("CreditMemo", {"CustomerRef": {"value": "1"}, "Line": [sale_line(90)]})
    assert credit["Balance"] == 0
    assert person.get("Invoice", early["Id"])["Balance"] == 0
    assert person.get("Invoice", late["Id"])["Balance"] == 70
    (link,) = person.query("select * from Payment")["Payment"]
    assert (link["TotalAmt"], link["PrivateNote"]) == (0, "Created by QB Online to link credits to charges.")
    person.proof()


def test_a_new_invoice_takes_an_open_credit(person: Person) -> None:
    """The answer to the invoice shows what is left."""
    person.post("CreditMemo", {"CustomerRef": {"value": "1"}, "Line": [sale_line(30)]})
    prefers(person, AutoApplyCredit=True)
    assert person.invoice(100)["Balance"] == 70
    assert person.invoice(100, customer="2")["Balance"] == 100


def test_nothing_is_applied_where_the_company_does_not_prefer_it(person: Person) -> None:
    """Off by default."""
    person.post("CreditMemo", {"CustomerRef": {"value": "1"}, "Line": [sale_line(30)]})
    invoice = person.invoice(100)
    person.pay(40)
    assert person.get("Invoice", invoice["Id"])["Balance"] == 100


def test_a_payment_without_lines_pays_the_oldest(person: Person) -> None:
    """U: preference AutoApplyPayments; a payment that says what it pays is left alone."""
    prefers(person, AutoApplyPayments=True)
    late, early = person.invoice(100, DueDate="2026-12-01"), person.invoice(60, DueDate="2026-11-01")
    body = {"CustomerRef": {"value": "1"}, "TotalAmt": 100}
    assert person.post("Payment", body)["UnappliedAmt"] == 0
    assert person.get("Invoice", early["Id"])["Balance"] == 0
    assert person.get("Invoice", late["Id"])["Balance"] == 60
    assert person.post("Payment", {**body, "Line": []})["UnappliedAmt"] == 100
    person.proof()
