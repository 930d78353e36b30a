"""What tests ask of the carrier's memory: the texts, and the count that is the truth in every test of faults."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from services.common.segments import count
from services.sandbox.messages import OUTBOUND_API, Message
from services.sandbox.state import State


def listed(state: State, filters: Mapping[str, str], since: int, limit: int | None) -> dict[str, Any]:
    """{"messages": [...], "last": sequence number to ask on from, "more": whether `limit` cut the list}."""
    texts = state.messages[since:]
    for name, attribute in (("to", "to"), ("from", "sender"), ("direction", "direction")):
        if filters.get(name):
            texts = [text for text in texts if getattr(text, attribute) == filters[name]]
    shown = texts if limit is None else texts[: max(limit, 0)]
    more = len(shown) < len(texts)
    counts = _counts(shown, state)
    return {
        "messages": [_row(text, counts) for text in shown],
        "last": (shown[-1].seq if shown else since) if more else max(since, len(state.messages)),
        "more": more,
    }


def accepted(state: State, to: str | None) -> dict[str, Any]:
    """{"accepted": all, "distinct": (to, body) pairs, "doubled": pairs accepted more than once, "counts": all pairs,
    "refused": pairs that were asked for and never accepted}; a pair is {"to", "body", "requests", "accepted", "sids"}, where
    `requests` counts every POST that asked for it, answered well or not."""
    texts = state.by_to.get(to, []) if to else state.messages
    sids: dict[tuple[str, str], list[str]] = {}
    for text in texts:
        if text.direction == OUTBOUND_API:
            sids.setdefault((text.to, text.body), []).append(text.sid)
    pairs = {pair: _pair(state, pair, found) for pair, found in sids.items()}
    refused = {to: state.refused.get(to, Counter())} if to else state.refused.copy()
    return {
        "accepted": sum(len(found) for found in sids.values()),
        "distinct": len(pairs),
        "doubled": [pairs[pair] for pair, found in sids.items() if len(found) > 1],
        "counts": list(pairs.values()),
        "refused": [
            _pair(state, (number, body), [])
            for number, bodies in refused.items()
            for body in bodies.copy()
            if (number, body) not in pairs
        ],
    }


def _pair(state: State, pair: tuple[str, str], sids: list[str]) -> dict[str, Any]:
    to, body = pair
    requests = len(sids) + state.refusals(to, body)
    return {"to": to, "body": body, "requests": requests, "accepted": len(sids), "sids": sids}


def _counts(shown: list[Message], state: State) -> Counter[tuple[str, str]]:
    """How often each text shown was accepted, however the list was filtered."""
    numbers = {text.to for text in shown if text.direction == OUTBOUND_API}
    return Counter(
        (text.to, text.body)
        for number in numbers
        for text in state.by_to[number]
        if text.direction == OUTBOUND_API
    )


def _row(text: Message, counts: Counter[tuple[str, str]]) -> dict[str, Any]:
    """One text with what the carrier knows: the body as the handset has it, even when the API's is redacted."""
    return {
        "seq": text.seq,
        "sid": text.sid,
        "direction": text.direction,
        "from": text.sender,
        "to": text.to,
        "body": text.body,
        "segments": count(text.body).segments,
        "status": text.status,
        "error_code": text.error_code,
        "created_at": _iso(text.created),
        "sent_at": _iso(text.sent_at),
        "updated_at": _iso(text.updated),
        "shown_at": _iso(text.shown_at),
        "status_callback": text.callback or None,
        "valid_for": text.valid_for,
        "fault": text.fault or None,
        "redacted": text.redacted,
        "deleted": text.deleted,
        "accepts": counts[text.to, text.body] if text.direction == OUTBOUND_API else 0,
        "webhook": {"status_code": text.answer_status, "attempts": text.answer_tries},
    }


def _iso(seconds: float | None) -> str | None:
    """A time in UTC with milliseconds."""
    return (
        None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    )
