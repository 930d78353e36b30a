"""A reminders office in a test: it pushes feeds, moves time on, and reads what came to the phones.

Times are London's clock, written "2026-09-23T10:00". Nothing here is imitated: the database, the jobs and the carrier are the real ones.
"""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select, text

from services.common import clock, inbound, work
from services.common.context import Heed
from services.common.models import Outbox
from services.common.times import london, parse_instant
from services.reminders import deliveries, hearings, jobs, replies
from services.reminders.county import County
from services.reminders.deliveries import Push
from services.reminders.models import (
    Assignment,
    Contact,
    Delivery,
    Listing,
    ListingKey,
    OutcomeRow,
    Person,
    PersonKey,
)
from tests.support.sandbox import Sandbox, until

START = "2026-09-14T08:00"  # a Monday, in summer time
HEARING = (
    "2026-09-23T10:00"  # a Wednesday; its reminders are due on Sunday 20 and Tuesday 22 September at 10:00
)
THREE_DAYS, ONE_DAY = "2026-09-20T10:00", "2026-09-22T10:00"
FIRST_HEARING = {"id": "4a0e892d-c0c5-3c51-95b8-704d8c781776", "description": "First hearing"}
ST_ALBANS, STEVENAGE = "B41ME00", "B41MJ00"
ANN, BEN, CAT = "+447700900101", "+447700900102", "+447700900103"


def utc(clock_in_london: str) -> str:
    """A time on a clock in London as Common Platform writes it: an instant in UTC."""
    return parse_instant(clock_in_london).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def defendant(
    given: str = "Ann",
    surname: str = "Example",
    *,
    born: str | None = "1990-05-04",
    mobile: str | None = ANN,
    bail: str | None = "U",
    identity: str | None = None,
    **more: Any,
) -> dict[str, Any]:
    """One defendant of a Common Platform message; `identity` is the master defendant's id."""
    details = {"firstName": given, "lastName": surname, "dateOfBirth": born, "contact": {"mobile": mobile}}
    known = {name: value for name, value in details.items() if value is not None}
    own = identity or f"{given}-{surname}".lower()
    return {
        "id": f"{own}-d",
        "masterDefendantId": own,
        "personDefendant": {"personDetails": known} | ({"bailStatus": {"code": bail}} if bail else {}),
        "offences": [{"id": f"{own}-o", "offenceCode": "CA03013"}],
    } | more


def case(*defendants: dict[str, Any], ref: str = "41AA1000126", initiation: str = "C") -> dict[str, Any]:
    """A prosecution case of a Common Platform message."""
    return {
        "prosecutionCaseIdentifier": {"caseURN": ref, "prosecutionAuthorityCode": "HERTPF"},
        "initiationCode": initiation,
        "defendants": list(defendants or [defendant()]),
    }


def hearing(
    at: str | Sequence[str] = HEARING,
    *cases: dict[str, Any],
    key: str = "h1",
    court: str = ST_ALBANS,
    shared: str | None = None,
    kind: dict[str, Any] | None = None,
    cancelled: Sequence[str] = (),
    **more: Any,
) -> dict[str, Any]:
    """A Common Platform message: a hearing on these days, `cancelled` those that are off; `shared` is its version."""
    days = [at] if isinstance(at, str) else list(at)
    body = {
        "id": key,
        "courtCentre": {"code": court, "name": "Court", "roomName": "Courtroom 1"},
        "type": kind or FIRST_HEARING,
        "hearingDays": [{"sittingDay": utc(day), "isCancelled": day in cancelled} for day in days],
        "prosecutionCases": list(cases or [case()]),
    } | more
    return {"hearing": body} | ({"sharedTime": utc(shared)} if shared else {})


def result(
    *codes: str,
    at: str = HEARING,
    attendance: str | None = "IN_PERSON",
    key: str = "h1",
    shared: str | None = None,
    defendants: Sequence[dict[str, Any]] | None = None,
    following: dict[str, Any] | None = None,
    ref: str = "41AA1000126",
    **more: Any,
) -> dict[str, Any]:
    """A result message: `codes` like "4576 CG" for every defendant, `following` their next hearing."""
    day = at[:10]
    people = [json.loads(json.dumps(one)) for one in defendants or [defendant()]]
    for person in people:
        results = [
            {
                "judicialResultId": f"{person['id']}-{number}",
                "cjsCode": code.split()[0],
                "qualifier": ",".join(code.split()[1:]) or None,
                "orderedDate": day,
                "nextHearing": following,
            }
            for number, code in enumerate(codes or ("1015",))
        ]
        person["offences"][0]["judicialResults"] = results
    message = hearing(at, case(*people, ref=ref), key=key, shared=shared, **more)
    if attendance:
        message["hearing"]["defendantAttendance"] = [
            {"defendantId": person["id"], "attendanceDays": [{"day": day, "attendanceType": attendance}]}
            for person in people
        ]
    return message | {"hearingDay": day}


def phone(number: int) -> str:
    """The mobile of the number-th person of many."""
    return f"+447700900{200 + number}"


def somebody(number: int, **more: Any) -> dict[str, Any]:
    """The number-th defendant of many: P000, P001 …, each with a mobile of their own."""
    return defendant(f"P{number:03}", **({"mobile": phone(number)} | more))


def nth(number: int, at: str | Sequence[str] = HEARING, **more: Any) -> dict[str, Any]:
    """The number-th hearing of many that have nothing to do with each other: its own key, case and person."""
    return hearing(at, nth_case(number), key=f"c{number}", **more)


def nth_case(number: int, person: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """The case of the number-th hearing."""
    return case(person or somebody(number), ref=f"41C{number:03}", **more)


def nth_result(number: int, *codes: str, **more: Any) -> dict[str, Any]:
    """A result of the number-th hearing."""
    return result(*codes, key=f"c{number}", defendants=[somebody(number)], ref=f"41C{number:03}", **more)


def spi(
    at: str = HEARING,
    *,
    given: str = "Ann",
    surname: str = "Example",
    born: str = "1990-05-04",
    mobile: str | None = ANN,
    status: str = "U",
    ref: str = "41AA1000126",
    asn: str = "2641AA0000000123456A",
    court: str = ST_ALBANS,
    initiation: str = "C",
) -> bytes:
    """An SPI NewCaseMessage with one defendant; its times are the wall's clock."""
    day, clock_time = at.split("T")
    phone = (
        f"<TelephoneDetails><TelephoneNumberMobile>{mobile}</TelephoneNumberMobile></TelephoneDetails>"
        if mobile
        else ""
    )
    return f"""<NewCaseMessage xmlns="http://www.dca.gov.uk/xmlschemas/libra"><Case><PTIURN>{ref}</PTIURN>
<CaseInitiation>{initiation}</CaseInitiation><InitialHearing><CourtHearingLocation>{court}</CourtHearingLocation>
<DateOfHearing>{day}</DateOfHearing><TimeOfHearing>{clock_time}:00.000-00:00</TimeOfHearing></InitialHearing>
<Defendant><ProsecutorReference>{asn}</ProsecutorReference><PoliceIndividualDefendant><PersonDefendant>
<BasePersonDetails><PersonName><PersonGivenName1>{given}</PersonGivenName1><PersonFamilyName>{surname}</PersonFamilyName>
</PersonName>{phone}<Birthdate>{born}</Birthdate></BasePersonDetails></PersonDefendant>
<CustodyStatus>{status}</CustodyStatus></PoliceIndividualDefendant></Defendant></Case></NewCaseMessage>""".encode()


def spi_result(
    day: str = "2026-09-23", present: str = "N", code: str = "4576", qualifier: str = "CG"
) -> bytes:
    """An SPI ResultedCaseMessage for the defendant of `spi`."""
    return f"""<ResultedCaseMessage xmlns="http://www.dca.gov.uk/xmlschemas/libra"><Session><CourtHearing>
<Hearing><CourtHearingLocation>B41ME00</CourtHearingLocation><DateOfHearing>{day}</DateOfHearing>
<TimeOfHearing>10:00:00</TimeOfHearing></Hearing></CourtHearing><Case><PTIURN>41AA1000126</PTIURN><Defendant>
<ProsecutorReference>2641AA0000000123456A</ProsecutorReference><CourtIndividualDefendant><PersonDefendant>
<BasePersonDetails><PersonName><PersonGivenName1>Ann</PersonGivenName1><PersonFamilyName>Example</PersonFamilyName>
</PersonName><Birthdate>1990-05-04</Birthdate></BasePersonDetails></PersonDefendant><BailStatus>B</BailStatus>
<PresentAtHearing>{present}</PresentAtHearing></CourtIndividualDefendant><Offence><Result>
<ResultCode>{code}</ResultCode><ResultCodeQualifier>{qualifier}</ResultCodeQualifier></Result></Offence></Defendant></Case>
</Session></ResultedCaseMessage>""".encode()


@dataclass
class Office:
    """An office with its own database and carrier."""

    heed: Heed
    carrier: Sandbox
    county: County
    pushed: list[dict[str, Any]] = field(default_factory=list)

    def start(self, at: str) -> None:
        """Set the clock, before anything happens, to a time that need not lie ahead of the real one."""
        with self.heed.database.begin() as session:
            session.execute(
                text(
                    "INSERT INTO clock (id, shift) VALUES (1, :at - clock_timestamp())"
                    " ON CONFLICT (id) DO UPDATE SET shift = :at - clock_timestamp()"
                ),
                {"at": parse_instant(at)},
            )

    def move(self, at: str) -> None:
        """Let time pass, and nothing run meanwhile."""
        clock.move_to(self.heed.database, parse_instant(at))

    def tick(self, at: str | None = None) -> int:
        """Let time pass and everything run that is then due."""
        if at:
            self.move(at)
        return work.tick(self.heed, jobs.SWEEPS)

    def push(
        self,
        body: dict[str, Any] | bytes,
        event: str | None = None,
        *,
        form: str = "common-platform",
        key: str | None = None,
    ) -> dict[str, Any]:
        """Push a message and apply it; what became of the delivery."""
        number = self.post(body, event, form=form, key=key)
        deliveries.apply(self.heed, self.county, number)
        return self.delivery(number)

    def post(
        self, body: dict[str, Any] | bytes, event: str | None, *, form: str, key: str | None = None
    ) -> int:
        """Push a message and leave it waiting; its delivery's number."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        with self.heed.database.begin() as session:
            push = Push(body=raw, format=form, actor="test", event=event, hearing_id=key)
            return deliveries.receive(self.heed, session, push).number

    def delivery(self, number: int) -> dict[str, Any]:
        """A delivery as the API answers it."""
        with self.heed.database.begin() as session:
            row = session.scalars(select(Delivery).where(Delivery.number == number)).one()
            self.pushed.append(deliveries.as_json(row))
        return self.pushed[-1]

    def delete(self, key: str = "h1") -> dict[str, Any]:
        """Common Platform deletes a hearing."""
        return self.push(b"", "delete", key=key)

    def texts(self, to: str | None = None) -> list[str]:
        """What the carrier took from us, oldest first: the words, for one handset or all."""
        sent = self.carrier.inside.store.state.messages
        return [one.body for one in list(sent) if one.direction == "outbound-api" and to in (None, one.to)]

    def rows(self, **options: Any) -> list[dict[str, Any]]:
        """Every listing as `heed reminders hearings` prints it, in the order of their making."""
        with self.heed.database.begin() as session:
            found = hearings.find(session)
            return hearings.rows(self.heed, session, found, **({"show_people": True} | options))

    def row(self, surname_or_case: str = "") -> dict[str, Any]:
        """The one listing whose name or case holds these words."""
        (found,) = [one for one in self.rows() if surname_or_case in f"{one['name']} {one['case_refs']}"]
        return found

    def nth(self, number: int) -> dict[str, Any]:
        """The listing of the number-th hearing of many."""
        return self.row(f"41C{number:03}")

    def planned(self, state: str = "pending") -> list[tuple[str, str]]:
        """What the outbox holds in a state: (step, when in London), earliest first."""
        with self.heed.database.begin() as session:
            rows = session.scalars(
                select(Outbox).where(Outbox.state == state).order_by(Outbox.due_at, Outbox.id)
            )
            return [(str(row.step), f"{london(row.due_at):%Y-%m-%dT%H:%M}") for row in rows]

    def outbox(self) -> list[tuple[str, str, str | None]]:
        """Every intention, oldest first: (step, state, reason)."""
        with self.heed.database.begin() as session:
            rows = session.scalars(select(Outbox).order_by(Outbox.id))
            return [(str(row.step), str(row.state), row.reason) for row in rows]

    def everything(self) -> dict[str, list[Any]]:
        """Every row that a feed makes, to see that nothing changed; once the carrier has said all it has to say."""
        until(self._has_heard_all)
        with self.heed.database.begin() as session:
            tables = (Person, PersonKey, Listing, ListingKey, Contact, OutcomeRow, Assignment, Outbox)
            return {
                table.__tablename__: session.execute(
                    select(*table.__table__.columns).order_by(text("1, 2"))
                ).all()
                for table in tables
            }

    def _has_heard_all(self) -> bool:
        with self.heed.database.begin() as session:
            return not session.scalar(
                text(
                    "SELECT count(*) FROM outbox WHERE state = 'accepted' AND carrier_status NOT IN ('delivered', 'undelivered')"
                )
            )

    def hears(self, sender: str, words: str, opt_out_type: str | None = None, sid: str | None = None) -> None:
        """A text arrives, stored as the webhook stores it, and is understood."""
        with self.heed.database.begin() as session:
            kept = inbound.keep(
                self.heed,
                session,
                sid=sid or f"SM{uuid.uuid4().hex}",
                sender=sender,
                to=self.heed.config.sender,
                body=words,
                opt_out_type=opt_out_type,
            )
        assert kept is not None
        replies.handle(self.heed, self.county, kept)
