"""CaTH's magistrates' adult court list: a Libra list as JSON, without the day that it is for.

CaTH keeps the day beside the list, in its own metadata; `printdate` is when it was printed. So each session must say its day as it does
in Libra's XML, `doh`. The court is named in words unless the session has Libra's `ou_code`. Nothing says what a first hearing is.
"""

from collections.abc import Iterator
from datetime import datetime, time

from services.reminders.feeds import courts, fields, instants, names, rooms
from services.reminders.feeds.json_input import Node
from services.reminders.feeds.records import Day, Listing, Rejection, Snapshot

KIND = "Magistrates' Court"


def read(document: Node) -> Iterator[rooms.Found]:
    """What the list says, in its order: rooms, listings in them, and what cannot be read."""
    job = document["data"]["job"]
    version = _version(job, document["info"])
    for session in job["sessions"]["session"]:
        yield from _session(session, version)


def _version(job: Node, info: Node) -> datetime | None:
    """When the list was made: its print date and the time at which the job began."""
    printed = instants.british_day(job["printdate"].text())
    if printed is None:
        return None
    started = instants.wall_instant(f"{printed}T{info['start_time'].text()}")
    return started.at if started else instants.wall_clock(printed, time(0)).at


def _clock(text: str | None) -> time | None:
    return instants.said_time(text or "")


def _session(session: Node, version: datetime | None) -> Iterator[rooms.Found]:
    name = session["court"].text()
    code = fields.court(session["ou_code"].text()) or courts.named(name or "", KIND)
    court = code or courts.slug(name or "")
    if not court:
        yield Rejection(f"{session.where}/court", "missing-court", "The session names no court: send court.")
        return
    blocks = list(session["blocks"]["block"])
    if not any(block["cases"]["case"].value for block in blocks):
        yield rooms.empty(session.where, "The session holds no cases: what was known of the room stays")
        return
    day = instants.british_day(session["doh"].text())
    if day is None:
        yield Rejection(
            f"{session.where}/doh",
            "missing-day",
            "The list does not say which day it is for: add doh (dd/mm/yyyy) to each session; printdate is another day.",
        )
        return
    snapshot = Snapshot(court, day, rooms.name(session["room"].code()), version)
    yield snapshot
    for block in blocks:
        start = _clock(block["bstart"].text()) or _clock(session["sstart"].text())
        for case in block["cases"]["case"]:
            if start is None:
                yield Rejection(case.where, "bad-time", "Neither bstart nor sstart is a time: send hh:mm.")
                continue
            moment = instants.wall_clock(day, start)
            unread = block["bstart"].text() is not None and _clock(block["bstart"].text()) is None
            at = Day(moment.at, room=snapshot.room or None, certain=moment.certain and not unread)
            found = _case(case, snapshot, code, name, at)
            yield found if isinstance(found, Rejection) else (snapshot, found)


def _case(
    case: Node, snapshot: Snapshot, code: str | None, name: str | None, day: Day
) -> Listing | Rejection:
    reference = fields.reference(case["caseno"].text())
    if reference is None:
        return Rejection(
            case.where, "missing-case-reference", "The case has no caseno: send it again with one."
        )
    written = case["def_dob"].text()
    person = names.defendant(case["def_name"].text(), instants.british_day(written))
    if person is None:
        return Rejection(case.where, "missing-name", "The case has no def_name: send it again with one.")
    unread = written is not None and person.date_of_birth is None
    codes = (offence["code"].code() for offence in case["offences"]["offence"])
    return Listing(
        source="cath",
        hearing_key=rooms.key("cath", snapshot) + reference,
        person_keys=(),
        case_refs=(reference,),
        person=person,
        court=code,
        court_name=name,
        days=(day,),
        first_hearing=False,
        offence_codes=tuple(dict.fromkeys(one for one in codes if one)),
        prosecutor=case["inf"].text(),
        doubts=("hearing-type-missing", *(("bad-date-of-birth",) if unread else ())),
        where=case.where,
    )
