"""Operations are done whole or not at all, and a company is told of those that have succeeded."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from qbo_milestones.simulator.books.attempts import attempt
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.shelf import Record
from qbo_milestones.simulator.schema.fields import EntitySpec

P = ParamSpec("P")
R = TypeVar("R", Record, str)
Act = Callable[Concatenate[Company, EntitySpec, P], R]


def noted(operation: str) -> Callable[[Act[P, R]], Act[P, R]]:
    """Marks a function that writes an object and gives it, or its Id, back: ``Create``, ``Update``, ``Void`` ..."""

    def mark(act: Act[P, R]) -> Act[P, R]:
        @wraps(act)
        def tell(company: Company, spec: EntitySpec, /, *rest: P.args, **more: P.kwargs) -> R:
            with attempt(company):
                company.begin()
                written = act(company, spec, *rest, **more)
                company.happened(operation, spec.name, written if isinstance(written, str) else str(written.body["Id"]))
                return written

        return tell

    return mark
