"""Whose name stands in a cell: a person, a role alone, or nobody (ruling 42; register.md, Approver)."""

import re
from functools import lru_cache

from qbo_milestones.pipeline.register import fold

# A cell that consists of these says which role approves, not which person.
ROLE_WORDS = frozenset(
    word
    for line in (
        "account accountant accounting admin administrator agency agent analyst approval approver architect",
        "assigned assistant associate authorised authorized board business buyer cco ceo cfo chair chairman",
        "chairperson chief ciso client cmo commercial committee compliance contact contract coo coordinator cpo",
        "cto customer data delegate delivery department deputy design designer designated developer development",
        "director engineer engineering executive finance financial functional general group head internal interim",
        "it junior key lead leader legal management manager managing marketing member named nominated office",
        "officer operations owner partner person personnel po pm principal procurement product programme program",
        "project purchasing qa quality release representative responsible review reviewer role sales scrum",
        "security senior service signatory signer signing site software sponsor stakeholder steering supervisor",
        "supplier support team tech technical technology test tester testing user vendor vice president vp",
    )
    for word in line.split()
)
_LINKING = frozenset(
    ("and", "at", "for", "from", "in", "of", "on", "or", "our", "the", "their", "to", "your", "a", "an")
)
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_OPEN_BRACKET = re.compile(r"[(\[].*")
_BREAKS = re.compile(r"[\s/&,.;:+'\"-]+")

# What people write into a cell to say that nothing stands there yet.
PLACEHOLDERS = frozenset(
    entry.strip()
    for line in (
        "- | -- | --- | . | ... | ? | ?? | ??? | \u2013 | \u2014 | / | x | n/a | n.a. | na | none | nil | nothing",
        "null | open",
        "pending | tba | tbc | tbd | to be agreed | to be confirmed | to be decided | to be defined",
        "to be determined | todo | to do | unknown | #n/a | #ref! | 0",
    )
    for entry in line.split("|")
)
_LONGEST_PLACEHOLDER = max(map(len, PLACEHOLDERS))


def blank(text: str) -> bool:
    """Whether a cell says nothing: empty, or a placeholder such as `TBD`."""
    if len(text) > 2 * _LONGEST_PLACEHOLDER and not text[0].isspace():
        return False
    bare = text.strip()
    return not bare or (len(bare) <= _LONGEST_PLACEHOLDER and bare.casefold() in PLACEHOLDERS)


@lru_cache(maxsize=65536)
def person(text: str) -> str:
    """The name in a cell as names are compared: without the role in brackets, folded. Empty where there is none."""
    without = _BRACKETS.sub(" ", fold(text))
    name = fold(_OPEN_BRACKET.sub(" ", without))
    return "" if blank(name) else name


@lru_cache(maxsize=65536)
def named_person(text: str, company: str = "") -> str:
    """As `person`, and empty too where only a role stands there, such as `client product owner`.

    The words of `company`, the customer's name, are no name beside a role word: `Acme product owner` is a role.
    """
    name = person(text)
    words = [word for word in _BREAKS.split(name) if word]
    roles = [word for word in words if word in ROLE_WORDS]
    nobody = ROLE_WORDS | _LINKING | (set(_BREAKS.split(fold(company))) if roles else set())
    return "" if all(word in nobody for word in words) else name
