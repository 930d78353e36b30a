"""`heed consultation import`, `letter`, `export`: responses of other channels in, and every response out."""

from pathlib import Path

import click

from services.cli.output import WORDS, BadInput, by_option, read_file, read_text, show_json, write_file
from services.cli.output import as_json as json_option
from services.consultation import export, files, imports, letters, questionnaire
from services.consultation.cli.office import (
    ID,
    batch_option,
    consultation_of,
    of_file,
    office,
    tell,
    which_option,
)
from services.consultation.rows import FileError, Rejection, answered
from services.consultation.states import Channel, RespondentType

FILE = click.argument("file", type=click.Path(path_type=Path))


@click.command("import")
@FILE
@which_option
@batch_option
@by_option
@json_option
def import_(file: Path, consultation_id: str | None, batch: str | None, by: str, as_json: bool) -> None:
    """Keep the responses in FILE, CSV or JSON; rows that were kept before change nothing."""
    body = read_file(file)
    with office() as (heed, session):
        row = consultation_of(session, consultation_id)
        asked = [one.id for one in questionnaire.parse(row.questionnaire).questions]
        try:
            good, rejections = files.responses(body, asked, drama=heed.sandbox)
        except FileError as error:
            raise of_file(file, error) from None
        taken = imports.take(heed, session, row, batch or file.name, good, by)
    tell(answered(taken.counts, [*rejections, *taken.rejections]), as_json)


@click.command()
@ID
@click.option("--reference", type=WORDS, required=True, help="The letter's own number: each is kept once.")
@click.option("--received", required=True, help="The day it came, YYYY-MM-DD.")
@click.option(
    "--text", "words", type=click.Path(path_type=Path), required=True, help="A file with what it says."
)
@click.option("--scan", type=click.Path(path_type=Path), help="Its picture: PDF, PNG, JPEG or TIFF.")
@click.option(
    "--type",
    "kind",
    type=click.Choice([str(one) for one in RespondentType]),
    default="resident",
    help="Who wrote.",
)
@click.option("--organisation", type=WORDS, default="", help="The organisation's name.")
@click.option(
    "--place", type=WORDS, default="", help="A postcode, district or town; the postcode is dropped."
)
@click.option("--receipt", default="", help="The reference of an earlier response of the same person.")
@by_option
@json_option
def letter(
    consultation_id: str,
    reference: str,
    received: str,
    words: Path,
    scan: Path | None,
    kind: str,
    organisation: str,
    place: str,
    receipt: str,
    by: str,
    as_json: bool,
) -> None:
    """Keep a letter to the consultation ID that was typed in, with its scan."""
    said = read_text(words)
    picture = read_file(scan) if scan else None
    row = {
        "reference": reference,
        "channel": str(Channel.LETTER),
        "received": received,
        "text": said,
        "type": kind,
        "organisation": organisation,
        "place": place,
        "receipt": receipt,
    }
    with office() as (heed, session):
        consultation = consultation_of(session, consultation_id)
        good, rejections = files.responses([row], (), drama=heed.sandbox)
        try:
            kept = (
                rejections[0]
                if rejections
                else letters.type_in(heed, session, consultation, good[0], picture, by)
            )
        except FileError as error:
            raise of_file(scan or words, error) from None
        if isinstance(kept, Rejection):
            raise BadInput(f"{kept.field}: {kept.reason}")
    if as_json:
        show_json({"id": kept.id, "receipt": kept.receipt, "scan": kept.scan})
    else:
        click.echo(f"kept as response {kept.id}, receipt {kept.receipt}")


@click.command()
@ID
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The CSV file to write.")
@by_option
@json_option
def export_(consultation_id: str, out: Path, by: str, as_json: bool) -> None:
    """Write every response of the consultation ID in a row, with its words and without numbers (audited)."""
    with office() as (heed, session):
        row = consultation_of(session, consultation_id)
        content = export.csv(heed, session, row, by)
        # Inside the transaction: what cannot be written was not taken.
        write_file(out, content)
    if as_json:
        show_json({"file": str(out), "bytes": len(content)})
    else:
        click.echo(f"{out} is written")
