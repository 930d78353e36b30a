"""`heed review codeframe …` and `emerging …`: the themes that texts are coded to, and groups that may become one."""

from pathlib import Path
from typing import Any

import click
import yaml

from services.cli.output import WORDS, BadInput, by_option, read_text, show_json, show_table, show_words
from services.cli.output import as_json as json_option
from services.consultation import codeframes, coding, emerging
from services.consultation.cli.office import consultation_of, office, which_option
from services.consultation.themes import codeframe as frames

reason_option = click.option(
    "--reason", type=WORDS, required=True, help="Why; stands in the audit log for good."
)
NUMBER = click.argument("number", type=click.IntRange(1))
FILE = click.argument("file", type=click.Path(path_type=Path))


@click.command()
@which_option
@click.option("--yaml", "as_yaml", is_flag=True, help="As the file that `change` takes.")
@json_option
def show(consultation_id: str | None, as_yaml: bool, as_json: bool) -> None:
    """The codeframe in use, and who made which version."""
    with office() as (_, session):
        of = consultation_of(session, consultation_id).id
        frame, versions = coding.codeframe(session, of), codeframes.versions(session, of)
    if as_yaml:
        click.echo(
            yaml.safe_dump(frames.content(frame), sort_keys=False, allow_unicode=True, width=120), nl=False
        )
    elif as_json:
        show_json({"codeframe": frames.content(frame), "digest": frames.digest(frame), "versions": versions})
    else:
        click.echo(f"{frame.id}, version {frame.version}, {frames.digest(frame)[:12]}")
        show_table(
            ["theme", "group", "title", "for"],
            [[one.id, one.group, one.title, one.body] for one in frame.themes],
        )
        for one in versions:
            click.echo(f"version {one['version']}, {one['at']:%Y-%m-%d}, {one['by']}: {one['reason']}")


@click.command()
@FILE
@reason_option
@which_option
@by_option
@json_option
def change(file: Path, reason: str, consultation_id: str | None, by: str, as_json: bool) -> None:
    """Take the codeframe in FILE (YAML): as it stands where none is kept yet, else as a revision of the version that it was made from."""
    given = _yaml(file)
    if not isinstance(given, dict):
        raise BadInput(f"{file}: a codeframe is a YAML mapping of id, version, themes …")
    with office() as (_, session):
        of = consultation_of(session, consultation_id).id
        frame = codeframes.read_in(session, of, given, reason, by)
    _kept(frame.version, as_json)


@click.command()
@click.argument("of", nargs=-1, required=True)
@click.option("--into", help="The theme in use that they become.")
@click.option(
    "--into-new", type=click.Path(path_type=Path), help="A YAML file of the new theme that they become."
)
@reason_option
@which_option
@by_option
@json_option
def merge(
    of: tuple[str, ...],
    into: str | None,
    into_new: Path | None,
    reason: str,
    consultation_id: str | None,
    by: str,
    as_json: bool,
) -> None:
    """Make one theme of the themes OF. Codes given before count as it from now on."""
    if (into is None) == (into_new is None):
        raise BadInput("give --into THEME, or --into-new FILE.yaml")
    target = _theme(into_new) if into_new else into or ""
    with office() as (_, session):
        row = consultation_of(session, consultation_id)
        frame = codeframes.merge(session, row.id, of, target, reason, by)
    _kept(frame.version, as_json)


@click.command()
@click.argument("of")
@FILE
@reason_option
@which_option
@by_option
@json_option
def split(of: str, file: Path, reason: str, consultation_id: str | None, by: str, as_json: bool) -> None:
    """Make the themes in FILE (a YAML list) of the theme OF. Texts that were given it are to be looked at again."""
    new = _yaml(file)
    if not isinstance(new, list) or not all(isinstance(one, dict) for one in new):
        raise BadInput(f"{file}: give a YAML list of themes, each with id, title, group, means …")
    with office() as (_, session):
        row = consultation_of(session, consultation_id)
        frame = codeframes.split(session, row.id, of, new, reason, by)
    _kept(frame.version, as_json)


@click.command()
@which_option
@by_option
@json_option
def listed(consultation_id: str | None, by: str, as_json: bool) -> None:
    """Groups of alike texts that no theme has taken, the tightest first, each with three examples (audited)."""
    with office() as (heed, session):
        found = emerging.candidates(heed, session, consultation_of(session, consultation_id).id, by)
    if as_json:
        show_json({"candidates": found})
        return
    if not found:
        click.echo("no group waits for a name; `heed review suggest` looks for them")
    for one in found:
        click.echo(f"{one['id']}: {one['texts']} texts; {', '.join(one['marks'])}")
        for example in one["examples"]:
            show_words(f"  {example['words']}")


@click.command()
@NUMBER
@FILE
@reason_option
@which_option
@by_option
@json_option
def name(number: int, file: Path, reason: str, consultation_id: str | None, by: str, as_json: bool) -> None:
    """The group NUMBER is the theme in FILE (YAML), which the next version of the codeframe has."""
    theme = _theme(file)
    with office() as (_, session):
        row = consultation_of(session, consultation_id)
        version = emerging.name(session, row.id, number, theme, reason, by)
    _kept(version, as_json)


@click.command()
@NUMBER
@reason_option
@which_option
@by_option
@json_option
def dismiss(number: int, reason: str, consultation_id: str | None, by: str, as_json: bool) -> None:
    """The group NUMBER is no theme; it is not offered again."""
    with office() as (_, session):
        emerging.dismiss(session, consultation_of(session, consultation_id).id, number, reason, by)
    if as_json:
        show_json({"dismissed": number})
    else:
        click.echo(f"group {number} is dismissed")


def _theme(file: Path) -> dict[str, Any]:
    theme = _yaml(file)
    if not isinstance(theme, dict):
        raise BadInput(f"{file}: a theme is a YAML mapping of id, title, group, means …")
    return theme


def _yaml(file: Path) -> Any:
    try:
        return yaml.safe_load(read_text(file))
    except (yaml.YAMLError, ValueError):  # YAML fails with ValueError on a 31 November
        raise BadInput(f"{file} is not YAML") from None


def _kept(version: int, as_json: bool) -> None:
    if as_json:
        show_json({"version": version})
    else:
        click.echo(f"the codeframe is at version {version}")
