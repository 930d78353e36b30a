"""From texts to themes that people stand behind: suggested, coded, coded anew, read under a changed codeframe, quoted, erased."""

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from services.common import audit
from services.common.acts import Refused
from services.consultation import (
    codeframes,
    coding,
    codings,
    emerging,
    erasure,
    jobs,
    publication,
    redacting,
    reviewing,
    suggesting,
)
from services.consultation.models import (
    Candidate,
    Coding,
    Consultation,
    Redaction,
    Respondent,
    SuggestedThemes,
    TextVector,
    ThemeRun,
)
from services.consultation.themes import codeframe as frames
from services.consultation.themes import queue
from tests.consultation.office import BY, CAMPAIGN, bring_in, row
from tests.consultation.post import ANN, Post
from tests.consultation.test_duplicates import find

ID = "plan-2026"
PLACES = ("Ware", "Tring", "Bushey", "Harpenden", "Codicote", "Royston", "Baldock", "Cheshunt")
SAID = {
    "fly-tipping": "Mattresses and rubbish dumped in the lane near {}",
    "road-safety": "Cars speeding past the school in {} every morning",
    "public-contact": "Waited an hour on 101 about a burglary in {}",
}
HORSES = "Horses on the bridleway at {} need hi-vis riders"


def doing(post: Post, act: Callable[[Session], Any]) -> Any:
    with post.heed.database.begin() as session:
        return act(session)


def refused(post: Post, act: Callable[[Session], Any]) -> str:
    with pytest.raises(Refused) as error:
        doing(post, act)
    return error.value.error


def code(post: Post, number: int, by: str = "ann", after: int | None = None, **themes: str) -> int:
    given = {theme.replace("_", "-"): stance for theme, stance in themes.items()}
    return doing(post, lambda session: codings.code(session, ID, number, given, by, after))


def stands(post: Post) -> dict[int, dict[str, str]]:
    found = doing(post, lambda session: coding.standing(session, ID))
    return {
        number: {theme: str(stance) for theme, stance in one.themes.items()} for number, one in found.items()
    }


def seed(post: Post) -> str:
    return doing(post, lambda session: session.get_one(Consultation, ID).hash)


def parted(post: Post) -> tuple[list[int], list[int]]:
    """The texts that the lot fell on, and the others."""
    lot = seed(post)
    numbers = [one.id for one in post.rows() if one.standing == "counted"]
    return [one for one in numbers if queue.blind(one, lot)], [
        one for one in numbers if not queue.blind(one, lot)
    ]


def take(post: Post, by: str) -> reviewing.Turn | None:
    return doing(
        post, lambda session: reviewing.take_next(post.heed, session, session.get_one(Consultation, ID), by)
    )


def test_from_a_text_to_what_stands(post: Post) -> None:
    """Suggested, coded by two people, learnt from by the sweep, merged, split, looked at again; every code stays."""
    bring_in(
        post,
        *(
            row(f"{theme}{at}", words.format(place))
            for theme, words in SAID.items()
            for at, place in enumerate(PLACES)
        ),
        *(row(f"h{at}", HORSES.format(place)) for at, place in enumerate(PLACES)),
    )
    words = {one: said for said in ()}  # noqa: C416
    first = doing(post, lambda session: None)
    ran = suggesting.run(post.heed, ID, BY)
    assert (ran["learnt_from"], ran["line"], ran["suggested"], ran["embeddings"]) == (0, None, 32, False)
    print(ran)
    turn = take(post, "ann")
    print(turn, turn.words, turn.suggestions)
    print(doing(post, lambda session: emerging.candidates(post.heed, session, ID, "ann")))
