"""A trader: does random valid business with a simulated company, in process, the same for the same seed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from qbo_milestones.simulator.amounts import read_json, write_json
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.front import handle, new_world
from qbo_milestones.simulator.messages import Request
from qbo_milestones.simulator.world.world import DEFAULT_REALM

Doc = dict[str, Any]
Act = Callable[[], str]
START = datetime(2026, 3, 2, 14, tzinfo=UTC)
CENT = Decimal("0.01")
REGULARS = ("1", "2", "10")
"""Few customers, one of them a project of another: so that most payments find something open."""


@dataclass(frozen=True)
class Party:
    """A customer or a vendor, and the currency it deals in."""

    id: str
    currency: str


class Trader:
    """Does one thing after another; whatever it asks for is valid, so anything but 200 fails."""

    def __init__(self, seed: int, currencies: bool = False) -> None:
        self.dice, self.steps, self.currencies = Random(seed), 0, currencies  # noqa: S311 - the same for the same seed
        self.world = new_world(lambda: START + timedelta(seconds=self.steps))
        self.world.use(self.world.settings.changed({"throttle": False}))
        self.token = str(self._side("POST", "token", {})["access_token"])
        self.accounts = self._accounts()
        self.customers = [Party(object_id, "USD") for object_id in REGULARS]
        self.vendors = [self._party("Vendor", f"Supplier {number}") for number in range(3)]
        self.items = [str(item["Id"]) for item in self.rows("select * from Item where Type = 'Service'")]
        self.banks = {"USD": self.accounts["Checking"]}
        self.card = self._account("Business card", "Credit Card", "CreditCard")
        if currencies:
            self._deal_in_euro()
        self.last: Doc = {}

    # asking ---------------------------------------------------------------------------------------

    @property
    def company(self) -> Company:
        """The company as it is inside."""
        return self.world.companies[DEFAULT_REALM]

    def ask(self, method: str, path: str, body: Any = None, **query: str) -> Doc:
        """One API call; anything but 200 fails with the whole story."""
        headers = {"authorization": f"Bearer {self.token}", "accept": "application/json",
                   "content-type": "application/json"}  # fmt: skip
        text = b"" if body is None else write_json(body).encode()
        answer = handle(self.world, Request(method, f"/v3/company/{DEFAULT_REALM}/{path}", query, headers, text))
        assert answer.status == 200, f"{method} {path} {query} {text.decode()}\n{answer.body!r}"
        found: Doc = read_json(answer.body)
        return found

    def post(self, name: str, body: Doc, **query: str) -> Doc:
        """Write an object."""
        self.last = self.ask("POST", name.lower(), body, **query)[name]
        return self.last

    def rows(self, statement: str) -> list[Doc]:
        """The rows of a statement."""
        found = self.ask("GET", "query", query=f"{statement} maxresults 1000")["QueryResponse"]
        return next((value for value in found.values() if isinstance(value, list)), [])

    def every(self, name: str) -> list[Doc]:
        """All objects of an entity."""
        return self.rows(" ".join(("select * from", name)))

    def _side(self, method: str, name: str, body: Any) -> Doc:
        answer = handle(self.world, Request(method, f"/_sim/{name}", {}, {}, write_json(body).encode()))
        assert answer.status == 200, answer.body
        found: Doc = read_json(answer.body)
        return found

    # the company ----------------------------------------------------------------------------------

    def _accounts(self) -> dict[str, str]:
        return {str(each["Name"]): str(each["Id"]) for each in self.rows("select * from Account")}

    def _account(self, name: str, kind: str, subkind: str, currency: str = "") -> str:
        more = {"CurrencyRef": {"value": currency}} if currency else {}
        if name in self.accounts:
            return self.accounts[name]
        body = {"Name": name, "AccountType": kind, "AccountSubType": subkind, **more}
        return str(self.post("Account", body)["Id"])

    def _party(self, name: str, shown: str, currency: str = "USD") -> Party:
        more = {} if currency == "USD" else {"CurrencyRef": {"value": currency}}
        return Party(str(self.post(name, {"DisplayName": shown, **more})["Id"]), currency)

    def _deal_in_euro(self) -> None:
        self._side("POST", "settings", {"preferences": {"CurrencyPrefs": {"MultiCurrencyEnabled": True}}})
        self.post("CompanyCurrency", {"Code": "EUR", "Name": "Euro"})
        self.customers += [self._party("Customer", f"Kunde {number}", "EUR") for number in range(2)]
        self.vendors += [self._party("Vendor", f"Lieferant {number}", "EUR") for number in range(2)]
        self.banks["EUR"] = self._account("Bank in Frankfurt", "Bank", "Checking", "EUR")

    # amounts and days -----------------------------------------------------------------------------

    def amount(self, most: Decimal = Decimal(5000)) -> Decimal:
        """Some money, small sums among it."""
        top = self.dice.choice([Decimal(1), Decimal(100), most])
        return min(Decimal(self.dice.randint(1, max(1, int(top * 100)))) * CENT, most)

    def day(self) -> str:
        """A day of this or the last months."""
        return (date(2026, 1, 5) + timedelta(days=self.dice.randint(0, 110))).isoformat()

    def frame(self, party: Party | None = None) -> Doc:
        """Date, and exchange rate for a party that deals in another currency."""
        currency = party.currency if party else "USD"
        if currency == "USD":
            return {"TxnDate": self.day()}
        return {"TxnDate": self.day(), "CurrencyRef": {"value": currency}, "ExchangeRate": self.rate()}

    def rate(self) -> Decimal:
        """Dollars for a euro."""
        return Decimal(self.dice.randint(950000, 1250000)) / 1000000

    def customer(self) -> Party:
        """Any customer."""
        return self.dice.choice(self.customers)

    def vendor(self) -> Party:
        """Any vendor."""
        return self.dice.choice(self.vendors)

    # sales ----------------------------------------------------------------------------------------

    def sale_lines(self) -> list[Doc]:
        """Sales lines, some taxed, some with a quantity, some with a discount."""
        lines = [self._sale_line() for _ in range(self.dice.randint(1, 4))]
        if self.dice.random() < 0.25:
            percent = Decimal(self.dice.randint(0, 10000)) * CENT
            detail = {"PercentBased": True, "DiscountPercent": percent}
            lines.append({"DetailType": "DiscountLineDetail", "DiscountLineDetail": detail})
        if self.dice.random() < 0.1:
            lines.append({"DetailType": "DescriptionOnly", "Description": "with thanks"})
        return lines

    def _sale_line(self) -> Doc:
        detail: Doc = {"ItemRef": {"value": self.dice.choice(self.items)},
                       "TaxCodeRef": {"value": self.dice.choice(["TAX", "NON"])}}  # fmt: skip
        amount = self.amount()
        if self.dice.random() < 0.3:
            quantity = self.dice.randint(1, 9)
            detail.update(Qty=quantity, UnitPrice=amount)
            amount *= quantity
        return {"Amount": amount, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}

    def sale(self, name: str, party: Party | None = None, **more: Any) -> Doc:
        """A sales form."""
        party = party or self.customer()
        body: Doc = {"CustomerRef": {"value": party.id}, "Line": self.sale_lines(), **self.frame(party), **more}
        if self.dice.random() < 0.3:
            body["TxnTaxDetail"] = {"TxnTaxCodeRef": {"value": "2"}}
        return self.post(name, body)

    def invoice(self) -> str:
        """An invoice, at times with something paid down."""
        made = self.sale("Invoice", DueDate=self.day())
        if self.dice.random() < 0.1 and Decimal(made["TotalAmt"]) > 1:
            part = {"Deposit": self.amount(Decimal(made["TotalAmt"])), "sparse": True}
            self.post("Invoice", {"Id": made["Id"], "SyncToken": made["SyncToken"], **part})
        return "invoice"

    def credit_memo(self) -> str:
        """A credit memo."""
        self.sale("CreditMemo")
        return "credit memo"

    def sales_receipt(self) -> str:
        """A sale for cash."""
        party = self.customer()
        more = {} if self.dice.random() < 0.5 else {"DepositToAccountRef": {"value": self.banks[party.currency]}}
        self.sale("SalesReceipt", party, **more)
        return "sales receipt"

    def refund(self) -> str:
        """Cash given back."""
        party = self.customer()
        self.sale("RefundReceipt", party, DepositToAccountRef={"value": self.banks[party.currency]})
        return "refund receipt"

    def estimate(self) -> str:
        """An estimate, at times invoiced at once."""
        made = self.sale("Estimate")
        if self.dice.random() < 0.5:
            party = next(each for each in self.customers if each.id == made["CustomerRef"]["value"])
            self.sale("Invoice", party, LinkedTxn=[{"TxnId": made["Id"], "TxnType": "Estimate"}])
        return "estimate"

    # settling -------------------------------------------------------------------------------------

    def open_items(self, name: str, reference: str, party: Party) -> list[Doc]:
        """What is open of one party."""
        found = [each for each in self.every(name) if each[reference]["value"] == party.id]
        return [each for each in found if Decimal(each["Balance"]) > 0]

    def applied(self, items: list[Doc], kind: str) -> list[Doc]:
        """Lines that settle some of these, in part or whole."""
        lines = []
        for item in self.dice.sample(items, min(len(items), self.dice.randint(0, 3))):
            left = Decimal(item["Balance"])
            amount = left if self.dice.random() < 0.5 else self.amount(left)
            lines.append({"Amount": amount, "LinkedTxn": [{"TxnId": item["Id"], "TxnType": kind}]})
        return lines

    def payment(self) -> str:
        """A payment: in part, on several invoices, with credits, with something left over."""
        party = self.customer()
        lines = self.applied(self.open_items("Invoice", "CustomerRef", party), "Invoice")
        owed = sum((line["Amount"] for line in lines), Decimal(0))
        relief = self.applied(self.open_items("CreditMemo", "CustomerRef", party), "CreditMemo") if lines else []
        used = sum((line["Amount"] for line in relief), Decimal(0))
        extra = self.amount() if self.dice.random() < 0.3 or not lines else Decimal(0)
        total = max(owed - used, Decimal(0)) + extra
        bank = {} if self.dice.random() < 0.6 else {"DepositToAccountRef": {"value": self.banks[party.currency]}}
        frame = self.frame(party)
        self.post("Payment", {"CustomerRef": {"value": party.id}, "TotalAmt": total, "Line": lines + relief,
                              **frame, **bank})  # fmt: skip
        return "payment"

    def apply_later(self) -> str:
        """What was left over of a payment is applied to an invoice."""
        loose = [each for each in self.rows("select * from Payment") if Decimal(each["UnappliedAmt"]) > 0]
        free = [each for each in loose if not each.get("LinkedTxn")]
        if not free:
            return self.payment()
        old = self.dice.choice(free)
        party = next(each for each in self.customers if each.id == old["CustomerRef"]["value"])
        linked = {link["TxnId"] for line in old["Line"] for link in line["LinkedTxn"] if link["TxnType"] == "Invoice"}
        items = [each for each in self.open_items("Invoice", "CustomerRef", party) if each["Id"] not in linked]
        if not items:
            return self.payment()
        item = self.dice.choice(items)
        amount = min(Decimal(old["UnappliedAmt"]), Decimal(item["Balance"]))
        lines = [*old["Line"], {"Amount": amount, "LinkedTxn": [{"TxnId": item["Id"], "TxnType": "Invoice"}]}]
        self.post("Payment", {"Id": old["Id"], "SyncToken": old["SyncToken"], "sparse": True, "Line": lines})
        return "payment applied later"

    def deposit(self) -> str:
        """Undeposited money goes to the bank, less a fee at times."""
        found = [each for name in ("Payment", "SalesReceipt") for each in self._undeposited(name)]
        currency = self.dice.choice(list(self.banks))
        same = [pair for pair in found if pair[1]["CurrencyRef"]["value"] == currency]
        lines = [{"Amount": each["TotalAmt"], "LinkedTxn": [{"TxnId": each["Id"], "TxnType": name, "TxnLineId": "0"}]}
                 for name, each in self.dice.sample(same, min(len(same), self.dice.randint(0, 4)))]  # fmt: skip
        total = sum((Decimal(line["Amount"]) for line in lines), Decimal(0))
        if total > 1 and self.dice.random() < 0.4:
            lines.append(self._free_line(-self.amount(total), "Merchant fees"))
        if not lines or self.dice.random() < 0.2:
            lines.append(self._free_line(self.amount(), "Services (misc income)"))
        frame = self.frame(Party("", currency))
        self.post("Deposit", {"DepositToAccountRef": {"value": self.banks[currency]}, "Line": lines, **frame})
        return "deposit"

    def _undeposited(self, name: str) -> list[tuple[str, Doc]]:
        held = self.accounts["Undeposited Funds"]
        return [(name, each) for each in self.every(name)
                if each["DepositToAccountRef"]["value"] == held and not each.get("LinkedTxn")
                and Decimal(each["TotalAmt"]) > 0]  # fmt: skip

    def _free_line(self, amount: Decimal, account: str) -> Doc:
        detail = {"AccountRef": {"value": self.accounts[account]}}
        return {"Amount": amount, "DetailType": "DepositLineDetail", "DepositLineDetail": detail}

    # buying ---------------------------------------------------------------------------------------

    def cost_lines(self) -> list[Doc]:
        """What was bought, by account or by item."""
        return [self._cost_line() for _ in range(self.dice.randint(1, 3))]

    def _cost_line(self) -> Doc:
        amount = self.amount()
        account = self.dice.choice(["Office and software", "Contractors", "Unbilled receivable (accepted milestones)"])
        detail: Doc = {"AccountRef": {"value": self.accounts[account]}}
        if self.dice.random() < 0.3:
            detail.update(BillableStatus="Billable", CustomerRef={"value": self.customer().id})
        return {"Amount": amount, "DetailType": "AccountBasedExpenseLineDetail",
                "AccountBasedExpenseLineDetail": detail}  # fmt: skip

    def bought(self, name: str, **more: Any) -> Doc:
        """A bill, vendor credit or purchase order."""
        party = self.vendor()
        body = {"VendorRef": {"value": party.id}, "Line": self.cost_lines(), **self.frame(party), **more}
        return self.post(name, body)

    def bill(self) -> str:
        """A bill."""
        self.bought("Bill", DueDate=self.day())
        return "bill"

    def vendor_credit(self) -> str:
        """A credit of a vendor."""
        self.bought("VendorCredit")
        return "vendor credit"

    def purchase_order(self) -> str:
        """An order, at times billed at once."""
        made = self.bought("PurchaseOrder")
        if self.dice.random() < 0.5:
            vendor = next(each for each in self.vendors if each.id == made["VendorRef"]["value"])
            links = [{"TxnId": made["Id"], "TxnType": "PurchaseOrder"}]
            self.post("Bill", {"VendorRef": {"value": vendor.id}, "Line": self.cost_lines(), "LinkedTxn": links,
                               **self.frame(vendor)})  # fmt: skip
        return "purchase order"

    def bill_payment(self) -> str:
        """Bills are paid, with credits at times."""
        party = self.vendor()
        lines = self.applied(self.open_items("Bill", "VendorRef", party), "Bill")
        if not lines:
            return self.bill()
        owed = sum((line["Amount"] for line in lines), Decimal(0))
        relief = self.applied(self.open_items("VendorCredit", "VendorRef", party), "VendorCredit")
        used = sum((line["Amount"] for line in relief), Decimal(0))
        if used > owed:
            relief, used = [], Decimal(0)
        how: Doc = {"PayType": "Check", "CheckPayment": {"BankAccountRef": {"value": self.banks[party.currency]}}}
        if party.currency == "USD" and self.dice.random() < 0.3:
            how = {"PayType": "CreditCard", "CreditCardPayment": {"CCAccountRef": {"value": self.card}}}
        self.post("BillPayment", {"VendorRef": {"value": party.id}, "TotalAmt": owed - used, "Line": lines + relief,
                                  **how, **self.frame(party)})  # fmt: skip
        return "bill payment"

    def purchase(self) -> str:
        """Something bought at once."""
        kind = self.dice.choice(["Cash", "Check", "CreditCard"])
        account = self.card if kind == "CreditCard" else self.banks["USD"]
        vendors = [each for each in self.vendors if each.currency == "USD"]
        body: Doc = {"PaymentType": kind, "AccountRef": {"value": account}, "Line": self.cost_lines(), **self.frame(),
                     "EntityRef": {"value": self.dice.choice(vendors).id, "type": "Vendor"}}  # fmt: skip
        if kind == "CreditCard" and self.dice.random() < 0.3:
            body["Credit"] = True
        self.post("Purchase", body)
        return "purchase"

    def transfer(self) -> str:
        """Money from one account to another."""
        ends = {"FromAccountRef": {"value": self.banks["USD"]}, "ToAccountRef": {"value": self.accounts["Savings"]}}
        self.post("Transfer", {**ends, "Amount": self.amount(), **self.frame()})
        return "transfer"

    def card_payment(self) -> str:
        """The card is paid from the bank. The JSON has another name than the path."""
        ends = {"BankAccountRef": {"value": self.banks["USD"]}, "CreditCardAccountRef": {"value": self.card}}
        self.ask("POST", "creditcardpayment", {**ends, "Amount": self.amount(), **self.frame()})
        return "card payment"

    # the rest -------------------------------------------------------------------------------------

    def journal(self) -> str:
        """A journal, at times on receivables or payables."""
        amount = self.amount()
        debit, credit = self._journal_line("Debit", amount), self._journal_line("Credit", amount)
        kind = self.dice.choice(["plain", "customer", "vendor"])
        if kind != "plain":
            on = "Accounts Receivable (A/R)" if kind == "customer" else "Accounts Payable (A/P)"
            parties = self.customers if kind == "customer" else self.vendors
            who = self.dice.choice([each for each in parties if each.currency == "USD"])
            line = self.dice.choice([debit, credit])
            line["JournalEntryLineDetail"].update(
                AccountRef={"value": self.accounts[on]},
                Entity={"Type": kind.capitalize(), "EntityRef": {"value": who.id}},
            )
        self.post("JournalEntry", {"Line": [debit, credit], **self.frame()})
        return f"journal, {kind}"

    def _journal_line(self, side: str, amount: Decimal) -> Doc:
        account = self.dice.choice(["Checking", "Milestone revenue", "Office and software", "Deferred revenue"])
        detail = {"PostingType": side, "AccountRef": {"value": self.accounts[account]}}
        return {"Amount": amount, "DetailType": "JournalEntryLineDetail", "JournalEntryLineDetail": detail}

    def time(self) -> str:
        """An hour is recorded."""
        who = self.dice.choice(self.vendors).id
        self.post("TimeActivity", {"NameOf": "Vendor", "VendorRef": {"value": who}, "Hours": 1, "TxnDate": self.day()})
        return "time"

    def edit(self) -> str:
        """Another date, note or amount of something that stands."""
        name = self.dice.choice(["Invoice", "CreditMemo", "Bill", "VendorCredit", "JournalEntry", "Purchase"])
        old = self._any(name)
        if old is None:
            return self.invoice()
        change: Doc = {"PrivateNote": f"seen {self.steps}"}
        if self.dice.random() < 0.5:
            change = {"TxnDate": self.day()}
        elif name in ("Invoice", "CreditMemo"):
            change = {"Line": self.sale_lines()}
        elif name != "JournalEntry":
            change = {"Line": self.cost_lines()}
        if name == "Invoice" and Decimal(old.get("Deposit") or 0) > 0 and "Line" in change:
            change["Deposit"] = 0
        self.post(name, {"Id": old["Id"], "SyncToken": old["SyncToken"], "sparse": True, **change})
        return f"edit of {name}"

    def edit_rate(self) -> str:
        """Another exchange rate for something that stands and may be settled already."""
        name = self.dice.choice(["Invoice", "Bill", "CreditMemo", "VendorCredit"])
        foreign = [each for each in self.every(name) if each["CurrencyRef"]["value"] != "USD"]
        if not foreign:
            return self.edit()
        old = self.dice.choice(foreign)
        change = {"ExchangeRate": self.rate(), "sparse": True}
        self.post(name, {"Id": old["Id"], "SyncToken": old["SyncToken"], **change})
        return f"other rate of {name}"

    def _any(self, name: str) -> Doc | None:
        found = self.every(name)
        return self.dice.choice(found) if found else None

    def void(self) -> str:
        """Something is voided."""
        name = self.dice.choice(["Invoice", "Payment", "CreditMemo", "SalesReceipt", "BillPayment"])
        old = self._any(name)
        if old is None or (name in ("Payment", "SalesReceipt") and old.get("LinkedTxn")):
            return self.payment()
        self.post(name, {"Id": old["Id"], "SyncToken": old["SyncToken"]}, operation="void")
        return f"void of {name}"

    def delete(self) -> str:
        """Something is deleted that nothing is linked to."""
        name = self.dice.choice(["Invoice", "Payment", "Deposit", "JournalEntry", "Bill", "BillPayment", "Purchase",
                                 "Estimate", "Transfer", "CreditMemo", "RefundReceipt", "PurchaseOrder"])  # fmt: skip
        free = [each for each in self.every(name) if self._free(name, each)]
        if not free:
            return self.invoice()
        old = self.dice.choice(free)
        self.ask("POST", name.lower(), {"Id": old["Id"], "SyncToken": old["SyncToken"]}, operation="delete")
        return f"deletion of {name}"

    def _free(self, name: str, doc: Doc) -> bool:
        return not doc.get("LinkedTxn") and not self.company.applied.get((name, str(doc["Id"])))

    def step(self) -> str:
        """One random thing; what it was."""
        self.steps += 1
        acts: list[tuple[Act, int]] = [
            (self.invoice, 8), (self.payment, 12), (self.apply_later, 3), (self.credit_memo, 3),
            (self.sales_receipt, 3), (self.refund, 1), (self.estimate, 2), (self.deposit, 4),
            (self.bill, 4), (self.bill_payment, 6),
            (self.vendor_credit, 2), (self.purchase_order, 1), (self.purchase, 3), (self.transfer, 1),
            (self.card_payment, 1),
            (self.journal, 4), (self.time, 1), (self.edit, 5), (self.void, 2), (self.delete, 2),
            (self.edit_rate, 3 if self.currencies else 0),
        ]  # fmt: skip
        return self.dice.choices([act for act, _ in acts], [weight for _, weight in acts])[0]()
