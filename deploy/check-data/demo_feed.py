"""Prints, as JSON, what the demo's producers push on the story's first morning and what should come of it. `deploy/check` runs this
inside the image, pushes the messages through nginx, and compares the texts that the carrier then has. Synthetic, all of it.

usage: python demo_feed.py PRESENT     (ISO 8601 with its offset: the story begins after it)
"""

import base64
import json
import sys
from datetime import datetime
from importlib.resources import files

import yaml

from services.demo import days, feed
from services.demo.people import people
from services.demo.script import Script

FIRST_REMINDERS = (4, days.REMINDERS_AT)


def first_morning(present: datetime) -> dict[str, object]:
    """The instants of the story's first steps, the pilot, the pushes in order, and the first texts: [number, words, how often]."""
    story = days.from_present(present)
    protocol = yaml.safe_load(files("services.demo").joinpath("data/pilot.yaml").read_text("utf-8"))
    protocol |= {
        "since": story.day(story.sitting(1)).isoformat(),
        "until": story.day(story.sitting(3)).isoformat(),
    }
    script = Script(people(), story, protocol)
    return {
        "lock": story.at(*days.LOCK).isoformat(),
        "feed": story.at(*days.FEED).isoformat(),
        "first_reminders": story.at(*FIRST_REMINDERS).isoformat(),
        "protocol": protocol,
        "pushes": [
            {
                "key": push.key,
                "method": push.method,
                "path": push.path,
                "content_type": push.content_type,
                "body": base64.b64encode(push.body).decode(),
            }
            for push in feed.listings(script.people, story)
        ],
        "texts": [[*text, times] for text, times in script.sent_at(FIRST_REMINDERS).items()],
    }


if __name__ == "__main__":
    print(json.dumps(first_morning(datetime.fromisoformat(sys.argv[1]))))  # noqa: T201 - its output is its answer
