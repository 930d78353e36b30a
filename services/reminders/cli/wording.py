"""The county's texts: whether they are right, what they come to, and the page about them."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from services.cli.output import BadInput, counted, read_text, show_json
from services.cli.output import as_json as json_option
from services.common.settings import load
from services.reminders import county
from services.reminders.county_parts import County
from services.reminders.wording_lint import lint as findings_of
from services.reminders.wording_longest import longest
from services.reminders.wording_page import page as page_of


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@json_option
def lint(file: Path | None, as_json: bool) -> None:
    """Check the texts of the county's FILE, or of the file that is set; exit code 1 if anything is wrong."""
    text = read_text(file) if file else county.source(load("reminders").county)
    read = county.read(text)
    findings, still_open = findings_of(read), county.unsettled(read)
    if as_json:
        show_json({"findings": [asdict(one) for one in findings], "before_live": still_open})
    else:
        for one in findings:
            click.echo(str(one))
        texts = sum(len(one.templates) for one in read.wording.languages.values())
        click.echo(
            f"{counted(texts, 'text')} in {counted(len(read.wording.languages), 'language')}: "
            f"{counted(len(findings), 'thing') + ' wrong' if findings else 'nothing is wrong'}"
        )
        if still_open:
            click.echo("To be settled before live mode:")
        for line in still_open:
            click.echo(f"  {line}")
    sys.exit(1 if findings else 0)


@click.command()
@click.option("--page", type=click.Path(path_type=Path), help="Write the page that the office publishes.")
@json_option
def wording(page: Path | None, as_json: bool) -> None:
    """Every text at its longest, with what it costs; or the page that shows people what a real text says."""
    settings = load("reminders")
    configured = county.parse(county.source(settings.county))  # a draft too, whatever the mode
    if page:
        try:
            page.write_text(page_of(configured, settings.service("reminders").sender), encoding="utf-8")
        except OSError as error:
            raise BadInput(f"cannot write {page}: {error.strerror}") from None
    texts = [
        _row(configured, code, template)
        for code, language in configured.wording.languages.items()
        for template in language.templates
    ]
    if as_json:
        show_json({"texts": texts, "page": str(page) if page else None})
    elif page:
        click.echo(f"{page}: {counted(len(texts), 'text')}")
    else:
        for one in texts:
            click.echo(
                f"{one['language']} {one['template']}  {counted(one['characters'], 'character')}, {one['encoding']},"
                f" {counted(one['segments'], 'segment')} of {one['budget']};"
                f" {one['segments_unicode']} of {one['budget_unicode']} with a name outside the GSM alphabet"
            )
            click.echo(f"    {one['text']}")


def _row(configured: County, code: str, template: str) -> dict[str, Any]:
    most, language = longest(configured, code, template), configured.wording.languages[code]
    return {
        "language": code,
        "template": template,
        "status": language.status,
        "text": most.text,
        **asdict(most.cost),
        "budget": language.segments,
        "segments_unicode": most.cost_unicode.segments,
        "budget_unicode": language.segments_unicode,
    }
