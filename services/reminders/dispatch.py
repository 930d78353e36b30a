"""A reminder at its moment: every fact looked at once more, then the words, from the hearing as it now stands."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.common import phones, stops
from services.common.context import Heed
from services.common.crypto import CryptoError
from services.common.logs import log
from services.common.models import Outbox
from services.common.outbox.claim import UNREADABLE_WAIT, Deferred, Dropped, Prepared, Ready, fixed
from services.common.times import london
from services.reminders import cases, enrolment, models
from services.reminders.assigning import Arms
from services.reminders.cases import Case
from services.reminders.county import County
from services.reminders.enrolment import CHANGE, KINDS, NO_LONGER
from services.reminders.fresh import AnyListing
from services.reminders.last_told import last_told
from services.reminders.models import Contact
from services.reminders.plan import Standing, into_window, standing, variant_of
from services.reminders.protocol import Arm
from services.reminders.wording import MissingFact, render, spoken, written

UNREADABLE = "unreadable"
# How soon a text goes after somebody released its day.
RELEASE_WAIT = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, repr=False)
class Draft:
    """A reminder as it would go out: its template and words, or the reason why it would not."""

    row: Outbox
    listing: AnyListing
    number: str | None
    template: str
    text: str | None
    reason: str | None
    language: str


def prepare(
    heed: Heed, county: County, session: Session, rows: Sequence[Outbox], now: datetime
) -> list[Prepared]:
    """What becomes of due rows inside their claim: ready with its words, later in the window, or dropped with a reason."""
    mine = [row for row in rows if row.kind in KINDS]
    prepared = fixed(heed, [row for row in rows if row.kind not in KINDS], now)
    opening = into_window(county.plan, now)
    if opening > now:
        return [*prepared, *(Deferred(row.id, opening, "outside-window") for row in mine)]
    let_go = _let_go(county, session, now)
    for one in drafts(heed, county, session, mine, now):
        if one.reason == UNREADABLE:
            prepared.append(Deferred(one.row.id, now + UNREADABLE_WAIT, UNREADABLE))
        elif one.text is None or one.number is None:
            prepared.append(Dropped(one.row.id, one.reason or "missing-fact"))
        elif let_go == "dry-run":
            prepared.append(Dropped(one.row.id, "dry-run"))
        elif let_go == "by-hand":
            again = min(into_window(county.plan, now + RELEASE_WAIT), one.row.useful_until)
            prepared.append(Deferred(one.row.id, again, "not-released"))
        else:
            prepared.append(Ready(one.row.id, one.number, one.text, one.row.useful_until))
    return prepared


def kept_back(heed: Heed, county: County, session: Session, now: datetime) -> Callable[[Draft], str | None]:
    """What keeps back texts that are ready, for the preview: the reason code by draft, None where nothing does."""
    stopped = stops.stopped(session, heed.config.sender)
    released = set(session.scalars(select(models.Release.day)))

    def reason(draft: Draft) -> str | None:
        if draft.number is not None and not heed.settings.lets_text(draft.number):
            return "not-on-trial-list"
        if stopped:
            return "sending-stopped"
        day = london(max(draft.row.due_at, now)).date()
        how = standing(county.release, day)
        return {"dry-run": "dry-run", "by-hand": None if day in released else "not-released"}.get(how)

    return reason


def _let_go(county: County, session: Session, now: datetime) -> Standing:
    """How today's texts are let go; a day that a person released is like any other."""
    today = london(now).date()
    how = standing(county.release, today)
    released = how == "by-hand" and session.get(models.Release, today) is not None
    return "automatic" if released else how


def drafts(
    heed: Heed, county: County, session: Session, rows: Sequence[Outbox], now: datetime
) -> list[Draft]:
    """Render these reminders from the facts as they stand; the preview shows just this."""
    judged = cases.judge(heed, county, session, {row.subject_id for row in rows}, now)
    person_ids = {case.person.id for case in judged.values()}
    numbers = _numbers(heed, session, person_ids)
    arms = Arms(session, person_ids)
    texts = enrolment.texts_of(session, {row.subject_id for row in rows if row.kind != enrolment.REMINDER})
    return [
        _draft(
            county,
            row,
            judged[row.subject_id],
            numbers,
            arms.of(judged[row.subject_id].listing),
            texts.get(row.subject_id, []),
        )
        for row in rows
    ]


def _draft(
    county: County,
    row: Outbox,
    case: Case,
    numbers: dict[int, str],
    arm: Arm | None,
    texts: Sequence[Outbox],
) -> Draft:
    listing = case.listing
    kind, court, starts_at = _about(row, listing, texts)
    variants = [arm.template if arm else None, variant_of(county.plan, row.step)]
    template = written(county, listing.custody, listing.initiation, variants, kind)
    reason = _forbidden(row, case, arm)
    number = numbers.get(case.person.id)
    text = None
    if reason is None and number is None:
        reason = UNREADABLE
    if reason is None:
        try:
            text = render(
                county,
                template,
                given=case.known.given.reveal(),
                court=court,
                starts_at=starts_at,
                language=listing.language,
            )
        except MissingFact:
            reason = "missing-fact"
    return Draft(row, listing, number, template, text, reason, spoken(county, listing.language))


def _about(
    row: Outbox, listing: AnyListing, texts: Sequence[Outbox]
) -> tuple[str, str | None, datetime | None]:
    """Which words it has, and the court and time that it names. That a date may have changed is said of the date that they were told;
    that one stands after all is a reminder of it."""
    told = last_told(listing, texts) if isinstance(listing, models.Listing) else None
    if row.kind == NO_LONGER:
        known = told and told.starts_at
        return "no-longer", *(
            (told.court, told.starts_at) if told and known else (listing.court, listing.starts_at)
        )
    moved = row.kind == CHANGE and not (told and told.names(listing))
    return "moved" if moved else "reminder", listing.court, listing.starts_at


def _forbidden(row: Outbox, case: Case, arm: Arm | None) -> str | None:
    """The first reason not to send this reminder now."""
    if row.version != case.listing.version:
        return "moved"
    # Of a hearing that is off, only what concerns the person and the number still counts.
    codes = [code for code in case.codes if row.kind != NO_LONGER or code in PERSONAL]
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
    found = {}
    for one in contacts:
        try:
            found[one.person_id] = heed.cipher.open(one.number_enc, "number").reveal()
        except CryptoError:  # one row that cannot be read never stops the others
            log.exception("number-unreadable", contact_id=one.id, runbook="listing-unreadable")
    return found


def masked(draft: Draft) -> str | None:
    """The recipient as a preview shows them."""
    return phones.masked(draft.number) if draft.number else None
