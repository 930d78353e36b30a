"""A response by the public form: kept once however often it is sent, and held to what a person can do.

The form carries a signed token, so that no robot makes one up; it counts as one respondent, also when somebody goes back and changes
words. What a robot's speed or a busy minute keeps out stays on the page, to be sent again.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.common import clock
from services.common.context import Heed
from services.consultation import form_fields, imports, questionnaire
from services.consultation.batch_rows import ANSWER, Response
from services.consultation.models import Batch, Consultation, Respondent, Submission
from services.consultation.routing import route
from services.consultation.states import Channel, RespondentType

BATCH = "web-form"
# From the making of the page to its sending: faster is a robot, slower an open page of last week's.
SOONEST, LATEST = timedelta(seconds=2), timedelta(days=7)
PER_MINUTE_MOST = 300


@dataclass(frozen=True, slots=True)
class Kept:
    """A response that is kept: its receipt, and whether its words speak of danger."""

    receipt: str
    danger: bool


def token(heed: Heed, now: datetime) -> str:
    """What a new page carries: when it was made, a random word, and our signature over both."""
    made = f"{int(now.timestamp())}.{secrets.token_urlsafe(12)}"
    return f"{made}.{_signature(heed, made)}"


def _signature(heed: Heed, made: str) -> str:
    return heed.index.of(made, "form").hex()


def fresh(heed: Heed, given: str, now: datetime) -> bool:
    """Whether a page with this token is ours, and was open for as long as a person needs."""
    made, _, signature = given.rpartition(".")
    if not made or not secrets.compare_digest(signature.encode(), _signature(heed, made).encode()):
        return False
    open_for = now.timestamp() - int(made.split(".")[0])
    return SOONEST.total_seconds() <= open_for <= LATEST.total_seconds()


def keep(
    heed: Heed, session: Session, row: Consultation, given: Mapping[str, str], language: str
) -> Kept | dict[str, str]:
    """Keep what was sent, or say what is wrong by field, in the words of the page."""
    say = form_fields.sayings()[language]
    now = clock.now(session)
    parsed = questionnaire.parse(row.questionnaire)
    wrong = form_fields.problems(parsed, given, language)
    if wrong:
        return wrong
    if not fresh(heed, given["token"], now):
        return {"words": say["error_again"]}
    if _lately(session, row, now) >= PER_MINUTE_MOST:
        return {"words": say["error_busy"]}
    reference = given["token"].split(".")[1]
    response = Response(
        where="form",
        # The same page with other words is another response of the same person.
        reference=f"{reference}-{heed.index.of(repr(sorted(_said(given).items())), 'form').hex()[:16]}",
        channel=Channel.WEB,
        received_at=now,
        text=given["words"],
        type=given["type"] or RespondentType.RESIDENT,
        organisation=given["organisation"] if given["type"] == RespondentType.ORGANISATION else "",
        receipt=given["receipt"].upper() or _before(session, row, reference),
        language=language,
        answers={
            one.id: given[f"{ANSWER}{one.id}"]
            for one in form_fields.asked(parsed)
            if given.get(f"{ANSWER}{one.id}")
        },
    )
    taken = imports.take(heed, session, row, BATCH, [response], "web-form")
    if taken.rejections:
        return {taken.rejections[0].field: say["error_receipt"]}
    receipt = session.scalars(
        select(Respondent.reference)
        .join(Submission, Submission.respondent_id == Respondent.id)
        .where(Submission.batch_id == _batch_id(row), Submission.row_ref == response.reference)
    ).one()
    return Kept(receipt, route(response.text).kind == "danger")


def _said(given: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in given.items() if name not in ("token", "website")}


def _batch_id(row: Consultation) -> object:
    return select(Batch.id).where(Batch.consultation_id == row.id, Batch.title == BATCH).scalar_subquery()


def _before(session: Session, row: Consultation, reference: str) -> str | None:
    """The receipt of what the same page sent before."""
    return session.scalar(
        select(Respondent.reference)
        .join(Submission, Submission.respondent_id == Respondent.id)
        .where(
            Submission.batch_id == _batch_id(row),
            Submission.row_ref.startswith(f"{reference}-", autoescape=True),
        )
        .limit(1)
    )


def _lately(session: Session, row: Consultation, now: datetime) -> int:
    found = session.scalar(
        select(func.count()).where(
            Submission.batch_id == _batch_id(row), Submission.received_at > now - timedelta(minutes=1)
        )
    )
    return found or 0
