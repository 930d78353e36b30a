"""What becomes of words that were coded: quoted only with consent and two people's word, erased with all that was made of them; and
who could change what was done."""

import sys
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from services.common import audit, clock
from services.consultation import (
    coding,
    erasure,
    learning,
    publication,
    redacting,
    reviewing,
    subject,
    suggesting,
)
from services.consultation.models import (
    Candidate,
    Coding,
    Consultation,
    Redaction,
    SuggestedThemes,
    TextVector,
    ThemeRun,
)
from services.consultation.themes import embeddings
from tests.consultation.coders import ID, code, doing, refused, stands, take, written
from tests.consultation.office import BY, bring_in, row
from tests.consultation.post import ANN, BEN, Post

WORDS = "Fly tipping by Jo Brown of 12 Mill Lane, ring 07700 900123 or jo@example.org, says Jo Brown"
NAMES = [("Jo Brown", "a name"), ("12 Mill Lane", "an address")]
SHOWN = "Fly tipping by [hidden] of [hidden], ring [hidden] or [hidden], says [hidden]"


def quoted(post: Post) -> list[publication.Quote]:
    found: list[publication.Quote] = doing(post, lambda session: publication.quotes(post.heed, session, ID))
    return found


def test_words_are_quoted_with_consent_and_by_two_people(post: Post) -> None:
    bring_in(
        post,
        row("1", WORDS, place="Watford", publish="yes"),
        row("2", WORDS, place="Watford", publish="no"),
        row("3", "More police", place="Ware", publish="yes"),
        row("4", "", place="Ware", publish="yes"),
    )
    one, two, three, blank = (each.id for each in post.rows())

    def propose(number: int, hide: Any, by: str = "ann") -> Callable[[Any], Any]:
        return lambda session: redacting.propose(post.heed, session, ID, number, hide, by)

    def approve(number: int, by: str = "ben") -> Callable[[Any], Any]:
        return lambda session: redacting.approve(post.heed, session, ID, number, by)

    for number, hide, word in [
        (one, [("Jo Brown", "")], "bad-reason"),
        (one, [("Jo Brown", "their number is 07700 900123")], "bad-reason"),
        (one, [("Jo Green", "a name")], "bad-redaction"),
        (blank, [], "no-words"),
        (10**6, [], "not-found"),
    ]:
        assert refused(post, propose(number, hide)) == word
    code(post, three, local_policing="support")
    # What a person has coded is read first; who did not agree is not asked about.
    assert doing(post, lambda session: redacting.wanted(session, ID)) == [three, one]
    code(post, one, fly_tipping="oppose")
    made = {number: doing(post, propose(number, NAMES))["id"] for number in (one, two)}
    made[three] = doing(post, propose(three, []))["id"]
    assert quoted(post) == []
    assert refused(post, approve(made[one], "ann")) == "second-person"
    assert refused(post, approve(10**6)) == "not-found"
    waits = doing(post, lambda session: redacting.waiting(post.heed, session, ID, "ben"))
    assert [(each["response"], each["consent"], each["published"]) for each in waits] == [
        (one, True, SHOWN),
        (two, False, SHOWN),
        (three, True, "More police"),
    ]
    assert waits[0]["reasons"] == ["a name", "an address"]
    for number in made.values():
        doing(post, approve(number))
    assert refused(post, approve(made[one])) == "already-approved"
    # The second response's writer did not agree.
    assert [
        (each.submission, each.words, {k: str(v) for k, v in each.themes.items()}, each.district)
        for each in quoted(post)
    ] == [
        (one, SHOWN, {"fly-tipping": "oppose"}, "watford"),
        (three, "More police", {"local-policing": "support"}, "east-herts"),
    ]
    assert doing(post, lambda session: redacting.wanted(session, ID)) == []
    # An approval that knows nothing of a telephone number hides it all the same: rules are applied when it is printed.
    assert refused(post, approve(made[one])) == "already-approved"
    later = doing(post, propose(one, []))["id"]
    assert [each.submission for each in quoted(post)] == [three]
    assert refused(post, approve(made[one])) == "superseded"
    doing(post, approve(later))
    assert "900123" not in quoted(post)[0].words and "Jo Brown" in quoted(post)[0].words
    # Approved were exactly those words.
    with post.heed.database.begin() as session:
        sealed = post.heed.cipher.seal(WORDS + ", and Al too", "body")
        session.execute(
            text("UPDATE submissions SET words_enc = :sealed WHERE id = :id"), {"sealed": sealed, "id": one}
        )
    assert [each.submission for each in quoted(post)] == [three]
    doing(post, propose(three, [], "ben"))
    with post.heed.database.begin() as session:
        session.execute(
            text("UPDATE submissions SET words_enc = :sealed WHERE id = :id"), {"sealed": sealed, "id": three}
        )
    last = doing(post, lambda session: session.scalar(select(func.max(Redaction.id))))
    assert refused(post, approve(last, "ann")) == "changed"


def test_what_was_made_of_the_words_goes_with_them_and_the_code_stays(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    numpy = pytest.importorskip("numpy")
    # Vectors of a stand-in: the weights are 90 MB and not installed for the tests.
    monkeypatch.setattr(
        embeddings,
        "load",
        lambda: lambda texts: numpy.eye(384, dtype=numpy.float32)[[len(one) % 384 for one in texts]],
    )
    written(post)
    bring_in(post, row("z", "Horses on the common at Zeal frightened by drones", mobile=ANN), batch="2")
    theirs = post.rows()[-1].id
    assert suggesting.run(post.heed, ID, BY)["embeddings"] is True
    code(post, theirs, nhs="oppose")
    doing(post, lambda session: redacting.propose(post.heed, session, ID, theirs, [("Zeal", "a name")], BY))
    take(post, "cat")

    def left(*tables: Any) -> list[int]:
        return [
            doing(
                post,
                lambda session, table=table: session.scalar(
                    select(func.count()).where(table.submission_id == theirs)
                ),
            )
            for table in tables
        ]

    groups = doing(
        post,
        lambda session: session.scalars(select(Candidate).where(Candidate.members.contains([theirs]))).all(),
    )
    assert left(Coding, Redaction, SuggestedThemes, TextVector) == [1, 1, 1, 1] and len(groups) == 1
    held = doing(post, lambda session: subject.access(post.heed, session, ANN, BY))
    assert [one["themes"] for one in held["respondents"][0]["responses"][0]["codes"]] == [{"nhs": "oppose"}]
    doing(post, lambda session: erasure.erase(post.heed, session, ANN, BY))
    assert left(Coding, Redaction, SuggestedThemes, TextVector) == [1, 0, 0, 0]
    assert (
        doing(
            post,
            lambda session: session.scalars(
                select(Candidate).where(Candidate.members.contains([theirs]))
            ).all(),
        )
        == []
    )
    assert stands(post)[theirs] == {"nhs": "oppose"}
    # Another is erased while a run has read their words and still learns.
    bring_in(post, row("y", "Horses on the common at Yew frightened by drones", mobile=BEN), batch="3")
    theirs, learn = post.rows()[-1].id, learning.learn

    def erased_meanwhile(*given: Any) -> learning.Made:
        made = learn(*given)
        assert theirs in made.vectors and any(theirs in group.ids for group in made.groups)
        doing(post, lambda session: erasure.erase(post.heed, session, BEN, BY))
        return made

    monkeypatch.setattr(learning, "learn", erased_meanwhile)
    suggesting.run(post.heed, ID, BY)
    monkeypatch.setattr(learning, "learn", learn)
    assert left(SuggestedThemes, TextVector) == [0, 0]
    # Nobody is asked to read what is gone, and it teaches nothing.
    suggesting.run(post.heed, ID, BY)
    assert left(SuggestedThemes, TextVector) == [0, 0]
    assert (
        refused(post, lambda session: redacting.propose(post.heed, session, ID, theirs, [], BY)) == "no-words"
    )


def test_a_sweep_does_little_at_a_time_and_the_next_one_more(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    numpy = pytest.importorskip("numpy")
    monkeypatch.setattr(
        embeddings, "load", lambda: lambda texts: numpy.ones((len(texts), 4), dtype=numpy.float32) / 2
    )
    truth = written(post)
    few, fewer = learning.Limits(texts=30, vectors=50), learning.Limits(texts=30, vectors=20)
    # Before the first code: a run is as good as it can be, and what it had no time for is left to the next.
    first = suggesting.run(post.heed, ID, BY, fewer)
    assert (first["suggested"], first["embeddings"]) == (30, False) and first["reason"].startswith(
        "10 texts still wait"
    )
    for number in list(truth)[: suggesting.CODES - 1]:
        code(post, number, fly_tipping="oppose")

    def due() -> list[str]:
        found: list[str] = doing(post, lambda session: suggesting.due(session, clock.now(session)))
        return found

    post.start("2026-09-14T10:11")
    assert due() == []  # one code short
    code(post, list(truth)[suggesting.CODES - 1], fly_tipping="oppose")
    assert due() == [ID]
    for at, next_at in (("2026-09-14T10:11", "2026-09-14T10:22"), ("2026-09-14T10:22", "2026-09-14T10:33")):
        post.start(at)
        assert due() == [ID]
        ran = suggesting.run(post.heed, ID, suggesting.SWEEP, few)
        assert (ran["suggested"], ran["embeddings"]) == (30, True)
        assert due() == []  # for ten minutes
        post.start(next_at)
    with post.heed.database.begin() as session:
        assert session.scalar(select(func.count()).select_from(SuggestedThemes)) == 80
        assert session.scalar(select(func.count()).select_from(TextVector)) == 80
    assert suggesting.run(post.heed, ID, suggesting.SWEEP, learning.Limits(texts=0))["suggested"] == 0
    post.start("2026-09-14T11:00")
    assert due() == []
    bring_in(post, row("new", "Something new to say"), batch="later")
    assert due() == [ID]


def test_without_scikit_learn_the_queue_goes_by_lot_and_lexicon(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    truth = written(post)
    monkeypatch.setitem(sys.modules, "sklearn", None)
    ran = suggesting.run(post.heed, ID, BY)
    assert (ran["digest"], ran["reason"]) == (None, learning.WITHOUT)
    state = doing(post, lambda session: reviewing.state(session, session.get_one(Consultation, ID)))
    assert state["run"]["reason"] == learning.WITHOUT
    assert doing(post, lambda session: coding.latest_run(session, ID)) is None
    seen = []
    for _ in range(25):
        turn = take(post, "ann")
        assert turn is not None
        seen.append(turn.response)
        if not turn.blind and truth[turn.response] == "fly-tipping":
            assert turn.suggestions[0] | {"terms": []} == {
                "theme": "fly-tipping", "title": "Fly Tipping", "share": None, "likely": False, "words": [], "terms": [],
            }  # fmt: skip
            assert "mattresses" in turn.suggestions[0]["terms"]
        code(post, turn.response, "ann", turn.after)
    assert seen != sorted(seen)
    # The sweep has no more to say until something is new, and does not run in circles.
    post.tick("2026-09-14T11:00")
    post.tick("2026-09-14T12:00")
    runs = doing(post, lambda session: session.scalar(select(func.count()).select_from(ThemeRun)))
    assert runs == 2


def test_what_people_did_can_be_proved(post: Post) -> None:
    bring_in(post, row("1", "More police", publish="yes"))
    (one,) = (each.id for each in post.rows())
    number = code(post, one, local_policing="support")
    made = doing(post, lambda session: redacting.propose(post.heed, session, ID, one, [], "ann"))["id"]
    doing(post, lambda session: redacting.approve(post.heed, session, ID, made, "ben"))
    acts = doing(
        post,
        lambda session: session.execute(
            text("SELECT act, actor, subject, detail FROM audit ORDER BY id")
        ).all(),
    )
    acts = [each for each in acts if each.actor in ("ann", "ben")]
    assert [(each.act, each.actor) for each in acts] == [
        ("codeframe-kept", "ann"),
        ("text-coded", "ann"),
        ("redaction-proposed", "ann"),
        ("redaction-approved", "ben"),
    ]
    assert (acts[1].subject, acts[1].detail["code"], acts[1].detail["themes"]) == (
        f"response:{one}", number, {"local-policing": "support"},
    )  # fmt: skip
    # The application's login can change neither codes nor codeframes.
    for statement in (
        "UPDATE codings SET themes = '{}'",
        "DELETE FROM codings",
        "UPDATE codeframes SET content = '{}'",
    ):
        with pytest.raises(DBAPIError, match="never changed"):
            doing(post, lambda session, statement=statement: session.execute(text(statement)))
    # Whoever owns the table can, and is found: the row that says what was coded no longer fits its hash.
    assert doing(post, lambda session: list(audit.verify(session))) == []
    with post.heed.database.begin() as session:
        session.execute(text("ALTER TABLE audit DISABLE TRIGGER audit_append_only"))
        session.execute(
            text(
                "UPDATE audit SET detail = jsonb_set(detail, '{themes}', '{\"local-policing\": \"oppose\"}') WHERE act = 'text-coded'"
            )
        )
        session.execute(text("ALTER TABLE audit ENABLE TRIGGER audit_append_only"))
    (found,) = doing(post, lambda session: list(audit.verify(session)))
    assert "text-coded" in found and "was changed after it was written" in found
