"""A reminder at its moment: every fact looked at once more, then the words, from the hearing as it now stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.common import phones
from services.common.context import Heed
from services.common.models import Outbox
from services.common.outbox.claim import Deferred, Dropped, Prepared, Ready, fixed
from services.reminders import enrolment, people, pilots
from services.reminders.county import County
from services.reminders.eligibility import reasons
from services.reminders.enrolment import CHANGE, KINDS, NO_LONGER, Case
from services.reminders.models import Contact, Listing
from services.reminders.plan import into_window
from services.reminders.wording import MissingFact, render, template_for


@dataclass(frozen=True, slots=True, repr=False)
class Draft:
    """A reminder as it would go out: its template and words, or the reason why it would not."""

    row: Outbox
    listing: Listing
    number: str | None
    template: str
    text: str | None
    reason: str | None


def prepare(
    heed: Heed, county: County, session: Session, rows: Sequence[Outbox], now: datetime
) -> list[Prepared]:
    """What becomes of due rows inside their claim: ready with its words, later in the window, or dropped with a reason."""
    mine = [row for row in rows if row.kind in KINDS]
    prepared = fixed(heed, [row for row in rows if row.kind not in KINDS])
    opening = into_window(county.plan, now)
    if opening > now:
        return [*prepared, *(Deferred(row.id, opening, "outside-window") for row in mine)]
    for one in drafts(heed, county, session, mine, now):
        if one.text is None or one.number is None:
            prepared.append(Dropped(one.row.id, one.reason or "missing-fact"))
        else:
            prepared.append(Ready(one.row.id, one.number, one.text, one.row.useful_until))
    return prepared


def drafts(
    heed: Heed, county: County, session: Session, rows: Sequence[Outbox], now: datetime
) -> list[Draft]:
    """Render these reminders from the facts as they stand; the preview shows just this."""
    cases = {
        case.listing.id: case for case in enrolment.cases(session, {row.subject_id for row in rows}, now)
    }
    numbers = _numbers(heed, session, {case.person.id for case in cases.values()})
    arms = pilots.Arms(session, {case.person.id for case in cases.values()})
    return [_draft(heed, county, row, cases[row.subject_id], numbers, arms, now) for row in rows]


def _draft(
    heed: Heed,
    county: County,
    row: Outbox,
    case: Case,
    numbers: dict[int, str],
    arms: pilots.Arms,
    now: datetime,
) -> Draft:
    listing = case.listing
    arm = arms.of(listing, now, assign=False)
    variant = arm.template if arm and row.kind == enrolment.REMINDER else None
    kind = {CHANGE: "moved", NO_LONGER: "no-longer"}.get(row.kind, "reminder")
    template = template_for(listing.custody, listing.initiation, variant, kind)
    reason = _forbidden(heed, county, row, case, arm, now)
    number = numbers.get(case.person.id)
    text = None
    if reason is None and number is None:
        reason = "mobile-missing"
    if reason is None:
        known = people.known(heed, case.person)
        try:
            text = render(
                county, template, given=known.given.reveal(), court=listing.court, starts_at=listing.starts_at
            )
        except MissingFact:
            reason = "missing-fact"
    return Draft(row, listing, number, template, text, reason)


def _forbidden(
    heed: Heed, county: County, row: Outbox, case: Case, arm: pilots.Arm | None, now: datetime
) -> str | None:
    """The first reason not to send this reminder now."""
    if row.version != case.listing.version:
        return "moved"
    codes = reasons(enrolment.facts_of(heed, county, case, now), county)
    if row.kind == NO_LONGER:
        # The hearing is off: only what concerns the person and the number still counts.
        codes = [code for code in codes if code in PERSONAL]
    if codes:
        return codes[0]
    return "control-arm" if arm and not arm.texted and row.kind == enrolment.REMINDER else None


PERSONAL = frozenset(
    {
        "under-18",
        "in-custody",
        "mobile-missing",
        "mobile-invalid",
        "mobile-shared",
        "opted-out",
        "wrong-number",
        "do-not-text",
    }
)


def _numbers(heed: Heed, session: Session, person_ids: set[int]) -> dict[int, str]:
    contacts = session.scalars(
        select(Contact).where(
            Contact.person_id.in_(person_ids), Contact.current, Contact.number_key.is_not(None)
        )
    )
    return {one.person_id: heed.cipher.open(one.number_enc, "number").reveal() for one in contacts}


def masked(draft: Draft) -> str | None:
    """The recipient as a preview shows them."""
    return phones.masked(draft.number) if draft.number else None
