"""Common Platform's court list as JSON: the payload from which HMCTS prints and publishes its lists, room by room and day by day.

It gives names, birth dates and times on the wall's clock; no number, no bail and no version, so it applies on arrival. The court
is named in words unless the payload was enriched with `ouCode`. A hearing's own id is not in its key: a list speaks of a room.
Sources: `data/feeds/common-platform-lists`, hmcts/cp-court-list-publishing-service and cpp-context-listing (lists are in local time).
"""

import re
from collections.abc import Iterator
from datetime import date

from services.reminders.feeds import courts, fields, instants, rooms
from services.reminders.feeds.common_platform_hearing import FIRST_HEARING
from services.reminders.feeds.json_input import Node, load
from services.reminders.feeds.records import Batch, Day, FeedError, Listing, Person, Rejection, Snapshot

# Only a real UUID is the same defendant wherever it stands; a short id may be anybody's.
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def parse(body: bytes) -> Batch:
    """The listings of every room and day in the payload, and the snapshots that they make up.

    Raises FeedError: the codes of `json_input.load`, `not-a-list`, `public-list`.
    """
    root = Node(load(body))
    if not root.holds("hearingDates") or not root.holds("courtCentreName", "ouCode"):
        raise FeedError(
            "not-a-list", "The JSON is not a court list: send one with courtCentreName and hearingDates."
        )
    batch = rooms.gather(_list(root))
    rooms.refuse_public(batch)
    return batch


def _list(root: Node) -> Iterator[rooms.Found]:
    name = root["courtCentreName"].text()
    code = fields.court(root["ouCode"].text()) or courts.named(name or "")
    court = code or courts.slug(name or "")
    if not court:
        yield Rejection(
            "/courtCentreName", "missing-court", "The list names no court: send courtCentreName or ouCode."
        )
        return
    for dated in root["hearingDates"]:
        day = dated["hearingDate"].day()
        if day is None:
            yield Rejection(
                f"{dated.where}/hearingDate", "missing-day", "hearingDate is not a date: send yyyy-mm-dd."
            )
            continue
        court_rooms = list(dated["courtRooms"])
        if not court_rooms:
            yield rooms.empty(dated.where, "The day holds no rooms: what was known of it stays")
        for room in court_rooms:
            snapshot = Snapshot(court, day, rooms.name(room["courtRoomName"].text()))
            yield from _room(room, snapshot, code, name)


def _room(room: Node, snapshot: Snapshot, code: str | None, name: str | None) -> Iterator[rooms.Found]:
    hearings = [hearing for slot in room["timeslots"] for hearing in slot["hearings"]]
    if not hearings:
        yield rooms.empty(room.where, "The room holds no hearings: what was known of it stays")
        return
    yield snapshot
    for hearing in hearings:
        for found in _hearing(hearing, snapshot, code, name):
            yield found if isinstance(found, Rejection) else (snapshot, found)


def _hearing(
    hearing: Node, snapshot: Snapshot, code: str | None, name: str | None
) -> Iterator[Listing | Rejection]:
    reference = fields.reference(hearing["caseNumber"].text())
    if reference is None:
        yield Rejection(
            f"{hearing.where}/caseNumber",
            "missing-case-reference",
            "The hearing has no caseNumber: send it again with one.",
        )
        return
    start = _start(hearing, snapshot.day, snapshot.room)
    if start is None:
        yield Rejection(f"{hearing.where}/startTime", "bad-time", "startTime is not a time: send hh:mm.")
        return
    kind = hearing["hearingType"].text()
    defendants = list(hearing["defendants"])
    if not defendants and not hearing["courtApplication"].is_object:
        yield Rejection(
            f"{hearing.where}/defendants",
            "no-defendants",
            "The hearing names no defendant: send it again if it has one.",
        )
    for defendant in defendants:
        person, doubts = _person(defendant)
        if person is None:
            yield Rejection(
                defendant.where, "missing-name", "The defendant has no surname: send it again with one."
            )
            continue
        if kind is None:
            doubts = (*doubts, "hearing-type-missing")
        if fields.is_placeholder(reference):
            doubts = (*doubts, "placeholder-reference")
        yield Listing(
            source="common-platform-list",
            hearing_key=rooms.key("common-platform-list", snapshot) + reference,
            person_keys=tuple(_person_keys(defendant)),
            case_refs=(reference,),
            person=person,
            court=code,
            court_name=name,
            days=(start,),
            first_hearing=(kind or "").casefold() == FIRST_HEARING,
            hearing_type=kind,
            youth=rooms.youth(hearing["panel"].text()),
            offence_codes=_offence_codes(defendant),
            prosecutor=hearing["prosecutorType"].text(),
            doubts=doubts,
            where=defendant.where,
        )


def _start(hearing: Node, day: date, room: str) -> Day | None:
    at = instants.said_time(hearing["startTime"].text() or "")
    if at is None:
        return None
    moment = instants.wall_clock(day, at)
    return Day(moment.at, room=room or None, certain=moment.certain)


def _person(defendant: Node) -> tuple[Person | None, tuple[str, ...]]:
    written = defendant["dateOfBirth"].text()
    return rooms.person(
        given=defendant["firstName"].text(),
        surname=defendant["surname"].text(),
        organisation=defendant["organisationName"].text(),
        born=instants.spoken_day(written),
        written=written,
    )


def _person_keys(defendant: Node) -> Iterator[str]:
    own = fields.identifier(defendant["id"].text())
    if own and UUID.fullmatch(own):
        yield f"defendant:{own}"
    if asn := fields.asn(defendant["asn"].text()):
        yield f"asn:{asn}"


def _offence_codes(defendant: Node) -> tuple[str, ...]:
    codes = (offence["offenceCode"].code() for offence in defendant["offences"])
    return tuple(dict.fromkeys(code for code in codes if code))
