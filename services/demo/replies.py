"""Defendants text back."""

from collections import Counter

from services.demo import days, telling, words
from services.demo.listing import rows
from services.demo.people import Person, with_role
from services.demo.script import Texts
from services.demo.stage import Stage

STRANGER_NUMBER = "+447700900098"
QUESTION = "Is that the court by the civic centre, and can my sister come in with me?"
WRITTEN = {
    "stop": ("STOP", "the carrier confirms, Heed sends nothing more"),
    "stop-sentence": ("Please stop texting me", "no more reminders"),
    "wrong-number": ("Wrong number", "blocked, and an incident for the office"),
    "says-when": ("10am", "noted, no answer needed"),
    "help": ("HELP", "the carrier answers"),
    "question": (QUESTION, "one plain answer, and a person will read it"),
}
STATES = {
    "stop": "stopped",
    "stop-sentence": "stopped",
    "wrong-number": "wrong",
    "opted-out-at-carrier": "stopped",
}
BAD = {"landline": "invalid", "unknown-handset": "invalid"}


def replies(stage: Stage) -> None:
    """Each reply is understood by rule; only the question, and a stranger, are answered by Heed."""
    at = stage.go(days.REPLIES)
    telling.heading(at, "Some text back")
    sender = stage.heeds[0].config.sender
    for role, (said, follows) in WRITTEN.items():
        for person in with_role(role):
            stage.sandbox.text(_number(person), sender, said)
            telling.tell(f'"{said}": {follows}')
    stage.sandbox.text(STRANGER_NUMBER, sender, "Hello, who is this")
    telling.tell('"Hello, who is this", from a number that nobody gave: told nothing about anybody')
    stage.settle()
    stage.checks.same("answers to replies", _answers(), stage.arrived())
    _states(stage)


def _answers() -> Texts:
    expected: Texts = Counter({(STRANGER_NUMBER, words.STRANGER): 1})
    for person in with_role("question"):
        expected[_number(person), words.PLAIN.format(phone=words.ENQUIRIES[person.court])] += 1
    return expected


def _states(stage: Stage) -> None:
    """Heed's list shows what each number is good for now: the person's own word, or the carrier's."""
    expected, listed = STATES | BAD, rows(stage)
    people = [person for role in expected for person in with_role(role)]
    stage.checks.each(
        "numbers after the first reminders",
        {person.id: expected[person.role] for person in people},
        {person.id: listed[person.id]["mobile"] for person in people},
    )


def _number(person: Person) -> str:
    if person.number is None:
        raise ValueError(f"{person.id} has no number to text from")
    return person.number
