"""Copies among the responses that count: campaigns, and likely duplicates that a person settles."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.common import audit, clock
from services.common.acts import Refused
from services.common.context import Heed
from services.common.database import among, serialise
from services.consultation import copies, merging
from services.consultation.export import masked
from services.consultation.models import Campaign, Submission, Suggestion
from services.consultation.report import CAMPAIGNS
from services.consultation.words import said, said_in


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found: campaigns and how many responses are in them, and suggestions that are new."""

    campaigns: int
    copies: int
    suggested: int


def find(heed: Heed, session: Session, consultation_id: str, by: str) -> Found:
    """Look for campaigns and likely duplicates among the responses that count. Decisions taken before stand."""
    serialise(session, f"consultation:{consultation_id}")
    now = clock.now(session)
    everything = list(said(heed, session, consultation_id))
    groups = copies.campaigns(everything)
    _write_campaigns(session, consultation_id, groups, now)
    grouped = {number for group in groups for number in group}
    pairs = copies.duplicates([one for one in everything if one.id not in grouped])
    suggested = _suggest(session, consultation_id, pairs, now)
    found = Found(len(groups), len(grouped), suggested)
    audit.record(session, by, "copies-looked-for", f"consultation:{consultation_id}", **asdict(found))
    return found


def _write_campaigns(
    session: Session, consultation_id: str, groups: Sequence[Sequence[int]], now: datetime
) -> None:
    """A campaign is named by its first response, which is the one that is analysed; it may have grown since, or joined another."""
    session.execute(
        update(Submission)
        .where(Submission.consultation_id == consultation_id, Submission.campaign_id.is_not(None))
        .values(campaign_id=None)
    )
    firsts = [group[0] for group in groups]
    if groups:
        session.execute(
            insert(Campaign)
            .values(
                [{"consultation_id": consultation_id, "analysed_id": one, "found_at": now} for one in firsts]
            )
            .on_conflict_do_nothing(index_elements=["analysed_id"])
        )
        session.execute(
            text(
                "UPDATE submissions SET campaign_id = c.id FROM campaigns AS c,"
                " unnest(CAST(:members AS bigint[]), CAST(:firsts AS bigint[])) AS v(member, first)"
                " WHERE submissions.id = v.member AND c.analysed_id = v.first"
            ),
            {
                "members": [number for group in groups for number in group],
                "firsts": [group[0] for group in groups for _ in group],
            },
        )
    session.execute(
        delete(Campaign).where(
            Campaign.consultation_id == consultation_id, ~among(Campaign.analysed_id, firsts)
        )
    )


def _suggest(session: Session, consultation_id: str, pairs: Sequence[copies.Pair], now: datetime) -> int:
    rows = [
        {
            "consultation_id": consultation_id,
            "first_id": pair.first,
            "second_id": pair.second,
            "likeness": round(pair.likeness * 1000),
            "found_at": now,
        }
        for pair in pairs
    ]
    if not rows:
        return 0
    made = insert(Suggestion).on_conflict_do_nothing(index_elements=["first_id", "second_id"])
    return len(session.scalars(made.returning(Suggestion.id), rows).all())


def suggestions(session: Session, consultation_id: str) -> list[dict[str, Any]]:
    """What waits for a decision, the most alike first, each with both responses' references, channels and days."""
    rows = session.execute(
        text(
            "SELECT g.id, g.likeness / 1000.0 AS likeness, a.id AS first, b.id AS second, ra.reference AS first_reference,"
            " rb.reference AS second_reference, a.channel AS first_channel, b.channel AS second_channel,"
            " a.received_at AS first_received_at, b.received_at AS second_received_at, ra.district"
            " FROM suggestions AS g JOIN submissions AS a ON a.id = g.first_id JOIN submissions AS b ON b.id = g.second_id"
            " JOIN respondents AS ra ON ra.id = a.respondent_id JOIN respondents AS rb ON rb.id = b.respondent_id"
            " WHERE g.consultation_id = :id AND g.decision IS NULL ORDER BY g.likeness DESC, g.id"
        ),
        {"id": consultation_id},
    )
    return [dict(row) | {"likeness": float(row["likeness"])} for row in rows.mappings()]


def side_by_side(
    heed: Heed, session: Session, consultation_id: str, by: str, most: int
) -> tuple[int, list[dict[str, Any]]]:
    """How many wait for a decision, and the first of them with both responses' words, masked. The look is written down."""
    waiting = suggestions(session, consultation_id)
    pairs = waiting[:most]
    words = _words(heed, session, [pair[one] for pair in pairs for one in ("first", "second")])
    if pairs:
        audit.record(session, by, "responses-read", f"consultation:{consultation_id}", rows=len(words))
    return len(waiting), [
        pair | {"first_words": words[pair["first"]], "second_words": words[pair["second"]]} for pair in pairs
    ]


def campaigns(heed: Heed, session: Session, consultation_id: str) -> list[dict[str, Any]]:
    """Every campaign, the largest first, with the words that many people sent."""
    rows = [dict(row) for row in session.execute(CAMPAIGNS, {"id": consultation_id}).mappings()]
    analysed = select(Campaign.id, Campaign.analysed_id).where(Campaign.consultation_id == consultation_id)
    of = {number: text_id for number, text_id in session.execute(analysed)}  # noqa: C416 - rows, not pairs
    words = _words(heed, session, list(of.values()))
    return [row | {"words": words[of[row["campaign"]]]} for row in rows]


def _words(heed: Heed, session: Session, numbers: Sequence[int]) -> dict[int, str]:
    return {one.id: masked(one.words) for one in said_in(heed, session, numbers)}


def reject(session: Session, suggestion_id: int, by: str) -> None:
    """Two people who wrote alike: both are counted. Raises Refused."""
    row = _open(session, suggestion_id)
    row.decision, row.decided_by, row.decided_at = "rejected", by, clock.now(session)
    audit.record(session, by, "duplicate-rejected", f"suggestion:{row.id}")


def accept(session: Session, suggestion_id: int, by: str) -> int:
    """One person's response twice: the second is a duplicate, and both respondents are one. The merge's id. Raises Refused."""
    row = _open(session, suggestion_id)
    first, second = session.get_one(Submission, row.first_id), session.get_one(Submission, row.second_id)
    number = merging.join(session, first.respondent_id, second.respondent_id, by, row.id, second.id)
    row.decision, row.decided_by, row.decided_at = "accepted", by, clock.now(session)
    return number


def _open(session: Session, suggestion_id: int) -> Suggestion:
    row = session.scalar(select(Suggestion).where(Suggestion.id == suggestion_id).with_for_update())
    if row is None:
        raise Refused("not-found", "there is no suggestion with this number")
    if row.decision:
        raise Refused("already-decided", f"this suggestion was {row.decision} by {row.decided_by}")
    return row
