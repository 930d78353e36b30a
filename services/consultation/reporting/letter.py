"""What another body is sent: a file with a row a response, and the letter that goes with it. Pure."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.common.report.document import typeset
from services.common.spreadsheet import to_csv
from services.common.times import london, said_day
from services.consultation.reporting.labels import label

COLUMNS = ("row", "received", "district", "themes", "words")


@dataclass(frozen=True, slots=True, repr=False)
class Row:
    """One response for a body: `words` are masked and approved, or None where they may not be passed on. `id` is not passed on."""

    id: int
    received: date
    district: str | None
    themes: Sequence[str]
    words: str | None


def table(rows: Sequence[Row]) -> bytes:
    """The file. Rows are numbered anew: no receipt and no number of ours goes along."""
    return to_csv(
        COLUMNS,
        (
            (
                place,
                row.received.isoformat(),
                label(row.district or "not-known"),
                "; ".join(row.themes),
                row.words if row.words is not None else "[words withheld]",
            )
            for place, row in enumerate(rows, 1)
        ),
    )


def letter(title: str, logged: dict[str, Any], themes: Sequence[str]) -> list[str]:
    """The letter's paragraphs."""
    at, responses, withheld = logged["at"], logged["responses"], logged["withheld"]
    kept_back = (
        f"The words of {withheld:,} of them are withheld: a person has not yet hidden what could point to somebody, or whoever wrote"
        " them did not agree."
        if withheld
        else "What could point to a person is hidden in all of them."
    )
    return [
        f"{said_day(at)} {london(at).year}",
        f"To {logged['body']}",
        f"{title}: what people said that is for you to hear",
        "People were asked what they think, and some of them spoke of what is yours to decide:"
        f" {', '.join(themes)}. The file with this letter has {_responses(responses)}, a row each, with the day and the district. {kept_back}",
        "Nobody drew a sample: whoever wished to write did. The figures do not say how many people think so.",
        "Please tell us what you make of it. We tell those who wrote what was done, and would like to say so of yours.",
        f"The file's SHA-256: {logged['digest']}. Our number: {logged['id']}.",
    ]


def _responses(number: int) -> str:
    return "one response" if number == 1 else f"{number:,} responses"


def as_docx(paragraphs: Sequence[str]) -> bytes:
    """The letter as a Word document."""
    from docx import Document  # noqa: PLC0415 - a web process makes letters rarely, and starts often

    word = Document()
    word.core_properties.title, word.core_properties.author, word.core_properties.comments = (
        typeset(paragraphs[2]),
        "Heed",
        "",
    )
    for place, words in enumerate(map(typeset, paragraphs)):
        word.add_heading(words, 1) if place == 2 else word.add_paragraph(words)
    written = io.BytesIO()
    word.save(written)
    return written.getvalue()
