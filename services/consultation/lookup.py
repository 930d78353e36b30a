"""What became of what somebody said, by the receipt of it: response by response its themes, and what was done about them.

The receipt is the secret, and may be noted where others see it: so no words, no number and nothing that the person said of themselves
is shown, and who guesses receipts is soon told to wait.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from services.common import audit, clock
from services.common.acts import Refused
from services.common.database import among
from services.common.times import london_day
from services.consultation import coding, feedback
from services.consultation.batch_rows import RECEIPT
from services.consultation.models import Coding, Consultation, Feedback, LookupMiss, Respondent, Submission
from services.consultation.states import Standing as Where
from services.consultation.themes import codes
from services.consultation.themes.changes import called
from services.consultation.themes.codeframe import Codeframe, Stance, Theme
from services.consultation.themes.codes import Code, Standing

# Of 31^7 receipts a guesser finds one of 27,000 people's in a million; at this pace in a hundred years three.
MISSES_MOST = 20  # a minute
KEPT_FOR = timedelta(hours=1)


def find(session: Session, row: Consultation, reference: str, by: str | None = None) -> dict[str, Any] | None:
    """{"reference", "responses": [{"day", "channel", "state", "themes"}]}; None where nobody has it. A miss is counted.

    `state`: read (a person has coded it), waiting, or withdrawn, late … as the reconciliation has it. `by`: whoever of the office
    looks, which is audited; None where it is the person. Raises Refused (`busy`).
    """
    now, given = clock.now(session), reference.strip().upper()
    recent = select(func.count()).where(
        LookupMiss.consultation_id == row.id, LookupMiss.at > now - timedelta(minutes=1)
    )
    if (session.scalar(recent) or 0) >= MISSES_MOST:
        raise Refused("busy", "too many wrong references were given of late: try again in a minute")
    person = RECEIPT.fullmatch(given) and session.scalar(
        select(Respondent).where(
            Respondent.reference == given,
            Respondent.consultation_id == row.id,
            Respondent.erased_at.is_(None),
        )
    )
    if not person:
        _missed(session, row, now)
        return None
    if by is not None:
        audit.record(session, by, "response-looked-up", f"respondents:{person.id}")
    frame = coding.codeframe(session, row.id)
    answers = feedback.approved(session, row.id, frame)
    responses = session.scalars(
        select(Submission)
        .where(Submission.respondent_id == person.id, Submission.standing.not_in([Where.TEST, Where.BLANK]))
        .order_by(Submission.received_at, Submission.id)
    ).all()
    standing = _standing(session, frame, list(responses))
    return {
        "reference": given,
        "responses": [_response(frame, answers, one, standing.get(one.id)) for one in responses],
    }


def _missed(session: Session, row: Consultation, now: datetime) -> None:
    session.execute(delete(LookupMiss).where(LookupMiss.at < now - KEPT_FOR))
    session.add(LookupMiss(consultation_id=row.id, at=now))


def _response(
    frame: Codeframe, answers: dict[str, Feedback], one: Submission, stands: Standing | None
) -> dict[str, Any]:
    read = stands is not None and stands.reviewed
    state = one.standing if one.standing != Where.COUNTED else "read" if read else "waiting"
    themes = _themes(frame, answers, stands) if state == "read" and stands else []
    return {
        "day": london_day(one.received_at).isoformat(),
        "channel": one.channel,
        "state": str(state),
        "themes": [
            {
                "theme": theme.id,
                "title": theme.title,
                "body": theme.body,
                "answer": answer(answers.get(theme.id)),
            }
            for theme in themes
        ],
    }


def _themes(frame: Codeframe, answers: dict[str, Feedback], stands: Standing) -> list[Theme]:
    """The themes of a response, and before them those split since whose answer is the one that it has."""
    was = {called(frame, theme) for theme in stands.split}
    earlier = [
        frame.theme(theme)
        for theme, new in feedback.split_since(frame, answers).items()
        if theme in was or new & stands.themes.keys()
    ]
    return [*earlier, *(theme for theme in frame.themes if theme.id in stands.themes)]


def answer(row: Feedback | None) -> dict[str, Any] | None:
    """An approved answer as it is shown to everybody."""
    if row is None:
        return None
    return {
        "outcome": row.outcome,
        "considered": row.considered,
        "done": row.done,
        "approved_at": row.approved_at,
    }


def _standing(session: Session, frame: Codeframe, responses: list[Submission]) -> dict[int, Standing]:
    """What stands for these responses alone; copies of a campaign share one code."""
    campaigns = {one.campaign_id for one in responses if one.campaign_id}
    rows = session.execute(
        select(Coding, Submission.campaign_id)
        .join(Submission, Submission.id == Coding.submission_id)
        .where(
            or_(
                among(Coding.submission_id, [one.id for one in responses]),
                among(Submission.campaign_id, campaigns),
            )
        )
        .order_by(Coding.id)
    )
    given = [
        Code(
            -campaign if campaign else row.submission_id,
            {theme: Stance(stance) for theme, stance in row.themes.items()},
            row.version,
            row.at,
            row.by,
            row.model,
            row.blind,
        )
        for row, campaign in rows
    ]
    found = codes.standing(frame, given)
    groups = {one.id: -one.campaign_id if one.campaign_id else one.id for one in responses}
    return {number: found[group] for number, group in groups.items() if group in found}
