"""What a report cannot say, in fixed sentences, and how it was made. Pure."""

from collections.abc import Iterator

from services.consultation import copies
from services.consultation.questionnaire import Questionnaire
from services.consultation.questionnaire_lint import dates

CAVEATS = (
    "Responses do not measure public support. Whoever wished to answer did; nobody drew a sample, so no figure here is a share of"
    " Hertfordshire's residents.",
    "People who answer differ from people who do not. Few answers from a district or an age mean that few were reached, not that few care.",
    "A response may speak of several themes, so the rows of themes add up to more than the people.",
    "District, age and being a victim of crime are as people said themselves; many did not say.",
    "A machine suggests themes and people decide. The share that a person has read stands beside each number; what nobody has read is a"
    " guess.",
    "Stance is towards the theme, in the words that a person read. It is not a vote on the plan.",
    "Language is as a keyword, a form or a file said it. Texts in another language that came without it are counted under the first"
    " language of the questionnaire.",
)
METHOD = (
    "A person is counted once: by the keyed hash of their number, by their receipt or e-mail address, or because a person of the"
    " office found two to be one. In a theme they are counted once too, however often they wrote of it; for and against is unclear.",
    copies.METHOD,
    "Organisations are listed by name. In themes they count as everybody else does.",
    "A tenth of the texts, drawn by lot, is coded by two people who see neither suggestions nor each other's codes. Cohen's kappa says how"
    " far they agree beyond chance: 1 is always, 0 is no more than chance.",
    "Words are printed only of people who agreed, once a person has hidden what could point to somebody and a second has approved it."
    " Those printed are drawn by lot.",
)


def of(questionnaire: Questionnaire) -> list[str]:
    """The caveats of a consultation, those of its own dates last."""
    return [*CAVEATS, *_dates(questionnaire)]


def _dates(questionnaire: Questionnaire) -> Iterator[str]:
    for said in dates(questionnaire):
        yield f"When it was open: {said}."
