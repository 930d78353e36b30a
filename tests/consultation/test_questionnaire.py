"""A questionnaire: what is wrong in it is named with its place; its hash does not depend on how it is written."""

from datetime import date
from typing import Any

import pytest
import yaml

from services.common.times import parse_instant
from services.consultation import questionnaire, questionnaire_lint
from services.consultation.questionnaire import QuestionnaireError
from tests.consultation.post import CONTENT, SAMPLE


def changed(**changes: Any) -> dict[str, Any]:
    """The sample with these changes; None removes, and `texts` are merged."""
    content = CONTENT | changes
    if "texts" in changes:
        content["texts"] = CONTENT["texts"] | changes["texts"]
        content["texts"] = {name: words for name, words in content["texts"].items() if words is not None}
    return {name: value for name, value in content.items() if value is not None or name == "closes"}


def test_the_sample_is_sound_and_no_text_takes_more_than_two_segments() -> None:
    read = questionnaire.parse(questionnaire.read(SAMPLE))
    assert (read.id, read.kind, read.default) == ("plan-2026", "consultation", True)
    assert (read.keywords, read.languages) == ({"PLAN": "en", "CYNLLUN": "cy"}, ("en", "cy"))
    assert (read.opens, read.closes) == (date(2026, 9, 1), date(2026, 9, 30))
    assert [question.fills for question in read.questions] == [
        "district",
        "victim",
        "age_band",
        "may_publish",
        "may_text",
    ]
    costs = list(questionnaire_lint.costs(read))
    assert {one.counted.encoding for one in costs} == {"GSM-7"}
    assert [one.text for one in costs if one.counted.segments > 2] == []
    assert list(questionnaire_lint.warnings(read)) == []
    # In neither language does a text that we send say that somebody is a victim.
    said = [question.ask[one] + question.again[one] for question in read.questions for one in read.languages]
    assert not [words for words in said if "victim" in words.casefold() or "dioddef" in words.casefold()]


@pytest.mark.parametrize(
    ("opens", "closes", "opens_at", "closes_at"),
    [
        ("2026-08-01", "2026-08-31", "2026-07-31T23:00:00+00:00", "2026-08-31T23:00:00+00:00"),
        ("2026-01-01", "2026-01-31", "2026-01-01T00:00:00+00:00", "2026-02-01T00:00:00+00:00"),
        # Over both clock changes.
        ("2026-03-29", "2026-03-29", "2026-03-29T00:00:00+00:00", "2026-03-29T23:00:00+00:00"),
        ("2026-10-25", "2026-10-25", "2026-10-24T23:00:00+00:00", "2026-10-26T00:00:00+00:00"),
        ("2026-09-01", None, "2026-08-31T23:00:00+00:00", None),
    ],
)
def test_it_opens_and_closes_at_midnight_in_london(
    opens: str, closes: str | None, opens_at: str, closes_at: str | None
) -> None:
    read = questionnaire.parse(changed(opens=opens, closes=closes))
    assert read.opens_at == parse_instant(opens_at)
    assert read.closes_at == (parse_instant(closes_at) if closes_at else None)


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (changed(id=None), "id"),
        (changed(id="Plan 2026"), "id"),
        (changed(id="x" * 61), "id"),
        (changed(title=None), "title"),
        (changed(opens=None), "opens"),
        (changed(opens="1 September"), "opens"),
        (changed(closes="2026-08-31"), "it closes before it opens"),
        (changed(closes="soon"), "closes"),
        (changed(keywords=["NO"]), "keywords"),
        (changed(keywords=["TWO WORDS"]), "keywords"),
        (changed(keywords=["PLAN2"]), "keywords"),
        # A word that means something else would never reach the consultation.
        (changed(keywords=["STOP"]), "'STOP' cannot be a keyword"),
        (changed(keywords=["quit"]), "'quit' cannot be a keyword"),
        (changed(keywords=["HELP"]), "'HELP' cannot be a keyword"),
        (changed(keywords=["Start"]), "'Start' cannot be a keyword"),
        (changed(keywords=["REMOVE"]), "'REMOVE' cannot be a keyword"),
        (changed(keywords=["please"]), "'please' cannot be a keyword"),
        (changed(texts={"welcome": None}), "the text 'welcome' is missing"),
        (changed(texts={"late": ""}), "the text 'late' is missing"),
        (changed(texts={"extra": "Hello. STOP to end."}), "there is no text called 'extra'"),
        (changed(texts={"help": "x" * 460}), "texts.en.help: it takes 4 segments"),
        (changed(texts={"help": "ŵ" * 202}), "texts.en.help: it takes 4 segments"),
        # What is filled in counts at its longest.
        (changed(texts={"help": "x" * 453 + "{reference}"}), "it takes 4 segments"),
        (
            changed(texts={"help": "Your ref {ref}"}),
            "nothing is filled in for {ref}; here it can be {title}, {reference}",
        ),
        (changed(texts={"invitation": "{reference}: STOP to end."}), "nothing is filled in for {reference}"),
        (changed(texts={"late": "{page} or STOP"}), "nothing is filled in for {page}"),
        (changed(texts={"welcome": "Thank you."}), "how to STOP"),
        (changed(texts={"welcome": "Thank you. Text UNSTOPPABLE."}), "how to STOP"),
        (changed(texts={"feedback": "{answers} {page} {reference}"}), "the feedback must say how to STOP"),
        (changed(texts={"feedback": "{answers}, ref {reference}. STOP to end."}), "it must have {page}"),
        (changed(surprise=1), "surprise"),
        (changed(default="maybe"), "default"),
    ],
)
def test_what_is_wrong_is_named(content: dict[str, Any], named: str) -> None:
    with pytest.raises(QuestionnaireError) as error:
        questionnaire.parse(content)
    assert named in str(error.value)


@pytest.mark.parametrize(
    "content",
    [
        changed(texts={"help": "x" * 459}),
        changed(texts={"help": "ŵ" * 201}),
        changed(texts={"help": "x" * 452 + "{reference}"}),
        changed(texts={"help": "{title}, {reference}"}),
        changed(texts={"removed": None}),
        changed(closes=None),
        changed(closes="2026-09-01"),
        changed(keywords=[]),
        changed(keywords=["Roads", "PLANNING"]),
    ],
)
def test_what_comes_near_it_and_is_right(content: dict[str, Any]) -> None:
    assert questionnaire.parse(content).id == "plan-2026"


@pytest.mark.parametrize("text", ["", "words", "- 1", "a: [", "\x00"])
def test_what_is_no_questionnaire_at_all(text: str) -> None:
    with pytest.raises(QuestionnaireError):
        questionnaire.read(text)


def test_the_hash_is_of_the_content_not_of_its_writing() -> None:
    backwards = dict(reversed(questionnaire.read(SAMPLE).items()))
    assert questionnaire.digest(backwards) == questionnaire.digest(questionnaire.read(SAMPLE))
    # A day in YAML and the same day as JSON's string are one.
    assert questionnaire.digest(CONTENT) == questionnaire.digest(questionnaire.read(yaml.safe_dump(CONTENT)))
    assert questionnaire.digest(changed(title="Another")) != questionnaire.digest(CONTENT)
