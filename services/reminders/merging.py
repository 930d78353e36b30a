"""Two records that are one human are made one, and apart again: the second takes back exactly what the first has moved.

The other's identities, hearings (merged_hearings) and numbers go to the record that is kept. Pilot assignments stay where they are.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import func, select, update

from services.common.acts import Refused
from services.reminders import merged_hearings
from services.reminders.acts import Act
from services.reminders.models import (
    Assignment,
    Contact,
    Person,
    PersonDecision,
    PersonKey,
)


def merge(act: Act, kept_id: int, other_id: int) -> PersonDecision:
    """`other` is the same human as `kept`: what is known of both stands under `kept`. Raises Refused."""
    act.alone()
    kept, other = person(act, kept_id), person(act, other_id)
    if kept.id == other.id:
        raise Refused("same-record", "these are one record: name two")
    for one in (kept, other):
        if one.merged_into is not None:
            raise Refused(
                "already-merged",
                f"record {one.id} was merged into {one.merged_into}; `heed review decisions` shows it",
            )
    moved = (
        _keys(act, kept, other) | merged_hearings.move(act, kept.id, other.id) | _contacts(act, kept, other)
    )
    moved["do_not_text"] = other.do_not_text and not kept.do_not_text
    kept.do_not_text = kept.do_not_text or other.do_not_text
    # Whoever was merged into the other is merged into the kept one now: one step leads from any record to the one that stands.
    moved["followers"] = _followers(act, other.id)
    _point(act, [*moved["followers"], other.id], kept.id)
    decision = _decide(act, kept.id, other.id, "same", moved)
    act.enrol_people({kept.id, other.id})
    act.record(
        "people-merged",
        f"person:{kept.id}",
        decision=decision.id,
        other=other.id,
        **{name: len(moved[name]) for name in ("keys", "listings", "contacts", "held")},
        # The earlier assignment decides; which arm it is stands nowhere here.
        assignments=_assignments(act, kept.id, other.id),
    )
    return decision


def split(act: Act, decision_id: int) -> PersonDecision:
    """They were two after all: undo a merge. Of several merges into one record, the latest goes first. Raises Refused."""
    act.alone()
    merged = act.session.get(PersonDecision, decision_id)
    if merged is None or merged.decision != "same":
        raise Refused("not-found", f"there is no merge {decision_id}; `heed review decisions` shows them")
    kept, other = person(act, merged.kept_id), person(act, merged.other_id)
    if undone(act, merged.id):
        raise Refused("already-split", f"merge {decision_id} was undone already")
    later = _merge_since(act, merged)
    if later is not None:
        raise Refused(
            "split-the-later-first", f"merge {later} came after it on the same record: split that one first"
        )
    moved = merged.moved
    _give_back_keys(act, moved, kept.id, other.id)
    merged_hearings.give_back(act, moved, kept.id, other.id)
    _give_back_contacts(act, moved, kept.id, other.id)
    if moved["do_not_text"]:
        kept.do_not_text = False
    _point(act, [other.id], None)
    _point(act, moved["followers"], other.id)
    decision = _decide(act, kept.id, other.id, "split", {"undoes": merged.id})
    act.enrol_people({kept.id, other.id})
    act.record("people-split", f"person:{kept.id}", decision=decision.id, other=other.id, undoes=merged.id)
    return decision


def person(act: Act, person_id: int) -> Person:
    """A record by its id. Raises Refused."""
    row = act.session.get(Person, person_id)
    if row is None:
        raise Refused("not-found", f"there is no person {person_id}; `heed review people` shows the ids")
    return row


def undone(act: Act, decision_id: int) -> bool:
    """Whether a merge was split again."""
    split_of = select(PersonDecision.id).where(
        PersonDecision.decision == "split", PersonDecision.moved["undoes"].as_integer() == decision_id
    )
    return act.session.scalar(split_of) is not None


def _decide(act: Act, kept_id: int, other_id: int, word: str, moved: dict[str, Any]) -> PersonDecision:
    row = PersonDecision(
        kept_id=kept_id, other_id=other_id, decision=word, moved=moved, by=act.by, at=act.now
    )
    act.session.add(row)
    act.session.flush()
    return row


def _merge_since(act: Act, merged: PersonDecision) -> int | None:
    """A later merge that still stands and moved what this one had moved, or took its kept record away."""
    both = (merged.kept_id, merged.other_id)
    rows = act.session.scalars(
        select(PersonDecision.id)
        .where(
            PersonDecision.decision == "same",
            PersonDecision.id > merged.id,
            PersonDecision.kept_id.in_(both) | PersonDecision.other_id.in_(both),
        )
        .order_by(PersonDecision.id.desc())
    )
    return next((row for row in rows if not undone(act, row)), None)


def _followers(act: Act, person_id: int) -> list[int]:
    rows = select(Person.id).where(Person.merged_into == person_id).order_by(Person.id)
    return list(act.session.scalars(rows))


def _point(act: Act, person_ids: Collection[int], at: int | None) -> None:
    act.session.execute(update(Person).where(Person.id.in_(person_ids)).values(merged_into=at))


def _assignments(act: Act, *person_ids: int) -> list[int]:
    rows = select(Assignment.id).where(Assignment.person_id.in_(person_ids)).order_by(Assignment.id)
    return list(act.session.scalars(rows))


def _keys(act: Act, kept: Person, other: Person) -> dict[str, Any]:
    theirs = update(PersonKey).where(PersonKey.person_id == other.id).values(person_id=kept.id)
    return {"keys": sorted(key.hex() for key in act.session.scalars(theirs.returning(PersonKey.key)))}


def _give_back_keys(act: Act, moved: dict[str, Any], kept_id: int, other_id: int) -> None:
    keys = [bytes.fromhex(key) for key in moved["keys"]]
    act.session.execute(
        update(PersonKey)
        .where(PersonKey.key.in_(keys), PersonKey.person_id == kept_id)
        .values(person_id=other_id)
    )


def _contacts(act: Act, kept: Person, other: Person) -> dict[str, Any]:
    theirs = list(
        act.session.scalars(select(Contact.id).where(Contact.person_id == other.id).order_by(Contact.id))
    )
    _pass_on(act, theirs, kept.id, other.id)
    return {"contacts": theirs}


def _give_back_contacts(act: Act, moved: dict[str, Any], kept_id: int, other_id: int) -> None:
    _pass_on(act, moved["contacts"], other_id, kept_id)


def _pass_on(act: Act, contact_ids: Collection[int], taker: int, giver: int) -> None:
    """Numbers go to another record; of each record's numbers the newest counts, as ever."""
    both = Contact.person_id.in_((taker, giver))
    act.session.execute(update(Contact).where(both, Contact.current).values(current=False))
    act.session.execute(update(Contact).where(Contact.id.in_(contact_ids)).values(person_id=taker))
    newest = select(func.max(Contact.id)).where(both).group_by(Contact.person_id)
    act.session.execute(update(Contact).where(Contact.id.in_(newest)).values(current=True))
