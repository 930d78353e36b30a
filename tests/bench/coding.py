"""Coding through the store: 4,132 real comments that people coded teach, 10,000 get suggestions; then reads over 100,000 responses.

The comments are those of `themes.py`, repeated with a number each so that none is another's copy. Run in a process of its own, on a
database that is thrown away: `python -m tests.bench.coding` prints the lines alone.
"""

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text

from services.common import clock
from services.common.context import Heed
from services.common.process import opened
from services.consultation import (
    codeframes,
    coding,
    consultations,
    publication,
    questionnaire,
    reviewing,
    suggesting,
)
from services.consultation.learning import Limits
from services.consultation.models import Coding, Consultation, Redaction, Respondent, Submission
from services.consultation.themes import codeframe as frames
from services.consultation.words import said
from tests.bench.memory import peak_megabytes
from tests.bench.table import Line, show
from tests.bench.themes import coded

ID, CODED, SUGGESTED, RESPONSES, QUOTED = "bench", 4132, 10_000, 100_000, 2000


def fill(heed: Heed) -> None:
    """A consultation with comments and the codes that people gave, as if one person had coded them."""
    data, chance = coded(), random.Random(42)
    order = chance.sample(range(len(data.texts)), len(data.texts))
    sample = questionnaire.read(
        files("services.consultation").joinpath("data/sample.yaml").read_text("utf-8")
    )
    content = sample | {"id": ID, "opens": "2019-06-01", "closes": "2199-06-01"}
    with heed.database.begin() as session:
        consultations.freeze(session, content)
        codeframes.read_in(session, ID, frames.content(data.frame), "the 24 labels", "bench")
        _responses(heed, session, [data.texts[one] for one in order[:CODED]], 1)
        others = [f"{data.texts[order[one % len(order)]]} {one}" for one in range(SUGGESTED)]
        _responses(heed, session, others, 1 + CODED)
        themes = [
            {data.frame.ids[at]: "unclear" for at in data.given[one].nonzero()[0]} for one in order[:CODED]
        ]
        at = clock.now(session)
        session.execute(
            insert(Coding),
            [
                {"submission_id": 1 + place, "themes": given, "version": 1, "by": "ann", "at": at}
                for place, given in enumerate(themes)
            ],
        )


def _responses(heed: Heed, session: Any, words: list[str], first: int) -> None:
    at = clock.now(session)
    ids = range(first, first + len(words))
    person = {
        "consultation_id": ID,
        "state": "complete",
        "channel": "web",
        "first_at": at,
        "may_publish": True,
    }
    sent = {
        "consultation_id": ID,
        "channel": "web",
        "kind": "feedback",
        "rule": "everything-else",
        "late": False,
        "early": False,
    }
    standing = {"standing": "counted", "received_at": at, "ended_at": at}
    session.execute(insert(Respondent), [person | {"id": one, "reference": f"B{one}"} for one in ids])
    session.execute(
        insert(Submission),
        [
            sent | standing | {"id": one, "respondent_id": one, "words_enc": heed.cipher.seal(said, "body")}
            for one, said in zip(ids, words, strict=True)
        ],
    )


def grow(heed: Heed) -> None:
    """Up to 100,000 responses, all coded by the model, and some words that may be quoted."""
    held = CODED + SUGGESTED
    with heed.database.begin() as session:
        _responses(
            heed,
            session,
            [f"One more view of the matter, number {one}" for one in range(RESPONSES - held)],
            1 + held,
        )
        session.execute(
            text(
                "INSERT INTO codings (submission_id, themes, version, model, at)"
                " SELECT id, '{\"t1\": \"unclear\"}', 1, 'bench', clock_timestamp() FROM submissions WHERE id > :held"
            ),
            {"held": held},
        )
        words = {one.id: one.words for one in said(heed, session, ID) if one.id <= QUOTED}
        session.execute(
            insert(Redaction),
            [
                {
                    "submission_id": number,
                    "masks": [],
                    "text_key": heed.index.of(said, publication.PURPOSE),
                    "by": "ann",
                    "approved_by": "ben",
                    "at": clock.now(session),
                }
                for number, said in words.items()
            ],
        )
        session.execute(text("ANALYZE"))


def timed(heed: Heed, act: Callable[[Any], Any]) -> tuple[float, float]:
    """Seconds of a processor, this process's and PostgreSQL's, and seconds in all."""
    with heed.database.begin() as session:
        backend = int(session.scalar(text("SELECT pg_backend_pid()")))
        wall, spent = time.perf_counter(), time.process_time() + _spent(backend)
        act(session)
        return time.process_time() + _spent(backend) - spent, time.perf_counter() - wall


def _spent(process: int) -> float:
    """Seconds of a processor that another process has had (Linux; 0 elsewhere)."""
    stat = Path(f"/proc/{process}/stat")
    if not stat.exists():
        return 0.0
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure() -> list[Line]:
    """The lines of the table, on a database of this process's own."""
    with tempfile.TemporaryDirectory(prefix="heed-bench-", ignore_cleanup_errors=True) as folder:
        os.environ["HEED_DATA_DIR"] = f"{folder}/data"
        with opened("consultation") as (heed,):
            fill(heed)
            wall, spent = time.perf_counter(), time.process_time()
            # Where the extra is installed it embeds each text once, before its first run: `themes.py` measures that.
            run = suggesting.run(heed, ID, "bench", Limits(vectors=0))
            spent, wall = time.process_time() - spent, time.perf_counter() - wall
            assert (run["learnt_from"], run["suggested"]) == (CODED, SUGGESTED), run
            memory = peak_megabytes()
            lines = [
                Line(
                    f"coding: learn from {CODED:,}, suggest for {SUGGESTED:,} without the extra, groups, all kept; processor time",
                    f"{spent:.1f} s ({wall:.1f} s in all)",
                    "under 15 s",
                    spent < 15,
                ),
                Line("coding: most memory of that run", f"{memory:.0f} MB", "under 600 MB", memory < 600),
            ]
            grow(heed)
            with heed.database.begin() as session:
                row = session.get_one(Consultation, ID)
            for what, act in (
                ("what stands", lambda session: coding.standing(session, ID)),
                ("share reviewed", lambda session: coding.reviewed(session, ID)),
                ("the next text", lambda session: reviewing.take_next(heed, session, row, "cat")),
                ("the state of the review", lambda session: reviewing.state(session, row)),
                (f"{QUOTED:,} quotes", lambda session: publication.quotes(heed, session, ID)),
            ):
                spent, wall = timed(heed, act)
                lines.append(
                    Line(
                        f"coding: {what}, of {RESPONSES:,} responses; processor time",
                        f"{spent:.2f} s ({wall:.2f} s in all)",
                        "under 5 s",
                        spent < 5,
                    )
                )
            return lines


def run() -> list[Line]:
    """The same in a process of its own: its memory is part of the figure."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.coding", "--lines"], check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return [
        Line(what, figure, bound, kept == "True")
        for what, figure, bound, kept in (
            line.split("\t") for line in done.stdout.splitlines() if "\t" in line
        )
    ]


if __name__ == "__main__":
    measured = measure()
    if "--lines" in sys.argv:
        print("\n".join(f"{one.what}\t{one.figure}\t{one.bound}\t{one.kept}" for one in measured))
    else:
        show(measured)
