"""The county's standing page: attendance, failures and warrants at first hearings, by court and quarter, fit for publication.

Rates have Wilson intervals and need thirty people; small counts are hidden, and so many more that no total of a court or a quarter, on
whichever page it may stand, gives one away. No arm appears: a text's work cannot be read from it.
"""

from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.common import clock
from services.common.report.page import rendered
from services.common.spreadsheet import to_csv
from services.common.suppression import FEWEST
from services.common.times import london
from services.common.version import code_version
from services.reminders.county import County
from services.reminders.evaluation.cells import DID, OUTCOMES
from services.reminders.evaluation.standing import cells

CSV = ("quarter", "court", "outcome", "people", "events", "rate", "low", "high")
# A person's first hearing day at which somebody was expected, by the quarter in which it was.
COUNTS = text("""
SELECT to_char(o.day, 'YYYY "Q"Q') AS quarter, l.court AS court, count(*) AS people,
    count(*) FILTER (WHERE o.attendance = 'absent') AS did_not_attend,
    count(*) FILTER (WHERE o.fta IN ('yes', 'presumed')) AS fta,
    count(*) FILTER (WHERE o.warrant IN ('issued', 'closed')) AS warrant
FROM outcomes o JOIN listings l ON l.id = o.listing_id
WHERE o.superseded_at IS NULL AND o.attendance <> 'unknown' AND l.first_hearing AND l.status <> 'cancelled'
AND l.custody <> 'custody' AND l.court = ANY (:courts) GROUP BY 1, 2 ORDER BY 1, 2
""")


def page(session: Session, county: County, *, synthetic: bool) -> dict[str, Any]:
    """The figures: `cells` by quarter, court and outcome, each {people, events, rate, ci}, null where hidden or too few."""
    now = clock.now(session)
    rows = list(session.execute(COUNTS, {"courts": list(county.courts)}).mappings())
    quarters = sorted({row["quarter"] for row in rows})
    courts = sorted({row["court"] for row in rows})
    counts = {(row["quarter"], row["court"]): dict(row) for row in rows}
    names = {code: county.courts[code].name for code in courts}
    return {
        "county": county.county,
        "at": now.isoformat(),
        "day": london(now).date().isoformat(),
        "code_version": code_version(),
        "synthetic": synthetic,
        "smallest_count": FEWEST,
        "cells": cells(quarters, names, counts),
    }


def as_html(figures: dict[str, Any]) -> str:
    """The page; it needs nothing from elsewhere."""
    return rendered(__package__, "performance.html", figures=figures, did=DID, outcomes=OUTCOMES)


def as_csv(figures: dict[str, Any]) -> bytes:
    """A line a cell; what is hidden is empty."""
    return to_csv(
        CSV,
        [
            (
                cell["quarter"],
                cell["court_name"],
                DID[cell["outcome"]],
                cell["people"],
                cell["events"],
                cell["rate"],
                *(cell["ci"] or (None, None)),
            )
            for cell in figures["cells"]
        ],
    )
