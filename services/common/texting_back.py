"""A person of the office texts back to a text: what it costs, what forbids it, and once for the same words."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from services.common import numbers
from services.common.acts import Refused
from services.common.answers import MOBILE_OR_LONG, ORDINARY, REPLY
from services.common.context import Heed
from services.common.crypto import CryptoError
from services.common.models import Inbound
from services.common.outbox.intentions import Intention, intend
from services.common.segments import count, plain

STEP = "office"
# An answer of the office is not worth nothing after the four hours of an automatic one.
USEFUL_FOR = timedelta(days=1)
SEGMENTS_MOST = 4
# Why a number is not answered by text, and what to do instead.
NOT_ANSWERED = {
    "opted-out": "this number has texted STOP: ring, or wait for START",
    "wrong-number": "this number reached the wrong person: nothing more is texted to it",
    "mobile-invalid": "the carrier says that this number is dead: ring, or write",
}


def text_back(heed: Heed, session: Session, text: Inbound, words: str, now: datetime) -> int:
    """Owe these words to whoever sent the text, at once; their segments. Raises Refused."""
    cost = _cost(words)
    forbidden = numbers.forbidden(session, [text.from_key]).get(text.from_key)
    if forbidden:
        raise Refused(forbidden, NOT_ANSWERED[forbidden])
    sender = _sender(heed, text)
    said = heed.index.of(words, "answer").hex()
    intention = Intention(
        dedupe_key=f"{REPLY}:{text.id}:{STEP}:{said}",
        kind=REPLY,
        subject_id=text.id,
        step=STEP,
        due_at=now,
        useful_until=now + USEFUL_FOR,
        priority=ORDINARY,
        to_key=text.from_key,
        to_enc=heed.cipher.seal(sender, "number"),
        body_enc=heed.cipher.seal(words, "body"),
    )
    if not intend(session, [intention], now):
        raise Refused("already-answered", "these words were sent in answer to this text before")
    return cost


def words_of(heed: Heed, text: Inbound, what: str) -> str | None:
    """The words of a text, None where they are no longer kept. `what` names it in a refusal. Raises Refused."""
    try:
        return heed.cipher.open(text.body_enc, "body").reveal() if text.body_enc else None
    except CryptoError:
        raise Refused("unreadable", f"{what} cannot be decrypted: an encryption key is missing") from None


def _cost(words: str) -> int:
    text = plain(words)
    if not text.strip() or not all(character.isprintable() or character == "\n" for character in text):
        raise Refused("bad-words", "write what to say, in letters, digits and signs")
    cost = count(text).segments
    if cost > SEGMENTS_MOST:
        raise Refused("too-long", f"that takes {cost} segments: say it in {SEGMENTS_MOST}, or ring")
    return cost


def _sender(heed: Heed, text: Inbound) -> str:
    try:
        sender = heed.cipher.open(text.from_enc, "number").reveal()
    except CryptoError:
        raise Refused("unreadable", "the number cannot be decrypted: an encryption key is missing") from None
    if not MOBILE_OR_LONG.fullmatch(sender):
        raise Refused(
            "no-answer-possible", "this text came from a short code or a name, which cannot be texted"
        )
    return sender
