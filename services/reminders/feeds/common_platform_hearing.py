"""What a Common Platform hearing says of itself: court, days, kind. The same for every defendant in it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from services.reminders.feeds import fields, instants
from services.reminders.feeds.json_input import Node
from services.reminders.feeds.records import Day, Rejection

FIRST_HEARING_ID = "4a0e892d-c0c5-3c51-95b8-704d8c781776"
FIRST_HEARING = "first hearing"


@dataclass(frozen=True, slots=True)
class Hearing:
    """The facts shared by all defendants of one hearing; `days` in the order of time.

    `box_hearing` is any hearing that nobody attends: box, virtual box, single justice procedure.
    """

    id: str
    node: Node
    court: str | None
    court_name: str | None
    days: tuple[Day, ...]
    first: bool
    type: str | None
    box_hearing: bool
    doubts: tuple[str, ...]
    rejections: tuple[Rejection, ...]

    @property
    def key(self) -> str:
        """The hearing's identity as `Listing.hearing_key` writes it."""
        return hearing_key(self.id)


def hearing_key(identifier: str) -> str:
    """The key of a hearing from Common Platform's own id."""
    return f"common-platform:{identifier}"


def read(node: Node, identifier: str) -> Hearing:
    """The hearing in `node`. What cannot be read of its days is in `rejections`, and the doubt that it leaves in `doubts`."""
    centre = node["courtCentre"]
    first, doubts = _first_hearing(node["type"])
    days: list[Day] = []
    rejections: list[Rejection] = []
    for day in _days(node):
        if isinstance(day, Rejection):
            rejections.append(day)
        else:
            days.append(day)
    if not days:
        rejections.append(
            Rejection(
                f"{node.where}/hearingDays",
                "missing-day",
                "The hearing has no day that can be read: send it again with hearingDays[].sittingDay.",
            )
        )
    elif rejections:
        doubts = (*doubts, "day-unreadable")
    if any(_elsewhere(day["courtCentreId"], centre["id"]) for day in node["hearingDays"]):
        doubts = (*doubts, "court-differs-by-day")
    if _by_video(node):
        doubts = (*doubts, "video")
    if node["isVacatedTrial"].flag():
        days = [replace(day, cancelled=True) for day in days]
    return Hearing(
        id=identifier,
        node=node,
        court=court_of(centre),
        court_name=centre["name"].text(),
        days=tuple(sorted(dict.fromkeys(days), key=lambda day: day.starts_at)),
        first=first,
        type=node["type"]["description"].text(),
        box_hearing=any(
            node[flag].flag() for flag in ("isBoxHearing", "isVirtualBoxHearing", "isSJPHearing")
        ),
        doubts=doubts,
        rejections=tuple(rejections),
    )


def court_of(centre: Node) -> str | None:
    """The five-character court of a courtCentre; next hearings of older messages carry only courtHearingLocation."""
    return fields.court(centre["code"].text() or centre["courtHearingLocation"].text())


def _days(node: Node) -> Iterator[Day | Rejection]:
    centre = node["courtCentre"]
    for day in node["hearingDays"]:
        moment = instants.instant(day["sittingDay"].text())
        if moment is None:
            yield Rejection(
                f"{day.where}/sittingDay",
                "bad-time",
                "The sitting day is not a date and time: send yyyy-mm-ddThh:mm:ssZ.",
            )
            continue
        yield Day(
            # A text says hours and minutes: seconds that come and go are no move.
            starts_at=moment.at.replace(second=0, microsecond=0),
            room=None if _elsewhere(day["courtRoomId"], centre["roomId"]) else centre["roomName"].text(),
            cancelled=day["isCancelled"].flag() or False,
            certain=moment.certain,
        )


def _elsewhere(of_the_day: Node, of_the_hearing: Node) -> bool:
    """Whether a day has a court or room of its own, and another than the hearing's."""
    one, other = fields.identifier(of_the_day.text()), fields.identifier(of_the_hearing.text())
    return None not in (one, other) and one != other


def _first_hearing(kind: Node) -> tuple[bool, tuple[str, ...]]:
    """Whether it is a first hearing. The description decides; where the id says otherwise a person looks (REMINDERS §2 C)."""
    identifier, description = kind["id"].text(), kind["description"].text()
    by_id = (identifier or "").lower() == FIRST_HEARING_ID
    by_description = (description or "").casefold() == FIRST_HEARING
    if description is None:
        return by_id, () if identifier else ("hearing-type-missing",)
    disagrees = identifier is not None and by_id != by_description
    return by_description, ("first-hearing-disagrees",) if disagrees else ()


def _by_video(node: Node) -> bool:
    """A hearing that is by video for everybody; for one defendant the attendance says it."""
    words = (node["type"]["description"].text() or "").casefold()
    return node["hasVideoLink"].flag() is True or "video" in words
