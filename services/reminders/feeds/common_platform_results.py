"""What a Common Platform result message says happened: one result for each person and hearing day."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from services.common.times import london_day
from services.reminders.feeds import fields, instants
from services.reminders.feeds.common_platform_hearing import Hearing, court_of, hearing_key
from services.reminders.feeds.common_platform_people import Party
from services.reminders.feeds.json_input import Node
from services.reminders.feeds.records import Custody, Day, Listing, Result, ResultCode

# Where copies of one person were marked differently, having been seen is the fact.
ATTENDANCE_ORDER = ("IN_PERSON", "BY_VIDEO", "NOT_PRESENT")
# Prompts whose value is from a fixed list of grounds (codes/fixed-list.json 423e0d8d); other values may name people.
GROUNDS_PROMPT = "grounds for warrant"
HEADINGS = frozenset({"adjournment reasons"})


@dataclass(frozen=True, slots=True)
class Ordered:
    """One judicial result of a person: the offence (a number within the person) or None for the whole defendant."""

    offence: int | None
    node: Node


def results(hearing: Hearing, people: list[Party], message: Node) -> list[Result]:
    """One Result for each person and day on which they were dealt with.

    Everybody in the message gets one for the day the results were added for (`hearingDay`, or the only day), even with
    no codes: a re-share can take a result away, and what is gone must be seen to be gone.
    """
    days = dict.fromkeys(london_day(day.starts_at) for day in hearing.days)
    added_for = message["hearingDay"].day() or (next(iter(days)) if len(days) == 1 else None)
    attended = _attendances(hearing)
    on_people = _results_on_people(hearing)
    found: list[Result] = []
    for party in people:
        ordered = _ordered(hearing, party, on_people)
        attendance = _attendance(attended, party)
        by_day: dict[date, list[Ordered]] = defaultdict(list)
        for result in ordered:
            if day := _day_of(result.node, days, added_for):
                by_day[day].append(result)
        listed = _next_listing(hearing, party, ordered)
        custody = _custody(party.listing, ordered)
        for day in sorted({*by_day, *attendance, *([added_for] if added_for else [])}):
            found.append(
                Result(
                    source="common-platform",
                    hearing_key=hearing.key,
                    person_keys=party.listing.person_keys,
                    case_refs=party.listing.case_refs,
                    person=party.listing.person,
                    court=hearing.court,
                    day=day,
                    attendance=attendance.get(day),
                    codes=tuple(_codes(by_day.get(day, []))),
                    custody=custody,
                    next_listing=replace(listed, custody=custody) if listed else None,
                    where=party.listing.where,
                )
            )
    return found


def holds_results(hearing: Hearing) -> bool:
    """Whether a hearing without a stated event carries its own results, shared or evidently of one of its days.

    Results of earlier hearings can hang on an offence that is listed again, so a result counts when it names this
    hearing, or names none and was ordered on one of its days.
    """
    node = hearing.node
    if node["hasSharedResults"].flag():
        return True
    days = {london_day(day.starts_at) for day in hearing.days}
    attended = (day for entry in node["defendantAttendance"] for day in entry["attendanceDays"])
    if any(day["attendanceType"].text() in {"IN_PERSON", "NOT_PRESENT"} for day in attended):
        return True
    defendants = [defendant for case in node["prosecutionCases"] for defendant in case["defendants"]]
    return any(
        result.node["orderedHearingId"].text() or result.node["orderedDate"].day() in days
        for result in _own_results(hearing, defendants, _results_on_people(hearing))
    )


def _ordered(hearing: Hearing, party: Party, on_people: dict[str, list[Node]]) -> list[Ordered]:
    """The person's results, each once: the same defendant can stand twice in one case."""
    once: dict[object, Ordered] = {}
    for result in _own_results(hearing, party.defendants, on_people):
        once.setdefault(result.node["judicialResultId"].text() or len(once), result)
    return list(once.values())


def _own_results(
    hearing: Hearing, defendants: list[Node], on_people: dict[str, list[Node]]
) -> Iterator[Ordered]:
    """Results of these defendants, neither deleted by an amendment nor ordered at another hearing."""
    for result in _all_results(defendants, on_people):
        ordered_at = fields.identifier(result.node["orderedHearingId"].text())
        if result.node.is_object and not result.node["isDeleted"].flag() and ordered_at in (None, hearing.id):
            yield result


def _results_on_people(hearing: Hearing) -> dict[str, list[Node]]:
    """Results on a person over all their cases, by master defendant id."""
    found: dict[str, list[Node]] = defaultdict(list)
    for entry in hearing.node["defendantJudicialResults"]:
        if master := fields.identifier(entry["masterDefendantId"].text()):
            found[master].append(entry["judicialResult"])
    return found


def _all_results(defendants: list[Node], on_people: dict[str, list[Node]]) -> Iterator[Ordered]:
    number = 0
    masters: dict[str, None] = {}
    for defendant in defendants:
        if master := fields.identifier(defendant["masterDefendantId"].text()):
            masters[master] = None
        for offence in defendant["offences"]:
            number += 1
            yield from (Ordered(number, result) for result in offence["judicialResults"])
        for name in ("judicialResults", "defendantCaseJudicialResults"):
            yield from (Ordered(None, result) for result in defendant[name])
    yield from (Ordered(None, result) for master in masters for result in on_people.get(master, []))


def _day_of(result: Node, days: dict[date, None], added_for: date | None) -> date | None:
    """The hearing day a result belongs to: the day it was ordered if the hearing sat then, else the day added for."""
    ordered = result["orderedDate"].day()
    return ordered if ordered in days else added_for or ordered or next(reversed(days), None)


def _codes(ordered: list[Ordered]) -> Iterator[ResultCode]:
    adjournments = _adjournments(ordered)
    for result in ordered:
        code = result.node["cjsCode"].code()
        if not code:
            continue
        qualifiers = [result.node["qualifier"].text()]
        qualifiers += [prompt["qualifier"].text() for prompt in result.node["judicialResultPrompts"]]
        yield ResultCode(
            code=code.zfill(4),
            qualifiers=tuple(dict.fromkeys(_split(qualifiers))),
            reasons=tuple(dict.fromkeys(_reasons(result, adjournments))),
            offence=result.offence,
            ordered=result.node["orderedDate"].day(),
        )


def _split(written: list[str | None]) -> Iterator[str]:
    """Qualifiers come one by one or together, "KQ,JD"."""
    for text in written:
        yield from (part.strip().upper() for part in (text or "").split(",") if part.strip())


def _adjournments(ordered: list[Ordered]) -> dict[str, list[str]]:
    """The labels of child results that only give a reason, by the result that they belong to."""
    found: dict[str, list[str]] = defaultdict(list)
    for child in ordered:
        root = child.node["rootJudicialResultId"].text()
        if root and child.node["resultDefinitionGroup"].text() == "Adjournment reasons":
            label = child.node["label"].text() or ""
            if label and label.casefold() not in HEADINGS:
                found[root].append(label)
    return found


def _reasons(result: Ordered, adjournments: dict[str, list[str]]) -> Iterator[str]:
    """Why: the ground from the fixed list, the adjournment's reason, and prompts and child results that are only a label."""
    for prompt in result.node["judicialResultPrompts"]:
        label, value = prompt["label"].text() or "", prompt["value"].text()
        if label.casefold() == GROUNDS_PROMPT and value:
            yield value
        elif label and value is None and label.casefold() not in HEADINGS:
            yield label
    if reason := result.node["nextHearing"]["adjournmentReason"].text():
        yield reason
    yield from adjournments.get(result.node["judicialResultId"].text() or "", [])


def _attendances(hearing: Hearing) -> dict[str, list[tuple[date, str]]]:
    """Each defendant's days and the feed's word for each, by defendant id."""
    found: dict[str, list[tuple[date, str]]] = defaultdict(list)
    for entry in hearing.node["defendantAttendance"]:
        if own := fields.identifier(entry["defendantId"].text()):
            for attended in entry["attendanceDays"]:
                day, word = attended["day"].day(), (attended["attendanceType"].text() or "").upper()
                if day and word:
                    found[own].append((day, word))
    return found


def _attendance(attended: dict[str, list[tuple[date, str]]], party: Party) -> dict[date, str]:
    """Hearing day → the feed's word, over all copies of the person."""
    words: dict[date, str] = {}
    for key in party.listing.person_keys:
        for day, word in attended.get(key.removeprefix("defendant:"), []):
            words[day] = min((words.get(day, word), word), key=_attendance_rank)
    return words


def _attendance_rank(word: str) -> int:
    return ATTENDANCE_ORDER.index(word) if word in ATTENDANCE_ORDER else len(ATTENDANCE_ORDER)


def _custody(listing: Listing, ordered: list[Ordered]) -> Custody:
    """Custody or bail after the hearing, the strictest of the offences; before it where the results say nothing."""
    after = [
        fields.custody(status, None, listing.initiation)
        for result in ordered
        if (status := result.node["postHearingCustodyStatus"].text())
    ]
    return min(after, key=fields.CUSTODY_ORDER.index, default=listing.custody)


def _next_listing(hearing: Hearing, party: Party, ordered: list[Ordered]) -> Listing | None:
    """The hearing that the results list next, the earliest if they differ; none where only a week or no date is set."""
    found: dict[tuple[Day, str | None], Listing] = {}
    for result in ordered:
        node = result.node["nextHearing"]
        moment = instants.instant(node["listedStartDateTime"].text())
        if moment is None:
            continue
        centre = node["courtCentre"]
        day = Day(moment.at, room=centre["roomName"].text(), certain=moment.certain)
        existing = fields.identifier(node["existingHearingId"].text())
        own = fields.identifier(party.defendants[0]["id"].text()) or "person"
        found[day, court_of(centre)] = replace(
            party.listing,
            # A re-share that moves the next hearing must move this one, so the key is not made of date or booking.
            hearing_key=hearing_key(existing) if existing else f"{hearing.key}:next:{own}",
            court=court_of(centre),
            court_name=centre["name"].text(),
            days=(day,),
            first_hearing=False,
            hearing_type=node["type"]["description"].text(),
            box_hearing=False,
            doubts=(),
            where=node.where,
        )
    if not found:
        return None
    earliest = found[min(found, key=lambda slot: slot[0].starts_at)]
    return replace(earliest, doubts=("several-next-hearings",)) if len(found) > 1 else earliest
