"""Which kind of reply a text is: a table (REMINDERS §6)."""

import pytest

from services.reminders.replies import understand

STOPS = [
    *("STOP", "STOPALL", "UNSUBSCRIBE", "END", "QUIT", "CANCEL", "REVOKE", "OPTOUT"),
    *("stop", "Stop.", " stop ", "STOP!!!", "stop all", "opt out", "Opt-out"),
    *("stop please", "Please stop", "pls stop", "Stop. Thank you", "stop thanks", "STOP NOW", "ok stop"),
    *("stop texting me", "Stop messaging me please", "don't text me", "Don\u2019t text me again"),
    *("no more texts", "remove me", "take me off this list", "I want to opt out"),
]
WRONGS = [
    *("WRONG", "wrong", "Wrong.", "WRONG NUMBER", "wrong number", "Wrong number!!", "wrong person"),
    *(
        "this is the wrong number",
        "You have the wrong number",
        "You've got the wrong number",
        "its a wrong number",
    ),
    *("Sorry wrong number", "sorry, you have the wrong person", "I think you have the wrong number"),
    *("not me", "Not me.", "that\u2019s not me", "this is not me", "This isn't me", "NOT ME"),
    *("I am not him", "i'm not this person", "I don't know her", "I don\u2019t know who this is"),
    *("Hi, wrong number", "wrong number thanks", "Wrong number, please stop"),
]
PLANS = [
    *("10am", "9", "9.15", "9:15", "9.15am", "8:30 am", "at 9", "about 8.45", "around 9am", "by 10", "0930"),
    *("leave at 8", "leaving at 8.30am", "9 o'clock", "9pm"),
    *("yes", "YES", "Yes.", "y", "yep", "ok", "OK", "Ok thanks", "thanks", "Thank you!", "will do", "k"),
    *("got it", "see you then", "fine", "sure", "ok will do thanks", "cheers"),
]
HELPS = ["HELP", "help", "Info", "help please", "HELP!"]
STARTS = ["START", "start", "Unstop", "start please"]
DANGERS = [
    "help me",
    "Please help me he's going to kill me",
    "he is hitting me",
    "someone is in my house",
    "I want to die",
    "I am not safe",
    "he's got a knife",
]
FOR_A_PERSON = [
    *("no", "Who is this?", "who is this", "what court?", "I can't make it", "im in hospital that day"),
    *("Can I stop by the court tomorrow?", "stop the case", "I will not stop", "cancel my hearing"),
    *("10am?", "is it 10am", "yes?", "ok?", "?", "???", "what time", "help with my case", "12345"),
    *("What is the wrong with you", "This is the wrong court", "I start work at 9", "wrong date"),
    *("25am then 26pm", "hello", "Hi", "please", "now", "", " ", "\u00a0"),
]


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        *(("opt-out", words) for words in STOPS),
        *(("wrong-number", words) for words in WRONGS),
        *(("plan-answer", words) for words in PLANS),
        *(("help", words) for words in HELPS),
        *(("opt-in", words) for words in STARTS),
        *(("danger", words) for words in DANGERS),
        *(("message", words) for words in FOR_A_PERSON),
    ],
)
def test_what_a_text_is(kind: str, words: str) -> None:
    understood = understand(words, None)
    assert understood.kind == kind
    assert understood.rule
    assert understood.because


@pytest.mark.parametrize(
    ("words", "opt_out_type", "kind", "rule"),
    [
        ("STOP", "STOP", "opt-out", "carrier-opt-out-type"),
        # The carrier's own word decides, whatever the text says: it has acted on it already.
        ("Arret", "STOP", "opt-out", "carrier-opt-out-type"),
        ("YES", "START", "opt-in", "carrier-opt-out-type"),
        ("YES", None, "plan-answer", "plan-answer"),
        ("INFO", "HELP", "help", "carrier-opt-out-type"),
        # Nothing comes before danger.
        ("stop he's hitting me", "STOP", "danger", "danger-being-hurt"),
    ],
)
def test_the_carriers_word_wins_and_danger_wins_over_it(
    words: str, opt_out_type: str | None, kind: str, rule: str
) -> None:
    understood = understand(words, opt_out_type)
    assert (understood.kind, understood.rule) == (kind, rule)
