"""The names of the register and the settings, found in QuickBooks: each exactly once and active, or why not."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from qbo_milestones.model.books import Account, Customer, Item, Named, Setup, Term
from qbo_milestones.pipeline.register import fold

Entry = Account | Customer | Item | Named | Term
E = TypeVar("E", Account, Customer, Item, Named, Term)


@dataclass(frozen=True, slots=True)
class NotFound:
    """Why a name cannot be used, and what to do, as a sentence for a bookkeeper."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Directory:
    """Look-up tables over one set-up: folded name or `id:123` to the entries that bear it."""

    setup: Setup
    customers: Mapping[str, tuple[Customer, ...]]
    terms: Mapping[str, tuple[Term, ...]]
    items: Mapping[str, tuple[Item, ...]]
    accounts: Mapping[str, tuple[Account, ...]]
    classes: Mapping[str, tuple[Named, ...]]
    locations: Mapping[str, tuple[Named, ...]]
    tax_codes: Mapping[str, tuple[Named, ...]]

    def customer(self, name: str, project: str = "") -> Customer | NotFound:
        """The customer of that display name, or its project or sub-customer (register.md, Contracts)."""
        found = _one("customer", name, self.customers)
        if not project or isinstance(found, NotFound):
            return found
        named = self.customers.get(fold(project), ())
        below = {fold(project): tuple(customer for customer in named if self._is_under(customer, found.id))}
        return _one(f'project of customer "{found.name}"', project, below)

    def term(self, name: str) -> Term | NotFound:
        """Payment terms."""
        return _one("payment term", name, self.terms)

    def item(self, name: str) -> Item | NotFound:
        """A product or service."""
        return _one("product or service", name, self.items)

    def account(self, name: str) -> Account | NotFound:
        """A ledger account."""
        return _one("account", name, self.accounts)

    def class_(self, name: str) -> Named | NotFound:
        """A class."""
        return _one("class", name, self.classes)

    def location(self, name: str) -> Named | NotFound:
        """A location: Department on the wire."""
        return _one("location", name, self.locations)

    def tax_code(self, name: str) -> Named | NotFound:
        """A sales tax code."""
        return _one("tax code", name, self.tax_codes)

    def _is_under(self, customer: Customer, ancestor_id: str) -> bool:
        # QuickBooks allows four levels under the top; the bound also ends a circle in broken data.
        parent = customer.parent_id
        for _ in range(5):
            if parent == ancestor_id:
                return True
            above = self.customers.get(f"id:{parent}", ())
            parent = above[0].parent_id if above else ""
        return False


def index(setup: Setup) -> Directory:
    """The directory of a set-up."""
    return Directory(
        setup,
        _by_name(setup.customers),
        _by_name(setup.terms),
        _by_name(setup.items),
        _by_name(setup.accounts),
        _by_name(setup.classes),
        _by_name(setup.locations),
        _by_name(setup.tax_codes),
    )


def _by_name(entries: Iterable[E]) -> dict[str, tuple[E, ...]]:
    found: dict[str, list[E]] = defaultdict(list)
    for entry in entries:
        found[fold(entry.name)].append(entry)
        found[f"id:{entry.id}"].append(entry)
    return {key: tuple(named) for key, named in found.items()}


def _one(what: str, name: str, entries: Mapping[str, tuple[E, ...]]) -> E | NotFound:
    named = entries.get(fold(name), ())
    active = tuple(entry for entry in named if entry.active)
    if len(active) == 1:
        return active[0]
    if active:
        ids = ", ".join(f"id:{entry.id}" for entry in active)
        return NotFound(
            f'QuickBooks has {len(active)} entries named "{name}" for the {what}; write one of {ids} instead.'
        )
    if named:
        return NotFound(f'The {what} "{name}" is inactive in QuickBooks; make it active again.')
    return NotFound(f'QuickBooks has no {what} "{name}"; create it there or correct the name here.')
