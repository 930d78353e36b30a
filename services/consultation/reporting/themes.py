"""Themes with their stance: how many people spoke of each, how many of them were victims, how many responses a person has read. Pure.

A person is counted once in a theme, however often they wrote of it; where they wrote for and against it, their stance is unclear.
Every analysed response stands in some row: in that of a theme, or in one that says why it has none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from services.consultation.reconciliation import NotClosed
from services.consultation.themes.codeframe import Codeframe, Stance, Theme
from services.consultation.themes.codes import Standing


class Sort(StrEnum):
    """Who spoke: victims of crime beside all (Police Act 1996, s.96(1A))."""

    VICTIMS = "victims"
    OTHERS = "others"


class Without(StrEnum):
    """Why a response stands in the row of no theme."""

    NOT_CODED = "not-coded"
    NO_THEME = "no-theme"
    SPLIT_SINCE = "split-since"


@dataclass(frozen=True, slots=True)
class Response:
    """One analysed response: whose it is, and of which sort that person is."""

    id: int
    person: int
    sort: Sort


@dataclass(slots=True)
class _Row:
    responses: int = 0
    reviewed: int = 0
    sorts: dict[int, Sort] = field(default_factory=dict)
    stances: dict[int, Stance] = field(default_factory=dict)

    def add(self, response: Response, stance: Stance, reviewed: bool) -> None:
        """Count a response in this row."""
        self.responses += 1
        self.reviewed += reviewed
        self.sorts[response.person] = response.sort
        before = self.stances.setdefault(response.person, stance)
        self.stances[response.person] = stance if stance is before else Stance.UNCLEAR


def table(
    frame: Codeframe, responses: Sequence[Response], standing: Mapping[int, Standing]
) -> dict[str, Any]:
    """{"rows": one a theme in the frame's order, "without": responses by why they have none, "coded", "reviewed", "analysed"}.

    Raises NotClosed where a response would stand in no row.
    """
    rows = {theme.id: _Row() for theme in frame.themes}
    without = dict.fromkeys(map(str, Without), 0)
    for response in responses:
        one = standing.get(response.id)
        if one is None or not one.themes:
            without[_why(one)] += 1
            continue
        for theme, stance in one.themes.items():
            if theme not in rows:
                raise NotClosed(f"themes: response {response.id} has {theme!r}, which has no row")
            rows[theme].add(response, stance, one.reviewed)
    found = [standing[response.id] for response in responses if response.id in standing]
    return {
        "rows": [_shown(theme, rows[theme.id]) for theme in frame.themes],
        "without": without,
        "coded": len(found),
        "reviewed": sum(one.reviewed for one in found),
        "analysed": len(responses),
    }


def _why(one: Standing | None) -> Without:
    if one is None:
        return Without.NOT_CODED
    return Without.SPLIT_SINCE if one.unclear else Without.NO_THEME


def _shown(theme: Theme, row: _Row) -> dict[str, Any]:
    stances, sorts = list(row.stances.values()), list(row.sorts.values())
    return {
        "theme": theme.id,
        "title": theme.title,
        "group": str(theme.group),
        "body": theme.body,
        "responses": row.responses,
        "reviewed": round(row.reviewed / row.responses, 2) if row.responses else None,
        "people": len(sorts),
        **{str(one): stances.count(one) for one in Stance},
        **{str(one): sorts.count(one) for one in Sort},
    }
