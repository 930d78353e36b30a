"""What a delivery says becomes rows: listings, deletions, results, and who is enrolled."""

import gc
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from services.common import progress
from services.common.context import Heed
from services.reminders import enrolment, outcomes
from services.reminders.feeds import csv_listings
from services.reminders.feeds.parse import parse
from services.reminders.feeds.records import Batch, FeedError, Rejection
from services.reminders.listings import (
    Counts,
    Upsert,
    apply_deletion,
    apply_listings,
    apply_prepared,
    standing,
)
from services.reminders.models import Delivery, HearingVersion
from services.reminders.prepared import Prepared, prepare
from services.reminders.snapshots import apply_snapshots

PART = 4000  # rows of a list that are held in memory at once
TURN = 0.0002  # seconds


def apply_body(upsert: Upsert, delivery: Delivery, body: bytes, counts: Counts) -> list[Rejection]:
    """Apply a body in its format; the records left out. Raises FeedError where none of it can be applied."""
    if delivery.format == "csv":
        return _apply_rows(upsert, body, counts)
    batch = parse(body, delivery.format, event=delivery.event, hearing_id=delivery.hearing_id)
    _apply_batch(upsert, delivery, batch, counts)
    return batch.rejections


def _apply_rows(upsert: Upsert, body: bytes, counts: Counts) -> list[Rejection]:
    """A list of any length, a part at a time. A row that came before just so, and stands, costs no more than finding that out."""
    # A plan made while the tables were small would walk through them at every part, as they grow. A walk looks cheap beside some
    # thousand looks into an index, and is not where each part takes one.
    upsert.session.execute(
        text("SET LOCAL plan_cache_mode = force_custom_plan; SET LOCAL enable_seqscan = off")
    )
    rows = csv_listings.rows(csv_listings.opened(body))
    rejected: list[Rejection] = []
    read = 0
    part = _read(upsert.heed, rows, wholly=False)
    if not part:
        raise FeedError(
            "empty-list",
            "The list has a header and no rows: what was known stays; send it again with its rows.",
        )
    with ThreadPoolExecutor(1) as writer, _uncollected(), _soon_in_turn():
        while part:
            read += len(part)
            progress.tell(read)
            same = set() if upsert.replays else standing(upsert.session, [one.record for one in part])
            new = [_prepared(upsert.heed, one) for one in part if one.record not in same]
            counts.hearings += len(part) - len(new)
            counts.unchanged += len(part) - len(new)
            rejected += [one for one in new if isinstance(one, Rejection)]
            apply_prepared(upsert, [one for one in new if isinstance(one, Prepared)], set(), counts)
            decided = _decide(upsert)
            writing = [writer.submit(one.send) for one in decided.rows]
            writing.append(writer.submit(decided.finish))
            # The next part is read while PostgreSQL takes in this one: of a list that is new, every row.
            part, new = [], []
            part = _read(upsert.heed, rows, wholly=not same)
            for one in writing:
                one.result()
    return rejected


@contextmanager
def _uncollected() -> Iterator[None]:
    """A list makes no cycles; looking for some among its rows took an eighth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@contextmanager
def _soon_in_turn() -> Iterator[None]:
    """The thread that sends has next to nothing to do each time that PostgreSQL takes more, and should not wait five milliseconds
    for its turn: PostgreSQL stood still for a fifth of the time."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(TURN)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


@dataclass(slots=True, repr=False)
class _Read:
    """The keyed hash of a list's row as written; and what it lists, or the row itself where that was not asked yet."""

    record: bytes
    row: csv_listings.Row | Prepared | Rejection


def _read(heed: Heed, rows: Iterator[csv_listings.Row | Rejection], *, wholly: bool) -> list[_Read]:
    """The next part of a list."""
    part = []
    for row in islice(rows, PART):
        one = _Read(_record(heed, row), row)
        if wholly:
            one.row = _prepared(heed, one)
        part.append(one)
    return part


def _record(heed: Heed, row: csv_listings.Row | Rejection) -> bytes:
    """The keyed hash of a row as written; of one that is no row, nothing that a listing can stand on."""
    return heed.index.of(row.written, "record") if isinstance(row, csv_listings.Row) else b""


def _prepared(heed: Heed, one: _Read) -> Prepared | Rejection:
    """What a row lists."""
    if not isinstance(one.row, csv_listings.Row):
        return one.row
    found = csv_listings.listing(one.row)
    if isinstance(found, Rejection):
        return found
    found.record = one.record
    return prepare(heed, found)


def _apply_batch(upsert: Upsert, delivery: Delivery, batch: Batch, counts: Counts) -> None:
    if batch.snapshots:
        apply_snapshots(upsert, batch, counts)
        _enrol(upsert)
        return
    keys = sorted(
        {one.hearing_key for one in batch.listings}
        | {one.hearing_key for one in batch.results}
        | {*batch.deleted, *batch.hearing_keys}
    )
    known = _versions(upsert.session, keys)
    single, again = len(keys) == 1, delivery.replays is not None
    if single and known[keys[0]].applied_digest == delivery.digest and not again:
        counts.hearings = counts.unchanged = len(batch.listings)
        return
    if batch.event == "delete":
        for key in (one for one in batch.deleted if _is_newer(known[one], batch.version, again=again)):
            counts.hearings += apply_deletion(upsert, key, counts)
            known[key].deleted_at = upsert.now
            known[key].version = batch.version or known[key].version
    else:
        # The older never overwrites the newer, and after a DELETE only a later push restores.
        fresh = {key for key in keys if _is_newer(known[key], batch.version, again=again)}
        whole = fresh & set(batch.hearing_keys) if batch.complete else set()
        apply_listings(upsert, [one for one in batch.listings if one.hearing_key in fresh], whole, counts)
        stale = [one for one in batch.listings if one.hearing_key not in fresh]
        counts.hearings += len(stale)
        counts.unchanged += len(stale)
        outcomes.apply_results(upsert, batch, fresh, counts)
        for key in fresh:
            known[key].version = batch.version or known[key].version
            known[key].deleted_at = None
    for key in keys if single and not again else []:
        known[key].applied_digest = delivery.digest
    # Last of all: who is enrolled depends on the results too.
    _enrol(upsert)


def _enrol(upsert: Upsert) -> None:
    """Look at everything that was touched, and write what is new."""
    _decide(upsert).write()


def _decide(upsert: Upsert) -> enrolment.Decided:
    """Look at everything that was touched; what is left is to write it."""
    decided = enrolment.decide(
        upsert.heed,
        upsert.county,
        upsert.session,
        upsert.touched,
        upsert.now,
        fresh=upsert.fresh,
        moved=upsert.moved,
        moments=upsert.moments,
    )
    upsert.touched.clear()
    upsert.moved.clear()
    return decided


def _versions(session: Session, keys: list[str]) -> dict[str, HearingVersion]:
    rows = session.scalars(select(HearingVersion).where(HearingVersion.hearing_key.in_(keys)))
    known = {row.hearing_key: row for row in rows}
    for key in keys:
        if key not in known:
            known[key] = HearingVersion(hearing_key=key)
            session.add(known[key])
    return known


def _is_newer(known: HearingVersion, version: datetime | None, *, again: bool) -> bool:
    """Unversioned messages apply on arrival; a versioned one if it is newer than the newest, which a repeat is not (a replay
    may say the newest once more)."""
    if version is None or known.version is None:
        return True
    return version > known.version or (again and version == known.version)
