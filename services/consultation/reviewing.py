"""Who looks at which text next, and how far the review is."""

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.common import audit, clock
from services.common.context import Heed
from services.consultation import codeframes, coding, codings
from services.consultation.models import Consultation, ReviewTurn, SuggestedThemes
from services.consultation.themes import codes as rules
from services.consultation.themes import lexicon, queue
from services.consultation.themes.codeframe import Codeframe
from services.consultation.themes.codes import Code
from services.consultation.themes.queue import Waiting
from services.consultation.words import said_in

HELD = timedelta(minutes=15)  # for so long nobody else is given a text that somebody has before them
SHOWN = 3
# A row a text that may be coded now: how little the model knows of it, and who has coded it. Of those for one person alone, which may
# be 100,000, the first by the queue's own order are enough: nobody is given more than one.
FIRST = 100
WAITING = text(
    "WITH coded AS (SELECT coalesce(-s.campaign_id, s.id) AS same, array_agg(DISTINCT c.by) AS coders, bool_or(NOT c.blind) AS seen"
    " FROM codings AS c JOIN submissions AS s ON s.id = c.submission_id"
    " WHERE s.consultation_id = :id AND c.by IS NOT NULL GROUP BY 1),"
    " texts AS (SELECT coalesce(-s.campaign_id, s.id) AS same, min(s.id) AS id"
    " FROM submissions AS s JOIN respondents AS r ON r.id = s.respondent_id"
    # What was erased has no words to be read.
    " WHERE s.consultation_id = :id AND s.standing = 'counted' AND r.erased_at IS NULL GROUP BY 1),"
    " waiting AS MATERIALIZED (SELECT t.id, coalesce(g.uncertainty, 1) AS uncertainty, coalesce(c.coders, '{}') AS coders,"
    " coalesce(c.seen, false) AS seen, sha256(convert_to(:seed || ':' || t.id, 'UTF8')) AS lot"
    " FROM texts AS t LEFT JOIN coded AS c USING (same) LEFT JOIN suggested_themes AS g ON g.submission_id = t.id)"
    " (SELECT id, uncertainty, coders, seen FROM waiting WHERE lot < :edge OR id = ANY(:again))"
    " UNION ALL (SELECT id, uncertainty, coders, seen FROM waiting"
    " WHERE NOT (lot < :edge OR id = ANY(:again)) AND coders = '{}' AND NOT id = ANY(:held)"
    " ORDER BY uncertainty DESC, lot LIMIT :first)"
)
CODED = text(
    "SELECT count(DISTINCT c.submission_id), count(DISTINCT c.submission_id) FILTER (WHERE c.blind) FROM codings AS c"
    " JOIN submissions AS s ON s.id = c.submission_id WHERE s.consultation_id = :id AND c.by = :by"
)


@dataclass(frozen=True, slots=True, repr=False)
class Turn:
    """A text for one coder: its words; unless it is blind, what is suggested and what stands; `after` goes back with the code."""

    response: int
    words: str
    blind: bool
    version: int
    after: int | None
    stands: dict[str, Any] | None
    suggestions: list[dict[str, Any]]


def take_next(heed: Heed, session: Session, row: Consultation, by: str) -> Turn | None:
    """The text that this coder looks at next, held for them for a quarter of an hour; None where nothing waits. The look is audited."""
    frame = codeframes.in_use(session, row.id, by)
    now = clock.now(session)
    waiting = _waiting(session, row, frame, by, now)
    coded, coded_blind = session.execute(CODED, {"id": row.id, "by": by}).one()
    turns = queue.queue(waiting, by, row.hash, coded, coded_blind)
    if not turns:
        return None
    turn = turns[0]
    held = insert(ReviewTurn).values(submission_id=turn.id, coder=by, at=now)
    session.execute(
        held.on_conflict_do_update(index_elements=["submission_id", "coder"], set_={"at": held.excluded.at})
    )
    return read(heed, session, row, turn.id, by)


def read(heed: Heed, session: Session, row: Consultation, submission_id: int, by: str) -> Turn:
    """One text as this person may see it: of a blind one that two have not yet coded, nothing but the words and their own code.
    Audited. Raises Refused: `not-found`, `not-analysed`."""
    frame = coding.codeframe(session, row.id)
    of = codings.text_of(session, row.id, submission_id)
    blind = of.next_is_blind
    audit.record(session, by, "text-read", f"response:{submission_id}", blind=blind)
    (said,) = said_in(heed, session, [submission_id])
    seen = [code for code in of.by_people() if not blind or code.by == by]
    stands = rules.stands(seen) if seen else None
    return Turn(
        submission_id,
        said.words,
        blind=blind,
        version=frame.version,
        after=stands.number if stands else None,
        stands=codings.shown(stands) if stands else None,
        suggestions=[] if blind else suggestions(heed, session, frame, of.first, said.words),
    )


def suggestions(
    heed: Heed, session: Session, frame: Codeframe, submission_id: int, words: str
) -> list[dict[str, Any]]:
    """What the latest run suggests for a text, likeliest first; before any run, what the lexicon finds in it."""
    terms = lexicon.found(frame, words)
    row = session.get(SuggestedThemes, submission_id)
    if row is None:
        most = sorted(terms, key=lambda theme: -len(terms[theme]))[:SHOWN]
        return [_suggestion(frame, theme, None, False, [], terms) for theme in most]
    because = json.loads(heed.cipher.open(row.because_enc, "because").reveal()) if row.because_enc else {}
    return [
        _suggestion(frame, theme, share, likely, because.get(theme, []), terms)
        for theme, share, likely in row.themes
        if theme in frame.ids  # a run may be older than a merge
    ]


def _suggestion(
    frame: Codeframe,
    theme: str,
    share: float | None,
    likely: bool,
    words: list[str],
    terms: dict[str, tuple[str, ...]],
) -> dict[str, Any]:
    return {
        "theme": theme,
        "title": frame.theme(theme).title,
        "share": share,
        "likely": likely,
        "words": words,
        "terms": list(terms.get(theme, ())),
    }


def _waiting(session: Session, row: Consultation, frame: Codeframe, by: str, now: datetime) -> list[Waiting]:
    held: dict[int, set[str]] = defaultdict(set)
    for number, coder in session.execute(
        select(ReviewTurn.submission_id, ReviewTurn.coder).where(
            ReviewTurn.at > now - HELD, ReviewTurn.coder != by
        )
    ):
        held[number].add(coder)
    again: set[int] = set()
    if any(change.kind == "split" for change in frame.changes):
        found = coding.units(session, row.id)
        again = _to_look_at_again(frame, coding.codes(session, row.id, found, people=True))
    ask = {"id": row.id, "seed": row.hash, "edge": queue.EDGE, "first": FIRST}
    rows = session.execute(WAITING, ask | {"again": list(again), "held": list(held)})
    return [
        Waiting(
            number,
            uncertainty,
            frozenset(coders),
            frozenset(held[number]),
            seen=seen,
            again=number in again,
        )
        for number, uncertainty, coders, seen in rows
    ]


def _to_look_at_again(frame: Codeframe, people: list[Code]) -> set[int]:
    """Texts that a person gave a theme which was split since."""
    return {one.text for one in rules.standing(frame, people).values() if one.unclear}


def given(session: Session, row: Consultation, theme_id: str) -> int:
    """How many texts stand coded with a theme by people: what a split has looked at again."""
    frame = coding.codeframe(session, row.id)
    codes = coding.codes(session, row.id, coding.units(session, row.id), people=True)
    return sum(theme_id in one.themes for one in rules.standing(frame, codes).values())


def state(session: Session, row: Consultation) -> dict[str, Any]:
    """How far the review is: responses reviewed of all, texts that wait, texts coded twice blind, and the latest run."""
    frame = coding.codeframe(session, row.id)
    found = coding.units(session, row.id)
    codes = coding.codes(session, row.id, found, people=True)
    people = {code.text for code in codes}
    pairs = coding.blind_pairs(frame, codes)
    coders: dict[str, set[int]] = defaultdict(set)
    for code in codes:
        coders[code.by or ""].add(code.text)
    return {
        "version": frame.version,
        "responses": len(found.text_of),
        "responses_reviewed": sum(first in people for first in found.text_of.values()),
        "texts": len(found.texts),
        "texts_waiting": len(found.texts - people),
        "to_look_at_again": len(_to_look_at_again(frame, codes)),
        "blind": sum(queue.blind(one, row.hash) for one in found.texts),
        "coded_twice": len(pairs),
        "differ": [number for number, (first, second) in pairs if first != second],
        "coders": {coder: len(texts) for coder, texts in sorted(coders.items())},
        "run": next(iter(coding.runs(session, row.id)), None),
    }
