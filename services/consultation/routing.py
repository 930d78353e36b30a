"""What a resident's text is: the first rule that fits, with its id and its reason (CONSULTATION §2). Pure.

The rules are data: those of danger and of STOP, START and HELP are shared (common), the others stand in `data/routing_rules.yaml`. What
no rule claims is feedback: nothing a resident writes is discarded.
"""

from collections.abc import Collection

from services.common.text_rules import Understood, first, reading, rules, simplified
from services.common.understanding import command, danger
from services.consultation.questions import Question, read

RULES = rules("services.consultation", "routing_rules.yaml")
COMMANDS = tuple(rule for rule in RULES if rule.kind in ("opt-out", "command"))
SAFEGUARDING = tuple(rule for rule in RULES if rule.kind == "safeguarding")
# What a person must also see to, and what is an answer all the same where a question asked for any words.
CONCERNS = tuple(rule for rule in RULES if rule.kind in ("crime-report", "complaint", "question"))
EVERYTHING_ELSE = Understood(
    "feedback", "everything-else", "no rule above fits: every other text is feedback"
)
TYPO_FROM = 5  # letters: one typo in a keyword this long is forgiven


def route(
    text: str,
    opt_out_type: str | None = None,
    keywords: Collection[str] = (),
    question: Question | None = None,
) -> Understood:
    """Take a text for what it is; `question` is the one that is open to its sender, `keywords` are in capitals."""
    read_as = reading(text)
    return (
        danger(text)
        or command(text, opt_out_type)
        or first(COMMANDS, read_as)
        or first(SAFEGUARDING, read_as)
        or _answer(text, question)
        or concern(text)
        or _keyword(text, keywords)
        or EVERYTHING_ELSE
    )


def concern(text: str) -> Understood | None:
    """Whether a person should see to it, besides its being a view."""
    return first(CONCERNS, reading(text))


def _answer(text: str, question: Question | None) -> Understood | None:
    found = read(question, text) if question else None
    if question is None or found is None:
        return None
    if found.skipped:
        return Understood("answer", "answer-skip", f"it skips the open question {question.id}")
    return Understood("answer", f"answer-{question.kind}", f"it answers the open question {question.id}")


def _keyword(text: str, keywords: Collection[str]) -> Understood | None:
    named = keyword(text, keywords)
    if named is None:
        return None
    return Understood("feedback", "keyword", f"it begins with the consultation's keyword {named}")


def keyword(text: str, keywords: Collection[str]) -> str | None:
    """The keyword that the text begins with; from five letters on with one letter wrong, missing, too many or swapped."""
    word = first_word(text)
    if word in keywords:
        return word
    near = [one for one in keywords if len(one) >= TYPO_FROM and _one_typo(word, one)]
    return near[0] if len(near) == 1 else None


def _one_typo(word: str, right: str) -> bool:
    """Whether one letter changed, added, dropped or swapped with its neighbour makes `right` of `word`."""
    if abs(len(word) - len(right)) > 1:
        return False
    start = 0
    while start < min(len(word), len(right)) and word[start] == right[start]:
        start += 1
    rest, wanted = word[start:], right[start:]
    return (
        rest[1:] == wanted[1:]
        or rest == wanted[1:]
        or rest[1:] == wanted
        or (rest[1:2] + rest[:1] == wanted[:2] and rest[2:] == wanted[2:])
    )


def first_word(text: str) -> str:
    """The word that may be a consultation's keyword, in capitals, politeness and punctuation trimmed."""
    return simplified(text).split(" ", 1)[0].upper()


def without_keyword(text: str, keywords: Collection[str]) -> str:
    """The words after the keyword, if the text begins with one."""
    whole = simplified(text)
    return whole.partition(" ")[2] if keyword(text, keywords) else whole
