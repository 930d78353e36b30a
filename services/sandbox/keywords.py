"""The words that Twilio itself obeys when a text consists of one of them, and what it answers.

Source: https://help.twilio.com/articles/223134027 (default words and replies for long-code numbers).
"""

from dataclasses import dataclass

STOP, START, HELP = "STOP", "START", "HELP"

_WORDS = {
    **dict.fromkeys(("STOP", "STOPALL", "UNSUBSCRIBE", "END", "QUIT", "CANCEL", "REVOKE", "OPTOUT"), STOP),
    **dict.fromkeys(("START", "UNSTOP", "YES"), START),
    **dict.fromkeys(("HELP", "INFO"), HELP),
}

_REPLIES = {
    STOP: "You have successfully been unsubscribed. You will not receive any more messages from this number. "
    "Reply START to resubscribe.",
    START: "You have successfully been re-subscribed to messages from this number. Reply HELP for help. "
    "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
    HELP: "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
}


@dataclass(frozen=True, slots=True)
class Effect:
    """What the carrier does about a word: `opted_out` is the new state (None: unchanged), `reply` its own text."""

    opted_out: bool | None
    reply: str | None


def keyword(body: str) -> str | None:
    """STOP, START or HELP when the whole text is one of its words, in any case and with space around it.

    >>> keyword(" Stop "), keyword("Please stop"), keyword("yes")
    ('STOP', None, 'START')
    """
    return _WORDS.get(body.strip().upper())


def effect(word: str | None, opted_out: bool) -> Effect:
    """What follows from a keyword, given whether the pair is opted out already.

    A confirmation is sent once a change: a second STOP is silent, and so is a YES (an answer to a question as often
    as a wish to be texted again) from somebody who had never left.
    """
    if word == HELP:
        return Effect(None, _REPLIES[HELP])
    if word is None or (word == STOP) == opted_out:
        return Effect(None, None)
    return Effect(word == STOP, _REPLIES[word])
