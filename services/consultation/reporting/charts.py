"""The charts of a consultation's report, drawn from its JSON. Pure: no display, no network.

Stances and channels differ by hatching as well as by colour, for print and for who does not see colours apart. What is hidden is
named as such, and never drawn as nought.
"""

from collections.abc import Callable
from datetime import date
from textwrap import fill
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from services.common.report.drawing import INK, PAUSE, QUIET, STYLE, WIDTH
from services.common.report.forms import Draw
from services.consultation.reporting.labels import label
from services.consultation.reporting.what_was_said import ordered

Report = dict[str, Any]
BLUE = "#1d70b8"
# (colour, hatching) of stances, then of channels in the order in which they come.
STANCES = {"support": ("#1d70b8", ""), "oppose": ("#d4851c", "///"), "unclear": ("#d0d3d6", "")}
CHANNELS = (
    ("#1d70b8", ""),
    ("#d4851c", "///"),
    ("#5694ca", "..."),
    ("#00703c", "\\\\\\"),
    ("#4c2c92", "xxx"),
)
HIDDEN = ("#e6e6e6", "")
NARROW = 34  # letters of a theme's title in a line


def of(report: Report) -> Draw:
    """A report's charts, by name."""

    def drawn(name: str) -> Figure:
        with mpl.rc_context(STYLE | {"hatch.linewidth": 0.7, "hatch.color": "#ffffff"}):
            return CHARTS[name](report)

    return drawn


def _themes(report: Report) -> Figure:
    """Bars of people by stance, and beside them kappa with its interval."""
    rows = _spoken(report)
    kappas = {one["theme"]: one for one in report["agreement"]}
    figure = Figure(figsize=(WIDTH, 1.4 + 0.44 * len(rows)), layout="constrained")
    bars, agreed = figure.subplots(1, 2, sharey=True, width_ratios=(2.7, 1))
    for place, row in enumerate(rows):
        _stances(bars, -place, row)
        found = kappas.get(row["theme"])
        if found is None or found["kappa"] is None:
            agreed.annotate("–", (0.5, -place), color=QUIET, va="center", ha="center")
            continue
        reach = [[found["kappa"] - found["low"]], [found["high"] - found["kappa"]]]
        agreed.errorbar(
            found["kappa"], -place, xerr=reach, fmt="o", color=INK, capsize=3, markersize=5, linewidth=1.4
        )
    bars.set_yticks([-place for place in range(len(rows))], [fill(row["title"], NARROW) for row in rows])
    bars.set_xlabel("People")
    bars.set_xlim(left=0)
    bars.set_xmargin(0.14)
    lows = [one["low"] for one in kappas.values() if one["low"] is not None]
    agreed.set_xlim(min([-0.1, *(low - 0.05 for low in lows)]), 1.05)
    agreed.set_xticks([0, 0.5, 1])
    agreed.set_xlabel("Coders agree\n(kappa, 95%)")
    for axes in (bars, agreed):
        _quiet(axes)
    handles = [
        mpl.patches.Patch(facecolor=colour, hatch=hatch, label=name.capitalize())
        for name, (colour, hatch) in STANCES.items()
    ]
    if any(row["people"] is not None and row[name] is None for row in rows for name in STANCES):
        handles.append(mpl.patches.Patch(facecolor=HIDDEN[0], edgecolor=QUIET, label="Stance hidden"))
    bars.legend(handles=handles, loc="lower right", frameon=False)
    return figure


def _spoken(report: Report) -> list[dict[str, Any]]:
    """The themes that somebody spoke of, or whose count is hidden."""
    return [row for row in ordered(report) if row["people"] != 0]


def _stances(axes: Axes, y: float, row: dict[str, Any]) -> None:
    if row["people"] is None:
        axes.annotate("hidden", (0, y), (5, 0), textcoords="offset points", color=QUIET, va="center")
        return
    parts = [(row[name], *STANCES[name]) for name in STANCES]
    if any(count is None for count, *_ in parts):
        rest = row["people"] - sum(count for count, *_ in parts if count is not None)
        parts = [one for one in parts if one[0] is not None] + [(rest, *HIDDEN)]
    _stacked(axes, y, parts)
    axes.annotate(
        f"{row['people']:,}", (row["people"], y), (5, 0), textcoords="offset points", va="center", color=INK
    )


def _stacked(axes: Axes, y: float, parts: list[tuple[int, str, str]]) -> None:
    left = 0
    for count, colour, hatch in parts:
        edge = QUIET if colour == HIDDEN[0] else colour
        axes.barh(
            y, count, left=left, height=0.66, color=colour, hatch=hatch, edgecolor="#ffffff", linewidth=0
        )
        if colour == HIDDEN[0] and count:
            axes.barh(y, count, left=left, height=0.66, fill=False, edgecolor=edge, linewidth=0.8)
        left += count


def _victims(report: Report) -> Figure:
    """The share of victims who spoke of a theme, beside that of all."""
    rows = _spoken(report)
    totals = {"victims": report["victims"]["yes"], "people": report["counts"]["respondents"]}
    looks = {"victims": ("#d4851c", "s", "Victims of crime"), "people": (BLUE, "o", "All who answered")}
    figure = Figure(figsize=(WIDTH, 1.4 + 0.36 * len(rows)), layout="constrained")
    axes = figure.add_subplot()
    for place, row in enumerate(rows):
        shares = {
            name: 100 * row[name] / total for name, total in totals.items() if row[name] is not None and total
        }
        if len(shares) == 2:
            axes.plot(list(shares.values()), [-place] * 2, color="#b1b4b6", linewidth=2, zorder=1)
        for name, share in shares.items():
            colour, marker, words = looks[name]
            axes.plot(share, -place, marker, color=colour, markersize=8, label=words if place == 0 else None)
        if row["victims"] is None:
            axes.annotate(
                "hidden",
                (max(shares.values(), default=0), -place),
                (9, 0),
                textcoords="offset points",
                color=QUIET,
                va="center",
            )
    axes.set_yticks([-place for place in range(len(rows))], [fill(row["title"], NARROW) for row in rows])
    axes.set_xlim(left=0)
    axes.set_xmargin(0.12)
    axes.set_xlabel("Share that spoke of the theme, %")
    handles = [
        mpl.lines.Line2D([], [], color=colour, marker=marker, linestyle="", markersize=8, label=words)
        for colour, marker, words in looks.values()
    ]
    axes.legend(handles=handles, loc="lower right", frameon=False)
    _quiet(axes)
    return figure


def _days(report: Report) -> Figure:
    """Responses over time, stacked by channel; what is hidden by channel stands on top, grey, where its sum is shown."""
    rows = report["by_day"]
    channels = list(dict.fromkeys(one["channel"] for one in rows))
    counts = {(one["day"], one["channel"]): one["received"] for one in rows}
    totals = {one["day"]: one["received"] for one in report["days"]}
    figure = Figure(figsize=(WIDTH, 3.8), layout="constrained")
    axes = figure.add_subplot()
    places = range(len(totals))
    under = [0] * len(totals)
    for channel, (colour, hatch) in zip(channels, CHANNELS * 2, strict=False):
        heights = [counts.get((day, channel), 0) or 0 for day in totals]
        axes.bar(
            places,
            heights,
            bottom=under,
            color=colour,
            hatch=hatch,
            width=0.8,
            label=label(channel),
            linewidth=0,
            edgecolor="#ffffff",
        )
        under = [one + other for one, other in zip(under, heights, strict=True)]
    rest = [(total or have) - have for total, have in zip(totals.values(), under, strict=True)]
    if any(rest):
        axes.bar(
            places,
            rest,
            bottom=under,
            color=HIDDEN[0],
            edgecolor=QUIET,
            linewidth=0.8,
            width=0.8,
            label="Channel hidden",
        )
    lost = [place for place, total in zip(places, totals.values(), strict=True) if total is None]
    if lost:
        axes.plot(lost, [0.3] * len(lost), "x", color=QUIET, markersize=5, label="Hidden", clip_on=False)
    every = max(1, len(totals) // 8)
    axes.set_xticks(
        list(places)[::every], [f"{date.fromisoformat(day):%-d %b}" for day in list(totals)[::every]]
    )
    axes.set_ylabel("Responses received")
    axes.set_ylim(bottom=0)
    axes.grid(axis="y", color=PAUSE)
    axes.set_axisbelow(True)
    axes.legend(frameon=False, ncols=2)
    return figure


def _districts(report: Report) -> Figure:
    """People by district, those of most people first."""
    rows = sorted(report["districts"].items(), key=lambda one: -(one[1] or 0))
    figure = Figure(figsize=(WIDTH, 0.9 + 0.34 * len(rows)), layout="constrained")
    axes = figure.add_subplot()
    for place, (_, count) in enumerate(rows):
        axes.barh(-place, count or 0, height=0.66, color=BLUE)
        axes.annotate(
            "hidden" if count is None else f"{count:,}",
            (count or 0, -place),
            (5, 0),
            textcoords="offset points",
            va="center",
            color=QUIET if count is None else INK,
        )
    axes.set_yticks([-place for place in range(len(rows))], [label(name) for name, _ in rows])
    axes.set_xlim(left=0)
    axes.set_xmargin(0.1)
    axes.set_xlabel("People")
    _quiet(axes)
    return figure


def _quiet(axes: Axes) -> None:
    axes.grid(axis="x", color=PAUSE)
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)


CHARTS: dict[str, Callable[[Report], Figure]] = {
    "themes": _themes,
    "victims": _victims,
    "days": _days,
    "districts": _districts,
}
