"""What a resident's text is: the table (CONSULTATION §2). Everything that no rule claims is feedback."""

import pytest

from services.common.text_rules import Rule
from services.consultation.questionnaire import parse
from services.consultation.routing import RULES, first_word, keyword, route
from tests.consultation.post import FULL
from tests.support.written import comments, written

STOPS = ["STOP", "stop.", "Stop. Thank you", "STOPALL", "unsubscribe", "End", "quit", "CANCEL", "opt out", "pls stop",
         "stop texting me", "Please stop texting me", "no more texts"]  # fmt: skip
FEEDBACK = [
    "Stop speeding on London Road",
    "we must STOP this bill",
    "End the cuts",
    "Cancel the closure of the station",
    "Quit closing police stations please",
    "Help is never there when you ring 101",
    "Information boards at the station are out of date",
    "start listening to us",
    "I rang 999 and waited 40 minutes",
    "101 is hopeless",
    "999 was great thank you",
    "Remove the bollards in the high street",
    "More police on the beat. They stop crime",
    "ok thanks",
    "?",
    "",
    "\U0001f44d",
    "Więcej policji na ulicach",
    "x" * 1600,
]


@pytest.mark.parametrize(
    ("kind", "rule", "words"),
    [
        *(("opt-out", None, words) for words in STOPS),
        *(("feedback", "everything-else", words) for words in FEEDBACK),
        ("opt-in", "start-word", "START"),
        ("opt-in", "start-word", "unstop please"),
        ("help", "help-word", "HELP"),
        ("help", "help-word", "info"),
        ("command", "remove", "REMOVE"),
        ("command", "remove", "Remove please."),
        ("command", "remove", "withdraw"),
        ("danger", "danger-help-me", "help me"),
        ("danger", "danger-intruder", "Someone is in my house"),
        ("danger", "danger-want-to-die", "I want to die"),
        ("danger", "danger-want-to-die", "kill myself"),
        ("danger", "danger-want-to-die", "Suicidal."),
        ("danger", "danger-being-hurt", "being raped"),
        ("danger", "danger-being-hurt", "stop he's hitting me"),
        ("feedback", "keyword", "PLAN more police"),
        ("feedback", "keyword", "plan: more police"),
        ("feedback", "keyword", "Plan"),
        ("feedback", "keyword", "please PLAN for more police"),
        ("feedback", "keyword", "PLAN\nmore police"),
        ("feedback", "everything-else", "The plan is good"),
        ("feedback", "everything-else", "PLANNING is slow"),
        # A keyword before words of danger does not hide them.
        ("danger", "danger-intruder", "PLAN someone is in my house"),
    ],
)
def test_what_a_text_is(kind: str, rule: str | None, words: str) -> None:
    taken = route(words, keywords={"PLAN"})
    assert taken.kind == kind
    assert rule in (None, taken.rule)
    assert taken.because


@pytest.mark.parametrize(
    ("words", "said", "kind"),
    [
        ("Arret", "STOP", "opt-out"),
        ("yes", "START", "opt-in"),
        ("yes", None, "feedback"),
        ("INFO", "HELP", "help"),
    ],
)
def test_the_carriers_own_word_wins(words: str, said: str | None, kind: str) -> None:
    assert route(words, said).kind == kind


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("Plan: more", "PLAN"),
        ("  plan", "PLAN"),
        ("", ""),
        ("...", ""),
        ("Hi, plan", "PLAN"),
        ("PLAN\nx", "PLAN"),
    ],
)
def test_the_first_word(words: str, first: str) -> None:
    assert first_word(words) == first


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_takes_its_examples_and_not_its_counter_examples(rule: Rule) -> None:
    assert rule.because and len(rule.examples) >= 2 and len(rule.counter_examples) >= 2
    for text in rule.examples:
        taken = route(text)
        assert (taken.kind, taken.rule) == (rule.kind, rule.id), text
    for text in rule.counter_examples:
        assert route(text).rule != rule.id, text


def test_every_written_opt_out_is_caught_and_no_real_comment_is_eaten() -> None:
    stops = written("opt_outs.txt")
    assert len(set(stops)) >= 60
    assert [text for text in stops if route(text).kind != "opt-out"] == []
    kinds = {"opt-out", "opt-in", "help", "command", "answer"}
    assert [text for text in comments() if route(text).kind in kinds] == []


QUESTIONS = {question.id: question for question in parse(FULL).questions}


@pytest.mark.parametrize(
    ("words", "question", "kind", "rule"),
    [
        ("AL1 3JE", "district", "answer", "answer-postcode"),
        ("Hemel", "district", "answer", "answer-postcode"),
        ("s", "district", "answer", "answer-skip"),
        ("Skip please", "victim", "answer", "answer-skip"),
        ("Y", "victim", "answer", "answer-choice"),
        ("yes I have", "victim", "answer", "answer-choice"),
        ("2", "victim", "answer", "answer-choice"),
        ("naddo", "victim", "answer", "answer-choice"),
        ("ok", "publish", "answer", "answer-choice"),
        ("over 65", "age", "answer", "answer-choice"),
        # What comes first in the order, and what does not fit.
        ("STOP", "district", "opt-out", "stop-word"),
        ("he's hitting me", "district", "danger", "danger-being-hurt"),
        ("REMOVE", "victim", "command", "remove"),
        ("HELP", "age", "help", "help-word"),
        ("No more police please", "victim", "feedback", "everything-else"),
        ("The A10 in Ware is dangerous at night for everybody", "district", "feedback", "everything-else"),
        ("maybe", "victim", "feedback", "everything-else"),
        ("yes", None, "feedback", "everything-else"),
        ("St Albans", None, "feedback", "everything-else"),
    ],
)
def test_an_answer_is_one_only_to_the_question_that_is_open(
    words: str, question: str | None, kind: str, rule: str
) -> None:
    taken = route(words, question=QUESTIONS[question] if question else None)
    assert (taken.kind, taken.rule) == (kind, rule)


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("ROADS fix them", "ROADS"), ("Raods fix them", "ROADS"), ("roods", "ROADS"), ("road fix it", "ROADS"),
        ("roadss", "ROADS"), ("oads", "ROADS"), ("rodas", "ROADS"), ("raosd", None), ("PLAN", "PLAN"), ("PLAM", None),
        ("plans are good", None), ("broads", "ROADS"), ("", None),
    ],
)  # fmt: skip
def test_one_typo_in_a_keyword_of_five_letters(words: str, named: str | None) -> None:
    assert keyword(words, {"ROADS", "PLAN"}) == named
