"""One cell at a time: ids, text, words and whole numbers (register.md, Reading rules)."""

import unicodedata
from datetime import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from register_grids import Complaints, on

from qbo_milestones.pipeline.reading import cells
from qbo_milestones.pipeline.reading.cells import Cell, Moment
from qbo_milestones.pipeline.register import fold


@pytest.mark.parametrize("text", ["D-103", "007", "1E5", "2026-10", "0x1F", "TRUE", "1/2", "=1+2", "Ж-1", "a b"])
def test_an_id_in_a_text_cell_stays_as_written(text: str) -> None:
    """R54: the trace key is text, whatever it looks like."""
    complain = Complaints()
    assert cells.identifier(f"  {text} ", complain) == text
    assert complain.kinds == []


@pytest.mark.parametrize(
    ("cell", "digits"),
    [(Decimal(103), "103"), (Decimal("103.0"), "103"), (Decimal("1E+5"), "100000"), (Decimal(0), "0")],
)
def test_a_whole_number_in_an_id_cell_is_read_as_digits_with_a_warning(cell: Decimal, digits: str) -> None:
    complain = Complaints()
    assert cells.identifier(cell, complain) == digits
    assert complain.kinds == ["NUMERIC_ID"]
    assert complain.warnings == [True]


@pytest.mark.parametrize(
    "cell",
    [
        on("2026-10-01"),
        True,
        Decimal("1.5"),
        Decimal(-1),
        Decimal("NaN"),
        Decimal("Infinity"),
        Decimal("1e300"),
        "D\u200b-1",
        "D\u202e-1",
        "D\u200f1",
        "D\x001",
        "D\n1",
        "D\t1",
        "\ufeffD1",
        "D\u00ad1",
        "D\ue0001",
        "D\ud8001",
        "x" * 61,
        "\ufdfa" * 20,  # NFKC makes eighteen characters of each
    ],
)
def test_what_is_no_id_is_an_error_and_no_id(cell: Cell) -> None:
    """register.md: a date in an id cell, invisible characters, more than 60 characters."""
    complain = Complaints()
    assert cells.identifier(cell, complain) == ""
    assert complain.kinds == ["BAD_ID"]
    assert complain.warnings == [False]
    assert all(c.isprintable() for c in complain.sentences[0])


def test_an_id_may_have_sixty_characters() -> None:
    assert cells.identifier("x" * 60, Complaints()) == "x" * 60


@pytest.mark.parametrize(
    ("one", "other"),
    [("D-1", " d-1 "), ("\uff24-1", "D-1"), ("STRASSE", "straße"), ("a  b", "A\u00a0b"), ("ﬁle", "FILE")],
)
def test_ids_and_names_are_compared_folded(one: str, other: str) -> None:
    """Ruling 42: NFKC, casefold, white space."""
    assert fold(one) == fold(other)


@given(st.text(st.characters(max_codepoint=127)))
def test_the_short_way_to_fold_ascii_is_the_same_as_the_long_one(text: str) -> None:
    assert fold(text) == " ".join(unicodedata.normalize("NFKC", text).casefold().split())


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        (None, ""),
        ("  two\r\nlines\rthree ", "two\nlines\nthree"),
        (Decimal("7.0"), "7"),
        (Decimal("0.50"), "0.5"),
        (Decimal(1200), "1200"),
        (True, "yes"),
        (on("2026-10-28"), "2026-10-28"),
        (Moment(on("2026-10-28").day, time(14, 30)), "2026-10-28 14:30:00"),
        ("=HYPERLINK(1)", "=HYPERLINK(1)"),
        ("naïve ✓ \u200d", "naïve ✓ \u200d"),
    ],
)
def test_text_is_what_a_person_sees(cell: Cell, found: str) -> None:
    complain = Complaints()
    assert cells.text(cell, complain) == found
    assert complain.kinds == []


@pytest.mark.parametrize("cell", ["a\x00b", "a\x1bb", "a\u202eb", "a\u2066b", "x" * 32_768])
def test_text_with_control_characters_or_without_end_is_an_error(cell: str) -> None:
    complain = Complaints()
    assert cells.text(cell, complain) == ""
    assert complain.kinds == ["BAD_TEXT"]


@pytest.mark.parametrize(
    ("cell", "word"),
    [
        ("N/C", "n/c"),
        ("nc", "n/c"),
        ("Yes ", "yes"),
        (True, "yes"),
        (False, "no"),
        ("TRUE", "yes"),
        ("Perhaps so", "perhaps so"),
    ],
)
def test_words_are_folded_and_unknown_ones_left_to_the_gate(cell: Cell, word: str) -> None:
    """R10: an unknown word is not guessed at."""
    assert cells.word(cell, Complaints(), ("yes", "no", "n/c")) == word


def test_a_word_is_known_by_its_letters() -> None:
    choices = ("accepted in part", "point_in_time_acceptance")
    assert cells.word("Accepted-in-Part", Complaints(), choices) == "accepted in part"
    assert cells.word("Point in time acceptance", Complaints(), choices) == "point_in_time_acceptance"


@pytest.mark.parametrize(("cell", "number"), [("3", 3), (" 12 ", 12), (Decimal("2.0"), 2), ("\uff13", 3), (None, None)])
def test_whole_numbers(cell: Cell, number: int | None) -> None:
    complain = Complaints()
    assert cells.whole(cell, complain) == number
    assert complain.kinds == []


@pytest.mark.parametrize(
    "cell", ["0", "-1", "1.5", "v2", "1e3", Decimal("1.5"), Decimal("NaN"), on("2026-01-01"), True, "9" * 10]
)
def test_what_is_no_whole_number_is_an_error(cell: Cell) -> None:
    complain = Complaints()
    assert cells.whole(cell, complain) is None
    assert complain.kinds == ["BAD_NUMBER"]


def test_a_window_may_be_no_days() -> None:
    assert cells.count("0", Complaints()) == 0


def test_several_ids_in_a_cell() -> None:
    complain = Complaints()
    assert cells.identifiers("QA-1, QA-2;QA-3\nQA-4, ", complain) == ("QA-1", "QA-2", "QA-3", "QA-4")
    assert cells.identifiers(Decimal(7), complain) == ("7",)
    assert complain.kinds == ["NUMERIC_ID"]


@pytest.mark.parametrize(
    ("cell", "code", "wrong"), [("usd ", "USD", []), ("US Dollars", "", ["BAD_WORD"]), ("$", "", ["BAD_WORD"])]
)
def test_currency_codes(cell: str, code: str, wrong: list[str]) -> None:
    complain = Complaints()
    assert cells.currency(cell, complain) == code
    assert complain.kinds == wrong


def test_hashes() -> None:
    complain = Complaints()
    assert cells.sha256("AB" * 32, complain) == "ab" * 32
    assert cells.sha256("ab" * 31, complain) == ""
    assert complain.kinds == ["BAD_TEXT"]
