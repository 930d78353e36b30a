"""A person's rights: everything that is held about them, found by their number, their e-mail address or a receipt.

A number finds everybody who wrote from that phone. Texts to and from it count as content too.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from services.common import audit, persons_texts, phones
from services.common.context import Heed
from services.common.database import among
from services.common.models import Inbound, Outbox
from services.common.persons_texts import opened
from services.common.times import written
from services.consultation.batch_rows import EMAIL, RECEIPT
from services.consultation.models import (
    Answer,
    Coding,
    FeedbackText,
    Hold,
    Invitation,
    Respondent,
    Scan,
    Submission,
    SubmissionText,
)

# A text may have come from a number that Heed would not text: a landline, a foreign one.
ANY_NUMBER = re.compile(r"\+\d{7,15}")


class NoSubject(Exception):
    """What was given names nobody; the message says what to give."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Where a person's rows are. `key` is the keyed hash of what they were asked for by; `number_key` that of their number, if so."""

    key: bytes
    number_key: bytes | None
    respondents: tuple[int, ...]
    inbound: tuple[int, ...]
    hold_keys: frozenset[bytes]

    @property
    def named(self) -> str:
        """How the audit log names them: by rows."""
        return f"respondents:{','.join(map(str, self.respondents[:20]))}"


def find(heed: Heed, session: Session, who: str) -> Subject:
    """The person behind a number, an e-mail address or a receipt, whether or not anything is held. Raises NoSubject."""
    key, column = _key(heed, who.strip())
    number_key = key if column is Respondent.number_key else None
    value = who.strip().upper() if column is Respondent.reference else key
    own = session.execute(select(Respondent.id, Respondent.merged_into).where(column == value)).all()
    # Whoever a person of the office found to be the same one.
    heads = {row.merged_into or row.id for row in own}
    rows = session.scalars(
        select(Respondent)
        .where(or_(among(Respondent.id, heads), among(Respondent.merged_into, heads)))
        .order_by(Respondent.id)
    ).all()
    numbers = tuple(row.id for row in rows)
    keys = {key for row in rows for key in _keys_of(heed, row)}
    return Subject(key, number_key, numbers, texts_of(session, numbers, number_key), frozenset({key, *keys}))


def _keys_of(heed: Heed, row: Respondent) -> set[bytes]:
    """Every key under which a respondent may be held."""
    return {key for key in (row.number_key, row.email_key) if key} | {heed.index.of(row.reference, "receipt")}


def keys_of_one(heed: Heed, session: Session, row: Respondent) -> set[bytes]:
    """Every key under which a respondent, or whoever is the same person, may be held."""
    head = row.merged_into or row.id
    same = session.scalars(
        select(Respondent).where(or_(Respondent.id == head, Respondent.merged_into == head))
    )
    return {key for one in same for key in _keys_of(heed, one)}


def _key(heed: Heed, who: str) -> tuple[bytes, Any]:
    if EMAIL.fullmatch(who):
        return heed.index.of(who.lower(), "email"), Respondent.email_key
    if RECEIPT.fullmatch(who.upper()):
        return heed.index.of(who.upper(), "receipt"), Respondent.reference
    try:
        number = phones.mobile(who, drama=heed.sandbox)
    except phones.NumberError:
        if not ANY_NUMBER.fullmatch(who):
            raise NoSubject(
                "give a number such as 07700 900123, an e-mail address, or a receipt such as H74863G"
            ) from None
        number = who
    return heed.index.of(number, "number"), Respondent.number_key


def texts_of(session: Session, respondents: Sequence[int], number_key: bytes | None) -> tuple[int, ...]:
    """Texts from the number, and those that became a response or an answer of these people."""
    of_theirs = select(SubmissionText.inbound_id).join(
        Submission, Submission.id == SubmissionText.submission_id
    )
    answers = select(Answer.inbound_id).where(
        among(Answer.respondent_id, respondents), Answer.inbound_id.is_not(None)
    )
    conditions = [
        Inbound.id.in_(of_theirs.where(among(Submission.respondent_id, respondents))),
        Inbound.id.in_(answers),
        *([Inbound.from_key == number_key] if number_key else []),
    ]
    return tuple(session.scalars(select(Inbound.id).where(or_(*conditions)).order_by(Inbound.id)))


def access(heed: Heed, session: Session, who: str, by: str) -> dict[str, Any]:
    """Everything held about a person, in the form in which it is handed to them. Audited. Raises NoSubject."""
    subject = find(heed, session, who)
    respondents = [_respondent(heed, session, number) for number in subject.respondents]
    texts_in = persons_texts.received(heed, session, subject.inbound)
    texts_out = persons_texts.sent(heed, session, about(subject))
    held: dict[str, Any] = written(
        {
            "respondents": respondents,
            "texts_in": texts_in,
            "texts_out": texts_out,
            "invitations": _invitations(heed, session, subject),
            "register": persons_texts.registered(session, subject.number_key),
        }
    )
    audit.record(
        session,
        by,
        "subject-read",
        subject.named,
        respondents=len(respondents),
        texts=len(texts_in) + len(texts_out),
    )
    return held


PLAIN = (
    "reference", "state", "type", "language", "channel", "district", "out_of_area", "victim", "age_band", "may_publish",
    "may_text", "first_at", "erased_at",
)  # fmt: skip


def _respondent(heed: Heed, session: Session, number: int) -> dict[str, Any]:
    row = session.get_one(Respondent, number)
    answers = session.scalars(select(Answer).where(Answer.respondent_id == number).order_by(Answer.id))
    responses = session.scalars(
        select(Submission).where(Submission.respondent_id == number).order_by(Submission.id)
    ).all()
    scanned = set(
        session.scalars(
            select(Scan.submission_id).where(among(Scan.submission_id, [one.id for one in responses]))
        )
    )
    codes: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for code in session.scalars(
        select(Coding).where(among(Coding.submission_id, [one.id for one in responses])).order_by(Coding.id)
    ):
        by = "a person" if code.by else "a model"
        codes[code.submission_id].append({"themes": code.themes, "by": by, "at": code.at})
    return {
        "consultation": row.consultation_id,
        **{name: getattr(row, name) for name in PLAIN},
        "organisation": opened(heed, row.organisation_enc, "organisation"),
        "answers": [
            {
                "question": one.question,
                "value": one.value,
                "words": opened(heed, one.words_enc),
                "at": one.at,
                "replaced_at": one.replaced_at,
            }
            for one in answers
        ],
        "responses": [
            {
                "id": one.id,
                "channel": one.channel,
                "received_at": one.received_at,
                "standing": one.standing,
                "taken_for": one.kind,
                "words": opened(heed, one.words_enc),
                "scan": one.id in scanned,
                "codes": codes[one.id],
            }
            for one in responses
        ],
    }


def about(subject: Subject) -> Any:
    """Which rows of the outbox are about this person: by number, answers to their texts, and what told them what was done."""
    told = select(FeedbackText.id).where(among(FeedbackText.respondent_id, subject.respondents))
    conditions: list[Any] = [
        (Outbox.kind == "reply") & among(Outbox.subject_id, subject.inbound),
        (Outbox.kind == "feedback") & Outbox.subject_id.in_(told),
    ]
    if subject.number_key:
        conditions.append(Outbox.to_key == subject.number_key)
    return or_(*conditions)


def invitations(subject: Subject) -> Any:
    """Which invitations are this person's: by number, and those that they answered."""
    answered = select(Respondent.invitation_id).where(
        among(Respondent.id, subject.respondents), Respondent.invitation_id.is_not(None)
    )
    conditions: list[Any] = [Invitation.id.in_(answered)]
    if subject.number_key:
        conditions.append(Invitation.number_key == subject.number_key)
    return or_(*conditions)


def _invitations(heed: Heed, session: Session, subject: Subject) -> list[dict[str, Any]]:
    rows = session.scalars(select(Invitation).where(invitations(subject)).order_by(Invitation.id))
    return [
        {
            "consultation": row.consultation_id,
            "invited_at": row.invited_at,
            "consent": row.consent,
            "consented_by": opened(heed, row.consent_enc, "consent"),
            "consented_on": row.consented_on,
            "victim": row.victim,
            "replied_at": row.replied_at,
        }
        for row in rows
    ]


def held_because(session: Session, subject: Subject) -> str | None:
    """Why nothing of this person may be erased, or None."""
    return session.scalar(
        select(Hold.reason)
        .where(among(Hold.subject_key, subject.hold_keys), Hold.released_at.is_(None))
        .order_by(Hold.id)
        .limit(1)
    )
