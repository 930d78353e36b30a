"""Police results of Common Platform (`public.results.police-result-generated`): one defendant in one case, no hearing type.

The hearing's id is `id` (the samples' results name it as orderedHearingId); the SPI results are made from this event.
"""

from services.reminders.feeds.json_input import Node


def is_police_result(body: Node) -> bool:
    """Whether this is a police result and not a hearing."""
    return body["defendant"].is_object and body.holds("urn", "courtCentreWithLJA", "sessionDays")


def as_hearing(body: Node) -> Node:
    """The same facts in the shape of a hearing, so that one reading serves both."""
    defendant = body["defendant"]
    individual = defendant["individualDefendant"]
    centre = body["courtCentreWithLJA"]["courtCentre"].value
    return Node(
        {
            "id": body["id"].value,
            "courtCentre": {
                "courtHearingLocation": body["courtCentreWithLJA"]["courtHearingLocation"].value,
                **(centre if isinstance(centre, dict) else {}),
            },
            "hearingDays": body["sessionDays"].value,
            "defendantAttendance": [
                {
                    "defendantId": defendant["defendantId"].value,
                    "attendanceDays": defendant["attendanceDays"].value,
                }
            ],
            "prosecutionCases": [
                {
                    "prosecutionCaseIdentifier": {"caseURN": body["urn"].value},
                    "defendants": [
                        {
                            "id": defendant["defendantId"].value,
                            "prosecutionAuthorityReference": defendant["prosecutorReference"].value,
                            "offences": defendant["offences"].value,
                            "judicialResults": defendant["judicialResults"].value,
                            "personDefendant": {
                                "personDetails": individual["person"].value,
                                "bailStatus": individual["bailStatus"].value,
                            },
                            "legalEntityDefendant": {"organisation": defendant["corporateDefendant"].value},
                        }
                    ],
                }
            ],
        },
        body.where,
    )
