"""Records that may be one human, for a person to say: the same, or two. A suggestion merges nothing by itself."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from services.common import clock
from services.common.acts import Refused
from services.common.context import Heed
from services.reminders import reach
from services.reminders.acts import Act
from services.reminders.merging import person as found
from services.reminders.models import Contact, Listing, Person, PersonDecision
from services.reminders.shown import shown

NAME_AND_BIRTH, NUMBER, CASE = "name-and-birth", "number", "case"


def suggestions(heed: Heed, session: Session, *, show_people: bool, limit: int = 200) -> list[dict[str, Any]]:
    """Pairs of records with one surname, first name and birth date, each pair with all that speaks for it."""
    pairs = _pairs(session, limit)
    ids = {one for pair in pairs for one in pair}
    records = _records(heed, session, ids, show_people)
    numbers = _numbers(session, ids)
    return [
        {
            "why": [
                NAME_AND_BIRTH,
                *([NUMBER] if numbers[one] & numbers[other] else []),
                *([CASE] if set(records[one]["case_refs"]) & set(records[other]["case_refs"]) else []),
            ],
            "people": [records[one], records[other]],
        }
        for one, other in pairs
    ]


def _pairs(session: Session, limit: int) -> Sequence[tuple[int, int]]:
    one, other = aliased(Person), aliased(Person)
    said_different = exists().where(
        PersonDecision.decision == "different",
        or_(
            and_(PersonDecision.kept_id == one.id, PersonDecision.other_id == other.id),
            and_(PersonDecision.kept_id == other.id, PersonDecision.other_id == one.id),
        ),
    )
    # The few names that come twice are found in one walk; to ask of everybody for another took ten times as long.
    twice = (
        select(Person.match_key)
        .where(Person.merged_into.is_(None))
        .group_by(Person.match_key)
        .having(func.count() > 1)
    )
    rows = session.execute(
        select(one.id, other.id)
        .join(other, and_(other.match_key == one.match_key, other.id > one.id))
        .where(one.merged_into.is_(None), other.merged_into.is_(None), ~said_different)
        .where(one.match_key.in_(twice))
        .order_by(one.id, other.id)
        .limit(limit)
    )
    return [(first, second) for first, second in rows]


def _records(
    heed: Heed, session: Session, ids: Collection[int], show_people: bool
) -> dict[int, dict[str, Any]]:
    """Each record as `heed reminders hearings` shows people: without name and birth unless they may be shown."""
    mobiles = reach.mobile_states(session, ids, clock.now(session))
    listings: dict[int, list[Listing]] = defaultdict(list)
    for row in session.scalars(select(Listing).where(Listing.person_id.in_(ids)).order_by(Listing.id)):
        listings[row.person_id].append(row)
    persons = session.scalars(select(Person).where(Person.id.in_(ids))).all()
    named = shown(heed, persons, show_people=show_people)
    return {
        person.id: {
            "id": person.id,
            **named[person.id],
            "mobile": mobiles.get(person.id, "missing"),
            "do_not_text": person.do_not_text,
            "case_refs": _once(ref for one in listings[person.id] for ref in one.case_refs),
            "courts": _once(one.court for one in listings[person.id] if one.court),
            "listings": [one.id for one in listings[person.id]],
        }
        for person in persons
    }


def _once(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))


def _numbers(session: Session, ids: Collection[int]) -> dict[int, set[bytes]]:
    found: dict[int, set[bytes]] = defaultdict(set)
    rows = select(Contact.person_id, Contact.number_key).where(Contact.person_id.in_(ids), Contact.current)
    for person_id, key in session.execute(rows):
        if key:
            found[person_id].add(key)
    return found


def different(act: Act, one_id: int, other_id: int) -> PersonDecision:
    """Two records are two people: never suggest them again. Said twice it stands once. Raises Refused."""
    act.alone()
    one, other = found(act, one_id), found(act, other_id)
    if one.id == other.id:
        raise Refused("same-record", "these are one record: name two")
    if one.merged_into == other.id or other.merged_into == one.id:
        raise Refused("already-merged", "these records are merged: `heed review split` takes that back")
    first, second = sorted((one.id, other.id))
    standing = act.session.scalar(
        select(PersonDecision).where(
            PersonDecision.decision == "different",
            PersonDecision.kept_id == first,
            PersonDecision.other_id == second,
        )
    )
    if standing is not None:
        return standing
    row = PersonDecision(
        kept_id=first, other_id=second, decision="different", moved={}, by=act.by, at=act.now
    )
    act.session.add(row)
    act.session.flush()
    act.record("people-different", f"person:{first}", other=second, decision=row.id)
    return row


def decisions(session: Session, limit: int = 200) -> Sequence[PersonDecision]:
    """What people have said about records, the latest first."""
    return session.scalars(select(PersonDecision).order_by(PersonDecision.id.desc()).limit(limit)).all()


def as_json(row: PersonDecision) -> dict[str, Any]:
    """A decision as the API and the commands answer it. `undoes` is the merge that a split took back."""
    return {
        "id": row.id,
        "decision": row.decision,
        "kept": row.kept_id,
        "other": row.other_id,
        "undoes": row.moved.get("undoes"),
        "by": row.by,
        "at": row.at.isoformat(),
    }
