"""What stands for a consultation's responses today: codes of people and models, read under the latest codeframe. Reads only.

A campaign's copies are one text: whichever of them was coded, all take its code. Everything here takes a consultation whole,
in a few statements.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from services.consultation.models import Frame, ThemeRun
from services.consultation.themes import agreement as agreements
from services.consultation.themes import codeframe as frames
from services.consultation.themes import codes as rules
from services.consultation.themes.agreement import Agreement
from services.consultation.themes.codeframe import Codeframe, Stance
from services.consultation.themes.codes import Code, Standing

# A campaign is coded once: by the first of its copies that counts and was not erased. Numbers of campaigns are made negative, so that
# they meet no number of a response.
UNITS = text(
    "SELECT s.id, coalesce(-s.campaign_id, s.id),"
    " coalesce(min(s.id) FILTER (WHERE r.erased_at IS NULL) OVER same, min(s.id) OVER same)"
    " FROM submissions AS s JOIN respondents AS r ON r.id = s.respondent_id"
    " WHERE s.consultation_id = :id AND s.standing = 'counted'"
    " WINDOW same AS (PARTITION BY coalesce(-s.campaign_id, s.id)) ORDER BY s.id"
)
STANCES = {str(one): one for one in Stance}
CODES = text(
    "SELECT coalesce(-s.campaign_id, s.id), c.themes, c.version, c.at, c.by, c.model, c.blind, c.id"
    " FROM codings AS c JOIN submissions AS s ON s.id = c.submission_id WHERE s.consultation_id = :id"
    " AND (NOT :people OR c.by IS NOT NULL) ORDER BY c.id"
)
REVIEWED = text(
    "WITH people AS (SELECT DISTINCT coalesce(-s.campaign_id, s.id) AS same FROM codings AS c"
    " JOIN submissions AS s ON s.id = c.submission_id WHERE s.consultation_id = :id AND c.by IS NOT NULL)"
    " SELECT count(p.same), count(*) FROM submissions AS s LEFT JOIN people AS p ON p.same = coalesce(-s.campaign_id, s.id)"
    " WHERE s.consultation_id = :id AND s.standing = 'counted'"
)


@dataclass(frozen=True, slots=True)
class Units:
    """The responses that are analysed. `text_of`: of each, the response whose words are coded for it; `text_of_group`: the same
    by the number that a campaign's copies share."""

    text_of: dict[int, int]
    text_of_group: dict[int, int]

    @property
    def texts(self) -> frozenset[int]:
        """The responses whose words are coded."""
        return frozenset(self.text_of.values())


def units(session: Session, consultation_id: str) -> Units:
    """Which words are coded for which response, of all that count."""
    text_of, of_group = {}, {}
    for number, group, first in session.execute(UNITS, {"id": consultation_id}):
        text_of[number] = of_group[group] = first
    return Units(text_of, of_group)


def codes(session: Session, consultation_id: str, found: Units, *, people: bool = False) -> list[Code]:
    """Every code of every text that counts, in the order in which they were given; `people`: without those of models."""
    rows = session.execute(CODES, {"id": consultation_id, "people": people})
    return [
        code_of(found.text_of_group[group], *rest) for group, *rest in rows if group in found.text_of_group
    ]


def code_of(
    of: int,
    themes: dict[str, str],
    version: int,
    at: datetime,
    by: str | None,
    model: str | None,
    blind: bool,
    number: int,
) -> Code:
    """One stored code."""
    return Code(
        of,
        {theme: STANCES[stance] for theme, stance in themes.items()},
        version,
        at,
        by,
        model,
        blind,
        number,
    )


def codeframe(session: Session, consultation_id: str) -> Codeframe:
    """The latest version that this consultation uses; before anybody has coded or changed one, the one that Heed comes with."""
    kept = session.scalar(
        select(Frame.content)
        .where(Frame.consultation_id == consultation_id)
        .order_by(Frame.version.desc())
        .limit(1)
    )
    return shipped() if kept is None else frames.parse(kept)


@lru_cache(maxsize=1)
def shipped() -> Codeframe:
    """The codeframe that a consultation begins with."""
    return frames.read(files("services.consultation").joinpath("data/codeframe.yaml").read_text("utf-8"))


def standing(session: Session, consultation_id: str) -> dict[int, Standing]:
    """What stands for each analysed response that has a code, by its number; `text` is the response whose words were coded.

    Responses that nobody and nothing has coded are left out: `reviewed` counts all.
    """
    found = units(session, consultation_id)
    by_text = rules.standing(codeframe(session, consultation_id), codes(session, consultation_id, found))
    return {number: by_text[first] for number, first in found.text_of.items() if first in by_text}


def reviewed(session: Session, consultation_id: str) -> tuple[int, int]:
    """(analysed responses whose text a person has coded, analysed responses): stands beside every number."""
    people, everybody = session.execute(REVIEWED, {"id": consultation_id}).one()
    return people, everybody


def agreement(session: Session, consultation_id: str) -> list[Agreement]:
    """How far two people agree on each theme of today, over the texts that both coded blind."""
    frame = codeframe(session, consultation_id)
    given = codes(session, consultation_id, units(session, consultation_id), people=True)
    return agreements.agreement(frame.ids, [pair for _, pair in blind_pairs(frame, given)])


def blind_pairs(
    frame: Codeframe, given: Iterable[Code]
) -> list[tuple[int, tuple[frozenset[str], frozenset[str]]]]:
    """Of each text that two people coded blind, both persons' themes as of today. A text with a theme that was split since tells
    nothing about today's themes and is left out."""
    pairs = []
    for number, both in sorted(rules.blind_pairs(given).items()):
        first, second = (rules.read(frame, code) for code in both)
        if not first.unclear and not second.unclear:
            pairs.append((number, (frozenset(first.themes), frozenset(second.themes))))
    return pairs


def runs(session: Session, consultation_id: str) -> list[dict[str, Any]]:
    """Every run that suggested themes, the newest first: the model's digest, the codeframe's version, how many texts it learnt from
    and how good it was on texts left out."""
    rows = session.scalars(
        select(ThemeRun).where(ThemeRun.consultation_id == consultation_id).order_by(ThemeRun.id.desc())
    )
    return [described(row) for row in rows]


def latest_run(session: Session, consultation_id: str) -> dict[str, Any] | None:
    """The latest run that had a model, which is the one that a report names; None before the first."""
    return next((run for run in runs(session, consultation_id) if run["digest"]), None)


def described(row: ThemeRun) -> dict[str, Any]:
    """A run as it is shown."""
    shown = (
        "id",
        "version",
        "digest",
        "learnt_from",
        "embeddings",
        "line",
        "f1",
        "recall",
        "suggested",
        "reason",
        "at",
    )
    return {name: getattr(row, name) for name in shown}
