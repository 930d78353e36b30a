"""What any text to either service may be before anything else: danger, an opt-out, a way back in, a call for help.

Pure rules over the whole message. An opt-out is always the whole message after trimming punctuation and politeness, so that "Stop speeding on
London Road" stays feedback (CONSULTATION §2, REMINDERS §6).
"""

import re
import unicodedata
from dataclasses import dataclass

# Twilio's default words, which its own platform acts on, and START's.
STOP_WORDS = frozenset({"stop", "stopall", "unsubscribe", "end", "quit", "cancel", "revoke", "optout"})
START_WORDS = frozenset({"start", "unstop"})
HELP_WORDS = frozenset({"help", "info"})
POLITE = re.compile(
    r"\b(?:please|pls|plz|thank you|thanks|thank u|thankyou|thx|ty|cheers|ta|now|hi|hello|ok|okay|x+)\b"
)


def _either(*sentences: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{sentence})" for sentence in sentences))


# Ours: people write a sentence where the carrier knows single words. Each is held to the whole message, simplified.
_TEXTS = r"(?:texts?|text messages?|messages?|sms|reminders?)"
_ASK = r"(?:no )?(?:(?:can|could|will|would) (?:you|u) )?(?:just )?"
_WHICH = r"(?:(?:these|this|the|those|your|my|all|any|more|further|sending) )*"
_ME = r"(?:me|us|this number|my (?:number|phone|mobile))"
_AGAIN = r"(?: (?:again|any ?more|ever again))?"
_I_DO_NOT_WANT = r"(?:i )?(?:dont|do not|no longer) (?:want|wish|need)(?: to (?:get|receive|have))?"
STOP_SENTENCES = _either(
    r"(?:no )?stop(?: stop)*(?: (?:all|it|this))?",
    rf"{_ASK}(?:stop|quit|end|cease) (?:texting|messaging|contacting|bothering)(?: {_ME})?(?: {_WHICH}{_TEXTS})?{_AGAIN}",
    rf"{_ASK}(?:stop|quit|end|cease) sending(?: me| us)?(?: (?:these|this|them|more|any more))?(?: {_WHICH}{_TEXTS})?(?: to {_ME})?{_AGAIN}",
    rf"{_ASK}(?:stop|end|cancel) {_WHICH}{_TEXTS}(?: to {_ME})?",
    rf"no (?:more )?{_TEXTS}(?: from you)?",
    rf"{_I_DO_NOT_WANT} {_WHICH}{_TEXTS}(?: from you)?{_AGAIN}",
    rf"{_I_DO_NOT_WANT} to be (?:texted|messaged|contacted){_AGAIN}",
    rf"(?:dont|do not|never) (?:text|message|contact)(?: {_ME})?{_AGAIN}",
    rf"(?:dont|do not) send(?: me| us)?(?: any| more| these)*(?: {_TEXTS})?{_AGAIN}",
    rf"{_ASK}(?:remove|delete) {_ME}(?: (?:off|from)(?: (?:this|your|the|these|all))?(?: (?:list|system|database|{_TEXTS}))?)?",
    rf"{_ASK}take {_ME} off(?: (?:this|your|the|these|all))?(?: (?:list|system|database|{_TEXTS}))?",
    rf"(?:(?:i )?(?:want|wish|would like|need) to |id like to )?(?:opt(?: me)? ?out|unsubscribe|unsub)(?: me)?(?: (?:of|from)(?: (?:this|these|your|the|all))?(?: (?:list|service|{_TEXTS}))?)?",
    r"leave me alone",
)

DANGER_ANSWER = (
    "This phone is not watched. In danger now: call 999. Cannot speak: call 999 then press 55. "
    "Need to talk: Samaritans 116 123, free, any time."
)

# Present tense or first person: something is happening to the writer or beside them, or they want to die. Never a bare "999" or "101",
# and never what "help", "kill", "trapped" or "a knife" mean in a complaint. Patterns read lower case without apostrophes ("he's" is "hes").
_END = r"(?=$|[.!?,;])"
_TODAY = rf"(?:{_END}| (?:now|today|tonight)\b)"
_WHO = r"(?:he|she|they|someone|somebody|(?:a|some|this) (?:man|woman|stranger)|men|my \w+)"
_IS = r"(?: is| are|s|re)"
_NEAR_ME = (
    r"(?:me|us|her|my (?:mum|mam|mom|mother|dad|father|son|daughter|sister|brother|wife|husband|partner"
    r"|girlfriend|boyfriend|child|children|kids?|baby|friend|mate))"
)
_HURTING = r"(?:hitting|beating|punching|kicking|hurting|attacking|strangling|choking|stabbing|threatening|raping|after)"
_HURT = r"(?:kill|hurt|hit|beat|stab|shoot|rape|strangle)"
_HAS_HURT = r"(?:hit|beaten|punched|hurt|attacked|stabbed|strangled|raped)"
_HOME = r"my (?:house|home|flat|room|bedroom|kitchen|bathroom|garden)\b(?! (?:town|area|road|street|city))"
_WEAPON = r"(?:a |an )?(?:knife|knives|gun|machete|axe|weapon)\b(?! (?:bin|licen[cs]e|crime|amnesty|problem|shop|culture))"
DANGER: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "danger-help-me",
        re.compile(
            r"(?:^|[.!?,;] |\b(?:please|pls|plz|someone|somebody) )(?<!can someone )(?<!could someone )help me"
            rf"(?:{_END}| (?:please|pls|plz|now|quick|hes?|shes?|theyre|they are|someone|somebody|theres|im (?:being|bleeding|trapped|scared)))"
        ),
    ),
    (
        "danger-being-hurt",
        _either(
            rf"\b{_WHO}(?:{_IS}| keeps| wont stop) {_HURTING} {_NEAR_ME}\b(?! with (?:a )?(?:fine|evict|court|legal|bailiff|letter))",
            rf"\b{_WHO}(?:{_IS})? (?:going to|gonna|trying to|about to|threatening to) {_HURT} {_NEAR_ME}{_TODAY}",
            rf"\b{_WHO} (?:says|said) (?:he|she|they)(?:{_IS}|ll| will| would)? (?:going to |gonna )?{_HURT} {_NEAR_ME}{_TODAY}",
            rf"\b{_WHO}(?: has| have|s|ve)? just {_HAS_HURT} {_NEAR_ME}\b",
            r"\b(?:im|i am|we are) being (?:attacked|chased|beaten|strangled|held|followed(?! up)|stalked)\b(?! by (?:the|your|my) (?:council|team|bank))",
        ),
    ),
    (
        "danger-intruder",
        _either(
            rf"\b(?:theres|there is) (?:someone|somebody|an? (?:man|stranger|intruder|burglar)) (?:in|inside|outside) {_HOME}",
            rf"\b(?:{_WHO}|burglars?|an intruder|intruders){_IS} (?:in|inside) {_HOME}",
            r"^(?:help )?someone in my (?:house|home|flat)(?: now)?$",
            rf"\b(?:he|she|my ex(?: \w+)?){_IS} outside my (?:house|home|flat|door|window)\b",
            rf"\b{_WHO}{_IS} outside my (?:front |back )?(?:door|window)\b(?! (?:every|all the time|most))",
            rf"\b(?:{_WHO}|burglars?){_IS} (?:trying to (?:get|break)|getting|breaking) in(?:{_END}| now\b|to {_HOME})",
            rf"\b{_WHO}{_IS} (?:banging on|kicking|kicking in|kicking down|breaking|smashing) my (?:front |back )?(?:door|windows?)\b",
        ),
    ),
    (
        "danger-weapon",
        _either(
            rf"\b(?:he|she|they|someone|somebody|a man)(?: has| have|s|ve)(?: got)? {_WEAPON}",
            rf"\b(?:theres|there is) (?:a|some) (?:man|boy|lad|guy|person|one) (?:here |outside )?with {_WEAPON}",
            rf"\b(?:someone|somebody|a man) with {_WEAPON} (?:outside|here|in my)\b",
        ),
    ),
    (
        "danger-want-to-die",
        _either(
            r"(?:^|[.!?,;] |\bi(?: just| really)? )(?:want to|wanna|wish to) (?:die|be dead|end it all|end my life|take my (?:own )?life|kill myself|hurt myself|harm myself)\b",
            r"\b(?:going to|gonna|about to|thinking of|thinking about) (?:kill|killing|hang|hanging|hurt|hurting|harm|harming) myself\b",
            r"\b(?:im|i am|i feel|im feeling|i am feeling|feeling)(?: so| very| really)? suicidal\b",
            rf"\bi (?:dont|do not) (?:want|wanna)(?: to)? (?:live|be alive|be here|wake up|go on)(?: any ?more)?{_END}",
            rf"\bi cant go on(?: any ?more| like this)?{_END}",
            r"\b(?:ive|i have|i)(?: just)? (?:taken|took) (?:an overdose|(?:all|too many)(?: of)?(?: the| my)? (?:pills|tablets))\b",
        ),
    ),
    (
        "danger-not-safe",
        _either(
            rf"\b(?:im|i am|we are) (?:not safe|in danger|bleeding|trapped)(?:{_END}| (?:now|here|at home|please|help|hes?|shes?|they)\b)",
            r"\b(?:im|i am|we are) hiding (?:in|from) (?:the|my|him|her|them)\b",
            rf"\bscared for my life(?:{_END}| (?:now|please|help|hes?|shes?|they)\b)",
        ),
    ),
    (
        "danger-send-help",
        _either(
            r"(?:^|[.!?,;] |\b(?:please|pls|plz|someone|somebody) )(?:send|call|get|ring)(?: the| an)? (?:police|ambulance|help)(?: (?:now|quick|quickly|here|asap|please))*(?=[.!]*$)",
            rf"\bi need(?: the| an)? (?:police|ambulance)(?: (?:here|now|quick|quickly|asap|urgently))+{_END}",
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
    bare = re.sub(r"[\W_]+", " ", _lowered(text))
    return " ".join(POLITE.sub(" ", bare).split())


def _lowered(text: str) -> str:
    """Lower case in its plain form (full-width letters too), apostrophes gone."""
    return unicodedata.normalize("NFKC", text).casefold().replace("\u2019", "").replace("'", "")


def danger(text: str) -> Understood | None:
    """Whether somebody may be in danger now."""
    lowered = " ".join(_lowered(text).split())
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
