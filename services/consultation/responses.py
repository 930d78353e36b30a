"""A resident's text, from the stored row to what it comes to: once, in one transaction, in the order of its sender's texts."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.common import alarms, clock, duty, inbound, numbers
from services.common.answers import REPLY, answer, may_be_answered
from services.common.context import Heed
from services.common.database import serialise
from services.common.models import Inbound, Outbox
from services.common.text_rules import Understood
from services.consultation import consultations, invited, respondents, saying
from services.consultation.consultations import Open
from services.consultation.conversation import FRAGMENT, hear
from services.consultation.models import Respondent, Submission, SubmissionText
from services.consultation.routing import route
from services.consultation.states import Channel, Standing
from services.consultation.turns import Say, Text, Turn, View

QUIET = timedelta(minutes=2)  # one thank-you in this time, however many texts arrive
# Two machines would answer each other for ever: a person needs a welcome, five questions and a change of mind.
REPLIES_MOST = ((timedelta(hours=1), 15), (timedelta(days=1), 40))
CARRIER_WORDS = frozenset({"opt-out", "opt-in", "help"})


def handle(heed: Heed, inbound_id: int) -> None:
    """Understand one stored text and do what follows, once."""
    with heed.database.begin() as session:
        row = inbound.take(session, inbound_id)
        if row is None:
            return
        # Texts of one sender wait for each other: what the second comes to depends on the first.
        serialise(session, f"sender:{row.from_key.hex()}")
        words = heed.cipher.open(row.body_enc, "body").reveal() if row.body_enc else ""
        turn = _take(heed, session, row, words)
        inbound.handled(session, row, turn.taken.kind, turn.taken.rule)


def _take(heed: Heed, session: Session, row: Inbound, words: str) -> Turn:
    launched = consultations.launched(session)
    now = clock.now(session)
    said = inbound.carriers_word(session, row, words)
    bare = route(words, said)
    to = consultations.belongs(session, launched, row.from_key, words, row.received_at)
    if bare.kind in CARRIER_WORDS or bare.kind == "command":
        to = consultations.of_commands(session, launched, row.from_key) or to
    respondent = respondents.current(session, to.row.id, row.from_key)
    forbidden = numbers.forbidden(session, [row.from_key]).get(row.from_key)
    text = Text(
        words,
        row.received_at,
        now,
        said,
        beside=_beside(session, to, respondent, row.received_at),
        stopped=forbidden is not None,
    )
    before = respondents.place_of(session, respondent)
    turn = hear(to.questionnaire, before, text)
    if respondent is None or turn.place.person != respondent.person:
        if turn.taken.kind in CARRIER_WORDS:
            respondent = None
        else:
            place = turn.place
            respondent = respondents.find_or_make(heed, session, to.row.id, row, place.person, place.language)
    _act(heed, session, row, to, respondent, turn, forbidden=forbidden, now=now)
    return turn


def _act(
    heed: Heed,
    session: Session,
    row: Inbound,
    to: Open,
    respondent: Respondent | None,
    turn: Turn,
    *,
    forbidden: str | None,
    now: datetime,
) -> None:
    if turn.taken.kind == "opt-out":
        numbers.note(session, row.from_key, "stop", f"inbound:{row.id}", now)
    elif turn.taken.kind == "opt-in" and not inbound.overtaken(session, row):
        numbers.note(session, row.from_key, "start", f"inbound:{row.id}", now)
    if turn.concern:
        duty.put(
            heed,
            session,
            cause=f"inbound:{row.id}",
            kind=turn.concern,
            rule=turn.taken.rule,
            at=now,
            inbound_id=row.id,
            # Who cannot be texted is rung: they have stopped, or their text came from where none can go.
            ring=forbidden is not None or not may_be_answered(heed, row),
        )
    if respondent is not None:
        if turn.view:
            _keep(session, row, respondent, turn.taken, turn.view)
            invited.replied(session, respondent, row.received_at)
        if turn.taken.rule == "remove":
            respondents.withdraw(session, respondent)
        respondents.keep_answers(heed, session, to.questionnaire, respondent, turn.answers, row.id, now)
        respondents.save(session, to.questionnaire, respondent, turn.place)
    carrier_says_it = turn.taken.kind == "opt-out" and heed.settings.answers_stop
    # Nothing but the word that they have stopped goes to somebody who has.
    if turn.say and not carrier_says_it and (forbidden is None or turn.taken.kind in ("opt-out", "opt-in")):
        _reply(heed, session, row, to, respondent, turn, turn.say, now)


def _keep(session: Session, row: Inbound, respondent: Respondent, taken: Understood, view: View) -> None:
    """Make the text a submission, or a part of the one beside it."""
    known = _neighbour(session, respondent, row.received_at, view.standing) if view.fragment else None
    if known is None:
        known = Submission(
            consultation_id=respondent.consultation_id,
            respondent_id=respondent.id,
            channel=Channel.SMS,
            kind=taken.kind,
            rule=taken.rule,
            received_at=row.received_at,
            ended_at=row.received_at,
            late=view.late,
            early=view.early,
            standing=view.standing,
        )
        session.add(known)
        session.flush()
    known.received_at = min(known.received_at, row.received_at)
    known.ended_at = max(known.ended_at, row.received_at)
    session.add(SubmissionText(inbound_id=row.id, submission_id=known.id))
    session.flush()


def _beside(session: Session, to: Open, respondent: Respondent | None, at: datetime) -> datetime | None:
    """When the nearest text of a view that came within ninety seconds came, on the same side of opening and closing."""
    if respondent is None:
        return None
    opens, closes = to.questionnaire.opens_at, to.questionnaire.closes_at
    known = _neighbour(session, respondent, at)
    if known is None or known.early != (at < opens) or known.late != (closes is not None and at >= closes):
        return None
    return min((known.received_at, known.ended_at), key=lambda edge: abs(at - edge))


def _neighbour(
    session: Session, respondent: Respondent, at: datetime, standing: Standing | None = None
) -> Submission | None:
    """The view that a text of this time may be a part of. Either side of it, because texts may be handled in another order than they came."""
    found = (
        select(Submission)
        .where(
            Submission.respondent_id == respondent.id,
            Submission.channel == Channel.SMS,
            Submission.received_at <= at + FRAGMENT,
            Submission.ended_at >= at - FRAGMENT,
            Submission.standing != Standing.BLANK if standing is None else Submission.standing == standing,
        )
        .order_by(Submission.id.desc())
        .limit(1)
    )
    return session.scalar(found)


def _reply(
    heed: Heed,
    session: Session,
    row: Inbound,
    to: Open,
    respondent: Respondent | None,
    turn: Turn,
    say: Say,
    now: datetime,
) -> None:
    """Owe the text its one reply, unless it only thanks and another thanked just now, or a machine is at the other end."""
    danger = turn.taken.kind == "danger"
    if say.mere and _replied(session, row, now - QUIET, views_alone=True):
        return
    if not danger and any(_replied(session, row, now - time) >= most for time, most in REPLIES_MOST):
        alarms.sound(session, "loop-breaker", "texts", now, inbound_id=row.id)
        return
    reference = respondent.reference if respondent else ""
    language = respondent.language if respondent else turn.place.language
    page = f"{heed.config.public_url}/consultations/{to.row.id}"
    words = saying.words(to.questionnaire, say, language, reference, page)
    answer(heed, session, row, words, saying.step(say), now, urgent=danger)


THANKING = ("welcome", "thanks", "early", "late", "invite", "removed")


def _replied(session: Session, row: Inbound, since: datetime, *, views_alone: bool = False) -> int:
    """How many replies this number was owed since a time."""
    found = select(func.count()).where(
        Outbox.kind == REPLY, Outbox.to_key == row.from_key, Outbox.created_at >= since
    )
    return session.scalar(found.where(Outbox.step.in_(THANKING)) if views_alone else found) or 0


def counts(session: Session, consultation_id: str) -> dict[str, int]:
    """How many submissions, and where each of them stands; `texts` is how many texts they came in."""
    rows = session.execute(
        select(Submission.standing, func.count())
        .where(Submission.consultation_id == consultation_id)
        .group_by(Submission.standing)
    )
    standing = {row[0]: row[1] for row in rows}
    person = func.coalesce(Respondent.merged_into, Respondent.id)
    people = (
        select(func.count(func.distinct(person)))
        .select_from(Submission)
        .join(Respondent, Respondent.id == Submission.respondent_id)
        .where(Submission.consultation_id == consultation_id, Submission.standing == Standing.COUNTED)
    )
    texts = (
        select(func.count())
        .select_from(SubmissionText)
        .join(Submission)
        .where(Submission.consultation_id == consultation_id)
    )
    return {
        "received": sum(standing.values()),
        **{each: standing.get(each, 0) for each in Standing},
        "respondents": session.scalar(people) or 0,
        "texts": session.scalar(texts) or 0,
    }
