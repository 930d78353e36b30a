"""You said, we did: what was considered of each theme and what was done. One person writes it, another approves it, all of it stays.

Only an approved answer is published, shown to a resident or texted. A newer one takes its place once it is approved too.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from services.common import audit, clock
from services.common.acts import Refused
from services.common.times import at_london, london
from services.consultation import coding
from services.consultation.models import Bundle, Consultation, Feedback
from services.consultation.said_back import Written
from services.consultation.themes.changes import called, today
from services.consultation.themes.codeframe import Codeframe, Group, Theme

# Cabinet Office, Consultation Principles (2018), J: an answer within twelve weeks of the end.
DUE_AFTER = timedelta(weeks=12)
ASKED = text(
    "SELECT count(*) FROM (SELECT 1 FROM submissions AS s JOIN respondents AS r ON r.id = s.respondent_id"
    " WHERE s.consultation_id = :id AND s.standing = 'counted' GROUP BY coalesce(r.merged_into, r.id)"
    " HAVING bool_and(r.may_text)) AS people"
)
TEXTS = text(
    "SELECT count(*) AS planned, count(DISTINCT t.respondent_id) AS told, count(*) FILTER (WHERE o.state = 'accepted') AS sent,"
    " count(*) FILTER (WHERE o.state IN ('failed', 'cancelled')) AS not_sent"
    " FROM feedback_texts AS t LEFT JOIN outbox AS o ON o.kind = 'feedback' AND o.subject_id = t.id WHERE t.consultation_id = :id"
)


def write(session: Session, row: Consultation, written: Written, by: str) -> Feedback:
    """Write an answer to a theme, or write one anew. It waits for another person's approval. Raises Refused."""
    frame = coding.codeframe(session, row.id)
    if written.theme not in {theme.id for theme in frame.themes if theme.group is not Group.NONE}:
        raise Refused(
            "no-theme",
            f"there is no theme {written.theme!r} to answer in version {frame.version} of the codeframe",
        )
    made = Feedback(
        consultation_id=row.id,
        theme=written.theme,
        version=frame.version,
        outcome=str(written.outcome),
        considered=dict(written.considered),
        done=dict(written.done),
        brief=dict(written.brief),
        by=by,
        at=clock.now(session),
    )
    session.add(made)
    session.flush()
    audit.record(
        session, by, "feedback-written", f"feedback:{made.id}", theme=made.theme, outcome=made.outcome
    )
    return made


def approve(session: Session, row: Consultation, number: int, by: str) -> Feedback:
    """Approve an answer that another person wrote. Raises Refused (`not-found`, `own-answer`, `approved`, `written-anew`)."""
    found = session.get(Feedback, number, with_for_update=True)
    if found is None or found.consultation_id != row.id:
        raise Refused("not-found", f"there is no answer {number} of {row.id}")
    if found.by == by:
        raise Refused("own-answer", "whoever wrote an answer does not approve it: ask another person")
    if found.approved_at is not None:
        raise Refused("approved", f"{found.approved_by} has approved it already")
    newest = session.scalars(
        select(Feedback.id)
        .where(Feedback.consultation_id == row.id, Feedback.theme == found.theme)
        .order_by(Feedback.id.desc())
        .limit(1)
    ).one()
    if newest != found.id:
        raise Refused("written-anew", f"it was written anew since: approve answer {newest}")
    found.approved_by, found.approved_at = by, clock.now(session)
    audit.record(session, by, "feedback-approved", f"feedback:{found.id}", theme=found.theme)
    return found


def listed(session: Session, consultation_id: str) -> list[dict[str, Any]]:
    """Every answer ever written, the newest of each theme first: it stands where it is approved."""
    standing = {one.id for one in approved(session, consultation_id).values()}
    rows = session.scalars(
        select(Feedback)
        .where(Feedback.consultation_id == consultation_id)
        .order_by(Feedback.theme, Feedback.id.desc())
    )
    return [described(one) | {"stands": one.id in standing} for one in rows]


def described(row: Feedback) -> dict[str, Any]:
    """An answer with its history, as lists show it."""
    shown = (
        "id",
        "theme",
        "outcome",
        "considered",
        "done",
        "brief",
        "by",
        "at",
        "approved_by",
        "approved_at",
    )
    return {name: getattr(row, name) for name in shown}


def approved(session: Session, consultation_id: str, frame: Codeframe | None = None) -> dict[str, Feedback]:
    """The answer that stands for each theme, the one approved last: by themes of today, and by those that were split since.

    One to a theme that was merged counts for the new one. One to a theme that was split stands under the title that it was approved
    under, until each of the new themes has an answer of its own.
    """
    frame = frame or coding.codeframe(session, consultation_id)
    rows = session.scalars(
        select(Feedback)
        .where(Feedback.consultation_id == consultation_id, Feedback.approved_at.is_not(None))
        .order_by(Feedback.id)
    )
    found: dict[str, Feedback] = {}
    for row in rows:
        found[called(frame, row.theme)] = row
    replaced = [theme for theme, new in split_since(frame, found).items() if not new]
    return {theme: row for theme, row in found.items() if theme not in replaced}


def in_order(frame: Codeframe, answers: Mapping[str, Feedback]) -> list[Theme]:
    """The themes that have an answer, as the frame has them; one that was split before the first of those that came of it."""
    places = {theme: place for place, theme in enumerate(frame.ids)}

    def place(theme: str) -> tuple[int, bool]:
        return min(places.get(one, len(places)) for one in today(frame, theme)), theme in places

    return [frame.theme(theme) for theme in sorted(answers, key=place)]


def split_since(frame: Codeframe, answers: Mapping[str, Feedback]) -> dict[str, set[str]]:
    """The themes split since that have an answer, each with those that came of it and have none of their own."""
    new = {theme: today(frame, theme) for theme in answers}
    return {theme: set(those - answers.keys()) for theme, those in new.items() if len(those) > 1}


def owed(
    session: Session,
    consultation_id: str,
    frame: Codeframe,
    spoken: Collection[str],
    answers: Mapping[str, Feedback],
) -> list[str]:
    """The themes that somebody spoke of and that nobody has answered: what is another body's is answered once that was told.

    Whoever spoke of a theme that was split, and was answered, spoke of what came of it.
    """
    spoken = set(spoken).union(*split_since(frame, answers).values())
    told = set(session.scalars(select(Bundle.sent_to).where(Bundle.consultation_id == consultation_id)))
    return [
        one.id
        for one in frame.themes
        if one.group is not Group.NONE and one.id in spoken and one.id not in answers and one.body not in told
    ]


def due_at(row: Consultation) -> datetime | None:
    """By when people are to be answered: midnight in London, whatever the clocks did since; None where it never closes."""
    if row.closes_at is None:
        return None
    closed = london(row.closes_at)
    return at_london(closed.date() + DUE_AFTER, closed.time())


def summary(
    session: Session, row: Consultation, frame: Codeframe, themes: Sequence[dict[str, Any]], now: datetime
) -> dict[str, Any]:
    """What the report says of it; `themes` are its rows of themes."""
    answers = approved(session, row.id, frame)
    unanswered = owed(session, row.id, frame, {one["theme"] for one in themes if one["responses"]}, answers)
    due = due_at(row)
    return {
        "answers": [
            {
                "theme": theme.id,
                "title": theme.title,
                "outcome": answers[theme.id].outcome,
                "considered": answers[theme.id].considered["en"],
                "done": answers[theme.id].done["en"],
                "approved_at": answers[theme.id].approved_at,
            }
            for theme in in_order(frame, answers)
        ],
        "unanswered": unanswered,
        "due_at": due,
        "overdue": bool(unanswered and due and now >= due),
        "asked": session.scalar(ASKED, {"id": row.id}),
        "texts": dict(session.execute(TEXTS, {"id": row.id}).mappings().one()),
        "bundles": [
            {"body": one.sent_to, "at": one.at}
            for one in session.scalars(
                select(Bundle).where(Bundle.consultation_id == row.id).order_by(Bundle.id)
            )
        ],
    }
