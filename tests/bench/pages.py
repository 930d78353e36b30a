"""What the server takes for each page over 100,000 hearings, half of them past: the median of some, by the application alone.

`python -m tests.bench.pages` measures on stores of its own.
"""

import gzip
import os
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime

from sqlalchemy import func, select, text

from services.common import clock
from services.common.context import Heed
from services.common.models import Outbox
from services.common.process import opened
from services.reminders import county, deliveries
from services.reminders.app import create_app
from services.reminders.browsing import Place
from services.reminders.models import Listing
from tests.bench.people import as_csv, listing_rows
from tests.bench.table import Line, show
from tests.support.visitor import Visitor

HEARINGS, TIMES = 100_000, 5
BOUND = 0.3  # seconds
FIRST_LOAD = 150_000  # bytes, compressed
HALFWAY = datetime(2031, 6, 10, 9, tzinfo=UTC)  # of the days that the lists are on


def run() -> list[Line]:
    """The lines of the table."""
    with opened("reminders") as (heed,):
        fill(heed)
        app = create_app(heed)
        operator, evaluator, administrator = (
            Visitor(heed, app, role) for role in ("operator", "evaluator", "administrator")
        )
        lines = [line(operator, path) for path in addresses(heed)]
        lines += [line(evaluator, "/quality"), line(administrator, "/audit")]
        page = operator.open("/hearings").data
        with operator.open("/static/pages.css") as sheet:
            load = sum(len(gzip.compress(one)) for one in (page, sheet.data))
    lines.append(Line("first load, compressed", f"{load / 1000:.0f} kB", "150 kB", load < FIRST_LOAD))
    return lines


def fill(heed: Heed) -> None:
    """100,000 hearings, and the clock among them."""
    with heed.database.begin() as session:
        there = session.scalar(select(func.count()).select_from(Listing)) or 0
    if there < HEARINGS:
        push = deliveries.Push(as_csv(listing_rows(HEARINGS)), "csv", "bench")
        with heed.database.begin() as session:
            delivery = deliveries.receive(heed, session, push)
        deliveries.apply(heed, county.load(heed.settings), delivery.number)
    with heed.database.begin() as session:
        if clock.now(session) < HALFWAY:
            clock.move_to(heed.database, HALFWAY)
        # What was due by now is gone, as it would be.
        session.execute(
            text("UPDATE outbox SET state = 'cancelled', reason = 'too-late' WHERE due_at < :now"),
            {"now": HALFWAY},
        )
    with heed.database.once() as connection:
        # As autovacuum does within a minute of such a list: it also puts what waits into the index of case references.
        connection.execute(text("VACUUM ANALYZE"))


def addresses(heed: Heed) -> list[str]:
    """The pages of an operator, lists also from their middle and with filters that fit few."""
    with heed.database.begin() as session:
        middle = session.scalars(
            select(Listing).where(Listing.starts_at > HALFWAY).offset(20_000).limit(1)
        ).one()
        assert middle.starts_at is not None
        place = Place(middle.starts_at, middle.id)
        day = session.scalar(select(func.min(Outbox.due_at)).where(Outbox.state == "pending"))
    assert day is not None
    return [
        "/",
        "/hearings",
        f"/hearings?after={place}",
        "/hearings?when=past",
        "/hearings?reason=mobile-shared",
        "/hearings?reason=sensitive&when=all",
        "/hearings?case=41AA0050000",
        f"/people/{middle.person_id}",
        "/needs",
        "/needs/records",
        "/inbox",
        "/incidents",
        "/outcomes",
        "/outcomes?state=recorded",
        "/outcomes?state=missing&after=60000",
        f"/outcomes/{middle.id}",
        "/calls",
        "/feeds",
        "/pauses",
        "/texts",
        f"/going-out/{day.date()}",
    ]


def line(visitor: Visitor, path: str) -> Line:
    """How long one page takes."""
    taken = []
    for _ in range(TIMES + 1):  # the first one warms up
        begun = time.perf_counter()
        visitor.open(path)
        taken.append(time.perf_counter() - begun)
    median = statistics.median(taken[1:])
    return Line(
        f"page {path}, {HEARINGS:,} hearings",
        f"{median * 1000:.0f} ms",
        f"{BOUND * 1000:.0f} ms",
        median < BOUND,
    )


def main() -> int:
    """Measure on stores of its own."""
    with tempfile.TemporaryDirectory(prefix="heed-bench-", ignore_cleanup_errors=True) as folder:
        os.environ["HEED_DATA_DIR"] = f"{folder}/data"
        lines = run()
    show(lines)
    return 0 if all(one.kept for one in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
