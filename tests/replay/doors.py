"""The doors through which a replay goes: the office's calls and commands, and residents' handsets at the stand-in carrier."""

import csv
import io
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import requests

from services.demo.client import Client
from tests.replay.year_2019 import Talk

PATIENCE = 900.0  # seconds: an answer whose fate is doubtful goes out again once two looks, ten minutes apart, have not found it


class Doors:
    """One running stack, as `up.json` tells of it."""

    def __init__(self, up: dict[str, Any], sender: str) -> None:
        self.office = Client(up["consultation"]["url"], up["consultation"]["key"])
        self.carrier = Client(up["sandbox"]["url"])
        self.sender = sender
        self._key = up["consultation"]["key"]
        self._heard = 0

    def responses(self, consultation: str, title: str, rows: Sequence[dict[str, str]]) -> dict[str, int]:
        """Send a file of responses; what became of its rows, none of which may be rejected."""
        file = io.StringIO()
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
        answer = requests.post(
            f"{self.office.url}/v1/consultations/{consultation}/responses",
            params={"batch": title},
            data=file.getvalue().encode(),
            headers={"Authorization": f"Bearer {self._key}", "Content-Type": "text/csv"},
            timeout=600,
        )
        answer.raise_for_status()
        assert answer.json()["status"] == "applied", answer.json()["rejections"][:3]
        return dict(answer.json()["counts"])

    def converse(self, talks: Iterable[Talk]) -> None:
        """Let residents text at once, each sending the next text when the last one is answered."""
        left = {talk.number: list(talk.texts) for talk in talks}
        while left := {number: texts for number, texts in left.items() if texts}:
            for number, texts in left.items():
                self.carrier.text(number, self.sender, texts.pop(0))
            self._answered(set(left))

    def transcript(self, number: str) -> list[tuple[str, str]]:
        """What the handset's page shows, oldest first: who speaks, and the words."""
        sent = self.carrier.get("/sandbox/messages", **{"from": number})["messages"]
        got = self.carrier.get("/sandbox/messages", to=number)["messages"]
        both = sorted([*sent, *got], key=lambda one: one["seq"])
        return [("resident" if one["from"] == number else "Heed", one["body"]) for one in both]

    def _answered(self, numbers: set[str]) -> None:
        end = time.monotonic() + PATIENCE
        left = set(numbers)
        while left:
            listed = self.carrier.get("/sandbox/messages", since=self._heard)
            self._heard = listed["last"]
            left -= {one["to"] for one in listed["messages"]}
            if time.monotonic() > end:
                raise TimeoutError(f"{len(left)} of {len(numbers)} residents have no answer")
            time.sleep(0.05)


def heed(*arguments: str) -> str:
    """Run a `heed` command; what it prints."""
    ran = subprocess.run(
        [sys.executable, "-m", "services.cli", *arguments], check=False, capture_output=True, text=True
    )
    if ran.returncode:
        raise RuntimeError(f"heed {' '.join(arguments)}: {ran.stderr.strip()}")
    return ran.stdout


def go_to(day: date) -> None:
    """Set every clock to noon of a day."""
    heed("tick", "--now", f"{day}T12:00")
