"""What is hidden in a response before it is published: one person reads it and says, another approves."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from services.common import acts, audit, clock
from services.common.acts import Refused
from services.common.context import Heed
from services.common.database import serialise
from services.consultation.models import Redaction, Submission
from services.consultation.publication import PURPOSE, read_masks
from services.consultation.themes import redaction as rules
from services.consultation.words import no_erasure, said_in

WAITING = text(
    "SELECT d.id, d.submission_id, d.masks, d.text_key, d.by, d.at, r.may_publish FROM ("
    " SELECT DISTINCT ON (submission_id) * FROM redactions ORDER BY submission_id, id DESC) AS d"
    " JOIN submissions AS s ON s.id = d.submission_id JOIN respondents AS r ON r.id = s.respondent_id"
    " WHERE s.consultation_id = :id AND d.approved_by IS NULL ORDER BY d.id"
)

# Of whom agreed to be quoted, what nobody has read for that yet; what a person has coded comes first.
WANTED = text(
    "SELECT s.id, EXISTS (SELECT 1 FROM codings AS c WHERE c.submission_id = s.id AND c.by IS NOT NULL) AS coded"
    " FROM submissions AS s JOIN respondents AS r ON r.id = s.respondent_id LEFT JOIN respondents AS k ON k.id = r.merged_into"
    " WHERE s.consultation_id = :id AND s.standing = 'counted' AND r.may_publish AND k.may_publish IS NOT FALSE"
    " AND r.erased_at IS NULL AND NOT EXISTS (SELECT 1 FROM redactions AS d WHERE d.submission_id = s.id)"
    " ORDER BY coded DESC, s.id"
)


def wanted(session: Session, consultation_id: str) -> list[int]:
    """The responses whose writers agreed to be quoted and of which nobody has said what is to be hidden; those that a person has coded
    first."""
    return list(session.scalars(WANTED, {"id": consultation_id}))


def read(heed: Heed, session: Session, consultation_id: str, submission_id: int, by: str) -> dict[str, Any]:
    """A response's words as they stand, and as the rules alone would have them: {"words", "masked"}. Audited.

    Raises Refused: `not-found`, `no-words`.
    """
    row = session.get(Submission, submission_id)
    if row is None or row.consultation_id != consultation_id:
        raise Refused("not-found", "the consultation has no response with this number")
    words = _words(heed, session, submission_id)
    audit.record(session, by, "text-read", f"response:{submission_id}", blind=False)
    return {"words": words, "masked": _masked(words, [])}


def propose(
    heed: Heed,
    session: Session,
    consultation_id: str,
    submission_id: int,
    hide: Sequence[tuple[str, str]],
    by: str,
) -> dict[str, Any]:
    """Say what is to be hidden in a response: words as they stand in it, each with a reason, beside what the rules find; or nothing
    more than that. It stands instead of any earlier one, an approved one too, so it is also how an approval is taken back.

    Raises Refused: `not-found`, `no-words`, `bad-redaction`, `bad-reason`.
    """
    row = session.get(Submission, submission_id)
    if row is None or row.consultation_id != consultation_id:
        raise Refused("not-found", "the consultation has no response with this number")
    no_erasure(session)
    serialise(session, f"redaction:{submission_id}")
    words = _words(heed, session, submission_id)
    masks: list[list[int | str]] = []
    for hidden, why in hide:
        try:
            found = rules.by_person(words, hidden, acts.reason(why))
        except ValueError as error:
            raise Refused("bad-redaction", str(error)) from None
        masks += [[mask.start, mask.end, mask.reason] for mask in found]
    made = Redaction(
        submission_id=submission_id,
        masks=sorted(masks),
        text_key=heed.index.of(words, PURPOSE),
        by=by,
        at=clock.now(session),
    )
    session.add(made)
    session.flush()
    # The reasons stay out of the log: they go when the person's words go.
    audit.record(
        session, by, "redaction-proposed", f"response:{submission_id}", redaction=made.id, masks=len(masks)
    )
    return {"id": made.id, "response": submission_id, "words": _masked(words, made.masks)}


def approve(heed: Heed, session: Session, consultation_id: str, redaction_id: int, by: str) -> None:
    """The response may be published so, if its writer agreed. Raises Refused: `not-found`, `superseded`, `already-approved`,
    `second-person`, `changed`."""
    row = session.get(Redaction, redaction_id)
    submission = session.get(Submission, row.submission_id) if row else None
    if row is None or submission is None or submission.consultation_id != consultation_id:
        raise Refused("not-found", "there is no redaction with this number")
    serialise(session, f"redaction:{row.submission_id}")
    session.refresh(row)
    latest = session.scalar(
        select(Redaction.id)
        .where(Redaction.submission_id == row.submission_id)
        .order_by(Redaction.id.desc())
        .limit(1)
    )
    if latest != row.id:
        raise Refused("superseded", f"redaction {latest} stands instead: look at that one")
    if row.approved_by:
        raise Refused("already-approved", f"{row.approved_by} approved it")
    if row.by == by:
        raise Refused("second-person", "another person than the one who proposed it approves it")
    if row.text_key != heed.index.of(_words(heed, session, row.submission_id), PURPOSE):
        raise Refused("changed", "the words have changed since they were read: propose it anew")
    row.approved_by, row.approved_at = by, clock.now(session)
    audit.record(session, by, "redaction-approved", f"response:{row.submission_id}", redaction=row.id)


def waiting(heed: Heed, session: Session, consultation_id: str, by: str) -> list[dict[str, Any]]:
    """What waits for a second person, the oldest first: the words, what would be hidden and why, and whether the writer agreed to be
    quoted. Audited."""
    rows = session.execute(WAITING, {"id": consultation_id}).all()
    words = {one.id: one.words for one in said_in(heed, session, [row.submission_id for row in rows])}
    found = [
        {
            "id": row.id,
            "response": row.submission_id,
            "words": words[row.submission_id],
            "published": _masked(words[row.submission_id], row.masks),
            "reasons": sorted({mask.reason for mask in read_masks(row.masks)}),
            "consent": row.may_publish is True,
            "by": row.by,
            "at": row.at,
        }
        for row in rows
    ]
    audit.record(session, by, "redactions-read", f"consultation:{consultation_id}", responses=len(found))
    return found


def _words(heed: Heed, session: Session, submission_id: int) -> str:
    (said,) = said_in(heed, session, [submission_id])
    if not said.words:
        raise Refused("no-words", "this response has no words: they were erased, or there were none")
    return said.words


def _masked(words: str, masks: list[list[int | str]]) -> str:
    return rules.masked(words, [*read_masks(masks), *rules.by_rule(words)])
