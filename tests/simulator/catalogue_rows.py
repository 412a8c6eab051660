"""One row of the table of provoked faults: the request that provokes a code, and everything that comes back."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import requests
from defusedxml.ElementTree import fromstring
from simulator_person import Doc, Person, sale_line

Answer = requests.Response
Act = Callable[[Person], Answer]
INVOICE: Doc = {"CustomerRef": {"value": "1"}, "Line": [sale_line(100)]}


@dataclass(frozen=True)
class Fault:
    """A fault as it travelled, whatever its envelope; ``element`` is None where there was none."""

    kind: str
    code: str
    message: str
    detail: str
    element: str | None


@dataclass(frozen=True)
class Row:
    """A code and what provokes it. ``detail`` is a pattern that the whole Detail fits; ``natural`` says that the
    request itself is the cause, and no fault rule of the side door."""

    code: str
    act: Act
    message: str
    detail: str
    element: str | None = ""
    status: int = 400
    kind: str = "ValidationFault"
    natural: bool = True

    @property
    def expected(self) -> Fault:
        """What must come back."""
        return Fault(self.kind, self.code, self.message, self.detail, self.element)


def fits(seen: Fault, row: Row) -> bool:
    """Whether a fault is the row's, to the letter, but for the pattern of its Detail."""
    same = (seen.kind, seen.code, seen.message, seen.element) == (row.kind, row.code, row.message, row.element)
    return same and re.fullmatch(row.detail, seen.detail, re.DOTALL) is not None


def faults_of(answer: Answer) -> list[Fault]:
    """Every error of an answer: capital or lower-case JSON, XML, an item of a batch or of an upload."""
    if answer.text.startswith("<"):
        return _from_xml(answer.text)
    body = answer.json()
    for envelope in ("BatchItemResponse", "AttachableResponse"):
        if envelope in body:
            body = next(item for item in body[envelope] if "Fault" in item)
    return _from_capitals(body["Fault"]) if "Fault" in body else _from_lower_case(body["fault"])


def _from_xml(text: str) -> list[Fault]:
    root = fromstring(text.encode())
    inside = {node.tag.partition("}")[2]: node for node in root.iter()}
    words = {name: str(inside[name].text or "") if name in inside else "" for name in ("Message", "Detail")}
    error = inside["Error"]
    kind = str(inside["Fault"].get("type"))
    return [Fault(kind, str(error.get("code")), words["Message"], words["Detail"], error.get("element"))]


def _from_capitals(fault: Doc) -> list[Fault]:
    return [
        Fault(fault["type"], error["code"], error["Message"], error["Detail"], error.get("element"))
        for error in fault["Error"]
    ]


def _from_lower_case(fault: Doc) -> list[Fault]:
    return [
        Fault(fault["type"], error["code"], error["message"], error["detail"] or "", error["element"])
        for error in fault["error"]
    ]


# acts ---------------------------------------------------------------------------------------------


def post(path: str, body: Any, **query: str) -> Act:
    """A write of this body."""
    return lambda person: person.call("POST", path, body, **query)


def get(path: str, **query: str) -> Act:
    """A read of this path."""
    return lambda person: person.call("GET", path, **query)


def query(statement: str) -> Act:
    """A query of this statement."""
    return get("query", query=statement)


def after(prepare: Callable[[Person], object], act: Act) -> Act:
    """The act, once something else was done."""

    def both(person: Person) -> Answer:
        prepare(person)
        return act(person)

    return both


def switched(act: Act, **switches: object) -> Act:
    """The act under other switches."""
    return after(lambda person: person.side("POST", "settings", switches), act)


def in_condition(act: Act, **state: object) -> Act:
    """The act while the company is in this state."""
    return after(lambda person: person.side("POST", "condition", state), act)


def by_rule(code: str, act: Act, status: int = 400) -> Act:
    """The act, spoiled by a fault rule: for codes of which no source tells a cause that a request could be."""
    return after(lambda person: person.side("POST", "faults", {"kind": "status", "status": status, "code": code}), act)


def changed(path: str, object_id: str = "1", **more: Any) -> Act:
    """A sparse update of an object as it stands."""

    def act(person: Person) -> Answer:
        name, found = next(iter(person.call("GET", f"{path}/{object_id}").json().items()))
        del name
        handle = {"Id": object_id, "SyncToken": found["SyncToken"], "sparse": True}
        return person.call("POST", path, {**handle, **more})

    return act
