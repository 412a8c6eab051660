"""Draws one document as a PDF page: sender, receiver, facts, rows, totals."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from fpdf import FPDF

INK, PALE, ACCENT, RULE = (38, 44, 52), (110, 118, 128), (28, 110, 66), (214, 219, 224)
LEFT, RIGHT, TOP, FOOT = 18.0, 197.9, 18.0, 22.0
FACTS, VALUES = 134.0, 162.0
"""Where the facts and the totals begin, and their values; millimetres from the left edge of a letter page."""
WIDTHS = (40.0, 76.0, 16.0, 22.0, 26.0)
ALIGNED = ("LEFT", "LEFT", "RIGHT", "RIGHT", "RIGHT")
HEADINGS = ("Item", "Description", "Qty", "Rate", "Amount")
ENCODING = "windows-1252"


class Row(NamedTuple):
    """One row of the table, as texts."""

    item: str
    description: str
    quantity: str
    rate: str
    amount: str


@dataclass(frozen=True, slots=True)
class Paper:
    """Everything that stands on the page, as texts. The last of the totals is set large."""

    sender: str
    title: str
    number: str
    sender_lines: list[str] = field(default_factory=list)
    boxes: list[tuple[str, list[str]]] = field(default_factory=list)
    facts: list[tuple[str, str]] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    totals: list[tuple[str, str]] = field(default_factory=list)
    message: str = ""
    void: bool = False


def draw(paper: Paper, made: datetime) -> bytes:
    """The PDF's bytes; they depend on nothing but what is given."""
    from fpdf import FPDF  # loaded with the first page only: it takes as long as starting does

    pdf = FPDF(format="letter")
    pdf.core_fonts_encoding = ENCODING
    pdf.set_creation_date(made)
    pdf.set_title(_plain(f"{paper.title} {paper.number} {paper.sender}"))
    pdf.set_margins(LEFT, TOP, pdf.w - RIGHT)
    pdf.set_auto_page_break(True, FOOT)
    pdf.add_page()
    _head(pdf, paper)
    _boxes(pdf, paper)
    _table(pdf, paper.rows)
    _totals(pdf, paper.totals)
    _message(pdf, paper.message)
    if paper.void:
        _stamp(pdf)
    return bytes(pdf.output())


def _plain(text: str) -> str:
    """What the standard fonts of PDF can show; anything else becomes a question mark."""
    return text.encode(ENCODING, "replace").decode(ENCODING)


def _write(pdf: "FPDF", text: str, size: float, x: float, y: float, width: float = 0, align: str = "L",
           bold: bool = False, color: tuple[int, int, int] = INK) -> None:  # fmt: skip
    pdf.set_font("Helvetica", "B" if bold else "", size)
    pdf.set_text_color(*color)
    pdf.set_xy(x, y)
    pdf.cell(width or RIGHT - x, size * 0.5, _plain(text), align=align)


def _head(pdf: "FPDF", paper: Paper) -> None:
    _write(pdf, paper.sender, 15, LEFT, TOP, bold=True)
    for row, line in enumerate(paper.sender_lines):
        _write(pdf, line, 9, LEFT, TOP + 9 + row * 4.6, color=PALE)
    _write(pdf, paper.title, 20, LEFT, TOP, align="R", bold=True, color=ACCENT)
    if paper.number:
        _write(pdf, paper.number, 12, LEFT, TOP + 11, align="R")
    pdf.set_y(TOP + 14 + max(2, len(paper.sender_lines)) * 4.6)


def _boxes(pdf: "FPDF", paper: Paper) -> None:
    top, bottom = pdf.get_y() + 4, pdf.get_y()
    for place, (title, lines) in enumerate(paper.boxes):
        x = LEFT + place * 58
        _write(pdf, title.upper(), 8, x, top, color=PALE)
        for row, line in enumerate(lines):
            _write(pdf, line, 10, x, top + 5 + row * 5, bold=row == 0)
        bottom = max(bottom, top + 5 + len(lines) * 5)
    for row, (title, value) in enumerate(paper.facts):
        _write(pdf, title, 9, FACTS, top + row * 5.2, VALUES - FACTS, color=PALE)
        _write(pdf, value, 9, VALUES, top + row * 5.2, align="R")
        bottom = max(bottom, top + (row + 1) * 5.2)
    pdf.set_y(bottom + 8)


def _table(pdf: "FPDF", rows: list[Row]) -> None:
    from fpdf import FontFace  # as above

    pdf.set_font("Helvetica", "", 9)
    pdf.set_text_color(*INK)
    pdf.set_draw_color(*RULE)
    heading = FontFace(emphasis="BOLD", color=(255, 255, 255), fill_color=ACCENT)
    with pdf.table(
        col_widths=WIDTHS, text_align=ALIGNED, headings_style=heading, borders_layout="HORIZONTAL_LINES",
        line_height=5, padding=1.2, width=RIGHT - LEFT,
    ) as table:  # fmt: skip
        for texts in (HEADINGS, *rows):
            row = table.row()
            for text in texts:
                row.cell(_plain(text))


def _totals(pdf: "FPDF", totals: list[tuple[str, str]]) -> None:
    pdf.set_y(pdf.get_y() + 4)
    if pdf.will_page_break(len(totals) * 7 + 6):
        pdf.add_page()
    for place, (title, value) in enumerate(totals, 1):
        last, y = place == len(totals), pdf.get_y()
        size = 12 if last else 10
        _write(pdf, title, size, FACTS - 14, y, 42, bold=last, color=INK if last else PALE)
        _write(pdf, value, size, VALUES, y, align="R", bold=last, color=ACCENT if last else INK)
        pdf.set_y(y + 6.5)


def _message(pdf: "FPDF", message: str) -> None:
    if message:
        pdf.set_xy(LEFT, pdf.get_y() + 8)
        pdf.set_font("Helvetica", "", 9)
        pdf.set_text_color(*PALE)
        pdf.multi_cell(110, 4.6, _plain(message))


def _stamp(pdf: "FPDF") -> None:
    with pdf.rotation(24, pdf.w / 2, 140), pdf.local_context(fill_opacity=0.16):
        _write(pdf, "VOID", 110, LEFT, 120, RIGHT - LEFT, align="C", bold=True, color=(176, 32, 32))
