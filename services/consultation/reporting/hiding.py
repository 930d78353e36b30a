"""The report as it may be published: small counts hidden, and so many others that nothing published gives one away. Pure.

All tables, in all forms, are one set of cells and sums (`common/suppression.py`). Not hidden, and taken as known: what was received and
left out by channel, how many people answered, and how many organisations, which are listed by name. They say nothing of what
anybody is or thinks.
"""

from collections.abc import Hashable, Mapping, Sequence
from copy import deepcopy
from typing import Any

from services.common.suppression import Sum, hidden
from services.consultation.reconciliation import ALL
from services.consultation.reporting.periods import Grid, grid
from services.consultation.reporting.themes import Sort
from services.consultation.states import RespondentType
from services.consultation.themes.codeframe import Stance

# People by one thing about them: each table adds up to everybody.
PEOPLE = ("respondents", "districts", "ages", "victims", "languages")
# What makes up the people of a theme, in two ways.
PARTS = (tuple(map(str, Stance)), tuple(map(str, Sort)))
AGREEMENT = ("theme", "texts", "kappa", "low", "high")
COUNTS = ("responses", "people", *PARTS[0], *PARTS[1])


class Cells:
    """Every count that is published, by a name; the sums that a reader can make; and what is printed whatever it is."""

    def __init__(self) -> None:
        self.counts: dict[Hashable, int] = {}
        self.sums: list[Sum] = []
        self.printed: set[Hashable] = set()

    def total(self, parts: Sequence[Hashable], name: Hashable) -> None:
        """The parts add up to this cell."""
        self.counts[name] = sum(self.counts[part] for part in parts)
        self.sums.append(Sum(tuple(parts), name))


def published(found: Mapping[str, Any], fewest: int) -> dict[str, Any]:
    """The report without what may not be shown: a hidden count is None. `found` is the whole one, as `report.report` makes it."""
    periods = grid(found["by_day"])
    cells = of(found, periods)
    away = hidden(cells.counts, cells.sums, fewest, printed=cells.printed)

    def seen(name: Hashable) -> int | None:
        return None if name in away else cells.counts[name]

    shown = deepcopy(dict(found)) | {"form": "published", "smallest_count": fewest}
    shown["by_day_step"] = periods.step
    shown["by_day"] = [
        {"day": day, "channel": channel, "received": seen(of_day(periods, day, channel))}
        for day in periods.starts
        for channel in periods.channels
    ]
    shown["days"] = [{"day": day, "received": seen(of_day(periods, day, ALL))} for day in periods.starts]
    for table in PEOPLE:
        shown[table] = {row: seen(of_people(found, table, row)) for row in found[table]}
    for row in shown["themes"]["rows"]:
        row |= {name: seen(("themes", row["theme"], name)) for name in COUNTS}
        # Of a hidden count the share would tell.
        row["reviewed"] = None if row["responses"] is None else row["reviewed"]
    return _rest(shown, fewest)


def of(found: Mapping[str, Any], periods: Grid) -> Cells:
    """The cells and sums of a whole report."""
    cells = Cells()
    _days(cells, periods)
    for table in PEOPLE:
        names = [of_people(found, table, row) for row in found[table]]
        cells.counts |= dict(zip(names, found[table].values(), strict=True))
        if len(names) > 1:
            cells.total(names, ("people", ALL))
    cells.printed |= {("people", ALL), ("respondents", str(RespondentType.ORGANISATION))}
    for row in found["themes"]["rows"]:
        cells.counts |= {("themes", row["theme"], name): row[name] for name in COUNTS}
        for parts in PARTS:
            cells.total([("themes", row["theme"], one) for one in parts], ("themes", row["theme"], "people"))
    return cells


def _days(cells: Cells, periods: Grid) -> None:
    channels = [*periods.channels, *([ALL] if len(periods.channels) > 1 else [])]
    for (day, channel), number in periods.counts.items():
        cells.counts[of_day(periods, day, channel)] = number
    if len(periods.channels) > 1:
        for day in periods.starts:
            cells.total(
                [of_day(periods, day, channel) for channel in periods.channels], of_day(periods, day, ALL)
            )
    for channel in channels:
        if len(periods.starts) > 1:
            cells.total(
                [of_day(periods, day, channel) for day in periods.starts], of_day(periods, ALL, channel)
            )
        # The reconciliation has these.
        cells.printed.add(of_day(periods, ALL, channel))


def of_people(found: Mapping[str, Any], table: str, row: str) -> Hashable:
    """A cell's name. Where a table has one row only, it is everybody."""
    return (table, row) if len(found[table]) > 1 else ("people", ALL)


def of_day(periods: Grid, day: str, channel: str) -> Hashable:
    """A cell's name. Where there is one day or one channel only, it is its own total and has that name."""
    return (
        "day",
        day if len(periods.starts) > 1 else ALL,
        channel if len(periods.channels) > 1 else ALL,
    )


def _rest(shown: dict[str, Any], fewest: int) -> dict[str, Any]:
    """What stands in no sum: it is hidden by itself, and what would be a lower bound of a hidden count with it."""
    known = {row["theme"] for row in shown["themes"]["rows"] if row["people"] is not None}
    shown["agreement"] = [
        {
            name: one[name] if one["theme"] in known or name in ("theme", "texts") else None
            for name in AGREEMENT
        }
        for one in shown["agreement"]
    ]
    shown["quotes"] = [one for one in shown["quotes"] if one["theme"] in known]
    for one in shown["campaigns"]:
        if one["people"] < fewest:
            one |= {"people": None, "responses": None}
        one |= {name: one[name][:10] for name in ("first_at", "last_at")}
    if 0 < shown["invitations"]["replied"] < fewest:
        shown["invitations"] |= {"replied": None, "rate": None}
    if 0 < shown["other_script"] < fewest:
        shown["other_script"] = None
    # A receipt opens what became of a response.
    shown["organisations"] = [
        "erased" if one.startswith("erased (") else one for one in shown["organisations"]
    ]
    back = shown["feedback"]
    back["unanswered"] = [theme for theme in back["unanswered"] if theme in known]
    if 0 < min(back["asked"], back["texts"]["told"] or back["asked"]) < fewest:
        back["asked"], back["texts"] = None, dict.fromkeys(back["texts"])
    return shown
