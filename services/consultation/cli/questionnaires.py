"""`heed consultation …`: one thin function a command."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from services.cli.output import BadInput, show_json, show_table
from services.cli.output import as_json as json_option
from services.common.segments import count, plain
from services.consultation import questionnaire
from services.consultation.routing import route

file_argument = click.argument("file", type=click.Path(path_type=Path))


@click.command()
@file_argument
@json_option
def lint(file: Path, as_json: bool) -> None:
    """Check the questionnaire in FILE, and what each of its texts costs."""
    parsed = questionnaire.parse(questionnaire.read(_read(file)))
    costs = [{"text": name, **asdict(count(plain(words)))} for name, words in parsed.texts.items()]
    if as_json:
        show_json({"id": parsed.id, "texts": costs})
    else:
        show_table(
            ["text", "encoding", "characters", "segments"],
            [[one["text"], one["encoding"], one["characters"], one["segments"]] for one in costs],
        )


@click.command()
@file_argument
@json_option
def launch(file: Path, as_json: bool) -> None:
    """Freeze the questionnaire in FILE under its hash and open it."""
    from services.common import audit  # noqa: PLC0415 - `why` and `lint` touch no store
    from services.common.process import opened  # noqa: PLC0415
    from services.consultation import responses  # noqa: PLC0415

    content = json.loads(json.dumps(questionnaire.read(_read(file)), default=str))
    with opened("consultation") as (heed,), heed.database.begin() as session:
        try:
            row = responses.launch(session, content, questionnaire.digest(content))
        except ValueError as error:
            raise BadInput(str(error)) from None
        audit.record(session, "cli", "consultation-launched", f"consultation:{row.id}", hash=row.hash)
        answer = {"id": row.id, "hash": row.hash, "opens_at": row.opens_at, "closes_at": row.closes_at}
    if as_json:
        show_json(answer)
    else:
        click.echo(f"{answer['id']} is launched under {answer['hash']}")


@click.command()
@click.argument("text")
@json_option
def why(text: str, as_json: bool) -> None:
    """Which rule takes TEXT, and why."""
    taken = route(text)
    if as_json:
        show_json(asdict(taken))
    else:
        click.echo(f"{taken.kind} (rule {taken.rule}): {taken.because}")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"cannot read {path}: {error}") from None
