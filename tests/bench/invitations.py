"""133,000 invitations from file to outbox rows, against a floor program; and the report over 100,000 responses.

Each is measured in a process of its own, on a database that is emptied before it.
"""

import csv
import io
import json
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime
from importlib.resources import files as resources
from pathlib import Path

import phonenumbers
from sqlalchemy import func, select, text

from services.common import clock
from services.common.context import Heed
from services.common.models import Outbox
from services.common.process import opened
from services.common.times import london
from services.consultation import consultations, files, invitations, questionnaire, report
from services.consultation.contact_rows import NEEDED
from services.consultation.models import Consultation, Submission
from tests.bench.table import Line

HOUSEHOLDS, RESPONSES, TIMES = 133_000, 100_000, 3
ID = "bench"
# Responses of every channel and standing, their people and words: the words are not read by a report.
PEOPLE = text(
    "INSERT INTO respondents (consultation_id, reference, type, state, district, out_of_area, channel, first_at)"
    " SELECT :id, 'B' || n, (ARRAY['resident', 'resident', 'business', 'organisation', 'victim'])[1 + n % 5], 'complete',"
    " (ARRAY['watford', 'dacorum', 'stevenage', NULL])[1 + n % 4], n % 13 = 0, 'web', clock_timestamp() - interval '1 day'"
    " FROM generate_series(1, :number) AS n"
)
SAID = text(
    "INSERT INTO submissions (consultation_id, respondent_id, channel, kind, rule, received_at, ended_at, late, early, standing)"
    " SELECT :id, id, (ARRAY['web', 'letter', 'email', 'sms', 'listening-post'])[1 + id % 5], 'feedback', 'everything-else',"
    " clock_timestamp() - id % 30 * interval '1 day', clock_timestamp(), false, false,"
    " (ARRAY['counted', 'counted', 'counted', 'counted', 'blank', 'late', 'duplicate', 'withdrawn'])[1 + id % 8]"
    " FROM respondents WHERE consultation_id = :id"
)


def contacts(number: int) -> bytes:
    """So many households as the office's CSV, each with a number of its own."""
    written = io.StringIO()
    lines = csv.writer(written)
    lines.writerow(NEEDED)
    for one in range(number):
        mobile = f"07400 {one // 1000 % 1000:03d}{one % 1000:03d}"
        lines.writerow([f"owl-{one}", mobile, "form", f"Household {one}", "2019-06-01"])
    return written.getvalue().encode()


def floor(heed: Heed, body: bytes) -> None:
    """The least that any program does: read the file, parse each number with `phonenumbers`, encrypt number and words, COPY."""
    now, words = (
        datetime.now(UTC),
        "Herts PCC: what do you think of the plan? Text us. STOP to end, HELP for help.",
    )
    with heed.database.begin() as session:
        session.execute(
            text(
                "CREATE TEMP TABLE floor_rows (reference text, to_key bytea, to_enc bytea, body_enc bytea, consent_enc bytea, at timestamptz)"
            )
        )
        connection = session.connection().connection.driver_connection
        assert connection is not None
        read = csv.reader(io.StringIO(body.decode()))
        next(read)
        with connection.cursor() as cursor, cursor.copy("COPY floor_rows FROM STDIN") as copy:
            for reference, mobile, _, by, _ in read:
                number = phonenumbers.parse(mobile, "GB")
                if not phonenumbers.is_valid_number(number):
                    continue
                e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
                copy.write_row(
                    (
                        reference,
                        heed.index.of(e164, "number"),
                        heed.cipher.seal(e164, "number"),
                        heed.cipher.seal(words, "body"),
                        heed.cipher.seal(by, "consent"),
                        now,
                    )
                )


def invite(heed: Heed, body: bytes) -> None:
    """The same file through the use case, as the command and the call do it."""
    with heed.database.begin() as session:
        good, bad = files.contacts(body, london(clock.now(session)).date(), drama=heed.sandbox)
        assert not bad, bad[:3]
        invitations.invite(heed, session, session.get_one(Consultation, ID), "owl", good, "bench", 100_000)
    with heed.database.begin() as session:
        assert session.scalar(select(func.count()).select_from(Outbox)) == len(good)


def reported(heed: Heed) -> None:
    """The whole report."""
    with heed.database.begin() as session:
        found = report.report(heed, session, session.get_one(Consultation, ID))
    assert found["reconciliation"][-1]["received"] == RESPONSES


def measure(program: str, file: Path) -> float:
    """The seconds of a program, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.invitations", program, str(file)],
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return float(json.loads(done.stdout.splitlines()[-1])["seconds"])


def run(folder: Path, households: int = HOUSEHOLDS) -> list[Line]:
    """The lines of the table."""
    file = folder / "owl.csv"
    file.write_bytes(contacts(households))
    with opened("consultation") as (heed,):
        launch(heed)
        rounds = []
        for _ in range(TIMES):
            with heed.database.begin() as session:
                # One by one: TRUNCATE would reach the codes, which nothing may remove.
                session.execute(text("DELETE FROM outbox"))
                session.execute(text("DELETE FROM invitations"))
            rounds.append((measure("floor", file), measure("invite", file)))
        respond(heed)
        took = statistics.median(measure("report", file) for _ in range(TIMES))
    least, ours = (statistics.median(one) for one in zip(*rounds, strict=True))
    ratio = statistics.median(floor / ours for floor, ours in rounds)
    return [
        Line(f"floor program, {households:,} contacts", f"{least:.2f} s"),
        Line(
            f"{households:,} invitations from file to outbox rows",
            f"{ours:.2f} s = {ratio:.2f} x the floor's speed",
            "at least 0.3 x",
            ratio >= 0.3,
        ),
        Line(f"report over {RESPONSES:,} responses", f"{took:.2f} s", "under 5 s", took < 5),
    ]


def respond(heed: Heed) -> None:
    """100,000 responses, unless they are there."""
    with heed.database.begin() as session:
        if session.scalar(select(func.count()).select_from(Submission)) == 0:
            session.execute(PEOPLE, {"id": ID, "number": RESPONSES})
            session.execute(SAID, {"id": ID})


def launch(heed: Heed) -> None:
    """The sample, open for long, under the bench's id."""
    sample = questionnaire.read(
        resources("services.consultation").joinpath("data/sample.yaml").read_text(encoding="utf-8")
    )
    content = sample | {"id": ID, "opens": "2019-06-01", "closes": "2199-06-01"}
    with heed.database.begin() as session:
        consultations.freeze(session, content)


if __name__ == "__main__":
    program, path = sys.argv[1:]
    with opened("consultation") as (service,):
        begun = time.perf_counter()
        if program == "report":
            reported(service)
        else:
            (floor if program == "floor" else invite)(service, Path(path).read_bytes())
        print(json.dumps({"seconds": time.perf_counter() - begun}))
