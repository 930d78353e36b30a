"""What a report will not say, one rule a function: each answers None, or the refusal with its reason."""

import re
from dataclasses import dataclass
from datetime import date

FEWEST_FOR_A_RATE = 30
# Under this an instrument is weak: Staiger and Stock, Instrumental Variables Regression with Weak Instruments, Econometrica 65 (1997), 557.
FEWEST_F = 10
# What happens to people after assignment: no group of a comparison is made of it.
RECEIVED = ("texted", "reached", "delivered", "stopped")

# Words that claim a reason. Plain comparison ("fewer", "less often") is not among them.
_CAUSAL = re.compile(
    r"\b(because|thanks to|due to|owing to|leads? to|led to|works|worked|the reason|"
    r"results? (?:in|of|from)|resulted (?:in|from)|made (?:people|them)|"
    r"effect(?:s|ive|iveness)?|impact(?:s|ed)?|reductions?|prevention|"
    r"lower(?:s|ed|ing)|avoid(?:s|ed|ing)?|prevent(?:s|ed|ing)?|cut(?:s|ting)?|"
    r"(?:caus|reduc|increas|improv|rais)(?:e|es|ed|ing))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A stable code, and one sentence for the reader."""

    code: str
    sentence: str


def rate_on_few(arm: str, n: int, fewest: int = FEWEST_FOR_A_RATE) -> Refusal | None:
    """No rate on fewer than 30 people, or the more that a protocol asks for: one person would move it by over three points."""
    if n >= fewest:
        return None
    return Refusal(
        "few-people",
        f"No rate is given for {arm}: {n} people have a known outcome, fewer than {fewest}.",
    )


def changed_protocol(change: str | None) -> Refusal | None:
    """No comparison of people assigned under one protocol by the rules of another. `change` is a clause, None where there is none."""
    if change is None:
        return None
    return Refusal(
        "changed-protocol", f"The arms are not compared: the protocol is not the one locked: {change}."
    )


def arms_between_looks(shown: bool, next_day: date | None) -> Refusal | None:
    """No figure by arm between the planned looks: who looks often finds a difference by chance."""
    if shown:
        return None
    when = f"; the next planned look may be taken from {next_day.isoformat()}" if next_day else ""
    return Refusal(
        "between-looks", f"No figure is given by arm: the protocol plans no look at this moment{when}."
    )


def received(groups: str) -> Refusal | None:
    """No comparison of groups made by what became of people after the lot was drawn: who is reached differs from who is not."""
    if groups not in RECEIVED:
        return None
    return Refusal(
        "texted-against-not-texted",
        f"Not compared: people {groups} with people not {groups}. Who has a working number differs in other ways from who has "
        "none; people are compared as they were assigned.",
    )


def weak_reach(first_stage_f: float | None) -> Refusal | None:
    """No effect on the people reached where the lot hardly says whom a text reaches. None: its strength cannot be told, as where all were reached."""
    if first_stage_f is None or first_stage_f >= FEWEST_F:
        return None
    return Refusal(
        "weak-reach",
        "No effect on the people reached is given: too few were, for the lot to say whom a text reaches "
        f"(first-stage F {first_stage_f:.3g}, and under {FEWEST_F} is weak: Staiger and Stock 1997).",
    )


def beyond_rates(without: float | None) -> Refusal | None:
    """No effect on the people reached that would have them, `without` a text, at a rate that is none."""
    # Where nobody, or everybody, would have had the event, rounding leaves an error of 1e-16 or so.
    if without is None or -1e-9 <= without <= 1 + 1e-9:
        return None
    return Refusal(
        "beyond-rates",
        "No effect on the people reached is given: without a text their rate would have been "
        f"{'under 0%' if without < 0 else 'over 100%'}. Chance between the arms is more than the people reached can explain.",
    )


def small_cell(name: str, hidden: bool, fewest: int) -> Refusal | None:
    """No figure of a subgroup of which a count is hidden."""
    if not hidden:
        return None
    return Refusal(
        "small-cell", f"No figure is given for {name}: a count is under {fewest}, or would give one away."
    )


def causal_words(text: str, randomised: bool) -> Refusal | None:
    """No words of cause about arms that were not assigned at random."""
    found = None if randomised else _CAUSAL.search(text)
    if found is None:
        return None
    return Refusal(
        "causal-words",
        f"The word {found.group(0)!r} claims a cause, and people were not assigned to arms at random.",
    )


def no_effect(ci: tuple[float, float] | None, negligible: float | None) -> Refusal | None:
    """No claim of "no difference" unless the whole interval lies within what the protocol called negligible.

    `ci` and `negligible` are differences of proportions; without a protocol's `negligible`, never.
    """
    if ci is None:
        return Refusal("no-effect", 'Not shown: "no difference". There is no interval to judge it by.')
    if negligible is not None and -negligible <= ci[0] and ci[1] <= negligible:
        return None
    return Refusal(
        "no-effect",
        'Not shown: "no difference". The interval still allows '
        f"{_change(ci[0])} and {_change(ci[1])}, in percentage points.",
    )


def _change(difference: float) -> str:
    return f"{'a fall' if difference < 0 else 'a rise'} of {abs(difference) * 100:.1f}"
