"""Enrolment: who of these listings is texted, in which arm, and when; run again whenever a fact changes.

Idempotent: it writes each listing's reasons, makes assignments once, writes the reminders that are owed and takes back those that
no longer are. Callers hold the `reminders:apply` lock, so that one enrolment sees the other's.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.common.context import Heed
from services.common.models import Outbox
from services.common.outbox.intentions import Intention, intend
from services.common.outbox.states import SENT_OR_MAYBE, UNSENT, State
from services.reminders import cases, pilots, plan
from services.reminders.county import County
from services.reminders.models import Listing

REMINDER, CHANGE, NO_LONGER = "reminder", "change", "no-longer"
KINDS = (REMINDER, CHANGE, NO_LONGER)
# Danger answers and replies go first (common.answers), then changes, then reminders.
PRIORITY = {CHANGE: 30, NO_LONGER: 30, REMINDER: 50}


def enrol(heed: Heed, county: County, session: Session, listing_ids: Collection[int], now: datetime) -> None:
    """Look again at these listings, and at everyone who shares a number or a visit with them."""
    if not listing_ids:
        return
    session.flush()
    judged = cases.judge(heed, county, session, set(listing_ids) | cases.sharing(session, listing_ids), now)
    texts = _texts(session, judged)
    arms = pilots.Arms(session, {case.person.id for case in judged.values()})
    owed: list[Intention] = []
    for case in judged.values():
        codes = list(case.codes)
        # Assignment comes before anything about reachability beyond the eligibility rules, and is never changed.
        arm = arms.of(case.listing, now, assign=not codes)
        if not codes and arm and not arm.texted:
            codes = ["control-arm"]
        case.listing.reasons = codes = _on_record(case.listing, codes, now)
        case.listing.eligible = not codes or codes == ["control-arm"]
        owed += _plan(county, case.listing, texts[case.listing.id], now)
    session.flush()
    intend(session, owed, now)


def _on_record(row: Listing, codes: list[str], now: datetime) -> list[str]:
    """Why somebody was not texted stays as it was said before the hearing began: the pilot's flow counts it."""
    if row.status == "heard":
        return ["resulted", *(code for code in row.reasons if code != "resulted")]
    begun = row.starts_at is not None and row.starts_at <= now
    judged = row.eligible or bool(row.reasons)
    return list(row.reasons) if row.status == "listed" and begun and judged else codes


def _texts(session: Session, ids: Collection[int]) -> dict[int, list[Outbox]]:
    """What each listing has in the outbox, of every kind and version."""
    found: dict[int, list[Outbox]] = defaultdict(list)
    for row in session.scalars(
        select(Outbox).where(Outbox.kind.in_(KINDS), Outbox.subject_id.in_(list(ids)))
    ):
        found[row.subject_id].append(row)
    return found


def _plan(county: County, row: Listing, texts: Iterable[Outbox], now: datetime) -> list[Intention]:
    """Take back what one listing no longer owes; what it owes now."""
    texts = list(texts)
    texted = not row.reasons
    sent = [one for one in texts if one.state in SENT_OR_MAYBE and one.kind != NO_LONGER]
    called_off = row.status == "cancelled"
    for one in texts:
        stands = (texted and one.version == row.version and one.kind != NO_LONGER) or (
            called_off and one.kind == NO_LONGER
        )
        if one.state in UNSENT and not stands:
            one.state, one.reason, one.settled_at = (
                State.CANCELLED,
                row.reasons[0] if row.reasons else "moved",
                now,
            )
    if row.starts_at is None or row.starts_at <= now:
        return []
    if called_off and sent:
        return [_change(NO_LONGER, county, row, now)]
    if not texted:
        return []
    owed = [_reminder(row, moment) for moment in plan.moments(county.plan, row.starts_at, now)]
    if any(one.version != row.version for one in sent):
        return [_change(CHANGE, county, row, now), *owed]
    # The reminder of a late listing is for someone who is owed none and had none.
    waiting = [one for one in texts if one.state in UNSENT]
    late = [] if owed or sent or waiting else plan.late(county.plan, row.starts_at, now)
    return [*owed, *(_reminder(row, moment) for moment in late)]


def _reminder(row: Listing, moment: plan.Moment) -> Intention:
    return Intention(
        dedupe_key=f"{REMINDER}:{row.person_id}:{row.id}:{row.version}:{moment.step}",
        kind=REMINDER,
        subject_id=row.id,
        step=moment.step,
        version=row.version,
        due_at=moment.due_at,
        useful_until=moment.useful_until,
        priority=PRIORITY[REMINDER],
    )


def _change(kind: str, county: County, row: Listing, now: datetime) -> Intention:
    """A change or no-longer text goes at the window's next opening, while the hearing's time lies ahead."""
    assert row.starts_at is not None  # noqa: S101 - the caller looks
    return Intention(
        dedupe_key=f"{kind}:{row.person_id}:{row.id}:{row.version}",
        kind=kind,
        subject_id=row.id,
        step=kind,
        version=row.version,
        due_at=plan.into_window(county.plan, now),
        useful_until=row.starts_at,
        priority=PRIORITY[kind],
    )
