"""Erasing a person: words, numbers, scans and names go, the row that is counted stays. And holds, which forbid it.

`erase_rows` is the one place that knows what is content; who is erased, and why, is its caller's.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, cast, delete, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from services.common import acts, audit, clock, persons_texts
from services.common.acts import Refused
from services.common.context import Heed
from services.common.database import among
from services.common.models import DutyItem, Outbox
from services.common.outbox.states import State
from services.consultation import subject as subjects
from services.consultation.models import (
    Answer,
    Candidate,
    Conversation,
    Hold,
    Invitation,
    Redaction,
    Respondent,
    ReviewTurn,
    Scan,
    Submission,
    SuggestedThemes,
    TextVector,
)
from services.consultation.subject import Subject
from services.consultation.words import no_erasure

UNSETTLED = (State.CLAIMED, State.UNCERTAIN, State.STAFF)


def erase(heed: Heed, session: Session, who: str, by: str) -> dict[str, int]:
    """Erase a person by number, e-mail address or receipt; how many rows of each kind lost their content.

    Raises NoSubject, and Refused: `held`, `text-unsettled`, `duty-open`.
    """
    subject = subjects.find(heed, session, who)
    reason = subjects.held_because(session, subject)
    if reason:
        raise Refused("held", f"a hold forbids it ({reason}): release it first")
    _nothing_under_way(session, subject)
    erased = erase_rows(session, subject, clock.now(session))
    audit.record(session, by, "subject-erased", subject.named, **erased)
    return erased


def _nothing_under_way(session: Session, subject: Subject) -> None:
    if session.scalar(select(Outbox.id).where(subjects.about(subject), Outbox.state.in_(UNSETTLED)).limit(1)):
        raise Refused(
            "text-unsettled",
            "a text to this person is on the wire or unsettled: see `heed queue list`, then try again",
        )
    if session.scalar(
        select(DutyItem.id)
        .where(among(DutyItem.inbound_id, subject.inbound), DutyItem.done_at.is_(None))
        .limit(1)
    ):
        raise Refused("duty-open", "something of this person waits for the officer on duty: settle it first")


def erase_rows(session: Session, subject: Subject, now: datetime) -> dict[str, int]:
    """Take the content out of every row of this person. The register keeps a number that has stopped, so that it stays so."""
    no_erasure(session)
    people, texts = subject.respondents, subject.inbound
    out = list(session.scalars(select(Outbox.id).where(subjects.about(subject))))
    asked = list(session.scalars(select(Invitation.id).where(subjects.invitations(subject))))
    theirs = list(session.scalars(select(Submission.id).where(among(Submission.respondent_id, people))))
    erased = {
        "respondents": len(people),
        "responses": len(theirs),
        "texts_in": len(texts),
        "texts_out": len(out),
        "invitations": len(asked),
        "scans": _done(session, delete(Scan).where(among(Scan.submission_id, theirs))),
    }
    persons_texts.empty(session, out, texts, now)
    session.execute(update(Submission).where(among(Submission.id, theirs)).values(words_enc=None))
    _forget_coding(session, theirs)
    session.execute(update(Answer).where(among(Answer.respondent_id, people)).values(words_enc=None))
    session.execute(delete(Conversation).where(among(Conversation.respondent_id, people)))
    session.execute(
        update(Invitation).where(among(Invitation.id, asked)).values(number_key=None, consent_enc=None)
    )
    session.execute(
        update(Respondent)
        .where(among(Respondent.id, people))
        .values(number_key=None, number_enc=None, email_key=None, organisation_enc=None, erased_at=now)
    )
    session.execute(delete(Hold).where(among(Hold.subject_key, subject.hold_keys)))
    if subject.number_key:
        persons_texts.forget(session, subject.number_key)
    return erased


def _forget_coding(session: Session, submissions: list[int]) -> None:
    """What was made of the words goes with them; a code says what a response counts as, and stays."""
    for table in (Redaction, SuggestedThemes, TextVector, ReviewTurn):
        session.execute(delete(table).where(among(table.submission_id, submissions)))
    theirs = Candidate.members.overlap(cast(submissions, ARRAY(BigInteger)))
    session.execute(delete(Candidate).where(theirs, Candidate.decision.is_(None)))
    session.execute(update(Candidate).where(theirs).values(marks_enc=None))


def _done(session: Session, statement: Any) -> int:
    found: int = session.execute(statement).rowcount  # type: ignore[attr-defined] # a statement that changes rows has one
    return found


def hold(heed: Heed, session: Session, who: str, reason: str, by: str) -> None:
    """Forbid erasing this person, until it is released. Raises NoSubject, Refused (`held`) where it is held already."""
    subject = subjects.find(heed, session, who)
    if subjects.held_because(session, subject):
        raise Refused("held", "this person is held already")
    reason = acts.reason(reason)
    session.add(Hold(subject_key=subject.key, reason=reason, by=by, at=clock.now(session)))
    audit.record(session, by, "hold-placed", subject.named, reason=reason)


def release(heed: Heed, session: Session, who: str, by: str) -> None:
    """Allow it again. Raises NoSubject, Refused (`not-held`)."""
    subject = subjects.find(heed, session, who)
    rows = session.scalars(
        select(Hold).where(among(Hold.subject_key, subject.hold_keys), Hold.released_at.is_(None))
    ).all()
    if not rows:
        raise Refused("not-held", "this person is not held")
    for row in rows:
        row.released_by, row.released_at = by, clock.now(session)
    audit.record(session, by, "hold-released", subject.named, holds=len(rows))
