"""What somebody is told next follows from what they were told last, not from what the feed said in between (decision 0081)."""

from datetime import datetime

import pytest
from sqlalchemy import text

from services.common.models import Outbox
from services.reminders.last_told import last_told
from services.reminders.models import Listing
from tests.reminders.office import (
    HEARING,
    ONE_DAY,
    THREE_DAYS,
    Office,
    case,
    hearing,
    nth,
    nth_case,
    phone,
    somebody,
)

NIGHT, MORNING = "2026-09-20T22:00", "2026-09-21T09:00"
SOONER, LATER = "2026-09-22T10:00", "2026-09-30T14:00"
RUNG = (
    "SELECT split_part(l.hearing_key, ':', 2), c.reason FROM calls c JOIN listings l ON l.id = c.listing_id AND l.version = c.version"
    " WHERE l.status = 'listed' ORDER BY 1"
)
REMINDED = "you must be at St Albans Magistrates Court on Wed 23 Sep, 10am."
MAY_HAVE = "your court date of Wed 23 Sep may have changed."


def told(office: Office, number: int) -> list[str]:
    """What a person's texts say, each cut to the words that differ."""
    parts = [words.partition(", ")[2] for words in office.texts(phone(number))]
    return [
        words.partition(" If you miss")[0].partition(" Ask ")[0].partition(" Not you")[0] for words in parts
    ]


def test_what_is_told_in_the_morning_is_measured_by_the_text_before_the_night(office: Office) -> None:
    off = dict.fromkeys(range(8))
    for number in off:
        office.push(nth(number))
    office.tick(THREE_DAYS)
    office.tick(NIGHT)
    for number, way in enumerate(([LATER, HEARING], [SOONER, HEARING], [LATER, SOONER], [LATER], [SOONER])):
        for at in way:
            office.push(nth(number, at))
    for number in (5, 6):  # moved where nobody was told, and called off there
        office.push(nth(number, LATER if number == 5 else SOONER))
        office.delete(f"c{number}")
    office.push(nth(7, LATER, court="B41MJ00"))
    office.push(nth(7))
    office.tick(MORNING)
    moved = "your court date has moved. You must be at St Albans Magistrates Court on"
    assert [told(office, number)[1:] for number in off] == [
        [],
        [],
        [f"{moved} Tue 22 Sep, 10am."],
        [f"{moved} Wed 30 Sep, 2pm."],
        [f"{moved} Tue 22 Sep, 10am."],
        [MAY_HAVE],
        [MAY_HAVE],
        [],
    ]
    with office.heed.database.begin() as session:
        rung = session.execute(text(RUNG))
        assert [tuple(row) for row in rung] == [("c2", "moved-earlier"), ("c4", "moved-earlier")]
    office.tick(ONE_DAY)
    assert told(office, 0)[1:] == [REMINDED]
    assert told(office, 5)[1:] == [MAY_HAVE]


def test_a_hearing_that_was_off_and_stands_again_is_told_each_time(office: Office) -> None:
    office.push(nth(1))
    office.tick(THREE_DAYS)
    for hour in (12, 15):
        office.tick(f"2026-09-22T{hour}:00")
        office.delete("c1")
        office.tick()
        office.tick(f"2026-09-22T{hour + 1}:00")
        office.push(nth(1))
        office.tick()
        office.tick(f"2026-09-22T{hour + 2}:00")
        office.push(hearing(HEARING, nth_case(1, initiation="R" if hour == 12 else "O"), key="c1"))
        office.tick()
    assert told(office, 1) == [REMINDED, REMINDED, *[MAY_HAVE, REMINDED] * 2]
    with office.heed.database.begin() as session:
        assert list(session.scalars(text("SELECT reason FROM calls"))) == ["moved-soon"]


def test_one_of_two_cases_at_one_visit_is_called_off_and_nothing_is_told(office: Office) -> None:
    for key in ("c1", "d1"):
        office.push(hearing(HEARING, case(somebody(1), ref=f"41AA00{key}"), key=key))
    office.tick(THREE_DAYS)
    office.delete("c1")
    office.tick()
    office.tick(ONE_DAY)
    assert told(office, 1) == [REMINDED, REMINDED]
    office.delete("d1")
    office.tick()
    assert told(office, 1) == [REMINDED, REMINDED, MAY_HAVE]


AT = datetime.fromisoformat("2026-09-23T09:00+00:00")
WENT = datetime.fromisoformat("2026-09-20T09:00+00:00")


@pytest.mark.parametrize(
    ("texts", "named", "off"),
    [
        ([], None, None),
        ([("reminder", 2, "pending", None)], None, None),
        ([("reminder", 2, "accepted", WENT)], ("B", AT), False),
        ([("reminder", 1, "accepted", WENT)], ("A", WENT), False),
        ([("reminder", 1, "accepted", WENT), ("change", 2, "uncertain", None)], ("B", AT), False),
        ([("change", 0, "accepted", WENT)], (None, None), False),
        ([("reminder", 2, "accepted", WENT), ("no-longer", 2, "claimed", None)], ("B", AT), True),
        ([("no-longer", 2, "accepted", WENT), ("change", 2, "accepted", AT)], ("B", AT), False),
    ],
)
def test_the_last_text(
    texts: list[tuple[str, int, str, datetime | None]], named: object, off: bool | None
) -> None:
    row = Listing(court="B", starts_at=AT, version=2, stood={"1": ["A", WENT.isoformat()]})
    found = last_told(
        row,
        [Outbox(kind=kind, version=version, state=state, sent_at=at) for kind, version, state, at in texts],
    )
    assert (found and (found.court, found.starts_at), found and found.off) == (named, off)
