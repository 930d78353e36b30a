"""What any text to either service may be before anything else: danger, an opt-out, a way back in, a call for help.

Pure rules over the whole message. An opt-out is always the whole message after trimming punctuation and politeness, so that "Stop speeding on
London Road" stays feedback (CONSULTATION §2, REMINDERS §6).
"""

import re
from dataclasses import dataclass

# Twilio's default words, which its own platform acts on, and START's.
STOP_WORDS = frozenset({"stop", "stopall", "unsubscribe", "end", "quit", "cancel", "revoke", "optout"})
START_WORDS = frozenset({"start", "unstop"})
HELP_WORDS = frozenset({"help", "info"})
POLITE = re.compile(
    r"\b(?:please|pls|plz|thank you|thanks|thank u|thankyou|ty|cheers|ta|now|hi|hello|ok|okay)\b"
)
# Ours: people write a sentence where the carrier knows single words.
STOP_SENTENCES = re.compile(
    r"(?:(?:i )?(?:want to |wish to )?(?:opt ?out|unsubscribe)(?: me)?(?: from (?:this|these|your|the) ?(?:texts?|messages?|list)?)?"
    r"|(?:stop|quit|end|cease) (?:texting|messaging|contacting|sending)(?: me)?(?: (?:these|this|any|your|more)*(?: ?(?:texts?|messages?))?)?"
    r"|(?:stop|end|cancel) (?:these |the |your |all |all these |sending )?(?:texts?|messages?|reminders?|sms)(?: to me)?"
    r"|(?:no|dont send|do not send|dont want|do not want|i dont want|i do not want)(?: me)?(?: any)? more (?:texts?|messages?|reminders?)(?: from you)?"
    r"|(?:dont|do not|never) (?:text|message|contact)(?: me)?(?: again| any ?more)?"
    r"|(?:remove|take) (?:me|my number)(?: off| from)?(?: (?:this|your|the))?(?: (?:list|texts?|messages?))?"
    r"|stop all)"
)

DANGER_ANSWER = (
    "This phone is not watched. In danger now: call 999. Cannot speak: call 999 then press 55. "
    "Need to talk: Samaritans 116 123, free, any time."
)

# Present tense or first person: something is happening to the writer, or they want to die. Never a bare "999" or "101".
DANGER: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "danger-help-me",
        re.compile(r"\b(?:please |pls |someone |somebody |you )?help me\b(?! (?:understand|find out|with))"),
    ),
    (
        "danger-being-hurt",
        re.compile(
            r"\b(?:he|she|they|someone|somebody|my \w+)(?: is|s|'s| are|re|'re) (?:hitting|beating|hurting|attacking|strangling|stabbing|threatening|raping|going to kill|trying to kill|gonna kill|after) me\b"
        ),
    ),
    (
        "danger-intruder",
        re.compile(
            r"\b(?:someone|somebody|a man|men|he|they|intruder|burglar)(?: is|s|'s| are|re|'re)? (?:in|inside|breaking into|trying to get into|outside) my (?:house|home|flat|room|door|garden now)\b"
        ),
    ),
    (
        "danger-weapon",
        re.compile(r"\b(?:he|she|they)(?:'s|s| has| have|'ve)(?: got)? (?:a )?(?:knife|gun|weapon)\b"),
    ),
    (
        "danger-want-to-die",
        re.compile(
            r"\bi (?:want to|wanna|am going to|m going to|'m going to|will|am gonna) (?:die|kill myself|end it all|end my life|hurt myself)\b|\b(?:i'?m |i am )?(?:feeling )?suicidal\b|\bi (?:dont|don't|do not) want to (?:live|be here)(?: any ?more)?\b"
        ),
    ),
    (
        "danger-not-safe",
        re.compile(
            r"\bi(?: am|m|'m) (?:not safe|in danger|scared for my life|being followed|being attacked|bleeding|trapped)\b"
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Understood:
    """What a text is taken for: its kind, the rule's id and the reason in words."""

    kind: str
    rule: str
    because: str


def simplified(text: str) -> str:
    """Lower case, apostrophes and punctuation gone, politeness trimmed, single spaces: what whole-message rules compare."""
    lowered = text.casefold().replace("\u2019", "'").replace("'", "")
    bare = re.sub(r"[^\w ]+", " ", lowered)
    return " ".join(POLITE.sub(" ", bare).split())


def danger(text: str) -> Understood | None:
    """Whether somebody may be in danger now."""
    lowered = " ".join(text.casefold().replace("\u2019", "'").split())
    for rule, pattern in DANGER:
        if pattern.search(lowered):
            return Understood("danger", rule, "present-tense or first-person words of danger")
    return None


def command(text: str, opt_out_type: str | None = None) -> Understood | None:
    """STOP, START or HELP, as the carrier says or as the whole message says."""
    if opt_out_type:
        kind = {"STOP": "opt-out", "START": "opt-in", "HELP": "help"}[opt_out_type]
        return Understood(kind, "carrier-opt-out-type", f"the carrier took it for {opt_out_type}")
    whole = simplified(text)
    squeezed = whole.replace(" ", "")
    if squeezed in STOP_WORDS:
        return Understood("opt-out", "stop-word", "the whole message is a stop word")
    if STOP_SENTENCES.fullmatch(whole):
        return Understood("opt-out", "stop-sentence", "the whole message asks for no more texts")
    if squeezed in START_WORDS:
        return Understood("opt-in", "start-word", "the whole message is START or UNSTOP")
    if squeezed in HELP_WORDS:
        return Understood("help", "help-word", "the whole message is HELP or INFO")
    return None
