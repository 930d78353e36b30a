"""Looking through responses as an office does: the newest first, by kind, channel, standing and day, a page at a time.

Who sent them is not read here, and what people write of numbers and addresses into their words is masked.
"""

from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, false, select
from sqlalchemy.orm import Session

from services.common import audit
from services.common.acts import Refused
from services.common.context import Heed
from services.common.models import DutyItem
from services.common.times import at_london, written
from services.consultation import questionnaire
from services.consultation.districts import OUTSIDE
from services.consultation.export import masked
from services.consultation.models import (
    Answer,
    Consultation,
    Merge,
    Respondent,
    Scan,
    Submission,
    SubmissionText,
)
from services.consultation.words import said_in

# What a response may be: a command or an opt-out is none.
KINDS = ("feedback", "danger", "safeguarding", "crime-report", "complaint", "question")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which responses of a consultation: all that are not ruled out."""

    kind: str | None = None
    channel: str | None = None
    standing: str | None = None
    day: date | None = None
    campaign: int | None = None


def page(
    heed: Heed,
    session: Session,
    row: Consultation,
    wanted: Wanted,
    by: str,
    *,
    before: int | None,
    limit: int,
) -> list[dict[str, Any]]:
    """The responses with lower numbers than `before`, the newest first, with their words. The look is written down."""
    found = session.execute(
        select(
            Submission.id,
            Submission.received_at,
            Submission.channel,
            Submission.kind,
            Submission.standing,
            Submission.campaign_id,
            Respondent.type,
            Respondent.district,
            Respondent.out_of_area,
            Respondent.erased_at,
        )
        .join(Respondent, Respondent.id == Submission.respondent_id)
        .where(Submission.consultation_id == row.id, *_conditions(wanted, before))
        .order_by(Submission.id.desc())
        .limit(limit)
    ).all()
    words = {one.id: masked(one.words) for one in said_in(heed, session, [one.id for one in found])}
    if found:
        audit.record(session, by, "responses-read", f"consultation:{row.id}", rows=len(found))
    return [
        {
            "id": one.id,
            "received_at": one.received_at,
            "channel": one.channel,
            "kind": one.kind,
            "standing": one.standing,
            "campaign": one.campaign_id,
            "type": one.type,
            "district": OUTSIDE if one.out_of_area else one.district,
            "words": None if one.erased_at else words[one.id],
        }
        for one in found
    ]


def numbers(session: Session, row: Consultation, wanted: Wanted) -> list[int]:
    """The numbers of all these responses, for a file of them."""
    found = select(Submission.id).where(Submission.consultation_id == row.id, *_conditions(wanted, None))
    return list(session.scalars(found))


def _conditions(wanted: Wanted, before: int | None) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    for column, value in (
        (Submission.kind, wanted.kind),
        (Submission.channel, wanted.channel),
        (Submission.standing, wanted.standing),
        (Submission.campaign_id, wanted.campaign),
    ):
        if value is not None:
            found.append(column == value)
    if wanted.day:
        found.append(_on(wanted.day))
    if before is not None:
        found.append(Submission.id < before)
    return found


def _on(day: date) -> ColumnElement[bool]:
    try:
        begins, ends = (at_london(one, time.min) for one in (day, day + timedelta(days=1)))
    except OverflowError:  # the calendar's own ends
        return false()
    return (Submission.received_at >= begins) & (Submission.received_at < ends)


def one(heed: Heed, session: Session, row: Consultation, response_id: int, by: str) -> dict[str, Any]:
    """A response whole: its words, its person's answers with their history, and what became of it. The look is written down.

    Raises Refused (`not-found`).
    """
    found = session.get(Submission, response_id)
    if found is None or found.consultation_id != row.id:
        raise Refused("not-found", f"{row.id} has no response {response_id}")
    person = session.get_one(Respondent, found.respondent_id)
    words = {each.id: masked(each.words) for each in said_in(heed, session, [response_id])}
    texts = session.scalars(
        select(SubmissionText.inbound_id)
        .where(SubmissionText.submission_id == response_id)
        .order_by(SubmissionText.inbound_id)
    ).all()
    scan = session.scalar(select(Scan.media_type).where(Scan.submission_id == response_id))
    audit.record(session, by, "response-read", f"response:{response_id}", kind=found.kind)
    shown: dict[str, Any] = written(
        {
            "id": found.id,
            "received_at": found.received_at,
            "ended_at": found.ended_at,
            "channel": found.channel,
            "kind": found.kind,
            "rule": found.rule,
            "standing": found.standing,
            "campaign": found.campaign_id,
            "words": None if person.erased_at else words[response_id],
            "texts": list(texts),
            "scan": scan,
            "receipt": person.reference,
            "person": _person(heed, person),
            "answers": _answers(heed, session, row, person.id),
            "others": _others(session, person, response_id),
            "merges": _merges(session, person.id),
        }
    )
    return shown


def of_duty(session: Session, item_id: int) -> tuple[str, int]:
    """The response that an item on duty is about, and its consultation: a letter has its words there alone. Raises Refused."""
    item = session.get(DutyItem, item_id)
    kind, _, number = item.cause.partition(":") if item else ("", "", "")
    found = select(Submission)
    if kind == "inbound":
        found = found.join(SubmissionText).where(SubmissionText.inbound_id == int(number))
    else:
        found = found.where(Submission.id == int(number or 0))
    row = session.scalar(found)
    if row is None:
        raise Refused("not-found", f"item D{item_id} is about no response")
    return row.consultation_id, row.id


def words_of_cause(heed: Heed, session: Session, cause: str) -> str | None:
    """The words of a letter, an e-mail or the form that put an item on duty; None where it was a text, or they are not kept."""
    kind, _, number = cause.partition(":")
    row = session.get(Submission, int(number)) if kind == "submission" else None
    return heed.cipher.open(row.words_enc, "body").reveal() if row and row.words_enc else None


def number_of(heed: Heed, session: Session, row: Consultation, response_id: int, by: str) -> str:
    """Who sent a response: the whole number. A permission of its own; the look is written down. Raises Refused."""
    person = session.scalar(
        select(Respondent)
        .join(Submission, Submission.respondent_id == Respondent.id)
        .where(Submission.consultation_id == row.id, Submission.id == response_id)
    )
    if person is None:
        raise Refused("not-found", f"{row.id} has no response {response_id}")
    if person.number_enc is None:
        raise Refused("no-number", "no number is known of whoever sent this")
    audit.record(session, by, "identity-read", f"response:{response_id}")
    return heed.cipher.open(person.number_enc, "number").reveal()


def _person(heed: Heed, person: Respondent) -> dict[str, Any]:
    """What somebody said of themselves; whether a number is known, and never which."""
    organisation = person.organisation_enc
    return {
        "type": person.type,
        "organisation": heed.cipher.open(organisation, "organisation").reveal() if organisation else None,
        "state": person.state,
        "language": person.language,
        "district": OUTSIDE if person.out_of_area else person.district,
        "victim": person.victim,
        "age_band": person.age_band,
        "may_publish": person.may_publish,
        "may_text": person.may_text,
        "has_number": person.number_enc is not None,
        "invited": person.invitation_id is not None,
        "erased_at": person.erased_at,
    }


def _answers(heed: Heed, session: Session, row: Consultation, person_id: int) -> list[dict[str, Any]]:
    """In the order of the questionnaire, the one that stands last."""
    order = {one.id: place for place, one in enumerate(questionnaire.parse(row.questionnaire).questions)}
    rows = session.scalars(select(Answer).where(Answer.respondent_id == person_id).order_by(Answer.id)).all()
    return [
        {
            "question": one.question,
            "value": one.value,
            "words": masked(heed.cipher.open(one.words_enc, "body").reveal()) if one.words_enc else None,
            "late": one.late,
            "at": one.at,
            "replaced_at": one.replaced_at,
        }
        for one in sorted(rows, key=lambda each: order.get(each.question, len(order)))
    ]


def _others(session: Session, person: Respondent, response_id: int) -> list[dict[str, Any]]:
    """The other responses of the same person, those of respondents merged with them included."""
    head = person.merged_into or person.id
    rows = session.execute(
        select(Submission.id, Submission.received_at, Submission.channel, Submission.standing)
        .join(Respondent, Respondent.id == Submission.respondent_id)
        .where((Respondent.id == head) | (Respondent.merged_into == head), Submission.id != response_id)
        .order_by(Submission.id)
    )
    return [dict(one) for one in rows.mappings()]


def _merges(session: Session, person_id: int) -> list[dict[str, Any]]:
    rows = session.scalars(
        select(Merge).where((Merge.kept_id == person_id) | (Merge.merged_id == person_id)).order_by(Merge.id)
    )
    return [
        {"id": one.id, "by": one.by, "at": one.at, "undone_by": one.undone_by, "undone_at": one.undone_at}
        for one in rows
    ]
