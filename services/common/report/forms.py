"""A document as a page that needs nothing from elsewhere, as a Word document for a board, and as CSV. Pure."""

import io
from collections.abc import Callable

from docx import Document as WordDocument
from docx.document import Document as Word
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm
from markupsafe import Markup
from matplotlib.figure import Figure

from services.common.report import drawing
from services.common.report.document import (
    Block,
    Chart,
    Document,
    Heading,
    Quote,
    Table,
    Warned,
    kind,
    typeset,
)
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
        kind=kind,
        typeset=typeset,
        drawn=lambda chart: Markup(drawing.svg(chart.name, draw(chart.name))),  # noqa: S704 - drawn here, from figures
    )


def as_docx(told: Document, draw: Draw) -> bytes:
    """The Word document."""
    word = WordDocument()
    word.core_properties.title, word.core_properties.author = typeset(told.title), "Heed"
    word.core_properties.comments, word.core_properties.language = "", "en-GB"
    word.core_properties.created = word.core_properties.modified = told.at
    word.styles.element.find(".//" + qn("w:lang")).set(qn("w:val"), "en-GB")
    page = word.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin = page.right_margin = Cm(2.5)
    # What the report must not be taken for stands on every page.
    page.header.paragraphs[0].text = typeset(": ".join(part for part in (told.mark, told.title) if part))
    if told.mark:
        word.add_paragraph(told.mark, style="Intense Quote")
    word.add_heading(typeset(told.title), 0)
    word.add_paragraph(typeset(told.lead), style="Intense Quote")
    _word_table(word, Table("", ("Fact", "Value"), tuple(fact for fact in told.facts if fact[1])))
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
        word.add_paragraph(typeset(block))
    elif isinstance(block, Heading):
        word.add_heading(typeset(block.text), 2)
    elif isinstance(block, Warned):
        word.add_paragraph(typeset(block.text), style="Intense Quote")
    elif isinstance(block, Quote):
        word.add_paragraph(typeset(f"{block.about}: “{block.words}”"), style="Quote")
    elif isinstance(block, Chart):
        word.add_paragraph(block.title, style="Caption").paragraph_format.keep_with_next = True
        word.add_picture(io.BytesIO(drawing.png(draw(block.name))), width=Cm(16))
        # What a screen reader says of the picture.
        word.inline_shapes[-1]._inline.docPr.set("descr", typeset(block.alternative))
        _word_table(word, block.table)
    else:
        _word_table(word, block)


def _word_table(word: Word, shown: Table) -> None:
    if shown.caption:
        word.add_paragraph(shown.caption, style="Caption").paragraph_format.keep_with_next = True
    drawn = word.add_table(rows=1, cols=len(shown.header), style="Light Grid Accent 1")
    # A table that runs over a page says its columns again.
    drawn.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for place, words in enumerate(shown.header):
        drawn.rows[0].cells[place].text = typeset(words)
    for row in shown.rows:
        cells = drawn.add_row().cells
        for place, words in enumerate(row):
            cells[place].text = typeset(words)


def _table_of(block: Block) -> Table | None:
    return block.table if isinstance(block, Chart) else block if isinstance(block, Table) else None
