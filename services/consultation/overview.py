"""How a consultation goes, at a glance: what came by day, channel and district, and the reconciliation, which must close.

The report counts each of its tables by itself and compares them; this counts once, so that a page over 100,000 responses is quick.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from services.consultation import districts, publicity, reconciliation
from services.consultation.models import Consultation
from services.consultation.report import INVITATIONS
from services.consultation.states import Standing

# By hours first, which are the same in London as anywhere: to reckon 100,000 instants to days of London takes 100 ms more.
BY_DAY = text(
    "SELECT CAST(hour AT TIME ZONE 'Europe/London' AS date), channel, standing, CAST(sum(number) AS bigint) FROM ("
    " SELECT date_bin('1 hour', received_at, 'epoch') AS hour, channel, standing, count(*) AS number FROM submissions"
    " WHERE consultation_id = :id GROUP BY 1, 2, 3) AS hours GROUP BY 1, 2, 3 ORDER BY 1"
)
# Of the analysed, one row a person: whoever stands for others is there for them too.
BY_DISTRICT = text(
    "SELECT CASE WHEN k.out_of_area THEN 'outside' ELSE coalesce(k.district, 'not-known') END, count(*) FROM respondents AS k"
    " WHERE k.consultation_id = :id AND k.merged_into IS NULL AND (k.id IN ("
    " SELECT respondent_id FROM submissions WHERE consultation_id = :id AND standing = 'counted') OR k.id IN ("
    " SELECT r.merged_into FROM respondents AS r JOIN submissions AS s ON s.respondent_id = r.id"
    " WHERE r.merged_into IS NOT NULL AND s.consultation_id = :id AND s.standing = 'counted')) GROUP BY 1"
)
TOTALS = text(
    "SELECT consultation_id, count(*), count(*) FILTER (WHERE standing = 'counted') FROM submissions GROUP BY 1"
)


def of(session: Session, row: Consultation) -> dict[str, Any]:
    """The figures of one consultation. `reconciliation` is None, and `unclosed` says where, where the table does not close."""
    ask = {"id": row.id}
    days: dict[date, Counter[str]] = {}
    received: Counter[str] = Counter()
    standings: Counter[tuple[str, str]] = Counter()
    for day, channel, standing, number in session.execute(BY_DAY, ask):
        known = days.setdefault(day, Counter())
        known["received"] += number
        known["analysed"] += number if standing == Standing.COUNTED else 0
        known[channel] += number
        received[channel] += number
        standings[channel, standing] += number
    found: dict[str, Any] = {"reconciliation": None, "unclosed": None}
    try:
        found["reconciliation"] = [asdict(line) for line in reconciliation.table(received, standings)]
    except reconciliation.NotClosed as error:
        found["unclosed"] = str(error)
    people = Counter({district: number for district, number in session.execute(BY_DISTRICT, ask)})  # noqa: C416 - rows, not pairs
    return found | {
        "received": received.total(),
        "analysed": sum(one["analysed"] for one in days.values()),
        "people": people.total(),
        "days": [{"day": day, **counts} for day, counts in days.items()],
        "channels": dict(received),
        "districts": {one: people[one] for one in [*districts.names(), districts.OUTSIDE, "not-known"]},
        "invitations": invitations(session, row.id),
        "publicity": publicity.listed(session, row.id),
    }


def invitations(session: Session, consultation_id: str) -> dict[str, int]:
    """How many were invited, sent, not sent, and how many answered."""
    return dict(session.execute(INVITATIONS, {"id": consultation_id}).mappings().one())


def listed(session: Session, now: datetime) -> list[dict[str, Any]]:
    """Every consultation that was launched, the newest first, with what it has received, and whether it is open."""
    totals = {name: (every, counted) for name, every, counted in session.execute(TOTALS)}
    rows = session.scalars(select(Consultation).order_by(Consultation.launched_at.desc(), Consultation.id))
    return [
        {
            "id": row.id,
            "title": row.title,
            "kind": row.kind,
            "opens_at": row.opens_at,
            "last_day": last_day(row),
            "state": state(row, now),
            "received": totals.get(row.id, (0, 0))[0],
            "analysed": totals.get(row.id, (0, 0))[1],
        }
        for row in rows
    ]


def state(row: Consultation, now: datetime) -> str:
    """Whether a consultation is `coming`, `open` or `closed`."""
    if now < row.opens_at:
        return "coming"
    return "closed" if row.closes_at is not None and now >= row.closes_at else "open"


def last_day(row: Consultation) -> datetime | None:
    """An instant within the last day on which it is open; None where it does not close."""
    return row.closes_at - timedelta(minutes=1) if row.closes_at else None


def every_day(days: Sequence[dict[str, Any]], most: int) -> list[dict[str, Any]]:
    """The last days, those without a response included, for a chart: at most so many, the latest last."""
    if not days:
        return []
    known = {one["day"]: one for one in days}
    last = days[-1]["day"]
    number = min(most, (last - days[0]["day"]).days + 1)
    every = [last - timedelta(days=back) for back in reversed(range(number))]
    return [known.get(day, {"day": day, "received": 0, "analysed": 0}) for day in every]
