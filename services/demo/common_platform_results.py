"""Attendance and judicial results as Common Platform writes them."""

from datetime import timedelta
from typing import Any

from services.demo.people import Person
from services.demo.sittings import Sitting, centre, identifier, utc
from services.demo.world import Truth

PLEA = {"id": "511fe0a3-1391-4954-8158-6b10eed0dad9", "description": "Plea"}
NEXT_HEARING_AFTER = timedelta(days=21)
RESULTS: dict[str, dict[str, Any]] = {
    "fine": {"cjsCode": "1015", "label": "Fine", "category": "FINAL", "isFinancialResult": True},
    "adjourned": {
        "cjsCode": "4506",
        "label": "Adjournment",
        "category": "INTERMEDIARY",
        "isAdjournmentResult": True,
    },
    "last-chance": {
        "cjsCode": "4506",
        "qualifier": "GE",
        "label": "Adjournment",
        "category": "INTERMEDIARY",
        "isAdjournmentResult": True,
    },
    "warrant": {
        "cjsCode": "4576",
        "qualifier": "CG",
        "label": "Warrant for arrest without bail",
        "category": "INTERMEDIARY",
    },
    "warrant-unstated": {
        "cjsCode": "4576",
        "label": "Warrant for arrest without bail",
        "category": "INTERMEDIARY",
    },
    "in-absence": {"cjsCode": "4578", "label": "Convicted in absence", "category": "INTERMEDIARY"},
}


def attendance(sitting: Sitting, person: Person, truth: Truth | None) -> dict[str, Any]:
    """Whether they came; before the hearing, that they are to appear by video."""
    word = "BY_VIDEO"
    if truth:
        word = "NOT_PRESENT" if truth.attendance == "absent" else "IN_PERSON"
    return {
        "defendantId": sitting.defendant(person),
        "attendanceDays": [{"day": sitting.day, "attendanceType": word}],
    }


def judicial_result(sitting: Sitting, person: Person, truth: Truth) -> dict[str, Any]:
    """The result of the one offence; an adjournment lists the next hearing."""
    given: dict[str, Any] = {
        "isAdjournmentResult": False,
        "isAvailableForCourtExtract": True,
        "isConvictedResult": truth.result == "fine",
        "isFinancialResult": False,
        "judicialResultId": identifier("result", person.id),
        "orderedDate": sitting.day,
        "orderedHearingId": sitting.id,
    } | RESULTS[truth.result]
    if truth.result in ("adjourned", "last-chance"):
        given["nextHearing"] = {
            "courtCentre": centre(person),
            "estimatedMinutes": 20,
            "jurisdictionType": "MAGISTRATES",
            "listedStartDateTime": utc(sitting.starts_at + NEXT_HEARING_AFTER),
            "type": PLEA,
        }
    return given
