"""New cases and results as the police's and courts' XML (SPI) writes them, for invented people; valid by SPI's own schemas."""

from collections.abc import Sequence
from datetime import date, timedelta

from services.demo.days import Days
from services.demo.people import Person, plainly
from services.demo.world import Truth

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<!-- Synthetic: written for Heed\'s demo, nobody in it is real. -->\n'
NAMESPACE = 'xmlns="http://www.dca.gov.uk/xmlschemas/libra" Interface="LibraStandardProsecutorPolice" SchemaVersion="0.6g"'
BS7666 = 'xmlns="http://www.govtalk.gov.uk/people/bs7666"'
STATUS = {"unconditional": "U", "conditional": "B", "": "A"}
SUMMONS = "<InitiationCode>S</InitiationCode><SummonsCode>M</SummonsCode>"
PRESENT = {"attended": "Y", "represented": "A", "absent": "N"}
CODES = {
    "fine": ("1015", None),
    "lawyer": ("1015", None),
    "adjourned": ("4506", None),
    "warrant": ("4576", "CG"),
    "warrant-unstated": ("4576", None),
    "in-absence": ("4578", None),
}


def new_case(person: Person, days: Days) -> bytes:
    """A NewCaseMessage: a case, its first hearing and its defendant; and a second number that is not the defendant's.

    Hertfordshire's system writes +00:00 beside London's wall clock, in summer too; so does this.
    """
    phone = person.mobile.replace("+44", "0")
    return f"""{HEAD}<NewCaseMessage {NAMESPACE} Flow="NewCasesFromThePolice">
 <Case>
  <PTIURN>{person.case}</PTIURN>
  <OriginatingOrganisation>0410000</OriginatingOrganisation>
  {"<CaseInitiation>C</CaseInitiation>" if person.bail else SUMMONS}
  <InitialHearing>
   {_place(person)}
   <DateOfHearing>{_day(person, days)}</DateOfHearing>
   <TimeOfHearing>{person.time}:00.0000000-00:00</TimeOfHearing>
  </InitialHearing>
  <OtherPartyOfficerInCase>
   <OfficerName><PersonFamilyName>Officer</PersonFamilyName></OfficerName>
   <PoliceOfficerRank>Constable</PoliceOfficerRank>
   <PoliceWorkerReferenceNumber>0000</PoliceWorkerReferenceNumber>
   <PoliceWorkerLocationCode>041DM00</PoliceWorkerLocationCode>
   <TelephoneDetails><TelephoneNumberMobile>07700 900099</TelephoneNumberMobile></TelephoneDetails>
  </OtherPartyOfficerInCase>
  <Defendant>
   <ProsecutorReference>{person.asn}</ProsecutorReference>
   <PoliceIndividualDefendant>
    <PersonDefendant>
     <BasePersonDetails>
      {_name(person)}
      <TelephoneDetails><TelephoneNumberMobile>{phone}</TelephoneNumberMobile></TelephoneDetails>
      <Birthdate>{person.born(days)}</Birthdate>
      <Gender>0</Gender>
     </BasePersonDetails>
    </PersonDefendant>
    {_address()}
    <CustodyStatus>{STATUS[person.bail]}</CustodyStatus>
    <LanguageOptions><DocumentationLanguage>E</DocumentationLanguage><HearingLanguage>E</HearingLanguage></LanguageOptions>
   </PoliceIndividualDefendant>
   <Offence>{_offence(days)}</Offence>
  </Defendant>
 </Case>
</NewCaseMessage>
""".encode()


def resulted(told: Sequence[tuple[Person, Truth]], days: Days) -> bytes:
    """A ResultedCaseMessage: one court's session, its cases, who was present, and the result of the one offence."""
    first = told[0][0]
    cases = "\n".join(_case(person, days, truth) for person, truth in told)
    return f"""{HEAD}<ResultedCaseMessage {NAMESPACE} Flow="ResultedCasesForThePolice">
 <Session>
  <CourtHearing>
   <Hearing>
    {_place(first)}
    <DateOfHearing>{_day(first, days)}</DateOfHearing>
    <TimeOfHearing>09:30:00</TimeOfHearing>
   </Hearing>
   <PSAcode>1910</PSAcode>
  </CourtHearing>
{cases}
 </Session>
</ResultedCaseMessage>
""".encode()


def _case(person: Person, days: Days, truth: Truth) -> str:
    code, qualifier = CODES[truth.result]
    ground = f"<ResultCodeQualifier>{qualifier}</ResultCodeQualifier>" if qualifier else ""
    return f"""  <Case>
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
     <BailStatus>{STATUS[person.bail]}</BailStatus>
     <Address><SimpleAddress><AddressLine1>1 Example Street</AddressLine1></SimpleAddress></Address>
     <PresentAtHearing>{PRESENT[truth.attendance]}</PresentAtHearing>
    </CourtIndividualDefendant>
    <Offence>
     {_offence(days)}
     <InitiatedDate>{days.day(-30)}</InitiatedDate>
     <ModeOfTrial>01</ModeOfTrial>
     <FinalDisposalIndicator>N</FinalDisposalIndicator>
     <Result><ResultCode>{code}</ResultCode><ResultText>Synthetic.</ResultText>{ground}</Result>
    </Offence>
   </Defendant>
  </Case>"""


def _day(person: Person, days: Days) -> date:
    return days.day(days.sitting(person.day))


def _place(person: Person) -> str:
    return f"<CourtHearingLocation>{person.court[:5]}{person.room[-2:]}</CourtHearingLocation>"


def _name(person: Person) -> str:
    return (
        f"<PersonName><PersonGivenName1>{plainly(person.given).title()}</PersonGivenName1>"
        f"<PersonFamilyName>{person.surname.upper()}</PersonFamilyName></PersonName>"
    )


def _address() -> str:
    return (
        f"<Address><PAON {BS7666}>   1 </PAON><StreetDescription {BS7666}>Example Street</StreetDescription>"
        f"<Town {BS7666}>Stevenage</Town><AdministrativeArea {BS7666}>Hertfordshire</AdministrativeArea></Address>"
    )


def _offence(days: Days) -> str:
    happened = days.start - timedelta(days=60)
    return (
        "<BaseOffenceDetails><OffenceSequenceNumber>1</OffenceSequenceNumber><OffenceCode>TH68010</OffenceCode>"
        "<OffenceWording>Synthetic: stole goods from a shop that does not exist.</OffenceWording><OffenceTiming>"
        f"<OffenceDateCode>1</OffenceDateCode><OffenceStart><OffenceDateStartDate>{happened}</OffenceDateStartDate>"
        f"</OffenceStart></OffenceTiming><ChargeDate>{days.day(-30)}</ChargeDate></BaseOffenceDetails>"
    )
