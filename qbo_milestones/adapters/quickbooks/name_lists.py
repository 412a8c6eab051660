"""QuickBooks' name lists and preferences in our words. Pure; lenient: a missing key is an empty value."""

import re
from collections.abc import Iterator

from qbo_milestones.adapters.quickbooks.json import Tree, day_of, instant_of, ref_of, text_of, tree_of, trees_of
from qbo_milestones.model.books import Account, Customer, Item, Named, Preferences, Term

_INACTIVE_SUFFIX = " (deleted)"
_CUSTOM_NAME = re.compile(r"SalesFormsPrefs\.SalesCustomName(\d+)")
_COUNTRIES = {"USA": "US", "CAN": "CA", "GBR": "GB", "AUS": "AU", "IRL": "IE", "NZL": "NZ", "FRA": "FR", "IND": "IN"}


def customer(raw: Tree) -> Customer:
    """A customer, sub-customer or project; its name is DisplayName, which is unique (quickbooks-online.md 6.5)."""
    return Customer(
        id=text_of(raw, "Id"),
        name=_name(raw, "DisplayName", "FullyQualifiedName"),
        parent_id=ref_of(raw, "ParentRef"),
        active=_active(raw),
        email=text_of(tree_of(raw, "PrimaryEmailAddr"), "Address"),
        currency=ref_of(raw, "CurrencyRef"),
        updated_at=instant_of(raw, "LastUpdatedTime"),
        is_project=_flag(raw, "IsProject"),
    )


def item(raw: Tree) -> Item:
    """A product or service; a sub-item's name is `Parent:Child`."""
    return Item(
        id=text_of(raw, "Id"),
        name=_name(raw, "FullyQualifiedName", "Name"),
        account_id=ref_of(raw, "IncomeAccountRef"),
        active=_active(raw),
        updated_at=instant_of(raw, "LastUpdatedTime"),
    )


def account(raw: Tree) -> Account:
    """A ledger account; a sub-account's name is `Parent:Child`."""
    return Account(
        id=text_of(raw, "Id"),
        name=_name(raw, "FullyQualifiedName", "Name"),
        type=text_of(raw, "AccountType"),
        subtype=text_of(raw, "AccountSubType"),
        active=_active(raw),
        currency=ref_of(raw, "CurrencyRef"),
    )


def term(raw: Tree) -> Term:
    """Payment terms; those of type DATE_DRIVEN have no number of days."""
    days = text_of(raw, "DueDays")
    fixed = text_of(raw, "Type") != "DATE_DRIVEN" and days.isdecimal()
    return Term(text_of(raw, "Id"), _name(raw, "Name"), int(days) if fixed else None, _active(raw))


def named(raw: Tree) -> Named:
    """A class, a location or a tax code; a sub-class's name is `Parent:Child`."""
    return Named(text_of(raw, "Id"), _name(raw, "FullyQualifiedName", "Name"), _active(raw))


def preferences(raw: Tree) -> Preferences:
    """What decides how we may post (accounting.md 3.3). `home_currency` is empty where QuickBooks names none.

    Sales tax is automated where PartnerTaxEnabled is true (quickbooks-online.md 6.5).
    """
    books, sales, tax = (tree_of(raw, f"{part}Prefs") for part in ("AccountingInfo", "SalesForms", "Tax"))
    currency = tree_of(raw, "CurrencyPrefs")
    per_transaction = _flag(books, "ClassTrackingPerTxn")
    per_line = _flag(books, "ClassTrackingPerTxnLine")
    return Preferences(
        home_currency=ref_of(currency, "HomeCurrency"),
        multicurrency=_flag(currency, "MultiCurrencyEnabled"),
        custom_numbers=_flag(sales, "CustomTxnNumbers"),
        closed_until=day_of(books, "BookCloseDate"),
        tracks_classes=per_line or per_transaction,
        tracks_locations=_flag(books, "TrackDepartments"),
        uses_sales_tax=_flag(tax, "UsingSalesTax"),
        warns_duplicate_journals=_name_value(tree_of(raw, "OtherPrefs"), "WarnDuplicateJournalNumber") == "true",
        applies_credits_automatically=_flag(sales, "AutoApplyCredit"),
        applies_payments_automatically=_flag(sales, "AutoApplyPayments"),
        automated_sales_tax=_flag(tax, "PartnerTaxEnabled"),
        custom_fields=tuple(_custom_fields(sales)),
        tracks_classes_per_transaction=per_transaction and not per_line,
    )


def company_info(raw: Tree) -> tuple[str, str]:
    """The company's name and its country as two letters where known, else as QuickBooks writes it."""
    country = text_of(raw, "Country").upper()
    return text_of(raw, "CompanyName") or text_of(raw, "LegalName"), _COUNTRIES.get(country, country)


def _custom_fields(sales: Tree) -> Iterator[Named]:
    """The classic custom fields of sales forms: names and switches stand as two lists inside one (6.5)."""
    entries = [entry for group in trees_of(sales, "CustomField") for entry in trees_of(group, "CustomField")]
    switches = {text_of(entry, "Name"): _flag(entry, "BooleanValue") for entry in entries}
    for entry in entries:
        found = _CUSTOM_NAME.fullmatch(text_of(entry, "Name"))
        if found:
            used = switches.get(f"SalesFormsPrefs.UseSalesCustom{found[1]}", True)
            yield Named(found[1], text_of(entry, "StringValue"), used)


def _name(raw: Tree, *keys: str) -> str:
    """The first name given. QuickBooks marks the inactive by a suffix, which is no part of the name (5)."""
    name = next((text_of(raw, key) for key in keys if text_of(raw, key)), "")
    return name if _active(raw) else name.removesuffix(_INACTIVE_SUFFIX)


def _active(raw: Tree) -> bool:
    return raw.get("status") != "Deleted" and raw.get("Active") not in (False, "false")


def _flag(raw: Tree, key: str) -> bool:
    return raw.get(key) in (True, "true")


def _name_value(raw: Tree, name: str) -> str:
    pairs = trees_of(raw, "NameValue")
    return next((text_of(pair, "Value").casefold() for pair in pairs if text_of(pair, "Name") == name), "")
