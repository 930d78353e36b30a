"""ResultedCaseMessage: what a session decided for each defendant, and the hearing it listed next."""

from collections.abc import Iterator
from dataclasses import replace

from services.reminders.feeds import fields, spi_people, xml
from services.reminders.feeds.records import Batch, Custody, Listing, Rejection, Result, ResultCode


def read(message: xml.Element, batch: Batch, where: str, *, by_common_platform: bool) -> None:
    """Adds a result for each defendant of each case to `batch`, and a rejection for each that cannot be read.

    No listings: the session's time is when it sat, not when anybody was told to come.
    """
    sessions = list(xml.numbered(message, "Session", where))
    if not sessions:
        batch.rejections.append(spi_people.nobody(where, "message", "Session"))
    for place, session in sessions:
        hearing = xml.child(session, "CourtHearing", "Hearing")
        if hearing is None:
            batch.rejections.append(
                Rejection(
                    place,
                    "missing-day",
                    "The session has no CourtHearing: send it again with one.",
                )
            )
            continue
        cases = list(xml.numbered(session, "Case", place))
        if not cases:
            batch.rejections.append(spi_people.nobody(place, "session", "Case"))
        for own_place, case in cases:
            for found in _case(case, own_place, hearing, by_common_platform):
                if isinstance(found, Rejection):
                    batch.rejections.append(found)
                else:
                    batch.results.append(found)


def _case(
    case: xml.Element, where: str, hearing: xml.Element, by_common_platform: bool
) -> Iterator[Result | Rejection]:
    ptiurn = fields.reference(xml.text(case, "PTIURN"))
    if ptiurn is None:
        yield Rejection(where, "missing-case-reference", "The case has no PTIURN: send it again with one.")
        return
    sitting = spi_people.sitting(hearing, ptiurn, where)
    defendants = list(xml.numbered(case, "Defendant", where))
    if not defendants:
        yield spi_people.nobody(where, "case", "Defendant")
    for place, element in defendants:
        if isinstance(sitting, Rejection):
            yield replace(sitting, where=place)
        else:
            yield from _result(element, place, ptiurn, sitting, by_common_platform)


def _result(
    element: xml.Element, where: str, ptiurn: str, sitting: spi_people.Sitting, by_common_platform: bool
) -> Iterator[Result | Rejection]:
    defendant = spi_people.defendant(element, where, "CourtIndividualDefendant", "CourtCorporateDefendant")
    if isinstance(defendant, Rejection):
        yield defendant
        return
    key = spi_people.case_key(ptiurn, defendant)
    if key is None:
        yield spi_people.unidentified(where)
        return
    status = xml.text(xml.descendant(element, "BailStatus"))
    custody = fields.custody(status, None, None)
    listed, rejections = _next_listing(element, where, ptiurn, key, defendant, custody, by_common_platform)
    yield from rejections
    yield Result(
        source="spi",
        hearing_key=_hearing_key(key, sitting),
        person_keys=defendant.person_keys,
        case_refs=(ptiurn,),
        person=defendant.person,
        court=sitting.court,
        day=sitting.day,
        attendance=(xml.text(xml.descendant(element, "PresentAtHearing")) or "").upper() or None,
        codes=tuple(_codes(element)),
        custody=custody,
        next_listing=replace(listed, bail_code=status) if listed else None,
        where=where,
    )


def _hearing_key(case_key: str, sitting: spi_people.Sitting) -> str:
    return f"spi:{case_key}:{sitting.court or 'unknown'}:{sitting.day.isoformat()}"


def _codes(element: xml.Element) -> Iterator[ResultCode]:
    """Each coded result; a result without ResultCode is free text and decides nothing.

    The offence is its place in the message: Common Platform writes OffenceSequenceNumber 000 for all of them.
    """
    for number, offence in enumerate(xml.children(element, "Offence"), start=1):
        for result in xml.children(offence, "Result"):
            code = xml.text(result, "ResultCode")
            if not code:
                continue
            qualifiers = [
                xml.text(qualifier) or "" for qualifier in xml.children(result, "ResultCodeQualifier")
            ]
            reason = xml.text(result, "NextHearing", "NextHearingReason")
            yield ResultCode(
                code=code.zfill(4),
                qualifiers=tuple(
                    dict.fromkeys(
                        part for text in qualifiers for part in text.upper().replace(",", " ").split()
                    )
                ),
                reasons=(reason,) if reason else (),
                offence=number,
            )


def _next_listing(
    element: xml.Element,
    where: str,
    ptiurn: str,
    key: str,
    defendant: spi_people.Defendant,
    custody: Custody,
    by_common_platform: bool,
) -> tuple[Listing | None, list[Rejection]]:
    """The hearing listed next, the earliest if offences differ."""
    sittings: dict[spi_people.Sitting, str] = {}
    rejections: list[Rejection] = []
    for place, result in (
        numbered
        for offence_place, offence in xml.numbered(element, "Offence", where)
        for numbered in xml.numbered(offence, "Result", offence_place)
    ):
        details = xml.child(result, "NextHearing", "NextHearingDetails")
        if details is None:
            continue
        sitting = spi_people.sitting(
            details, ptiurn, f"{place}/NextHearing/NextHearingDetails", utc_clock=by_common_platform
        )
        if isinstance(sitting, Rejection):
            rejections.append(sitting)
        else:
            sittings.setdefault(sitting, place)
    if not sittings:
        return None, rejections
    earliest = min(sittings, key=lambda sitting: sitting.moment.at)
    listing = Listing(
        source="spi",
        hearing_key=_hearing_key(key, earliest),
        person_keys=defendant.person_keys,
        case_refs=(ptiurn,),
        person=defendant.person,
        court=earliest.court,
        days=(earliest.as_day(),),
        first_hearing=False,
        mobile=defendant.mobile,
        custody=custody,
        offence_codes=spi_people.offence_codes(element),
        doubts=defendant.doubts + (("several-next-hearings",) if len(sittings) > 1 else ()),
        where=sittings[earliest],
    )
    return listing, rejections
