"""What a feed lists, with all of it that needs no database: whom it names, the number that it gives, the facts of the listing.

Of a long list this is done for one part while PostgreSQL writes the part before (applying).
"""

import hashlib
from dataclasses import dataclass
from typing import Any

from services.common.context import Heed
from services.reminders import mobiles, people
from services.reminders.days import day_as_json
from services.reminders.feeds.records import Day, Listing
from services.reminders.fresh import FACTS


@dataclass(slots=True, repr=False)
class Prepared:
    """One listing of a feed; `facts` are what it says of it, in the order of FACTS.

    The feed's own record is let go: of a long list, the fewer rows are held the faster all goes.
    """

    hearing_key: str
    source: str
    case_refs: tuple[str, ...]
    court: str | None
    days: tuple[Day, ...]
    identity: people.Identity
    number: mobiles.Number | None
    facts: tuple[Any, ...]


def prepare(heed: Heed, listed: Listing) -> Prepared:
    """Hash and seal what identifies a person, and bring the facts to the form in which they are kept."""
    return Prepared(
        listed.hearing_key,
        listed.source,
        listed.case_refs,
        listed.court,
        listed.days,
        people.identify(heed, listed.person_keys, listed.case_refs, listed.person),
        mobiles.read(heed, listed.mobile) if listed.mobile else None,
        _facts(listed),
    )


def _facts(listed: Listing) -> tuple[Any, ...]:
    facts = (
        listed.source,
        list(listed.case_refs),
        listed.court,
        listed.court_name,
        listed.hearing_type,
        listed.first_hearing,
        listed.custody,
        listed.bail_code,
        listed.initiation,
        listed.youth,
        listed.box_hearing,
        listed.guilty_plea_by_post,
        listed.language,
        bool(listed.interpreter),
        list(listed.offence_codes),
        list(listed.markers),
        list(listed.doubts),
        [day_as_json(day) for day in listed.days],
    )
    content = listed.record or hashlib.sha256(repr(dict(zip(FACTS, facts, strict=False))).encode()).digest()
    return (*facts, content)
