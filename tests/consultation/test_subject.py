"""A person's rights: all of theirs is found, all of it goes, the row that is counted stays, and a hold forbids it."""

import json

import pytest
from sqlalchemy import func, select, text, update

from services.common import audit, numbers
from services.common.acts import Refused
from services.common.models import Attempt, Inbound, NumberState, Outbox
from services.common.outbox.states import State
from services.consultation import erasure, letters, merging, rights, subject
from services.consultation.models import Consultation, Respondent, Scan
from services.consultation.subject import NoSubject
from tests.consultation.office import BY, bring_in, contact, invite, reported, row
from tests.consultation.post import ANN, BEN, FULL, Post

MARK = "Zebra"


@pytest.fixture
def known(empty_post: Post) -> Post:
    """Ann was invited, texted, answered questions, wrote by e-mail and a letter with a scan; Ben texted too."""
    post = empty_post
    post.launch(**{name: value for name, value in FULL.items() if name != "kind"})
    invite(post, contact(ANN, consented_by=f"{MARK} herself"))
    post.tick("2026-09-14T11:00")
    post.hears(f"{MARK} crossing in Hitchin")
    post.hears(f"{MARK} and Ben", BEN)
    post.hears("Hitchin")
    bring_in(post, row("1", f"{MARK} by e-mail", mobile=ANN, email="ann@example.org", channel="email"))
    from services.consultation import files

    [letter], _ = files.responses(
        [row("L1", f"{MARK} by post", channel="letter", mobile=ANN, type="organisation", organisation=MARK)],
        (),
        drama=True,
    )
    with post.heed.database.begin() as session:
        letters.type_in(
            post.heed,
            session,
            session.get_one(Consultation, "plan-2026"),
            letter,
            b"%PDF-" + MARK.encode(),
            BY,
        )
    post.tick()
    return post


def test_access_gives_everything_in_every_way_of_asking(known: Post) -> None:
    ann = known.respondents()[0]
    answers = []
    for who in ("07700 900101", "Ann@Example.org", ann.reference.lower()):
        with known.heed.database.begin() as session:
            answers.append(subject.access(known.heed, session, who, BY))
    by_number = answers[0]
    [respondent] = by_number["respondents"]
    assert [one["words"] for one in respondent["responses"] if one["words"]] == [
        f"{MARK} by e-mail",
        f"{MARK} by post",
    ]
    assert [one["scan"] for one in respondent["responses"]] == [False, False, True]
    assert respondent["district"] == "north-herts"
    assert [one["question"] for one in respondent["answers"]][:1] == ["district"]
    assert f"{MARK} crossing in Hitchin" in [one["words"] for one in by_number["texts_in"]]
    assert len(by_number["texts_out"]) >= 2
    assert [one["consented_by"] for one in by_number["invitations"]] == [f"{MARK} herself"]
    assert "Ben" not in json.dumps(by_number)
    assert [one["respondents"] for one in answers[1:]] == [by_number["respondents"]] * 2
    with known.heed.database.begin() as session:
        last = session.execute(text("SELECT act, subject, detail FROM audit ORDER BY id DESC LIMIT 1")).one()
    assert (last.act, last.subject) == ("subject-read", f"respondents:{ann.id}")
    for nobody in ("", "Ann", "ZZZ", "01"):
        with pytest.raises(NoSubject, match="give a number"), known.heed.database.begin() as session:
            subject.access(known.heed, session, nobody, BY)


def everything(post: Post) -> str:
    """Every sealed value of the database, opened, in one text."""
    purposes = {"from_enc": "number", "to_enc": "number", "number_enc": "number", "organisation_enc": "organisation",
                "consent_enc": "consent", "scan_enc": "scan"}  # fmt: skip
    found = []
    with post.heed.database.begin() as session:
        columns = session.execute(
            text(
                "SELECT table_name, column_name FROM information_schema.columns WHERE column_name LIKE '%\\_enc'"
            )
        ).all()
        for table, column in columns:
            for value in session.scalars(text(f"SELECT {column} FROM {table} WHERE length({column}) > 0")):
                opened = post.heed.cipher.open_bytes(bytes(value), purposes.get(column, "body"))
                found.append(opened.decode(errors="replace"))
    return "\n".join(found)


def test_erasure_takes_the_content_and_leaves_the_counted_rows(known: Post) -> None:
    post = known
    before = reported(post)
    assert MARK in everything(post) and ANN in everything(post)
    with post.heed.database.begin() as session:
        erased = erasure.erase(post.heed, session, ANN, BY)
    assert (erased["respondents"], erased["responses"], erased["scans"], erased["invitations"]) == (
        1,
        3,
        1,
        1,
    )
    assert erased["texts_in"] == 2 and erased["texts_out"] >= 2
    left = everything(post)
    assert ANN not in left and left.count(MARK) == 1 and f"{MARK} and Ben" in left
    key = post.heed.index.of(ANN, "number")
    with post.heed.database.begin() as session:
        for table, column in session.execute(
            text(
                "SELECT table_name, column_name FROM information_schema.columns WHERE column_name LIKE '%\\_key' AND data_type = 'bytea'"
            )
        ).all():
            assert not session.scalar(
                text(f"SELECT count(*) FROM {table} WHERE {column} = :key"), {"key": key}
            ), (table, column)
        assert session.scalar(select(func.count()).select_from(Scan)) == 0
    after = reported(post)
    for table in ("reconciliation", "by_day", "respondents", "districts", "invitations"):
        assert after[table] == before[table]
    assert after["organisations"] == before["organisations"]
    # Whoever writes again is somebody new.
    people = len(post.respondents())
    post.hears("Again")
    assert (len(post.respondents()), post.respondents()[-1].erased_at) == (people + 1, None)


def test_a_stopped_number_stays_stopped_after_erasure(known: Post) -> None:
    known.hears("STOP", said="STOP")
    with known.heed.database.begin() as session:
        erasure.erase(known.heed, session, ANN, BY)
        assert numbers.forbidden(session, [known.heed.index.of(ANN, "number")])
        assert session.scalar(select(func.count()).select_from(NumberState)) == 1


def test_a_hold_forbids_erasing_however_the_person_is_named(known: Post) -> None:
    ann = known.respondents()[0]
    with known.heed.database.begin() as session:
        erasure.hold(known.heed, session, "ann@example.org", "request 2026/17", BY)
    for who in (ANN, ann.reference, "ann@example.org"):
        with (
            pytest.raises(Refused, match=r"a hold forbids it \(request 2026/17\): release it first"),
            known.heed.database.begin() as session,
        ):
            erasure.erase(known.heed, session, who, BY)
    with pytest.raises(Refused, match="held already"), known.heed.database.begin() as session:
        erasure.hold(known.heed, session, ANN, "again", BY)
    with known.heed.database.begin() as session:
        erasure.release(known.heed, session, ann.reference, BY)
    with pytest.raises(Refused, match="not held"), known.heed.database.begin() as session:
        erasure.release(known.heed, session, ANN, BY)
    with known.heed.database.begin() as session:
        assert erasure.erase(known.heed, session, ANN, BY)["respondents"] == 1
        acts = session.scalars(text("SELECT act FROM audit ORDER BY id")).all()
        assert [one for one in acts if one.startswith(("hold", "subject"))] == [
            "hold-placed",
            "hold-released",
            "subject-erased",
        ]
        assert not list(audit.verify(session))


def test_what_is_under_way_is_finished_first(known: Post) -> None:
    with known.heed.database.begin() as session:
        row_ = session.scalars(select(Outbox).order_by(Outbox.id)).first()
        assert row_ is not None
        session.execute(update(Outbox).where(Outbox.id == row_.id).values(state=State.UNCERTAIN))
    with pytest.raises(Refused, match="unsettled"), known.heed.database.begin() as session:
        erasure.erase(known.heed, session, ANN, BY)
    with known.heed.database.begin() as session:
        session.execute(update(Outbox).where(Outbox.id == row_.id).values(state=State.ACCEPTED))
    known.hears("someone is in my house")
    with pytest.raises(Refused, match="officer on duty"), known.heed.database.begin() as session:
        erasure.erase(known.heed, session, ANN, BY)


def test_a_text_that_waits_to_be_sent_is_not_sent_to_who_was_erased(known: Post) -> None:
    known.hears("More police still")
    with known.heed.database.begin() as session:
        erasure.erase(known.heed, session, ANN, BY)
    sent = len(known.said(ANN))
    known.tick()
    assert len(known.said(ANN)) == sent
    with known.heed.database.begin() as session:
        assert not session.scalar(
            select(func.count())
            .select_from(Attempt)
            .where(Attempt.body_enc.is_not(None), Attempt.to_enc == b"")
        )
        assert (
            session.scalar(select(func.count()).select_from(Inbound).where(Inbound.handled_at.is_(None))) == 0
        )


def test_who_was_merged_is_one_person(known: Post) -> None:
    ann, ben = (one.reference for one in known.respondents())
    with known.heed.database.begin() as session:
        merging.merge(session, ann, ben, BY)
    with known.heed.database.begin() as session:
        assert erasure.erase(known.heed, session, BEN, BY)["respondents"] == 2
        assert not session.scalar(
            select(func.count()).select_from(Respondent).where(Respondent.number_key.is_not(None))
        )


def test_an_answer_is_put_right_and_the_former_one_stays_as_history(known: Post) -> None:
    ann = known.respondents()[0]

    def correct(who: str = ann.reference, question: str = "district", answer: str = "Stevenage") -> str:
        with known.heed.database.begin() as session:
            return rights.correct(known.heed, session, who, question, answer, "she rang", BY)

    assert correct() == ann.reference
    with known.heed.database.begin() as session:
        held = subject.access(known.heed, session, ann.reference, BY)["respondents"][0]
    district = [
        (one["value"], one["replaced_at"] is None) for one in held["answers"] if one["question"] == "district"
    ]
    assert (held["district"], district) == ("stevenage", [("north-herts", False), ("stevenage", True)])
    for given, error in (
        ({"question": "shoe-size"}, "no-such-question"),
        ({"answer": "the moon, perhaps, or somewhere near it"}, "does-not-fit"),
        ({"who": "07700 900999"}, "which-record"),
    ):
        with pytest.raises(Refused) as refused:
            correct(**given)
        assert refused.value.error == error


def test_whoever_objects_is_texted_and_published_no_more(known: Post) -> None:
    before = len(known.carrier.messages(to=ANN))
    with known.heed.database.begin() as session:
        assert rights.object_to_texts(known.heed, session, ANN, "by letter", BY) == 1
    known.hears("One more thing")
    known.tick()
    assert len(known.carrier.messages(to=ANN)) == before
    ann = known.respondents()[0]
    assert (ann.may_text, ann.may_publish) == (False, False)
    with pytest.raises(Refused, match="number"), known.heed.database.begin() as session:
        rights.object_to_texts(known.heed, session, ann.reference, "by letter", BY)
