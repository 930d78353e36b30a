"""CaTH's magistrates' standard list: court house, room, session, sitting, hearing, case, party.

Its times end in "Z". Common Platform writes London's clock there and adds the letter (hmcts/cp-court-list-publishing-service), other
sources write UTC; in winter that is the same, in summer nobody can tell which, and the time is uncertain.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from services.common.times import LONDON, london_day
from services.reminders.feeds import courts, fields, instants, rooms
from services.reminders.feeds.common_platform_hearing import FIRST_HEARING
from services.reminders.feeds.json_input import Node
from services.reminders.feeds.records import Day, Listing, Person, Rejection, Snapshot

KIND = "Magistrates' Court"
DEFENDANT = "DEFENDANT"


@dataclass(frozen=True, slots=True)
class House:
    """A court house: its name, and the court's code where the name is known."""

    name: str
    court: str | None


def read(root: Node) -> Iterator[rooms.Found]:
    """What the list says, in its order: rooms, listings in them, and what cannot be read."""
    published = instants.instant(root["document"]["publicationDate"].text())
    if published is None:
        yield Rejection(
            "/document/publicationDate",
            "bad-time",
            "publicationDate is not a date and time, so this issue is not ordered: send yyyy-mm-ddThh:mm:ssZ.",
        )
    for house in (one["courtHouse"] for one in root["courtLists"]):
        name = house["courtHouseName"].text()
        if not name or not courts.slug(name):
            yield Rejection(
                f"{house.where}/courtHouseName",
                "missing-court",
                "The court house has no name: send it with one.",
            )
            continue
        known = House(name, courts.named(name, KIND))
        court_rooms = list(house["courtRoom"])
        if not court_rooms:
            yield rooms.empty(house.where, "The court house holds no rooms: what was known of it stays")
        for room in court_rooms:
            sittings = [sitting for session in room["session"] for sitting in session["sittings"]]
            if not sittings:
                yield rooms.empty(room.where, "The room holds no sittings: what was known of it stays")
            for sitting in sittings:
                yield from _sitting(sitting, known, rooms.name(room["courtRoomName"].text()), published)


def _sitting(
    sitting: Node, house: House, room: str, published: instants.Moment | None
) -> Iterator[rooms.Found]:
    start = instants.instant(sitting["sittingStart"].text())
    if start is None:
        yield Rejection(
            f"{sitting.where}/sittingStart",
            "bad-time",
            "sittingStart is not a date and time: send yyyy-mm-ddThh:mm:ssZ.",
        )
        return
    snapshot = Snapshot(
        house.court or courts.slug(house.name),
        london_day(start.at),
        room,
        published.at if published else None,
    )
    summer = start.at.astimezone(LONDON).utcoffset() != timedelta(0)
    day = Day(start.at, room=room or None, certain=start.certain and not summer)
    yield snapshot
    for hearing in sitting["hearing"]:
        # The parties of an application are no defendants of a case; nobody there is a person to remind.
        for case in hearing["case"]:
            for found in _case(case, hearing, snapshot, house, day):
                yield found if isinstance(found, Rejection) else (snapshot, found)


def _case(
    case: Node, hearing: Node, snapshot: Snapshot, house: House, day: Day
) -> Iterator[Listing | Rejection]:
    reference = fields.reference(case["caseUrn"].text())
    if reference is None:
        yield Rejection(
            f"{case.where}/caseUrn",
            "missing-case-reference",
            "The case has no caseUrn: send it again with one.",
        )
        return
    defendants = [party for party in case["party"] if _role(party) == DEFENDANT]
    if not defendants:
        yield Rejection(
            f"{case.where}/party",
            "no-defendants",
            "The case names no defendant: send it again if it has one.",
        )
    kind = hearing["hearingType"].text()
    shared = []
    if kind is None:
        shared.append("hearing-type-missing")
    if any("video" in (channel.text() or "").casefold() for channel in hearing["channel"]):
        shared.append("video")
    if fields.is_placeholder(reference):
        shared.append("placeholder-reference")
    for party in defendants:
        details = party["individualDetails"]
        person, doubts = _person(party)
        if person is None:
            yield Rejection(
                party.where, "missing-name", "The defendant has no surname: send it again with one."
            )
            continue
        yield Listing(
            source="cath",
            hearing_key=rooms.key("cath", snapshot) + reference,
            person_keys=tuple(_person_keys(details)),
            case_refs=(reference,),
            person=person,
            court=house.court,
            court_name=house.name,
            days=(day,),
            first_hearing=(kind or "").casefold() == FIRST_HEARING,
            hearing_type=kind,
            custody="custody" if details["inCustody"].flag() else "unknown",
            youth=rooms.youth(hearing["panel"].text()),
            offence_codes=_offence_codes(party),
            doubts=(*doubts, *shared),
            where=party.where,
        )


def _role(party: Node) -> str:
    return (party["partyRole"].text() or "").upper()


def _person(party: Node) -> tuple[Person | None, tuple[str, ...]]:
    details = party["individualDetails"]
    written = details["dateOfBirth"].text()
    return rooms.person(
        given=details["individualForenames"].text(),
        surname=details["individualSurname"].text(),
        organisation=party["organisationDetails"]["organisationName"].text(),
        born=instants.iso_day(written),
        written=written,
    )


def _person_keys(details: Node) -> Iterator[str]:
    if asn := fields.asn(details["asn"].text()):
        yield f"asn:{asn}"
    if pnc := fields.pnc(details["pncId"].text()):
        yield f"pnc:{pnc}"


def _offence_codes(party: Node) -> tuple[str, ...]:
    codes = (offence["offenceCode"].code() for offence in party["offence"])
    return tuple(dict.fromkeys(code for code in codes if code))
