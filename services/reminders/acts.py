"""What every act of a person stands on: one transaction, who does it, and looking again at who is texted."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.common import audit, clock
from services.common.acts import Refused
from services.common.context import Heed
from services.common.database import serialise
from services.reminders import enrolment
from services.reminders.county import County
from services.reminders.models import Listing, Person


@dataclass(frozen=True, slots=True, repr=False)
class Act:
    """The transaction that an act is done in, and who does it ("person:anna", "key:5d2f…")."""

    heed: Heed
    county: County
    session: Session
    by: str

    @property
    def now(self) -> datetime:
        """Heed's time."""
        return clock.now(self.session)

    def alone(self) -> None:
        """Wait for whoever applies or enrols now. An act that changes who is texted begins with this."""
        serialise(self.session, "reminders:apply")

    def listing(self, listing_id: int) -> Listing:
        """The listing by its id. Raises Refused."""
        row = self.session.get(Listing, listing_id)
        if row is None:
            raise Refused(
                "not-found",
                f"there is no hearing with the id {listing_id}; `heed reminders hearings --json` prints the ids",
            )
        return row

    def person(self, row: Listing) -> Person:
        """Whose listing it is: of a merged record, the one that was kept."""
        person = self.session.get_one(Person, row.person_id)
        return self.session.get_one(Person, person.merged_into) if person.merged_into else person

    def enrol(self, listing_ids: Collection[int]) -> None:
        """Look again at who of these is texted."""
        self.session.flush()
        enrolment.enrol(self.heed, self.county, self.session, listing_ids, self.now)

    def enrol_people(self, person_ids: Collection[int]) -> None:
        """Look again at every listing of these people."""
        theirs = select(Listing.id).where(Listing.person_id.in_(person_ids))
        self.enrol(set(self.session.scalars(theirs)))

    def record(self, act: str, subject: str, **detail: Any) -> None:
        """Write the act into the audit log."""
        audit.record(self.session, self.by, act, subject, **detail)


@contextmanager
def acting(heed: Heed, county: County, by: str) -> Iterator[Act]:
    """One act in one transaction; nothing of it stays if it is refused."""
    with heed.database.begin() as session:
        yield Act(heed, county, session, by)
