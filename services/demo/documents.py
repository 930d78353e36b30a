"""The demo's protocol and questionnaire, with the story's days filled in."""

from importlib.resources import files
from typing import Any

import yaml

from services.demo import days
from services.demo.days import Days


def protocol(story: Days) -> dict[str, Any]:
    """The pilot's protocol: its days are the three sitting days."""
    return _read("pilot.yaml") | {
        "since": story.day(story.sitting(1)).isoformat(),
        "until": story.day(story.sitting(3)).isoformat(),
    }


def questionnaire(story: Days) -> dict[str, Any]:
    """The consultation's questionnaire, open for three weeks."""
    return _read("consultation.yaml") | {
        "opens": story.day(days.OPENS).isoformat(),
        "closes": story.day(days.CLOSES).isoformat(),
    }


def _read(name: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(
        files("services.demo").joinpath(f"data/{name}").read_text("utf-8")
    )
    return content
