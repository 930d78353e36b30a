"""What a run of suggestions leaves: its own row, each text's likeliest themes, a model's codes where they changed, groups to be named."""

import json
from dataclasses import replace

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.common import clock
from services.common.context import Heed
from services.common.database import serialise
from services.consultation.learning import Made, Seen
from services.consultation.models import Candidate, Coding, SuggestedThemes, TextVector, ThemeRun
from services.consultation.themes.codeframe import Stance
from services.consultation.words import no_erasure

ERASED = text(
    "SELECT s.id FROM submissions AS s JOIN respondents AS r ON r.id = s.respondent_id"
    " WHERE s.consultation_id = :id AND r.erased_at IS NOT NULL"
)


def keep(heed: Heed, session: Session, consultation_id: str, seen: Seen, made: Made, by: str) -> ThemeRun:
    """Keep all of it, but what was made of words that were erased meanwhile; the run's row."""
    serialise(session, f"suggested:{consultation_id}")
    no_erasure(session)
    made = _without(made, set(session.scalars(ERASED, {"id": consultation_id})))
    row = ThemeRun(
        consultation_id=consultation_id,
        version=seen.frame.version,
        digest=made.digest,
        learnt_from=made.learnt_from,
        embeddings=made.embeddings,
        line=made.line,
        f1=made.f1,
        recall=made.recall,
        suggested=len(made.suggestions),
        # What is left is new to the next run.
        last_submission=min(made.left) - 1 if made.left else seen.last_submission,
        last_coding=seen.last_coding,
        reason=made.reason,
        by=by,
        at=clock.now(session),
    )
    session.add(row)
    session.flush()
    if made.vectors:
        vectors = [
            {"submission_id": number, "vector_enc": heed.cipher.seal(vector, "vector")}
            for number, vector in made.vectors.items()
        ]
        session.execute(insert(TextVector).on_conflict_do_nothing(), vectors)
    if made.digest is not None:
        _keep_suggestions(heed, session, row, made)
        _keep_codes(session, row, seen, made)
        _keep_groups(heed, session, row, made)
    return row


def _without(made: Made, erased: set[int]) -> Made:
    return replace(
        made,
        suggestions=[one for one in made.suggestions if one.text not in erased],
        vectors={number: vector for number, vector in made.vectors.items() if number not in erased},
        groups=[group for group in made.groups if erased.isdisjoint(group.ids)],
    )


def _keep_suggestions(heed: Heed, session: Session, row: ThemeRun, made: Made) -> None:
    rows = [
        {
            "submission_id": one.text,
            "run_id": row.id,
            "themes": one.themes,
            "uncertainty": one.uncertainty,
            "because_enc": heed.cipher.seal(json.dumps(one.because), "because"),
        }
        for one in made.suggestions
    ]
    if rows:
        new = insert(SuggestedThemes)
        changed = {name: new.excluded[name] for name in ("run_id", "themes", "uncertainty", "because_enc")}
        session.execute(new.on_conflict_do_update(index_elements=["submission_id"], set_=changed), rows)


def _keep_codes(session: Session, row: ThemeRun, seen: Seen, made: Made) -> None:
    """A model's code is added where it says something else than the last one: what is over its line, without a stance."""
    rows = [
        {
            "submission_id": one.text,
            "themes": dict.fromkeys(sorted(one.all_likely), str(Stance.UNCLEAR)),
            "version": row.version,
            "model": row.digest,
            "at": row.at,
        }
        for one in made.suggestions
        if one.all_likely != seen.machine.get(one.text, frozenset())
    ]
    if rows:
        session.execute(insert(Coding), rows)


def _keep_groups(heed: Heed, session: Session, row: ThemeRun, made: Made) -> None:
    """These instead of those that nobody has decided on. A group that is half of one that somebody has is not offered again."""
    mine = Candidate.consultation_id == row.consultation_id
    session.execute(delete(Candidate).where(mine, Candidate.decision.is_(None)))
    decided = [set(members) for members in session.scalars(select(Candidate.members).where(mine))]
    session.add_all(
        Candidate(
            consultation_id=row.consultation_id,
            members=list(group.ids),
            marks_enc=heed.cipher.seal(json.dumps(group.words), "marks"),
            tightness=round(group.tightness * 1000),
            found_at=row.at,
        )
        for group in made.groups
        if not any(2 * len(known & set(group.ids)) >= len(group.ids) for known in decided)
    )
    session.flush()
