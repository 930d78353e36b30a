"""Pilots that never were, to hold the report against a truth that is known."""

import json
import sys
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from services.cli.output import FINITE, BadInput, show_json, write_folder
from services.cli.output import as_json as json_option

if TYPE_CHECKING:
    from services.reminders.simulation.world import Scenario

DESIGNS = ("permuted-blocks", "court-week", "stepped-wedge", "all-treated", "courts-apart")


@click.command()
@click.option(
    "--design", type=click.Choice(["every", *DESIGNS]), default="permuted-blocks", show_default=True
)
@click.option(
    "--pilots", type=click.IntRange(1), default=1, show_default=True, help="More than one: a table."
)
@click.option("--seed", default="heed", show_default=True, help="The same seed makes the same people.")
@click.option("--processes", type=click.IntRange(1, 64), default=1, show_default=True)
@click.option("--courts", type=click.IntRange(1), help="Where they are listed.")
@click.option("--weeks", type=click.IntRange(1), help="How long people are enrolled.")
@click.option(
    "--periods", type=click.IntRange(2), help="Periods of a stepped wedge; a step after each but the last."
)
@click.option("--people", type=click.IntRange(1), help="Enrolled in one pilot.")
@click.option("--reach", type=FINITE, help="The share whom a text reaches.")
@click.option("--baseline", type=FINITE, help="The share who stay away without texts.")
@click.option("--effect", type=FINITE, help="The change among people reached, such as -0.06.")
@click.option("--moves", type=FINITE, help="The share of hearings that move.")
@click.option("--lag", type=FINITE, help="Days from the hearing to its outcome, on average.")
@click.option("--stop-after", type=click.IntRange(0), metavar="WEEKS", help="All later hearings are vacated.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="Write simulation.json, .md and .svg into this folder."
)
@click.option(
    "--messages",
    type=click.Path(path_type=Path),
    help="Write one pilot's protocol and feed messages into this folder.",
)
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    help="With --messages: the Monday on which that pilot begins.",
)
@json_option
def simulate(
    design: str,
    pilots: int,
    seed: str,
    processes: int,
    stop_after: int | None,
    out: Path | None,
    messages: Path | None,
    since: datetime | None,
    as_json: bool,
    **planted: Any,
) -> None:
    """Make people and outcomes with a planted effect, and say how near the analysis comes to it.

    Synthetic data; touches no store. One pilot is told; of many, how often intervals cover the truth.
    """
    from services.reminders.simulation import results, story  # noqa: PLC0415 - statsmodels and scipy take a second
    from services.reminders.simulation.campaign import campaign  # noqa: PLC0415
    from services.reminders.simulation.designs import scenario_of  # noqa: PLC0415
    from services.reminders.simulation.world import ScenarioError  # noqa: PLC0415

    names = DESIGNS if design == "every" else (design,)
    try:
        scenarios = {name: scenario_of(name, stop=stop_after, **planted) for name in names}
    except ScenarioError as error:
        raise BadInput(str(error)) from error
    if messages:
        if len(names) > 1 or pilots > 1 or since is None or since.weekday() != 0:
            raise BadInput("--messages writes one pilot of one design, and needs --since with a Monday")
        count = _written(scenarios[design], seed, messages, since.date())
        if as_json:
            show_json({"synthetic": True, "seed": seed, "folder": str(messages), "messages": count})
        else:
            click.echo(
                f"Synthetic data: {count} messages and protocol.yaml are in {messages}. Lock the protocol, apply the "
                "messages in their order, those of results when the hearings were."
            )
        return
    if pilots == 1:
        told = {name: story.story(scenario, seed) for name, scenario in scenarios.items()}
        if as_json:
            show_json({"designs": told})
        else:
            click.echo("\n\n".join(story.story_text(one) for one in told.values()))
        return
    found = {}
    for name, scenario in scenarios.items():
        with click.progressbar(
            length=pilots, label=name, file=sys.stderr, hidden=not sys.stderr.isatty()
        ) as bar:
            found[name] = campaign(scenario, pilots, seed, processes, bar.update)
    answer = results.as_json(found, seed)
    if out:
        written = {
            "json": json.dumps(answer, indent=2, allow_nan=False) + "\n",
            "md": results.markdown(found),
            "svg": results.svg(found),
        }
        write_folder(out, {f"simulation.{form}": content.encode() for form, content in written.items()})
    if as_json:
        show_json(answer)
    else:
        click.echo(f"{story.SYNTHETIC}\n\n{results.markdown(found)}", nl=False)


def _written(scenario: "Scenario", seed: str, folder: Path, since: date) -> int:
    """Write a pilot as Heed is told of it, in the order in which it is told; how many messages there are."""
    import yaml  # noqa: PLC0415

    from services.demo.days import Days  # noqa: PLC0415
    from services.demo.simulated import messages, named, protocol  # noqa: PLC0415
    from services.reminders.simulation.trial import run  # noqa: PLC0415
    from services.reminders.simulation.world import ScenarioError  # noqa: PLC0415

    try:
        trial = run(named(replace(scenario, shared=0.0)), seed)
    except ScenarioError as error:
        raise BadInput(str(error)) from error
    # The demo's first sitting day is a week after its first Monday.
    days = Days(since - timedelta(days=7))
    content = yaml.safe_dump(protocol(trial, days, f"simulated-{scenario.design}"), sort_keys=False)
    told = {
        f"{place:04}-{message.tells}.json": message.body
        for place, message in enumerate(messages(trial, days), start=1)
    }
    write_folder(folder, {"protocol.yaml": f"# Synthetic data\n{content}".encode()} | told)
    return len(told)
