"""Who is enrolled, and what goes out when the time comes: visits, numbers, the window, late sweeps, one bad row among good ones."""

import json
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import select, text, update

from services.common import clock, stops
from services.reminders import contacts, deliveries, jobs
from services.reminders.hearings import preview
from services.reminders.models import Contact, Person
from tests.reminders.office import (
    ANN,
    BEN,
    CAT,
    HEARING,
    ONE_DAY,
    STEVENAGE,
    THREE_DAYS,
    Office,
    case,
    defendant,
    hearing,
    nth,
    nth_case,
    nth_result,
    phone,
    result,
    somebody,
    spi,
)

BAIL = (
    "Herts Police: Ann, you must be at St Albans Magistrates Court on Wed 23 Sep, 10am. If you miss it you could be "
    "arrested. Not you? Text WRONG"
)
SUMMONS = (
    "Herts Police: Ann, your case is at St Albans Magistrates Court on Wed 23 Sep, 10am. It can go ahead without you. "
    "Not you? Text WRONG"
)


def reasons(office: Office) -> dict[str, list[str]]:
    """Each listing's reasons, by case."""
    return {one["case_ref"]: one["reasons"] for one in office.rows()}


def test_the_words_follow_bail_and_initiation_and_both_reminders_go(office: Office) -> None:
    table = [
        ("U", "C", BAIL),
        ("B", "C", BAIL),
        ("A", "C", SUMMONS),
        (None, "S", SUMMONS),
        ("U", "Q", SUMMONS),
    ]
    for number, (bail, initiation, _) in enumerate(table):
        office.push(
            hearing(
                HEARING,
                nth_case(number, somebody(number, bail=bail), initiation=initiation),
                key=f"c{number}",
            )
        )
    office.tick("2026-09-20T09:59:50")
    assert office.texts() == []
    office.tick(THREE_DAYS)
    expected = [words.replace("Ann", f"P{number:03}") for number, (*_, words) in enumerate(table)]
    assert [office.texts(phone(number)) for number in range(5)] == [[words] for words in expected]
    office.tick(ONE_DAY)
    office.tick("2026-09-23T09:00")
    assert [office.texts(phone(number)) for number in range(5)] == [[words, words] for words in expected]


@pytest.mark.parametrize("same", [True, False], ids=["one master id", "unmatched copies"])
def test_two_cases_at_one_court_and_time_are_one_visit_and_one_text(office: Office, same: bool) -> None:
    for number in (1, 2):
        person = defendant(identity="ann" if same else f"ann-{number}")
        office.push(hearing(HEARING, case(person, ref=f"41AA{number}"), key=f"h{number}"))
    assert reasons(office) == {"41AA1": [], "41AA2": ["same-visit"]}
    office.tick(THREE_DAYS)
    office.tick(ONE_DAY)
    assert office.texts() == [BAIL, BAIL]


def test_when_the_case_that_spoke_for_a_visit_is_gone_the_other_speaks(office: Office) -> None:
    gone: dict[str, Callable[[int], Any]] = {
        "deleted": lambda n: office.delete(f"c{n}"),
        "another day": lambda n: office.push(nth(n, "2026-09-24T10:00")),
        "another court": lambda n: office.push(nth(n, court=STEVENAGE)),
        "no first hearing": lambda n: office.push(nth(n, kind={"description": "Trial"})),
        "resulted": lambda n: office.push(nth_result(n, "1015")),
    }
    for number, event in enumerate(gone.values()):
        office.push(nth(number))
        office.push(hearing(HEARING, case(somebody(number), ref=f"41D{number}"), key=f"d{number}"))
        assert reasons(office)[f"41D{number}"] == ["same-visit"]
        event(number)
    assert [reasons(office)[f"41D{number}"] for number in range(len(gone))] == [[]] * len(gone)
    office.tick(THREE_DAYS)
    for number in range(len(gone)):
        assert BAIL.replace("Ann", f"P{number:03}") in office.texts(phone(number))


def test_the_same_person_at_two_times_has_two_visits(office: Office) -> None:
    office.push(hearing(HEARING, case(ref="41AA1"), key="h1"))
    office.push(hearing("2026-09-23T14:00", case(ref="41AA2"), key="h2"))
    office.tick(THREE_DAYS)
    assert sorted(office.texts()) == sorted([BAIL, BAIL.replace("10am", "2pm")])


def test_a_defendant_twice_in_a_case_is_one_person_with_one_text(office: Office) -> None:
    office.push(hearing(HEARING, case(defendant(), defendant())))
    assert len(office.rows()) == 1
    office.tick(THREE_DAYS)
    assert office.texts() == [BAIL]


def two_people_one_number(office: Office) -> None:
    office.push(hearing(HEARING, case(defendant(), ref="41AA1"), key="h1"))
    office.push(hearing(HEARING, case(defendant("Ben", mobile="07700 900101"), ref="41AA2"), key="h2"))


def test_a_number_that_two_people_share_is_texted_for_neither_and_both_are_listed(office: Office) -> None:
    two_people_one_number(office)
    assert reasons(office) == {"41AA1": ["mobile-shared"], "41AA2": ["mobile-shared"]}
    assert {one["mobile"] for one in office.rows()} == {"shared"}
    office.tick(THREE_DAYS)
    assert office.texts() == []


def test_sharing_found_after_the_first_text_stops_the_next(office: Office) -> None:
    office.push(hearing(HEARING, case(ref="41AA1"), key="h1"))
    office.tick(THREE_DAYS)
    office.push(hearing(HEARING, case(defendant("Ben", mobile=ANN), ref="41AA2"), key="h2"))
    office.tick(ONE_DAY)
    assert office.texts() == [BAIL]


@pytest.mark.parametrize(
    "settled",
    [
        lambda office: office.push(
            hearing(HEARING, case(defendant("Ben", mobile=BEN), ref="41AA2"), key="h2")
        ),
        lambda office: office.delete("h2"),
    ],
    ids=["one number corrected", "the other hearing called off"],
)
def test_once_the_number_is_one_persons_again_that_person_is_texted(office: Office, settled: Any) -> None:
    two_people_one_number(office)
    settled(office)
    assert reasons(office)["41AA1"] == []
    office.tick(THREE_DAYS)
    assert office.texts(ANN) == [BAIL]


def test_two_records_of_one_human_do_not_share_a_number(office: Office) -> None:
    office.push(hearing(HEARING, case(defendant(identity="one"), ref="41AA1"), key="h1"))
    office.push(hearing("2026-09-24T10:00", case(defendant(identity="two"), ref="41AA2"), key="h2"))
    assert reasons(office) == {"41AA1": [], "41AA2": []}


def test_an_old_hearing_of_somebody_shares_no_number(office: Office) -> None:
    office.push(hearing("2026-09-14T10:00", case(defendant("Ben", mobile=ANN), ref="41AA2"), key="h2"))
    office.tick("2026-09-14T12:00")
    office.push(hearing(HEARING, case(ref="41AA1"), key="h1"))
    assert reasons(office)["41AA1"] == []


def test_what_a_number_is_worth(office: Office) -> None:
    table: list[tuple[str | None, str, str | None]] = [
        (None, "missing", "mobile-missing"),
        ("", "missing", "mobile-missing"),
        ("not known", "invalid", "mobile-invalid"),
        ("07700 9001", "invalid", "mobile-invalid"),
        ("01727 816000", "invalid", "mobile-invalid"),
        ("020 7946 0000", "invalid", "mobile-invalid"),
        ("0800 555 111", "invalid", "mobile-invalid"),
        ("+33 1 42 68 53 00", "invalid", "mobile-invalid"),
        ("+33 6 12 34 56 78", "valid", None),
        ("07700 900101", "valid", None),
        ("+44 (0)7700 900-102", "valid", None),
    ]
    people = [somebody(number, mobile=mobile) for number, (mobile, *_) in enumerate(table)]
    office.push(hearing(HEARING, case(*people)))
    found = [(one["mobile"], one["reasons"]) for one in office.rows()]
    assert found == [(state, [reason] if reason else []) for _, state, reason in table]


@pytest.mark.parametrize("changes", [{"mode": "trial", "trial_numbers": frozenset()}])
def test_drama_numbers_are_no_mobiles_outside_sandbox_mode(office: Office) -> None:
    office.push(hearing())
    row = office.row()
    assert (row["mobile"], row["reasons"]) == ("invalid", ["mobile-invalid"])


def test_a_feed_that_repeats_an_old_number_does_not_undo_the_offices_correction(office: Office) -> None:
    office.push(hearing(shared="2026-09-14T06:00"))
    office.hears(ANN, "wrong number")
    number(office, BEN)
    assert office.row()["reasons"] == []
    office.push(hearing(HEARING, case(initiation="R"), shared="2026-09-14T07:00"))
    assert (office.row()["mobile"], office.row()["reasons"]) == ("valid", [])
    office.tick(THREE_DAYS)
    assert (office.texts(ANN), office.texts(BEN)) == ([], [BAIL])
    # A number that is new in the feed is news.
    office.push(hearing(HEARING, case(defendant(mobile=CAT)), shared="2026-09-14T08:00"))
    office.tick(ONE_DAY)
    assert office.texts(CAT) == [BAIL]


def number(office: Office, mobile: str) -> None:
    """The office gives Ann's number."""
    rows = [
        (
            "1",
            {
                "case_ref": "41AA1000126",
                "surname": "Example",
                "date_of_birth": "1990-05-04",
                "mobile": mobile,
            },
        )
    ]
    given, rejections = contacts.read_rows(rows)
    with office.heed.database.begin() as session:
        contacts.attach(office.heed, office.county, session, given, rejections, "test")


@pytest.mark.parametrize(
    ("at", "sent", "hour"),
    [
        # Listed after the last step: at once inside the window, if three hours remain at the time of sending.
        ("2026-09-22T10:00:01", True, None),
        ("2026-09-22T19:59", True, None),
        ("2026-09-22T20:00", False, "2026-09-23T09:00"),
        ("2026-09-22T02:00", True, "2026-09-22T10:00"),  # the step of the day before is still to come
    ],
)
def test_a_hearing_listed_late(office: Office, at: str, sent: bool, hour: str | None) -> None:
    office.tick(at)
    office.push(hearing())
    office.tick(hour)
    assert office.texts() == ([BAIL] if sent else [])
    assert office.row()["reasons"] == ([] if sent else ["too-late"])
    office.tick("2026-09-23T09:59:50")
    assert office.texts() == ([BAIL] if sent else [])


def test_every_sweep_twice_is_one_text(office: Office) -> None:
    office.push(hearing())
    office.tick(THREE_DAYS)
    for sweep in jobs.SWEEPS * 2:
        for ids in ([], [1]):
            if sweep.name in ("settle", "drain") and not ids:
                sweep.job()
            elif sweep.name in ("deliveries",) and ids:
                sweep.job(*ids)
    office.tick()
    assert office.texts() == [BAIL]


@pytest.mark.parametrize(
    ("run", "texts"),
    [
        # Sweeps that run late still send, as long as the text is of use and the window open.
        ("2026-09-20T19:59", 1),
        ("2026-09-21T23:00", 0),
        # After the next step is due the earlier one is dropped: one text, not two.
        ("2026-09-22T16:00", 1),
        ("2026-09-23T09:59:30", 1),
        ("2026-09-23T10:00:01", 0),
    ],
)
def test_sweeps_that_run_hours_late(office: Office, run: str, texts: int) -> None:
    office.push(hearing())
    office.tick(run)
    assert office.texts() == [BAIL] * texts


def test_what_falls_due_at_night_waits_for_the_window(office: Office) -> None:
    office.push(hearing())
    with office.heed.database.begin() as session:
        session.execute(
            text("UPDATE outbox SET due_at = due_at - interval '8 hours' WHERE step = 'three-days'")
        )
    office.tick("2026-09-20T02:00")
    assert office.texts() == []
    assert office.planned()[0] == ("three-days", "2026-09-20T09:00")
    office.tick("2026-09-20T08:59:50")
    assert office.texts() == []
    office.tick("2026-09-20T09:00")
    assert office.texts() == [BAIL]


def test_do_not_text_said_by_a_person(office: Office) -> None:
    office.push(hearing())
    with office.heed.database.begin() as session:
        session.execute(update(Person).values(do_not_text=True))
    office.tick(THREE_DAYS)
    assert office.texts() == []
    assert ("three-days", "cancelled", "do-not-text") in office.outbox()


def test_an_interpreter_and_video_are_for_a_person_to_see_to(office: Office) -> None:
    person = defendant()
    person["personDefendant"]["personDetails"]["interpreterLanguageNeeds"] = "Polish"
    office.push(hearing(HEARING, case(person)))
    assert office.row()["reasons"] == ["interpreter-needed"]
    office.push(hearing(hasVideoLink=True))
    assert office.row()["reasons"] == ["needs-review"]


def test_a_missing_name_is_held_and_a_foreign_one_never_dropped(office: Office) -> None:
    given = ["", "Siân", "Юрий"]
    people = [defendant(name, mobile=phone(n), identity=f"p{n}") for n, name in enumerate(given)]
    office.push(hearing(HEARING, case(*people)))
    assert [one["reasons"] for one in office.rows()] == [["missing-fact"], [], []]
    office.tick(THREE_DAYS)
    assert office.texts(phone(0)) == []
    assert office.texts(phone(1)) == [BAIL.replace("Ann", "Sian")]
    assert office.texts(phone(2)) == [BAIL.replace("Ann", "Юрий")]


def test_one_unreadable_person_among_many_does_not_stop_the_rest(office: Office) -> None:
    people = [defendant(f"P{number}", mobile=f"0770090020{number}") for number in range(3)]
    office.push(hearing(HEARING, case(*people)))
    with office.heed.database.begin() as session:
        session.execute(update(Person).where(Person.id == 2).values(name_enc=b"\x01x" + bytes(40)))
    office.tick(THREE_DAYS)
    assert sorted(words.split(",")[0][-2:] for words in office.texts()) == ["P0", "P2"]
    assert len(office.rows(show_people=False)) == 3


def test_one_unreadable_number_among_many_stops_neither_the_rest_nor_the_preview(office: Office) -> None:
    office.push(hearing(HEARING, case(*(somebody(number) for number in range(3)))))
    with office.heed.database.begin() as session:
        sealed = session.scalar(select(Contact.number_enc).where(Contact.person_id == 2))
        broken = update(Contact).where(Contact.person_id == 2)
        session.execute(broken.values(number_enc=b"\x01x" + bytes(40)))
    with office.heed.database.begin() as session:
        shown = preview(office.heed, office.county, session, since=None, until=None)
    assert (len(shown["due"]), {one["reason"] for one in shown["held"]}) == (4, {"unreadable"})
    office.tick(THREE_DAYS)
    assert [len(office.texts(phone(number))) for number in range(3)] == [1, 0, 1]
    # With the key back it goes out an hour later.
    with office.heed.database.begin() as session:
        session.execute(broken.values(number_enc=sealed))
    office.tick("2026-09-20T10:59")
    assert office.texts(phone(1)) == []
    office.tick("2026-09-20T11:01")
    assert [len(office.texts(phone(number))) for number in range(3)] == [1, 1, 1]


def test_sending_that_a_person_stopped_waits_and_goes_on_while_of_use(office: Office) -> None:
    office.push(hearing())
    with office.heed.database.begin() as session:
        stops.stop(session, "a drill", "person:a", jobs_now(office))
    office.tick(THREE_DAYS)
    assert office.texts() == []
    with office.heed.database.begin() as session:
        assert stops.lift(session, "person:b", jobs_now(office)) == 1
    office.tick()
    assert office.texts() == [BAIL]


def jobs_now(office: Office) -> Any:
    with office.heed.database.begin() as session:
        return clock.now(session)


@pytest.fixture
def county(tmp_path: Path) -> Path:
    """Hertfordshire's file with something held back."""
    content = yaml.safe_load(files("services.reminders").joinpath("data/hertfordshire.yaml").read_text())
    content |= {
        "sensitive_offences": ["CA03"],
        "sensitive_markers": ["DV"],
    }
    file = tmp_path / "county.yaml"
    file.write_text(yaml.safe_dump(content))
    return file


@pytest.fixture
def changes(request: pytest.FixtureRequest) -> dict[str, Any]:
    """`{"county": True}` stands for the county above."""
    wanted: dict[str, Any] = getattr(request, "param", {})
    return wanted | {"county": request.getfixturevalue("county")} if "county" in wanted else wanted


@pytest.mark.parametrize("changes", [{"county": True}], indirect=True)
def test_what_the_county_holds_back(office: Office) -> None:
    def plain(number: int, **more: Any) -> dict[str, Any]:
        person = somebody(number)
        person["offences"][0]["offenceCode"] = "TH68006"
        return nth_case(number, person) | more

    def marked(code: str) -> list[dict[str, str]]:
        return [{"markerTypeCode": code, "markerTypeDescription": "Words"}]

    office.push(nth(0))  # an offence of the listed kind
    office.push(hearing(HEARING, plain(1, caseMarkers=marked("DV")), key="c1"))
    office.push(hearing(HEARING, plain(2, caseMarkers=marked("XX")), key="c2"))
    held = [one["reasons"] for one in office.rows()]
    assert held == [["sensitive"], ["sensitive"], []]
    office.tick(THREE_DAYS)
    assert [number for number in range(3) if office.texts(phone(number))] == [2]


def test_the_same_human_from_two_feeds_is_texted_once_also_without_a_common_number(office: Office) -> None:
    office.push(spi(mobile=None), form="spi")
    assert office.row()["reasons"] == ["mobile-missing"]
    office.push(hearing())
    assert (len(office.rows()), office.row()["reasons"]) == (1, [])
    office.tick(THREE_DAYS)
    assert office.texts() == [BAIL]


def test_a_next_hearing_that_a_result_lists_is_not_first_and_becomes_one_with_its_own_push(
    office: Office,
) -> None:
    office.push(hearing())
    following = {
        "listedStartDateTime": "2026-10-14T09:00:00Z",
        "courtCentre": {"code": "B41ME00", "name": "Court"},
        "type": {"description": "Trial"},
    }
    office.push(result("4506", following=following), "result")
    first, following_row = office.rows()
    assert first["status"] == "heard"
    assert (following_row["starts_at"][:16], following_row["first_hearing"], following_row["reasons"]) == (
        "2026-10-14T10:00",
        False,
        ["not-first-hearing"],
    )
    own = hearing("2026-10-14T11:00", key="h2", kind={"description": "Trial"})
    office.push(own)
    assert len(office.rows()) == 2
    assert office.rows()[1]["starts_at"][:16] == "2026-10-14T11:00"
    # The result shared again says what it said; the hearing's own push is the later word on itself.
    office.push(result("4506", following=following, shared="2026-09-23T15:00"), "result")
    assert len(office.rows()) == 2
    assert office.rows()[1]["starts_at"][:16] == "2026-10-14T11:00"
    office.tick("2026-10-13T10:00")
    assert office.texts() == []


def test_an_older_result_does_not_move_the_next_hearing_back(office: Office) -> None:
    def listing(day: str, shared: str) -> dict[str, Any]:
        following = {
            "listedStartDateTime": f"{day}T09:00:00Z",
            "courtCentre": {"code": "B41ME00"},
            "type": {"description": "Trial"},
        }
        return result("4506", following=following, shared=shared)

    older, newer = listing("2026-10-14", "2026-09-23T12:00"), listing("2026-10-21", "2026-09-23T15:00")
    for message in (newer, older):
        office.push(message, "result")
    assert [one["starts_at"][:10] for one in office.rows() if not one["first_hearing"]] == ["2026-10-21"]


def test_a_next_hearing_that_has_its_own_id_is_not_overwritten_by_an_old_result(office: Office) -> None:
    office.push(
        hearing("2026-10-21T11:00", key="h2", kind={"description": "Trial"}, shared="2026-09-24T10:00")
    )
    following = {
        "existingHearingId": "h2",
        "listedStartDateTime": "2026-10-14T09:00:00Z",
        "courtCentre": {"code": "B41ME00"},
        "type": {"description": "Trial"},
    }
    office.push(result("4506", following=following, shared="2026-09-23T12:00"), "result")
    assert [one["starts_at"][:16] for one in office.rows() if not one["first_hearing"]] == [
        "2026-10-21T11:00"
    ]


def test_a_failing_delivery_does_not_block_the_others_for_ever(office: Office) -> None:
    """One that no code can apply (its body does not decrypt) comes first; behind it wait good ones."""
    poisoned = office.post(hearing(key="h0"), None, form="common-platform")
    with office.heed.database.begin() as session:
        session.execute(text("UPDATE deliveries SET body_enc = 'xx' WHERE number = :n"), {"n": poisoned})
    good = [
        office.post(hearing(HEARING, case(ref=f"41AA{n}"), key=f"h{n}"), None, form="common-platform")
        for n in (1, 2)
    ]
    office.tick()
    assert office.delivery(poisoned)["status"] == "rejected"
    assert office.delivery(poisoned)["rejections"][0]["code"] == "internal-error"
    assert [office.delivery(number)["status"] for number in good] == ["applied", "applied"]
    office.tick(THREE_DAYS)
    assert office.texts() == [BAIL]


def test_a_failure_is_counted_on_the_delivery_that_failed(office: Office) -> None:
    poisoned = office.post(hearing(key="h0"), None, form="common-platform")
    with office.heed.database.begin() as session:
        session.execute(text("UPDATE deliveries SET body_enc = 'xx' WHERE number = :n"), {"n": poisoned})
    good = office.post(hearing(), None, form="common-platform")
    for _ in range(deliveries.FAILURES_MOST + 1):  # as `heed reminders ingest` does for its own file
        deliveries.apply(office.heed, office.county, good)
    assert (office.delivery(poisoned)["status"], office.delivery(good)["status"]) == ("rejected", "applied")


def test_deliveries_are_applied_in_the_order_in_which_they_came(office: Office) -> None:
    first = office.post(hearing(), None, form="common-platform")
    second = office.post(hearing("2026-09-30T10:00"), None, form="common-platform")
    deliveries.apply(office.heed, office.county, second)
    deliveries.apply(office.heed, office.county, first)
    assert office.row()["starts_at"][:10] == "2026-09-30"
    assert json.dumps(office.delivery(first)["counts"]["new"]) == "1"
