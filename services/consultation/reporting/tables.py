"""The report's tables as CSV for a spreadsheet, by file name; the figures are those of the report, and a hidden one says so. Pure."""

from typing import Any

from services.common.spreadsheet import to_csv
from services.consultation.reconciliation import REASONS
from services.consultation.reporting.hiding import AGREEMENT, COUNTS, PEOPLE

Report = dict[str, Any]
THEME = ("theme", "title", "group", "body", *COUNTS, "reviewed")
ANSWER = ("theme", "title", "outcome", "considered", "done", "approved_at")


def tables(report: Report) -> dict[str, bytes]:
    """The files."""
    reasons = [str(one) for one in REASONS]
    days = [name for name in ("day", "channel", "received", "analysed") if name in _first(report["by_day"])]
    return {
        "reconciliation.csv": to_csv(
            ["channel", "received", *reasons, "analysed"],
            (
                [
                    line["channel"],
                    line["received"],
                    *(line["removed"][one] for one in reasons),
                    line["analysed"],
                ]
                for line in report["reconciliation"]
            ),
        ),
        "by-day.csv": to_csv(days, ([_count(row[name]) for name in days] for row in report["by_day"])),
        "days.csv": to_csv(
            ["day", "received"], ([row["day"], _count(row["received"])] for row in report["days"])
        ),
        "respondents.csv": to_csv(
            ["table", "row", "people"],
            ([table, row, _count(number)] for table in PEOPLE for row, number in report[table].items()),
        ),
        "organisations.csv": to_csv(["name"], ([one] for one in report["organisations"])),
        "themes.csv": to_csv(
            THEME, ([_count(row[name], name) for name in THEME] for row in report["themes"]["rows"])
        ),
        "without-theme.csv": to_csv(["because", "responses"], report["themes"]["without"].items()),
        "agreement.csv": to_csv(
            AGREEMENT, ([row[name] for name in AGREEMENT] for row in report["agreement"])
        ),
        "quotes.csv": to_csv(["theme", "words"], ([one["theme"], one["words"]] for one in report["quotes"])),
        "you-said-we-did.csv": to_csv(
            ANSWER, ([one[name] for name in ANSWER] for one in report["feedback"]["answers"])
        ),
        "publicity.csv": to_csv(
            ["what", "reached", "on"],
            ([one["what"], one["reached"], one["at"][:10]] for one in report["publicity"]),
        ),
    }


def _first(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return rows[0] if rows else {"day": "", "channel": "", "received": 0}


def _count(value: Any, name: str = "") -> Any:
    """A cell; a count that is not shown is `hidden`, and what has none is empty."""
    return "hidden" if value is None and name not in ("body", "reviewed") else value
