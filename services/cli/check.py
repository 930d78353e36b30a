"""`heed check`: is this installation fit."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from importlib import import_module

import click

from services.cli.output import as_json as json_option
from services.cli.output import show_json
from services.common.context import Heed
from services.common.fitness import outside_facts, settings_facts, stores_facts
from services.common.fitness.facts import Fact, fail, worst
from services.common.process import database_urls
from services.common.settings import SERVICES, ServiceName, SettingsError, load
from services.common.stores import StoresError

MARK = {"ok": "ok  ", "warn": "WARN", "fail": "FAIL"}


@click.command()
@click.option("--service", type=click.Choice(SERVICES), help="One service alone; both if left out.")
@json_option
def check(service: ServiceName | None, as_json: bool) -> None:
    """Say of each thing that an installation needs how it stands, and what to do where it is not well."""
    found = list(_every([service] if service else list(SERVICES)))
    if as_json:
        show_json(
            {
                "facts": [
                    {
                        "service": name,
                        "name": one.name,
                        "level": one.level,
                        "said": one.said,
                        "do": one.do or None,
                    }
                    for name, one in found
                ]
            }
        )
    else:
        for name, one in found:
            click.echo(f"{MARK[one.level]}  {name:12}  {one.name:12}  {one.said}")
            if one.do:
                click.echo(f"{'':34}-> {one.do}")
    sys.exit(worst(one for _, one in found))


def _every(names: list[ServiceName]) -> Iterator[tuple[str, Fact]]:
    """Every fact; whatever is broken keeps no other fact from being told, and nothing is migrated or mended on the way."""
    with ExitStack() as stack:
        try:
            settings = load(*names)
            urls, redis_url = database_urls(stack, settings, *names)
        except SettingsError as error:
            yield "both", fail("settings", str(error), "mend that variable; docs/settings.md explains it")
            return
        except StoresError as error:
            yield (
                "both",
                fail(
                    "stores", " ".join(str(error).split()), "give addresses of your own servers, or mend that"
                ),
            )
            return
        for name in names:
            heed = Heed.of(name, settings, urls[name], redis_url)
            stack.callback(heed.close)
            yield from ((name, fact) for fact in _of(heed))


def _of(heed: Heed) -> Iterator[Fact]:
    yield from settings_facts.facts(heed)
    yield from import_module(f"services.{heed.service}.fitness").facts(heed)
    yield from stores_facts.facts(heed)
    yield from outside_facts.facts(heed)
