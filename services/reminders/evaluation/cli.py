"""`heed evaluate` and `heed power`: calculators that touch no store.

The libraries are imported inside the commands: they take one to two seconds, which help, completion, every other
`heed` command and bad input should not wait for.
"""

import json
from typing import Any

import click

from services.cli.output import FINITE
from services.reminders.evaluation.arms import ArmError, parse_arms
from services.reminders.evaluation.power_question import PowerError, PowerQuestion


class BadInput(click.ClickException):
    """Nothing was done: one line on stderr, exit 2."""

    exit_code = 2


class Calculator(click.Command):
    """A command whose wrong usage is told in one line, without the usage text that click puts before it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click's, but every complaint is a BadInput."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            raise BadInput(" ".join(error.format_message().split())) from error


@click.command("evaluate", cls=Calculator)
@click.option(
    "--arm",
    "arms",
    multiple=True,
    metavar="NAME=EVENTS/N",
    help="An arm: its name, how many had the event, and how many there were. Give two or more, the control last.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, unrounded.")
def evaluate_command(arms: tuple[str, ...], as_json: bool) -> None:
    """Compare the rates of two or more arms of a published table.

    heed evaluate --arm text=281/2898 --arm none=340/2811
    """
    try:
        parsed = parse_arms(arms)
    except ArmError as error:
        raise BadInput(str(error)) from error

    from services.reminders.evaluation.calculator_text import comparison_text  # noqa: PLC0415
    from services.reminders.evaluation.compare import compare  # noqa: PLC0415

    result = compare(parsed)
    click.echo(_json(result) if as_json else comparison_text(result))


@click.command("power", cls=Calculator)
@click.option(
    "--control", type=FINITE, required=True, metavar="RATE", help="The control arm's rate, such as 0.20."
)
@click.option("--treated", type=FINITE, metavar="RATE", help="The rate hoped for among people reached.")
@click.option(
    "--per-arm", type=int, metavar="N", help="People an arm: gives the power and what is detectable."
)
@click.option(
    "--reach", type=FINITE, default=1.0, show_default=True, metavar="SHARE", help="The share a text reaches."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, unrounded.")
def power_command(
    control: float, treated: float | None, per_arm: int | None, reach: float, as_json: bool
) -> None:
    """Say how many people an arm needs, or what a number of people can show.

    80% power at a two-sided 5%. heed power --control 0.20 --treated 0.16 --per-arm 150
    """
    try:
        question = PowerQuestion(control, treated, per_arm, reach)
    except PowerError as error:
        raise BadInput(str(error)) from error

    from services.reminders.evaluation.calculator_text import power_text  # noqa: PLC0415
    from services.reminders.evaluation.power import answer  # noqa: PLC0415

    result = answer(question)
    click.echo(_json(result) if as_json else power_text(result))


def _json(result: dict[str, Any]) -> str:
    return json.dumps(result, indent=2, ensure_ascii=False, allow_nan=False)
