"""Libra / Crime Portal court lists: whole lists of court rooms and days, in any of four wrappers (REMINDERS §2 A).

A list has no phone number, no defendant id and no custody status, and a case's own ids (`c_id`, `h_id`) are not unique.
"""

from collections.abc import Iterator
from dataclasses import astuple, dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from services.reminders.feeds import fields, instants, names, xml
from services.reminders.feeds.records import Batch, Day, FeedError, Listing, Person, Rejection, Snapshot

FIRST = "1st"
NOT_FIRST_IN = (
    "enforcement",
    "breach",
)  # lists in which "1st" counts the case's listings there, not its life
Listings = dict[object, Listing]  # by key and person
PART_OF_A_LIST = ("documents", "sessions", "CourtList", "ExternalDocumentRequest")


@dataclass(frozen=True, slots=True)
class Source:
    """What a document says of itself: the court of its file name, its day, and the version that orders its issues."""

    court: str | None
    day: date | None
    version: datetime | None


@dataclass(frozen=True, slots=True)
class Slot:
    """Where and when the cases of one block are heard."""

    snapshot: Snapshot
    court_name: str | None
    day: Day
    description: str | None
    youth: bool | None

    @property
    def hearing_key(self) -> str:
        """The beginning of the keys of all hearings in this room on this day; the case number follows."""
        return f"libra:{self.snapshot.court}:{self.snapshot.day}:{self.snapshot.room}:"


def parse(body: bytes) -> Batch:
    """The listings of every room and day in the file, and the snapshots that they make up.

    One listing for each (court, day, room, case number, name, birth date), with a day for each time it is listed at. Of two
    documents about one room and day the higher version counts. Raises FeedError: the codes of `xml.parse`, `not-libra`.
    """
    root = xml.parse(body)
    if next(xml.descendants(root, *PART_OF_A_LIST), None) is None:
        raise FeedError("not-libra", "The XML is not a Libra court list: send an ExternalDocumentRequest.")
    batch = Batch(event="update")
    documents = list(xml.descendants(root, "document")) or [root]
    lists = [
        _document(document, number, batch.rejections) for number, document in enumerate(documents, start=1)
    ]
    rooms: dict[object, tuple[Snapshot, Listings]] = {}
    for found in lists:
        for snapshot, listings in found.items():
            key = (snapshot.court, snapshot.day, snapshot.room)
            known = rooms.get(key)
            if known is None or _order(snapshot) > _order(known[0]):
                rooms[key] = snapshot, listings
            elif _order(snapshot) == _order(known[0]):
                for identity, listing in listings.items():
                    _add(known[1], identity, listing)
    batch.snapshots = [snapshot for snapshot, _ in rooms.values()]
    batch.listings = [listing for _, listings in rooms.values() for listing in listings.values()]
    batch.version = max((room.version for room in batch.snapshots if room.version), default=None)
    if not rooms and not batch.rejections:
        batch.rejections.append(
            Rejection(
                "/",
                "empty-list",
                "The list holds no sessions: what was known stays; send it again if it should.",
            )
        )
    return batch


def _order(snapshot: Snapshot) -> datetime:
    return snapshot.version or datetime.min.replace(tzinfo=UTC)


def _document(document: xml.Element, number: int, rejections: list[Rejection]) -> dict[Snapshot, Listings]:
    """The rooms of one document, each with its listings by identity."""
    source = _source(document)
    rooms: dict[Snapshot, Listings] = {}
    for index, session in enumerate(xml.descendants(document, "session"), start=1):
        where = f"/document[{number}]/session[{index}]"
        for found in _session(session, source, where):
            if isinstance(found, Rejection):
                rejections.append(found)
            elif isinstance(found, Snapshot):
                rooms.setdefault(found, {})
            else:
                slot, listing = found
                _add(rooms[slot.snapshot], (listing.hearing_key, astuple(listing.person)), listing)
    return rooms


def _source(document: xml.Element) -> Source:
    """From the file name "161_28072020_2578_B01CX00_ADULT_COURT_LIST_DAILY" (sequence, day, area, court) and the print date."""
    parts = (xml.text(xml.descendant(document, "source_file_name")) or "").split("_")
    parts += [""] * (4 - len(parts))
    printed = instants.british_day(xml.text(xml.descendant(document, "printdate")))
    version = None
    if printed:
        sequence = int(parts[0]) if parts[0].isascii() and parts[0].isdigit() and len(parts[0]) < 10 else 0
        version = datetime.combine(printed, time(0), UTC) + timedelta(microseconds=sequence)
    return Source(fields.court(parts[3]), _name_day(parts[1]), version)


def _name_day(text: str) -> date | None:
    """ddmmyyyy, or ddmmyy as one sample has it."""
    if len(text) == 6:
        text = f"{text[:4]}20{text[4:]}"
    return instants.iso_day(f"{text[4:]}-{text[2:4]}-{text[:2]}") if len(text) == 8 else None


def _session(
    session: xml.Element, source: Source, where: str
) -> Iterator[Rejection | Snapshot | tuple[Slot, Listing]]:
    court = fields.court(xml.text(session, "ou_code")) or source.court
    day = instants.british_day(xml.text(session, "doh")) or source.day
    if court is None:
        yield Rejection(
            where, "missing-court", "Neither ou_code nor the file name has a court's code: send it with one."
        )
        return
    if day is None:
        yield Rejection(
            where, "missing-day", "Neither doh nor the file name has a day: send doh as dd/mm/yyyy."
        )
        return
    room = _room(xml.text(session, "room"))
    snapshot = Snapshot(court, day, room, source.version)
    panel = xml.text(session, "panel")
    cases = 0
    for index, block in enumerate(xml.descendants(session, "block"), start=1):
        sitting = _sitting(day, room, xml.text(block, "bstart"), xml.text(session, "sstart"))
        for case_number, case in enumerate(xml.descendants(block, "case"), start=1):
            cases += 1
            if cases == 1:
                yield snapshot
            place = f"{where}/block[{index}]/case[{case_number}]"
            if sitting is None:
                yield Rejection(place, "bad-time", "Neither bstart nor sstart is a time: send hh:mm.")
                continue
            youth = True if "youth" in (panel or "").casefold() else None
            slot = Slot(snapshot, xml.text(session, "court"), sitting, xml.text(block, "desc"), youth)
            listing = _case(case, slot, place)
            yield listing if isinstance(listing, Rejection) else (slot, listing)
    if not cases:
        yield Rejection(where, "empty-list", "The session holds no cases: what was known of the room stays.")


def _room(text: str | None) -> str:
    """Rooms "0" and "00", "1" and "01" are the same; "" where none is named."""
    return str(int(text)) if text and text.isascii() and text.isdigit() and len(text) < 10 else text or ""


def _sitting(day: date, room: str, block: str | None, session: str | None) -> Day | None:
    """The block's start, else the session's; uncertain where the block's own cannot be read."""
    starts = [instants.said_time(text) if text else None for text in (block, session)]
    start = starts[0] or starts[1]
    if start is None:
        return None
    moment = instants.wall_clock(day, start)
    unread = block is not None and starts[0] is None
    return Day(moment.at, room=room or None, certain=moment.certain and not unread)


def _case(case: xml.Element, slot: Slot, where: str) -> Listing | Rejection:
    parts = {xml.local(part): part for part in case}
    reference = fields.reference(xml.text(parts.get("caseno")))
    if reference is None:
        return Rejection(where, "missing-case-reference", "The case has no caseno: send it again with one.")
    person = _person(parts)
    if person is None:
        return Rejection(where, "missing-name", "The case has no def_name: send it again with one.")
    description = (slot.description or "").casefold()
    born = xml.text(parts.get("def_dob"))
    doubts = [
        doubt
        for doubt, holds in (
            ("provisional", xml.text(parts.get("prov")) == "Y"),
            ("not-valid", xml.text(parts.get("valid")) == "N"),
            ("bad-date-of-birth", born is not None and person.date_of_birth is None),
        )
        if holds
    ]
    pnc = fields.pnc(xml.text(parts.get("pnc_id")))
    offences = (xml.text(offence, "code") for offence in xml.children(parts.get("offences"), "offence"))
    return Listing(
        source="libra",
        hearing_key=slot.hearing_key + reference,
        person_keys=(f"pnc:{pnc}",) if pnc else (),
        case_refs=(reference,),
        person=person,
        court=slot.snapshot.court,
        court_name=slot.court_name,
        days=(slot.day,),
        first_hearing=(xml.text(parts.get("listno")) or "").casefold() == FIRST
        and not any(word in description for word in NOT_FIRST_IN),
        hearing_type=slot.description,
        custody="custody" if "custody" in description else "unknown",
        youth=slot.youth,
        offence_codes=tuple(dict.fromkeys(code for code in offences if code)),
        prosecutor=xml.text(parts.get("inf")),
        doubts=tuple(doubts),
        where=where,
    )


def _person(parts: dict[str, xml.Element]) -> Person | None:
    name = xml.text(parts.get("def_name"))
    elements = parts.get("def_name_elements")
    born = instants.british_day(xml.text(parts.get("def_dob")))
    if xml.text(parts.get("def_type")) == "O" or (born is None and names.is_company(name or "")):
        organisation = name or xml.text(elements, "surname")
        return Person(None, None, born, organisation=organisation) if organisation else None
    given, surname = names.split(name or "")
    if written := xml.text(elements, "surname"):
        given, surname = xml.text(elements, "forename1"), written
    return Person(given, surname, born) if surname else None


def _add(known: Listings, identity: object, listing: Listing) -> None:
    known[identity] = _again(known[identity], listing) if identity in known else listing


def _again(known: Listing, listing: Listing) -> Listing:
    """The same person and case listed once more in the room: another time adds a day, another offence its code."""
    return replace(
        known,
        days=tuple(sorted({*known.days, *listing.days}, key=lambda day: day.starts_at)),
        first_hearing=known.first_hearing or listing.first_hearing,
        offence_codes=tuple(dict.fromkeys((*known.offence_codes, *listing.offence_codes))),
        doubts=tuple(dict.fromkeys((*known.doubts, *listing.doubts))),
    )
