"""What is configured for a county, as plain values: courts, who speaks, the plan, the wording, how texts are let go."""

from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal

# Where the feed states no language, or one without a wording, people are written to in this one.
ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class Court:
    """A court as people and texts name it. `time_means` is the office's answer to what a feed's time is there: "start" of the
    session, or the time to "arrive"; None while nobody has answered."""

    name: str
    short: str
    enquiry_phone: str
    time_means: str | None = None


@dataclass(frozen=True, slots=True)
class Hours:
    """The hours of a day in which texts may go: from `opens` until just before `closes`, clock times in London."""

    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class Step:
    """A reminder so many days before the hearing, at a clock time in London.

    It is of use until the next step is due, the last until the hearing begins; never later than `useful_until_hours_before` it.
    `template` names a variant of the words.
    """

    name: str
    days_before: int
    at: time
    useful_until_hours_before: float = 0
    template: str | None = None


@dataclass(frozen=True, slots=True)
class Late:
    """The reminder for a hearing listed after its last step: at once inside the window, if these hours remain."""

    name: str
    hours_before: float
    template: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """When reminders go: the hours of each weekday from Monday (None: no texts), steps in order of time, and the days on
    which nothing goes whatever their weekday."""

    version: int
    week: tuple[Hours | None, ...]
    steps: tuple[Step, ...]
    late: Late
    closed: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Release:
    """How texts are let go at the start: none until one day, only days that a person released until another; both included."""

    dry_run_until: date | None = None
    by_hand_until: date | None = None


@dataclass(frozen=True, slots=True)
class Price:
    """What the carrier takes for one segment, in units of `currency` (ISO 4217)."""

    segment: Decimal
    currency: str

    def of(self, segments: int) -> dict[str, str]:
        """What so many segments cost: {"amount", "currency"}, the amount to the last digit of the price."""
        return {"amount": f"{self.segment * segments:f}", "currency": self.currency}


@dataclass(frozen=True, slots=True)
class Language:
    """One language's templates by name, and what is asked of them.

    `encoding` is what the words themselves need; `fold_letters` writes letters outside the GSM alphabet plainly. `segments` is
    the most that a text may take, `segments_unicode` the most where a name has letters that stay outside the GSM alphabet.
    `must_say` holds the phrases of which one must stand, by fact: "bail", "summons" (the consequence), "wrong_person".
    """

    status: str
    reviewed_by: str | None
    encoding: str
    fold_letters: bool
    segments: int
    segments_unicode: int
    must_say: dict[str, tuple[str, ...]]
    templates: dict[str, str]


@dataclass(frozen=True, slots=True)
class Wording:
    """Reminders in every language, and the answers to replies, which are in English."""

    languages: dict[str, Language]
    replies: dict[str, str]


@dataclass(frozen=True, slots=True)
class County:
    """All of it. `price` is None where nobody has said what a segment costs."""

    county: str
    speaker: str
    courts: dict[str, Court]
    plan: Plan
    release: Release
    sensitive_offences: tuple[str, ...]
    sensitive_markers: tuple[str, ...]
    wording: Wording
    price: Price | None = None
