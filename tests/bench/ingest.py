"""Ingest of a county's list, from file to committed rows and plans, against a floor program that only reads, encrypts and copies.

Each is measured in a process of its own, as a worker is one: its seconds, and the most memory that it ever held.
"""

import csv
import io
import json
import random
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import phonenumbers
from sqlalchemy import func, select, text

from services.common.context import Heed
from services.common.process import opened
from services.reminders import county, deliveries
from services.reminders.feeds import libra
from services.reminders.models import Delivery
from tests.bench.memory import peak_megabytes
from tests.bench.people import as_csv, listing_rows
from tests.bench.table import Line

TIMES = 3  # of each, the median counts
FLOOR = "case_ref, name_enc, birth_enc, number_enc, number_key, court, starts, kind, bail, at"


def floor(heed: Heed, body: bytes) -> None:
    """The least that any program does: read the file, parse each number with `phonenumbers`, encrypt, COPY and upsert."""
    read = csv.reader(io.StringIO(body.decode()))
    next(read)
    now = datetime.now(UTC)
    with heed.database.begin() as session:
        session.execute(
            text(
                "CREATE TABLE IF NOT EXISTS floor_rows (case_ref text PRIMARY KEY, name_enc bytea, birth_enc bytea,"
                " number_enc bytea, number_key bytea, court text, starts text, kind text, bail text, at timestamptz)"
            )
        )
        session.execute(text("CREATE TEMP TABLE floor_new (LIKE floor_rows) ON COMMIT DROP"))
        connection = session.connection().connection.driver_connection
        assert connection is not None
        with connection.cursor() as cursor, cursor.copy("COPY floor_new FROM STDIN") as copy:
            for case_ref, _, name, born, court, _, day, clock, kind, mobile, bail, _ in read:
                number = phonenumbers.parse(mobile, "GB")
                if not phonenumbers.is_valid_number(number):
                    continue
                e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
                copy.write_row(
                    (
                        case_ref,
                        heed.cipher.seal(name, "name"),
                        heed.cipher.seal(born, "birth"),
                        heed.cipher.seal(e164, "number"),
                        heed.index.of(e164, "number"),
                        court,
                        f"{day} {clock}",
                        kind,
                        bail,
                        now,
                    )
                )
        changed = ", ".join(f"{name} = excluded.{name}" for name in FLOOR.split(", ")[1:])
        session.execute(
            text(
                f"INSERT INTO floor_rows SELECT * FROM floor_new ON CONFLICT (case_ref) DO UPDATE SET {changed}"
            )
        )


def push(heed: Heed, body: bytes, form: str) -> float:
    """Keep a push, as the web process does; the seconds that took."""
    begun = time.perf_counter()
    with heed.database.begin() as session:
        deliveries.receive(heed, session, deliveries.Push(body, form, "bench"))
    return time.perf_counter() - begun


def apply(heed: Heed) -> None:
    """Apply what was pushed last, as a worker does."""
    with heed.database.begin() as session:
        number = session.scalar(select(func.max(Delivery.number)))
    assert number is not None
    deliveries.apply(heed, county.load(heed.settings), number)
    with heed.database.begin() as session:
        row = session.scalars(select(Delivery).where(Delivery.number == number)).one()
        assert row.status == "applied", (row.status, row.rejections)


def measure(what: str, file: Path, form: str = "csv") -> dict[str, float]:
    """A program on a file, in a process of its own: {"seconds", "megabytes"}. "ingest" is a push, and its application there."""
    pushing = 0.0
    if what == "ingest":
        with opened("reminders") as (heed,):
            pushing = push(heed, file.read_bytes(), form)
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.ingest", what, str(file)],
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return answer | {"seconds": answer["seconds"] + pushing}


def run(folder: Path, number: int, massive: Path | None) -> list[Line]:
    """The lines of the table. The data folder is the one that the environment names; it is emptied before each round."""
    rows = listing_rows(number)
    file, again = folder / "list.csv", folder / "again.csv"
    file.write_bytes(as_csv(rows))
    random.Random(2).shuffle(rows)
    again.write_bytes(as_csv(rows))
    del rows
    rounds = []
    for _ in range(TIMES):
        empty()
        rounds.append([measure("floor", file), measure("ingest", file), measure("ingest", again)])
    least, first, repeat = (
        sorted(one["seconds"] for one in what)[TIMES // 2] for what in zip(*rounds, strict=True)
    )
    held = max(one["megabytes"] for what in rounds for one in what[1:])
    ratios = sorted(floor["seconds"] / ours["seconds"] for floor, ours, _ in rounds)
    table = [
        Line(f"floor program, {number:,} rows", f"{least:.2f} s"),
        Line(
            f"first ingest of {number:,} rows, with their plans",
            f"{first:.2f} s = {ratios[TIMES // 2]:.2f} x the floor's speed",
            "at least 0.5 x",
            ratios[TIMES // 2] >= 0.5,
        ),
        Line(
            "the same rows in another order",
            f"{repeat:.2f} s = {first / repeat:.1f} x faster",
            "at least 5 x",
            first / repeat >= 5,
        ),
        Line("memory of the process that applies them, most", f"{held:.0f} MB", "under 250 MB", held < 250),
    ]
    if massive:
        took = measure("ingest", massive, "libra")["seconds"]
        start = time.perf_counter()
        libra.parse(massive.read_bytes())
        parsing = time.perf_counter() - start
        table.append(
            Line(
                "massive-file.xml (745 cases)",
                f"{took:.2f} s, {parsing:.2f} s of it parsing",
                "under 3 s",
                took < 3,
            )
        )
    return table


def empty() -> None:
    """Forget every list."""
    with opened("reminders") as (heed,), heed.database.begin() as session:
        session.execute(text("DROP TABLE IF EXISTS floor_rows"))
        session.execute(
            text(
                "TRUNCATE people, person_keys, listings, listing_keys, contacts, outbox, deliveries, hearing_versions,"
                " snapshots CASCADE"
            )
        )


if __name__ == "__main__":
    program, path = sys.argv[1:]
    with opened("reminders") as (service,):
        begun = time.perf_counter()
        if program == "floor":
            floor(service, Path(path).read_bytes())
        else:
            apply(service)
        seconds = time.perf_counter() - begun
    megabytes = peak_megabytes()
    print(json.dumps({"seconds": seconds, "megabytes": megabytes}))
