"""The report's sections on what goes to other bodies and what goes back to people. Pure."""

from datetime import datetime, timedelta
from typing import Any

from services.common.report.document import Block, Warned, table
from services.common.times import london
from services.consultation.reporting.labels import OUTCOMES, number
from services.consultation.themes.codeframe import Group

Report = dict[str, Any]


def other_bodies(report: Report) -> list[Block]:
    """Themes that somebody else should hear, and when they were sent."""
    rows = [row for row in report["themes"]["rows"] if row["group"] == Group.OTHER_BODY]
    if not rows:
        return ["The codeframe has no theme for another body."]
    sent = report["feedback"]["bundles"]
    return [
        table(
            "What is for others, and when it was sent to them",
            ["Body", "Theme", "People", "Responses", "Sent"],
            [
                [
                    row["body"],
                    row["title"],
                    number(row["people"]),
                    number(row["responses"]),
                    ", ".join(_day(one["at"]) for one in sent if one["body"] == row["body"]) or "not yet",
                ]
                for row in rows
            ],
        )
    ]


def answers(report: Report) -> list[Block]:
    """What was considered of each theme and what was done, and what is still owed."""
    found = report["feedback"]
    titles = {row["theme"]: row["title"] for row in report["themes"]["rows"]}
    blocks: list[Block] = []
    if found["overdue"]:
        blocks.append(
            Warned(
                f"Overdue: an answer to every theme was due by {_last_day(found['due_at'])}, twelve weeks after the end."
            )
        )
    if found["answers"]:
        blocks.append(
            table(
                "What was considered, and what was done",
                ["You said", "We considered", "We did", "Outcome"],
                [
                    [
                        one["title"],
                        one["considered"],
                        one["done"],
                        OUTCOMES[one["outcome"]],
                    ]
                    for one in found["answers"]
                ],
            )
        )
    if found["unanswered"]:
        waiting = ", ".join(titles[one] for one in found["unanswered"])
        due = (
            f" They are due by {_last_day(found['due_at'])}."
            if found["due_at"] and not found["overdue"]
            else ""
        )
        blocks.append(f"Not answered yet: {waiting}.{due}")
    if found["texts"]["planned"]:
        texts = found["texts"]
        blocks.append(
            f"{number(found['asked'])} people asked to be told by text. Texts to {number(texts['told'])} of them are written:"
            f" {number(texts['sent'])} have gone, {number(texts['not_sent'])} could not go, the others wait for their turn."
        )
    return blocks or ["Nobody has spoken of a theme yet."]


def _day(instant: str) -> str:
    return f"{london(datetime.fromisoformat(instant)):%-d %b %Y}"


def _last_day(midnight: str) -> str:
    """Of what is due at a midnight, the day before it."""
    return f"{london(datetime.fromisoformat(midnight) - timedelta(minutes=1)):%-d %b %Y}"
