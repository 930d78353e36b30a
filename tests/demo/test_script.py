"""The demo's data and script: invented people only, each part in the arm that it needs, messages that Heed reads whole."""

from collections import Counter
from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.common.segments import count
from services.consultation.questionnaire import parse as parse_questionnaire
from services.demo import days, feed, residents, world
from services.demo.documents import protocol, questionnaire
from services.demo.people import Person, people, rows, with_role
from services.demo.script import CONTROL, TEXT, Script
from services.reminders.feeds.parse import parse
from services.reminders.pilots import parse as parse_protocol
from services.sandbox.faults import fault_for

STORY = days.from_present(datetime(2026, 9, 17, 15, 0, tzinfo=UTC))
FAULTY = {
    "landline": "landline",
    "unknown-handset": "unknown",
    "filtered": "filtered",
    "opted-out-at-carrier": "opted-out",
    "callbacks-twice": "callback-twice",
    "callbacks-reversed": "callback-reversed",
}


@pytest.fixture(scope="module")
def script() -> Script:
    return Script(people(), STORY, protocol(STORY))


@pytest.mark.parametrize(
    ("present", "start"),
    [
        (datetime(2026, 9, 17, 15, 0, tzinfo=UTC), date(2026, 10, 5)),
        (datetime(2026, 9, 21, 8, 0, tzinfo=UTC), date(2026, 10, 5)),  # a Monday: two whole weeks
        (datetime(2026, 9, 20, 23, 30, tzinfo=UTC), date(2026, 10, 5)),  # Monday already in London
        (datetime(2026, 9, 21, 23, 30, tzinfo=UTC), date(2026, 10, 12)),
        (datetime(2026, 10, 18, 12, 0, tzinfo=UTC), date(2026, 11, 2)),
        (datetime(2027, 12, 20, 12, 0, tzinfo=UTC), date(2028, 1, 3)),
    ],
)
def test_the_story_begins_on_a_monday_at_least_two_weeks_ahead(present: datetime, start: date) -> None:
    assert days.from_present(present).start == start


def test_two_hundred_people_with_drama_numbers_of_their_own() -> None:
    assert len(people()) == 200
    assert len({person.surname for person in people()}) == 200
    numbers = Counter(person.number for person in people() if person.number)
    assert all(number.startswith("+447700900") and number[-3:] > "002" for number in numbers)
    shared = {number for number, times in numbers.items() if times > 1}
    assert all(
        person.expect == "mobile-shared" or person.role == "shares-later"
        for person in people()
        if person.number in shared
    )


def test_faults_are_called_for_on_purpose_only() -> None:
    called = {
        person.role: fault.name
        for person in people()
        if person.number and (fault := fault_for(person.number))
    }
    assert called == FAULTY
    assert not any(fault_for(one.number) for one in residents.texts())


def test_residents_and_defendants_share_no_number() -> None:
    assert not {one.number for one in residents.texts()} & {person.number for person in people()}
    assert len({one.id for one in residents.texts()}) == 60


@pytest.mark.parametrize("name", ["people.csv", "residents.csv", "pilot.yaml", "consultation.yaml"])
def test_every_data_file_says_that_it_is_synthetic(name: str) -> None:
    from importlib.resources import files

    assert files("services.demo").joinpath(f"data/{name}").read_text("utf-8").startswith("# SYNTHETIC.")


def test_every_part_is_played_in_the_arm_that_it_needs(script: Script) -> None:
    arms = {person.id: script.arm(person) for person in people() if person.role}
    outside = {"late-listing", "listed-too-late", "interpreter", "by-video"}
    assert {script.arm(person) for role in outside for person in with_role(role)} == {None}
    assert sorted(str(arms[person.id]) for person in with_role("moved")) == [CONTROL, TEXT]
    others = [person for person in people() if person.role and person.role not in {*outside, "moved"}]
    assert {arms[person.id] for person in others} == {TEXT}


def test_the_arms_are_balanced_within_each_court(script: Script) -> None:
    for court in ("B41ME00", "B41MJ00"):
        arms = Counter(
            script.arm(person) for person in people() if person.court == court and script.arm(person)
        )
        assert abs(arms[TEXT] - arms[CONTROL]) <= 3  # half of the largest block


def test_every_expected_text_is_one_segment(script: Script) -> None:
    texts = [body for moment in script.moments for _, body in script.sent_at(moment)]
    assert len(texts) > 100
    assert {count(body).segments for body in texts} == {1}


def test_nobody_of_the_control_arm_is_expected_to_be_texted(script: Script) -> None:
    control = {person.number for person in people() if script.arm(person) == CONTROL}
    texted = {number for moment in script.moments for number, _ in script.sent_at(moment)}
    assert not control & texted


def test_heed_reads_every_message_whole(script: Script) -> None:
    truths = {person.id: world.truth(person, reached=script.reached(person)) for person in people()}
    pushes = [
        *feed.listings(people(), STORY),
        *feed.listings(people(), STORY, days.LATE_LISTING),
        *feed.listings(people(), STORY, days.TOO_LATE),
        *feed.changes(people(), STORY),
        *feed.results(people(), STORY, truths),
    ]
    assert len({push.key for push in pushes}) == len(pushes)
    listed: set[Any] = set()
    for push in pushes:
        batch = parse(push.body, _format(push), event=_event(push), hearing_id=_hearing(push))
        assert not batch.rejections, push.key
        listed |= {listing.case_refs[0] for listing in batch.listings}
    assert {person.case for person in people()} <= listed


def test_the_protocol_is_one_that_heed_locks() -> None:
    locked = parse_protocol(protocol(STORY))
    assert locked.synthetic
    assert locked.outcome_lag_days == days.LAG


def test_the_questionnaire_is_one_that_heed_launches() -> None:
    asked = parse_questionnaire(questionnaire(STORY))
    assert asked.opens_at <= STORY.at(*days.OPENING)
    assert asked.closes_at is not None
    assert STORY.at(*days.LAST_MINUTE) < asked.closes_at < STORY.at(*days.LATE)


def test_ages_hold_on_every_sitting_day() -> None:
    for person in people():
        born = person.born(STORY)
        if born:
            on = STORY.day(STORY.sitting(person.day))
            assert _age(born, on) == int(person.age), person.id
    eighteen = with_role("eighteen-today")[0]
    assert eighteen.born(STORY) == STORY.day(STORY.sitting(eighteen.day)).replace(year=2008)


def test_the_world_is_the_same_each_time_and_texts_only_help(script: Script) -> None:
    for person in people():
        told, untold = world.truth(person, reached=True), world.truth(person, reached=False)
        assert told == world.truth(person, reached=True)
        if told and untold and told.attendance == "absent":
            assert untold.attendance == "absent", person.id


def test_every_row_of_people_is_read() -> None:
    assert [row["id"] for row in rows("people.csv")] == [person.id for person in people()]
    assert all(isinstance(person, Person) for person in people())


def _age(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def _format(push: feed.Push) -> str:
    return "common-platform" if push.feed in ("common-platform", "sns") else push.feed


def _event(push: feed.Push) -> str | None:
    if push.feed != "common-platform":
        return None
    return {"result": "result", "delete": "delete"}.get(push.path.rsplit("/", 1)[1], "update")


def _hearing(push: feed.Push) -> str | None:
    return push.path.split("/")[5] if push.feed == "common-platform" else None
