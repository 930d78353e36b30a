"""The page that the office publishes, so that people can tell a real text from a scam: who sends, and every text word for word.

Pure; the page needs nothing from elsewhere.
"""

from datetime import datetime
from typing import Any

from services.common import phones
from services.common.report.page import rendered
from services.common.segments import plain
from services.common.times import LONDON, said_day, said_time
from services.reminders.county_parts import County, Language, Plan
from services.reminders.wording import render

# Somebody, some day: the page says that it is an example.
EXAMPLE_NAME, EXAMPLE_TIME = "Sam", datetime(2026, 11, 30, 10, tzinfo=LONDON)
LANGUAGES = {"en": "English", "cy": "Cymraeg (Welsh)", "pl": "Polski (Polish)", "ro": "Română (Romanian)"}
FOR = {
    "bail": "To people on bail",
    "bail-plan-making": "To some people on bail, instead of the usual words. You need not answer it",
    "summons": "To everyone else, such as people with a summons",
    "moved": "When a hearing has moved to another day, time or court",
    "no-longer": "When a hearing may be off",
}


def page(county: County, sender: str) -> str:
    """The page as HTML. `sender` is the number or name that the texts come from."""
    court = next(iter(county.courts.values()))
    return rendered(
        __package__,
        "wording.html",
        county=county,
        court=court,
        sender=phones.national(sender) if sender.startswith("+") else sender,
        name=EXAMPLE_NAME,
        example=f"{said_day(EXAMPLE_TIME)}, {said_time(EXAMPLE_TIME)}",
        drafts=[LANGUAGES[code] for code, one in county.wording.languages.items() if one.status == "draft"],
        languages=[
            {"code": code, "name": LANGUAGES[code], "texts": _texts(county, code, one)}
            for code, one in county.wording.languages.items()
        ],
        answers=[
            plain(words.format(speaker=county.speaker, phone=court.enquiry_phone))
            for words in county.wording.replies.values()
        ],
        when=_when(county.plan),
    )


def _texts(county: County, code: str, words: Language) -> list[dict[str, Any]]:
    court = next(iter(county.courts))
    return [
        {
            "for": whom(name),
            "text": render(
                county, name, given=EXAMPLE_NAME, court=court, starts_at=EXAMPLE_TIME, language=code
            ),
        }
        for name in words.templates
    ]


def whom(template: str) -> str:
    """For whom, or when, a template is."""
    return FOR.get(template) or f"{FOR[template.partition('-')[0]]}, at another time"


def _when(plan: Plan) -> list[str]:
    """The plan's steps as people say them, furthest first."""
    days = dict.fromkeys(step.days_before for step in plan.steps)
    said = {0: "on the day itself", 1: "the day before"}
    return [said.get(number, f"{number} days before") for number in days]
