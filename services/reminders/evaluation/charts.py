"""The charts of a pilot's report, drawn from its JSON. Pure: no display, no network.

Arms differ by marker and line as well as by colour, for print and for who does not see colours apart.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, DateFormatter, date2num
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from services.common.report.drawing import INK, PAUSE, QUIET, STYLE, WIDTH
from services.common.report.forms import Draw

ARMS = (("#1d70b8", "o", "-"), ("#b1500e", "s", "--"), ("#00703c", "^", "-."), ("#4c2c92", "D", ":"))
Report = dict[str, Any]


def of(report: Report) -> Draw:
    """A report's charts, by name."""

    def drawn(name: str) -> Figure:
        with mpl.rc_context(STYLE):
            return CHARTS[name](report)

    return drawn


def _rates(report: Report) -> Figure:
    """Each outcome's rates by arm, with their intervals."""
    blocks = [report["primary"], *report["secondary"]]
    arms = [arm["name"] for arm in report["primary"]["arms"]]
    figure = Figure(figsize=(WIDTH, 1.0 + 0.36 * (len(arms) + 1.2) * len(blocks)), layout="constrained")
    axes = figure.add_subplot()
    places, labels = [], []
    for row, block in enumerate(blocks):
        # Above its arms, not beside them: on a narrow screen the intervals stay in sight.
        title = block["did"][:1].upper() + block["did"][1:]
        top = -row * (len(arms) + 1.2) + 0.85
        axes.text(0.012, top, title, transform=axes.get_yaxis_transform(), va="center", fontweight="bold")
        for place, arm in enumerate(block["arms"]):
            y = -(row * (len(arms) + 1.2) + place)
            places.append(y)
            labels.append(arm["name"])
            if arm["rate"] is None:
                axes.annotate("not given: too few people", (0, y), color=QUIET, va="center")
                continue
            colour, marker, _ = ARMS[place % len(ARMS)]
            low, high = (100 * bound for bound in arm["ci"])
            rate = 100 * arm["rate"]
            axes.errorbar(
                rate,
                y,
                xerr=[[rate - low], [high - rate]],
                fmt=marker,
                color=colour,
                capsize=4,
                markersize=7,
                linewidth=1.8,
            )
            axes.annotate(
                f"{rate:.1f}%", (high, y), (6, 0), textcoords="offset points", va="center", color=INK
            )
    axes.set_yticks(places, labels)
    axes.set_ylim(min(places) - 0.7, 1.5)
    axes.set_xlim(left=0)
    axes.set_xmargin(0.12)
    axes.set_xlabel(f"Share of people, % ({100 * report['look']['level']:.4g}% intervals)")
    axes.grid(axis="x", color=PAUSE)
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)
    return figure


def _subgroups(report: Report) -> Figure:
    """A forest: everybody, then each subgroup's difference with its interval, about a line at no difference."""
    whole = next((one for one in report["primary"]["design"]), None)
    rows: list[tuple[str, dict[str, Any] | None]] = [
        ("Everybody", whole["risk_difference"] if whole else None)
    ]
    for one in report["subgroups"]:
        rows += [(f"{one['name']}: {row['level']}", row["risk_difference"]) for row in one["rows"]]
    figure = Figure(figsize=(WIDTH, 1.2 + 0.38 * len(rows)), layout="constrained")
    axes = figure.add_subplot()
    for place, (_, effect) in enumerate(rows):
        if effect is None or effect["ci"] is None:
            axes.annotate(
                "not given", (0, -place), (8, 0), textcoords="offset points", va="center", color=QUIET
            )
            continue
        estimate, (low, high) = 100 * effect["estimate"], (100 * bound for bound in effect["ci"])
        axes.errorbar(
            estimate,
            -place,
            xerr=[[estimate - low], [high - estimate]],
            fmt="D" if place == 0 else "s",
            color=INK if place == 0 else ARMS[0][0],
            capsize=4,
            markersize=7 if place == 0 else 6,
            linewidth=1.8,
        )
    axes.axvline(0, color=QUIET, linewidth=1)
    axes.set_yticks([-place for place in range(len(rows))], [name for name, _ in rows])
    arms = report["protocol"]["arms"]
    axes.set_xlabel(
        f"Difference in percentage points, {arms[0]['name']} less {arms[-1]['name']}:\n"
        "left of the line, fewer did not attend"
        if report["primary"]["outcome"] == "did_not_attend"
        else f"Difference in percentage points, {arms[0]['name']} less {arms[-1]['name']}"
    )
    axes.grid(axis="x", color=PAUSE)
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)
    return figure


def _weeks(report: Report) -> Figure:
    """Failures so far, per hundred people analysed in the arm, by week; paused days shaded."""
    figure = Figure(figsize=(WIDTH, 3.9), layout="constrained")
    axes = figure.add_subplot()
    for place, arm in enumerate(report["protocol"]["arms"]):
        rows = [one for one in report["weeks"] if one["arm"] == arm["name"]]
        analysed = rows[-1]["n_so_far"] if rows else 0
        if not analysed:
            continue
        colour, marker, line = ARMS[place % len(ARMS)]
        # A week's failures are known by its end: the line starts at nothing.
        days = [_day(rows[0]["week"]), *(_day(one["week"]) + 7 for one in rows)]
        share = [0.0] + [100 * one["events_so_far"] / analysed for one in rows]
        axes.plot(
            days, share, line, color=colour, marker=marker, markersize=5, linewidth=2, label=arm["name"]
        )
        axes.annotate(
            f"{arm['name']} {share[-1]:.1f}",
            (days[-1], share[-1]),
            (7, 0),
            textcoords="offset points",
            va="center",
            color=colour,
        )
    for number, pause in enumerate(report["pauses"]):
        since, until = _day(pause["since"]), _day(pause["until"])
        axes.axvspan(since, until + 1, color=PAUSE, label="paused" if number == 0 else None)
    axes.set_ylim(bottom=0)
    axes.set_xmargin(0.1)
    axes.set_ylabel(f"{report['primary']['did'].capitalize()} so far,\nper 100 people analysed")
    axes.xaxis.set_major_formatter(DateFormatter("%-d %b %Y"))
    axes.xaxis.set_major_locator(AutoDateLocator(minticks=2, maxticks=6))
    axes.grid(axis="y", color=PAUSE)
    axes.set_axisbelow(True)
    axes.legend(loc="upper left", frameon=False)
    return figure


def _history(report: Report) -> Figure:
    """The monthly rate, the line fitted, and the line expected without the texts."""
    figure = Figure(figsize=(WIDTH, 3.6), layout="constrained")
    axes = figure.add_subplot()
    months = report["history"]["months"]
    days = [_day(one["month"]) for one in months]
    for key, label, marker, line, colour in (
        ("rate", "each month", "o", "none", INK),
        ("fitted", "fitted", "none", "-", ARMS[0][0]),
        ("expected", "expected without texts", "none", "--", ARMS[1][0]),
    ):
        values = [100 * one[key] if one[key] is not None else float("nan") for one in months]
        axes.plot(days, values, linestyle=line, marker=marker, color=colour, label=label)
    begin = _day(report["protocol"]["since"])
    axes.axvline(begin, color=QUIET, linewidth=1)
    axes.annotate("texts begin", (begin, 0), (5, 6), textcoords="offset points", color=QUIET)
    axes.set_ylim(bottom=0)
    axes.set_ylabel("Did not attend, % of first hearings")
    axes.xaxis.set_major_formatter(DateFormatter("%b %Y"))
    axes.grid(axis="y", color=PAUSE)
    axes.set_axisbelow(True)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, 1.12), ncols=3, frameon=False)
    return figure


def _day(text: str) -> float:
    """A day as the charts count days."""
    return float(date2num(date.fromisoformat(text)))


def _flow(report: Report) -> Figure:
    """The boxes of the flow, one column an arm."""
    told = report["flow"]
    arms = told["arms"]
    figure = Figure(figsize=(WIDTH, 7.6), layout="constrained")
    axes = figure.add_subplot()
    axes.set_axis_off()
    wide = max(2, len(arms))
    axes.set_xlim(0, wide)
    axes.set_ylim(1, 10)
    trunk, side = wide * 0.36, wide * 0.78
    reasons = sorted(told["excluded"].items(), key=lambda one: -one[1])
    listed = [
        f"Excluded {told['excluded_total']:,}",
        *(f"{reason} {number:,}" for reason, number in reasons[:5]),
    ]
    more = sum(number for _, number in reasons[5:])
    _box(axes, trunk, 9.5, wide * 0.38, f"Assessed\n{told['assessed']:,}")
    _box(
        axes,
        side,
        8.6,
        wide * 0.4,
        "\n".join([*listed, *([f"other reasons {more:,}"] if more else [])]),
        small=True,
    )
    _box(axes, trunk, 7.7, wide * 0.38, f"Assigned\n{told['assigned_total']:,}")
    _arrow(axes, (trunk, 9.09), (trunk, 8.11))
    _arrow(axes, (trunk, 8.6), (side - wide * 0.2, 8.6))
    places = [place + 0.5 if len(arms) > 1 else trunk for place in range(len(arms))]
    axes.plot([trunk, trunk], [7.29, 7.0], color=QUIET, linewidth=1.2)
    axes.plot([min(*places, trunk), max(*places, trunk)], [7.0, 7.0], color=QUIET, linewidth=1.2)
    for x, arm in zip(places, arms, strict=True):
        _arrow(axes, (x, 7.0), (x, 6.66))
        _column(axes, x, arm)
    return figure


def _column(axes: Axes, x: float, arm: dict[str, Any]) -> None:
    """One arm from its assignment to its analysis."""
    _box(axes, x, 6.25, 0.9, f"{arm['name']}\nassigned {arm['assigned']:,}")
    if "texted" in arm:
        sent = [
            f"texted {arm['texted']:,}: delivered {arm['delivered']:,},",
            f"not delivered {arm['undelivered']:,}, no word {arm['no_receipt']:,}",
        ]
        texts = [
            *(sent if arm["texted"] else []),
            f"not texted {arm['not_texted']:,}",
            f"opted out {arm['stopped']:,}, wrong number {arm['wrong_number']:,}",
        ]
        _arrow(axes, (x, 5.84), (x, 5.44))
        _box(axes, x, 4.69, 0.94, "\n".join(texts), small=True, lines=4)
    _arrow(axes, (x, 3.94 if "texted" in arm else 5.84), (x, 3.55))
    known = [
        f"not at risk {arm['not_at_risk']:,}",
        f"outcome pending {arm['pending']:,}",
        f"outcome missing {arm['missing']:,}",
    ]
    _box(axes, x, 2.97, 0.94, "\n".join(known), small=True)
    _arrow(axes, (x, 2.38), (x, 1.99))
    _box(axes, x, 1.58, 0.9, f"Analysed\n{arm['analysed']:,}")


def _box(
    axes: Axes, x: float, y: float, width: float, words: str, *, small: bool = False, lines: int = 0
) -> None:
    height = 0.34 * max(lines, words.count("\n") + 1) + 0.14
    axes.add_patch(
        Rectangle((x - width / 2, y - height / 2), width, height, fill=False, edgecolor=QUIET, linewidth=1.2)
    )
    axes.annotate(words, (x, y), ha="center", va="center", fontsize=9.5 if small else 11, linespacing=1.25)


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    axes.annotate("", end, start, arrowprops={"arrowstyle": "->", "color": QUIET, "linewidth": 1.2})


CHARTS: dict[str, Callable[[Report], Figure]] = {
    "rates": _rates,
    "subgroups": _subgroups,
    "weeks": _weeks,
    "history": _history,
    "flow": _flow,
}
