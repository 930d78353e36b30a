"""What a report will not say, one rule a function: each answers None, or the refusal with its reason."""

import re
from dataclasses import dataclass

FEWEST_FOR_A_RATE = 30

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


def rate_on_few(arm: str, n: int) -> Refusal | None:
    """No rate on fewer than 30 people: one person would move it by more than three points."""
    if n >= FEWEST_FOR_A_RATE:
        return None
    return Refusal(
        "few-people",
        f"No rate is given for {arm}: {n} people have a known outcome, fewer than {FEWEST_FOR_A_RATE}.",
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
