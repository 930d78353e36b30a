"""A pilot's report for the terminal: plain text, the verdict first, refusals in sight. Pure."""

from collections.abc import Iterator
from typing import Any

from services.reminders.evaluation.document import Block, Chart, Document, Heading, Table, Warned
from services.reminders.evaluation.report_document import document
from services.reminders.evaluation.wording import table as columns

SENTENCE = 90  # characters from which a cell is read as text, not in a column
FIRST = 4  # the sections that a board reads; the rest stand on them


def render_text(report: dict[str, Any], sections: int | None = None) -> str:
    """The report of `pilot_report` as text, ending with a newline; of all sections, or the first few."""
    return as_text(document(report), sections)


def as_text(told: Document, sections: int | None = None) -> str:
    """A document as text; headed by its mark ("Synthetic data") where it has one."""
    width = max(len(name) for name, _ in told.facts)
    lines = [told.mark] if told.mark else []
    lines += [told.title, *(f"  {name.ljust(width)}  {value}" for name, value in told.facts if value)]
    lines += ["", told.lead]
    for section in told.sections[:sections]:
        lines += ["", f"{section.number}. {section.title}", *_blocks(section.blocks)]
    return "\n".join(lines) + "\n"


def _blocks(blocks: tuple[Block, ...]) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, str):
            yield f"  {block}"
        elif isinstance(block, Warned):
            yield f"  ! {block.text}"
        elif isinstance(block, Heading):
            yield from ("", f"  {block.text}")
        else:
            shown = block.table if isinstance(block, Chart) else block
            yield f"  {shown.caption}"
            if shown.rows:
                yield from (f"    {line}" for line in _columns(shown))


def _columns(shown: Table) -> list[str]:
    """In columns; where a cell holds sentences, each row as its name and what is said of it."""
    if max(len(value) for row in shown.rows for value in row) > SENTENCE:
        return [f"{row[0]}: {'; '.join(row[1:])}" for row in shown.rows]
    return columns([shown.header, *shown.rows])
