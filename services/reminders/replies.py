"""What a defendant texts back: stop, start, wrong number, help, a plan, or something that a person must read (REMINDERS §6)."""

import re
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.common import audit, clock, duty, inbound, numbers
from services.common.answers import STOPPED, answer, answered_since, may_be_answered
from services.common.context import Heed
from services.common.database import serialise
from services.common.models import Inbound
from services.common.understanding import DANGER_ANSWER, Understood, command, danger, simplified
from services.reminders import enrolment, incidents, reach
from services.reminders.county import County
from services.reminders.models import Contact, Listing, Reply

# Compared with `simplified` words: small letters, no punctuation, no politeness.
WRONG = re.compile(
    r"(?:sorry |no |i think )*"
    r"(?:wrong(?: number| person| phone)?"
    r"|(?:this is |its |it is |thats |you have |youve got |you got )?(?:a |the )?wrong (?:number|person|phone)"
    r"|(?:this is |thats |it is |its )?not me|(?:this |that |it )?(?:isnt|is not) me"
    r"|(?:im |i am )?not (?:him|her|them|this person|that person)"
    r"|(?:i )?(?:dont|do not) know (?:him|her|them|this person|who this is))"
    r"(?: sorry)?(?: stop(?: (?:texting|messaging)(?: me)?)?)?"
)
CLOCK = re.compile(r"(?:at |about |around |by |leave at |leaving at )?\d{1,2}(?: ?\d{2})? ?(?:am|pm|oclock)?")
PLAN_WORDS = frozenset(
    {
        "yes",
        "y",
        "yep",
        "yeah",
        "ok",
        "k",
        "okay",
        "thanks",
        "thank you",
        "will do",
        "sure",
        "fine",
        "got it",
        "see you then",
    }
)
# What `simplified` trims away, and is an answer where nothing else was said. A mere "hello" is not.
THANKS = re.compile(r"\b(?:ok|okay|thanks|thank (?:you|u)|thankyou|ty|cheers|ta)\b")
PLAIN_ANSWER_ONCE = timedelta(days=1)


def handle(heed: Heed, county: County, inbound_id: int) -> None:
    """Understand one stored text and do what follows, once.

    In two steps, so that a STOP stands at once and is not kept waiting by a long delivery that is being applied.
    """
    with heed.database.begin() as session:
        row = inbound.take(session, inbound_id)
        if row is None:
            return
        if row.kind is None:
            words = heed.cipher.open(row.body_enc, "body").reveal() if row.body_enc else ""
            said = inbound.carriers_word(session, row, words)
            taken = understand(words, said)
            _act(heed, county, session, row, taken, clock.now(session), answered=said is not None)
            row.kind, row.rule = taken.kind, taken.rule
    with heed.database.begin() as session:
        serialise(session, "reminders:apply")
        row = inbound.take(session, inbound_id)
        if row is None:
            return
        now = clock.now(session)
        if row.kind in ("opt-out", "opt-in", "wrong-number"):
            enrolment.enrol(heed, county, session, reach.under_numbers(session, [row.from_key]), now)
        row.handled_at = now


def understand(words: str, opt_out_type: str | None) -> Understood:
    """Which kind of reply a text is; the first rule that fits."""
    found = danger(words) or command(words, opt_out_type)
    if found:
        return found
    whole = simplified(words)
    if WRONG.fullmatch(whole):
        return Understood(
            "wrong-number", "wrong-number", "the whole message says that it reached the wrong person"
        )
    answers = whole in PLAN_WORDS or CLOCK.fullmatch(whole) or (not whole and THANKS.search(words.casefold()))
    if answers and "?" not in words:  # "10am?" is a question
        return Understood("plan-answer", "plan-answer", "a time or a yes")
    return Understood("message", "for-a-person", "nothing above fits: a person reads it")


def _act(
    heed: Heed,
    county: County,
    session: Session,
    row: Inbound,
    taken: Understood,
    now: datetime,
    *,
    answered: bool,
) -> None:
    """Do what follows; `answered`: the carrier has answered the text itself."""
    phone = _enquiry_phone(county, session, row.from_key)
    say = county.wording.replies
    queued = taken.kind in ("message", "danger", "wrong-number")
    if taken.kind == "danger":
        forbidden = numbers.forbidden(session, [row.from_key]).get(row.from_key)
        duty.put(
            heed,
            session,
            cause=f"inbound:{row.id}",
            kind="danger",
            rule=taken.rule,
            at=now,
            inbound_id=row.id,
            ring=forbidden is not None or not may_be_answered(heed, row),
        )
        if forbidden is None:
            answer(heed, session, row, DANGER_ANSWER, "danger", now, urgent=True)
    elif taken.kind == "opt-out":
        numbers.note(session, row.from_key, "stop", f"inbound:{row.id}", now)
        if not heed.settings.answers_stop and not answered:
            answer(heed, session, row, say["stopped"], STOPPED, now)
    elif taken.kind == "opt-in":
        if not inbound.overtaken(session, row):
            numbers.note(session, row.from_key, "start", f"inbound:{row.id}", now)
        if not answered:
            answer(heed, session, row, say["started"], "started", now)
    elif taken.kind == "wrong-number":
        numbers.note(session, row.from_key, "wrong", f"inbound:{row.id}", now)
        audit.record(session, "resident", "wrong-number-reported", f"inbound:{row.id}")
    elif taken.kind == "help" and not answered:
        answer(heed, session, row, _said(county, "help" if phone else "stranger", phone), "help", now)
    elif taken.kind == "message" and not answered_since(
        session, row.from_key, "plain", now - PLAIN_ANSWER_ONCE
    ):
        answer(heed, session, row, _said(county, "plain" if phone else "stranger", phone), "plain", now)
    reply = Reply(inbound_id=row.id, number_key=row.from_key, kind=taken.kind, queued=queued, at=now)
    session.add(reply)
    if taken.kind == "wrong-number":
        incidents.found(session, reply, now)


def _said(county: County, name: str, phone: str | None) -> str:
    return county.wording.replies[name].format(speaker=county.speaker, phone=phone or "")


def _enquiry_phone(county: County, session: Session, number_key: bytes) -> str | None:
    """The enquiry line of the court where this number's person is listed; an unknown sender is told nothing."""
    court = session.scalar(
        select(Listing.court)
        .join(Contact, Contact.person_id == Listing.person_id)
        .where(Contact.current, Contact.number_key == number_key)
        .order_by(Listing.starts_at.desc())
        .limit(1)
    )
    known = county.courts.get(court or "")
    return known.enquiry_phone if known else None
