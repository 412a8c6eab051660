"""An operation on a company's books that is done whole or not at all: what was refused has changed nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.watched import Memory, Watched

TakeBack = Callable[[Any, Any], None]


@contextmanager
def attempt(company: Company) -> Iterator[None]:
    """What is done to the books inside is taken back if it ends in an exception; so is one attempt inside another."""
    memory = company.last_ids.memory or _memory_of(company)
    is_outer = memory.noted is None
    noted = memory.noted = [] if memory.noted is None else memory.noted
    start, changes = len(noted), len(company.changes)
    try:
        yield
    except BaseException:
        memory.noted = None
        _take_back(company, noted[start:])
        del noted[start:], company.changes[changes:]
        raise
    finally:
        memory.noted = None if is_outer else noted


def _memory_of(company: Company) -> Memory:
    """One memory for everything that an operation can change; a copy of the company has none yet."""
    memory = Memory()
    for container, _ in _containers(company):
        container.remember(memory)
    return memory


def _take_back(company: Company, noted: list[tuple[Watched[Any, Any], Any, Any]]) -> None:
    """The latest change first; objects and postings take their indexes and balances along."""
    by_container = {id(container): take_back for container, take_back in _containers(company)}
    for container, key, before in reversed(noted):
        by_container[id(container)](key, before)
    company.follow_profile()


def _containers(company: Company) -> Iterator[tuple[Watched[Any, Any], TakeBack]]:
    """Everything that an operation can change, and how it is brought back."""
    for shelf in company.shelves.values():
        yield shelf.records, shelf.take_back
    yield company.ledger.postings, company.ledger.take_back
    for plain in vars(company).values():
        if isinstance(plain, Watched):
            yield plain, plain.take_back
