"""Marking a person as not to be texted, and taking the mark away."""

from services.common.acts import reason
from services.reminders.acts import Act
from services.reminders.models import Listing


def mark(act: Act, listing_id: int, why: str) -> Listing:
    """Text this listing's person no more, about any hearing; what was planned is taken back. Raises Refused."""
    return _set(act, listing_id, why, True)


def unmark(act: Act, listing_id: int, why: str) -> Listing:
    """Text this listing's person again, as the other rules allow. Raises Refused."""
    return _set(act, listing_id, why, False)


def _set(act: Act, listing_id: int, why: str, marked: bool) -> Listing:
    act.alone()
    row, because = act.listing(listing_id), reason(why)
    person = act.person(row)
    if person.do_not_text != marked:
        person.do_not_text = marked
        act.enrol_people({person.id})
        act.record(
            "do-not-text-marked" if marked else "do-not-text-ended",
            f"person:{person.id}",
            listing=listing_id,
            reason=because,
        )
    return row
