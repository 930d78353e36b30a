"""`heed review …`: the next text, codes and their history, suggestions, agreement, and what is hidden before publishing."""

from dataclasses import asdict
from typing import Any

import click

from services.cli.output import WORDS, BadInput, by_option, counted, show_json, show_table, show_words
from services.cli.output import as_json as json_option
from services.common.process import opened
from services.consultation import coding, codings, redacting, reviewing, suggesting
from services.consultation.cli.office import consultation_of, office, which_option
from services.consultation.themes.codeframe import Stance

RESPONSE = click.argument("response", type=click.IntRange(1))


@click.command()
@which_option
@json_option
def status(consultation_id: str | None, as_json: bool) -> None:
    """How far the review is, who has coded how many, and the latest run of suggestions."""
    with office() as (_, session):
        found = reviewing.state(session, consultation_of(session, consultation_id))
    if as_json:
        show_json(found)
        return
    click.echo(
        f"{found['responses_reviewed']:,} of {found['responses']:,} responses reviewed;"
        f" {counted(found['texts_waiting'], 'text')} to code, {found['to_look_at_again']} to look at again;"
        f" coded twice, blind: {found['coded_twice']} of {found['blind']}, differing in {len(found['differ'])}"
    )
    for coder, texts in found["coders"].items():
        click.echo(f"{coder}: {counted(texts, 'text')}")
    click.echo(_run(found["run"]) if found["run"] else "nothing was suggested yet: `heed review suggest`")


@click.command("next")
@which_option
@by_option
@json_option
def next_(consultation_id: str | None, by: str, as_json: bool) -> None:
    """The text to code next, held for you for a quarter of an hour (audited)."""
    with office() as (heed, session):
        turn = reviewing.take_next(heed, session, consultation_of(session, consultation_id), by)
    if turn is not None:
        _show(turn, as_json)
    elif as_json:
        show_json(None)
    else:
        click.echo("nothing waits for you")


@click.command()
@RESPONSE
@which_option
@by_option
@json_option
def read(response: int, consultation_id: str | None, by: str, as_json: bool) -> None:
    """One text as you may see it, to look at it again, to settle it or to say what is hidden in it (audited)."""
    with office() as (heed, session):
        turn = reviewing.read(heed, session, consultation_of(session, consultation_id), response, by)
    _show(turn, as_json)


def _show(turn: reviewing.Turn, as_json: bool) -> None:
    if as_json:
        show_json(asdict(turn))
        return
    show_words(turn.words)
    if turn.blind:
        click.echo("This one is coded by two people without suggestions.")
    if turn.stands:
        click.echo(f"coded by {turn.stands['by']}: {_themes(turn.stands['themes'])}")
    for one in turn.suggestions:
        share = f"{one['share']:.0%}" if one["share"] is not None else "by the lexicon"
        behind = ", ".join(dict.fromkeys([*one["terms"], *one["words"]]))
        click.echo(f"  {one['theme']} ({share}{', likely' if one['likely'] else ''}): {behind}")
    after = f" --after {turn.after}" if turn.after else ""
    click.echo(f"heed review code {turn.response} THEME:STANCE …{after}")


@click.command()
@RESPONSE
@click.argument("themes", nargs=-1, metavar="[THEME:STANCE]...")
@click.option("--after", type=int, help="The number of the code that this one replaces.")
@which_option
@by_option
@json_option
def code(
    response: int,
    themes: tuple[str, ...],
    after: int | None,
    consultation_id: str | None,
    by: str,
    as_json: bool,
) -> None:
    """Give the response these themes, all of them; a stance is support, oppose or unclear (where left out). None: it has no theme."""
    given = {}
    for one in themes:
        theme, _, stance = one.partition(":")
        if theme in given:
            raise BadInput(f"{theme} is named twice: a theme has one stance")
        given[theme] = stance or str(Stance.UNCLEAR)
    with office() as (_, session):
        of = consultation_of(session, consultation_id).id
        number = codings.code(session, of, response, given, by, after)
    _done({"id": number}, f"kept as code {number}", as_json)


@click.command()
@RESPONSE
@which_option
@by_option
@json_option
def history(response: int, consultation_id: str | None, by: str, as_json: bool) -> None:
    """Every code that the response's text was ever given: by whom or by which model, when, under which version."""
    with office() as (_, session):
        found = codings.history(session, consultation_of(session, consultation_id).id, response, by)
    if as_json:
        show_json({"codes": found})
        return
    show_table(
        ["code", "at", "by", "version", "blind", "stands", "themes"],
        [
            [
                one["id"],
                f"{one['at']:%Y-%m-%d %H:%M}",
                one["by"] or f"model {one['model'][:12]}",
                one["version"],
                "yes" if one["blind"] else "",
                "yes" if one["stands"] else "",
                _themes(one["themes"]),
            ]
            for one in found
        ],
    )


@click.command()
@which_option
@by_option
@json_option
def suggest(consultation_id: str | None, by: str, as_json: bool) -> None:
    """Learn from what people coded, and suggest themes for every other text. Needs scikit-learn; 10,000 texts take seconds, and with
    embeddings a minute the first time."""
    with opened("consultation") as (heed,):
        with heed.database.begin() as session:
            number = consultation_of(session, consultation_id).id
        run = suggesting.run(heed, number, by)
    _done(run, _run(run), as_json)


@click.command()
@which_option
@json_option
def agreement(consultation_id: str | None, as_json: bool) -> None:
    """How far two people agree on each theme, over the texts that both coded blind: Cohen's kappa with its 95% interval."""
    with office() as (_, session):
        found = coding.agreement(session, consultation_of(session, consultation_id).id)
    if as_json:
        show_json({"agreement": [asdict(one) for one in found]})
        return
    show_table(
        ["theme", "texts", "both", "one only", "kappa", "95%"],
        [
            [
                one.theme,
                one.texts,
                one.both,
                one.one_only,
                "none" if one.kappa is None else f"{one.kappa:.2f}",
                "" if one.low is None else f"{one.low:.2f} to {one.high:.2f}",
            ]
            for one in found
        ],
    )


@click.command()
@RESPONSE
@click.option(
    "--hide",
    type=(WORDS, WORDS),
    multiple=True,
    metavar="WORDS REASON",
    help="Words as they stand in the text, and why they are hidden. May be given several times.",
)
@which_option
@by_option
@json_option
def redact(
    response: int, hide: tuple[tuple[str, str], ...], consultation_id: str | None, by: str, as_json: bool
) -> None:
    """Say what is hidden in the response beside what the rules find; without --hide, nothing is. It waits for another person's
    approval, and stands instead of any earlier one."""
    with office() as (heed, session):
        of = consultation_of(session, consultation_id).id
        made = redacting.propose(heed, session, of, response, hide, by)
    _done(made, f"{made['words']}\nheed review approve {made['id']}", as_json)


@click.command()
@which_option
@by_option
@json_option
def redactions(consultation_id: str | None, by: str, as_json: bool) -> None:
    """What waits for a second person's approval, with the words (audited)."""
    with office() as (heed, session):
        found = redacting.waiting(heed, session, consultation_of(session, consultation_id).id, by)
    if as_json:
        show_json({"redactions": found})
        return
    show_table(
        ["number", "response", "by", "consent", "would be published", "hidden because"],
        [
            [
                one["id"],
                one["response"],
                one["by"],
                "yes" if one["consent"] else "no",
                one["published"],
                "; ".join(one["reasons"]),
            ]
            for one in found
        ],
    )


@click.command()
@which_option
@json_option
def quotable(consultation_id: str | None, as_json: bool) -> None:
    """Responses whose writers agreed to be quoted and that nobody has read for it, those that a person has coded first."""
    with office() as (_, session):
        found = redacting.wanted(session, consultation_of(session, consultation_id).id)
    listed = f": {', '.join(map(str, found[:50]))}" if found else ""
    _done({"responses": found}, f"{counted(len(found), 'response')}{listed}", as_json)


@click.command()
@click.argument("number", type=click.IntRange(1))
@which_option
@by_option
@json_option
def approve(number: int, consultation_id: str | None, by: str, as_json: bool) -> None:
    """The response may be published with the redaction NUMBER; another person than the one who proposed it."""
    with office() as (heed, session):
        redacting.approve(heed, session, consultation_of(session, consultation_id).id, number, by)
    _done({"approved": number}, f"redaction {number} is approved", as_json)


def _done(answer: dict[str, Any], words: str, as_json: bool) -> None:
    if as_json:
        show_json(answer)
    else:
        click.echo(words)


def _run(run: dict[str, Any]) -> str:
    if run["digest"] is None:
        return f"nothing is suggested: {run['reason']}"
    measured = (
        f"; on texts left out F1 {run['f1']:.2f}, of a text's themes {run['recall']:.0%} among the first three"
        if run["f1"] is not None
        else ""
    )
    note = f"; {run['reason']}" if run["reason"] else ""
    return (
        f"model {run['digest'][:12]}, codeframe version {run['version']}, learnt from {counted(run['learnt_from'], 'text')},"
        f" suggested for {run['suggested']:,}{measured}{note}"
    )


def _themes(themes: dict[str, str]) -> str:
    return ", ".join(f"{theme} ({stance})" for theme, stance in themes.items()) or "no theme"
