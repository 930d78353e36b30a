"""A person's rights in Reminders, by their number: what is held, a copy of it, what is wrong put right, erasure, restriction, objection.

A number finds everybody of whom it is or was said to be, and texts to and from it. Every act and every look is audited by rows.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from services.common import numbers, persons_texts, phones
from services.common.acts import Refused, reason
from services.common.context import Heed
from services.common.database import among
from services.common.models import DutyItem, Inbound, NumberEvent, Outbox
from services.common.outbox.states import State
from services.common.times import written
from services.reminders import erasing, people
from services.reminders.acts import Act
from services.reminders.feeds.records import Person as Named
from services.reminders.models import Contact, Listing, OutcomeRow, Person, Restriction

Kind = Literal["hold", "restriction", "objection"]
KINDS: tuple[Kind, ...] = ("hold", "restriction", "objection")
SILENCED = ("restriction", "objection")
KEPT = ("hold", "restriction")
UNSETTLED = (State.CLAIMED, State.UNCERTAIN, State.STAFF)
LISTED = (
    "case_refs", "court", "court_name", "hearing_type", "first_hearing", "custody", "bail_code", "initiation", "youth", "language",
    "interpreter", "offence_codes", "markers", "days", "status", "eligible", "reasons", "source", "created_at", "updated_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Subject:
    """Where a person's rows are; `shared`: one person of several who have or had the number, so that nobody can tell who texted from it."""

    key: bytes
    people: tuple[int, ...]
    inbound: tuple[int, ...]
    shared: bool = False

    @property
    def named(self) -> str:
        """How the audit log names them: by rows."""
        return f"people:{','.join(map(str, self.people[:20]))}"


def find(heed: Heed, session: Session, who: str) -> Subject:
    """Whoever a number is or was said to be of, merged records with those they became. Raises Refused (`nobody`)."""
    try:
        number = phones.mobile(who.strip(), drama=heed.sandbox)
    except phones.NumberError:
        raise Refused("nobody", "give a mobile number such as 07700 900123") from None
    key = heed.index.of(number, "number")
    own = set(session.scalars(select(Contact.person_id).where(Contact.number_key == key)))
    heads = set(session.scalars(select(Person.merged_into).where(among(Person.id, own)))) | own
    heads.discard(None)
    ids = session.scalars(
        select(Person.id)
        .where(or_(among(Person.id, heads), among(Person.merged_into, heads)))
        .order_by(Person.id)
    )
    came = session.scalars(select(Inbound.id).where(Inbound.from_key == key).order_by(Inbound.id))
    return Subject(key, tuple(ids), tuple(came))


def find_one(heed: Heed, session: Session, who: str, record: int | None) -> Subject:
    """One person with the records merged into theirs; `record` says which, where several have or had the number. Raises Refused
    (`nobody`, `which-record`)."""
    subject = find(heed, session, who)
    several = len(_heads(session, subject)) > 1
    if not several and record is None:
        return subject
    person = _one(session, subject, record)
    theirs = session.scalars(
        select(Person.id)
        .where(or_(Person.id == person.id, Person.merged_into == person.id))
        .order_by(Person.id)
    )
    return replace(subject, people=tuple(theirs), inbound=() if several else subject.inbound, shared=several)


def _sent(subject: Subject) -> ColumnElement[bool]:
    """The texts to them."""
    return erasing.about(subject.key, subject.people) if subject.shared else Outbox.to_key == subject.key


def access(act: Act, who: str, record: int | None = None) -> dict[str, Any]:
    """Everything held of whoever has or had the number, or of one of them, in the form in which it is handed to them. Audited. Raises
    Refused (`nobody`, `which-record`).

    One of several is given neither what the number texted nor what the register says of it: it may be another's.
    """
    session, heed = act.session, act.heed
    subject = find(heed, session, who) if record is None else find_one(heed, session, who, record)
    held = written(
        {
            "people": [_person(heed, session, number) for number in subject.people],
            "texts_out": persons_texts.sent(heed, session, _sent(subject)),
            "texts_in": persons_texts.received(heed, session, subject.inbound),
            "register": None if subject.shared else persons_texts.registered(session, subject.key),
        }
    )
    texts = len(held["texts_out"]) + len(held["texts_in"])
    act.record("subject-read", subject.named, people=len(subject.people), texts=texts)
    return dict(held)


def _person(heed: Heed, session: Session, number: int) -> dict[str, Any]:
    row = session.get_one(Person, number)
    known = people.known(heed, row)
    contacts = session.scalars(select(Contact).where(Contact.person_id == number).order_by(Contact.id))
    listings = session.scalars(select(Listing).where(Listing.person_id == number).order_by(Listing.id))
    restrictions = session.scalars(
        select(Restriction).where(Restriction.person_id == number).order_by(Restriction.id)
    )
    return {
        "record": row.id,
        "given": known.given.reveal(),
        "surname": known.surname.reveal(),
        "date_of_birth": known.date_of_birth,
        "do_not_text": row.do_not_text,
        "merged_into": row.merged_into,
        "erased_at": row.erased_at,
        "numbers": [
            {
                "number": heed.cipher.open(one.number_enc, "number").reveal(),
                "source": one.source,
                "received_at": one.received_at,
                "current": one.current,
                "problem": one.problem,
            }
            for one in contacts
        ],
        "hearings": [
            {name: getattr(one, name) for name in LISTED} | {"outcomes": _outcomes(session, one.id)}
            for one in listings
        ],
        "restrictions": [
            {"kind": one.kind, "reason": one.reason, "at": one.at, "ended_at": one.ended_at}
            for one in restrictions
        ],
    }


def _outcomes(session: Session, listing_id: int) -> list[dict[str, Any]]:
    rows = session.scalars(
        select(OutcomeRow).where(OutcomeRow.listing_id == listing_id).order_by(OutcomeRow.id)
    )
    return [
        {
            "day": one.day,
            "attendance": one.attendance,
            "fta": one.fta,
            "warrant": one.warrant,
            "source": one.source,
            "entered_at": one.entered_at,
            "superseded_at": one.superseded_at,
        }
        for one in rows
    ]


def correct(
    act: Act,
    who: str,
    why: str,
    *,
    given: str | None = None,
    surname: str | None = None,
    born: date | None = None,
    record: int | None = None,
) -> Person:
    """Put a name or birth date right; a feed that states another one later says so again. Raises Refused.

    The number itself is put right by `typed.number`, and by `typed.number_is_right`.
    """
    act.alone()
    because = reason(why)
    person = _one(act.session, find(act.heed, act.session, who), record)
    known = people.known(act.heed, person)
    names = (given or known.given.reveal(), surname or known.surname.reveal())
    birth = born or known.date_of_birth
    if (names, birth) == ((known.given.reveal(), known.surname.reveal()), known.date_of_birth):
        raise Refused("unchanged", "that is what is held already: give --given, --surname or --date-of-birth")
    seal = act.heed.cipher.seal
    person.name_enc = seal(json.dumps({"given": names[0], "surname": names[1]}), "name")
    person.birth_enc = seal(birth.isoformat(), "birth") if birth else None
    person.match_key = people.match_key(
        act.heed, Named(given=names[0], surname=names[1], date_of_birth=birth)
    )
    act.enrol_people({person.id})
    fields = [name for name, value in (("given", given), ("surname", surname), ("born", born)) if value]
    act.record("subject-corrected", f"people:{person.id}", fields=fields, reason=because)
    return person


def _heads(session: Session, subject: Subject) -> Sequence[Person]:
    """The people of a number, without those who were merged into another."""
    return session.scalars(
        select(Person)
        .where(among(Person.id, subject.people), Person.merged_into.is_(None))
        .order_by(Person.id)
    ).all()


def _one(session: Session, subject: Subject, record: int | None) -> Person:
    rows = _heads(session, subject)
    named = [row for row in rows if record in (None, row.id)]
    if len(named) != 1:
        ids = ", ".join(str(row.id) for row in rows)
        raise Refused(
            "which-record", f"say which with --record: {ids}" if rows else "nobody of this number is known"
        )
    return named[0]


def erase(act: Act, who: str, record: int | None = None) -> dict[str, int]:
    """Erase a person; the rows that are counted stay. How many of each kind lost their content.

    Where others have or had the number, what it texted stays, and what stands in the register: nobody can tell whose it is.

    Raises Refused: `nobody`, `which-record`, `held`, `hearing-ahead`, `text-unsettled`, `duty-open`.
    """
    act.alone()
    subject, session = find_one(act.heed, act.session, who, record), act.session
    held = session.scalar(
        select(Restriction.reason).where(
            among(Restriction.person_id, subject.people),
            Restriction.kind.in_(KEPT),
            Restriction.ended_at.is_(None),
        )
    )
    if held:
        raise Refused("held", f"a hold forbids it ({held}): release it first")
    if session.scalar(
        select(Listing.id).where(
            among(Listing.person_id, subject.people), Listing.starts_at >= act.now, Listing.status == "listed"
        )
    ):
        raise Refused(
            "hearing-ahead", "a hearing is ahead: restrict or object now, and erase when it is over"
        )
    if session.scalar(select(Outbox.id).where(_sent(subject), Outbox.state.in_(UNSETTLED))):
        raise Refused("text-unsettled", "a text to them is unsettled: see `heed queue list`, then try again")
    if session.scalar(
        select(DutyItem.id).where(among(DutyItem.inbound_id, subject.inbound), DutyItem.done_at.is_(None))
    ):
        raise Refused("duty-open", "something of theirs waits for the officer on duty: settle it first")
    listings = erasing.people(session, subject.people, act.now) if subject.people else 0
    if subject.shared:
        texts = erasing.texts_about(session, subject.key, subject.people, act.now)
    else:
        texts = erasing.texts(session, subject.key, act.now)
    erased = {"people": len(subject.people), "hearings": listings, **texts}
    act.record("subject-erased", subject.named, **erased)
    return erased


def restrict(act: Act, who: str, kind: Kind, why: str) -> int:
    """Forbid erasing (`hold`), using (`restriction`) or texting (`objection`); of how many records. Raises Refused.

    The last two mark them as not to be texted, and stop their number, so that it holds whoever it is said to be of next.
    """
    act.alone()
    subject, because = find(act.heed, act.session, who), reason(why)
    rows = act.session.scalars(select(Person).where(among(Person.id, subject.people))).all()
    if not rows:
        raise Refused("nobody", "nobody of this number is known")
    open_already = set(
        act.session.scalars(
            select(Restriction.person_id).where(
                among(Restriction.person_id, subject.people),
                Restriction.kind == kind,
                Restriction.ended_at.is_(None),
            )
        )
    )
    fresh = [row for row in rows if row.id not in open_already]
    if not fresh:
        raise Refused("already", f"a {kind} stands already")
    for row in fresh:
        marks = kind in SILENCED and not row.do_not_text
        row.do_not_text = row.do_not_text or marks
        act.session.add(
            Restriction(person_id=row.id, kind=kind, reason=because, marked=marks, by=act.by, at=act.now)
        )
    if kind in SILENCED:
        numbers.note(act.session, subject.key, "stop", f"rights:{kind}", act.now)
        act.enrol_people(set(subject.people))
    act.record(f"subject-{kind}", subject.named, reason=because)
    return len(fresh)


def release(act: Act, who: str, kind: Kind, why: str) -> int:
    """End it; a mark that it made goes, once nothing else keeps it. A STOP that the person texted stays: only they take that back. Raises Refused."""
    act.alone()
    subject, because = find(act.heed, act.session, who), reason(why)
    standing = act.session.scalars(
        select(Restriction).where(
            among(Restriction.person_id, subject.people), Restriction.ended_at.is_(None)
        )
    ).all()
    ending = [row for row in standing if row.kind == kind]
    if not ending:
        raise Refused("not-held", f"no {kind} stands for them")
    for row in ending:
        row.ended_by, row.ended_at = act.by, act.now
        others = [
            one
            for one in standing
            if one.person_id == row.person_id and one.kind in SILENCED and one is not row
        ]
        if row.marked and not others:
            act.session.get_one(Person, row.person_id).do_not_text = False
        elif row.marked:
            others[0].marked = True
    if not [one for one in standing if one.kind in SILENCED and one not in ending]:
        _let_texts_go_on(act, subject.key)
    act.enrol_people(set(subject.people))
    act.record("subject-released", subject.named, kind=kind, reason=because)
    return len(ending)


def _let_texts_go_on(act: Act, key: bytes) -> None:
    """Take back the stop that a restriction made, unless the person's own last word is STOP."""
    own = act.session.scalar(
        select(NumberEvent.act)
        .where(
            NumberEvent.number_key == key,
            NumberEvent.act.in_(("stop", "start")),
            NumberEvent.source.not_like("rights:%"),
        )
        .order_by(NumberEvent.id.desc())
        .limit(1)
    )
    if own != "stop":
        numbers.note(act.session, key, "start", "rights:released", act.now)
