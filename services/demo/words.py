"""The texts that the story expects, word for word. Written here again, from the office's wording, so that Heed's own is checked."""

from datetime import date

from services.demo.courts import COURTS
from services.demo.people import Person

BAIL = "Herts Police: {n}, you must be at {c} on {d}, {t}. If you miss it you could be arrested. Not you? Text WRONG"
SUMMONS = (
    "Herts Police: {n}, your case is at {c} on {d}, {t}. It can go ahead without you. Not you? Text WRONG"
)
MOVED = "Herts Police: {n}, your court date has moved. You must be at {c} on {d}, {t}. Not you? Text WRONG"
NO_LONGER = (
    "Herts Police: {n}, your court date of {d} may have changed. "
    "Ask your solicitor or the court before that day. Not you? Text WRONG"
)
PLAIN = "This line is not read at once. Court questions: your solicitor or {phone}. Emergency: 999"  # to a listed number
STRANGER = "This line sends court reminders and is not read at once. Emergency: 999"
ENQUIRIES = {"B41ME00": "01632 960001", "B41MJ00": "01632 960002", "B41US00": "01632 960003"}
DANGER = (
    "This phone is not watched. In danger now: call 999. Cannot speak: call 999 then press 55. "
    "Need to talk: Samaritans 116 123, free, any time."
)

# Names with letters outside the GSM alphabet, which would cost a second segment, as a text writes them.
FOLDED = {
    "Ciarán": "Ciaran",
    "Łukasz": "Lukasz",
    "Małgorzata": "Malgorzata",
    "Róisín": "Roisin",
    "Seán": "Sean",
    "Siân": "Sian",
    "Siobhán": "Siobhan",
    "Zsófia": "Zsofia",
}
SAID = {
    "09:30": "9.30am",
    "10:00": "10am",
    "10:30": "10.30am",
    "11:00": "11am",
    "11:15": "11.15am",
    "14:00": "2pm",
}


def text(words: str, person: Person, day: date, clock: str) -> str:
    """A text to a person about their hearing on that day at that time."""
    return words.format(
        n=FOLDED.get(person.given, person.given),
        c=COURTS[person.court].short,
        d=f"{day:%a} {day.day} {day:%b}",
        t=SAID[clock],
    )


def reminder(person: Person, day: date, clock: str) -> str:
    """Bail and summons differ in what is true of missing court."""
    return text(BAIL if person.bail else SUMMONS, person, day, clock)
