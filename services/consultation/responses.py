"""A resident's text becomes a response: kept once, one respondent a number, answered once.

The first text is a complete response. Texts before the opening day and after the closing one are kept, marked and thanked.
"""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.common import clock, inbound, numbers
from services.common.answers import STOPPED, answer, answered_since
from services.common.context import Heed
from services.common.database import serialise
from services.common.logs import log
from services.common.models import Inbound
from services.common.understanding import DANGER_ANSWER, Understood
from services.consultation.models import Consultation, Respondent, Submission
from services.consultation.questionnaire import Questionnaire, digest, parse, read
from services.consultation.routing import first_word, route

# No 0/O, 1/I/L, so that a reference can be read out.
REFERENCE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
FRAGMENT = timedelta(seconds=90)
STANDING = "standing"
QUIET = timedelta(minutes=2)  # one thank-you in this time, however many fragments arrive


@dataclass(frozen=True, slots=True)
class Open:
    """The consultation that a text belongs to."""

    row: Consultation
    questionnaire: Questionnaire


def handle(heed: Heed, inbound_id: int) -> None:
    """Understand one stored text and do what follows, once."""
    with heed.database.begin() as session:
        row = inbound.take(session, inbound_id)
        if row is None:
            return
        words = heed.cipher.open(row.body_enc, "body").reveal() if row.body_enc else ""
        consultations = _consultations(session) or [_standing(session)]
        taken = route(words, row.opt_out_type, _keywords(consultations))
        _act(heed, session, row, taken, _belongs(consultations, words, row.received_at))
        inbound.handled(session, row, taken.kind, taken.rule)


def _act(heed: Heed, session: Session, row: Inbound, taken: Understood, to: Open | None) -> None:
    now = clock.now(session)
    say = to.questionnaire.texts if to else {}
    if taken.kind == "danger":
        log.error("danger", inbound_id=row.id, runbook="danger")
        answer(heed, session, row, DANGER_ANSWER, "danger", now, urgent=True)
    if taken.kind == "opt-out":
        numbers.note(session, row.from_key, "stop", f"inbound:{row.id}", now)
        if say and not heed.settings.answers_stop and not row.opt_out_type:
            answer(heed, session, row, say["stopped"], STOPPED, now)
    elif taken.kind == "opt-in":
        if not inbound.overtaken(session, row):
            numbers.note(session, row.from_key, "start", f"inbound:{row.id}", now)
        if say and not row.opt_out_type:
            answer(heed, session, row, say["started"], "started", now)
    elif taken.kind == "help":
        if say and not row.opt_out_type:
            answer(heed, session, row, say["help"], "help", now)
    elif to is not None:
        _keep(heed, session, row, taken, to, now)
    else:
        log.warning("text-without-a-consultation", inbound_id=row.id)


def _keep(heed: Heed, session: Session, row: Inbound, taken: Understood, to: Open, now: datetime) -> None:
    """Make the text a response of its sender, and thank them once."""
    respondent, is_new = _respondent(session, to.row, row)
    early, late = _early(to, row.received_at), _late(to, row.received_at)
    # Either side, because texts may be handled in another order than they came.
    before = session.scalar(
        select(Submission)
        .where(
            Submission.respondent_id == respondent.id,
            Submission.received_at.between(row.received_at - FRAGMENT, row.received_at + FRAGMENT),
            Submission.early == early,
            Submission.late == late,
        )
        .order_by(Submission.id.desc())
        .limit(1)
    )
    if taken.rule == "remove":
        respondent.state = "withdrawn"
    session.add(
        Submission(
            consultation_id=to.row.id,
            respondent_id=respondent.id,
            inbound_id=row.id,
            channel="sms",
            kind=taken.kind,
            rule=taken.rule,
            received_at=row.received_at,
            late=late,
            early=early,
            follows_id=(before.follows_id or before.id) if before else None,
        )
    )
    if taken.kind == "danger":
        return
    if taken.rule == "remove":
        step = "removed"
    else:
        step = "early" if early else "late" if late else "welcome" if is_new else "thanks"
    thanked = step != "removed" and any(
        answered_since(session, row.from_key, each, now - QUIET)
        for each in ("early", "late", "welcome", "thanks")
    )
    if step in to.questionnaire.texts and not thanked:
        words = to.questionnaire.texts[step].replace("{reference}", respondent.reference)
        answer(heed, session, row, words, step, now)


def _respondent(session: Session, consultation: Consultation, row: Inbound) -> tuple[Respondent, bool]:
    made = session.scalar(
        insert(Respondent)
        .values(
            consultation_id=consultation.id,
            number_key=row.from_key,
            state="complete",
            reference="".join(secrets.choice(REFERENCE_LETTERS) for _ in range(7)),
            first_at=row.received_at,
        )
        .on_conflict_do_nothing(index_elements=["consultation_id", "number_key"])
        .returning(Respondent.id)
    )
    respondent = session.scalars(
        select(Respondent)
        .where(Respondent.consultation_id == consultation.id, Respondent.number_key == row.from_key)
        .with_for_update()
    ).one()
    return respondent, made is not None


def _consultations(session: Session) -> list[Open]:
    """Every launched one, the newest first; the standing post only where it is the only one."""
    rows = session.scalars(select(Consultation).order_by(Consultation.launched_at.desc())).all()
    launched = [row for row in rows if row.id != STANDING]
    return [Open(row, parse(row.questionnaire)) for row in launched or rows]


def _standing(session: Session) -> Open:
    """The listening post that is always there: opened by the first text where nobody has launched anything."""
    written = read(files("services.consultation").joinpath("data/standing.yaml").read_text(encoding="utf-8"))
    content = json.loads(json.dumps(written, default=str))
    row = launch(session, content, digest(content))
    log.warning("standing-post-opened", consultation=row.id)
    return Open(row, parse(row.questionnaire))


def _keywords(consultations: list[Open]) -> set[str]:
    return {word for one in consultations for word in one.questionnaire.keywords}


def _belongs(consultations: list[Open], words: str, at: datetime) -> Open | None:
    """The keyword decides, else the default one that is open, else the one opened or closed most recently."""
    named = [one for one in consultations if first_word(words) in one.questionnaire.keywords]
    if named:
        return named[0]
    opened = [one for one in consultations if not _early(one, at) and not _late(one, at)]
    defaults = [one for one in opened if one.questionnaire.default]
    return next(iter(defaults or opened or consultations), None)


def _early(to: Open, at: datetime) -> bool:
    return at < to.row.opens_at


def _late(to: Open, at: datetime) -> bool:
    return to.row.closes_at is not None and at >= to.row.closes_at


def launch(session: Session, content: dict[str, object], digest: str) -> Consultation:
    """Freeze a questionnaire under its hash. Raises ValueError where its id is already launched with another content."""
    questionnaire = parse(content)
    serialise(session, "consultations")
    known = session.get(Consultation, questionnaire.id)
    if known is not None:
        if known.hash != digest:
            raise ValueError(
                f"{questionnaire.id} is already launched and frozen; a changed questionnaire needs a new id"
            )
        return known
    row = Consultation(
        id=questionnaire.id,
        title=questionnaire.title,
        questionnaire=content,
        hash=digest,
        opens_at=questionnaire.opens_at,
        closes_at=questionnaire.closes_at,
        launched_at=clock.now(session),
    )
    session.add(row)
    session.flush()
    return row


def counts(session: Session, consultation_id: str) -> dict[str, int]:
    """How many texts, and what became of them; every text is in one of early, late, withdrawn and counted."""
    rows = session.execute(
        select(
            Submission.early,
            Submission.late,
            Submission.respondent_id,
            Submission.follows_id,
            Respondent.state,
        )
        .join(Respondent, Respondent.id == Submission.respondent_id)
        .where(Submission.consultation_id == consultation_id)
    ).all()
    in_time = [row for row in rows if not row.early and not row.late and row.state != "withdrawn"]
    return {
        "received": len(rows),
        "early": sum(row.early for row in rows),
        "late": sum(row.late for row in rows),
        "withdrawn": sum(row.state == "withdrawn" and not row.early and not row.late for row in rows),
        "counted": len(in_time),
        "submissions": sum(row.follows_id is None for row in in_time),
        "respondents": len({row.respondent_id for row in in_time}),
    }
