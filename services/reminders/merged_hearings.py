"""The hearings of two records that are one human.

The other's go to the record that is kept. A hearing that both are listed for stays in two rows: the kept one's stands, and the
other's is held as `suspended`, so that nobody is texted twice and nothing is lost.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import delete, select, text, update

from services.reminders import told
from services.reminders.acts import Act
from services.reminders.days import row_days
from services.reminders.enrolment import KINDS
from services.reminders.listings import NEXT
from services.reminders.models import HearingVersion, Listing, ListingKey

# A reminder's promise names its person: it follows the listing, or the same text would be promised twice.
PROMISES = text(
    "UPDATE outbox SET dedupe_key = kind || ':' || :to || substr(dedupe_key, length(kind || ':' || :from) + 1)"
    " WHERE kind = ANY(:kinds) AND subject_id = ANY(:listings) AND starts_with(dedupe_key, kind || ':' || :from || ':')"
)


def move(act: Act, kept_id: int, other_id: int) -> dict[str, Any]:
    """Move the other's listings; hold those of a hearing that the kept one is listed for, and let feeds' keys name the kept row."""
    own, theirs = _of(act, kept_id), _of(act, other_id)
    keys = _hearing_keys(act, [*own, *theirs])
    moved: dict[str, Any] = {"listings": [], "held": [], "joined": [], "stated": [], "told": []}
    for row in theirs:
        stands = next((one for one in own if keys[one.id] & keys[row.id] or _same_hearing(one, row)), None)
        if stands is None:
            moved["listings"].append(row.id)
            continue
        if row.status == "listed":
            row.status = "suspended"
            moved["held"].append([row.id, stands.id, stands.version])
        known = {key for one in own for key in keys[one.id]}
        for key in sorted(keys[row.id] - known):
            act.session.add(ListingKey(hearing_key=key, person_id=kept_id, listing_id=stands.id))
            keys[stands.id].add(key)
            moved["joined"].append(key)
        # What another feed states of the time counts on: where the two differ, nobody is told either.
        for source in row.stated.keys() - stands.stated.keys():
            stands.stated = {**stands.stated, source: row.stated[source]}
            moved["stated"].append([stands.id, source])
        moved["told"] += told.adopt(act.session, row, stands, act.now)
    _hand_over(act, moved["listings"], other_id, kept_id)
    return moved


def give_back(act: Act, moved: dict[str, Any], kept_id: int, other_id: int) -> None:
    """Undo `move` by what it has noted."""
    _hand_over(act, moved["listings"], kept_id, other_id)
    for listing_id, stands_id, version in moved["held"]:
        row, stands = act.session.get_one(Listing, listing_id), act.session.get_one(Listing, stands_id)
        if (row.status, stands.status, stands.version) == ("suspended", "listed", version):
            row.status = "listed"
        else:  # what this row says of the hearing is old: it waits until a feed speaks of it again, in the same bytes or others
            spoken = update(HearingVersion).where(HearingVersion.hearing_key == row.hearing_key)
            act.session.execute(spoken.values(applied_digest=None))
    act.session.execute(
        delete(ListingKey).where(ListingKey.person_id == kept_id, ListingKey.hearing_key.in_(moved["joined"]))
    )
    for listing_id, source in moved["stated"]:
        row = act.session.get_one(Listing, listing_id)
        row.stated = {name: start for name, start in row.stated.items() if name != source}
    told.give_back(act.session, moved["told"])


def _hand_over(act: Act, listing_ids: Collection[int], giver: int, taker: int) -> None:
    """Listings, the keys that feeds know them by, and the promises to text about them, from one person to another."""
    ids = list(listing_ids)
    act.session.flush()
    act.session.execute(update(Listing).where(Listing.id.in_(ids)).values(person_id=taker))
    act.session.execute(update(ListingKey).where(ListingKey.listing_id.in_(ids)).values(person_id=taker))
    act.session.execute(
        PROMISES, {"from": str(giver), "to": str(taker), "kinds": list(KINDS), "listings": ids}
    )


def _of(act: Act, person_id: int) -> list[Listing]:
    return list(
        act.session.scalars(select(Listing).where(Listing.person_id == person_id).order_by(Listing.id))
    )


def _hearing_keys(act: Act, rows: Collection[Listing]) -> dict[int, set[str]]:
    """Every key under which feeds speak of each listing."""
    found = {row.id: {row.hearing_key} for row in rows}
    also = select(ListingKey.listing_id, ListingKey.hearing_key).where(ListingKey.listing_id.in_(found))
    for listing_id, key in act.session.execute(also):
        found[listing_id].add(key)
    return found


def _same_hearing(one: Listing, other: Listing) -> bool:
    """One hearing under two keys: told by two feeds, or by a result before its own push (as `listings` finds it)."""
    return (
        one.court == other.court
        and (one.source != other.source or NEXT in one.hearing_key or NEXT in other.hearing_key)
        and not set(one.case_refs).isdisjoint(other.case_refs)
        and bool(row_days(one) & row_days(other))
    )
