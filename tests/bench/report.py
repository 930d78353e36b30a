"""A whole report on a million people from the database: the rows, the figures, the page."""

import time

from services.common.process import opened
from services.common.report.forms import as_html
from services.reminders import evaluating, pilots
from services.reminders.evaluation import charts
from services.reminders.evaluation.report_document import document
from tests.bench.memory import peak_megabytes
from tests.bench.table import Line
from tests.support.planted import plant

PEOPLE, TOGETHER = 1_000_000, 50
SECONDS, BYTES = 60, 2 * 1024**3
PROTOCOL = {
    "name": "bench",
    "question": "Do reminders by text change attendance?",
    "courts": ["B41ME", "B41MJ"],
    "since": "2025-09-15",
    "until": "2025-10-31",
    "arms": [{"name": "texted", "texted": True}, {"name": "control", "texted": False}],
    "allocation": "permuted-blocks",
    "seed": "bench",
    "block_sizes": [4],
    "subgroups": ["court", "case", "age", "notice"],
    "outcome_lag_days": 0,
    "synthetic": True,
}


def run() -> list[Line]:
    """From asking for the report to its page, every fiftieth person assigned with another."""
    with opened("reminders") as (heed,):
        with heed.database.begin() as session:
            pilot = pilots.lock(session, PROTOCOL, "bench")
            plant(session, pilot.id, PEOPLE, since="2025-09-15", together=TOGETHER)
        begun = time.perf_counter()
        with heed.database.begin() as session:
            report = evaluating.evaluate(session, evaluating.named(session, "bench"), "bench")
        as_html(document(report), charts.of(report))
        took = time.perf_counter() - begun
    peak = peak_megabytes() * 1024 * 1024
    assert report["reached"]["errors"] == "clustered"
    return [
        Line(f"report on {PEOPLE:,} people, to its page", f"{took:.1f} s", f"{SECONDS} s", took <= SECONDS),
        Line("its most memory, this process", f"{peak / 1024**2:,.0f} MB", "2,048 MB", peak <= BYTES),
    ]
