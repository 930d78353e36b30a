"""What the data can carry: every figure by a small office whose figures are known, in any form, and without a name or an arm."""

import csv
import io
import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import text

from services.reminders import pilots, quality
from tests.reminders.office import (
    BEN,
    HEARING,
    THREE_DAYS,
    Office,
    hearing,
    nth,
    nth_case,
    nth_result,
    phone,
    somebody,
)
from tests.reminders.test_replay import csv as csv_of
from tests.reminders.test_replay import listed
from tests.support.command import Command

PROTOCOL = {
    "name": "p",
    "question": "?",
    "courts": ["B41ME"],
    "since": "2026-09-14",
    "until": "2026-10-31",
    "arms": [{"name": "text", "texted": True}, {"name": "quiet-arm", "texted": False}],
    "allocation": "permuted-blocks",
    "seed": "1",
    "block_sizes": [2],
}


def figures(office: Office) -> dict[str, Any]:
    return quality.report(office.heed)


def without_zeros(found: dict[str, int]) -> dict[str, int]:
    return {name: number for name, number in found.items() if number}


def test_whose_numbers_reach_them(office: Office) -> None:
    office.push(nth(1))
    office.push(hearing(HEARING, nth_case(2, somebody(2, mobile="01727 000000")), key="c2"))
    office.push(hearing(HEARING, nth_case(3, somebody(3, mobile="ask mum")), key="c3"))
    office.push(hearing(HEARING, nth_case(4, somebody(4, mobile=None)), key="c4"))
    for number in (5, 6):
        office.push(hearing(HEARING, nth_case(number, somebody(number, mobile=BEN)), key=f"c{number}"))
    office.push(csv_of(*(listed(number, "2026-12-30T10:00") for number in (7, 8, 9))), form="csv")
    office.hears(phone(7), "STOP")
    office.hears(phone(8), "WRONG")
    ahead = figures(office)["people"]["ahead"]
    assert ahead["people"] == sum(ahead["numbers"].values()) == sum(ahead["texts"].values()) == 9
    assert without_zeros(ahead["numbers"]) == {
        "valid": 2,
        "invalid: not-a-mobile": 1,
        "invalid: unreadable": 1,
        "missing": 1,
        "shared": 2,
        "stopped": 1,
        "wrong number": 1,
    }
    assert {name: sum(cell["numbers"].values()) for name, cell in ahead["by_source"].items()} == {
        "feed:common-platform": 5,
        "feed:csv": 3,
        "none": 1,
    }
    assert {name: sum(cell["numbers"].values()) for name, cell in ahead["by_age"].items()} == {
        "7 to 29 days": 5,
        "90 days or more": 3,
        "no number": 1,
    }
    # Texts went to one person; in three days they are of the last 90 days.
    office.tick(THREE_DAYS)
    office.everything()
    assert figures(office)["people"]["ahead"]["texts"] == {"never texted": 8, "delivered": 1}
    office.move("2026-09-24T10:00")
    now = figures(office)["people"]
    assert (now["ahead"]["people"], now["recent"]["people"]) == (3, 6)
    assert now["recent"]["by_source"]["feed:common-platform"]["texts"] == {"never texted": 4, "delivered": 1}
    with office.heed.database.begin() as session:
        session.execute(text("UPDATE outbox SET carrier_status = 'undelivered'"))
        session.execute(text("UPDATE number_states SET stopped_at = NULL, bad_at = now(), wrong_at = NULL"))
    now = figures(office)["people"]
    assert now["recent"]["texts"]["never delivered"] == 1
    assert now["ahead"]["numbers"] == {"dead": 2, "valid": 1}


def test_what_was_left_out_and_which_feeds_are_quiet(office: Office) -> None:
    office.push(nth(1))
    office.push(nth(1, "2026-09-24T10:00"))
    office.push(hearing(HEARING, nth_case(2, somebody(2, bail="C", mobile=None)), key="c2"))
    office.push(hearing("2026-09-23T14:00", nth_case(3), key="c3"))
    office.push({"hearing": nth(3)["hearing"] | {"id": "c3"}})
    office.push(
        csv_of(listed(3, "2026-09-23T15:00"), listed(4, time="soon"), listed(5, time="late")), form="csv"
    )
    office.push(nth_result(1, "4576 ZZ", attendance="NOT_PRESENT"), "result")
    office.push(b"{", form="common-platform")
    with office.heed.database.begin() as session:
        session.execute(
            text(
                "INSERT INTO people (name_enc, match_key, organisation, created_at) SELECT name_enc, match_key, false, now()"
                " FROM people WHERE match_key IS NOT NULL LIMIT 1"
            )
        )
    office.move("2026-09-15T08:00")
    found = figures(office)
    assert found["listings"]["ahead"] == {
        "listings": 3,
        "without a time": 0,
        "uncertain time": 1,
        "suspended": 0,
        "called off": 0,
        "moved": 2,
        "moves": 3,
    }
    assert found["reasons"]["ahead"] == {
        "first": {"resulted": 1, "in-custody": 1, "time-uncertain": 1},
        "all": {"resulted": 1, "in-custody": 1, "mobile-missing": 1, "time-uncertain": 1},
    }
    assert found["feeds"]["csv"]["rejections"] == {"bad-time": 2}
    assert found["feeds"]["csv"]["deliveries"] == {
        "received": 0,
        "applied": 0,
        "partly_applied": 1,
        "rejected": 0,
    }
    assert found["feeds"]["common-platform"]["deliveries"]["rejected"] == 1
    assert found["feeds"]["csv"]["hours_ago"] == 24.0
    assert found["unknown_codes"] == {"4576 ZZ": 1}
    assert found["outcomes"] == {"pending": 0, "missing": 0, "recorded": 0}
    assert found["suggested_duplicates"] == 1
    # After a month the deliveries are of the past, and the last one is still known.
    office.move("2026-10-25T08:00")
    found = figures(office)
    assert (
        sum(found["feeds"]["csv"]["deliveries"].values()) == 0 and found["feeds"]["csv"]["rejections"] == {}
    )
    assert found["outcomes"] == {"pending": 0, "missing": 2, "recorded": 1}


def test_no_arm_appears(office: Office) -> None:
    """The two arms are one figure: nobody can work out how many were not to be texted."""
    with office.heed.database.begin() as session:
        pilots.lock(session, PROTOCOL, "test")
    for number in range(4):
        office.push(nth(number))
    found = figures(office)
    assert found["reasons"]["ahead"] == {"first": {"none": 4}, "all": {}}
    said = json.dumps(found)
    assert "arm" not in said and "P001" not in said


def test_the_same_figures_in_every_form(
    office: Office, key: Callable[..., dict[str, str]], sites: Any
) -> None:
    office.push(nth(1))
    client = sites["reminders"].client()
    headers = key(office.heed, "quality:read")
    found = client.get("/v1/data-quality", headers=headers)
    assert found.json["people"]["ahead"]["numbers"] == {"valid": 1}
    for answer in (
        client.get("/v1/data-quality?format=csv", headers=headers),
        client.get("/v1/data-quality", headers=headers | {"Accept": "text/csv"}),
    ):
        rows = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
        assert rows[0] == ["section", "name", "value"]
        assert ["people.ahead.numbers", "valid", "1"] in rows
        assert ["outcomes", "pending", "0"] in rows
    asked = client.get("/v1/data-quality?format=json", headers=headers | {"Accept": "text/csv"})
    assert asked.is_json
    assert client.get("/v1/data-quality", headers=key(office.heed, "hearings:read")).status_code == 403
    assert client.get("/v1/data-quality?format=pdf", headers=headers).status_code == 422


def test_the_command(heed: Command) -> None:
    # A rejection's code is the feed's reader's own word; a cell that begins like a formula is kept from being one.
    assert (
        quality.to_csv({"unknown_codes": {"=1+1": 2}}).decode("utf-8-sig").splitlines()[1]
        == "unknown_codes,'=1+1,2"
    )
    heed("reminders", "ingest", heed.file("h.json", json.dumps(nth(1))))
    shown = heed("reminders", "data-quality", "--json").json
    assert shown["people"]["ahead"]["people"] == 1
    assert "people.ahead" in heed("reminders", "data-quality").out
    path = heed.folder / "quality.csv"
    assert heed("reminders", "data-quality", "--csv", path).code == 0
    assert path.read_text("utf-8-sig").startswith("section,name,value")
    assert heed("reminders", "data-quality", "--csv", heed.folder / "no" / "such.csv").code == 2
