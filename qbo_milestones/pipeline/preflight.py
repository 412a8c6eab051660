"""Is the company set up so that we may post at all? Each check with what to change, and where in QuickBooks."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from qbo_milestones.model.books import Account, Item
from qbo_milestones.pipeline.directory import Directory, NotFound
from qbo_milestones.pipeline.plan import PlanRules
from qbo_milestones.pipeline.register import Register, fold

_SKEW_LIMIT_S = Decimal(60)
# What an account must be for its part (accounting.md 3.1).
_UNBILLED_TYPES = frozenset({"Other Current Asset"})
_REVENUE_TYPES = frozenset({"Income"})


@dataclass(frozen=True, slots=True)
class Check:
    """One answer. `stops` says that nothing may be posted while it is not ok; otherwise it is a warning.

    `remedy` says what to change and where, empty when all is well.
    """

    name: str
    ok: bool
    sentence: str
    remedy: str = ""
    stops: bool = True


@dataclass(frozen=True, slots=True)
class Subject:
    """What is checked: the company's directory against our rules and the register (None where it was not read)."""

    directory: Directory
    rules: PlanRules
    register: Register | None
    home_zone: str = ""


def inspect(subject: Subject) -> tuple[Check, ...]:
    """All checks, in the order in which an accountant sets a company up (accounting.md 3)."""
    return tuple(check for step in CHECKS for check in step(subject))


def refusals(checks: Iterable[Check]) -> tuple[Check, ...]:
    """The checks that forbid posting."""
    return tuple(check for check in checks if not check.ok and check.stops)


def _accounts(subject: Subject) -> Iterator[Check]:
    rules, directory = subject.rules, subject.directory
    wanted = (
        ("Clearing account", rules.unbilled_account, _UNBILLED_TYPES, "billing.unbilled_account"),
        ("Revenue account", rules.revenue_account, _REVENUE_TYPES, "billing.revenue_account"),
    )
    for name, account_name, types, setting in wanted:
        home = directory.setup.preferences.home_currency
        yield _account(name, directory.account(account_name), types, setting, home)
    receivable = [a for a in directory.setup.accounts if a.type == "Accounts Receivable" and a.active]
    yield Check(
        "Accounts receivable",
        bool(receivable),
        f'Invoices post to "{receivable[0].name}".' if receivable else "The company has no accounts receivable.",
        "" if receivable else "QuickBooks > Settings > Chart of accounts > New: add Accounts receivable (A/R).",
    )


def _account(name: str, account: Account | NotFound, types: frozenset[str], setting: str, home: str) -> Check:
    where = f"QuickBooks > Settings > Chart of accounts; or name another account in the setting {setting}."
    if isinstance(account, NotFound):
        return Check(name, False, account.sentence, where)
    if account.type not in types:
        wanted = " or ".join(sorted(types))
        return Check(name, False, f'"{account.name}" is of type {account.type}; it must be {wanted}.', where)
    if account.currency and account.currency != home:
        return Check(name, False, f'"{account.name}" is in {account.currency}; it must be in {home}.', where)
    return Check(name, True, f'"{account.name}" ({account.type}).')


def _items(subject: Subject) -> Iterator[Check]:
    rows = subject.register.deliverables if subject.register else ()
    names = dict.fromkeys([subject.rules.item, *(row.item for row in rows if row.item)])
    unbilled = subject.directory.account(subject.rules.unbilled_account)
    for name in names:
        yield _item(name, subject.directory.item(name), unbilled, subject)


def _item(name: str, item: Item | NotFound, unbilled: Account | NotFound, subject: Subject) -> Check:
    # A row that names an item of its own is held by itself; only the default item stops everybody (R64).
    stops = fold(name) == fold(subject.rules.item)
    title, where = f'Item "{name}"', "QuickBooks > Sales > Products and services > Edit > Income account."
    if isinstance(item, NotFound):
        return Check(title, False, item.sentence, "QuickBooks > Sales > Products and services > New > Service.", stops)
    if isinstance(unbilled, NotFound):
        return Check(title, False, "Cannot be judged before the clearing account is found.", where, stops)
    if item.account_id == unbilled.id:
        return Check(title, True, f'Points at "{unbilled.name}": the invoice meets the acceptance journal there.')
    account = subject.directory.account(f"id:{item.account_id}")
    theirs = account.name if isinstance(account, Account) else "no account"
    sentence = f'Points at "{theirs}". With the acceptance journal, revenue would be counted twice.'
    return Check(title, False, sentence, f'{where[:-1]}: choose "{unbilled.name}".', stops)


def _customers(subject: Subject) -> Iterator[Check]:
    contracts = (
        [version for versions in subject.register.contracts.values() for version in versions]
        if (subject.register)
        else []
    )
    names = dict.fromkeys((contract.customer, contract.project) for contract in contracts if contract.customer)
    missing = [found.sentence for name in names if isinstance(found := subject.directory.customer(*name), NotFound)]
    yield _named("Customers", len(names), missing, "QuickBooks > Sales > Customers, or the sheet Contracts.")
    terms = dict.fromkeys(contract.terms for contract in contracts if contract.terms)
    unknown = [term.sentence for name in terms if isinstance(term := subject.directory.term(name), NotFound)]
    yield _named("Payment terms", len(terms), unknown, "QuickBooks > Settings > All lists > Terms, or the sheet.")


def _named(name: str, count: int, missing: list[str], remedy: str) -> Check:
    if not missing:
        return Check(name, True, f"All {count} that the register names are in QuickBooks.")
    # A customer that is not there holds its own rows (R64); it does not stop the rest.
    return Check(name, False, f"{len(missing)} of {count}: {' '.join(missing[:5])}", remedy, stops=False)


def _numbers(subject: Subject) -> Iterator[Check]:
    custom = subject.directory.setup.preferences.custom_numbers
    if custom == subject.rules.own_numbers:
        sentence = "Invoices bear the deliverable ID." if custom else "QuickBooks numbers invoices itself."
        yield Check("Invoice numbers", True, sentence)
    elif custom:
        sentence = "Custom numbers are on, but the settings leave numbering to QuickBooks: invoices would have none."
        yield Check("Invoice numbers", False, sentence, 'Set invoice_number = "deliverable".')
    else:
        sentence = "QuickBooks numbers invoices itself, so ours must not bring one."
        remedy = (
            "QuickBooks > Settings > Account and settings > Sales > Custom transaction numbers: on; "
            'or set invoice_number = "quickbooks".'
        )
        yield Check("Invoice numbers", False, sentence, remedy)


def _journals(subject: Subject) -> Iterator[Check]:
    warns = subject.directory.setup.preferences.warns_duplicate_journals
    yield Check(
        "Duplicate journal numbers",
        warns,
        "QuickBooks refuses a second journal of one number." if warns else "QuickBooks takes two of one number.",
        "" if warns else "QuickBooks > Settings > Account and settings > Advanced > Other preferences: warn.",
        stops=False,
    )


def _closing_date(subject: Subject) -> Iterator[Check]:
    closed: date | None = subject.directory.setup.preferences.closed_until
    sentence = f"The books are closed until {closed}; later documents are dated after it." if closed else "None is set."
    yield Check("Closing date", True, sentence)


def _currency(subject: Subject) -> Iterator[Check]:
    preferences = subject.directory.setup.preferences
    also = "; contracts in other currencies are held" if preferences.multicurrency else ""
    yield Check("Currency", True, f"The books are in {preferences.home_currency}{also}.")


def _automation(subject: Subject) -> Iterator[Check]:
    preferences = subject.directory.setup.preferences
    automatic = preferences.applies_credits_automatically or preferences.applies_payments_automatically
    yield Check(
        "Automatic application",
        not automatic,
        "QuickBooks applies credits or payments by itself."
        if automatic
        else "Credits and payments are applied by people.",
        "QuickBooks > Settings > Account and settings > Advanced > Automation: off." if automatic else "",
        stops=False,
    )


def _dimensions(subject: Subject) -> Iterator[Check]:
    preferences, rules = subject.directory.setup.preferences, subject.rules
    for name, tracked, wanted, find in (
        ("Classes", preferences.tracks_classes, rules.class_name, subject.directory.class_),
        ("Locations", preferences.tracks_locations, rules.location, subject.directory.location),
    ):
        found = find(wanted) if tracked and wanted else None
        if isinstance(found, NotFound):
            yield Check(name, False, found.sentence, "Correct the name in the settings under [billing].")
        elif wanted and not tracked:
            remedy = "QuickBooks > Settings > Account and settings > Advanced > Categories: on; or leave the name out."
            yield Check(name, False, "The settings name one, but QuickBooks does not track them.", remedy, stops=False)
        else:
            yield Check(name, True, "Tracked." if tracked else "Not tracked.")


def _tax(subject: Subject) -> Iterator[Check]:
    setup, code = subject.directory.setup, subject.rules.tax_code
    found = subject.directory.tax_code(code) if code and setup.preferences.uses_sales_tax else None
    if isinstance(found, NotFound):
        yield Check("Sales tax", False, found.sentence, "Correct billing.tax_code in the settings.")
    elif setup.preferences.uses_sales_tax and not code and setup.country not in {"US", "USA"}:
        sentence = "QuickBooks wants a tax code on every invoice line, and the settings name none for rows without one."
        yield Check("Sales tax", False, sentence, "Set billing.tax_code, or Tax code on every row.", stops=False)
    else:
        yield Check("Sales tax", True, "On." if setup.preferences.uses_sales_tax else "Off.")


def _clock(subject: Subject) -> Iterator[Check]:
    skew = subject.directory.setup.clock_skew_s
    ok = abs(skew) <= _SKEW_LIMIT_S
    sentence = f"This machine and QuickBooks differ by {abs(skew):.0f} s."
    yield Check("Clock", ok, sentence, "" if ok else "Set this machine's clock by network time.", stops=False)


CHECKS: tuple[Callable[[Subject], Iterator[Check]], ...] = (
    _accounts,
    _items,
    _customers,
    _numbers,
    _journals,
    _closing_date,
    _currency,
    _automation,
    _dimensions,
    _tax,
    _clock,
)
