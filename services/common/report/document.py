"""A document in parts that every form can show: a paragraph, a table, a chart with its table. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

# All but what XML 1.0 has: https://www.w3.org/TR/xml/#charsets
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a header; the first column names the row."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart by its name (charts), its title, in words for who cannot see it, and the same figures as a table."""

    name: str
    title: str
    alternative: str
    table: Table


@dataclass(frozen=True, slots=True)
class Warned:
    """A sentence that must not be missed."""

    text: str


@dataclass(frozen=True, slots=True)
class Quote:
    """Somebody's own words, and what they are about."""

    about: str
    words: str


@dataclass(frozen=True, slots=True)
class Heading:
    """What the blocks that follow are about, within a section."""

    text: str


Block = str | Heading | Table | Chart | Warned | Quote


@dataclass(frozen=True, slots=True)
class Section:
    """A numbered part."""

    number: int
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """`mark` heads every page that could be taken for something it is not; `facts` are (name, value); `at` is of when it tells."""

    title: str
    mark: str | None
    lead: str
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    at: datetime


def table(caption: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> Table:
    """A table from cells of any kind: a number with its thousands apart, nothing as a dash."""
    return Table(caption, tuple(header), tuple(tuple(cell(value) for value in row) for row in rows))


def cell(value: object) -> str:
    """A value as a table shows it."""
    if value is None:
        return "–"
    return f"{value:,}" if isinstance(value, int) else str(value)


def kind(block: Block) -> str:
    """What a block is, as templates ask for it: "paragraph", "heading", "table", "chart", "warned" or "quote"."""
    return "paragraph" if isinstance(block, str) else type(block).__name__.lower()


def typeset(text: str) -> str:
    """With a minus before a negative number, for screen readers pass a hyphen over; and with a space for what no document can hold.

    People's words and names bring such characters: a handset sends a form feed, a word processor copies a vertical tab.
    """
    return re.sub(r"(?<![\w.)-])-(?=\d)", "\N{MINUS SIGN}", NOT_XML.sub(" ", text))
