"""The office's whole report in the file layout of ThemeFinder (i.AI), so that its tools, and Consult, can read what people coded. Pure.

It has a row a response, from which every count can be made: so it is for the office, and in no published report. Words are masked by
rule. An answer stands for one question, as the consultation asks one.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.consultation.themes.codeframe import Codeframe, Stance

QUESTION = "question_part_1"
STANCES = {Stance.SUPPORT: "AGREEMENT", Stance.OPPOSE: "DISAGREEMENT", Stance.UNCLEAR: "UNCLEAR"}


@dataclass(frozen=True, slots=True, repr=False)
class Row:
    """One analysed response: its words, masked, what its person said of themselves, and its themes."""

    id: int
    words: str
    about: Mapping[str, str]
    themes: Mapping[str, Stance]


def files(title: str, day: str, frame: Codeframe, rows: Sequence[Row]) -> dict[str, bytes]:
    """The files by their place under the folder of the consultation. `day` names the run of the coding."""
    outputs = f"outputs/mapping/{day}/{QUESTION}"
    return {
        f"inputs/{QUESTION}/question.json": _json({"question_number": 1, "question_text": title}),
        f"inputs/{QUESTION}/responses.jsonl": _lines(
            {"themefinder_id": row.id, "text": row.words} for row in rows
        ),
        "inputs/respondents.jsonl": _lines(
            {"themefinder_id": row.id, "demographic_data": dict(row.about)} for row in rows
        ),
        f"{outputs}/themes.json": _json(
            [
                {"theme_key": theme.id, "theme_name": theme.title, "theme_description": theme.means}
                for theme in frame.themes
            ]
        ),
        f"{outputs}/mapping.jsonl": _lines(
            {"themefinder_id": row.id, "theme_keys": list(row.themes)} for row in rows
        ),
        f"{outputs}/sentiment.jsonl": _lines(
            {"themefinder_id": row.id, "sentiment": _sentiment(row.themes.values())} for row in rows
        ),
    }


def _sentiment(stances: Iterable[Stance]) -> str:
    """Of the whole response: where its themes agree on a stance that one, else unclear."""
    several = set(stances)
    return STANCES[several.pop()] if len(several) == 1 else STANCES[Stance.UNCLEAR]


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()


def _lines(values: Iterable[Any]) -> bytes:
    return "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values).encode()
