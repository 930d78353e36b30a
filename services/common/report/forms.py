"""A document as a page that needs nothing from elsewhere, as a Word document for a board, and as CSV. Pure."""

import io
from collections.abc import Callable

from docx import Document as WordDocument
from docx.document import Document as Word
from docx.shared import Cm
from markupsafe import Markup
from matplotlib.figure import Figure

from services.common.report import drawing
from services.common.report.document import Block, Chart, Document, Quote, Table, Warned
from services.common.report.page import rendered
from services.common.spreadsheet import to_csv

CSV = ("section", "table", "row", "column", "value")
Draw = Callable[[str], Figure]  # a chart by its name


def as_html(told: Document, draw: Draw) -> str:
    """The page: charts drawn inside it, each with its words and its table; made for a screen reader and for paper."""
    return rendered(
        __package__,
        "report.html",
        document=told,
        kind=_kind,
        drawn=lambda chart: Markup(drawing.svg(chart.name, draw(chart.name))),  # noqa: S704 - drawn here, from figures
    )


def as_docx(told: Document, draw: Draw) -> bytes:
    """The Word document."""
    word = WordDocument()
    word.core_properties.title, word.core_properties.author = told.title, "Heed"
    word.core_properties.comments = ""
    if told.mark:
        word.add_paragraph(told.mark, style="Intense Quote")
    word.add_heading(told.title, 0)
    word.add_paragraph(told.lead, style="Intense Quote")
    _word_table(word, Table("", ("", "Value"), tuple(fact for fact in told.facts if fact[1])))
    for section in told.sections:
        word.add_heading(f"{section.number}. {section.title}", 1)
        for block in section.blocks:
            _word_block(word, block, draw)
    written = io.BytesIO()
    word.save(written)
    return written.getvalue()


def as_csv(told: Document) -> bytes:
    """Every table's cells, a line each."""
    lines = [
        (section.number, shown.caption, row[0], column, value)
        for section in told.sections
        for block in section.blocks
        if (shown := _table_of(block))
        for row in shown.rows
        for column, value in zip(shown.header[1:] or shown.header, row[1:] or row, strict=True)
    ]
    return to_csv(CSV, [(0, "", name, "", value) for name, value in told.facts] + lines)


def _word_block(word: Word, block: Block, draw: Draw) -> None:
    if isinstance(block, str):
        word.add_paragraph(block)
    elif isinstance(block, Warned):
        word.add_paragraph(block.text, style="Intense Quote")
    elif isinstance(block, Quote):
        word.add_paragraph(f"{block.about}: “{block.words}”", style="Quote")
    elif isinstance(block, Chart):
        word.add_picture(io.BytesIO(drawing.png(draw(block.name))), width=Cm(16))
        # What a screen reader says of the picture.
        word.inline_shapes[-1]._inline.docPr.set("descr", block.alternative)
        _word_table(word, block.table)
    else:
        _word_table(word, block)


def _word_table(word: Word, shown: Table) -> None:
    if shown.caption:
        word.add_paragraph(shown.caption, style="Caption")
    drawn = word.add_table(rows=1, cols=len(shown.header), style="Light Grid Accent 1")
    for place, words in enumerate(shown.header):
        drawn.rows[0].cells[place].text = words
    for row in shown.rows:
        cells = drawn.add_row().cells
        for place, words in enumerate(row):
            cells[place].text = words


def _table_of(block: Block) -> Table | None:
    return block.table if isinstance(block, Chart) else block if isinstance(block, Table) else None


def _kind(block: Block) -> str:
    return "paragraph" if isinstance(block, str) else type(block).__name__.lower()
