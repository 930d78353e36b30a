"""The rows behind a pilot's figures, for a named evaluator: one a person, nobody in them, each export marked and audited.

A court and a day can be matched with public lists, so a court is a letter, a day its week, and an age a band.
"""

import hashlib
import re
import secrets
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from sqlalchemy.orm import Session

from services.common import audit, clock
from services.common.acts import Refused, reason
from services.common.spreadsheet import to_csv
from services.reminders import evaluating, pilot_people
from services.reminders.evaluation.allocation_clusters import court_week_blocks
from services.reminders.evaluation.cells import ADJOURNMENTS, OUTCOMES, Cell, Reading
from services.reminders.models import Pilot
from services.reminders.protocol import Protocol
from services.reminders.protocol_schema import parse

COLUMNS = (
    *("export", "court_group", "week", "unit", "block", "arm", "together", "shared_later"),
    *("case", "age", "notice"),
    *(
        "source",
        "contact_age",
        "texts",
        "why",
        "sent",
        "segments",
        "stopped",
        "wrong",
        "moved",
        "withdrawn",
        "remanded",
        "paused",
        "heard",
    ),
    *("state", "with_paused", *OUTCOMES, *ADJOURNMENTS, "days_lost"),
)
# Each takes from those before it alone.
PARTS = (
    *("rows", "plain", "strata", "court_weeks", "steps", "outcomes", "flow"),
    *("reached", "beside", "looks", "power", "history", "comparing"),
)
SCRIPT = (*(f"reproduce_parts/{name}.py" for name in PARTS), "reproduce.py")
HEAD = "# Works a report's figures out again: python reproduce.py people.csv report.json (it begins at `main`, near the end)."
# How one part takes from another; in one file it is all there.
OWN_IMPORT = re.compile(r"^from services\.[^(\n]+(?:\([^)]*\))?\n", re.MULTILINE)


def export(session: Session, pilot: Pilot, by: str, recipient: str) -> tuple[str, bytes]:
    """The export's mark, which stands in each of its rows, and the CSV. Raises Refused before the last planned look."""
    who = reason(recipient)
    evaluating.still(session)
    if not evaluating.over(session, pilot):
        raise Refused("between-looks", "rows show arms: they are exported from the last planned look on")
    protocol = parse(pilot.protocol)
    mark = f"{pilot.name}-{secrets.token_hex(4)}"
    pilot_people.gather(session, pilot, protocol, clock.now(session))
    rows = list(_rows(session, protocol, mark))
    audit.record(
        session, by, "pilot-exported", f"pilot:{pilot.id}", export=mark, recipient=who, rows=len(rows)
    )
    return mark, to_csv(COLUMNS, rows)


def script() -> str:
    """The script that works every figure out once more, from the rows alone: its parts as one file, which needs nothing of Heed's."""
    folder = files("services.reminders.evaluation")
    parts = [folder.joinpath(name).read_text(encoding="utf-8") for name in SCRIPT]
    return "\n".join([HEAD, *(OWN_IMPORT.sub("", part) for part in parts)])


def _rows(session: Session, protocol: Protocol, mark: str) -> Iterator[tuple[Any, ...]]:
    reading, with_paused = Reading(protocol.rules), Reading(protocol.rules, with_paused=True)
    # The letters' order differs from export to export.
    order = sorted(protocol.courts, key=lambda court: hashlib.sha256(f"{mark} {court}".encode()).digest())
    groups = {court: _letters(place) for place, court in enumerate(order)}
    blocks: dict[str, list[int]] = {}
    clusters: dict[int, int] = {}
    for row in pilot_people.rows(session):
        cluster, source, contact_age = row.pop("cluster"), row.pop("source"), row.pop("contact_age")
        days_lost, sent, segments = row.pop("days_lost"), row.pop("sent"), row.pop("segments")
        shared_later = row.pop("shared_later")
        cell = Cell(n=1, **row)
        yield (
            mark,
            groups[cell.court],
            cell.week,
            cell.unit,
            _block(protocol, cell, blocks),
            cell.arm,
            clusters.setdefault(cluster, len(clusters) + 1),
            int(shared_later),
            cell.case,
            cell.age,
            cell.notice,
            source,
            contact_age,
            cell.texts,
            cell.why,
            sent,
            segments,
            *(int(flag) for flag in (cell.stopped, cell.wrong, cell.moved)),
            *(int(flag) for flag in (cell.withdrawn, cell.remanded, cell.paused)),
            int(cell.attendance != "unknown"),
            reading.fate(cell)[0],
            with_paused.fate(cell)[0],
            *(int(reading.event(cell, outcome)) for outcome in OUTCOMES),
            # Empty where no result says whether the case was put off.
            *(
                int(reading.event(cell, outcome)) if reading.says(cell, outcome) else None
                for outcome in ADJOURNMENTS
            ),
            0 if cell.withdrawn else days_lost,
        )


def _letters(place: int) -> str:
    """A, B … Z, AA, AB …"""
    return (_letters(place // 26 - 1) if place >= 26 else "") + chr(ord("A") + place % 26)


def _block(protocol: Protocol, cell: Cell, known: dict[str, list[int]]) -> int | None:
    if protocol.allocation != "court-week" or cell.unit is None:
        return None
    if len(known.get(cell.court, ())) <= cell.unit:
        known[cell.court] = court_week_blocks(
            protocol.seed, cell.court, cell.unit + 53, protocol.ratio, protocol.block_sizes
        )
    return known[cell.court][cell.unit]
