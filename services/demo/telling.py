"""How the story is printed: a heading with Heed's time, a few lines, and beside every figure that it is synthetic."""

import textwrap
from collections import Counter
from collections.abc import Iterable
from datetime import datetime

import click

from services.common.times import london, said_day

SYNTHETIC = "[synthetic]"
WIDTH = 100


def title(words: str) -> None:
    """The story's first line."""
    click.echo(words)


def heading(at: datetime, words: str) -> None:
    """A step: when it is by Heed's clock, and what happens."""
    line = f"{said(at)}  {words}"
    click.echo(f"\n{line.ljust(WIDTH - len(SYNTHETIC))} {SYNTHETIC}")


def tell(*lines: str) -> None:
    """Some lines under the heading."""
    for line in lines:
        click.echo(f"    {line}".rstrip())


def figures(rows: Iterable[tuple[int, str]]) -> None:
    """Numbers in a column, each with what it counts."""
    for number, words in rows:
        first, *more = textwrap.wrap(words, WIDTH - 10)
        click.echo("\n".join([f"    {number:4}  {first}", *(f"          {line}" for line in more)]))


def handset(number: str, body: str) -> None:
    """A text as it stands on a phone; of the number its last three digits."""
    click.echo(f"    phone ***{number[-3:]}  {body}")


def counted(codes: Counter[str]) -> str:
    """ "mobile-missing 11, in-custody 7": most first."""
    return ", ".join(
        f"{code} {number}" for code, number in sorted(codes.items(), key=lambda one: (-one[1], one[0]))
    )


def said(at: datetime) -> str:
    """ "Mon 21 Sep 10:00", London's clock."""
    return f"{said_day(at)} {london(at):%H:%M}"
