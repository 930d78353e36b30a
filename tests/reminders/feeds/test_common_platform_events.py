"""Listing events of Common Platform: a firm word deletes, a move leaves nobody listed, the rest says what to send."""

import json
from typing import Any

import pytest

from services.reminders.feeds.common_platform import parse
from services.reminders.feeds.records import Batch, FeedError
from tests.reminders.office import Office, hearing

ID = "0f1e2d3c-0000-4000-8000-000000000001"
KEY = f"common-platform:{ID}"
NAMED = {"hearingId": ID}


def event(name: str, **body: Any) -> dict[str, Any]:
    return {"_metadata": {"name": name}, **NAMED, **body}


def read(body: Any, *args: Any) -> Batch:
    return parse(json.dumps(body).encode(), *args)


@pytest.mark.parametrize(
    "body",
    [
        event("public.listing.events.hearing-deleted"),
        event("public.events.listing.allocated-hearing-deleted"),
        event("hearing-deleted"),
        event("public.listing.allocated-hearing-deleted"),
        event("vacated-trial-updated", isVacated=True, allocated=True),
        event("public.listing.vacated-trial-updated", isVacated=True, allocated=True),
        NAMED | {"isVacated": True, "allocated": False},
        NAMED | {"isVacated": "true"},
    ],
)
def test_a_firm_word_is_a_deletion(body: Any) -> None:
    batch = read(body)
    assert (batch.event, batch.deleted, batch.hearing_keys) == ("delete", [KEY], (KEY,))
    assert batch.rejections == []


@pytest.mark.parametrize(
    "body",
    [
        NAMED | {"hearingDays": [{"startTime": "2022-04-05T09:30:00.000Z"}]},
        NAMED | {"seedingHearingId": "x", "hearingStartDate": "2022-04-05T09:30:00.000Z"},
        NAMED | {"offenceIds": ["x"]},
        NAMED | {"isVacated": False, "allocated": True},
        event("public.listing.hearing-days-changed-for-hearing"),
        event("hearing-days-changed-for-hearing"),
        event("next-hearing-day-changed"),
        event("public.listing.events.next-hearing-day-changed"),
        event("hearing-unallocated"),
        event("public.events.listing.vacated-trial-updated", isVacated=False, allocated=True),
    ],
)
def test_a_move_leaves_nobody_listed_until_the_hearing_comes(body: Any) -> None:
    batch = read(body)
    assert (batch.event, batch.complete, batch.hearing_keys) == ("update", True, (KEY,))
    assert (batch.listings, batch.deleted, batch.rejections) == ([], [], [])
    # No version: it must not make a result that was shared before it look old.
    assert batch.version is None


def test_an_event_without_its_name_holds_the_hearing_and_says_so() -> None:
    batch = read(NAMED)
    assert (batch.complete, batch.hearing_keys, batch.deleted) == (True, (KEY,), [])
    assert [(one.where, one.code) for one in batch.rejections] == [("/hearingId", "event-unnamed")]
    # Where the address says that it is a deletion, it is one.
    assert read(NAMED, "delete").deleted == [KEY]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (NAMED | {"caseUrns": []}, "hearing-listed: it names neither"),
        ({"confirmedHearing": {"id": ID}}, "hearing-confirmed: it names no defendant"),
        ({"courtLists": [], "publishCourtListType": "FIRM", "hearingId": ID}, "court-list-published"),
        ({"hearings": [], "hearingId": ID}, "no day yet"),
        (event("public.listing.hearing-changes-saved"), "changes nothing"),
        (event("hearing-listed"), "it names neither"),
        (event("public.events.listing.list-unscheduled-court-hearing"), "no day yet"),
    ],
)
def test_what_says_too_little_says_what_to_send(body: Any, words: str) -> None:
    with pytest.raises(FeedError, match=words) as refusal:
        read(body)
    assert refusal.value.code == "event-not-supported"
    assert refusal.value.reason.endswith("send the hearing itself.")


@pytest.mark.parametrize("identifier", [None, "", "a/b", 7])
def test_an_event_of_no_hearing(identifier: Any) -> None:
    with pytest.raises(FeedError) as refusal:
        read({"hearingId": identifier, "hearingDays": []})
    assert refusal.value.code == "missing-hearing-id"


def test_an_event_sent_as_a_hearing_is_none() -> None:
    with pytest.raises(FeedError) as refusal:
        read(NAMED | {"hearingDays": []}, "update", ID)
    assert refusal.value.code == "not-a-hearing"


def test_what_an_event_does_to_a_hearing_that_is_known(office: Office) -> None:
    office.push(hearing())
    assert (office.row()["status"], len(office.planned())) == ("listed", 2)
    moved = office.push({"hearingId": "h1", "hearingDays": [{"startTime": "2026-09-24T09:30:00.000Z"}]})
    assert (moved["status"], moved["counts"]["suspended"]) == ("applied", 1)
    assert (office.row()["status"], office.planned()) == ("suspended", [])
    office.push(hearing("2026-09-24T10:30"))
    assert (office.row()["status"], len(office.planned())) == ("listed", 2)
    unnamed = office.push({"hearingId": "h1"})
    assert (unnamed["rejections"][0]["code"], office.row()["status"]) == ("event-unnamed", "suspended")
    office.push(hearing("2026-09-24T10:30"))
    office.push({"hearingId": "h1", "isVacated": True, "allocated": True})
    assert (office.row()["status"], office.planned()) == ("cancelled", [])
