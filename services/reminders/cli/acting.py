"""What every command of a person's act shares: who does it, days, and words that can be stored."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import click

from services.cli.output import WORDS, show_json
from services.common.process import opened
from services.reminders import acts, county, hearings
from services.reminders.acts import Act
from services.reminders.models import Listing


class Day(click.ParamType[date]):
    """A day like 2026-09-21."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The day. Fails with what is expected."""
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail("give a day like 2026-09-21", param, ctx)


DAY = Day()
reason_option = click.option(
    "--reason", type=WORDS, required=True, help="Why; stands in the audit log: no names, no numbers."
)
listing_option = click.option(
    "--listing",
    "listing_id",
    type=int,
    required=True,
    help="The id that `heed reminders hearings --json` prints.",
)


@contextmanager
def acting(by: str) -> Iterator[Act]:
    """One act of a person in one transaction."""
    with opened("reminders") as (heed,), acts.acting(heed, county.load(heed.settings), by) as act:
        yield act


def shown(act: Act, row: Listing) -> dict[str, Any]:
    """The listing after an act, as `heed reminders hearings --json` prints it; names in sandbox mode only."""
    act.session.flush()
    return hearings.rows(act.heed, act.session, [row], show_people=act.heed.sandbox)[0]


def say(hearing: dict[str, Any], as_json: bool) -> None:
    """What Heed makes of the listing now."""
    if as_json:
        show_json(hearing)
        return
    makes = "texted" if hearing["eligible"] else ", ".join(hearing["reasons"])
    click.echo(f"hearing {hearing['id']}: number {hearing['mobile']}, {hearing['status']}, {makes}")
