"""NewCaseMessage: a case that the police begin, with its first hearing and every defendant."""

from services.reminders.feeds import fields, spi_people, xml
from services.reminders.feeds.records import Batch, Listing, Rejection


def read(message: xml.Element, batch: Batch) -> None:
    """Adds a listing for each defendant of each case to `batch`, and a rejection for each that cannot be listed.

    `batch.complete` stays false: co-defendants can come in messages of their own under one PTIURN.
    """
    for case in xml.children(message, "Case"):
        ptiurn = fields.reference(xml.text(case, "PTIURN"))
        hearing = xml.child(case, "InitialHearing")
        if ptiurn is None:
            batch.rejections.append(
                Rejection(
                    xml.place(case),
                    "missing-case-reference",
                    "The case has no PTIURN: send it again with one.",
                )
            )
            continue
        if hearing is None:
            batch.rejections.append(
                Rejection(
                    xml.place(case), "missing-day", "The case has no InitialHearing: send it again with one."
                )
            )
            continue
        sitting = spi_people.sitting(hearing, ptiurn)
        if isinstance(sitting, Rejection):
            batch.rejections.append(sitting)
            continue
        for element in xml.children(case, "Defendant"):
            found = _listing(case, element, ptiurn, sitting)
            if isinstance(found, Rejection):
                batch.rejections.append(found)
            else:
                batch.listings.append(found)


def _listing(
    case: xml.Element, element: xml.Element, ptiurn: str, sitting: spi_people.Sitting
) -> Listing | Rejection:
    defendant = spi_people.defendant(element, "PoliceIndividualDefendant", "PoliceCorporateDefendant")
    if isinstance(defendant, Rejection):
        return defendant
    key = spi_people.case_key(ptiurn, defendant)
    if key is None:
        return spi_people.unidentified(element)
    individual = xml.child(element, "PoliceIndividualDefendant")
    # A summons has InitiationCode and SummonsCode in CaseInitiation's place.
    initiation = (xml.text(case, "CaseInitiation") or xml.text(case, "InitiationCode") or "").upper() or None
    status = xml.text(individual, "CustodyStatus")
    marker = xml.text(case, "CaseMarker")
    return Listing(
        source="spi",
        hearing_key=f"spi:{key}:first",
        person_keys=defendant.person_keys,
        case_refs=(ptiurn,),
        person=defendant.person,
        court=sitting.court,
        days=(sitting.as_day(),),
        first_hearing=True,
        hearing_type="First hearing",
        mobile=defendant.mobile,
        custody=fields.custody(status, None, initiation),
        bail_code=status,
        initiation=initiation,
        language=_language(individual),
        interpreter=fields.interpreter(xml.text(individual, "LanguageNeeds")),
        offence_codes=spi_people.offence_codes(element),
        prosecutor_unit=xml.text(case, "OriginatingOrganisation"),
        markers=(marker,) if marker else (),
        doubts=defendant.doubts + (("placeholder-reference",) if fields.is_placeholder(ptiurn) else ()),
        where=xml.place(element),
    )


def _language(individual: xml.Element | None) -> str | None:
    options = xml.child(individual, "LanguageOptions")
    return fields.language(xml.text(options, "DocumentationLanguage") or xml.text(options, "HearingLanguage"))
