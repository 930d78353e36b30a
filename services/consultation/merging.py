"""Two respondents who are one person. A merge makes a composite and deletes nothing; undoing it puts back what it changed.

The merged person's responses stand as parts of the other's. Whoever stands for others is never merged themselves, so that undoing
one merge touches no other.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from services.common import audit, clock
from services.common.acts import Refused
from services.common.database import among, serialise
from services.consultation.models import Merge, Respondent, Submission, Suggestion
from services.consultation.states import Standing


def merge(session: Session, kept: str, merged: str, by: str) -> int:
    """Two respondents, by their references, are one person; the merge's id. Raises Refused."""
    found = {
        row.reference: row.id
        for row in session.scalars(select(Respondent).where(Respondent.reference.in_([kept, merged])))
    }
    for reference in (kept, merged):
        if reference not in found:
            raise Refused("not-found", f"nobody has the reference {reference[:20]}")
    return join(session, found[kept], found[merged], by)


def join(
    session: Session,
    kept_id: int,
    merged_id: int,
    by: str,
    suggestion_id: int | None = None,
    copy_id: int | None = None,
) -> int:
    """Merge by row ids; the merge's id. `copy_id` is a response that is a duplicate, not a part. Raises Refused."""
    kept = session.get_one(Respondent, kept_id)
    serialise(session, f"consultation:{kept.consultation_id}")
    kept = session.get_one(Respondent, kept.merged_into or kept.id, populate_existing=True)
    merged = session.get_one(Respondent, merged_id, populate_existing=True)
    if kept.consultation_id != merged.consultation_id:
        raise Refused("another-consultation", "they answered two consultations: each counts its own people")
    if merged.merged_into or kept.id == merged.id:
        raise Refused("already-merged", "they are one person already, or the second is merged into another")
    if session.scalar(select(Respondent.id).where(Respondent.merged_into == merged.id).limit(1)):
        raise Refused(
            "stands-for-others", "others were merged into the second one: merge the two the other way round"
        )
    counted = session.scalars(
        select(Submission.id)
        .where(Submission.respondent_id == merged.id, Submission.standing == Standing.COUNTED)
        .order_by(Submission.id)
    )
    moved = [
        (one, str(Standing.COUNTED), str(Standing.DUPLICATE if one == copy_id else Standing.MERGED))
        for one in counted
    ]
    _stand(session, [(number, after) for number, _, after in moved])
    merged.merged_into = kept.id
    row = Merge(
        consultation_id=kept.consultation_id,
        suggestion_id=suggestion_id,
        kept_id=kept.id,
        merged_id=merged.id,
        moved=moved,
        by=by,
        at=clock.now(session),
    )
    session.add(row)
    session.flush()
    audit.record(session, by, "respondents-merged", f"merge:{row.id}", responses=len(moved))
    return row.id


def undo(session: Session, merge_id: int, by: str) -> None:
    """Take a merge back: what it changed and nobody changed since stands as before. Raises Refused."""
    row = session.scalar(select(Merge).where(Merge.id == merge_id).with_for_update())
    if row is None:
        raise Refused("not-found", "there is no merge with this number")
    if row.undone_at:
        raise Refused("already-undone", f"this merge was undone by {row.undone_by}")
    standing = {
        found.id: found.standing
        for found in session.scalars(
            select(Submission).where(among(Submission.id, [number for number, *_ in row.moved]))
        )
    }
    back = [(number, before) for number, before, after in row.moved if standing.get(number) == after]
    _stand(session, back)
    session.get_one(Respondent, row.merged_id).merged_into = None
    if row.suggestion_id:
        suggestion = session.get_one(Suggestion, row.suggestion_id)
        suggestion.decision = suggestion.decided_by = suggestion.decided_at = None
    row.undone_by, row.undone_at = by, clock.now(session)
    audit.record(session, by, "merge-undone", f"merge:{row.id}", responses=len(back))


def _stand(session: Session, changes: Sequence[tuple[int, str]]) -> None:
    if changes:
        session.execute(update(Submission), [{"id": number, "standing": to} for number, to in changes])


def merges(session: Session, consultation_id: str) -> list[dict[str, Any]]:
    """Every merge, the newest first."""
    rows = session.execute(
        text(
            "SELECT m.id, k.reference AS kept, o.reference AS merged, m.suggestion_id AS suggestion, m.by, m.at, m.undone_by, m.undone_at"
            " FROM merges AS m JOIN respondents AS k ON k.id = m.kept_id JOIN respondents AS o ON o.id = m.merged_id"
            " WHERE m.consultation_id = :id ORDER BY m.id DESC"
        ),
        {"id": consultation_id},
    )
    return [dict(row) for row in rows.mappings()]
