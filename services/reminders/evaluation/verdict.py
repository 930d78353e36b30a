"""The verdict of a pilot, in words fixed by rule: fewer, more, inconclusive or exploratory."""

from dataclasses import dataclass
from enum import StrEnum

from services.reminders.evaluation.power import Detectable
from services.reminders.evaluation.two_by_two import Interval, excludes_zero


class Word(StrEnum):
    """The four verdicts a pilot can have."""

    FEWER = "fewer"
    MORE = "more"
    INCONCLUSIVE = "inconclusive"
    EXPLORATORY = "exploratory"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a verdict stands on: the primary difference (treated less control, as a proportion) and its interval.

    `level` is the interval's, from this look's own boundary; `did` the outcome in the past tense ("did not
    attend"); `detectable` what this pilot's size could have found; `exploratory` why no verdict can be given
    (a clause that follows a colon), None where one can; `compared` how the design compares, as a participle.
    """

    treated: str
    control: str
    did: str
    difference: float | None
    ci: Interval | None
    level: float
    randomised: bool
    detectable: Detectable
    exploratory: str | None = None
    compared: str = "compared within courts"


def word(ci: Interval | None, exploratory: bool) -> Word:
    """Exploratory where the protocol does not carry a verdict; else by where the interval lies; none is inconclusive."""
    if exploratory:
        return Word.EXPLORATORY
    if ci is None or not excludes_zero(ci):
        return Word.INCONCLUSIVE
    return Word.FEWER if ci[1] < 0 else Word.MORE


def sentence(finding: Finding) -> str:
    """The verdict as the reader sees it, with a word of cause only where assignment was random."""
    chosen = word(finding.ci, finding.exploratory is not None)
    parts = [f"{chosen.capitalize()}: {finding.exploratory or _difference(finding)}."]
    if chosen is Word.INCONCLUSIVE:
        parts.append(detectable_sentence(finding.detectable))
    elif chosen is not Word.EXPLORATORY:
        parts.append(reason_sentence(finding.randomised, finding.treated))
    return " ".join(parts)


def detectable_sentence(found: Detectable) -> str:
    """The smallest fall and rise that the pilot's size could have found, in percentage points."""
    if found.fall is None and found.rise is None:
        return "A pilot of this size could not have detected a change of any size."
    fall = "no fall, however large," if found.fall is None else f"a fall of {found.fall * 100:.1f} points"
    rise = "no rise, however large" if found.rise is None else f"a rise of {found.rise * 100:.1f} points"
    return f"A pilot of this size could have detected (with 80% power) {fall} or {rise}."


def reason_sentence(randomised: bool, treated: str) -> str:
    """Whether the difference may be called an effect."""
    if randomised:
        return f"People were assigned at random, so this is an effect of being assigned to arm {treated}."
    return "People were not assigned at random, so this does not show why the arms differ."


def _difference(finding: Finding) -> str:
    if finding.difference is None or finding.ci is None:
        return f"no difference between arm {finding.treated} and arm {finding.control} can be estimated"
    low, high = (bound * 100 for bound in finding.ci)
    points = finding.difference * 100
    return (
        f"the share who {finding.did} was {abs(points):.1f} percentage points {'higher' if points > 0 else 'lower'} "
        f"in arm {finding.treated} than in arm {finding.control}, {finding.compared} "
        f"({finding.level * 100:.4g}% interval {low:+.1f} to {high:+.1f})"
    )
