"""Drops without a word what a client sent for features that the company does not use (quickbooks-online.md 6.1)."""

from collections.abc import Iterator

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.schema.fields import EntitySpec
from qbo_milestones.simulator.schema.sales_forms import SALES_FORMS

_FORMS = frozenset(spec.name for spec in SALES_FORMS)
_ONLINE = ("AllowOnlinePayment", "AllowOnlineCreditCardPayment", "AllowOnlineACHPayment", "AllowOnlinePayPalPayment",
           "AllowOnlineAffirmPayment")  # fmt: skip


def drop_unused(company: Company, spec: EntitySpec, doc: Doc) -> None:
    """Classes, locations, deposits, online payments and retainage where they are off, from what was just sent."""
    if company.settings.unused_features == "keep" or not spec.is_transaction:
        return
    _drop_classes(company, spec.name, doc)
    if company.preference("AccountingInfoPrefs", "TrackDepartments") is False:
        _drop("DepartmentRef", [doc, *_details(doc)])
    if spec.name == "Invoice" and company.preference("SalesFormsPrefs", "AllowDeposit") is False:
        _drop("Deposit", [doc])
    if company.preference("SalesFormsPrefs", "ETransactionPaymentEnabled") is False:
        for name in _ONLINE:
            _drop(name, [doc])
    if company.settings.retainage == "ignore":
        _drop("RetainageAmount", _details(doc))


def _drop_classes(company: Company, name: str, doc: Doc) -> None:
    """Sales forms carry a class where the company tracks it; other transactions wherever it tracks any."""
    on_form = company.preference("AccountingInfoPrefs", "ClassTrackingPerTxn") is not False
    on_line = company.preference("AccountingInfoPrefs", "ClassTrackingPerTxnLine") is not False
    if not on_form and (name in _FORMS or not on_line):
        _drop("ClassRef", [doc])
    if not on_line and (name in _FORMS or not on_form):
        _drop("ClassRef", _details(doc))


def _details(doc: Doc) -> Iterator[Doc]:
    """The detail of every line, those inside bundles among them."""
    for line in doc.get("Line") or []:
        for name, value in line.items():
            if name.endswith("Detail") and isinstance(value, dict):
                yield value
                yield from _details(value)


def _drop(name: str, parts: Iterator[Doc] | list[Doc]) -> None:
    for part in parts:
        part.pop(name, None)
