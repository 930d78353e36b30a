"""What every command reads and answers with: files, JSON for programs, a plain table for people."""

import getpass
import json
import math
import os
import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click

from services.common.acts import telephone

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # all but a tab and a line's end
as_json = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")


def show_json(value: Any) -> None:
    """Print a value as JSON; days and times as ISO 8601, as the API has them."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False, default=_written))


def _written(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def show_words(words: str) -> None:
    """Print what somebody wrote; a terminal must not take any of it for orders."""
    click.echo(CONTROL.sub(" ", words))


def show_table(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print rows in columns as wide as their longest word."""
    cells = [
        list(header),
        *[["" if cell is None else CONTROL.sub(" ", str(cell)) for cell in row] for row in rows],
    ]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    for row in cells:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def counted(number: int, noun: str) -> str:
    """ "1 segment", "2 segments"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


class BadInput(click.ClickException):
    """Nothing was done: one clear line, exit 2."""

    exit_code = 2


class Words(click.ParamType[str]):
    """Words of a person; half a character, as a broken terminal sends, cannot be stored."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The words. Fails where they are not UTF-8."""
        try:
            str(value).encode()
        except UnicodeEncodeError:
            self.fail("these are not UTF-8", param, ctx)
        return str(value)


class LoggedWords(Words):
    """Words that stand in the audit log for good."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The words. Fails where a telephone number is among them."""
        words = super().convert(value, param, ctx)
        if telephone(words):
            self.fail("no telephone number: it stands in the audit log for good", param, ctx)
        return words


class Finite(click.types.FloatParamType):
    """A number that one can count with: "nan" lies in every range, and "inf" above each."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number. Fails where it is not finite."""
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value} is no number to count with", param, ctx)
        return number


class FiniteRange(Finite, click.FloatRange):
    """The same within a range."""


FINITE = Finite()
WORDS = Words()
LOGGED_WORDS = LoggedWords()
by_option = click.option(
    "--by",
    type=LOGGED_WORDS,
    default=lambda: f"person:{getpass.getuser()}",
    help="Who does it; stands in the audit log.",
)


def read_file(path: Path) -> bytes:
    """The whole file. Raises BadInput, which says why it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}") from None


def read_text(path: Path) -> str:
    """The whole file as words. Raises BadInput where it cannot be read, or is not UTF-8."""
    try:
        return read_file(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput(f"cannot read {path}: it is not UTF-8; save it as plain text") from None


def write_file(path: Path, content: bytes) -> None:
    """A file that its owner alone may read, since it may hold names. Raises BadInput."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
    except OSError as error:
        raise BadInput(f"cannot write {path}: {error.strerror}") from None


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Files by name in a folder, which is made with those that their names have. Raises BadInput."""
    _made(folder)
    for name, content in files.items():
        _made((folder / name).parent)
        write_file(folder / name, content)


def _made(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"cannot make {folder}: {error.strerror}") from None
