"""New cases and results as the police's and courts' XML (SPI) writes them, for invented people."""

from collections.abc import Sequence
from datetime import date
from xml.sax.saxutils import escape

from services.demo.days import Days
from services.demo.people import Person
from services.demo.world import Truth

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<!-- Synthetic: written for Heed\'s demo, nobody in it is real. -->\n'
NAMESPACE = 'xmlns="http://www.dca.gov.uk/xmlschemas/libra" Interface="LibraStandardProsecutorPolice" SchemaVersion="0.6g"'
PRESENT = {"attended": "Y", "represented": "A", "absent": "N"}
CODES = {
    "fine": ("1015", None),
    "lawyer": ("1015", None),
    "adjourned": ("1015", None),
    "warrant": ("4576", "CG"),
    "warrant-unstated": ("4576", None),
    "in-absence": ("4578", None),
}


def new_case(person: Person, days: Days) -> bytes:
    """A NewCaseMessage: a case, its first hearing and its defendant; and the officer's number, which is not the defendant's.

    Hertfordshire's system writes +00:00 beside London's wall clock, in summer too; that is how it is here.
    """
    bailed = bool(person.bail)
    begun = "<CaseInitiation>C</CaseInitiation>" if bailed else _summons()
    phone = (
        f"<TelephoneDetails><TelephoneNumberMobile>{person.mobile}</TelephoneNumberMobile></TelephoneDetails>"
    )
    return f"""{HEAD}<NewCaseMessage {NAMESPACE} Flow="NewCasesFromThePolice">
 <Case>
  <PTIURN>{person.case}</PTIURN>
  <OriginatingOrganisation>0410000</OriginatingOrganisation>
  {begun}
  <InitialHearing>
   {_place(person)}
   <DateOfHearing>{_day(person, days)}</DateOfHearing>
   <TimeOfHearing>{person.time}:00.0000000-00:00</TimeOfHearing>
  </InitialHearing>
  <OtherPartyOfficerInCase>
   <OfficerName><PersonFamilyName>Officer in the case</PersonFamilyName></OfficerName>
   <TelephoneDetails><TelephoneNumberMobile>07700 900099</TelephoneNumberMobile></TelephoneDetails>
  </OtherPartyOfficerInCase>
  <Defendant>
   <ProsecutorReference>{person.asn}</ProsecutorReference>
   <PoliceIndividualDefendant>
    <PersonDefendant>
     <BasePersonDetails>
      {_name(person)}
      {phone if person.mobile else ""}
      <Birthdate>{person.born(days)}</Birthdate>
      <Gender>0</Gender>
     </BasePersonDetails>
    </PersonDefendant>
    <CustodyStatus>{_status(person)}</CustodyStatus>
    <LanguageOptions><DocumentationLanguage>E</DocumentationLanguage><HearingLanguage>E</HearingLanguage></LanguageOptions>
   </PoliceIndividualDefendant>
   {_offence("")}
  </Defendant>
 </Case>
</NewCaseMessage>
""".encode()


def resulted(told: Sequence[tuple[Person, Truth]], days: Days) -> bytes:
    """A ResultedCaseMessage: a session a case, who was present, and the result of the one offence."""
    sessions = "\n".join(_session(person, days, truth) for person, truth in told)
    return f"""{HEAD}<ResultedCaseMessage {NAMESPACE} Flow="ResultedCasesForThePolice">
{sessions}
</ResultedCaseMessage>
""".encode()


def _session(person: Person, days: Days, truth: Truth) -> str:
    code, qualifier = CODES[truth.result]
    ground = f"<ResultCodeQualifier>{qualifier}</ResultCodeQualifier>" if qualifier else ""
    offence = _offence(
        f"<Result><ResultCode>{code}</ResultCode><ResultText>Synthetic.</ResultText>{ground}</Result>"
    )
    return f""" <Session>
  <CourtHearing>
   <Hearing>
    {_place(person)}
    <DateOfHearing>{_day(person, days)}</DateOfHearing>
    <TimeOfHearing>{person.time}:00</TimeOfHearing>
   </Hearing>
   <PSAcode>1910</PSAcode>
  </CourtHearing>
  <Case>
   <PTIURN>{person.case}</PTIURN>
   <Defendant>
    <ProsecutorReference>{person.asn}</ProsecutorReference>
    <CourtIndividualDefendant>
     <PersonDefendant>
      <BasePersonDetails>
       {_name(person)}
       <Birthdate>{person.born(days)}</Birthdate>
       <Gender>0</Gender>
      </BasePersonDetails>
     </PersonDefendant>
     <BailStatus>{_status(person)}</BailStatus>
     <PresentAtHearing>{PRESENT[truth.attendance]}</PresentAtHearing>
    </CourtIndividualDefendant>
    {offence}
   </Defendant>
  </Case>
 </Session>"""


def _day(person: Person, days: Days) -> date:
    return days.day(days.sitting(person.day))


def _place(person: Person) -> str:
    return f"<CourtHearingLocation>{person.court[:5]}{person.room[-2:]}</CourtHearingLocation>"


def _name(person: Person) -> str:
    return (
        f"<PersonName><PersonGivenName1>{escape(person.given)}</PersonGivenName1>"
        f"<PersonFamilyName>{escape(person.surname.upper())}</PersonFamilyName></PersonName>"
    )


def _status(person: Person) -> str:
    return {"unconditional": "U", "conditional": "B", "": "A"}[person.bail]


def _summons() -> str:
    return "<InitiationCode>S</InitiationCode><SummonsCode>M</SummonsCode>"


def _offence(result: str) -> str:
    return (
        "<Offence><BaseOffenceDetails><OffenceSequenceNumber>1</OffenceSequenceNumber><OffenceCode>TH68010</OffenceCode>"
        f"</BaseOffenceDetails>{result}</Offence>"
    )
