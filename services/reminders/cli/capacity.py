"""`heed capacity`: what so many people a year take. It touches no store."""

from collections.abc import Iterator
from dataclasses import asdict
from decimal import Decimal
from typing import Any

import click

from services.cli.output import BadInput, FiniteRange, show_json, show_table
from services.cli.output import as_json as json_option
from services.reminders.capacity import Capacity, Load, capacity

USUAL = Load(people=1)
# A figure beyond these is a slip of the keyboard.
MANY, SHARE, RATE, TIMES = (
    click.IntRange(1, 10**9),
    FiniteRange(0, 1),
    FiniteRange(0.01, 10**6),
    FiniteRange(1, 10**6),
)


@click.command("capacity")
@click.option(
    "--people", type=MANY, required=True, metavar="N", help="People with a first hearing in a year."
)
@click.option("--steps", type=MANY, default=USUAL.steps, show_default=True, help="Reminders a person.")
@click.option(
    "--reach", type=SHARE, default=USUAL.reach, show_default=True, help="The share that may be texted."
)
@click.option("--segments", type=MANY, default=USUAL.segments, show_default=True, help="Segments a text.")
@click.option(
    "--court-days", type=MANY, default=USUAL.court_days, show_default=True, help="Court days of a year."
)
@click.option(
    "--busiest",
    type=TIMES,
    default=USUAL.busiest,
    show_default=True,
    help="How many times a mean court day the busiest is.",
)
@click.option(
    "--hours",
    type=FiniteRange(0.1, 24),
    default=USUAL.hours,
    show_default=True,
    help="Hours in which a day's texts go.",
)
@click.option(
    "--rate", type=RATE, default=USUAL.rate, show_default=True, help="Segments a second of one sender."
)
@click.option("--price", default=str(USUAL.price), show_default=True, help="What a segment costs.")
@click.option("--years", type=MANY, default=USUAL.years, show_default=True, help="Years of rows on the disk.")
@json_option
def command(as_json: bool, price: str, **asked: Any) -> None:
    """From people a year to texts, segments a second, senders, processes, rows, disk and cost.

    heed capacity --people 30000
    """
    try:
        load = Load(**asked, price=Decimal(price))
        if not 0 <= load.price < 1000:
            raise ValueError
    except (ArithmeticError, ValueError):
        raise BadInput("--price: a number from 0 to 999, such as 0.04") from None
    found = capacity(load)
    if as_json:
        show_json(asdict(load) | asdict(found) | {"disk": found.disk})
    else:
        show_table(["what", "figure"], list(lines(load, found)))


def lines(load: Load, found: Capacity) -> Iterator[tuple[str, str]]:
    """The table's rows."""
    yield "texts, segments a year", f"{found.texts_a_year:,}, {found.segments_a_year:,}"
    yield f"cost a year, {load.price} a segment", f"{found.cost_a_year:,.2f}"
    yield "texts on the busiest day", f"{found.texts_busiest_day:,}"
    yield f"segments a second, over {load.hours:g} hours", f"{found.segments_a_second:.2f}"
    yield f"senders of {load.rate:g} segments a second", f"{found.senders}"
    yield "hours that the day takes from one sender", f"{found.hours_at_one_sender:.1f}"
    yield "half of its texts later than", f"{found.half_late_hours:.1f} hours"
    yield "workers, web processes", f"{found.workers}, {found.web_processes}"
    yield "processors while it sends", f"{found.processors:.2f}"
    yield "processor seconds of a day's lists", f"{found.list_seconds:.1f}"
    yield "memory of all processes, stores included", f"{found.megabytes:,} MB"
    for table, rows in found.rows.items():
        yield f"table {table} after {load.years} years", f"{rows:,} rows, {found.gigabytes[table]:.2f} GB"
    yield "bodies of pushes, for 90 days", f"{found.gigabytes['deliveries']:.2f} GB"
    yield f"disk after {load.years} years", f"{found.disk:.1f} GB"
