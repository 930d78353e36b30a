"""The table and the chart of simulated pilots, as docs/evaluation.md shows them."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from html import escape
from typing import Any

from services.reminders.simulation.campaign import Found, Mean, Share

COVERED = {
    "design": "the design's interval",
    "people reached": "on people reached",
    "naive": "as if people were independent",
}
BIASES = {
    "intention to treat": "between the arms",
    "people reached": "on people reached",
    "naive per-protocol": "naive per-protocol",
}
ALARMS = {
    "design": "one look",
    "obrien-fleming": "three looks, O'Brien–Fleming",
    "pocock": "three looks, Pocock",
    "looks at 1.96": "three looks, 1.96 at each",
    "naive": "one look, as if people were independent",
}
WIDTH, ROW, LEFT = 760, 22, 330


def as_json(found: Mapping[str, Found], seed: str) -> dict[str, Any]:
    """Everything that was found, by design."""
    return {
        "synthetic": True,
        "seed": seed,
        "designs": {
            name: {
                "scenario": asdict(one.scenario),
                "pilots": one.pilots,
                "covered": {key: _numbers(share) for key, share in one.covered.items()},
                "bias": {key: _numbers(mean) for key, mean in one.biases.items()},
                "false_alarms": {key: _numbers(share) for key, share in one.alarms.items()},
            }
            for name, one in found.items()
        },
    }


def markdown(found: Mapping[str, Found]) -> str:
    """Three tables, a line a design: coverage and false alarms in per cent, biases in points, ± the simulation error."""
    return "\n".join(
        [
            "How often a 95% interval covers the planted truth:",
            "",
            *_table(COVERED, {_told(name, one): one.covered for name, one in found.items()}),
            "",
            "How far the mean estimate lies from it, in percentage points:",
            "",
            *_table(BIASES, {_told(name, one): one.biases for name, one in found.items()}),
            "",
            "How often a difference is claimed where texts do nothing:",
            "",
            *_table(ALARMS, {_told(name, one): one.alarms for name, one in found.items()}),
            "",
        ]
    )


def _told(name: str, found: Found) -> str:
    return f"{name}, {found.pilots:,} pilots"


def _table(columns: Mapping[str, str], rows: Mapping[str, Mapping[str, Share | Mean]]) -> list[str]:
    lines = [f"| design | {' | '.join(columns.values())} |", f"|---|{'---|' * len(columns)}"]
    for name, values in rows.items():
        cells = [_cell(values[key]) if key in values else "" for key in columns]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def svg(found: Mapping[str, Found]) -> str:
    """Two panels of dots with 1.96 simulation errors: how often intervals cover, and false alarms; the band is the bound."""
    covered = [
        (f"{name}: {label}", one.covered[key])
        for name, one in found.items()
        for key, label in COVERED.items()
        if key in one.covered
    ]
    alarms = [
        (f"{name}: {label}", one.alarms[key])
        for name, one in found.items()
        for key, label in ALARMS.items()
        if key in one.alarms
    ]
    first = list(_panel("95% intervals that cover the planted truth", covered, (0.80, 1.0), (0.94, 0.96), 40))
    top = 40 + ROW * (len(covered) + 4)
    second = list(_panel("False alarms where texts do nothing", alarms, (0.0, 0.20), (0.04, 0.06), top))
    height = top + ROW * (len(alarms) + 3)
    told = "; ".join(f"{label} {share.value:.1%}" for label, share in covered + alarms)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
            'aria-labelledby="title desc" font-family="sans-serif" font-size="12" fill="#0b0c0c">',
            '<title id="title">Simulated pilots: coverage and false alarms</title>',
            f'<desc id="desc">Synthetic data. {escape(told)}.</desc>',
            f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
            '<text x="10" y="18" font-weight="bold">Simulated pilots (synthetic data)</text>',
            *first,
            *second,
            "</svg>",
            "",
        ]
    )


def _panel(
    title: str, rows: list[tuple[str, Share]], ends: tuple[float, float], band: tuple[float, float], top: int
) -> Iterator[str]:
    low, high = ends

    def across(value: float) -> float:
        return LEFT + (WIDTH - LEFT - 60) * (min(max(value, low), high) - low) / (high - low)

    bottom = top + ROW * (len(rows) + 1)
    yield f'<text x="10" y="{top + 12}" font-weight="bold">{escape(title)}</text>'
    yield (
        f'<rect x="{across(band[0]):.1f}" y="{top + ROW - 4}" width="{across(band[1]) - across(band[0]):.1f}" '
        f'height="{bottom - top - ROW + 8}" fill="#d2e2f1"/>'
    )
    for step in range(5):
        value = low + (high - low) * step / 4
        yield f'<text x="{across(value):.1f}" y="{bottom + 18}" text-anchor="middle">{value:.0%}</text>'
    for number, (label, share) in enumerate(rows, start=1):
        y = top + ROW * number + 8
        ends_of = (across(share.value - 1.96 * share.se), across(share.value + 1.96 * share.se))
        inside = band[0] <= share.value <= band[1]
        yield f'<text x="10" y="{y + 4}">{escape(label)}</text>'
        yield f'<line x1="{ends_of[0]:.1f}" x2="{ends_of[1]:.1f}" y1="{y}" y2="{y}" stroke="#0b0c0c"/>'
        # Filled inside the band, open outside it: the difference is not told by colour alone.
        yield (
            f'<circle cx="{across(share.value):.1f}" cy="{y}" r="4.5" stroke="#0b0c0c" '
            f'fill="{"#0b0c0c" if inside else "#ffffff"}"/>'
        )
        yield f'<text x="{WIDTH - 8}" y="{y + 4}" text-anchor="end">{share.value:.1%}</text>'


def _numbers(value: Share | Mean) -> dict[str, float | None]:
    return {"value": value.value, "se": value.se} | ({"of": value.of} if isinstance(value, Share) else {})


def _cell(value: Share | Mean) -> str:
    if isinstance(value, Share):
        return f"{value.value * 100:.2f}% ± {value.se * 100:.2f}"
    return f"{value.value * 100:+.3f} ± {'not defined' if value.se is None else f'{value.se * 100:.3f}'}"
