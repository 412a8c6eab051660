"""How a stored object looks from outside: balances and links that follow from the ledger are added on the way out."""

from collections.abc import Callable
from hashlib import sha256

from qbo_milestones.simulator.amounts import Doc, money, write_json
from qbo_milestones.simulator.books.attached import file_of
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.links import linked_keys, open_cents
from qbo_milestones.simulator.books.looks import dressed, noise
from qbo_milestones.simulator.books.shelf import Record
from qbo_milestones.simulator.books.trees import descendants
from qbo_milestones.simulator.refs import display_name, ref_id
from qbo_milestones.simulator.schema.entities import ENTITIES

NATURAL_CREDIT = {"Liability", "Equity"}


def shown(company: Company, name: str, record: Record) -> Doc:
    """The object as QuickBooks answers it."""
    live, shape = LIVE.get(name), SHAPED.get(name)
    body = {**record.body, **live(company, record.body)} if live else record.body
    if ENTITIES[name].is_transaction:
        return dressed(company, name, body)
    return shape(body) if shape else body


def shown_text(company: Company, name: str, record: Record) -> str:
    """The object as JSON text; kept until the object changes, where nothing live is in it."""
    if name in LIVE:
        return write_json(shown(company, name, record))
    if not record.text:
        record.text = write_json(shown(company, name, record))
    return record.text


def live_value(company: Company, name: str, body: Doc, field: str) -> object:
    """One property as it is shown now."""
    live = LIVE.get(name)
    if live is not None and field in LIVE_FIELDS[name]:
        return live(company, body).get(field)
    return body.get(field)


def _account(company: Company, body: Doc) -> Doc:
    own = _natural(company, body)
    below = sum(_natural(company, child.body) for child in descendants(company, "Account", str(body["Id"])))
    return {"CurrentBalance": money(own), "CurrentBalanceWithSubAccounts": money(own + below)}


def _natural(company: Company, body: Doc) -> int:
    """Balance in the account's own currency, in its natural direction; income and costs show none."""
    kind = body.get("Classification")
    if kind in ("Revenue", "Expense"):
        return 0
    at_home = ref_id(body, "CurrencyRef") in ("", company.home_currency())
    net = (company.ledger.accounts if at_home else company.ledger.foreign).get(str(body["Id"]), 0)
    return -net if kind in NATURAL_CREDIT else net


def _customer(company: Company, body: Doc) -> Doc:
    own_id = str(body["Id"])
    owed = company.ledger.parties
    own = owed.get(("Customer", own_id), 0)
    jobs = sum(owed.get(("Customer", str(job.body["Id"])), 0) for job in descendants(company, "Customer", own_id))
    balances = {"Balance": money(own), "BalanceWithJobs": money(own + jobs)}
    return {**balances, **_pseudonym(company, "Customer", body)}


def _vendor(company: Company, body: Doc) -> Doc:
    balance = money(-company.ledger.parties.get(("Vendor", str(body["Id"])), 0))
    return {"Balance": balance, **_pseudonym(company, "Vendor", body)}


def _employee(company: Company, body: Doc) -> Doc:
    return _pseudonym(company, "Employee", body)


def _pseudonym(company: Company, name: str, body: Doc) -> Doc:
    """A name for the person that tells nobody who it is."""
    digest = sha256(f"{company.realm}/{name}/{body['Id']}".encode()).hexdigest()
    return {"V4IDPseudonym": f"002098{digest[:32]}"}


def _payment(company: Company, body: Doc) -> Doc:
    return {"Line": [{**line, "LineEx": {"any": _noise(company, line)}} for line in body["Line"]]}


def _noise(company: Company, line: Doc) -> list[Doc]:
    """The JAXB noise that read payments carry (quickbooks-online.md 6.4)."""
    key = next(linked_keys(line))
    record = company.find(*key)
    number = str(record.body.get("DocNumber") or "") if record else ""
    before = money(open_cents(company, key)) + line["Amount"]
    pairs = {"txnId": key[1], "txnOpenBalance": format(before, "f"), "txnReferenceNumber": number}
    return [noise(name, value) for name, value in pairs.items() if value]


LIVE: dict[str, Callable[[Company, Doc], Doc]] = {
    "Account": _account, "Customer": _customer, "Vendor": _vendor, "Employee": _employee, "Payment": _payment,
    "Attachable": file_of,
}  # fmt: skip
LIVE_FIELDS = {
    "Account": {"CurrentBalance", "CurrentBalanceWithSubAccounts"}, "Customer": {"Balance", "BalanceWithJobs"},
    "Vendor": {"Balance"}, "Employee": set(), "Payment": set(), "Attachable": {"Size"},
}  # fmt: skip


def _rate(body: Doc) -> Doc:
    """Exchange rates have no Id of their own, and no day on which they were made (from the public page)."""
    seen = {name: value for name, value in body.items() if name != "Id"}
    return {**seen, "MetaData": {"LastUpdatedTime": body["MetaData"]["LastUpdatedTime"]}}


def _template(body: Doc) -> Doc:
    """A template is the transaction under the name of its kind, with schedule and frame inside it."""
    frame = ("RecurDataRef", "RecurringInfo", "domain", "sparse", "Id", "SyncToken", "MetaData")
    return {body["Type"]: {**body[body["Type"]], **{name: body[name] for name in frame}}}


SHAPED: dict[str, Callable[[Doc], Doc]] = {"ExchangeRate": _rate, "RecurringTransaction": _template}
"""Entities that are kept in another shape than they are answered in."""


def names_of(company: Company, name: str, object_id: str) -> str:
    """The shown name of an account, customer or vendor, its Id where it is gone."""
    record = company.find(name, object_id)
    return str(display_name(record.body)) if record else object_id
