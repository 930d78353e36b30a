"""The defendants of a Common Platform hearing: one listing a person, however many cases or copies they stand in."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from services.reminders.feeds import fields
from services.reminders.feeds.common_platform_hearing import Hearing
from services.reminders.feeds.json_input import Node
from services.reminders.feeds.records import Custody, Listing, Person, Rejection

# Of two cases heard together the one that needs the person most decides what the text may say.
INITIATION_ORDER = "CRQSOJZ"
CUSTODY_ORDER: tuple[Custody, ...] = ("custody", "bail", "none", "unknown")


@dataclass(slots=True)
class Party:
    """A person of the hearing, and the defendant nodes that are this person (one a case, sometimes twice in one)."""

    listing: Listing
    defendants: list[Node] = field(default_factory=list)


def parties(hearing: Hearing) -> tuple[list[Party], list[Rejection]]:
    """Every person of the hearing once, and the defendants that cannot be listed.

    Defendants are one person when they share a masterDefendantId or defendant id, or first name, surname and birth date:
    Common Platform gives unmatched copies of a person ids of their own.
    """
    found: list[Party] = []
    rejections: list[Rejection] = []
    by_key: dict[object, Party] = {}
    for case in hearing.node["prosecutionCases"]:
        for defendant in case["defendants"]:
            listing = _listing(hearing, case, defendant)
            if isinstance(listing, Rejection):
                rejections.append(listing)
                continue
            keys = list(_same_person(listing))
            party = next((by_key[key] for key in keys if key in by_key), None)
            if party is None:
                party = Party(listing)
                found.append(party)
            else:
                party.listing = _merge(party.listing, listing)
            party.defendants.append(defendant)
            by_key.update(dict.fromkeys(keys, party))
    return found, rejections


def _same_person(listing: Listing) -> Iterator[object]:
    yield from (key for key in listing.person_keys if key.startswith(("master:", "defendant:")))
    person = listing.person
    if person.given and person.surname and person.date_of_birth:
        yield person.given.casefold(), person.surname.casefold(), person.date_of_birth


def _listing(hearing: Hearing, case: Node, defendant: Node) -> Listing | Rejection:
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
    if _attends_by_video(hearing, defendant):
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
        markers=tuple(_markers(case)),
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


def _attends_by_video(hearing: Hearing, defendant: Node) -> bool:
    own = fields.identifier(defendant["id"].text())
    return any(
        day["attendanceType"].text() == "BY_VIDEO"
        for attendance in hearing.node["defendantAttendance"]
        if own and fields.identifier(attendance["defendantId"].text()) == own
        for day in attendance["attendanceDays"]
    )


def _pleads_guilty_by_post(defendant: Node) -> bool:
    """Every offence has a guilty plea notified before the hearing (HMCTS core schema: NotifiedPleaValue)."""
    pleas = [offence["notifiedPlea"]["notifiedPleaValue"].text() for offence in defendant["offences"]]
    return bool(pleas) and all(plea == "NOTIFIED_GUILTY" for plea in pleas)


def _markers(case: Node) -> Iterator[str]:
    for marker in case["caseMarkers"]:
        yield from (
            text for name in ("markerTypeCode", "markerTypeDescription") if (text := marker[name].text())
        )


def _merge(one: Listing, other: Listing) -> Listing:
    """One person in two cases, or twice in one: what is known of either, the more careful where they differ."""
    doubts = [*one.doubts, *other.doubts]
    if one.mobile and other.mobile and one.mobile != other.mobile:
        doubts.append("mobiles-differ")
    if (one.person.surname or "").casefold() != (other.person.surname or "").casefold():
        doubts.append("names-differ")
    if _differ(one.person.date_of_birth, other.person.date_of_birth):
        doubts.append("birth-dates-differ")
    references = _union(one.case_refs, other.case_refs)
    real = tuple(reference for reference in references if not fields.is_placeholder(reference))
    if real:
        doubts = [doubt for doubt in doubts if doubt != "placeholder-reference"]
    held = min((one, other), key=lambda listing: CUSTODY_ORDER.index(listing.custody))
    return replace(
        one,
        person_keys=_union(one.person_keys, other.person_keys),
        case_refs=real or references,
        person=replace(
            one.person,
            given=one.person.given or other.person.given,
            date_of_birth=one.person.date_of_birth or other.person.date_of_birth,
        ),
        mobile=one.mobile or other.mobile,
        custody=held.custody,
        bail_code=held.bail_code,
        initiation=_initiation(one.initiation, other.initiation),
        youth=max((flag for flag in (one.youth, other.youth) if flag is not None), default=None),
        guilty_plea_by_post=one.guilty_plea_by_post and other.guilty_plea_by_post,
        language=one.language or other.language,
        interpreter=one.interpreter or other.interpreter,
        offence_codes=_union(one.offence_codes, other.offence_codes),
        prosecutor=one.prosecutor or other.prosecutor,
        prosecutor_unit=one.prosecutor_unit or other.prosecutor_unit,
        markers=_union(one.markers, other.markers),
        doubts=tuple(dict.fromkeys(doubts)),
    )


def _initiation(one: str | None, other: str | None) -> str | None:
    codes = [code for code in (one, other) if code]
    known = [code for code in INITIATION_ORDER if code in codes]
    return next(iter(known or codes), None)


def _union(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*one, *other)))


def _differ(one: object, other: object) -> bool:
    return one is not None and other is not None and one != other
