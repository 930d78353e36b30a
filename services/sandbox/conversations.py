"""What the pages show: handsets with their latest text, and one handset's conversation. Nothing here draws."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from services.common.segments import count
from services.sandbox import labels
from services.sandbox.config import Config
from services.sandbox.messages import CARRIER, INBOUND, OUTBOUND_API, Message
from services.sandbox.state import State

HANDSETS_A_PAGE = 40
TEXTS_A_PAGE = 100
SNIPPET = 90


@dataclass(frozen=True, slots=True)
class Row:
    """A handset in the list."""

    number: str
    label: str
    snippet: str
    from_handset: bool
    sender: str
    when: str
    status: str
    bad_news: bool
    texts: int


@dataclass(frozen=True, slots=True)
class HandsetList:
    """One page of handsets, and how many there are that fit the filter."""

    rows: tuple[Row, ...]
    found: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Bubble:
    """A text in a conversation."""

    seq: int
    from_handset: bool
    from_carrier: bool
    sender: str
    body: str
    when: str
    status: str
    bad_news: bool
    segments: int
    counted: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A text that was asked for and never accepted, and how often."""

    body: str
    requests: int


@dataclass(frozen=True, slots=True)
class Conversation:
    """A handset's texts, oldest first. `earlier` is the sequence number to ask below for older ones; `reply_to` the
    sender that a reply would go to; `opted_out` the names of senders that this handset has stopped."""

    number: str
    label: str
    bubbles: tuple[Bubble, ...]
    earlier: int | None
    reply_to: str | None
    opted_out: tuple[str, ...]
    refused: tuple[Refused, ...]


def sender_label(config: Config, address: str) -> str:
    """ "Reminders (07700 900 001)" for a sender that the carrier knows, else its address."""
    sender, written = config.sender(address), labels.number_label(address)
    if sender is None or sender.name == written:
        return written
    return f"{sender.name} ({written})"


def handsets(config: Config, state: State, words: str, page: int) -> HandsetList:
    """Handsets whose number or texts hold these words (any case; spaces do not matter in numbers), latest first."""
    found = [(number, texts) for number, texts in state.handsets() if _fits(number, texts, words)]
    pages = max(1, -(-len(found) // HANDSETS_A_PAGE))
    page = min(max(page, 1), pages)
    shown = found[(page - 1) * HANDSETS_A_PAGE : page * HANDSETS_A_PAGE]
    return HandsetList(tuple(_row(config, *handset) for handset in shown), len(found), page, pages)


def conversation(config: Config, state: State, number: str, below: int | None) -> Conversation:
    """The latest texts of a handset, or the latest below a sequence number."""
    texts = list(state.by_handset.get(number, []))
    older = [text for text in texts if below is None or text.seq < below]
    shown = older[-TEXTS_A_PAGE:]
    return Conversation(
        number=number,
        label=labels.number_label(number),
        bubbles=tuple(_bubble(config, state, text) for text in shown),
        earlier=shown[0].seq if len(older) > len(shown) else None,
        reply_to=_reply_to(config, reversed(texts)),
        opted_out=tuple(
            sender_label(config, sender)
            for sender, stopped in sorted(state.opt_outs.copy())
            if stopped == number
        ),
        refused=tuple(
            Refused(body, times)
            for body, times in state.refused.get(number, Counter()).copy().items()
            if not state.accepts(number, body)
        ),
    )


def _fits(number: str, texts: list[Message], words: str) -> bool:
    needle = words.strip().casefold()
    if not needle:
        return True
    digits = needle.replace(" ", "")
    if digits in number or digits in labels.number_label(number).replace(" ", "").casefold():
        return True
    return any(needle in text.body.casefold() for text in texts)


def _row(config: Config, number: str, texts: list[Message]) -> Row:
    latest = texts[-1]
    sender = config.sender(latest.counterpart)
    body = " ".join(latest.body.split())
    return Row(
        number=number,
        label=labels.number_label(number),
        snippet=body if len(body) <= SNIPPET else body[: SNIPPET - 1].rstrip() + "…",
        from_handset=latest.direction == INBOUND,
        sender=sender.name if sender else labels.number_label(latest.counterpart),
        when=labels.time_label(latest.shown_at),
        status=labels.status_label(latest),
        bad_news=labels.is_bad_news(latest),
        texts=len(texts),
    )


def _bubble(config: Config, state: State, text: Message) -> Bubble:
    return Bubble(
        seq=text.seq,
        from_handset=text.direction == INBOUND,
        from_carrier=text.direction == CARRIER,
        sender=sender_label(config, text.counterpart),
        body=text.body,
        when=labels.time_label(text.shown_at),
        status=labels.status_label(text),
        bad_news=labels.is_bad_news(text),
        segments=count(text.body).segments,
        counted=_counted(state, text),
    )


def _counted(state: State, text: Message) -> str:
    """How often the API was asked for this text, and how often it took it."""
    if text.direction != OUTBOUND_API:
        return ""
    accepted = state.accepts(text.to, text.body)
    requests = accepted + state.refusals(text.to, text.body)
    return f"{requests} request{'s' if requests != 1 else ''}, {accepted} accepted"


def _reply_to(config: Config, latest_first: Iterable[Message]) -> str | None:
    """The sender of the latest text, if it takes replies; else the first that does."""
    for text in islice(latest_first, 1):
        sender = config.sender(text.counterpart)
        if sender is not None and sender.takes_replies:
            return sender.address
    return next((sender.address for sender in config.senders if sender.takes_replies), None)
