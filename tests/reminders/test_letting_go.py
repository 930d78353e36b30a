"""How texts are let go at the start: a dry run that keeps what would have gone, and days that a person releases."""

from dataclasses import replace
from datetime import date

import pytest

from services.common import clock, stops
from services.reminders import jobs
from services.reminders.county import Release
from services.reminders.hearings import preview
from services.reminders.models import Release as ReleasedDay
from tests.reminders.office import HEARING, ONE_DAY, THREE_DAYS, Office, hearing, nth, phone

SEPTEMBER_20, SEPTEMBER_22, SEPTEMBER_30 = date(2026, 9, 20), date(2026, 9, 22), date(2026, 9, 30)


def how(office: Office, patch: pytest.MonkeyPatch, release: Release) -> None:
    """From now on texts are let go like this."""
    office.county = replace(office.county, release=release)
    patch.setattr(jobs, "configured", lambda: office.county)


def let_go(office: Office, day: date) -> None:
    """A person releases a day."""
    with office.heed.database.begin() as session:
        session.add(ReleasedDay(day=day, by="person:a", at=clock.now(session)))


def planned_texts(office: Office) -> list[str]:
    """What the preview shows."""
    with office.heed.database.begin() as session:
        shown = preview(office.heed, office.county, session, since=None, until=None)
    return [one["text"] for one in (*shown["due"], *shown["waiting"])]


def test_a_dry_run_sends_nothing_and_keeps_what_would_have_gone(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    how(office, monkeypatch, Release(dry_run_until=SEPTEMBER_20))
    office.push(nth(0))
    office.push(nth(1))
    office.push(nth(2, "2026-09-22T14:00"))
    assert len(planned_texts(office)) == 6
    office.tick("2026-09-20T08:00")
    assert ("three-days", "pending", None) in office.outbox()  # of 22 September; the window opens at nine
    # What would not have gone anyway says why, so that the week can be compared with the office's own.
    office.hears(phone(1), "STOP")
    office.tick(THREE_DAYS)
    assert office.texts() == []
    steps = [one for one in office.outbox() if one[1] == "cancelled"]
    assert sorted(steps) == sorted(
        [
            ("three-days", "cancelled", "dry-run"),
            ("three-days", "cancelled", "opted-out"),
            ("one-day", "cancelled", "opted-out"),
            ("three-days", "cancelled", "dry-run"),
        ]
    )
    # Nobody was texted, so nobody is told of a move; the day after, texts go by themselves.
    office.push(nth(0, "2026-09-23T14:00"))
    office.tick("2026-09-20T19:59")
    assert office.texts() == []
    office.tick("2026-09-21T14:00")
    office.tick(ONE_DAY)
    assert [len(office.texts(phone(number))) for number in range(3)] == [1, 0, 1]


def test_a_day_waits_until_somebody_releases_it(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    how(office, monkeypatch, Release(by_hand_until=SEPTEMBER_30))
    office.push(hearing())
    office.tick(THREE_DAYS)
    assert office.outbox()[0] == ("three-days", "pending", "not-released")
    assert office.planned()[0] == ("three-days", "2026-09-20T10:15")
    assert len(planned_texts(office)) == 2  # which is what somebody looks at before releasing
    office.tick("2026-09-20T10:16")
    assert (office.texts(), office.planned()[0]) == ([], ("three-days", "2026-09-20T10:31"))
    let_go(office, SEPTEMBER_20)
    office.tick("2026-09-20T10:30")
    assert office.texts() == []
    office.tick("2026-09-20T10:32")
    assert len(office.texts()) == 1
    # Another day is another release. Nobody releases it: past the window's end it waits for the next morning.
    office.tick(ONE_DAY)
    office.tick("2026-09-22T19:50")
    assert office.planned() == [("one-day", "2026-09-23T09:00")]
    # What has lost its use by then is dropped.
    office.tick("2026-09-23T09:50")
    office.tick(HEARING)
    assert office.outbox()[1] == ("one-day", "cancelled", "too-late")
    assert len(office.texts()) == 1


def test_a_move_waits_for_its_day_and_a_reply_for_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    how(office, monkeypatch, Release(dry_run_until=date(2026, 9, 16), by_hand_until=SEPTEMBER_22))
    office.push(nth(0))
    let_go(office, SEPTEMBER_20)
    office.tick(THREE_DAYS)
    assert len(office.texts()) == 1
    office.move("2026-09-21T12:00")
    office.push(nth(0, "2026-09-29T10:00"))
    office.hears(phone(0), "What is this about?")
    office.tick()
    assert [words.partition(".")[0] for words in office.texts()[1:]] == ["This line is not read at once"]
    assert ("change", "pending", "not-released") in office.outbox()
    # By the last day's end nobody is asked any more.
    office.tick("2026-09-23T09:00")
    assert "your court date has moved" in office.texts()[-1]


def test_the_preview_shows_what_is_ready_and_what_keeps_it_back(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    how(office, monkeypatch, Release(dry_run_until=SEPTEMBER_20, by_hand_until=SEPTEMBER_30))
    office.county = replace(office.county, price=None)
    office.push(nth(0))

    def reasons() -> tuple[int, list[str], list[str]]:
        with office.heed.database.begin() as session:
            shown = preview(office.heed, office.county, session, since=None, until=None)
        assert all(one["text"] and one["cost"] is None for one in shown["waiting"])
        return (
            len(shown["due"]),
            [one["reason"] for one in shown["waiting"]],
            [one["reason"] for one in shown["held"]],
        )

    assert reasons() == (0, ["dry-run", "not-released"], ["dry-run", "not-released"])
    let_go(office, SEPTEMBER_22)
    assert reasons() == (1, ["dry-run"], ["dry-run"])
    with office.heed.database.begin() as session:
        stops.stop(session, "a person's word", "person:ann", clock.now(session))
    assert reasons() == (0, ["sending-stopped"] * 2, ["sending-stopped"] * 2)
    trial = replace(office.heed.settings, mode="trial", trial_numbers=frozenset({phone(1)}))
    office.heed = replace(office.heed, settings=trial)
    assert reasons() == (0, ["not-on-trial-list"] * 2, ["not-on-trial-list"] * 2)
