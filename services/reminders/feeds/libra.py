"""Libra / Crime Portal court lists: whole lists of court rooms and days, in any of four wrappers (REMINDERS §2 A).

A list has no phone number, no defendant id and no custody status, and a case's own ids (`c_id`, `h_id`) are not unique.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from services.reminders.feeds import fields, instants, names, rooms, xml
from services.reminders.feeds.records import Batch, Day, FeedError, Listing, Person, Rejection, Snapshot

FIRST = "1st"
ORGANISATION = "O"
NOT_FIRST_IN = (
    "enforcement",
    "breach",
)  # lists in which "1st" counts the case's listings there, not its life
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


def parse(body: bytes) -> Batch:
    """The listings of every room and day in the file, and the snapshots that they make up.

    One listing for each (court, day, room, case number, name, birth date), with a day for each time it is listed at. Of two
    documents about one room and day the higher version counts. Raises FeedError: the codes of `xml.parse`, `not-libra`.
    """
    root = xml.parse(body)
    if next(xml.descendants(root, *PART_OF_A_LIST), None) is None:
        raise FeedError("not-libra", "The XML is not a Libra court list: send an ExternalDocumentRequest.")
    documents = list(xml.outermost(root, "document")) or [root]
    return rooms.gather(
        found for number, document in enumerate(documents, start=1) for found in _document(document, number)
    )


def _document(document: xml.Element, number: int) -> Iterator[rooms.Found]:
    """What the sessions of one document say, in their order."""
    source = _source(document)
    for index, session in enumerate(xml.outermost(document, "session"), start=1):
        yield from _session(session, source, f"/document[{number}]/session[{index}]")


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


def _session(session: xml.Element, source: Source, where: str) -> Iterator[rooms.Found]:
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
    room = rooms.name(xml.text(session, "room"))
    snapshot = Snapshot(court, day, room, source.version)
    youth = rooms.youth(xml.text(session, "panel"))
    name, opens = xml.text(session, "court"), xml.text(session, "sstart")
    cases = 0
    for index, block in enumerate(xml.outermost(session, "block"), start=1):
        sitting = _sitting(day, room, xml.text(block, "bstart"), opens)
        slot = Slot(snapshot, name, sitting, xml.text(block, "desc"), youth) if sitting else None
        for case_number, case in enumerate(xml.outermost(block, "case"), start=1):
            cases += 1
            if cases == 1:
                yield snapshot
            place = f"{where}/block[{index}]/case[{case_number}]"
            if slot is None:
                yield Rejection(place, "bad-time", "Neither bstart nor sstart is a time: send hh:mm.")
                continue
            listing = _case(case, slot, place)
            yield listing if isinstance(listing, Rejection) else (snapshot, listing)
    if not cases:
        yield rooms.empty(where, "The session holds no cases: what was known of the room stays")


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
        hearing_key=rooms.key("libra", slot.snapshot) + reference,
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
    elements = parts.get("def_name_elements")
    return names.defendant(
        xml.text(parts.get("def_name")),
        instants.british_day(xml.text(parts.get("def_dob"))),
        given=xml.text(elements, "forename1"),
        surname=xml.text(elements, "surname"),
        organisation=xml.text(parts.get("def_type")) == ORGANISATION,
    )
