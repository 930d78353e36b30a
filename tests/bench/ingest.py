"""Ingest of a county's list, from file to committed rows and plans, against a floor program that only reads, encrypts and copies."""

import csv
import io
import random
import resource
import time
from collections.abc import Callable
from datetime import UTC, datetime

import phonenumbers
from sqlalchemy import text

from services.common.context import Heed
from services.reminders import deliveries
from services.reminders.county import County
from services.reminders.feeds import libra
from services.reminders.models import Delivery
from tests.bench.people import as_csv, listing_rows


def timed(act: Callable[[], object]) -> float:
    """Seconds that an act takes."""
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def floor(heed: Heed, body: bytes) -> None:
    """The least that any program does: read the file, parse each number with `phonenumbers`, encrypt, COPY and upsert."""
    read = csv.reader(io.StringIO(body.decode()))
    next(read)
    now = datetime.now(UTC)
    with heed.database.begin() as session:
        session.execute(text("CREATE TABLE IF NOT EXISTS floor_rows (case_ref text PRIMARY KEY, name_enc bytea, birth_enc bytea, number_enc bytea, number_key bytea, court text, starts text, kind text, bail text, at timestamptz)"))
        session.execute(text("CREATE TEMP TABLE floor_new (LIKE floor_rows) ON COMMIT DROP"))
        connection = session.connection().connection.driver_connection
        assert connection is not None
        with connection.cursor() as cursor, cursor.copy("COPY floor_new FROM STDIN") as copy:
            for case_ref, _, name, born, court, _, day, clock, kind, mobile, bail, _ in read:
                number = phonenumbers.parse(mobile, "GB")
                if not phonenumbers.is_valid_number(number):
                    continue
                e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
                copy.write_row((case_ref, heed.cipher.seal(name, "name"), heed.cipher.seal(born, "birth"), heed.cipher.seal(e164, "number"), heed.index.of(e164, "number"), court, f"{day} {clock}", kind, bail, now))
        session.execute(text("INSERT INTO floor_rows SELECT * FROM floor_new ON CONFLICT (case_ref) DO UPDATE SET name_enc = excluded.name_enc, birth_enc = excluded.birth_enc, number_enc = excluded.number_enc, number_key = excluded.number_key, court = excluded.court, starts = excluded.starts, kind = excluded.kind, bail = excluded.bail, at = excluded.at"))


def ingest(heed: Heed, county: County, body: bytes, form: str = "csv") -> Delivery:
    """A push as a feed makes it: kept, then applied."""
    with heed.database.begin() as session:
        delivery = deliveries.receive(heed, session, deliveries.Push(body, form, "bench"))
        number = delivery.number
    deliveries.apply(heed, county, number)
    with heed.database.begin() as session:
        row = session.get(Delivery, delivery.id)
        assert row is not None and row.status == "applied", row and (row.status, row.rejections)
        return row


def memory() -> float:
    """The most that this process ever held, in MB (resident)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run(heed: Heed, county: County, number: int, massive: bytes | None) -> list[tuple[str, str, str]]:
    """Rows of the table: what was measured, the figure, its bound."""
    rows = listing_rows(number)
    body = as_csv(rows)
    random.Random(2).shuffle(rows)  # noqa: S311 - an order
    shuffled = as_csv(rows)
    del rows
    least = timed(lambda: floor(heed, body))
    first = timed(lambda: ingest(heed, county, body))
    again = timed(lambda: ingest(heed, county, shuffled))
    table = [
        (f"floor program, {number:,} rows", f"{least:.2f} s", ""),
        (f"first ingest of {number:,} rows, with plans", f"{first:.2f} s = {least / first:.2f} x floor", "at least 0.5 x"),
        ("the same rows in another order", f"{again:.2f} s = {first / again:.1f} x faster", "at least 5 x"),
    ]
    if massive:
        parsed = timed(lambda: libra.parse(massive))
        applied = timed(lambda: ingest(heed, county, massive, "libra"))
        table.append(("massive-file.xml (745 cases)", f"{applied:.2f} s, {parsed:.2f} s of it parsing", "under 3 s"))
    table.append(("memory of the process, most", f"{memory():.0f} MB", "under 250 MB"))
    return table
