"""Sixty residents text what they think of the plan; every text is kept, counted once and answered once.

Columns of `data/residents.csv`: `when` a text is sent (a day of the story) and `answer`, what the resident should get: one of the
questionnaire's texts, `help`, `danger`, `carrier` (the carrier's own answer to STOP and HELP) or `none`.
"""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from services.common.phones import mobile
from services.demo import days, telling, words
from services.demo.people import rows
from services.demo.script import Moment, Texts
from services.demo.stage import Stage

WHEN: dict[str, Moment] = {
    "early": days.EARLY,
    "opening": days.OPENING,
    "second-day": days.SECOND_DAY,
    "last-minute": days.LAST_MINUTE,
    "late": days.LATE,
}
TOLD = {
    "early": "One resident texts the evening before it opens",
    "opening": "The consultation is open, and residents text",
    "second-day": "The day after: some have more to say, one has had enough",
    "last-minute": "Ten minutes before it closes",
    "late": "It has closed: what still comes is thanked, kept, and counted apart",
}
# A receipt's reference: seven letters and digits that cannot be taken for one another.
REFERENCE = re.compile(r"\b[2-9A-HJKMNP-Z]{7}\b")
NOT_A_RESPONSE = frozenset({"HELP", "STOP", "help please"})


@dataclass(frozen=True, slots=True)
class Written:
    """One text of one resident."""

    id: str
    mobile: str
    when: str
    answer: str
    text: str

    @property
    def number(self) -> str:
        """The mobile in E.164."""
        return mobile(self.mobile, drama=True)


def texts() -> list[Written]:
    """Every text, in the order in which they are sent."""
    return [Written(**row) for row in rows("residents.csv")]


def residents(stage: Stage, questionnaire: dict[str, Any]) -> None:
    """Launch the consultation, let everybody text, and hold answers and counts against the file."""
    launched = stage.consultation.post("/v1/consultations", questionnaire)
    references: dict[str, set[str]] = {}
    for when, moment in WHEN.items():
        at = stage.go(moment)
        batch = [one for one in texts() if one.when == when]
        telling.heading(at, f"{TOLD[when]}: {len(batch)} {'text' if len(batch) == 1 else 'texts'}")
        for one in batch:
            stage.sandbox.text(one.number, stage.heeds[1].config.sender, one.text)
        stage.settle()
        arrived = stage.arrived()
        for to, body in arrived:
            references.setdefault(to, set()).update(REFERENCE.findall(body))
        bare = Counter(
            {(to, REFERENCE.sub("{reference}", body)): times for (to, body), times in arrived.items()}
        )
        stage.checks.same(f"answers to residents, {when}", _answers(batch, questionnaire), bare)
        telling.tell(f'"{batch[0].text}"', *(f'"{one.text}"' for one in batch[1:3]))
    several = {number for number, found in references.items() if len(found) > 1}
    stage.checks.equal("residents with more than one reference", set(), several)
    _counts(stage, launched["id"])


def _answers(batch: list[Written], questionnaire: dict[str, Any]) -> Texts:
    said = questionnaire["texts"] | {"danger": words.DANGER}
    return Counter((one.number, said[one.answer]) for one in batch if one.answer in said)


def _counts(stage: Stage, consultation: str) -> None:
    got = stage.consultation.get(f"/v1/consultations/{consultation}")["counts"]
    expected = counted()
    stage.checks.equal("the consultation's counts", expected, {name: got.get(name) for name in expected})
    telling.heading(stage.at(days.LATE), "What the consultation received")
    everybody = len({one.id for one in texts()})
    telling.figures(
        [
            (
                len(texts()),
                f"texts from {everybody} residents; {len(texts()) - got['texts']} were only STOP or HELP",
            ),
            (got["early"], "early, kept apart"),
            (got["late"], "late, kept apart"),
            (got["counted"], "responses in time (a text in two parts is one)"),
            (got["respondents"], "people who gave them, each counted once"),
        ]
    )


def counted() -> dict[str, int]:
    """The counts as the file has them. Two parts sent at once are one submission."""
    kept = {(one.id, one.when): one.when for one in texts() if one.text not in NOT_A_RESPONSE}
    in_time = [key for key, when in kept.items() if when not in ("early", "late")]
    return {
        "received": len(kept),
        "early": sum(when == "early" for when in kept.values()),
        "late": sum(when == "late" for when in kept.values()),
        "withdrawn": 0,
        "counted": len(in_time),
        "respondents": len({resident for resident, _ in in_time}),
        "texts": sum(one.text not in NOT_A_RESPONSE for one in texts()),
    }
