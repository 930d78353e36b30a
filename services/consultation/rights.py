"""Rights beyond access and erasure: an answer put right, and no more texts."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from services.common import acts, audit, clock, numbers
from services.common.acts import Refused
from services.common.context import Heed
from services.common.database import among
from services.consultation import questions, respondents
from services.consultation import subject as subjects
from services.consultation.models import Consultation, Respondent
from services.consultation.questionnaire import parse
from services.consultation.turns import Answered


def correct(heed: Heed, session: Session, who: str, question: str, answer: str, reason: str, by: str) -> str:
    """Put an answer right as if the person had texted it; the former one stays as history. The receipt of whose it is.

    Raises NoSubject, and Refused: `which-record`, `no-such-question`, `does-not-fit`.
    """
    because, subject = acts.reason(reason), subjects.find(heed, session, who)
    rows = session.scalars(
        select(Respondent).where(
            among(Respondent.id, subject.respondents),
            Respondent.merged_into.is_(None),
            Respondent.erased_at.is_(None),
        )
    ).all()
    if len(rows) != 1:
        receipts = ", ".join(row.reference for row in rows)
        raise Refused(
            "which-record",
            f"name one of them by receipt: {receipts}" if rows else "nobody of theirs is known",
        )
    (row,) = rows
    questionnaire = parse(session.get_one(Consultation, row.consultation_id).questionnaire)
    asked = next((one for one in questionnaire.questions if one.id == question), None)
    if asked is None:
        known = ", ".join(one.id for one in questionnaire.questions)
        raise Refused("no-such-question", f"its questions are {known}")
    reading = questions.read(asked, answer)
    if reading is None:
        raise Refused("does-not-fit", f"{question} cannot be answered so: answer it as a text would")
    respondents.keep_answers(
        heed, session, questionnaire, row, [Answered(question, reading)], None, clock.now(session)
    )
    audit.record(session, by, "subject-corrected", f"respondents:{row.id}", question=question, reason=because)
    return row.reference


def object_to_texts(heed: Heed, session: Session, who: str, reason: str, by: str) -> int:
    """Text this person no more, and publish none of their words; of how many respondents.

    Raises NoSubject, and Refused (`no-number`) where they are asked for by something else than their number.
    """
    because, subject = acts.reason(reason), subjects.find(heed, session, who)
    if subject.number_key is None:
        raise Refused("no-number", "give their number: it is the number that is texted no more")
    numbers.note(session, subject.number_key, "stop", "rights:objection", clock.now(session))
    session.execute(
        update(Respondent)
        .where(among(Respondent.id, subject.respondents))
        .values(may_text=False, may_publish=False)
    )
    audit.record(session, by, "subject-objection", subject.named, reason=because)
    return len(subject.respondents)
