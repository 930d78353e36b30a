"""What a person types in: a listing, a number, a word about a number, a result. Each goes the way that a feed's word goes."""

import csv
import io
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select

from services.common import numbers
from services.common.acts import Refused, reason
from services.common.models import NumberState
from services.common.times import london
from services.reminders import mobiles, outcomes
from services.reminders.acts import Act
from services.reminders.days import NOT_ITS_DAY, sits_on
from services.reminders.deliveries import Push
from services.reminders.feeds import csv_listings
from services.reminders.feeds.records import Rejection
from services.reminders.listings import Upsert
from services.reminders.models import Contact, Listing
from services.reminders.outcome_rules import contradiction


def listing(values: Mapping[str, str], by: str, idempotency_key: str | None = None) -> Push:
    """One listing as a push of the office's own list, one row long; `values` by the list's columns. Raises Refused."""
    cells = [values.get(column, "") for column in csv_listings.COLUMNS]
    # By itself: in a file an empty row is passed over.
    found = csv_listings.listing(csv_listings.Row(2, cells))
    if isinstance(found, Rejection):
        raise Refused(found.code, found.reason)
    written = io.StringIO(newline="")
    csv.writer(written).writerows([csv_listings.COLUMNS, cells])
    return Push(body=written.getvalue().encode(), format="csv", actor=by, idempotency_key=idempotency_key)


def number(act: Act, listing_id: int, raw: str) -> Listing:
    """Take a number as that of this listing's person, from the office. Raises Refused."""
    act.alone()
    row = act.listing(listing_id)
    person = act.person(row)
    problem = mobiles.problem_of(act.heed, raw)
    if problem:
        raise Refused(
            "mobile-invalid", f"that number cannot be texted ({problem}): write a mobile like 07700 900123"
        )
    changed = mobiles.set_number(act.heed, act.session, person.id, raw, "office", act.now)
    act.enrol_people({person.id})
    act.record("number-set", f"person:{person.id}", listing=listing_id, changed=changed)
    return row


def number_is_right(act: Act, listing_id: int, why: str) -> Listing:
    """A person's word that the number of this listing's person is theirs after all, or works again. STOP stands. Raises Refused."""
    act.alone()
    row, because = act.listing(listing_id), reason(why)
    person = act.person(row)
    key = act.session.scalar(
        select(Contact.number_key).where(Contact.person_id == person.id, Contact.current)
    )
    state = act.session.get(NumberState, key) if key else None
    if key is None or state is None or not (state.wrong_at or state.bad_at):
        raise Refused(
            "nothing-to-clear", f"the number of hearing {listing_id} is not marked as wrong or dead"
        )
    numbers.note(act.session, key, "right", act.by, act.now)
    act.session.expire(state)
    act.enrol_people({person.id})
    act.record("number-right", f"person:{person.id}", listing=listing_id, reason=because)
    return row


def outcome(act: Act, listing_id: int, day: date | None, facts: dict[str, Any]) -> Listing:
    """What happened on a day of this listing, by its own day where none is given. The arm is never shown. Raises Refused."""
    row = act.listing(listing_id)
    own = london(row.starts_at).date() if row.starts_at else None
    day = day or own
    if day is None:
        raise Refused("day-needed", "this hearing has no day of its own: give one")
    if not sits_on(row, day):
        raise Refused(*NOT_ITS_DAY)
    if against := contradiction(facts["attendance"], facts["fta"], facts["warrant"]):
        raise Refused("contradiction", against)
    upsert = Upsert(act.heed, act.county, act.session, act.now, row.delivery_id)
    outcomes.enter_by_hand(upsert, row, day, facts, act.by)
    return row
