"""A consultation's report: what was received and what is analysed, who answered, and what they said. The office's own, whole one.

Every figure is counted by PostgreSQL or from its rows in this transaction, every response stands in some row of each table, and tables
that do not agree are not printed. What may be published of it is `reporting/hiding.py`'s.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.common import audit, clock
from services.common.context import Heed
from services.common.times import written
from services.common.version import code_version
from services.consultation import (
    coding,
    districts,
    feedback,
    publication,
    questionnaire,
    reconciliation,
    responses,
    words,
)
from services.consultation.export import masked
from services.consultation.models import Consultation
from services.consultation.reconciliation import NotClosed
from services.consultation.reporting import caveats
from services.consultation.reporting import themes as tables
from services.consultation.reporting.quoted import drawn
from services.consultation.reporting.scripts import other_script
from services.consultation.reporting.themes import Response, Sort
from services.consultation.states import RespondentType
from services.consultation.themes.codeframe import digest

NOT_KNOWN = "not-known"
RECEIVED = text("SELECT channel, count(*) FROM submissions WHERE consultation_id = :id GROUP BY channel")
STANDINGS = text(
    "SELECT channel, standing, count(*) FROM submissions WHERE consultation_id = :id GROUP BY 1, 2"
)
BY_DAY = text(
    "SELECT CAST(received_at AT TIME ZONE 'Europe/London' AS date), channel, count(*),"
    " count(*) FILTER (WHERE standing = 'counted') FROM submissions WHERE consultation_id = :id GROUP BY 1, 2 ORDER BY 1, 2"
)
# One row a person: those merged into one are one, and what one of them said of themselves counts for the other who did not.
PEOPLE = text(
    "SELECT k.id, k.type, CASE WHEN k.out_of_area THEN 'outside' ELSE coalesce(k.district, min(r.district)) END,"
    " coalesce(k.age_band, min(r.age_band)), k.type = 'victim' OR coalesce(bool_or(r.victim), k.victim), k.language"
    " FROM submissions AS s JOIN respondents AS r ON r.id = s.respondent_id"
    " JOIN respondents AS k ON k.id = coalesce(r.merged_into, r.id)"
    " WHERE s.consultation_id = :id AND s.standing = 'counted' GROUP BY k.id"
)
WHOSE = text(
    "SELECT s.id, coalesce(r.merged_into, r.id) FROM submissions AS s JOIN respondents AS r ON r.id = s.respondent_id"
    " WHERE s.consultation_id = :id AND s.standing = 'counted' ORDER BY s.id"
)
ORGANISATIONS = text(
    "SELECT DISTINCT r.id, r.organisation_enc, r.reference FROM submissions AS s JOIN respondents AS o ON o.id = s.respondent_id"
    " JOIN respondents AS r ON r.id = coalesce(o.merged_into, o.id)"
    " WHERE s.consultation_id = :id AND s.standing = 'counted' AND r.type = 'organisation' ORDER BY r.id"
)
CAMPAIGNS = text(
    "SELECT c.id AS campaign, count(*) AS responses, count(DISTINCT coalesce(r.merged_into, r.id)) AS people,"
    " min(s.received_at) AS first_at, max(s.received_at) AS last_at"
    " FROM campaigns AS c JOIN submissions AS s ON s.campaign_id = c.id"
    " JOIN respondents AS r ON r.id = s.respondent_id"
    " WHERE c.consultation_id = :id AND s.standing = 'counted' GROUP BY 1 ORDER BY responses DESC, campaign"
)
INVITATIONS = text(
    "SELECT count(*) AS invited, count(*) FILTER (WHERE o.state = 'accepted') AS sent,"
    " count(*) FILTER (WHERE o.state IN ('failed', 'cancelled')) AS not_sent, count(i.replied_at) AS replied"
    " FROM invitations AS i LEFT JOIN outbox AS o ON o.kind = 'invitation' AND o.subject_id = i.id WHERE i.consultation_id = :id"
)
PUBLICITY = text("SELECT what, reached, at FROM publicity WHERE consultation_id = :id ORDER BY id")


def report(heed: Heed, session: Session, row: Consultation) -> dict[str, Any]:
    """The report in full. Raises NotClosed where its tables do not agree."""
    ask = {"id": row.id}
    parsed = questionnaire.parse(row.questionnaire)
    received = {channel: number for channel, number in session.execute(RECEIVED, ask)}  # noqa: C416 - rows, not pairs
    standings = {(channel, standing): number for channel, standing, number in session.execute(STANDINGS, ask)}
    by_day = [
        {"day": day.isoformat(), "channel": channel, "received": number, "analysed": analysed}
        for day, channel, number, analysed in session.execute(BY_DAY, ask)
    ]
    people = session.execute(PEOPLE, ask).all()
    bands = [option.code for one in parsed.questions if one.fills == "age_band" for option in one.options]
    sorts = {person: Sort.VICTIMS if victim else Sort.OTHERS for person, _, _, _, victim, _ in people}
    whose = [Response(number, person, sorts[person]) for number, person in session.execute(WHOSE, ask)]
    now, frame, run = (
        clock.now(session),
        coding.codeframe(session, row.id),
        next((one for one in coding.runs(session, row.id) if one["digest"]), None),
    )
    counted = tables.table(frame, whose, coding.standing(session, row.id))
    found = {
        "id": row.id,
        "title": row.title,
        "kind": row.kind,
        "hash": row.hash,
        "opens_at": row.opens_at,
        "closes_at": row.closes_at,
        "made_at": now,
        "version": code_version(),
        "audit_head": str(audit.head(session)),
        "synthetic": heed.sandbox,
        "form": "full",
        "smallest_count": None,
        "counts": responses.counts(session, row.id),
        "reconciliation": [asdict(line) for line in reconciliation.table(received, standings)],
        "by_day": by_day,
        "by_day_step": "day",
        "days": _by_day(by_day),
        "respondents": _rows((one[1] for one in people), [str(one) for one in RespondentType]),
        "districts": _rows((one[2] for one in people), [*districts.names(), districts.OUTSIDE, NOT_KNOWN]),
        "ages": _rows((one[3] for one in people), [*bands, NOT_KNOWN]),
        "victims": _rows((_yes(one[4]) for one in people), ["yes", "no", NOT_KNOWN]),
        "languages": _rows((one[5] for one in people), parsed.languages),
        "understood": list(parsed.languages),
        "other_script": sum(other_script(one.words) for one in words.said(heed, session, row.id)),
        "organisations": _organisations(heed, session, ask),
        "campaigns": [dict(one) for one in session.execute(CAMPAIGNS, ask).mappings()],
        "invitations": _invitations(session, ask),
        "publicity": [dict(one) for one in session.execute(PUBLICITY, ask).mappings()],
        "themes": {
            "codeframe": {"id": frame.id, "version": frame.version, "digest": digest(frame)},
            "model": run
            and {name: run[name] for name in ("digest", "learnt_from", "embeddings", "f1", "recall")},
            **counted,
        },
        "agreement": [asdict(one) for one in coding.agreement(session, row.id)],
        "quotes": drawn(frame, publication.quotes(heed, session, row.id), row.hash),
        "feedback": feedback.summary(session, row, frame, counted["rows"], now),
        "caveats": caveats.of(parsed),
        "method": list(caveats.METHOD),
    }
    _agree(found)
    shown: dict[str, Any] = written(found)
    return shown


def _yes(said: bool | None) -> str:
    return NOT_KNOWN if said is None else "yes" if said else "no"


def _rows(said: Any, known: Sequence[str]) -> dict[str, int]:
    """Every known word in order, with nought where nobody is; a word that is not known comes after them, and is not lost."""
    counted: Mapping[str, int] = Counter(one or NOT_KNOWN for one in said)
    return {one: counted.get(one, 0) for one in [*known, *sorted(set(counted) - set(known))]}


def _by_day(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    totals: Counter[str] = Counter()
    for one in rows:
        totals[one["day"]] += one["received"]
    return [{"day": day, "received": number} for day, number in totals.items()]


def _organisations(heed: Heed, session: Session, ask: dict[str, str]) -> list[str]:
    """Their names; a number that somebody gave with one is nobody's to print."""
    return [
        masked(heed.cipher.open(sealed, "organisation").reveal()) if sealed else f"erased ({reference})"
        for _, sealed, reference in session.execute(ORGANISATIONS, ask)
    ]


def _invitations(session: Session, ask: dict[str, str]) -> dict[str, Any]:
    found = dict(session.execute(INVITATIONS, ask).mappings().one())
    return found | {"rate": round(found["replied"] / found["sent"], 4) if found["sent"] else None}


def _agree(found: dict[str, Any]) -> None:
    """Every table is about the same responses and the same people."""
    everything, people = found["reconciliation"][-1], found["counts"]["respondents"]
    pairs = {
        "days and channels": (sum(one["received"] for one in found["by_day"]), everything["received"]),
        "days and channels, analysed": (
            sum(one["analysed"] for one in found["by_day"]),
            everything["analysed"],
        ),
        "counts": (found["counts"]["received"], everything["received"]),
        "themes": (found["themes"]["analysed"], everything["analysed"]),
        "organisations": (len(found["organisations"]), found["respondents"]["organisation"]),
        **{
            table: (sum(found[table].values()), people)
            for table in ("respondents", "districts", "ages", "victims", "languages")
        },
    }
    for table, (one, other) in pairs.items():
        if one != other:
            raise NotClosed(f"{table}: the total is {one} in one table and {other} in another")
