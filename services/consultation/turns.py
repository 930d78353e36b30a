"""What goes into the conversation with one person, and what comes out of it. Pure data."""

from dataclasses import dataclass, field
from datetime import datetime

from services.common.text_rules import Understood
from services.consultation.questions import Reading
from services.consultation.states import Standing


@dataclass(frozen=True, slots=True)
class Place:
    """Where the conversation with one person stands. `answers` holds the coded value of each question; None: skipped or given up."""

    language: str = "en"
    person: int = 1
    has_view: bool = False
    withdrawn: bool = False
    refused: bool = False
    question: str | None = None
    asked: tuple[str, ...] = ()
    asked_at: datetime | None = None
    asked_again: bool = False
    expires_at: datetime | None = None
    answers: dict[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, repr=False)
class Text:
    """A text: its words, when the carrier brought it, when it is understood, and what the carrier took it for where that decides.

    `beside` is when the nearest text of a kept view came, if one of this person came within ninety seconds, on the same side of opening
    and closing. `stopped`: the number has texted STOP, so that no question is put to it.
    """

    words: str
    received_at: datetime
    now: datetime
    opt_out_type: str | None = None
    beside: datetime | None = None
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """Keep the text as a view: a new submission, or a fragment of the one beside it."""

    standing: Standing
    fragment: bool
    early: bool
    late: bool


@dataclass(frozen=True, slots=True, repr=False)
class Answered:
    """Keep an answer to this question. `misread`: words that did not fit, kept and not counted. `late`: the question had closed."""

    question: str
    reading: Reading
    late: bool = False
    misread: bool = False


@dataclass(frozen=True, slots=True)
class Say:
    """One reply: texts of the questionnaire in their order, then a question (in its other words if `again`).

    `districts` are those that an answer may mean: they are asked about in place of the question. A reply that is `mere` is left out where
    another was given in the last two minutes.
    """

    texts: tuple[str, ...] = ()
    ask: str | None = None
    again: bool = False
    districts: tuple[str, ...] = ()
    mere: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """What a text comes to: what it was taken for, where the conversation then stands, and what is to be done."""

    taken: Understood
    place: Place
    view: View | None = None
    answers: tuple[Answered, ...] = ()
    say: Say | None = None
    concern: str | None = None  # the kind under which a person sees to it
