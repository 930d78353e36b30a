"""Hearings as Common Platform writes them, for invented people: valid by HMCTS's own schemas, shaped as HMPPS's samples."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.demo.common_platform_results import attendance, judicial_result
from services.demo.days import Days
from services.demo.people import Person
from services.demo.sittings import Sitting, centre, identifier, utc
from services.demo.world import Truth

FIRST_HEARING = {"id": "4a0e892d-c0c5-3c51-95b8-704d8c781776", "description": "First hearing"}
SENTENCE = {"id": "5ae4c090-0f70-4694-b4fc-707633d2b430", "description": "Sentence"}
INITIATION = {"charge": "C", "summons": "S", "requisition": "Q", "single-justice": "J"}
BAIL = {
    "unconditional": ("U", "Unconditional Bail"),
    "conditional": ("B", "Conditional Bail"),
    "custody": ("C", "Remanded into Custody"),
    "": ("A", "Not Applicable"),
}


def listing(sitting: Sitting, days: Days) -> bytes:
    """A hearing that is confirmed or updated."""
    return json.dumps({"hearing": _hearing(sitting, days, {}), "sharedTime": utc(sitting.shared)}).encode()


def result(sitting: Sitting, days: Days, truths: Mapping[str, Truth | None]) -> bytes:
    """A hearing that is resulted: attendance and judicial results of those of whom there is word."""
    told = {person: truth for person, truth in truths.items() if truth}
    hearing = _hearing(sitting, days, told)
    return json.dumps(
        {"hearing": hearing, "hearingDay": sitting.day, "sharedTime": utc(sitting.shared)}
    ).encode()


def in_envelope(body: bytes, event: str, sent: datetime) -> bytes:
    """The same inside SNS's envelope, as HMPPS's topic sends it."""
    return json.dumps(
        {
            "Type": "Notification",
            "MessageId": identifier("message", body.hex()),
            "TopicArn": "arn:aws:sns:eu-west-2:000000000000:heed-demo",
            "Message": body.decode(),
            "Timestamp": utc(sent),
            "SignatureVersion": "1",
            "Signature": "synthetic",
            "MessageAttributes": {
                "messageType": {"Type": "String", "Value": "COMMON_PLATFORM_HEARING"},
                "hearingEventType": {"Type": "String", "Value": event},
            },
        }
    ).encode()


def _hearing(sitting: Sitting, days: Days, told: Mapping[str, Truth]) -> dict[str, Any]:
    first = sitting.people[0]
    place = centre(first)
    seen = [
        attendance(sitting, person, told.get(person.id))
        for person in sitting.people
        if person.id in told or person.role == "by-video"
    ]
    return {
        "courtCentre": place,
        "hearingDays": [
            {
                "listedDurationMinutes": 20,
                "listingSequence": 0,
                "sittingDay": utc(sitting.starts_at),
                "courtCentreId": place["id"],
                "courtRoomId": place["roomId"],
                "isCancelled": False,
            }
        ],
        "hearingLanguage": "ENGLISH",
        "id": sitting.id,
        "isBoxHearing": False,
        "jurisdictionType": "MAGISTRATES",
        "prosecutionCases": [_case(sitting, days, told)],
        "type": FIRST_HEARING if first.type == "first" else SENTENCE,
        **({"defendantAttendance": seen} if seen else {}),
        **({"hasSharedResults": True} if told else {}),
    }


def _case(sitting: Sitting, days: Days, told: Mapping[str, Truth]) -> dict[str, Any]:
    first = sitting.people[0]
    defendants = [
        _defendant(sitting, person, days, told.get(person.id))
        for person in sitting.people
        # As in HMPPS's own sample: one defendant twice in one case.
        for _ in range(2 if person.role == "twice-in-case" else 1)
    ]
    return {
        "caseStatus": "ACTIVE",
        "defendants": defendants,
        "id": identifier("case", sitting.key),
        "initiationCode": INITIATION[first.start],
        "originatingOrganisation": "0410000",
        "prosecutionCaseIdentifier": {
            "caseURN": first.second_case if sitting.again else first.case,
            "prosecutionAuthorityCode": "HERTPF",
            "prosecutionAuthorityId": identifier("authority", "HERTPF"),
            "prosecutionAuthorityName": "Hertfordshire Police",
            "prosecutionAuthorityOUCode": "0410000",
        },
    }


def _defendant(sitting: Sitting, person: Person, days: Days, truth: Truth | None) -> dict[str, Any]:
    offence: dict[str, Any] = {
        "id": identifier("offence", person.id + sitting.again),
        "offenceCode": "TH68010",
        "offenceDefinitionId": identifier("offence definition", "TH68010"),
        "offenceTitle": "Theft from a shop",
        "orderIndex": 1,
        "startDate": days.day(-60).isoformat(),
        "wording": "Synthetic: stole goods to the value of 20 pounds from a shop that does not exist.",
    }
    if truth:
        offence["judicialResults"] = [judicial_result(sitting, person, truth)]
    defendant: dict[str, Any] = {
        "id": sitting.defendant(person),
        "masterDefendantId": identifier("master", person.id),
        "offences": [offence],
        "prosecutionCaseId": identifier("case", sitting.key),
    }
    born = person.born(days)
    if born is None:
        return defendant | {"legalEntityDefendant": {"organisation": {"name": person.surname}}}
    code, description = BAIL[person.bail]
    return defendant | {
        "isYouth": int(person.age) < 18,
        "personDefendant": {
            "arrestSummonsNumber": person.asn,
            "bailStatus": {"code": code, "description": description, "id": identifier("bail", code)},
            "personDetails": _details(person, born.isoformat()),
        },
    }


def _details(person: Person, born: str) -> dict[str, Any]:
    details: dict[str, Any] = {
        "dateOfBirth": born,
        "documentationLanguageNeeds": "ENGLISH",
        "firstName": person.given,
        "gender": "NOT_SPECIFIED",
        "lastName": person.surname.upper() if person.feed == "sns" else person.surname,
        "title": "Mx",
    }
    if person.mobile:
        # The home number is nobody's mobile, and stands there to be left alone.
        details["contact"] = {"home": "01632 960999", "mobile": person.mobile}
    if person.role == "interpreter":
        details["interpreterLanguageNeeds"] = "Kurdish"
    return details
