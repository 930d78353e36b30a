"""What new and resulted cases have in common: a hearing's place and time, a defendant's name, number and keys."""

from dataclasses import dataclass
from datetime import date

from services.reminders.feeds import fields, instants, xml
from services.reminders.feeds.records import Day, Person, Rejection

# Forces whose systems write an offset that is wrong in summer, by the first two characters of the PTIURN (REMINDERS §2 E).
WALL_CLOCK_FORCES = frozenset(
    (
        "41",
        "46",
        "42",
        "37",
        "36",
        "40",
        "23",
        "35",
        "10",
        "22",
        "20",
        "14",
        "04",
        "03",
        "11",
        "06",
        "63",
        "01",
    )
)


@dataclass(frozen=True, slots=True)
class Sitting:
    """A hearing's place and time. `day` is the date as written, in London."""

    court: str | None
    room: str | None
    day: date
    moment: instants.Moment

    def as_day(self) -> Day:
        """The same as a day of a listing."""
        return Day(self.moment.at, room=self.room, certain=self.moment.certain)


@dataclass(frozen=True, slots=True)
class Defendant:
    """A defendant as both messages name them; `mobile` is this defendant's own."""

    person: Person
    person_keys: tuple[str, ...]
    mobile: str | None
    doubts: tuple[str, ...]


def sitting(hearing: xml.Element, ptiurn: str, where: str, *, utc_clock: bool = False) -> Sitting | Rejection:
    """The CourtHearingLocation, DateOfHearing and TimeOfHearing in `hearing`.

    `utc_clock`: Common Platform made it and dropped the zone of a UTC time, so that the time is probable, not certain.
    """
    day = instants.iso_day((xml.text(hearing, "DateOfHearing") or "")[:10])
    if day is None:
        return Rejection(where, "missing-day", "DateOfHearing is not a date: send yyyy-mm-dd.")
    written = xml.text(hearing, "TimeOfHearing")
    moment = instants.hearing_time(day, written, trust_offset=ptiurn[:2] not in WALL_CLOCK_FORCES)
    if moment and utc_clock:
        utc = instants.instant(f"{day}T{written}")
        moment = utc._replace(certain=False) if utc else moment._replace(certain=False)
    if moment is None:
        return Rejection(where, "bad-time", "TimeOfHearing is not a time: send hh:mm:ss.")
    location = "".join((xml.text(hearing, "CourtHearingLocation") or "").split()).upper()
    room = location[5:7]
    return Sitting(fields.court(location), room if room not in ("", "00") else None, day, moment)


def defendant(element: xml.Element, where: str, individual: str, corporate: str) -> Defendant | Rejection:
    """The defendant in a Defendant element, whose person or company stands in children of these names.

    The schema allows one of the two, yet a real message (SingleDefendantSingeOffence) has both. A block with a name and a birth
    date describes a person who is charged; one with a name alone may be the company's representative, and is doubted.
    """
    details = xml.child(element, individual, "PersonDefendant", "BasePersonDetails")
    company = xml.child(element, corporate)
    organisation = xml.text(company, "OrganisationName")
    surname = xml.text(details, "PersonName", "PersonFamilyName")
    if not surname and not organisation:
        return Rejection(where, "missing-name", "The defendant has no family name: send it again with one.")
    doubts: list[str] = []
    written = xml.text(details, "Birthdate")
    born = instants.iso_day((written or "")[:10])
    if surname and organisation:
        organisation = None
        if born is None:
            doubts.append("person-and-organisation")
    if written and born is None:
        doubts.append("bad-date-of-birth")
    person = xml.child(element, individual, "PersonDefendant")
    keys = []
    if asn := fields.asn(xml.text(element, "ProsecutorReference")):
        keys.append(f"asn:{asn}")
    if pnc := fields.pnc(xml.text(person, "PNCidentifier")):
        keys.append(f"pnc:{pnc}")
    return Defendant(
        person=Person(
            given=xml.text(details, "PersonName", "PersonGivenName1"),
            surname=surname,
            date_of_birth=born,
            organisation=organisation,
        ),
        person_keys=tuple(keys),
        # Under PersonDefendant only: the officer, a parent and a victim have a mobile of the same name elsewhere.
        mobile=xml.text(xml.descendant(person, "TelephoneNumberMobile")),
        doubts=tuple(doubts),
    )


def offence_codes(element: xml.Element) -> tuple[str, ...]:
    """The CJS offence codes of a Defendant element, each once."""
    codes = (
        xml.text(offence, "BaseOffenceDetails", "OffenceCode") for offence in xml.children(element, "Offence")
    )
    return tuple(dict.fromkeys(code for code in codes if code))


def case_key(ptiurn: str, person: Defendant) -> str | None:
    """What identifies the case in a hearing's key: the PTIURN or, where it is only a placeholder, the person's ASN."""
    if not fields.is_placeholder(ptiurn):
        return ptiurn
    return next((key.removeprefix("asn:") for key in person.person_keys if key.startswith("asn:")), None)


def unidentified(where: str) -> Rejection:
    """A defendant in a case that has no reference of its own."""
    return Rejection(
        where,
        "missing-case-reference",
        "The case has no PTIURN of its own and the defendant no ASN: send it again with one.",
    )


def nobody(where: str, what: str, lacks: str) -> Rejection:
    """A message, session or case with nobody in it, which would else pass for one that was taken."""
    return Rejection(where, "no-defendants", f"The {what} has no {lacks}: send it again with one.")
