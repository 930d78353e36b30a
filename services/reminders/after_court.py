"""What a result says of the same person's later hearings: a case that has ended, somebody remanded in custody.

Nobody is texted about either. The later hearing gets a doubt, so that it is held for a person to look at: one offence may have ended
and another go on. The newer word counts: whatever a feed says of that hearing after the result takes the doubt away, and so does a
later bail. Only what Heed texts about is looked at, which is first hearings.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select, union_all
from sqlalchemy.orm import Session

from services.common.database import among
from services.common.times import london
from services.reminders.feeds.fields import is_placeholder
from services.reminders.feeds.records import Batch
from services.reminders.listings import Upsert
from services.reminders.models import HearingVersion, Listing, ListingKey, OutcomeRow

CASE_ENDED, REMANDED = "case-ended", "remanded"


@dataclass(frozen=True, slots=True)
class Spoken:
    """When a word was said: by its feed's clock where it has a version, and when it arrived here."""

    version: datetime | None
    arrived: datetime

    def after(self, other: "Spoken") -> bool:
        """Whether this word is the newer. Two versions are compared as such; else what arrived later is newer."""
        if self.version and other.version:
            return self.version > other.version
        return self.arrived > other.arrived


@dataclass(frozen=True, slots=True)
class Word:
    """What the court said of somebody on one day: `custody` after the hearing, and whether these cases ended for them."""

    listing_id: int
    day: date
    case_refs: frozenset[str]
    custody: str
    ended: bool
    spoken: Spoken


def doubts(day: date, case_refs: Collection[str], spoken: Spoken, words: Iterable[Word]) -> list[str]:
    """The doubts that a hearing on a day has from results of earlier days, given when a feed last spoke of it. Pure.

    A remand holds every later hearing of the person; the end of a case those of that case.
    """
    counting = [word for word in words if word.day < day and not spoken.after(word.spoken)]
    own = [word for word in counting if not word.case_refs.isdisjoint(case_refs)]
    held = []
    if any(word.ended for word in _latest(own)):
        held.append(CASE_ENDED)
    if any(word.custody == "custody" for word in _latest([one for one in counting if _speaks(one)])):
        held.append(REMANDED)
    return held


def _speaks(word: Word) -> bool:
    return word.custody != "unknown"


def _latest(words: Collection[Word]) -> list[Word]:
    last = max((word.day for word in words), default=None)
    return [word for word in words if word.day == last]


def follow(upsert: Upsert, batch: Batch, fresh: Collection[str], person_ids: Collection[int]) -> None:
    """Look again at the hearings to come of everybody whom this delivery speaks of; what changes is in `upsert.touched`.

    `fresh` are the hearings of which this delivery is the newest word, `person_ids` whose results it has.
    """
    concerned = set(person_ids) | {row.person_id for row in upsert.fresh.listings.values()}
    concerned |= _listed_in(upsert.session, {one.hearing_key for one in batch.listings})
    words = _words(upsert.session, concerned)
    if not words:
        return
    upsert.fresh.write(upsert.session)
    rows = upsert.session.scalars(
        select(Listing).where(
            among(Listing.person_id, words.keys()), Listing.first_hearing, Listing.status == "listed"
        )
    ).all()
    versions = _versions(upsert, batch, fresh, rows)
    for row in rows:
        if row.starts_at is None:
            continue
        own = [word for word in words[row.person_id] if word.listing_id != row.id]
        spoken = Spoken(versions.get(row.id), row.updated_at)
        refs = {ref for ref in row.case_refs if not is_placeholder(ref)}
        found = [one for one in row.doubts if one not in (CASE_ENDED, REMANDED)]
        found += doubts(london(row.starts_at).date(), refs, spoken, own)
        if found != row.doubts:
            row.doubts = found
            upsert.touched.add(row.id)


def _listed_in(session: Session, keys: Collection[str]) -> set[int]:
    named = select(Listing.person_id).where(among(Listing.hearing_key, keys))
    also = select(ListingKey.person_id).where(among(ListingKey.hearing_key, keys))
    return set(session.scalars(union_all(named, also)))


def _words(session: Session, person_ids: Collection[int]) -> dict[int, list[Word]]:
    """The outcomes that stand of each of these people, as words about what comes after."""
    found: dict[int, list[Word]] = defaultdict(list)
    rows = session.execute(
        select(OutcomeRow, Listing)
        .join(Listing, Listing.id == OutcomeRow.listing_id)
        .where(among(Listing.person_id, person_ids), OutcomeRow.superseded_at.is_(None))
    )
    for outcome, listing in rows:
        # A row written before these were kept, or for a report alone, says nothing of what comes after.
        said = outcome.detail
        version, said_at = said.get("version"), said.get("said_at")
        found[listing.person_id].append(
            Word(
                listing_id=listing.id,
                day=outcome.day,
                case_refs=frozenset(listing.case_refs),
                custody=said.get("custody", "unknown"),
                ended=bool(said.get("case_ended")),
                spoken=Spoken(
                    datetime.fromisoformat(version) if version else None,
                    datetime.fromisoformat(said_at) if said_at else outcome.entered_at,
                ),
            )
        )
    return found


def _versions(
    upsert: Upsert, batch: Batch, fresh: Collection[str], rows: Collection[Listing]
) -> dict[int, datetime]:
    """The newest version of each hearing under any of its keys, this delivery's included."""
    ids = {row.id for row in rows}
    keys = union_all(
        select(Listing.id.label("listing_id"), Listing.hearing_key).where(among(Listing.id, ids)),
        select(ListingKey.listing_id, ListingKey.hearing_key).where(among(ListingKey.listing_id, ids)),
    ).subquery()
    known = upsert.session.execute(
        select(keys.c.listing_id, keys.c.hearing_key, func.max(HearingVersion.version))
        .outerjoin(HearingVersion, HearingVersion.hearing_key == keys.c.hearing_key)
        .group_by(keys.c.listing_id, keys.c.hearing_key)
    )
    spoken_now = {one.hearing_key for one in batch.listings if one.hearing_key in fresh}
    found: dict[int, datetime] = {}
    for listing_id, key, version in known:
        said = [at for at in (version, batch.version if key in spoken_now else None) if at]
        if said:
            found[listing_id] = max([*said, *([found[listing_id]] if listing_id in found else [])])
    return found
