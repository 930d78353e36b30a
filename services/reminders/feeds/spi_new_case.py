"""NewCaseMessage: a case that the police begin, with its first hearing and every defendant."""

from dataclasses import dataclass

from services.reminders.feeds import fields, spi_people, xml
from services.reminders.feeds.records import Batch, Listing, Rejection


@dataclass(frozen=True, slots=True)
class Case:
    """What a case says once for all its defendants."""

    ptiurn: str
    sitting: spi_people.Sitting
    initiation: str | None
    organisation: str | None
    markers: tuple[str, ...]


def read(message: xml.Element, batch: Batch, where: str) -> None:
    """Adds a listing for each defendant of each case to `batch`, and a rejection for each that cannot be listed.

    `batch.complete` stays false: co-defendants can come in messages of their own under one PTIURN.
    """
    cases = list(xml.numbered(message, "Case", where))
    if not cases:
        batch.rejections.append(spi_people.nobody(where, "message", "Case"))
    for place, element in cases:
        case = _case(element, place)
        if isinstance(case, Rejection):
            batch.rejections.append(case)
            continue
        defendants = list(xml.numbered(element, "Defendant", place))
        if not defendants:
            batch.rejections.append(spi_people.nobody(place, "case", "Defendant"))
        for own_place, defendant in defendants:
            found = _listing(case, defendant, own_place)
            if isinstance(found, Rejection):
                batch.rejections.append(found)
            else:
                batch.listings.append(found)


def _case(case: xml.Element, where: str) -> Case | Rejection:
    ptiurn = fields.reference(xml.text(case, "PTIURN"))
    if ptiurn is None:
        return Rejection(where, "missing-case-reference", "The case has no PTIURN: send it again with one.")
    hearing = xml.child(case, "InitialHearing")
    if hearing is None:
        return Rejection(where, "missing-day", "The case has no InitialHearing: send it again with one.")
    sitting = spi_people.sitting(hearing, ptiurn, f"{where}/InitialHearing")
    if isinstance(sitting, Rejection):
        return sitting
    # A summons has InitiationCode and SummonsCode in CaseInitiation's place.
    initiation = (xml.text(case, "CaseInitiation") or xml.text(case, "InitiationCode") or "").upper() or None
    marker = xml.text(case, "CaseMarker")
    return Case(
        ptiurn, sitting, initiation, xml.text(case, "OriginatingOrganisation"), (marker,) if marker else ()
    )


def _listing(case: Case, element: xml.Element, where: str) -> Listing | Rejection:
    defendant = spi_people.defendant(element, where, "PoliceIndividualDefendant", "PoliceCorporateDefendant")
    if isinstance(defendant, Rejection):
        return defendant
    key = spi_people.case_key(case.ptiurn, defendant)
    if key is None:
        return spi_people.unidentified(where)
    individual = xml.child(element, "PoliceIndividualDefendant")
    status = xml.text(individual, "CustodyStatus")
    return Listing(
        source="spi",
        hearing_key=f"spi:{key}:first",
        person_keys=defendant.person_keys,
        case_refs=(case.ptiurn,),
        person=defendant.person,
        court=case.sitting.court,
        days=(case.sitting.as_day(),),
        first_hearing=True,
        hearing_type="First hearing",
        mobile=defendant.mobile,
        custody=fields.custody(status, None, case.initiation),
        bail_code=status,
        initiation=case.initiation,
        language=_language(individual),
        interpreter=fields.interpreter(xml.text(individual, "LanguageNeeds")),
        offence_codes=spi_people.offence_codes(element),
        prosecutor_unit=case.organisation,
        markers=case.markers,
        doubts=defendant.doubts + (("placeholder-reference",) if fields.is_placeholder(case.ptiurn) else ()),
        where=where,
    )


def _language(individual: xml.Element | None) -> str | None:
    options = xml.child(individual, "LanguageOptions")
    return fields.language(xml.text(options, "DocumentationLanguage") or xml.text(options, "HearingLanguage"))
