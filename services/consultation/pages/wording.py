"""The closed words of Consultation's rows, as its pages say them."""

from services.consultation import districts
from services.consultation.reconciliation import REASONS
from services.consultation.said_back import Outcome
from services.consultation.states import Channel, Kind, RespondentType, Standing, State
from services.consultation.themes.codeframe import Group

LISTENING = {
    Kind.CONSULTATION: "consultation",
    Kind.STANDING: "standing listening post",
    Kind.FEEDBACK_REQUEST: "feedback request",
}
CHANNELS = {
    Channel.SMS: "Text",
    Channel.WEB: "Web form",
    Channel.LETTER: "Letter",
    Channel.EMAIL: "E-mail",
    Channel.LISTENING_POST: "Listening post",
}
KINDS = {
    "feedback": "View",
    "question": "Question",
    "complaint": "Complaint",
    "crime-report": "Crime report",
    "safeguarding": "Safeguarding",
    "danger": "Danger",
}
STANDINGS = {
    Standing.COUNTED: "Analysed",
    Standing.BLANK: "Blank",
    Standing.TEST: "Test",
    Standing.DUPLICATE: "Duplicate",
    Standing.MERGED: "Merged",
    Standing.WITHDRAWN: "Withdrawn",
    Standing.EARLY: "Early",
    Standing.LATE: "Late",
}
# What the last column of the reconciliation says of each.
BECAUSE = {str(standing): f"{words[0].upper()}{words[1:]}" for standing, words in REASONS.items()}
TYPES = {
    RespondentType.RESIDENT: "Resident",
    RespondentType.VICTIM: "Victim",
    RespondentType.BUSINESS: "Business",
    RespondentType.ORGANISATION: "Organisation",
}
STATES = {
    State.STARTED: "no view yet",
    State.PARTIAL: "a view, not every question",
    State.COMPLETE: "a view, and every question dealt with",
    State.REFUSED: "said STOP in the middle of the questions",
    State.WITHDRAWN: "withdrew",
    State.LATE: "came after the end",
    State.OUT_OF_AREA: "lives outside the county",
}
OUTCOMES = {
    Outcome.DONE: "done",
    Outcome.PLANNED: "planned",
    Outcome.NOT_DONE: "not done, with the reason",
    Outcome.PASSED_ON: "passed on",
}
SKIPPED = {
    "nothing-to-tell": "spoke of nothing that is answered",
    "told": "are told already",
    "did-not-ask": "did not ask to be told",
    "no-number": "have no number",
    "already-invited": "invited before, or twice in the file",
    "answered": "have answered already",
    "opted-out": "have texted STOP",
    "wrong-number": "their number is somebody else’s",
    "mobile-invalid": "their number is dead",
}
GROUPS = {
    Group.HEADING: "Headings of the plan",
    Group.IN_FAVOUR: "What the plan proposes",
    Group.NEW_IDEA: "New ideas",
    Group.OTHER_BODY: "For another body to hear",
    Group.NONE: "No theme",
}
LANGUAGES = {"en": "English", "cy": "Welsh"}
YES_NO = {True: "yes", False: "no", None: "not said"}
OPEN = {"coming": ("opens later", "blue"), "open": ("open", "green"), "closed": ("closed", "grey")}


def place(district: str | None) -> str:
    """A district's name, "outside the county", or that it is not known."""
    if district == districts.OUTSIDE:
        return "Outside the county"
    return districts.names().get(district or "", "Not known")
