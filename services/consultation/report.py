"""A consultation's report: what was received and what is analysed, by channel, day, sort of respondent and district.

Every figure is counted by PostgreSQL in this transaction, every response stands in some row of each table, and tables that do not
agree are not printed.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.common import audit, clock
from services.common.context import Heed
from services.common.spreadsheet import to_csv
from services.common.times import written
from services.common.version import code_version
from services.consultation import copies, districts, reconciliation, responses
from services.consultation.models import Consultation
from services.consultation.reconciliation import REASONS, NotClosed
from services.consultation.states import RespondentType

METHOD = (
    "Whoever wished to answer did: the figures say what was said and by how many, and do not measure public support.",
    "A person is counted once: by the keyed hash of their number, by their receipt or e-mail address, or because a person of the"
    " office found two to be one.",
    copies.METHOD,
)
RECEIVED = text("SELECT channel, count(*) FROM submissions WHERE consultation_id = :id GROUP BY 1")
STANDINGS = text(
    "SELECT channel, standing, count(*) FROM submissions WHERE consultation_id = :id GROUP BY 1, 2"
)
BY_DAY = text(
    "SELECT CAST(received_at AT TIME ZONE 'Europe/London' AS date), channel, count(*),"
    " count(*) FILTER (WHERE standing = 'counted') FROM submissions WHERE consultation_id = :id GROUP BY 1, 2 ORDER BY 1, 2"
)
PEOPLE = text(
    "SELECT r.type, CASE WHEN r.out_of_area THEN 'outside' ELSE coalesce(r.district, 'not-known') END, count(*)"
    # One row a person: those merged into one are one.
    " FROM (SELECT DISTINCT coalesce(r.merged_into, r.id) AS id FROM submissions AS s JOIN respondents AS r ON r.id = s.respondent_id"
    " WHERE s.consultation_id = :id AND s.standing = 'counted') AS people JOIN respondents AS r USING (id) GROUP BY 1, 2"
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
    received = {channel: number for channel, number in session.execute(RECEIVED, ask)}  # noqa: C416 - rows, not pairs
    standings = {(channel, standing): number for channel, standing, number in session.execute(STANDINGS, ask)}
    lines = reconciliation.table(received, standings)
    by_day = [
        {"day": day.isoformat(), "channel": channel, "received": number, "analysed": analysed}
        for day, channel, number, analysed in session.execute(BY_DAY, ask)
    ]
    types: Counter[str] = Counter()
    lived_in: Counter[str] = Counter()
    for kind, district, number in session.execute(PEOPLE, ask):
        types[kind] += number
        lived_in[district] += number
    counts = responses.counts(session, row.id)
    found = {
        "id": row.id,
        "title": row.title,
        "kind": row.kind,
        "hash": row.hash,
        "opens_at": row.opens_at,
        "closes_at": row.closes_at,
        "made_at": clock.now(session),
        "version": code_version(),
        "audit_head": str(audit.head(session)),
        "counts": counts,
        "reconciliation": [asdict(line) for line in lines],
        "by_day": by_day,
        "respondents": _rows(types, [str(one) for one in RespondentType]),
        "districts": _rows(lived_in, [*districts.names(), districts.OUTSIDE, "not-known"]),
        "organisations": _organisations(heed, session, ask),
        "campaigns": [dict(one) for one in session.execute(CAMPAIGNS, ask).mappings()],
        "invitations": _invitations(session, ask),
        "publicity": [dict(one) for one in session.execute(PUBLICITY, ask).mappings()],
        "method": list(METHOD),
    }
    _agree(found)
    shown: dict[str, Any] = written(found)
    return shown


def _rows(counted: Mapping[str, int], known: Sequence[str]) -> dict[str, int]:
    """Every known word in order, with nought where nobody is; a word that is not known comes after them, and is not lost."""
    return {one: counted.get(one, 0) for one in [*known, *sorted(set(counted) - set(known))]}


def _organisations(heed: Heed, session: Session, ask: dict[str, str]) -> list[str]:
    return [
        heed.cipher.open(sealed, "organisation").reveal() if sealed else f"erased ({reference})"
        for _, sealed, reference in session.execute(ORGANISATIONS, ask)
    ]


def _invitations(session: Session, ask: dict[str, str]) -> dict[str, Any]:
    found = dict(session.execute(INVITATIONS, ask).mappings().one())
    return found | {"rate": round(found["replied"] / found["sent"], 4) if found["sent"] else None}


def _agree(found: dict[str, Any]) -> None:
    """Every table is about the same responses and the same people."""
    everything, counts = found["reconciliation"][-1], found["counts"]
    pairs = {
        "days and channels": (sum(one["received"] for one in found["by_day"]), everything["received"]),
        "days and channels, analysed": (
            sum(one["analysed"] for one in found["by_day"]),
            everything["analysed"],
        ),
        "counts": (counts["received"], everything["received"]),
        "sorts of respondents": (sum(found["respondents"].values()), counts["respondents"]),
        "districts": (sum(found["districts"].values()), counts["respondents"]),
    }
    for table, (one, other) in pairs.items():
        if one != other:
            raise NotClosed(f"{table}: the total is {one} in one table and {other} in another")


def tables(found: dict[str, Any]) -> dict[str, bytes]:
    """The report's tables as CSV for a spreadsheet, by file name; the totals are those of the report."""
    reasons = [str(one) for one in REASONS]
    return {
        "reconciliation.csv": to_csv(
            ["channel", "received", *reasons, "analysed"],
            (
                [
                    line["channel"],
                    line["received"],
                    *(line["removed"][one] for one in reasons),
                    line["analysed"],
                ]
                for line in found["reconciliation"]
            ),
        ),
        "by-day.csv": to_csv(
            ["day", "channel", "received", "analysed"], (list(one.values()) for one in found["by_day"])
        ),
        "respondents.csv": to_csv(
            ["table", "row", "people"],
            [
                *(["sort", name, number] for name, number in found["respondents"].items()),
                *(["district", name, number] for name, number in found["districts"].items()),
            ],
        ),
        "publicity.csv": to_csv(
            ["what", "reached", "on"],
            ([one["what"], one["reached"], one["at"][:10]] for one in found["publicity"]),
        ),
    }
