"""Groups of alike responses that no theme has taken: a person names one, which makes a theme, or dismisses it."""

import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.common import acts, audit, clock
from services.common.acts import Refused
from services.common.context import Heed
from services.consultation import codeframes
from services.consultation.models import Candidate
from services.consultation.words import said_in

EXAMPLES = 3


def candidates(heed: Heed, session: Session, consultation_id: str, by: str) -> list[dict[str, Any]]:
    """What waits for a name, the tightest group first: how many texts, the words that mark it, three examples. Audited."""
    rows = session.scalars(
        select(Candidate)
        .where(Candidate.consultation_id == consultation_id, Candidate.decision.is_(None))
        .order_by(Candidate.tightness.desc(), Candidate.id)
    ).all()
    shown = {number for row in rows for number in row.members[:EXAMPLES]}
    words = {one.id: one.words for one in said_in(heed, session, sorted(shown))}
    audit.record(session, by, "candidates-read", f"consultation:{consultation_id}", responses=len(words))
    return [
        {
            "id": row.id,
            "texts": len(row.members),
            "tightness": row.tightness / 1000,
            "marks": json.loads(heed.cipher.open(row.marks_enc, "marks").reveal()) if row.marks_enc else [],
            "examples": [{"response": number, "words": words[number]} for number in row.members[:EXAMPLES]],
            "found_at": row.found_at,
        }
        for row in rows
    ]


def name(
    session: Session, consultation_id: str, candidate_id: int, theme: dict[str, Any], reason: str, by: str
) -> int:
    """The group is a theme of the codeframe's next version, whose number this is. Its texts are coded by people as any.

    Raises Refused: `not-found`, `already-decided`, `bad-codeframe`, `bad-reason`.
    """
    row = _open(session, consultation_id, candidate_id)
    new = codeframes.theme(theme)
    frame = codeframes.add(session, consultation_id, new, reason, by)
    _decide(session, row, "named", by, reason, new.id)
    return frame.version


def dismiss(session: Session, consultation_id: str, candidate_id: int, reason: str, by: str) -> None:
    """The group is no theme; it is not offered again. Raises Refused: `not-found`, `already-decided`, `bad-reason`."""
    _decide(session, _open(session, consultation_id, candidate_id), "dismissed", by, reason)


def _open(session: Session, consultation_id: str, candidate_id: int) -> Candidate:
    row = session.scalar(
        select(Candidate)
        .where(Candidate.id == candidate_id, Candidate.consultation_id == consultation_id)
        .with_for_update()
    )
    if row is None:
        raise Refused(
            "not-found", "there is no group with this number; the latest run may have made new ones"
        )
    if row.decision:
        raise Refused("already-decided", f"this group was {row.decision} by {row.decided_by}")
    return row


def _decide(
    session: Session, row: Candidate, decision: str, by: str, reason: str, theme: str | None = None
) -> None:
    row.decision, row.theme, row.reason = decision, theme, acts.reason(reason)
    row.decided_by, row.decided_at = by, clock.now(session)
    audit.record(session, by, f"candidate-{decision}", f"candidate:{row.id}", theme=theme, reason=row.reason)
