"""The table that a report opens with: what was received, less what is left out by stated reason, is what is analysed. Pure.

It closes or it is not printed (CONSULTATION §4; the shape is gov.scot's).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.consultation.states import Channel, Standing

# In this order, each with the words that a report says of it.
REASONS = {
    Standing.BLANK: "no view in it",
    Standing.TEST: "the office's own test",
    Standing.DUPLICATE: "the same response again",
    Standing.MERGED: "part of a composite with another response of that person",
    Standing.WITHDRAWN: "the person withdrew it",
    Standing.EARLY: "came before the opening day, reported apart",
    Standing.LATE: "came after the closing day, reported apart",
}
ALL = "all"


class NotClosed(Exception):
    """The numbers do not add up. Says where; nothing is reported."""


@dataclass(frozen=True, slots=True)
class Line:
    """One channel: `received` less each of `removed` is `analysed`."""

    channel: str
    received: int
    removed: dict[str, int]
    analysed: int


def table(received: Mapping[str, int], standings: Mapping[tuple[str, str], int]) -> list[Line]:
    """A line a channel, and the last for all. `received` counts rows by channel, `standings` by channel and standing: two counts made
    apart, so that a row without a known standing is found. Raises NotClosed."""
    lines = []
    for channel in [*(str(one) for one in Channel), *sorted(set(received) - set(Channel))]:
        if received.get(channel, 0):
            removed = {str(reason): standings.get((channel, reason), 0) for reason in REASONS}
            lines.append(
                Line(channel, received[channel], removed, standings.get((channel, Standing.COUNTED), 0))
            )
    lines.append(_sum(lines))
    stated = sum(standings.values())
    if stated != lines[-1].received:
        raise NotClosed(f"{lines[-1].received} responses were received, {stated} have a standing")
    for line in lines:
        short = line.received - sum(line.removed.values()) - line.analysed
        if short:
            raise NotClosed(
                f"{line.channel}: {short} of {line.received} responses are in no row of the table"
            )
    return lines


def _sum(lines: Sequence[Line]) -> Line:
    return Line(
        ALL,
        sum(line.received for line in lines),
        {str(reason): sum(line.removed[reason] for line in lines) for reason in REASONS},
        sum(line.analysed for line in lines),
    )
