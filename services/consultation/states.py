"""The closed sets of words of Consultation's rows. Pure."""

from enum import StrEnum


class Kind(StrEnum):
    """What sort of listening a questionnaire is."""

    CONSULTATION = "consultation"
    STANDING = "standing"
    FEEDBACK_REQUEST = "feedback-request"


class Channel(StrEnum):
    """How a response came."""

    SMS = "sms"
    WEB = "web"
    LETTER = "letter"
    EMAIL = "email"
    LISTENING_POST = "listening-post"


class RespondentType(StrEnum):
    """Who answers; organisations are listed apart."""

    RESIDENT = "resident"
    VICTIM = "victim"
    BUSINESS = "business"
    ORGANISATION = "organisation"


class State(StrEnum):
    """Where a respondent stands: a view and every question dealt with is complete, a view alone is partial, no view yet is started."""

    STARTED = "started"
    PARTIAL = "partial"
    COMPLETE = "complete"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    LATE = "late"
    OUT_OF_AREA = "out-of-area"


class Standing(StrEnum):
    """Where the reconciliation table counts a submission: each stands in exactly one row, and COUNTED is what is analysed."""

    COUNTED = "counted"
    BLANK = "blank"
    TEST = "test"
    DUPLICATE = "duplicate"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"
    EARLY = "early"
    LATE = "late"
