"""A consultation of made-up residents, open for weeks: something to look at in sandbox mode. Pure.

Sentences are written for Heed and are nobody's words. Among them stand what every consultation has: copies, a campaign, a blank page, a
question, a complaint and a cry for help.
"""

from datetime import date, timedelta
from importlib.resources import files
from typing import Any

from services.consultation import districts, questionnaire

ID, PEOPLE, DAYS = "sample", 72, 20
SAID = (
    "More officers on foot in the high street after dark, please. Nobody feels safe by the station.",
    "Drivers race past the school every morning and no camera catches them.",
    "I waited an hour on 101 and then nobody rang me back.",
    "Mattresses and rubble are dumped in our lane every weekend, and nobody is ever fined.",
    "The OWL messages are good. Keep them going, and tell us what came of each.",
    "My mother was tricked out of her savings on the phone. Do more against fraud.",
    "Victims are left to find out by themselves what happens next. Put them first, as the plan says.",
    "Our neighbourhood team knows everybody here. Please do not take them away.",
    "Potholes on the A10 are as big as baths, which is for the county council, I suppose.",
    "I am against closing the desk at the station: older people will not use the website.",
    "Why not let the parish councils share a warden with the police?",
    "Council tax goes up and we see fewer police. What is it spent on?",
    "Thank you for asking. It is all fine here.",
    "Young people have nowhere to go in the evening. A youth club would do more than patrols.",
    "Hare coursing and stolen quad bikes: the villages need a rural team that answers.",
)
CAMPAIGN = "We ask the Commissioner to keep neighbourhood officers in every town of the county, and to say each month how many there are."
ODD = (
    "Can somebody tell me when the station desk in Tring opens again?",
    "I wish to complain about the officer who shouted at my son on Friday.",
    "My shed was broken into last night and the mower is gone.",
    "He is hitting me, help me please",
    "",
)
CHANNELS = ("web", "web", "web", "email", "letter", "listening-post")


def content(today: date) -> dict[str, Any]:
    """The sample questionnaire, open since three weeks and for three more."""
    written = files("services.consultation").joinpath("data/sample.yaml").read_text(encoding="utf-8")
    opens, closes = today - timedelta(days=DAYS + 1), today + timedelta(days=DAYS + 1)
    return questionnaire.read(written) | {
        "id": ID,
        "title": "Made-up consultation on the Community Safety Plan",
        "opens": opens.isoformat(),
        "closes": closes.isoformat(),
        "keywords": {"en": ["SAMPLE"], "cy": ["SAMPL"]},
    }


def responses(today: date) -> list[dict[str, str]]:
    """What came on the days up to yesterday, as an office's file has it."""
    places = [*districts.names(), ""]
    said = [*ODD, *[CAMPAIGN] * 6, *(SAID[one % len(SAID)] for one in range(PEOPLE - len(ODD) - 6))]
    return [
        {
            "reference": f"sample-{one:03}",
            "channel": CHANNELS[one % len(CHANNELS)],
            "received": f"{today - timedelta(days=1 + one * 7 % DAYS)}T{8 + one % 12:02}:{one * 13 % 60:02}",
            "text": words,
            "type": "business" if one % 17 == 3 else "organisation" if one % 23 == 5 else "resident",
            "organisation": f"Made-up Parish {one}" if one % 23 == 5 else "",
            "place": places[one * 5 % len(places)],
            "victim": ("yes", "no", "no", "")[one % 4],
            "publish": ("yes", "yes", "no", "")[one % 4],
        }
        for one, words in enumerate(said)
    ]
