"""`heed consultation …`: one thin function a command."""

import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from importlib.resources import files
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import click

from services.cli.output import BadInput, FiniteRange, read_text, show_json, show_table
from services.cli.output import as_json as json_option
from services.consultation import questionnaire, questionnaire_lint, simulation
from services.consultation.pacing import PER_HOUR, PER_HOUR_MOST
from services.consultation.simulation import verdict

P = ParamSpec("P")
R = TypeVar("R")
file_argument = click.argument("file", type=click.Path(path_type=Path))
SAMPLE = files("services.consultation").joinpath("data/sample.yaml")
PENCE = 4.0  # about what a segment costs in this country
pence_option = click.option(
    "--pence", type=FiniteRange(0, 1000), default=PENCE, show_default=True, help="What a segment costs."
)


def sending_options(command: Callable[P, R]) -> Callable[P, R]:
    """What is said of texts to many people: how fast they go, what they cost, and whether only to say so."""
    pace = click.option(
        "--per-hour",
        type=click.IntRange(1, PER_HOUR_MOST),
        default=PER_HOUR,
        show_default=True,
        help="How many texts an hour.",
    )
    dry = click.option(
        "--dry-run", is_flag=True, help="Say what would be sent and what it costs; write nothing."
    )
    return pace(pence_option(dry(command)))


@click.command()
@file_argument
@pence_option
@json_option
def lint(file: Path, pence: float, as_json: bool) -> None:
    """Check the questionnaire in FILE: what each message costs at its longest, and what a person should look at."""
    parsed = questionnaire.parse(questionnaire.read(read_text(file)))
    costs = [
        {
            "text": one.text,
            "language": one.language,
            **asdict(one.counted),
            "pence": round(one.counted.segments * pence, 2),
        }
        for one in questionnaire_lint.costs(parsed)
    ]
    warnings = list(questionnaire_lint.warnings(parsed))
    age = questionnaire_lint.reading_age(parsed)
    if as_json:
        show_json({"id": parsed.id, "texts": costs, "warnings": warnings, "reading_age": age})
        return
    columns = ("language", "text", "encoding", "characters", "segments", "pence")
    show_table(columns, [[one[column] for column in columns] for one in costs])
    if age:
        click.echo(f"reading age: {age}")
    for warning in warnings:
        click.echo(f"look at {warning}")


@click.command()
@file_argument
@click.option(
    "--script", type=click.Path(path_type=Path), help="Texts to send, one a line; without it they are typed."
)
@json_option
def simulate(file: Path, script: Path | None, as_json: bool) -> None:
    """Play the questionnaire in FILE: each line is a text to it, "/wait 73h" lets time pass. Nothing is stored or sent."""
    parsed = questionnaire.parse(questionnaire.read(read_text(file)))
    turns: list[dict[str, Any]] = []
    lines: Iterable[str] = read_text(script).splitlines() if script else sys.stdin
    for shown in simulation.play(parsed, lines):
        turns.append(shown)
        if not as_json:
            click.echo(f"  {shown['kind']} ({shown['rule']}), {shown['state']}")
            click.echo(f"> {shown['says']}" if shown["says"] else "> (nothing)")
    if as_json:
        show_json({"id": parsed.id, "turns": turns})


@click.command()
@file_argument
@json_option
def launch(file: Path, as_json: bool) -> None:
    """Freeze the questionnaire in FILE under its hash and open it."""
    from services.common import audit  # noqa: PLC0415 - `why` and `lint` touch no store
    from services.common.process import opened  # noqa: PLC0415
    from services.consultation import consultations  # noqa: PLC0415

    content = json.loads(json.dumps(questionnaire.read(read_text(file)), default=str))
    with opened("consultation") as (heed,), heed.database.begin() as session:
        row = consultations.launch(heed, session, content)
        audit.record(session, "cli", "consultation-launched", f"consultation:{row.id}", hash=row.hash)
        answer = {"id": row.id, "hash": row.hash, "opens_at": row.opens_at, "closes_at": row.closes_at}
    if as_json:
        show_json(answer)
    else:
        click.echo(f"{answer['id']} is launched under {answer['hash']}")


@click.command()
@click.argument("text")
@click.option(
    "--questionnaire",
    "file",
    type=click.Path(path_type=Path),
    help="Whose keywords and questions; else the sample's.",
)
@click.option("--after", metavar="QUESTION", help="The question that is open when the text comes.")
@json_option
def why(text: str, file: Path | None, after: str | None, as_json: bool) -> None:
    """Which rule takes TEXT, and why."""
    if file:
        asked = questionnaire.parse(questionnaire.read(read_text(file)))
    else:
        asked = replace(
            questionnaire.parse(questionnaire.read(SAMPLE.read_text(encoding="utf-8"))), keywords={}
        )
    known = [one.id for one in asked.questions]
    if after and after not in known:
        raise BadInput(f"{asked.id} has no question {after!r}; its questions: {', '.join(known) or 'none'}")
    taken = verdict(asked, text, after)
    if as_json:
        show_json(asdict(taken))
    else:
        click.echo(f"{taken.kind} (rule {taken.rule}): {taken.because}")
