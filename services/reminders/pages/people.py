"""One person: what is known of them, everything that happened around them, and what may be done about their texts."""

from typing import Any

from flask import Blueprint, redirect, render_template
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from services.common import phones
from services.common.web.errors import fail
from services.common.web.signed_in import page
from services.reminders import hearings, reason_words, timeline
from services.reminders.acts import Act
from services.reminders.models import Contact, Listing, Person
from services.reminders.pages.acting import LAST_ID, asked
from services.reminders.shown import shown

blueprint = Blueprint("person_pages", __name__)
PERSON = f"/people/<int(max={LAST_ID}):person_id>"
HEARINGS_MOST = 200


@blueprint.get(PERSON)
@page("hearings:read")
def one(person_id: int) -> AnyResponse | str:
    """A person's page; the look is written down."""
    with asked() as act:
        person = _person(act, person_id)
        if person.merged_into:
            return redirect(f"/people/{person.merged_into}", 303)
        return render_template("pages/person.html", **_shown(act, person), number=None)


@blueprint.post(f"{PERSON}/number")
@page("contacts:write")
def number(person_id: int) -> str:
    """The same with the whole number; that look is written down too."""
    with asked() as act:
        person = _person(act, person_id)
        kept = _number(act, person.id)
        act.record("number-read", f"person:{person.id}")
        return render_template(
            "pages/person.html", **_shown(act, person), number=kept and phones.national(kept)
        )


def _person(act: Act, person_id: int) -> Person:
    person = act.session.get(Person, person_id)
    if person is None:
        fail(404, "not-found", "There is nobody with this number here.")
    return person


def _shown(act: Act, person: Person) -> dict[str, Any]:
    act.record("person-read", f"person:{person.id}")
    rows = act.session.scalars(
        select(Listing)
        .where(Listing.person_id == person.id)
        .order_by(Listing.starts_at.desc())
        .limit(HEARINGS_MOST)
    ).all()
    kept = _number(act, person.id)
    alike = (
        select(Person.id).where(
            Person.match_key == person.match_key, Person.id != person.id, Person.merged_into.is_(None)
        )
        if person.match_key
        else None
    )
    return {
        "record": person,
        "known": shown(act.heed, [person], show_people=True)[person.id],
        "hearings": hearings.rows(act.heed, act.session, rows, show_people=False),
        "masked": phones.masked(kept) if kept else None,
        "alike": list(act.session.scalars(alike)) if alike is not None else [],
        "events": timeline.events(act.heed, act.session, person.id, act.county.courts),
        "sealed": timeline.sealed(act.session, person.id),
        "words": reason_words,
    }


def _number(act: Act, person_id: int) -> str | None:
    """Their number as it stands, None where there is none that could be dialled."""
    contact = act.session.scalar(
        select(Contact).where(
            Contact.person_id == person_id, Contact.current, Contact.number_key.is_not(None)
        )
    )
    return act.heed.cipher.open(contact.number_enc, "number").reveal() if contact else None
