"""How a stored object looks from outside: balances and links that follow from the ledger are added on the way out."""

from collections.abc import Callable

from qbo_milestones.simulator.amounts import Doc, money, write_json
from qbo_milestones.simulator.books.attached import file_of
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.links import linked_keys, open_cents
from qbo_milestones.simulator.books.shelf import Record
from qbo_milestones.simulator.refs import display_name, ref_id

NATURAL_CREDIT = {"Liability", "Equity"}


def shown(company: Company, name: str, record: Record) -> Doc:
    """The object as QuickBooks answers it."""
    live = LIVE.get(name)
    return {**record.body, **live(company, record.body)} if live else record.body


def shown_text(company: Company, name: str, record: Record) -> str:
    """The object as JSON text; kept until the object changes, where nothing live is in it."""
    if name in LIVE:
        return write_json(shown(company, name, record))
    if not record.text:
        record.text = write_json(record.body)
    return record.text


def live_value(company: Company, name: str, body: Doc, field: str) -> object:
    """One property as it is shown now."""
    live = LIVE.get(name)
    if live is not None and field in LIVE_FIELDS[name]:
        return live(company, body).get(field)
    return body.get(field)


def _account(company: Company, body: Doc) -> Doc:
    own = _natural(company, body)
    children = sum(
        _natural(company, record.body)
        for record in company.shelves["Account"].records.values()
        if "ParentRef" in record.body
        and str(record.body["FullyQualifiedName"]).startswith(f"{body['FullyQualifiedName']}:")
    )
    return {"CurrentBalance": money(own), "CurrentBalanceWithSubAccounts": money(own + children)}


def _natural(company: Company, body: Doc) -> int:
    """Balance in the account's own currency, in its natural direction; income and costs show none."""
    kind = body.get("Classification")
    if kind in ("Revenue", "Expense"):
        return 0
    at_home = ref_id(body, "CurrencyRef") in ("", company.home_currency())
    net = (company.ledger.accounts if at_home else company.ledger.foreign).get(str(body["Id"]), 0)
    return -net if kind in NATURAL_CREDIT else net


def _customer(company: Company, body: Doc) -> Doc:
    own = company.ledger.parties.get(("Customer", str(body["Id"])), 0)
    full_name = f"{body['FullyQualifiedName']}:"
    jobs = sum(
        cents
        for (kind, customer_id), cents in company.ledger.parties.items()
        if cents and kind == "Customer" and _is_job(company, customer_id, full_name)
    )
    return {"Balance": money(own), "BalanceWithJobs": money(own + jobs)}


def _vendor(company: Company, body: Doc) -> Doc:
    return {"Balance": money(-company.ledger.parties.get(("Vendor", str(body["Id"])), 0))}


def _is_job(company: Company, customer_id: str, full_name: str) -> bool:
    record = company.find("Customer", customer_id)
    return record is not None and str(record.body["FullyQualifiedName"]).startswith(full_name)


def _payment(company: Company, body: Doc) -> Doc:
    return {"Line": [{**line, "LineEx": {"any": _noise(company, line)}} for line in body["Line"]]}


def _noise(company: Company, line: Doc) -> list[Doc]:
    """The JAXB noise that read payments carry (quickbooks-online.md 6.4)."""
    key = next(linked_keys(line))
    record = company.find(*key)
    number = str(record.body.get("DocNumber") or "") if record else ""
    before = money(open_cents(company, key)) + line["Amount"]
    pairs = {"txnId": key[1], "txnOpenBalance": format(before, "f"), "txnReferenceNumber": number}
    return [_noise_pair(name, value) for name, value in pairs.items() if value]


def _noise_pair(name: str, value: str) -> Doc:
    return {
        "name": "{http://schema.intuit.com/finance/v3}NameValue",
        "declaredType": "com.intuit.schema.finance.v3.NameValue",
        "scope": "javax.xml.bind.JAXBElement$GlobalScope", "value": {"Name": name, "Value": value}, "nil": False,
        "globalScope": True, "typeSubstituted": False,
    }  # fmt: skip


LIVE: dict[str, Callable[[Company, Doc], Doc]] = {
    "Account": _account, "Customer": _customer, "Vendor": _vendor, "Payment": _payment,
    "Attachable": file_of,
}  # fmt: skip
LIVE_FIELDS = {
    "Account": {"CurrentBalance", "CurrentBalanceWithSubAccounts"}, "Customer": {"Balance", "BalanceWithJobs"},
    "Vendor": {"Balance"}, "Payment": set(), "Attachable": {"Size"},
}  # fmt: skip


def names_of(company: Company, name: str, object_id: str) -> str:
    """The shown name of an account, customer or vendor, its Id where it is gone."""
    record = company.find(name, object_id)
    return str(display_name(record.body)) if record else object_id
