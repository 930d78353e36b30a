"""What went wrong elsewhere and a person's hand mends: each a test under its number in the list of failures seen."""

import csv
import io
from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy import select

from services.common.models import NumberEvent
from services.common.scopes import SCOPES
from services.reminders import call_sheet, calls, pausing, typed
from services.reminders.acts import acting
from tests.reminders.office import (
    ANN,
    BEN,
    CAT,
    HEARING,
    ONE_DAY,
    THREE_DAYS,
    Office,
    case,
    defendant,
    hearing,
    nth,
    phone,
)
from tests.support.sites import Site


def test_row_15_texts_to_a_closed_court(office: Office) -> None:
    """A closed court is paused by court and dates; the texts that waited do not go, and those of other courts do."""
    office.push(nth(1))
    office.push(nth(2, court="B41MJ00"))
    office.push(nth(3, "2026-09-24T10:00"))
    with acting(office.heed, office.county, "person:eva") as act:
        row = pausing.add(act, "B41ME", date(2026, 9, 23), date(2026, 9, 23), "a burst pipe")
    office.push(nth(4))  # listed after the pause was made
    office.tick(THREE_DAYS)
    office.tick("2026-09-21T10:00")
    assert [len(office.texts(phone(number))) for number in (1, 2, 3, 4)] == [0, 1, 1, 0]
    with acting(office.heed, office.county, "person:tom") as act:
        pausing.end(act, row.id)
    office.tick(ONE_DAY)
    assert [len(office.texts(phone(number))) for number in (1, 2, 3, 4)] == [1, 2, 1, 1]


def test_row_16_a_wrong_number_stops_the_texts_and_is_counted_apart(office: Office) -> None:
    """WRONG blocks the number for everybody, is an incident and no STOP, and only a person's word lifts it."""
    office.push(hearing(HEARING, case(defendant())))
    office.tick(THREE_DAYS)
    office.hears(ANN, "WRONG")
    office.push(hearing("2026-09-25T10:00", case(ref="41B"), key="h2"))
    office.tick(ONE_DAY)
    assert len(office.texts(ANN)) == 1
    assert [row["reasons"] for row in office.rows()] == [["wrong-number"]] * 2
    with acting(office.heed, office.county, "person:eva") as act:
        typed.number_is_right(act, 1, "rang: it is hers")
    office.tick("2026-09-24T10:00")
    assert len(office.texts(ANN)) > 1
    assert words(office) == ["wrong", "right"]


def words(office: Office) -> list[str]:
    """What was said of numbers, in order."""
    with office.heed.database.begin() as session:
        return list(session.scalars(select(NumberEvent.act).order_by(NumberEvent.id)))


def test_row_18_stop_then_start_keeps_its_history(office: Office) -> None:
    """STOP, a person's word that the number is right, START: the STOP stands until the person takes it back."""
    office.push(hearing())
    office.hears(ANN, "wrong number")
    office.hears(ANN, "STOP")
    with acting(office.heed, office.county, "person:eva") as act:
        typed.number_is_right(act, 1, "rang: it is hers")
    assert office.row()["reasons"] == ["opted-out"]
    office.tick(THREE_DAYS)
    assert office.texts(ANN) == []
    office.hears(ANN, "START")
    office.tick(ONE_DAY)
    assert [text for text in office.texts(ANN) if "you must be at" in text]
    assert words(office) == ["wrong", "stop", "right", "start"]


def test_row_20_an_export_uses_the_screens_rule(
    office: Office, sites: dict[Any, Site], key: Callable[..., dict[str, str]]
) -> None:
    """Whoever is not on the screen is in no export, and no export shows more of anybody than the screen."""
    restricted = {"caseMarkers": [{"markerTypeCode": "DV", "markerTypeDescription": "Domestic Violence"}]}
    office.push(hearing(HEARING, case(defendant("Seen", mobile=None))))
    office.push(
        hearing(HEARING, case(defendant("Child", mobile=None, born="2012-01-01"), ref="41C"), key="h2")
    )
    office.push(hearing(HEARING, case(defendant("Held", mobile=None, bail="C"), ref="41D"), key="h3"))
    office.push(hearing(HEARING, case(defendant("Marked", mobile=BEN), ref="41E") | restricted, key="h4"))
    office.push(hearing(HEARING, case(defendant("Stopped", mobile=CAT), ref="41F"), key="h5"))
    office.hears(CAT, "STOP")
    client, headers = sites["reminders"].client(), key(office.heed, *SCOPES["reminders"])
    screen = client.get("/v1/calls", headers=headers).json["calls"]
    assert [row["name"] for row in screen] == ["Seen Example", "Stopped Example"]
    by_address = client.get("/v1/calls.csv", headers=headers)
    by_accept = client.get("/v1/calls", headers=headers | {"Accept": "text/csv"})
    assert by_address.data == by_accept.data
    exported = list(csv.DictReader(io.StringIO(by_address.data.decode("utf-8-sig"))))
    shown = [{name: row[name] or "" for name in ("name", "date_of_birth", "case_ref")} for row in screen]
    assert [{name: row[name] for name in shown[0]} for row in exported] == shown
    with office.heed.database.begin() as session:
        masked = calls.rows(office.heed, office.county, session, show_people=False)
    files = [call_sheet.to_csv(masked).decode(), call_sheet.to_html(masked, "Herts Police", _at(office))]
    hidden = ["Seen", "Stopped", "Child", "Held", "Marked", "1990-05-04", "900103"]
    assert not [(word, file[:20]) for file in files for word in hidden if word in file]


def _at(office: Office) -> Any:
    with acting(office.heed, office.county, "person:eva") as act:
        return act.now
