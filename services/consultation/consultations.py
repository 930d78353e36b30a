"""Launching consultations, and which of them a text belongs to."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib.resources import files

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.common import clock
from services.common.acts import Refused
from services.common.context import Heed
from services.common.database import serialise
from services.common.logs import log
from services.common.made_up import made_up
from services.consultation import invited
from services.consultation.models import Consultation, Conversation, Respondent, Submission
from services.consultation.questionnaire import Questionnaire, digest, parse, read
from services.consultation.questions import read as read_answer
from services.consultation.routing import keyword

STANDING = "standing"


@dataclass(frozen=True, slots=True)
class Open:
    """A launched consultation with its questionnaire."""

    row: Consultation
    questionnaire: Questionnaire

    def is_open(self, at: datetime) -> bool:
        """Whether it takes responses at a time."""
        closes_at = self.questionnaire.closes_at
        return self.questionnaire.opens_at <= at and (closes_at is None or at < closes_at)


def launch(heed: Heed, session: Session, content: dict[str, object]) -> Consultation:
    """Freeze a questionnaire and open it.

    Raises Refused where its id is already launched with another content, it wants another sender than this service has, or live mode
    would send people to numbers and addresses that are nobody's.
    """
    questionnaire = parse(content)
    if questionnaire.sender and heed.config.sender and questionnaire.sender != heed.config.sender:
        raise Refused(
            "wrong-sender",
            f"{questionnaire.id} is to be texted on another sender than CONSULTATION_SENDER; change one of them",
        )
    if heed.settings.mode == "live" and (nobodys := made_up(json.dumps(content, ensure_ascii=False))):
        raise Refused(
            "made-up",
            f"{questionnaire.id} names {', '.join(nobodys)}, which is nobody's: give the office's own",
        )
    return freeze(session, content)


def freeze(session: Session, content: dict[str, object]) -> Consultation:
    """Keep a questionnaire under its hash. Raises Refused where its id is already launched with another content."""
    questionnaire, hashed = parse(content), digest(content)
    serialise(session, "consultations")
    known = session.get(Consultation, questionnaire.id)
    if known is not None:
        if known.hash != hashed:
            raise Refused(
                "already-launched",
                f"{questionnaire.id} is already launched and frozen; a changed questionnaire needs a new id",
            )
        return known
    row = Consultation(
        id=questionnaire.id,
        kind=questionnaire.kind,
        title=questionnaire.title,
        questionnaire=content,
        hash=hashed,
        opens_at=questionnaire.opens_at,
        closes_at=questionnaire.closes_at,
        launched_at=clock.now(session),
    )
    session.add(row)
    session.flush()
    return row


def launched(session: Session) -> list[Open]:
    """Every launched one, the newest first; the standing post only where it is the only one, opened where there is none."""
    rows = session.scalars(select(Consultation).order_by(Consultation.launched_at.desc())).all()
    chosen = [row for row in rows if row.id != STANDING] or rows or [_standing(session)]
    return [Open(row, _parsed(row.hash, json.dumps(row.questionnaire))) for row in chosen]


@lru_cache(maxsize=64)
def _parsed(_hash: str, content: str) -> Questionnaire:
    """A frozen questionnaire; it never changes, and reading one takes longer than all else that a text costs."""
    return parse(json.loads(content))


def _standing(session: Session) -> Consultation:
    """The listening post that is always there: opened by the first text where nobody has launched anything."""
    written = read(files("services.consultation").joinpath("data/standing.yaml").read_text(encoding="utf-8"))
    content = json.loads(json.dumps(written, default=str))
    row = freeze(session, content)
    log.warning("standing-post-opened", consultation=row.id)
    return row


def belongs(
    session: Session, consultations: Sequence[Open], number_key: bytes, words: str, at: datetime
) -> Open:
    """The keyword decides; else the question that the words answer; else who asked by text of late; else `likeliest`, as it does of several
    with the same keyword."""
    named = [one for one in consultations if keyword(words, one.questionnaire.keywords)]
    if named:
        return likeliest(named, at)
    asking = _asking(session, consultations, number_key, words, at)
    invitation = None if asking else invited.newest(session, number_key, at)
    if invitation:
        asking = next(
            (one for one in consultations if one.row.id == invitation.consultation_id and one.is_open(at)),
            None,
        )
    return asking or likeliest(consultations, at)


def likeliest(consultations: Sequence[Open], at: datetime) -> Open:
    """Which of these a text of this time is for: one that is open, else one that has closed, else one that is yet to open; of each the
    default. Then of the open ones the first given, of the closed the last to close, of the others the first to open."""

    def rank(one: Open) -> tuple[int, bool, float]:
        asked = one.questionnaire
        if asked.opens_at > at:
            return 2, not asked.default, asked.opens_at.timestamp()
        if asked.closes_at is not None and asked.closes_at <= at:
            return 1, not asked.default, -asked.closes_at.timestamp()
        return 0, not asked.default, 0.0

    return min(consultations, key=rank)


def _asking(
    session: Session, consultations: Sequence[Open], number_key: bytes, words: str, at: datetime
) -> Open | None:
    """The consultation whose open question these words answer, the one asked last first."""
    rows = session.execute(
        select(Respondent.consultation_id, Conversation.question)
        .join(Conversation, Conversation.respondent_id == Respondent.id)
        .where(
            Respondent.number_key == number_key,
            Conversation.question.is_not(None),
            Conversation.expires_at > at,
        )
        .order_by(Conversation.asked_at.desc())
    )
    by_id = {one.row.id: one for one in consultations}
    for consultation_id, question in rows:
        one = by_id.get(consultation_id)
        if one and question and read_answer(one.questionnaire.question(question), words):
            return one
    return None


def of_commands(session: Session, consultations: Sequence[Open], number_key: bytes) -> Open | None:
    """The consultation that a bare command means: the one in which this number was heard last."""
    last = session.scalar(
        select(Respondent.consultation_id)
        .outerjoin(Submission, Submission.respondent_id == Respondent.id)
        .where(Respondent.number_key == number_key)
        .order_by(func.coalesce(Submission.ended_at, Respondent.first_at).desc())
        .limit(1)
    )
    return next((one for one in consultations if one.row.id == last), None)
