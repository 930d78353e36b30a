"""What happened: a result becomes one outcome a listing and day, recomputed from the latest word, its history kept."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.common import audit
from services.common.database import among, serialise
from services.common.logs import log
from services.common.times import london_day
from services.reminders import after_court, enrolment, people
from services.reminders.adjournments import Adjournment, adjournment
from services.reminders.days import row_days
from services.reminders.feeds.records import Batch, Result
from services.reminders.feeds.records import Listing as Listed
from services.reminders.fresh import AnyListing, AnyPerson
from services.reminders.listings import Counts, Upsert, apply_listings, existing
from services.reminders.models import HearingVersion, Listing, ListingKey, OutcomeRow
from services.reminders.outcome_rules import Outcome, decide

# Of an outcome's detail: when it was said, what follows from it for other hearings (after_court), and whether it put the case off.
WHEN = ("version", "said_at")
AFTER = ("case_ended", "custody", "adjourned", "until", *WHEN)


def apply_results(upsert: Upsert, batch: Batch, fresh: Collection[str], counts: Counts) -> None:
    """Write each result's outcome to the listing it speaks of; one never listed becomes a hearing known by its result.

    `fresh` are the hearings of which nothing newer is known. What any word of the batch changes for hearings to come follows from
    it (after_court).
    """
    heard = _apply(upsert, batch, fresh, counts) if batch.results else set()
    after_court.follow(upsert, batch, fresh, heard)


def _apply(upsert: Upsert, batch: Batch, fresh: Collection[str], counts: Counts) -> set[int]:
    """The people whose results these are."""
    # Whoever the message lists is written first: what follows looks people and listings up.
    upsert.fresh.write(upsert.session)
    everyone = people.People(upsert.heed, upsert.session, upsert.now, upsert.fresh)
    identified = [
        people.identify(upsert.heed, one.person_keys, one.case_refs, one.person) for one in batch.results
    ]
    everyone.load(identified)
    named = [
        # An old message's name does not take the place of a newer one.
        (
            one,
            (None if one.hearing_key in fresh else everyone.find(identity.keys))
            or everyone.find_or_make(identity)[0],
        )
        for one, identity in zip(batch.results, identified, strict=True)
    ]
    upsert.fresh.write(upsert.session)
    counts.results += len(named)
    for result, person in named:
        listing = _listing_of(upsert.session, result, person) or _known_by_result(
            upsert, batch, result, person
        )
        decided = decide(result.attendance, result.codes)
        if _write(
            upsert.session,
            listing,
            result.day,
            decided,
            _said(
                decided, _custody_after(decided, result), _put_off(decided, result), batch.version, upsert.now
            ),
            source=f"feed:{result.source}",
            by="feed",
            at=upsert.now,
            version=batch.version,
            said_at=(upsert.replays.applied_at or upsert.replays.received_at) if upsert.replays else None,
        ):
            upsert.touched.add(listing.id)
        if decided.unknown_codes:
            log.warning("unknown-result-codes", listing_id=listing.id, codes=list(decided.unknown_codes))
    upsert.session.flush()
    _list_next(
        upsert, [one.next_listing for one in batch.results if one.next_listing and one.hearing_key in fresh]
    )
    return {person.id for _, person in named}


def _custody_after(decided: Outcome, result: Result) -> str:
    """Custody or bail as the result leaves it. Without a remand the feed's word may be of before the hearing: bail counts, custody
    does not."""
    return "custody" if decided.remanded else "unknown" if result.custody == "custody" else result.custody


def _put_off(decided: Outcome, result: Result) -> Adjournment:
    """Whether the day put the case off; a hearing that it lists at another court is the case going on."""
    listed = result.next_listing
    here = listed is not None and listed.court == result.court
    next_day = london_day(listed.days[0].starts_at) if listed and here else None
    return adjournment(decided, result.codes, result.day, next_day)


def _said(
    outcome: Outcome, custody: str, put_off: Adjournment, version: datetime | None, at: datetime
) -> dict[str, Any]:
    """An outcome's detail. `version` and `said_at` are when the feed said what follows for other hearings (after_court)."""
    return {
        "unknown_codes": list(outcome.unknown_codes),
        "backed_for_bail": outcome.backed_for_bail,
        "case_ended": outcome.case_ended,
        "custody": custody,
        "adjourned": put_off.word,
        "until": put_off.until.isoformat() if put_off.until else None,
        "version": version.isoformat() if version else None,
        "said_at": at.isoformat(),
    }


def _list_next(upsert: Upsert, listings: Sequence[Listed]) -> None:
    """A result that lists a next hearing creates it: not a first hearing, so nobody is texted, but moves can be followed.

    It says so until the hearing's own push speaks.
    """
    keys = [one.hearing_key for one in listings]
    spoken = set(
        upsert.session.scalars(
            select(HearingVersion.hearing_key)
            .where(among(HearingVersion.hearing_key, keys))
            .union(select(ListingKey.hearing_key).where(among(ListingKey.hearing_key, keys)))
        )
    )
    fresh = [one for one in listings if one.hearing_key not in spoken]
    if fresh:
        apply_listings(upsert, fresh, set(), Counts())
        upsert.fresh.write(upsert.session)


def _listing_of(session: Session, result: Result, person: AnyPerson) -> AnyListing | None:
    """By the hearing's own key, else by court, day, case and person."""
    by_key = existing(session, [result.hearing_key]).get((result.hearing_key, person.id))
    if by_key is not None:
        return by_key
    rows = session.scalars(
        select(Listing)
        .where(
            Listing.person_id == person.id,
            Listing.case_refs.overlap(list(result.case_refs)),
            Listing.court == result.court,
        )
        .order_by(Listing.id)
    )
    return next((row for row in rows if result.day in row_days(row)), None)


def _known_by_result(upsert: Upsert, batch: Batch, result: Result, person: AnyPerson) -> AnyListing:
    """A hearing that nobody listed before. An older message may list it: somebody whom the newest one no longer names was in court
    all the same, on the terms of that message."""
    own = (result.hearing_key, result.person_keys)
    listed = [one for one in batch.listings if (one.hearing_key, one.person_keys) == own]
    if listed:
        apply_listings(upsert, listed, set(), Counts())
        upsert.fresh.write(upsert.session)
        return existing(upsert.session, [result.hearing_key])[result.hearing_key, person.id]
    listing = Listing(
        person_id=person.id,
        hearing_key=result.hearing_key,
        source=result.source,
        case_refs=list(result.case_refs),
        court=result.court,
        first_hearing=False,
        custody=result.custody,
        box_hearing=False,
        guilty_plea_by_post=False,
        interpreter=False,
        offence_codes=[],
        markers=[],
        doubts=["known-by-result"],
        days=[],
        stated={},
        content=b"",
        status="heard",
        delivery_id=upsert.delivery_id,
        created_at=upsert.now,
        updated_at=upsert.now,
    )
    upsert.session.add(listing)
    upsert.session.flush()
    return listing


def enter_by_hand(upsert: Upsert, listing: Listing, day: date, facts: dict[str, str], by: str) -> bool:
    """An outcome typed by a person, who is never shown the arm. It stands until a newer word replaces it: its version is now."""
    serialise(upsert.session, "reminders:apply")
    changed = write_by_hand(upsert.session, listing, day, facts, by, upsert.now)
    upsert.session.flush()
    enrolment.enrol(upsert.heed, upsert.county, upsert.session, {listing.id}, upsert.now)
    audit.record(upsert.session, by, "outcome-entered", f"listing:{listing.id}", changed=changed)
    return changed


def write_by_hand(
    session: Session, listing: AnyListing, day: date, facts: dict[str, str], by: str, now: datetime
) -> bool:
    """Let a person's three facts stand for a day; True where they say something new. Enrolment and the audit log are the caller's."""
    outcome = Outcome(
        attendance=facts["attendance"],  # type: ignore[arg-type] # the edge has checked the words
        fta=facts["fta"],  # type: ignore[arg-type]
        warrant=facts["warrant"],  # type: ignore[arg-type]
        reason="by-hand",
    )
    before = _standing(session, listing.id, day)
    detail = _said(outcome, "unknown", Adjournment("unknown"), None, now)
    if before is not None:
        # Nobody is asked about custody, the case's end or an adjournment: what a feed said of them stays.
        detail |= {name: before.detail[name] for name in AFTER if name in before.detail}
    return _write(session, listing, day, outcome, detail, source="office", by=by, at=now, version=now)


def _write(
    session: Session,
    listing: AnyListing,
    day: date,
    outcome: Outcome,
    detail: dict[str, Any],
    *,
    source: str,
    by: str,
    at: datetime,
    version: datetime | None,
    said_at: datetime | None = None,
) -> bool:
    """Let an outcome stand for a day; True where it says something new. An older version never replaces a newer one, nor a
    replayed word without a version (first applied at `said_at`) what was entered since."""
    listing.status = "heard" if listing.status != "cancelled" else listing.status
    before = _standing(session, listing.id, day)
    said = {
        "attendance": outcome.attendance,
        "fta": outcome.fta,
        "warrant": outcome.warrant,
        "reason": outcome.reason,
    }
    if before is not None:
        if version and before.version and version < before.version:
            return False
        if version is None and said_at is not None and before.entered_at > said_at:
            return False
        same = all(before.detail.get(name) == detail[name] for name in detail if name not in WHEN)
        if same and {name: getattr(before, name) for name in said} == said:
            if version and (before.version is None or version > before.version):
                before.version, before.detail = version, detail
            return False
        before.superseded_at = at
        session.flush()
    session.add(
        OutcomeRow(
            listing_id=listing.id,
            day=day,
            source=source,
            detail=detail,
            entered_by=by,
            entered_at=at,
            version=version,
            **said,
        )
    )
    return True


def _standing(session: Session, listing_id: int, day: date) -> OutcomeRow | None:
    return session.scalar(
        select(OutcomeRow).where(
            OutcomeRow.listing_id == listing_id, OutcomeRow.day == day, OutcomeRow.superseded_at.is_(None)
        )
    )


def standing(session: Session, listing_ids: Sequence[int]) -> dict[int, list[OutcomeRow]]:
    """The outcomes that stand for each listing, by day."""
    rows = session.scalars(
        select(OutcomeRow)
        .where(OutcomeRow.listing_id.in_(listing_ids), OutcomeRow.superseded_at.is_(None))
        .order_by(OutcomeRow.day)
    )
    found: dict[int, list[OutcomeRow]] = {}
    for row in rows:
        found.setdefault(row.listing_id, []).append(row)
    return found
