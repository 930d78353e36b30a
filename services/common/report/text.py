"""A document for the terminal: plain text, its warnings in sight. Pure."""

from collections.abc import Iterator, Sequence

from services.common.report.document import Block, Chart, Document, Heading, Quote, Table, Warned

SENTENCE = 90  # characters from which a cell is read as text, not in a column


def as_text(told: Document, sections: int | None = None) -> str:
    """A document as text, of all sections or the first few, ending with a newline; headed by its mark ("Synthetic data") where it has
    one."""
    width = max(len(name) for name, _ in told.facts)
    lines = [told.mark] if told.mark else []
    lines += [told.title, *(f"  {name.ljust(width)}  {value}" for name, value in told.facts if value)]
    lines += ["", told.lead]
    for section in told.sections[:sections]:
        lines += ["", f"{section.number}. {section.title}", *_blocks(section.blocks)]
    return "\n".join(lines) + "\n"


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows in columns two spaces apart, the first column to the left and the others to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _blocks(blocks: tuple[Block, ...]) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, str):
            yield f"  {block}"
        elif isinstance(block, Warned):
            yield f"  ! {block.text}"
        elif isinstance(block, Heading):
            yield from ("", f"  {block.text}")
        elif isinstance(block, Quote):
            yield f"  {block.about}: “{block.words}”"
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
