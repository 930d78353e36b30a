"""A conversation without any store: the same machine, on one imagined handset. Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from services.common.text_rules import Understood
from services.consultation import saying
from services.consultation.conversation import FRAGMENT, SILENCE, hear, state_of
from services.consultation.districts import OUTSIDE
from services.consultation.filled import LONGEST
from services.consultation.questionnaire import Questionnaire
from services.consultation.states import Standing, State
from services.consultation.turns import Place, Text, Turn

REFERENCE = "SAMPLE7"
QUIET = timedelta(minutes=2)
WAIT = re.compile(r"/wait (\d{1,4}) ?(s|m|h|d)\w*")
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def verdict(questionnaire: Questionnaire, words: str, after: str | None = None) -> Understood:
    """What a text is taken for while the consultation is open: the first of its sender, or the next one to the question `after`."""
    at = questionnaire.opens_at
    place = Place()
    if after:
        place = Place(has_view=True, question=after, asked=(after,), asked_at=at, expires_at=at + SILENCE)
    return hear(questionnaire, place, Text(words, at, at)).taken


@dataclass
class Handset:
    """One phone that texts one consultation; `person` is whoever holds it now."""

    questionnaire: Questionnaire
    person: int = 1
    places: dict[int, Place] = field(default_factory=dict)
    views: dict[int, list[datetime]] = field(default_factory=dict)
    stopped: bool = False
    thanked_at: datetime | None = None

    def hears(self, words: str, at: datetime) -> tuple[Turn, str | None]:
        """Send a text; what it came to, and what is said in return."""
        place = self.places.get(self.person, Place())
        turn = hear(self.questionnaire, place, Text(words, at, at, None, self._beside(at), self.stopped))
        if turn.taken.kind in ("opt-out", "opt-in"):
            self.stopped = turn.taken.kind == "opt-out"
        self.person = turn.place.person
        self.places[self.person] = turn.place
        if turn.view and turn.view.standing != Standing.BLANK:
            self.views.setdefault(self.person, []).append(at)
        return turn, self._said(turn, at)

    def state(self) -> State:
        """Where the person who holds it stands."""
        place = self.places.get(self.person, Place())
        late = bool(self.views.get(self.person)) and all(self._side(at) > 0 for at in self.views[self.person])
        outside = OUTSIDE in place.answers.values()
        return state_of(self.questionnaire, place, late=late, out_of_area=outside)

    def _beside(self, at: datetime) -> datetime | None:
        near = [
            one
            for one in self.views.get(self.person, [])
            if abs(at - one) <= FRAGMENT and self._side(one) == self._side(at)
        ]
        return max(near, default=None)

    def _side(self, at: datetime) -> int:
        """-1 before it opens, 1 after it closes, 0 between."""
        closes_at = self.questionnaire.closes_at
        return -1 if at < self.questionnaire.opens_at else int(closes_at is not None and at >= closes_at)

    def _said(self, turn: Turn, at: datetime) -> str | None:
        say = turn.say
        if say is None or (self.stopped and turn.taken.kind != "opt-out"):
            return None
        if say.mere and self.thanked_at and at - self.thanked_at < QUIET:
            return None
        if say.texts and turn.taken.kind != "danger":
            self.thanked_at = at
        return saying.words(self.questionnaire, say, turn.place.language, REFERENCE, LONGEST["{page}"])


def play(questionnaire: Questionnaire, lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Each line is a text to a fresh handset, from ten on the opening day, half a minute apart; "/wait 73h" lets time pass.

    What each came to: {"text", "kind", "rule", "says", "open_question", "person", "state"}.
    """
    handset, at = Handset(questionnaire), questionnaire.opens_at + timedelta(hours=10)
    for line in lines:
        words = line.rstrip("\n")
        passed = waited(words)
        at += passed or timedelta(seconds=30)
        if passed:
            continue
        turn, said = handset.hears(words, at)
        yield {
            "text": words,
            "kind": turn.taken.kind,
            "rule": turn.taken.rule,
            "says": said,
            "open_question": turn.place.question,
            "person": turn.place.person,
            "state": handset.state(),
        }


def waited(line: str) -> timedelta | None:
    """How long a line like "/wait 73h" lets pass; None where it is a text."""
    found = WAIT.fullmatch(line.strip())
    return timedelta(**{UNITS[found[2]]: int(found[1])}) if found else None
