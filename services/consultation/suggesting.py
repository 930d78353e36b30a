"""Themes suggested anew: learnt from what people coded, in memory, and kept as rows, so that pages and calls only read.

Runs in a worker or a command, which have scikit-learn; where it is missing, the run says so and the queue goes by lot and lexicon.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from services.common import audit
from services.common.context import Heed
from services.common.logs import log
from services.consultation import codeframes, coding, learning, suggested
from services.consultation.learning import Limits, Seen
from services.consultation.models import ThemeRun
from services.consultation.themes import codes as rules
from services.consultation.words import said

SWEEP = "sweep"  # who ran it, where no person did
# By itself Heed begins once this many codes were given by people, and learns anew for as many more, for new texts and for a changed
# codeframe, with a pause between: a run takes a worker's time.
CODES = 20
PAUSE = timedelta(minutes=10)
# What one run of the sweep does at most, so that a worker is back with its texts in some ten seconds.
OF_A_SWEEP = Limits(texts=20_000, vectors=1000)
DUE = text(
    "SELECT c.id FROM consultations AS c"
    " LEFT JOIN LATERAL (SELECT * FROM theme_runs WHERE consultation_id = c.id ORDER BY id DESC LIMIT 1) AS r ON true"
    " CROSS JOIN LATERAL (SELECT count(*) AS given, count(*) FILTER (WHERE g.id > coalesce(r.last_coding, 0)) AS more"
    " FROM codings AS g JOIN submissions AS s ON s.id = g.submission_id"
    " WHERE s.consultation_id = c.id AND g.by IS NOT NULL) AS people"
    " WHERE people.given >= :codes AND (r.at IS NULL OR r.at <= :before) AND (people.more >= :codes"
    " OR r.version < (SELECT max(version) FROM codeframes WHERE consultation_id = c.id)"
    " OR EXISTS (SELECT 1 FROM submissions AS s WHERE s.consultation_id = c.id AND s.standing = 'counted'"
    " AND s.id > r.last_submission)) ORDER BY c.id"
)
SUGGESTED = text(
    "SELECT g.submission_id, g.run_id FROM suggested_themes AS g JOIN submissions AS s ON s.id = g.submission_id"
    " WHERE s.consultation_id = :id"
)
VECTORS = text(
    "SELECT v.submission_id, v.vector_enc FROM text_vectors AS v JOIN submissions AS s ON s.id = v.submission_id"
    " WHERE s.consultation_id = :id"
)
NEWEST = text(
    "SELECT (SELECT coalesce(max(id), 0) FROM submissions WHERE consultation_id = :id), (SELECT coalesce(max(id), 0) FROM codings)"
)


def due(session: Session, now: datetime) -> list[str]:
    """The consultations in which enough is new."""
    return list(session.scalars(DUE, {"codes": CODES, "before": now - PAUSE}))


def any_due(session: Session, now: datetime) -> list[list[int]]:
    """One job, without arguments, where anything is due."""
    return [[]] if due(session, now) else []


def run(heed: Heed, consultation_id: str, by: str, limits: Limits | None = None) -> dict[str, Any]:
    """Learn from what people coded, and suggest themes for every text that nobody has; what became of it. Without `limits`, whole.

    No transaction is open while it learns: 10,000 texts take seconds.
    """
    with heed.database.begin() as session:
        seen = _seen(heed, session, consultation_id, by)
    made = learning.learn(seen, limits or Limits())
    with heed.database.begin() as session:
        before = _last_reason(session, consultation_id)
        row = suggested.keep(heed, session, consultation_id, seen, made, by)
        if row.reason and row.reason != before:
            log.warning("suggestions-limited", consultation=consultation_id, reason=row.reason)
        if by != SWEEP:
            audit.record(
                session,
                by,
                "themes-suggested",
                f"consultation:{consultation_id}",
                run=row.id,
                digest=row.digest,
                texts=row.suggested,
            )
        return coding.described(row)


def _seen(heed: Heed, session: Session, consultation_id: str, by: str) -> Seen:
    """Everything that a run goes by, read at one time."""
    frame = codeframes.in_use(session, consultation_id, by)
    last_submission, last_coding = session.execute(NEWEST, {"id": consultation_id}).one()
    units = coding.units(session, consultation_id)
    codes = coding.codes(session, consultation_id, units)
    machine = {code.text: frozenset(code.themes) for code in codes if code.model}
    texts = units.texts
    return Seen(
        frame=frame,
        words={
            one.id: one.words for one in said(heed, session, consultation_id) if one.id in texts and one.words
        },
        standing=rules.standing(frame, codes),
        machine=machine,
        runs={number: run for number, run in session.execute(SUGGESTED, {"id": consultation_id})},  # noqa: C416 - rows, not pairs
        vectors={
            number: heed.cipher.open_bytes(sealed, "vector")
            for number, sealed in session.execute(VECTORS, {"id": consultation_id})
        },
        last_submission=last_submission,
        last_coding=last_coding,
    )


def _last_reason(session: Session, consultation_id: str) -> str | None:
    return session.scalar(
        select(ThemeRun.reason)
        .where(ThemeRun.consultation_id == consultation_id)
        .order_by(ThemeRun.id.desc())
        .limit(1)
    )
