"""Which deliverable does a document speak of? Stamps, tags in brackets, and ids that stand alone in a text."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from qbo_milestones.model.books import Document, stamp_in
from qbo_milestones.pipeline.register import fold

# The readable tag at the end of a line's description: "... [D-103]" (accounting.md 4.6).
_BRACKETS = re.compile(r"\[([^\[\]\n]{1,100})\]\s*\.?\s*$")
# Our own numbers: the id, an issue letter, and J, R or C (ruling 4).
_NUMBER_ENDING = re.compile(r"-[a-z][jrc]?$")
_CHECK = re.compile(r"^(?:check|cheque|chk|ck)(?:no|number)?[.:/-]*(?![a-z])")
_TRIM = "()[]{}<>,;:.!?'\"|#*"
_SHORTEST = 3


@dataclass(frozen=True, slots=True)
class Tags:
    """What a document says of itself: its stamp's code with the id written beside it, and the ids it names.

    `bracketed` are ids in brackets as written, known to anybody or not; `mentioned` only known ones, from free text.
    """

    stamp: str = ""
    stamped_id: str = ""
    bracketed: tuple[str, ...] = ()
    mentioned: tuple[str, ...] = ()


def tags_of(document: Document, known: Callable[[str], bool]) -> Tags:
    """The tags of a document. Text beside a tag is prose: ids in it count only where no line ends with a known one."""
    stamp = document.stamp
    bracketed = tuple(dict.fromkeys(filter(None, (bracketed_id(line.description) for line in document.lines))))
    if stamp or any(known(fold(id_)) for id_ in bracketed):
        return Tags(stamp, stamped_id(document.note) if stamp else "", bracketed)
    texts = [document.number, document.note, *(line.description for line in document.lines)]
    return Tags(bracketed=bracketed, mentioned=tuple(dict.fromkeys(mentions("\n".join(texts), known))))


def bracketed_id(description: str) -> str:
    """The id in brackets at the end of a line's description, as written; empty where there is none."""
    found = _BRACKETS.search(description[-120:])
    return found[1].strip() if found else ""


def stamped_id(note: str) -> str:
    """The deliverable id that stands before ` rev ` in the stamp's line, as written (ruling 5)."""
    line = next((line for line in note.splitlines() if stamp_in(line)), "")
    before, found, _ = line.partition(" rev ")
    return before.strip() if found else ""


def mentions(text: str, known: Callable[[str], bool]) -> Iterator[str]:
    """Known ids that stand as whole words in a text, folded.

    Only ids that can be told from prose: "100", "design" or "Q1" in a text mean nothing.
    """
    for word in fold(text).split():
        if not any(map(str.isdigit, word)):
            continue
        for form in _forms(word.strip(_TRIM)):
            if telling(form) and known(form):
                yield form


def _forms(word: str) -> tuple[str, ...]:
    plain = _NUMBER_ENDING.sub("", word)
    return (word,) if plain == word else (word, plain)


def telling(id_: str) -> bool:
    """Whether an id can be told from ordinary words and figures: a letter, a digit, three characters or more."""
    return len(id_) >= _SHORTEST and any(map(str.isdigit, id_)) and any(map(str.isalpha, id_))


def reference_key(reference: str) -> str:
    """A payment's reference as references are compared: case, spaces, `CHK`, `#` and leading zeros do not count.

    Words without a figure (`ACH`, `wire`) name no payment and give an empty key (accounting.md 6.6).
    """
    plain = re.sub(r"[\s#]+", "", fold(reference))
    key = _CHECK.sub("", plain).lstrip("0")
    return key if any(map(str.isdigit, key)) else ""


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text, folded, without the punctuation around them."""
    return tuple(word.strip(_TRIM) for word in fold(text).split())
