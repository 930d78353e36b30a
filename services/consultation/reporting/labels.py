"""What a report calls the codes of its rows. Pure."""

from services.consultation import districts
from services.consultation.reconciliation import ALL, REASONS
from services.consultation.reporting.themes import Without
from services.consultation.themes.codeframe import Group

CHANNELS = {
    "sms": "Text message",
    "web": "Web form",
    "letter": "Letter",
    "email": "E-mail",
    "listening-post": "Listening post",
    ALL: "All",
}
OTHERS = {
    "not-known": "Not said",
    "resident": "Resident",
    "victim": "Victim of crime",
    "business": "Business",
    "organisation": "Organisation",
    "under-18": "Under 18",
    "65-over": "65 or over",
    "yes": "Yes",
    "no": "No",
    "en": "English",
    "cy": "Welsh",
    # What people in the county speak, by ISO 639-1.
    **{
        "ar": "Arabic",
        "bn": "Bengali",
        "bg": "Bulgarian",
        "zh": "Chinese",
        "fr": "French",
        "gu": "Gujarati",
        "hu": "Hungarian",
    },
    **{
        "it": "Italian",
        "pl": "Polish",
        "pt": "Portuguese",
        "pa": "Punjabi",
        "ro": "Romanian",
        "es": "Spanish",
        "ta": "Tamil",
    },
    **{"tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu"},
    districts.OUTSIDE: "Outside the county",
}
GROUPS = {
    Group.HEADING: "By the plan's headings",
    Group.IN_FAVOUR: "In favour of what the plan proposes",
    Group.NEW_IDEA: "New ideas",
    Group.OTHER_BODY: "For another body to hear",
    Group.NONE: "Without a theme",
}
WITHOUT = {
    Without.NOT_CODED: "Not coded yet",
    Without.NO_THEME: "Coded, and no theme given",
    Without.SPLIT_SINCE: "Theme split since, to be read again",
}
OUTCOMES = {
    "done": "Done",
    "planned": "Will be done",
    "not-done": "Will not be done",
    "passed-on": "Passed on",
}
REASON = {str(reason): words for reason, words in REASONS.items()}
STEPS = {"day": "day", "week": "week, from its Monday", "month": "month"}


def label(code: str) -> str:
    """The words for a code; a code without any is its own."""
    return CHANNELS.get(code) or OTHERS.get(code) or districts.names().get(code) or code


def number(count: int | None) -> str:
    """A count with its thousands apart; one that is not shown says so."""
    return "hidden" if count is None else f"{count:,}"


def share(part: float | None) -> str:
    """A share in whole per cent."""
    return "–" if part is None else f"{part:.0%}"
