"""`python -m tests.browser.tour`: the pictures of docs/tour.md, made anew from a demo that is up (`make demo`, in another terminal).

Everybody in them is made up. What the demo left is joined by what its own buttons make: people with hearings on the next days, and a
consultation that is open; then some texts come from handsets, and an analyst codes.
"""

import contextlib
import io
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from PIL import Image
from sqlalchemy import text

from services.common.accounts import sessions, users
from services.common.context import Heed
from services.common.process import opened
from services.common.settings import load
from tests.browser.chromium import Chromium

IMAGES = Path(__file__).parents[2] / "docs/images"
WIDTH, COLOURS = 1000, 48
NAME = "sam"
# The demo's defendant of whom most texts tell, and whose outcome is known.
TOLD = text(
    "SELECT l.person_id FROM outbox o JOIN listings l ON l.id = o.subject_id WHERE o.state = 'accepted' AND o.kind IN ('reminder', 'change')"
    " AND EXISTS (SELECT FROM outcomes c WHERE c.listing_id = l.id) GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"
)
TEXTS = (
    ("+447700900205", "reminders", "I can not come on that day, I have an operation. What do I do?"),
    ("+447700900201", "reminders", "he is outside my house with a knife help"),
    ("+447700900640", "consultation", "SAMPLE More officers by the station after dark please"),
)
CODED = 24  # texts: more than the machine begins to learn from


@dataclass(frozen=True, slots=True)
class Picture:
    """A page as one role sees it, so many CSS pixels tall: from its top, or from what a selector finds."""

    name: str
    service: str
    role: str
    path: str
    tall: int = 720
    at: str = ""


PICTURES = (
    Picture("today", "reminders", "operator", "/", 1000),
    Picture("hearings", "reminders", "operator", "/hearings", 960),
    Picture("person", "reminders", "operator", "/people/{told}", 1500),
    Picture("texts", "reminders", "operator", "/texts", 620, "#said"),
    Picture("inbox", "reminders", "operator", "/inbox", 680),
    Picture("calls", "reminders", "operator", "/calls", 880),
    Picture("duty", "reminders", "duty", "/duty/1", 1040),
    Picture("pilot", "reminders", "evaluator", "/pilots/1/looks/1", 820),
    Picture("flow", "reminders", "evaluator", "/pilots/1/looks/1", 860, "#section-2"),
    Picture("overview", "consultation", "analyst", "/listening/sample", 1420),
    Picture("review", "consultation", "analyst", "/listening/sample/themes/review", 900),
    Picture("report", "consultation", "analyst", "/listening/sample/report", 900, "#section-2"),
    Picture("answers", "consultation", "publisher", "/listening/sample/answers", 860),
)


class Guide:
    """A browser that signs in as it needs, on the demo that is up."""

    def __init__(self, browser: Chromium, up: dict[str, Any], heeds: tuple[Heed, ...]) -> None:
        self.browser, self.up, self.heeds = browser, up, {one.service: one for one in heeds}

    def as_(self, service: str, role: str) -> str:
        """Be somebody of this role; the service's address."""
        heed = self.heeds[service]  # type: ignore[index]
        with heed.database.begin() as session:
            try:
                users.set_roles(session, heed.service, NAME, [role], "tour")
            except users.AccountError:
                users.add(session, heed.service, NAME, [role], "tour")
            user = users.the(session, NAME)
            user.must_change = False
            token = sessions.start(session, user)
        url = str(self.up[service]["url"])
        self.browser.forget()
        self.browser.cookie(url, f"heed-{service}", token)
        return url

    def press(self, service: str, role: str, path: str, button: str) -> None:
        """Press a button of a page, where it is there."""
        self.browser.open(self.as_(service, role) + path)
        if self.browser.run(f"!!document.querySelector({json.dumps(button)})"):
            self.browser.click(button)

    def code(self, texts: int) -> None:
        """Code as an analyst does: the first theme that is suggested, in support, or that there is none."""
        self.browser.open(self.as_("consultation", "analyst") + "/listening/sample/themes/review")
        for _ in range(texts):
            if not self.browser.run("!!document.querySelector('[accesskey=s]')"):
                return
            self.browser.run(
                "(() => { const first = document.querySelector('[accesskey=\"1\"]');"
                " const theme = first && !first.closest('fieldset').innerText.includes('None') ? first.closest('fieldset') : null;"
                " (theme?.querySelector('[value=support]') ?? [...document.querySelectorAll('.heed-theme [value=unclear]')].at(-2))"
                ".checked = true; })()"
            )
            self.browser.click("[accesskey=s]")

    def take(self, picture: Picture, told: int) -> int:
        """Write the picture, small; its bytes."""
        self.browser.width(WIDTH, picture.tall)
        self.browser.call("Emulation.setScrollbarsHidden", hidden=True)
        path = picture.path.format(told=told)
        assert self.browser.open(self.as_(picture.service, picture.role) + path) == 200, path
        top = (
            f"document.querySelector({json.dumps(picture.at)}).getBoundingClientRect().top - 20"
            if picture.at
            else "0"
        )
        clip = {"x": 0, "y": self.browser.run(top), "width": WIDTH, "height": picture.tall, "scale": 1}
        whole = Image.open(io.BytesIO(self.browser.shot(clip=clip))).convert("RGB")
        file = IMAGES / f"tour-{picture.name}.png"
        whole.quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)
        return file.stat().st_size


@contextlib.contextmanager
def _guide() -> Iterator[Guide]:
    settings, program = load(), shutil.which("chromium")
    written = settings.data_dir / "up.json"
    if not written.exists() or program is None:
        sys.exit("tour: start a demo first (make demo), and have Debian's Chromium")
    up = json.loads(written.read_text())
    with opened("reminders", "consultation") as heeds, tempfile.TemporaryDirectory() as profile:
        browser = Chromium(program, Path(profile))
        try:
            yield Guide(browser, up, heeds)
        finally:
            browser.close()


def main() -> None:
    """Make the pages alive, then take every picture."""
    with _guide() as guide:
        with guide.heeds["reminders"].database.begin() as session:
            told = session.scalar(TOLD)
        if told is None:
            sys.exit("tour: wait until the demo has told its story")
        guide.press("reminders", "operator", "/hearings", "form[action='/sample'] button")
        guide.press("consultation", "analyst", "/", "form[action='/listening/sample'] button")
        for number, service, words in TEXTS:
            sender = guide.heeds[service].config.sender  # type: ignore[index]
            sent = {"from": number, "to": sender, "body": words}
            requests.post(
                f"{guide.up['sandbox']['url']}/sandbox/inbound", json=sent, timeout=30
            ).raise_for_status()
        guide.code(CODED)
        for picture in PICTURES:
            print(f"{guide.take(picture, told):7,} bytes  tour-{picture.name}.png")


if __name__ == "__main__":
    main()
