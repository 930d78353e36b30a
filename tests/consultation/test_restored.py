"""After a restore a resident's text is fetched and understood once more, and answered no second time: not even its receipt changes."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from services.common import stops, work
from services.common.backup.take import take
from services.common.outbox import arrivals
from services.consultation import jobs, respondents
from services.consultation.models import Respondent
from tests.consultation.post import ANN, BEN, Post
from tests.support.restored import restored
from tests.support.stores import Databases


def test_answers_are_not_given_twice(
    post: Post, databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrivals, "GIVEN_UP", timedelta(0))
    post.tick()
    taken = take(post.heed, tmp_path, "person:ann")
    sender = post.heed.config.sender
    for who, words in ((ANN, "More police in the village"), (BEN, "HELP me park"), (ANN, "And lights")):
        post.carrier.text(who, sender, words)
        post.tick()
    post.carrier.quiet()
    said = dict(post.carrier.accepted())
    receipts = [one.reference for one in post.respondents()]
    assert len(said) >= 2 and set(said.values()) == {1}
    with restored(post.heed, databases, Path(taken["file"])) as heed:
        work.tick(heed, jobs.SWEEPS)
        post.carrier.quiet()
        assert dict(post.carrier.accepted()) == said
        with heed.database.begin() as session:
            assert stops.standing(session) == []
            assert [
                one.reference for one in session.scalars(select(Respondent).order_by(Respondent.id))
            ] == receipts


def test_a_receipt_follows_from_the_text(post: Post) -> None:
    class Row:
        sid, failures = "SM1", 0

    row: Any = Row()
    first = respondents.reference_of(post.heed, row)
    assert first == respondents.reference_of(post.heed, row)
    assert len(first) == 7 and set(first) <= set(respondents.REFERENCE_LETTERS)
    row.failures = 1
    assert respondents.reference_of(post.heed, row) != first, "another one, should it be taken"
