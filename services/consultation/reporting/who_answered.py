"""The report's sections on what was received, when, from whom, and what was done to be heard. Pure."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from services.common.report.document import Block, Chart, Table, table
from services.consultation.reporting.hiding import PEOPLE
from services.consultation.reporting.labels import REASON, STEPS, label, number, share

Report = dict[str, Any]
TITLES = {
    "respondents": "People, by what they answered as",
    "districts": "People, by district",
    "ages": "People, by age",
    "victims": "People, by whether a crime was done to them in the last 12 months",
    "languages": "People, by language",
}


def reconciliation(report: Report) -> list[Block]:
    """What came in by channel, less what is left out by reason."""
    lines = report["reconciliation"]
    # A reason that nobody was left out for takes no column; the row still adds up.
    reasons = [one for one in lines[-1]["removed"] if lines[-1]["removed"][one]]
    return [
        "Nothing that came in is left out without a reason. Received, less what is left out, is what is analysed.",
        table(
            "Responses, by channel",
            [
                "Channel",
                "Received",
                *(f"Less: {REASON[one]}" for one in reasons),
                "Analysed",
            ],
            [
                [
                    label(line["channel"]),
                    line["received"],
                    *(line["removed"][one] for one in reasons),
                    line["analysed"],
                ]
                for line in lines
            ],
        ),
        *_campaigns(report),
    ]


def _campaigns(report: Report) -> Iterator[Block]:
    if report["campaigns"]:
        yield table(
            "Campaigns: the same words by many people, each counted and coded once",
            ["Campaign", "Responses", "People", "From", "To"],
            [
                [
                    str(place),
                    number(one["responses"]),
                    number(one["people"]),
                    *(_said(one[name][:10]) for name in ("first_at", "last_at")),
                ]
                for place, one in enumerate(report["campaigns"], 1)
            ],
        )


def days(report: Report) -> list[Block]:
    """Responses over time, by channel."""
    rows = report["by_day"]
    if not rows:
        return ["Nothing has come in."]
    channels = list(dict.fromkeys(one["channel"] for one in rows))
    starts = list(dict.fromkeys(one["day"] for one in rows))
    counts = {(one["day"], one["channel"]): one["received"] for one in rows}
    totals = {one["day"]: one["received"] for one in report["days"]}
    step = STEPS[report["by_day_step"]]
    shown = [one for one in totals.values() if one is not None]
    return [
        Chart(
            "days",
            f"Responses received, by {step} and channel",
            f"Responses received by {step} and channel, from {_said(starts[0])} to {_said(starts[-1])}; at most {max(shown, default=0):,}"
            " at a time. The table has the figures.",
            table(
                f"Responses received, by {step}",
                ["From", *map(label, channels), label("all")],
                [
                    [
                        _said(day),
                        *(number(counts.get((day, one), 0)) for one in channels),
                        number(totals[day]),
                    ]
                    for day in starts
                ],
            ),
        )
    ]


def people(report: Report) -> list[Block]:
    """Districts, sorts, ages, victims, languages, and organisations by name."""
    known = [(label(row), count) for row, count in report["districts"].items() if count is not None]
    most = max(known, key=lambda one: one[1], default=("nobody", 0))
    first = Chart(
        "districts",
        "People by district",
        f"People by district, as bars. The most, {most[1]:,}: {most[0]}. The table has the figures.",
        _counts(report, "districts"),
    )
    others = [_counts(report, one) for one in PEOPLE if one != "districts"]
    strange = [label(one) for one in report["languages"] if one not in report["understood"]]
    return [
        first,
        *others,
        "Languages that the questionnaire does not speak: "
        + (
            f"{', '.join(strange)}. Somebody who speaks them must read what was written."
            if strange
            else "none."
        )
        + (f" Responses in another script than the Latin one: {number(report['other_script'])}."),
        table("Organisations that answered", ["Name"], [[one] for one in report["organisations"]])
        if report["organisations"]
        else "No organisation answered.",
    ]


def _counts(report: Report, name: str) -> Table:
    return table(
        TITLES[name],
        ["Group", "People"],
        [[label(row), number(count)] for row, count in report[name].items()],
    )


def heard(report: Report) -> list[Block]:
    """Publicity and invitations."""
    asked = report["invitations"]
    found: list[Block] = []
    if report["publicity"]:
        found.append(
            table(
                "What was done, and how many it reached",
                ["What", "Reached", "Noted"],
                [[one["what"], one["reached"], _said(one["at"][:10])] for one in report["publicity"]],
            )
        )
    if asked["invited"]:
        found.append(
            f"{asked['invited']:,} people who had agreed to it were invited by text: {asked['sent']:,} texts were sent, {asked['not_sent']:,}"
            f" could not be, {number(asked['replied'])} people answered ({share(asked['rate'])} of those sent)."
        )
    return found or ["Nothing was noted."]


def _said(day: str) -> str:
    return f"{date.fromisoformat(day):%-d %b %Y}"
