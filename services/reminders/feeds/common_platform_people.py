"""The defendants of a Common Platform hearing: one listing a person, however many cases or copies they stand in."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeVar

from services.reminders.feeds import fields
from services.reminders.feeds.common_platform_hearing import Hearing
from services.reminders.feeds.json_input import Node
from services.reminders.feeds.records import Listing, Person, Rejection

# Of two cases heard together the one that needs the person most decides what the text may say.
INITIATION_ORDER = "CRQSOJZ"
T = TypeVar("T")


@dataclass(slots=True)
class Party:
    """A person of the hearing, and the defendant nodes that are this person (one a case, sometimes twice in one)."""

    listing: Listing
    copies: list[Listing] = field(default_factory=list)
    defendants: list[Node] = field(default_factory=list)


def parties(hearing: Hearing) -> tuple[list[Party], list[Rejection]]:
    """Every person of the hearing once, and the defendants that cannot be listed.

    Defendants are one person when they share a masterDefendantId or defendant id, or first name, surname and birth date:
    Common Platform gives unmatched copies of a person ids of their own.
    """
    found: list[Party] = []
    rejections: list[Rejection] = []
    by_key: dict[object, Party] = {}
    by_video = _attending_by_video(hearing)
    for case in hearing.node["prosecutionCases"]:
        markers = tuple(_markers(case))
        for defendant in case["defendants"]:
            listing = _listing(hearing, case, defendant, markers, by_video)
            if isinstance(listing, Rejection):
                rejections.append(listing)
                continue
            keys = list(_same_person(listing))
            party = next((by_key[key] for key in keys if key in by_key), None)
            if party is None:
                party = Party(listing)
                found.append(party)
            party.copies.append(listing)
            party.defendants.append(defendant)
            by_key.update(dict.fromkeys(keys, party))
    for party in found:
        party.listing = _merged(party.copies)
    return found, rejections


def _same_person(listing: Listing) -> Iterator[object]:
    yield from (key for key in listing.person_keys if key.startswith(("master:", "defendant:")))
    person = listing.person
    if person.given and person.surname and person.date_of_birth:
        yield person.given.casefold(), person.surname.casefold(), person.date_of_birth


def _listing(
    hearing: Hearing, case: Node, defendant: Node, markers: tuple[str, ...], by_video: frozenset[str | None]
) -> Listing | Rejection:
    details = defendant["personDefendant"]["personDetails"]
    organisation = defendant["legalEntityDefendant"]["organisation"]["name"].text()
    surname = details["lastName"].text()
    if not surname and not organisation:
        return Rejection(
            defendant.where, "missing-name", "The defendant has no last name: send it again with one."
        )
    doubts = list(hearing.doubts)
    if surname and organisation:
        doubts.append("person-and-organisation")
        organisation = None
    reference, placeholder = _case_reference(case)
    if reference is None:
        return Rejection(
            f"{case.where}/prosecutionCaseIdentifier",
            "missing-case-reference",
            "The case has neither caseURN nor prosecutionAuthorityReference: send it again with one.",
        )
    if placeholder:
        doubts.append("placeholder-reference")
    born = details["dateOfBirth"]
    if born.value is not None and born.day() is None:
        doubts.append("bad-date-of-birth")
    if defendant["proceedingsConcluded"].flag():
        doubts.append("proceedings-concluded")
    if fields.identifier(defendant["id"].text()) in by_video:
        doubts.append("video")
    initiation = (case["initiationCode"].text() or "").upper() or None
    bail = _bail(defendant)
    identifier = case["prosecutionCaseIdentifier"]
    return Listing(
        source="common-platform",
        hearing_key=hearing.key,
        person_keys=tuple(_person_keys(defendant)),
        case_refs=(reference,),
        person=Person(
            given=None if organisation else details["firstName"].text(),
            surname=surname,
            date_of_birth=born.day(),
            organisation=organisation,
        ),
        court=hearing.court,
        court_name=hearing.court_name,
        days=hearing.days,
        first_hearing=hearing.first,
        hearing_type=hearing.type,
        # The only mobile that is the defendant's own: associated persons, officers, counsel and victims have contact
        # blocks of the same shape (REMINDERS §2 C).
        mobile=details["contact"]["mobile"].text(),
        custody=fields.custody(bail["code"].text(), bail["description"].text(), initiation),
        bail_code=bail["code"].text(),
        initiation=initiation,
        youth=defendant["isYouth"].flag(),
        box_hearing=hearing.box_hearing,
        guilty_plea_by_post=_pleads_guilty_by_post(defendant),
        language=fields.language(
            details["documentationLanguageNeeds"].text() or details["hearingLanguageNeeds"].text()
        ),
        interpreter=fields.interpreter(details["interpreterLanguageNeeds"].text()),
        offence_codes=tuple(
            dict.fromkeys(
                code for offence in defendant["offences"] if (code := offence["offenceCode"].code())
            )
        ),
        prosecutor=identifier["prosecutionAuthorityCode"].text(),
        prosecutor_unit=identifier["prosecutionAuthorityOUCode"].code()
        or case["originatingOrganisation"].code(),
        markers=markers,
        doubts=tuple(dict.fromkeys(doubts)),
        where=defendant.where,
    )


def _person_keys(defendant: Node) -> Iterator[str]:
    if master := fields.identifier(defendant["masterDefendantId"].text()):
        yield f"master:{master}"
    if own := fields.identifier(defendant["id"].text()):
        yield f"defendant:{own}"
    summons_number = defendant["personDefendant"]["arrestSummonsNumber"].text()
    if asn := fields.asn(summons_number) or fields.asn(defendant["prosecutionAuthorityReference"].text()):
        yield f"asn:{asn}"
    if pnc := fields.pnc(defendant["pncId"].text()):
        yield f"pnc:{pnc}"


def _case_reference(case: Node) -> tuple[str | None, bool]:
    """The reference to print, and whether it is only a placeholder that identifies no case."""
    identifier = case["prosecutionCaseIdentifier"]
    written = [
        reference
        for name in ("caseURN", "prosecutionAuthorityReference")
        if (reference := fields.reference(identifier[name].text()))
    ]
    real = [reference for reference in written if not fields.is_placeholder(reference)]
    if real:
        return real[0], False
    return (written[0], True) if written else (None, False)


def _bail(defendant: Node) -> Node:
    """The court's bail status, else the status the police bailed or kept the person with."""
    person = defendant["personDefendant"]
    court, police = person["bailStatus"], person["policeBailStatus"]
    return court if court.holds("code", "description") else police


def _attending_by_video(hearing: Hearing) -> frozenset[str | None]:
    """The ids of the defendants who attend by video on any day."""
    return frozenset(
        fields.identifier(attendance["defendantId"].text())
        for attendance in hearing.node["defendantAttendance"]
        for day in attendance["attendanceDays"]
        if day["attendanceType"].text() == "BY_VIDEO"
    ) - {None}


def _pleads_guilty_by_post(defendant: Node) -> bool:
    """Every offence has a guilty plea notified before the hearing (HMCTS core schema: NotifiedPleaValue)."""
    pleas = [offence["notifiedPlea"]["notifiedPleaValue"].text() for offence in defendant["offences"]]
    return bool(pleas) and all(plea == "NOTIFIED_GUILTY" for plea in pleas)


def _markers(case: Node) -> Iterator[str]:
    for marker in case["caseMarkers"]:
        yield from (
            text for name in ("markerTypeCode", "markerTypeDescription") if (text := marker[name].text())
        )


def _merged(copies: list[Listing]) -> Listing:
    """One person in several cases, or twice in one: what is known of any, the more careful where they differ."""
    first = copies[0]
    if len(copies) == 1:
        return first
    people = [one.person for one in copies]
    doubts = list(_union(one.doubts for one in copies))
    if len({one.mobile for one in copies} - {None}) > 1:
        doubts.append("mobiles-differ")
    if len({(person.surname or "").casefold() for person in people}) > 1:
        doubts.append("names-differ")
    if len({person.date_of_birth for person in people} - {None}) > 1:
        doubts.append("birth-dates-differ")
    references = _union(one.case_refs for one in copies)
    real = tuple(reference for reference in references if not fields.is_placeholder(reference))
    if real:
        doubts = [doubt for doubt in doubts if doubt != "placeholder-reference"]
    held = min(copies, key=lambda one: fields.CUSTODY_ORDER.index(one.custody))
    return replace(
        first,
        person_keys=_union(one.person_keys for one in copies),
        case_refs=real or references,
        person=replace(
            first.person,
            given=_first(person.given for person in people),
            date_of_birth=_first(person.date_of_birth for person in people),
        ),
        mobile=_first(one.mobile for one in copies),
        custody=held.custody,
        bail_code=held.bail_code,
        initiation=_initiation([one.initiation for one in copies]),
        youth=max((one.youth for one in copies if one.youth is not None), default=None),
        guilty_plea_by_post=all(one.guilty_plea_by_post for one in copies),
        language=_first(one.language for one in copies),
        interpreter=_first(one.interpreter for one in copies),
        offence_codes=_union(one.offence_codes for one in copies),
        prosecutor=_first(one.prosecutor for one in copies),
        prosecutor_unit=_first(one.prosecutor_unit for one in copies),
        markers=_union(one.markers for one in copies),
        doubts=tuple(dict.fromkeys(doubts)),
    )


def _initiation(codes: list[str | None]) -> str | None:
    return _first(code for code in INITIATION_ORDER if code in codes) or _first(codes)


def _first(values: Iterable[T | None]) -> T | None:
    return next((value for value in values if value), None)


def _union(tuples: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    # Defendants of one case share its tuples, which are looked through once, not once for each of them.
    distinct = {id(values): values for values in tuples}
    return tuple(dict.fromkeys(value for values in distinct.values() for value in values))
