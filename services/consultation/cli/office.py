"""What the office's commands share: a transaction on the opened service, the consultation named."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.cli.output import BadInput, show_json, show_table
from services.common.context import Heed
from services.common.process import opened
from services.consultation.consultations import STANDING
from services.consultation.models import Consultation
from services.consultation.rows import FileError

ID = click.argument("consultation_id", metavar="ID")
which_option = click.option(
    "--consultation",
    "consultation_id",
    help="The consultation's id; may be left out where there is only one.",
)
batch_option = click.option(
    "--batch", help="The batch's name: the same one again changes nothing. The file's name if left out."
)


@contextmanager
def office() -> Iterator[tuple[Heed, Session]]:
    """The service and one transaction."""
    with opened("consultation") as (heed,), heed.database.begin() as session:
        yield heed, session


def consultation_of(session: Session, consultation_id: str | None) -> Consultation:
    """The consultation of this id; without one, the only one that was launched. Raises BadInput."""
    if consultation_id is not None:
        row = session.get(Consultation, consultation_id)
        if row is None:
            raise BadInput(
                f"there is no consultation {consultation_id}; `heed consultation launch FILE.yaml` opens one"
            )
        return row
    rows = session.scalars(
        select(Consultation).where(Consultation.id != STANDING).order_by(Consultation.launched_at)
    ).all()
    if len(rows) != 1:
        said = ", ".join(row.id for row in rows)
        raise BadInput(
            f"name one of {said} with --consultation" if rows else "no consultation was launched yet"
        )
    return rows[0]


def of_file(path: Path, error: FileError) -> BadInput:
    """A file of which nothing can be taken, as one clear line."""
    return BadInput(f"{path}: {error}")


def tell(answer: dict[str, Any], as_json: bool) -> None:
    """What became of a file: its figures and its rejected rows. Leaves with 1 where some were rejected, with 2 where all were."""
    if as_json:
        show_json(answer)
    else:
        click.echo(", ".join(f"{name} {number:,}" for name, number in answer["counts"].items()))
        if answer["rejections"]:
            show_table(
                ["where", "field", "code", "reason"],
                [[one["where"], one["field"], one["code"], one["reason"]] for one in answer["rejections"]],
            )
    if answer["rejections"]:
        sys.exit(1 if answer["status"] == "partly_applied" else 2)
