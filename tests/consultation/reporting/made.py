"""A whole report as `report.report` makes it, from counts: for the tests of what is hidden and of the forms."""

import random
from importlib.resources import files
from typing import Any

from services.consultation.reconciliation import REASONS
from services.consultation.reporting import caveats, themes
from services.consultation.reporting.themes import Response, Sort
from services.consultation.themes import codeframe
from services.consultation.themes.codeframe import Stance, digest
from services.consultation.themes.codes import Standing

FRAME = codeframe.read(files("services.consultation").joinpath("data/codeframe.yaml").read_text("utf-8"))
NOTHING = dict.fromkeys(map(str, REASONS), 0)
CHANNELS = {"web": 9, "email": 3, "letter": 1, "sms": 0.4}


def whole(seed: int, people: int = 90, days: int = 9) -> dict[str, Any]:
    """A made-up report of so many people, one response each but for some who write twice."""
    chance = random.Random(seed)
    responses, standing, received = [], {}, []
    for number in range(people + people // 10):
        person = number % people
        victim = random.Random(f"{seed}:{person}").random() < 0.12
        responses.append(Response(number, person, Sort.VICTIMS if victim else Sort.OTHERS))
        spoken = {
            theme: chance.choice(list(Stance) + [Stance.SUPPORT] * 3)
            for theme in chance.choices(
                FRAME.ids, weights=range(len(FRAME.ids), 0, -1), k=chance.choice((1, 1, 2))
            )
        }
        if chance.random() < 0.95:
            standing[number] = Standing(number, spoken, chance.random() < 0.9, frozenset())
        received.append(
            (chance.randrange(days), chance.choices(list(CHANNELS), weights=CHANNELS.values())[0])
        )
    by_day = [
        {
            "day": f"2026-09-{day + 1:02}",
            "channel": channel,
            "received": received.count((day, channel)),
            "analysed": 0,
        }
        for day, channel in sorted(set(received))
    ]
    table = themes.table(FRAME, responses, standing)
    return {
        "id": "made",
        "title": "Made up",
        "kind": "consultation",
        "hash": "h",
        "opens_at": "2026-09-01T00:00:00+01:00",
        "closes_at": "2026-10-01T00:00:00+01:00",
        "made_at": "2026-10-02T10:00:00+01:00",
        "version": "v",
        "audit_head": "3:aa",
        "synthetic": True,
        "form": "full",
        "smallest_count": None,
        "counts": {"received": len(received), "counted": len(received), "respondents": people},
        "reconciliation": _reconciliation(received),
        "by_day": by_day,
        "by_day_step": "day",
        "days": [],
        "respondents": _spread(chance, people - 4, ["resident", "victim", "business"]) | {"organisation": 4},
        "districts": _spread(chance, people, ["watford", "dacorum", "st-albans", "hertsmere", "not-known"]),
        "ages": _spread(chance, people, ["18-34", "35-64", "65-over", "not-known"]),
        "victims": _spread(chance, people, ["yes", "no", "not-known"]),
        "languages": {"en": people - 2, "pl": 2},
        "understood": ["en"],
        "other_script": 1,
        "organisations": ["A", "B", "C", "erased (H74863G)"],
        "campaigns": [{"campaign": 1, "responses": 9, "people": 4, "first_at": "2026-09-01T10:00", "last_at": "2026-09-02T10:00"}],
        "invitations": {"invited": 9, "sent": 9, "not_sent": 0, "replied": 2, "rate": 0.2222},
        "publicity": [{"what": "households", "reached": 18199, "at": "2026-09-01T10:00:00+01:00"}],
        "themes": {"codeframe": {"id": "plan", "version": 1, "digest": digest(FRAME)}, "model": None} | table,
        "agreement": [
            {"theme": theme, "texts": 20, "both": 4, "one_only": 1, "kappa": 0.8, "low": 0.5, "high": 1.0} for theme in FRAME.ids
        ],
        "quotes": [{"theme": theme, "words": f"words on {theme}"} for theme in FRAME.ids],
        "feedback": {
            "answers": [{"theme": "road-safety", "title": "Road Safety", "outcome": "done", "considered": "c", "done": "d", "approved_at": "2026-10-01T10:00:00+01:00"}],
            "unanswered": [row["theme"] for row in table["rows"] if row["responses"]],
            "due_at": "2026-12-24T00:00:00+00:00",
            "overdue": False,
            "asked": 30,
            "texts": {"planned": 12, "told": 12, "sent": 11, "not_sent": 1},
            "bundles": [],
        },
        "caveats": list(caveats.CAVEATS),
        "method": list(caveats.METHOD),
    }  # fmt: skip


def _reconciliation(received: list[tuple[int, str]]) -> list[dict[str, Any]]:
    channels = [channel for _, channel in received]
    lines = [
        {"channel": one, "received": channels.count(one), "removed": NOTHING, "analysed": channels.count(one)}
        for one in dict.fromkeys(channels)
    ]
    return [
        *lines,
        {"channel": "all", "received": len(channels), "removed": NOTHING, "analysed": len(channels)},
    ]


def _spread(chance: random.Random, people: int, rows: list[str]) -> dict[str, int]:
    weights = [chance.choice((1, 3, 40)) for _ in rows]
    drawn = chance.choices(rows, weights=weights, k=people)
    return {row: drawn.count(row) for row in rows}
