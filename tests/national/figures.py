"""What the day came to: one query a figure, and the judgement of the fault campaign over the carrier's own journal."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from sqlalchemy import text

from services.common.context import Heed
from services.common.settings import CARRIER_RATE
from tests.faults import evidence
from tests.faults.judge import Verdict, judge
from tests.national.nation import Nation

# Real seconds from the first claim to the last: the rate at which texts went, whatever the clock said.
SENDING = (
    "SELECT count(*), coalesce(sum(segments), 0), coalesce(extract(epoch FROM max(claimed_wall) - min(claimed_wall)), 0),"
    " min(claimed_wall) FROM attempts"
)
# The most in any ten real seconds.
PEAK = (
    "SELECT max(n) / 10.0 FROM (SELECT count(*) AS n FROM attempts"
    " GROUP BY floor(extract(epoch FROM claimed_wall) / 10)) AS tens"
)
LATE = (
    "SELECT percentile_disc(ARRAY[0.5, 0.99, 1]) WITHIN GROUP (ORDER BY extract(epoch FROM sent_at - due_at)) FROM outbox"
    " WHERE state = 'accepted' AND kind = 'reminder'"
)
LATE_REAL = (
    "SELECT percentile_disc(ARRAY[0.5, 0.99, 1]) WITHIN GROUP (ORDER BY extract(epoch FROM claimed_wall - first))"
    " FROM attempts, (SELECT min(claimed_wall) AS first FROM attempts) AS f"
)
SENT = "SELECT step, count(*) FROM outbox WHERE state = 'accepted' GROUP BY 1 ORDER BY 2 DESC"
BECAME = (
    "SELECT state || coalesce(': ' || coalesce(reason, 'carrier code ' || error_code), ''), count(*) FROM outbox"
    " GROUP BY 1 ORDER BY 2 DESC"
)
HELD = "SELECT reasons[1], count(*) FROM listings WHERE cardinality(reasons) > 0 GROUP BY 1 ORDER BY 2 DESC"
CALLBACKS = "SELECT status, count(*) FROM status_events GROUP BY 1 ORDER BY 2 DESC"
SIZES = (
    "SELECT coalesce(i.inhparent, c.oid)::regclass::text, sum(pg_total_relation_size(c.oid))::bigint, sum(greatest(c.reltuples, 0)) FILTER (WHERE c.relkind = 'r')::bigint"
    " FROM pg_class c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid"
    " WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace"
    " GROUP BY 1 HAVING sum(pg_total_relation_size(c.oid)) > 1048576 ORDER BY 2 DESC"
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """The campaign's verdict, who was texted without being owed it, and the reasons for which people were held, where they differ."""

    verdict: Verdict
    strangers: int
    held_otherwise: dict[str, tuple[int, int]]

    @property
    def as_it_should(self) -> bool:
        """Whether everybody who was owed a text has one, or a reason on record; and nobody else has any."""
        return not (self.verdict.broken or self.verdict.staff or self.strangers or self.held_otherwise)


def judged(heed: Heed, nation: Nation, journal: Path) -> Judgement:
    """Hold who was owed a text against what the carrier accepted."""
    accepted = evidence.journalled(journal)
    owed = list(nation.promises())
    verdict = judge(owed, evidence.rows(heed, owed), accepted)
    strangers = len(accepted) - sum(1 for one in owed if one.number in accepted)
    found, expected = Counter(dict(_rows(heed, HELD))), nation.held()
    otherwise = {
        reason: (expected[reason], found[reason])
        for reason in expected | found
        if expected[reason] != found[reason]
    }
    return Judgement(verdict, strangers, otherwise)


def lines(
    heed: Heed, nation: Nation, *, listed: tuple[int, float], sent: float, passed_hours: float
) -> Iterator[tuple[str, str]]:
    """The table's rows: what, and how much. `listed` and `sent` are rows and real seconds, as `day` answers them."""
    rows, applying = listed
    yield "people listed, in lists of 43 forces", f"{rows:,}"
    yield (
        "feed rows",
        f"{rows / applying:,.0f}/s: {applying:.0f} s from the first push to the last list applied",
    )
    planned = dict(_rows(heed, "SELECT step, count(*) FROM outbox GROUP BY 1 ORDER BY 1"))
    yield "reminders planned", f"{sum(planned.values()):,}: {_said(planned)}"
    for reason, many in _rows(heed, HELD):
        yield f"held: {reason}", f"{many:,}"
    attempts, segments, seconds, _ = _row(heed, SENDING)
    yield "texts claimed and POSTed, segments", f"{attempts:,}, {segments:,}"
    yield (
        "claimed and POSTed",
        f"{attempts / max(float(seconds), 1):,.0f}/s; the best ten seconds {float(_row(heed, PEAK)[0] or 0):,.0f}/s",
    )
    alone = segments / CARRIER_RATE / 3600
    yield (
        "as fast as the carrier takes them from one sender",
        f"{CARRIER_RATE:g} segments/s: {alone:.1f} hours, half of them later than {alone / 2:.1f}; {ceil(alone / 10)} such senders in ten hours",
    )
    by_step = dict(_rows(heed, SENT))
    yield "sent on the day", f"{sum(by_step.values()):,}: {_said(by_step)}"
    yield "took", f"{sent / 60:.1f} minutes of real time, {passed_hours:.1f} hours on Heed's clock"
    yield "late on Heed's clock: half, 99 of 100, all", _times(_row(heed, LATE)[0])
    yield "late in real time", _times(_row(heed, LATE_REAL)[0])
    for became, many in _rows(heed, BECAME):
        yield f"outbox: {became}", f"{many:,}"
    yield "words of the carrier by callback", _said(dict(_rows(heed, CALLBACKS)))
    with heed.database.begin() as session:
        session.execute(text("ANALYZE"))
    for table, size, many in _rows(heed, SIZES):
        yield f"table {table}", f"{size / 2**20:,.0f} MB, {many:,} rows"


def _times(seconds: list[float] | None) -> str:
    return "; ".join(f"{float(one) / 60:,.1f} min" for one in seconds or [])


def _said(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {many:,}" for name, many in counts.items())


def _rows(heed: Heed, statement: str) -> list[tuple]:  # type: ignore[type-arg]
    with heed.database.begin() as session:
        return [tuple(row) for row in session.execute(text(statement))]


def _row(heed: Heed, statement: str) -> tuple:  # type: ignore[type-arg]
    return _rows(heed, statement)[0]
