"""What went wrong elsewhere and must not here, as far as plan and wording go; each name carries its row of the brief's table (§9)."""

from copy import deepcopy
from datetime import UTC, datetime, time, timedelta
from importlib.resources import files
from typing import Any

import pytest
import yaml
from sqlalchemy import select, update

from services.common.models import Outbox
from services.common.times import at_london, london, parse_instant
from services.reminders import county
from services.reminders.county_schema import CountySchema
from services.reminders.models import Listing
from services.reminders.plan import into_window, late, moments
from services.reminders.wording import MissingFact, render
from services.reminders.wording_lint import lint
from tests.reminders.office import HEARING, ONE_DAY, THREE_DAYS, Office, case, defendant, hearing, nth, phone

CONTENT: dict[str, Any] = yaml.safe_load(
    files("services.reminders").joinpath("data/hertfordshire.yaml").read_text()
)
COUNTY = county.parse(county.source(None))
LANGUAGES = sorted(CONTENT["wording"]["languages"])


def test_row_6_sweeps_six_hours_late_lose_nothing_that_is_still_of_use(office: Office) -> None:
    office.push(nth(0))
    office.push(nth(1, "2026-09-22T15:30"))
    office.tick("2026-09-20T16:00")
    assert [len(office.texts(phone(number))) for number in (0, 1)] == [1, 1]
    # The next sweep is late by six hours again: by then the second hearing has begun.
    office.tick("2026-09-22T16:00")
    assert [len(office.texts(phone(number))) for number in (0, 1)] == [2, 1]
    # A text that no sweep found before its hearing is never sent afterwards.
    office.push(nth(2, "2026-09-24T10:00"))
    office.tick("2026-09-24T10:00")
    assert office.texts(phone(2)) == []
    assert ("one-day", "cancelled", "too-late") in office.outbox()


@pytest.mark.parametrize(
    ("instant", "day", "clock", "in_poland"),
    [
        # The two that the table names.
        (datetime(2021, 6, 25, 9, 0, tzinfo=UTC), "Fri 25 Jun", "10am", "pt 25 cze, godz. 10:00"),
        (datetime(2021, 1, 28, 10, 30, tzinfo=UTC), "Thu 28 Jan", "10.30am", "czw 28 sty, godz. 10:30"),
        # The days around both changes of 2026.
        (datetime(2026, 3, 28, 10, 0, tzinfo=UTC), "Sat 28 Mar", "10am", "sob 28 mar, godz. 10:00"),
        (datetime(2026, 3, 29, 9, 0, tzinfo=UTC), "Sun 29 Mar", "10am", "niedz 29 mar, godz. 10:00"),
        (datetime(2026, 10, 24, 9, 0, tzinfo=UTC), "Sat 24 Oct", "10am", "sob 24 paz, godz. 10:00"),
        (datetime(2026, 10, 25, 10, 0, tzinfo=UTC), "Sun 25 Oct", "10am", "niedz 25 paz, godz. 10:00"),
        # After eleven on a summer's night it is tomorrow in London.
        (datetime(2026, 6, 30, 23, 30, tzinfo=UTC), "Wed 1 Jul", "12.30am", "sr 1 lip, godz. 0:30"),
    ],
)
def test_row_7_a_text_says_londons_clock_and_its_reminders_follow_it(
    instant: datetime, day: str, clock: str, in_poland: str
) -> None:
    def said(language: str) -> str:
        return render(COUNTY, "bail", given="Ann", court="B41ME", starts_at=instant, language=language)

    assert f"on {day}, {clock}. If" in said("en")
    assert in_poland in said("pl")
    for moment in moments(COUNTY.plan, instant, instant - timedelta(days=9)):
        assert london(moment.due_at).time() == time(10)
        before = {"three-days": 3, "one-day": 1}[moment.step]
        assert london(moment.due_at).date() == london(instant).date() - timedelta(days=before)


def test_row_8_what_is_due_at_two_in_the_morning_is_held_to_the_window(office: Office) -> None:
    night, morning = parse_instant("2026-09-21T02:00"), parse_instant("2026-09-21T09:00")
    assert into_window(COUNTY.plan, night) == morning
    assert [one.due_at for one in late(COUNTY.plan, parse_instant(HEARING), night)] == [morning]
    # A move that is heard of at night, and a reminder that a sweep finds only then.
    office.push(nth(0))
    office.tick(THREE_DAYS)
    office.push(nth(1, "2026-09-23T11:00"))
    with office.heed.database.begin() as session:
        waiting = select(Outbox.id).where(Outbox.state == "pending", Outbox.step == "one-day")
        last = session.scalars(waiting.order_by(Outbox.id.desc())).first()
        session.execute(update(Outbox).where(Outbox.id == last).values(due_at=night))
    office.move("2026-09-21T02:00")
    office.push(nth(0, "2026-09-30T14:00"))
    office.tick()
    assert len(office.texts()) == 1
    assert ("change", "2026-09-21T09:00") in office.planned()
    assert ("one-day", "pending", "outside-window") in office.outbox()
    office.tick("2026-09-21T08:59")
    assert len(office.texts()) == 1
    office.tick("2026-09-21T09:00")
    assert [len(office.texts(phone(number))) for number in (0, 1)] == [2, 1]


def test_row_9_no_text_can_arrive_and_be_untrue(office: Office) -> None:
    # No relative words in any language: a text that comes two days later says what it said.
    for code in LANGUAGES:
        originals = CONTENT["wording"]["languages"][code]["templates"]
        for stale in ("tomorrow", "yfory", "jutro", "mâine", "Today", "HEDDIW", "dzisiaj", "astăzi"):
            content = deepcopy(CONTENT)
            content["wording"]["languages"][code]["templates"] = {
                name: f"{words} {stale}" for name, words in originals.items()
            }
            found = lint(CountySchema().load(content))
            stale_ones = {one.template for one in found if "say {d} and {t} alone" in one.remedy}
            assert stale_ones == set(originals), (code, stale)
    # And the carrier is told how long it is of use: five and a half hours for this one.
    office.push(hearing("2026-09-23T15:30"))
    office.move("2026-09-23T10:00")
    office.tick()
    sent = [one for one in office.carrier.inside.store.state.messages if one.direction == "outbound-api"]
    assert [one.valid_for for one in sent] == [pytest.approx(5.5 * 3600, abs=60)]


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
def test_row_21_a_translation_that_lacks_what_the_english_says_is_refused(code: str) -> None:
    words = CONTENT["wording"]["languages"][code]
    lacking = {
        ("bail", words["must_say"]["bail"][0]): "what follows from missing court on bail",
        ("summons", words["must_say"]["summons"][0]): "what follows from missing court on a summons",
        ("moved", words["must_say"]["wrong_person"][0]): "the way out for the wrong person",
        ("moved", "{t}"): "{t}, the time",
        ("no-longer", "{d}"): "{d}, the day",
    }
    for (template, phrase), fact in lacking.items():
        content = deepcopy(CONTENT)
        templates = content["wording"]["languages"][code]["templates"]
        assert phrase in templates[template]
        templates[template] = templates[template].replace(phrase, "...")
        found = [str(one) for one in lint(CountySchema().load(content))]
        assert [one for one in found if one.startswith(f"{code} {template}: lacks {fact}")], found
        with pytest.raises(county.CountyError, match=f"{code} {template}: lacks"):
            county.parse(yaml.safe_dump(content))
    # Nor may a whole text be missing, so that somebody would read nothing or another language.
    content = deepcopy(CONTENT)
    del content["wording"]["languages"][code]["templates"]["moved"]
    assert [str(one) for one in lint(CountySchema().load(content))] == [
        f"{code} moved: is missing: the English has it: write it"
    ]


def test_row_22_a_missing_fact_is_listed_and_never_a_bad_date_on_a_phone(office: Office) -> None:
    at = at_london(datetime(2026, 9, 23, tzinfo=UTC).date(), time(10))
    for given, court, starts_at in [("", "B41ME", at), ("Ann", "B40IM", at), ("Ann", "B41ME", None)]:
        for code in LANGUAGES:
            with pytest.raises(MissingFact):
                render(COUNTY, "bail", given=given, court=court, starts_at=starts_at, language=code)
    nameless = defendant()
    del nameless["personDefendant"]["personDetails"]["firstName"]
    office.push(hearing(HEARING, {**hearing()["hearing"]["prosecutionCases"][0], "defendants": [nameless]}))
    assert "missing-fact" in office.row()["reasons"]
    for name in (".", "Unknown"):
        office.push(hearing(HEARING, case(defendant(name, identity="ann-example"))))
        assert (office.row()["name"], office.row()["reasons"]) == (f"{name} Example", ["missing-fact"])
    office.push(nth(1))
    with office.heed.database.begin() as session:  # a fact that goes after the reminder was planned
        session.execute(update(Listing).where(Listing.case_refs == ["41C001"]).values(court="B40IM"))
    office.tick(THREE_DAYS)
    office.tick(ONE_DAY)
    assert office.texts() == []
    assert {state for _, state, _ in office.outbox()} == {"cancelled"}
