"""The people of a consultation: found by their number or made new, and where the conversation with each stands."""

import secrets
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.common.context import Heed
from services.common.models import Inbound
from services.consultation.conversation import state_of
from services.consultation.models import Answer, Conversation, Respondent, Submission
from services.consultation.questionnaire import Questionnaire
from services.consultation.questions import filled
from services.consultation.states import Channel, Standing, State
from services.consultation.turns import Answered, Place

# No 0/O, 1/I/L, so that a reference can be read out.
REFERENCE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def new_reference() -> str:
    """A reference that cannot be guessed, for a receipt."""
    return "".join(secrets.choice(REFERENCE_LETTERS) for _ in range(7))


def reference_of(heed: Heed, row: Inbound) -> str:
    """The reference of whoever sends their first text: it follows from the text, so that one that is fetched once more after a restore
    gives the same. Not to be guessed without the index key; another one after a failure, should it be taken."""
    number = int.from_bytes(heed.index.of(f"{row.sid}:{row.failures}", "reference"))
    letters = []
    for _ in range(7):
        number, place = divmod(number, len(REFERENCE_LETTERS))
        letters.append(REFERENCE_LETTERS[place])
    return "".join(letters)


def current(session: Session, consultation_id: str, number_key: bytes) -> Respondent | None:
    """Whoever answers on this phone now: the newest person there."""
    return session.scalar(
        select(Respondent)
        .where(Respondent.consultation_id == consultation_id, Respondent.number_key == number_key)
        .order_by(Respondent.person.desc())
        .limit(1)
    )


def find_or_make(
    heed: Heed, session: Session, consultation_id: str, row: Inbound, person: int, language: str
) -> Respondent:
    """The respondent who has sent this text, as this person on their phone."""
    sender = heed.cipher.open(row.from_enc, "number")
    session.execute(
        insert(Respondent)
        .values(
            consultation_id=consultation_id,
            number_key=row.from_key,
            number_enc=heed.cipher.seal(sender, "number"),
            person=person,
            reference=reference_of(heed, row),
            language=language,
            channel=Channel.SMS,
            state=State.STARTED,
            first_at=row.received_at,
        )
        .on_conflict_do_nothing(index_elements=["consultation_id", "number_key", "person"])
    )
    return session.scalars(
        select(Respondent)
        .where(
            Respondent.consultation_id == consultation_id,
            Respondent.number_key == row.from_key,
            Respondent.person == person,
        )
        .with_for_update()
    ).one()


def place_of(session: Session, respondent: Respondent | None) -> Place:
    """Where the conversation with somebody stands."""
    if respondent is None:
        return Place()
    talk = session.get(Conversation, respondent.id)
    answers = session.execute(
        select(Answer.question, Answer.value).where(
            Answer.respondent_id == respondent.id, Answer.replaced_at.is_(None)
        )
    )
    has_view = session.scalar(
        select(func.count())
        .select_from(Submission)
        .where(Submission.respondent_id == respondent.id, Submission.standing != Standing.BLANK)
    )
    return Place(
        language=respondent.language,
        person=respondent.person,
        has_view=bool(has_view),
        withdrawn=respondent.state == State.WITHDRAWN,
        refused=respondent.state == State.REFUSED,
        question=talk.question if talk else None,
        asked=tuple(talk.asked) if talk else (),
        asked_at=talk.asked_at if talk else None,
        asked_again=talk.asked_again if talk else False,
        expires_at=talk.expires_at if talk else None,
        answers={question: value for question, value in answers},  # noqa: C416 - rows, not pairs
    )


def save(session: Session, questionnaire: Questionnaire, respondent: Respondent, place: Place) -> None:
    """Write down where the conversation stands after a text."""
    late = select(func.bool_and(Submission.late)).where(
        Submission.respondent_id == respondent.id, Submission.standing != Standing.BLANK
    )
    respondent.language = questionnaire.spoken(place.language)
    respondent.state = state_of(
        questionnaire, place, late=bool(session.scalar(late)), out_of_area=respondent.out_of_area
    )
    values = {
        "question": place.question,
        "asked": list(place.asked),
        "asked_at": place.asked_at,
        "asked_again": place.asked_again,
        "expires_at": place.expires_at,
    }
    if place.asked:
        session.execute(
            insert(Conversation)
            .values(respondent_id=respondent.id, **values)
            .on_conflict_do_update(index_elements=["respondent_id"], set_=values)
        )


def keep_answers(
    heed: Heed,
    session: Session,
    questionnaire: Questionnaire,
    respondent: Respondent,
    answers: Iterable[Answered],
    inbound_id: int | None,
    at: datetime,
) -> None:
    """Keep answers that came by a text, or by the office's hand; a change leaves the former one as history, and words that did not fit are history at once."""
    for one in answers:
        if not one.misread:
            session.execute(
                update(Answer)
                .where(
                    Answer.respondent_id == respondent.id,
                    Answer.question == one.question,
                    Answer.replaced_at.is_(None),
                )
                .values(replaced_at=at)
            )
        words = one.reading.words
        session.add(
            Answer(
                respondent_id=respondent.id,
                question=one.question,
                value=one.reading.value,
                words_enc=heed.cipher.seal(words, "body") if words is not None else None,
                inbound_id=inbound_id,
                late=one.late,
                at=at,
                replaced_at=at if one.misread else None,
            )
        )
        fills = questionnaire.question(one.question).fills
        if fills and not one.misread:
            for column, value in filled(fills, one.reading.value).items():
                setattr(respondent, column, value)
        session.flush()


def withdraw(session: Session, respondent: Respondent) -> None:
    """Count none of a respondent's submissions any more, those to come included; nothing is removed."""
    respondent.state = State.WITHDRAWN
    head = respondent.merged_into or respondent.id
    # Whoever a person of the office found to be the same one withdraws with them.
    theirs = select(Respondent.id).where((Respondent.id == head) | (Respondent.merged_into == head))
    session.execute(
        update(Submission).where(Submission.respondent_id.in_(theirs)).values(standing=Standing.WITHDRAWN)
    )
