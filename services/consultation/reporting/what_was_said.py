"""The report's sections on themes, victims, quotes and the coders' agreement. Pure."""

from typing import Any

from services.common.report.document import Block, Chart, Quote, Table, Warned, table
from services.consultation.reporting.labels import GROUPS, WITHOUT, number, share
from services.consultation.themes.codeframe import Group

Report = dict[str, Any]
Row = dict[str, Any]


def themes(report: Report) -> list[Block]:
    """Themes by stance, by the groups of the codeframe, with the share that a person has read."""
    found = report["themes"]
    rows = ordered(report)
    read = found["reviewed"] / found["analysed"] if found["analysed"] else None
    blocks: list[Block] = [
        f"Of {found['analysed']:,} analysed responses {found['coded']:,} are coded, {found['reviewed']:,} of them by a person"
        f" ({share(read)} of all). People are counted once in a theme. A response may have several themes.",
    ]
    if found["analysed"] and found["reviewed"] < found["analysed"]:
        blocks.append(
            Warned("Not every response has been read by a person: what only a machine has coded is a guess.")
        )
    first = next((row for row in rows if row["people"]), None)
    figures = _table(report, Group.HEADING)
    blocks.append(
        Chart(
            "themes",
            "People by theme and stance",
            "People by theme, those for it, against it and unclear; beside it how far two coders agree, with its interval. "
            + f"The most spoke of {first['title']}: {first['people']:,}. The tables have the figures.",
            figures,
        )
        if first
        else figures
    )
    blocks += [_table(report, group) for group in Group if group is not Group.HEADING]
    return blocks


def ordered(report: Report) -> list[Row]:
    """Rows of themes, those of most people first; what is hidden last, in the frame's order."""
    rows: list[Row] = report["themes"]["rows"]
    return sorted(rows, key=lambda row: -(row["people"] or 0))


def _table(report: Report, group: Group) -> Table:
    cells = [
        [
            row["title"],
            *(number(row[name]) for name in ("people", "support", "oppose", "unclear", "responses")),
            share(row["reviewed"]),
        ]
        for row in ordered(report)
        if row["group"] == group
    ]
    if group is Group.NONE:
        cells += [
            [WITHOUT[name], *["–"] * 4, number(count), "–"]
            for name, count in report["themes"]["without"].items()
            if count
        ]
    return table(
        GROUPS[group],
        ["Theme", "People", "Support", "Oppose", "Unclear", "Responses", "Read by a person"],
        cells,
    )


def victims(report: Report) -> list[Block]:
    """What victims spoke of beside all (Police Act 1996, s.96(1A))."""
    figures = table(
        "People by theme: victims of crime, all others",
        ["Theme", "Victims", "Others", "All"],
        [
            [row["title"], *(number(row[name]) for name in ("victims", "others", "people"))]
            for row in ordered(report)
        ],
    )
    said = (
        "The law asks for the views of the people and of victims of crime (Police Act 1996, section 96(1A)). Victims are those who said so"
        " of the last 12 months, or answered as one."
    )
    if not any(row["people"] for row in ordered(report)):
        return [said, figures]
    chart = Chart(
        "victims",
        "Themes of victims beside those of all",
        "Of victims who answered and of all who answered, the share that spoke of each theme. The table has the figures.",
        figures,
    )
    return [said, chart]


def quotes(report: Report) -> list[Block]:
    """Words of people who agreed, as a second person approved them."""
    titles = {row["theme"]: row["title"] for row in report["themes"]["rows"]}
    if not report["quotes"]:
        return [
            "No words are printed: they need the person's consent and a redaction that two people stand behind."
        ]
    return [
        "Printed with consent. What could point to somebody is hidden.",
        *(Quote(titles[one["theme"]], one["words"]) for one in report["quotes"]),
    ]


def agreement(report: Report) -> list[Block]:
    """Cohen's kappa of each theme."""
    titles = {row["theme"]: row["title"] for row in report["themes"]["rows"]}
    texts = max((one["texts"] for one in report["agreement"]), default=0)
    if not texts:
        return ["No text has been coded by two people yet, so nobody can say how far coders agree."]
    return [
        f"{texts:,} texts were coded by two people who saw neither suggestions nor each other's codes.",
        table(
            "Agreement beyond chance (Cohen's kappa, 95% interval)",
            ["Theme", "Kappa", "From", "To"],
            [
                [titles[one["theme"]], *(_two(one[name]) for name in ("kappa", "low", "high"))]
                for one in report["agreement"]
            ],
        ),
        "A dash: nobody used the theme, everybody always did, or its count is hidden.",
    ]


def _two(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
