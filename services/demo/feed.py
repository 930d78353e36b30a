"""What the producers push: every message of the story, in order, with the address it goes to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from services.demo import common_platform, days, office, spi
from services.demo.days import Days
from services.demo.people import Person
from services.demo.script import MOVED_TO, Moment
from services.demo.sittings import Sitting, identifier
from services.demo.world import Truth

LISTED_LATER = {"late-listing": days.LATE_LISTING, "listed-too-late": days.TOO_LATE}
SECOND_CASE = "-second"
JSON, XML, CSV = "application/json", "application/xml", "text/csv"
HEARING = "/v1/feeds/common-platform/hearing/"
ENVELOPES, POLICE, OFFICE = "/v1/feeds/common-platform/messages", "/v1/feeds/spi", "/v1/feeds/csv"


@dataclass(frozen=True, slots=True)
class Push:
    """One message to Heed. `key` is its Idempotency-Key: a push that is tried again is still one push."""

    key: str
    feed: str
    path: str
    body: bytes = b""
    content_type: str = JSON
    method: str = "POST"


def listings(people: Sequence[Person], story: Days, moment: Moment = days.FEED) -> list[Push]:
    """What lists everybody who is listed at this moment, in the order of the file; the office's list is one file, last."""
    pushes: list[Push] = []
    written: list[Person] = []
    for hearing, members in hearings(people):
        if LISTED_LATER.get(members[0].role, days.FEED) != moment:
            continue
        if members[0].feed == "csv":
            written += members
        elif members[0].feed == "spi":
            pushes.append(Push(f"{hearing}:new", "spi", POLICE, spi.new_case(members[0], story), XML))
        else:
            pushes.append(_listed(hearing, members, story, moment))
            if members[0].role == "two-cases":
                pushes.append(_listed(hearing + SECOND_CASE, members, story, moment))
    if written:
        pushes.append(Push("office", "csv", OFFICE, office.listing(written, story), CSV))
    return pushes


def hearings(people: Sequence[Person]) -> list[tuple[str, list[Person]]]:
    """The people by hearing, in the order of the file."""
    return [(hearing, list(members)) for hearing, members in groupby(people, lambda person: person.hearing)]


def changes(people: Sequence[Person], story: Days) -> list[Push]:
    """After the first reminders: hearings moved, one deleted, one that no longer names a defendant."""
    pushes: list[Push] = []
    for hearing, members in hearings(people):
        roles = {person.role for person in members}
        if "moved" in roles:
            to = [replace(person, day=MOVED_TO[0], time=MOVED_TO[1]) for person in members]
            pushes.append(_update(f"{hearing}:moved", _sitting(hearing, to, story, days.CHANGES), story))
        if "dropped" in roles:
            left = [person for person in members if person.role != "dropped"]
            pushes.append(_update(f"{hearing}:dropped", _sitting(hearing, left, story, days.CHANGES), story))
        if "deleted" in roles:
            path = f"{HEARING}{identifier('hearing', hearing)}/delete"
            pushes.append(Push(f"{hearing}:deleted", "common-platform", path, method="DELETE"))
    return pushes


def results(people: Sequence[Person], story: Days, truths: Mapping[str, Truth | None]) -> list[Push]:
    """How the courts tell what happened: a hearing a message, or a court's day a message for who came by the police's
    XML or the office's list. One in two of the office's people are left for the office to type in."""
    pushes: list[Push] = []
    sessions: dict[tuple[int, str], list[tuple[Person, Truth]]] = {}
    for hearing, members in hearings(people):
        first, truth = members[0], truths[members[0].id]
        if first.feed in ("spi", "csv"):
            if truth and not typed_in(first):
                sessions.setdefault((first.day, first.court), []).append((first, truth))
        elif any(truths[person.id] for person in members):
            pushes.append(_result(hearing, members, story, truths, days.RESULTS))
    for (day, court), told in sorted(sessions.items()):
        body = spi.resulted(told, story)
        pushes.append(Push(f"{court} day {day}:result", "spi", POLICE, body, XML))
    return pushes


def amendment(person: Person, story: Days, truth: Truth) -> Push:
    """The court shares a result again: a later version, which says something else."""
    return _result(person.hearing, [person], story, {person.id: truth}, days.AMENDED)


def first_version(person: Person, story: Days, truth: Truth) -> Push:
    """The result that the amendment replaces."""
    return _result(person.hearing, [person], story, {person.id: truth}, days.RESULTS)


def again(push: Push) -> Push:
    """The same bytes as a push of its own."""
    return replace(push, key=f"{push.key}:again")


def typed_in(person: Person) -> bool:
    """Whether the office types this person's outcome in by hand."""
    return person.feed == "csv" and int(person.id[1:]) % 2 == 1


def _listed(hearing: str, members: list[Person], story: Days, moment: Moment) -> Push:
    sitting = _sitting(hearing, members, story, moment)
    push = _update(f"{hearing}:listed", sitting, story)
    if members[0].feed != "sns":
        return push
    body = common_platform.in_envelope(push.body, "ConfirmedOrUpdated", sitting.shared)
    return replace(push, feed="sns", path=ENVELOPES, body=body)


def _update(key: str, sitting: Sitting, story: Days) -> Push:
    return Push(key, "common-platform", HEARING + sitting.id, common_platform.listing(sitting, story))


def _result(
    hearing: str, members: list[Person], story: Days, truths: Mapping[str, Truth | None], moment: Moment
) -> Push:
    now = [
        replace(person, day=MOVED_TO[0], time=MOVED_TO[1]) if person.role == "moved" else person
        for person in members
        if person.role != "dropped"
    ]
    sitting = _sitting(hearing, now, story, moment)
    body = common_platform.result(sitting, story, truths)
    key = f"{hearing}:result:{moment[1]}"
    return Push(key, "common-platform", f"{HEARING}{sitting.id}/result", body)


def _sitting(hearing: str, members: list[Person], story: Days, moment: Moment) -> Sitting:
    first = members[0]
    starts_at = story.at(story.sitting(first.day), first.time)
    return Sitting(hearing, members, starts_at, story.at(*moment))
