"""Hearings and results as Common Platform writes them, for invented people (the shape of HMPPS's and HMCTS's own samples)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from services.demo.courts import COURTS
from services.demo.days import Days
from services.demo.people import Person
from services.demo.world import Truth

FIRST_HEARING = {"id": "4a0e892d-c0c5-3c51-95b8-704d8c781776", "description": "First hearing"}
SENTENCE = {"id": "5ae4c090-0f70-4694-b4fc-707633d2b430", "description": "Sentence"}
PLEA = {"id": "511fe0a3-1391-4954-8158-6b10eed0dad9", "description": "Plea"}
INITIATION = {"charge": "C", "summons": "S", "requisition": "Q", "single-justice": "J"}
BAIL = {
    "unconditional": ("U", "Unconditional Bail"),
    "conditional": ("B", "Conditional Bail"),
    "custody": ("C", "Remanded into Custody"),
    "": ("A", "Not Applicable"),
}
NEXT_HEARING_AFTER = timedelta(days=21)


@dataclass(frozen=True, slots=True)
class Sitting:
    """A hearing as one message tells it: whose, when (UTC), and when the message was shared."""

    key: str
    people: Sequence[Person]
    starts_at: datetime
    shared: datetime

    @property
    def id(self) -> str:
        """Common Platform's id of the hearing."""
        return identifier("hearing", self.key)


def identifier(kind: str, key: str) -> str:
    """The same id each time the story is told."""
    return str(uuid5(NAMESPACE_URL, f"https://heed.example/demo/{kind}/{key}"))


def listing(sitting: Sitting, days: Days) -> bytes:
    """A hearing that is confirmed or updated."""
    return json.dumps({"hearing": _hearing(sitting, days, {}), "sharedTime": _utc(sitting.shared)}).encode()


def result(sitting: Sitting, days: Days, truths: Mapping[str, Truth | None]) -> bytes:
    """A hearing that is resulted: attendance and judicial results of those of whom there is word."""
    told = {person: truth for person, truth in truths.items() if truth}
    day = sitting.starts_at.date().isoformat()
    message = {
        "hearing": _hearing(sitting, days, told),
        "hearingDay": day,
        "sharedTime": _utc(sitting.shared),
    }
    return json.dumps(message).encode()


def in_envelope(body: bytes, event: str, sent: datetime) -> bytes:
    """The same inside SNS's envelope, as HMPPS's topic sends it."""
    return json.dumps(
        {
            "Type": "Notification",
            "MessageId": identifier("message", body.hex()),
            "TopicArn": "arn:aws:sns:eu-west-2:000000000000:heed-demo",
            "Message": body.decode(),
            "Timestamp": _utc(sent),
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
    centre = _centre(first)
    attendance = [
        _attendance(sitting, person, told.get(person.id))
        for person in sitting.people
        if person.id in told or person.role == "by-video"
    ]
    return {
        "courtCentre": centre,
        "hearingDays": [
            {
                "listedDurationMinutes": 20,
                "listingSequence": 0,
                "sittingDay": _utc(sitting.starts_at),
                "courtCentreId": centre["id"],
                "courtRoomId": centre["roomId"],
                "isCancelled": False,
            }
        ],
        "hearingLanguage": "ENGLISH",
        "id": sitting.id,
        "isBoxHearing": False,
        "jurisdictionType": "MAGISTRATES",
        "prosecutionCases": [_case(sitting, days, told)],
        "type": FIRST_HEARING if first.type == "first" else SENTENCE,
        **({"defendantAttendance": attendance} if attendance else {}),
        **({"hasSharedResults": True} if told else {}),
    }


def _case(sitting: Sitting, days: Days, told: Mapping[str, Truth]) -> dict[str, Any]:
    first = sitting.people[0]
    own = "" if sitting.key == first.hearing else f"-{sitting.key}"
    defendants = [
        _defendant(sitting, person, days, own, told.get(person.id))
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
            "caseURN": first.case if not own else first.case[:-2] + "27",
            "prosecutionAuthorityCode": "HERTPF",
            "prosecutionAuthorityId": identifier("authority", "HERTPF"),
            "prosecutionAuthorityName": "Hertfordshire Police",
            "prosecutionAuthorityOUCode": "0410000",
        },
    }


def _defendant(sitting: Sitting, person: Person, days: Days, own: str, truth: Truth | None) -> dict[str, Any]:
    born = person.born(days)
    offence: dict[str, Any] = {
        "id": identifier("offence", person.id + own),
        "offenceCode": "TH68010",
        "offenceDefinitionId": identifier("offence definition", "TH68010"),
        "offenceTitle": "Theft from a shop",
        "orderIndex": 1,
        "startDate": days.day(-60).isoformat(),
        "wording": "Synthetic: stole goods to the value of 20 pounds from a shop that does not exist.",
    }
    if truth:
        offence["judicialResults"] = [_judicial_result(sitting, person, truth)]
    defendant: dict[str, Any] = {
        "id": identifier("defendant", person.id + own),
        "masterDefendantId": identifier("master", person.id),
        "offences": [offence],
        "prosecutionCaseId": identifier("case", sitting.key),
    }
    if born is None:
        return defendant | {"legalEntityDefendant": {"organisation": {"name": person.surname}}}
    details: dict[str, Any] = {
        "dateOfBirth": born.isoformat(),
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
    code, description = BAIL[person.bail]
    status = {"code": code, "description": description, "id": identifier("bail", code)}
    return defendant | {
        "isYouth": int(person.age) < 18,
        "personDefendant": {
            "arrestSummonsNumber": person.asn,
            "bailStatus": status,
            "personDetails": details,
        },
    }


def _attendance(sitting: Sitting, person: Person, truth: Truth | None) -> dict[str, Any]:
    """Whether they came; before the hearing, that they are to appear by video."""
    own = "" if sitting.key == sitting.people[0].hearing else f"-{sitting.key}"
    word = "BY_VIDEO"
    if truth:
        word = "NOT_PRESENT" if truth.attendance == "absent" else "IN_PERSON"
    return {
        "defendantId": identifier("defendant", person.id + own),
        "attendanceDays": [{"day": sitting.starts_at.date().isoformat(), "attendanceType": word}],
    }


RESULTS: dict[str, dict[str, Any]] = {
    "fine": {"cjsCode": "1015", "label": "Fine", "category": "FINAL", "isFinancialResult": True},
    "adjourned": {
        "cjsCode": "4506",
        "label": "Adjournment",
        "category": "INTERMEDIARY",
        "isAdjournmentResult": True,
    },
    "warrant": {
        "cjsCode": "4576",
        "qualifier": "CG",
        "label": "Warrant for arrest without bail",
        "category": "INTERMEDIARY",
        "postHearingCustodyStatus": "A",
    },
    "warrant-unstated": {
        "cjsCode": "4576",
        "label": "Warrant for arrest without bail",
        "category": "INTERMEDIARY",
    },
    "in-absence": {"cjsCode": "4578", "label": "Convicted in absence", "category": "INTERMEDIARY"},
}


def _judicial_result(sitting: Sitting, person: Person, truth: Truth) -> dict[str, Any]:
    given: dict[str, Any] = {
        "isAdjournmentResult": False,
        "isAvailableForCourtExtract": True,
        "isConvictedResult": truth.result == "fine",
        "isFinancialResult": False,
        "judicialResultId": identifier("result", person.id),
        "orderedDate": sitting.starts_at.date().isoformat(),
        "orderedHearingId": sitting.id,
    } | RESULTS[truth.result]
    if truth.result == "adjourned":
        given["nextHearing"] = {
            "courtCentre": _centre(person),
            "estimatedMinutes": 20,
            "jurisdictionType": "MAGISTRATES",
            "listedStartDateTime": _utc(sitting.starts_at + NEXT_HEARING_AFTER),
            "type": PLEA,
        }
    return given


def _centre(person: Person) -> dict[str, Any]:
    court = COURTS[person.court]
    street, town, postcode = court.address
    return {
        "id": court.id,
        "code": person.court,
        "name": court.name,
        "roomId": identifier("room", person.court + person.room),
        "roomName": person.room,
        "address": {"address1": street, "address2": town, "postcode": postcode},
        "lja": {"ljaCode": court.lja[0], "ljaName": court.lja[1]},
    }


def _utc(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%S.000Z")
