"""What a resident's text is: the table (CONSULTATION §2). Everything that no rule claims is feedback."""

import pytest

from services.consultation.routing import first_word, route

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
