"""The table that the campaign prints: a row a fault, and whether the promise was kept."""

from collections.abc import Sequence

from tests.faults.trials import Trial

HEAD = ("fault", "tries", "texts", "lost", "doubled", "wrong", "before a person", "listed", "settled in", "")


def cells(trial: Trial) -> tuple[str, ...]:
    """One row's words and figures."""
    verdict = trial.verdict
    if trial.caught is not None:
        remark = "caught: yes" if trial.caught else "caught: NO"
    elif trial.known:
        remark = "known limit"
    elif trial.tries == 0:
        remark = "NEVER STRUCK"
    else:
        remark = "BROKEN" if verdict.broken else ""
    counts = (verdict.lost, verdict.doubled, verdict.wrong, verdict.staff, verdict.listed)
    figures = (trial.tries, trial.texts, *(len(count) for count in counts))
    return (trial.fault, *(f"{figure:,}" for figure in figures), f"{trial.seconds:.0f} s", remark)


def line(row: Sequence[str], widths: Sequence[int]) -> str:
    """A row in its columns: words to the left, figures to the right."""
    last = len(row) - 1
    aligned = (
        cell.ljust(width) if column in (0, last) else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    )
    return "  ".join(aligned).rstrip()


WIDTHS = (70, *(max(7, len(name)) for name in HEAD[1:-1]), 12)


def show(trial: Trial) -> None:
    """Print a row as soon as it is known, with the history of the one text that broke it."""
    print(line(cells(trial), WIDTHS), flush=True)
    for words in trial.story:
        print(f"    {words}", flush=True)
