"""Pausing courts by hand, and ending a pause: the hearings of those days are looked at again at once."""

from datetime import date, time, timedelta

from sqlalchemy import select

from services.common.acts import Refused, reason
from services.common.times import at_london, london
from services.reminders.acts import Act
from services.reminders.county import County
from services.reminders.models import Listing, PauseRow

LONGEST = timedelta(days=366)  # a longer one is a slip of the pen: a closed court leaves the county's file


def add(act: Act, court: str | None, since: date, until: date, why: str) -> PauseRow:
    """Pause a court, or every court (None), and take back what was planned for those days. Raises Refused."""
    act.alone()
    row = PauseRow(
        court=_court(act.county, court) if court else None,
        since=since,
        until=until,
        reason=reason(why),
        by=act.by,
        at=act.now,
    )
    today = london(row.at).date()
    if until < since:
        raise Refused("bad-days", "the pause ends before it begins: --until is its last day")
    if until < today:
        raise Refused("bad-days", "these days are over: nothing can be paused any more")
    if until - since > LONGEST or since - today > LONGEST:
        raise Refused(
            "bad-days", "a pause begins within a year and lasts at most a year: look at its days again"
        )
    act.session.add(row)
    act.session.flush()
    days = {"since": since.isoformat(), "until": until.isoformat()}
    act.record(
        "pause-added",
        f"pause:{row.id}",
        court=row.court or "all",
        **days,
        reason=row.reason,
        listings=_look_again(act, row),
    )
    return row


def end(act: Act, pause_id: int) -> PauseRow:
    """End a pause; its hearings are looked at again, and what is still of use is owed again. Raises Refused."""
    act.alone()
    row = act.session.get(PauseRow, pause_id)
    if row is None:
        raise Refused("not-found", f"there is no pause {pause_id}; `heed reminders pause list` shows them")
    if row.ended_at is not None:
        raise Refused("already-ended", f"pause {pause_id} has ended already")
    row.ended_by, row.ended_at = act.by, act.now
    act.session.flush()
    act.record("pause-ended", f"pause:{row.id}", listings=_look_again(act, row))
    return row


def _court(county: County, code: str) -> str:
    court = code.strip()[:5].upper()
    if court not in county.courts:
        known = ", ".join(sorted(county.courts))
        raise Refused("unknown-court", f"no court of this county has the code {code!r}; they are {known}")
    return court


def _look_again(act: Act, row: PauseRow) -> int:
    """Enrol the hearings of these days anew; how many there are."""
    query = select(Listing.id).where(
        Listing.status == "listed",
        Listing.starts_at >= at_london(row.since, time.min),
        Listing.starts_at < at_london(row.until + timedelta(days=1), time.min),
    )
    if row.court:
        query = query.where(Listing.court == row.court)
    found = set(act.session.scalars(query))
    act.enrol(found)
    return len(found)
