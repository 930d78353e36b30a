"""A feed's whole list of a court room on a day, issued again and again: the newer replaces the older (REMINDERS §2 A).

It has no tombstones. A case that a newer issue lacks is looked for in the court's other rooms, and else held: nobody is told "cancelled"
on that evidence.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from services.common.database import among
from services.common.times import at_london
from services.reminders.feeds.records import Batch, Snapshot
from services.reminders.feeds.records import Listing as Listed
from services.reminders.fresh import AnyListing
from services.reminders.listings import Counts, Upsert, apply_listings, suspend
from services.reminders.models import Listing, ListingKey, SnapshotRow


def apply_snapshots(upsert: Upsert, batch: Batch, counts: Counts) -> None:
    """Apply the rooms whose issue is newer than what is known of them, and hold who is in none of them any more."""
    if not batch.listings:
        return
    source = batch.listings[0].source
    by_room = _by_room(source, batch)
    known = _known(upsert.session, source, by_room)
    # A room none of whose cases could be read is a failed push: what was known of it stays.
    fresh = [
        room
        for room in by_room
        if by_room[room] and _is_newer(known.get(_key(room)), room, again=upsert.replays is not None)
    ]
    stale = sum(len(by_room[room]) for room in by_room if room not in fresh)
    counts.hearings += stale
    counts.unchanged += stale
    placed = apply_listings(
        upsert, [one for room in fresh for one in by_room[room]], set(), counts, rooms=True
    )
    suspend(upsert, _missing(upsert.session, source, fresh, placed), counts)
    for room in fresh:
        row = known.get(_key(room)) or SnapshotRow(
            source=source, court=room.court, day=room.day, room=room.room
        )
        row.version, row.delivery_id = room.version, upsert.delivery_id
        upsert.session.add(row)


def _key(room: Snapshot) -> tuple[str, object, str]:
    return room.court, room.day, room.room


def _prefix(source: str, room: Snapshot) -> str:
    """How the keys of the hearings in a room on a day begin."""
    return f"{source}:{room.court}:{room.day}:{room.room}:"


def _by_room(source: str, batch: Batch) -> dict[Snapshot, list[Listed]]:
    """Each room's listings. Of two rooms whose names begin alike the longer name is meant."""
    rooms = sorted(batch.snapshots, key=lambda room: -len(room.room))
    found: dict[Snapshot, list[Listed]] = {room: [] for room in rooms}
    for one in batch.listings:
        room = next(room for room in rooms if one.hearing_key.startswith(_prefix(source, room)))
        found[room].append(one)
    return found


def _known(
    session: Session, source: str, rooms: Collection[Snapshot]
) -> Mapping[tuple[str, object, str], SnapshotRow]:
    rows = session.scalars(
        select(SnapshotRow).where(
            SnapshotRow.source == source,
            among(SnapshotRow.court, {room.court for room in rooms}),
            SnapshotRow.day.in_({room.day for room in rooms}),
        )
    )
    return {(row.court, row.day, row.room): row for row in rows}


def _is_newer(known: SnapshotRow | None, room: Snapshot, *, again: bool) -> bool:
    """A replay may say once more what the newest issue said; a list without a version applies on arrival."""
    if known is None or known.version is None or room.version is None:
        return True
    return room.version > known.version or (again and room.version == known.version)


def _missing(
    session: Session, source: str, rooms: Sequence[Snapshot], placed: Collection[int]
) -> list[AnyListing]:
    """Listings that stood in one of these rooms and that the new issue has in no room."""
    if not rooms:
        return []
    prefixes = tuple(_prefix(source, room) for room in rooms)
    on_those_days = _on_days(rooms)
    own = session.scalars(select(Listing).where(Listing.source == source, on_those_days))
    found = {row.id: row for row in own if row.hearing_key.startswith(prefixes)}
    also = session.execute(
        select(ListingKey.hearing_key, Listing)
        .join(Listing, Listing.id == ListingKey.listing_id)
        .where(Listing.source != source, on_those_days)
    )
    found |= {row.id: row for key, row in also if key.startswith(prefixes)}
    return [row for number, row in sorted(found.items()) if number not in placed]


def _on_days(rooms: Sequence[Snapshot]) -> ColumnElement[bool]:
    """Listed at these courts on these days."""
    days = {(room.court, room.day) for room in rooms}
    midnight = datetime.min.time()
    return or_(
        *(
            (Listing.court == court)
            & (Listing.starts_at >= at_london(day, midnight))
            & (Listing.starts_at < at_london(day + timedelta(days=1), midnight))
            for court, day in sorted(days)
        )
    )
