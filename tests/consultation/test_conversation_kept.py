"""The conversation in the database: what the machine decides is kept, answered through the outbox, and counted once."""

from concurrent.futures import ThreadPoolExecutor

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from services.common import clock, on_duty, stops
from services.common.models import Alarm, Audit, DutyItem, Inbound, Outbox
from services.common.understanding import DANGER_ANSWER
from services.consultation import responses
from services.consultation.models import Answer, Submission, SubmissionText
from tests.consultation.post import ANN, BEN, FULL, Post, phone
from tests.consultation.test_conversation import PLAN

VIEW = "More police in Bushey please"


def talk(post: Post, *lines: str, sender: str = ANN) -> None:
    """Text one line after another, each after the answer to the one before."""
    for line in lines:
        post.hears(line, sender)


def test_answers_fill_the_respondent_and_a_change_leaves_history(empty_post: Post) -> None:
    post = empty_post
    post.launch(**FULL)
    talk(post, VIEW, "WD23 2ZZ", "Y", "CHANGE", "no", "C", "yes", "S")
    (person,) = post.respondents()
    assert (person.district, person.victim, person.age_band, person.may_publish, person.may_text) == (
        "hertsmere", False, "35-64", True, None,
    )  # fmt: skip
    assert (person.state, person.out_of_area) == ("complete", False)
    assert post.answers() == [
        ("district", "hertsmere", False, True), ("victim", "yes", False, False), ("victim", "no", False, True),
        ("age", "35-64", False, True), ("publish", "yes", False, True), ("outcome", None, False, True),
    ]  # fmt: skip
    assert post.counts() == {"received": 1, "counted": 1, "respondents": 1, "texts": 1}
    post.tick()
    assert len(post.said()) == 8
    # The postcode is in no table but the sealed text itself.
    with post.heed.database.begin() as session:
        for table in ("answers", "respondents", "conversations", "submissions"):
            rows = " ".join(map(str, session.execute(text(f"SELECT * FROM {table}")).all()))
            assert "WD23" not in rows, table


def test_one_sender_five_texts_one_respondent_and_each_answer_names_its_question(empty_post: Post) -> None:
    """Seen elsewhere: each text a new respondent (Twilio's survey), an answer on the wrong question (Ushahidi)."""
    post = empty_post
    post.launch(**FULL)
    talk(post, VIEW, "Narnia", "Mordor", "Watford", "no")
    assert len(post.respondents()) == 1
    assert [(question, value, late) for question, value, late, stands in post.answers() if stands] == [
        ("district", "watford", True), ("victim", "no", False),
    ]  # fmt: skip
    assert post.open_question() == "age"


def test_a_text_sent_before_the_question_is_no_answer_to_it(empty_post: Post) -> None:
    post = empty_post
    post.launch(**FULL)
    first, second = post.keep(VIEW), post.keep("Watford")
    for kept in (first, second):
        responses.handle(post.heed, kept or 0)
    assert post.answers() == []
    assert post.counts() == {"received": 1, "counted": 1, "respondents": 1, "texts": 2}
    post.tick()
    assert len(post.said()) == 1


def test_several_people_on_one_phone_are_several_respondents(empty_post: Post) -> None:
    post = empty_post
    post.launch(**FULL)
    talk(
        post,
        VIEW,
        "Watford",
        "NEW",
        "More buses for everybody in Ware",
        "Ware",
        "REMOVE",
        "NEW",
        "and a third view of ours",
    )
    people = post.respondents()
    assert [(one.person, one.district, one.state) for one in people] == [
        (1, "watford", "partial"), (2, "east-herts", "withdrawn"), (3, None, "partial"),
    ]  # fmt: skip
    assert len({one.reference for one in people}) == 3
    assert post.counts() == {"received": 3, "counted": 2, "withdrawn": 1, "respondents": 2, "texts": 3}


def test_an_answer_goes_to_the_consultation_that_asked_and_a_command_to_the_last_one(
    empty_post: Post,
) -> None:
    post = empty_post
    post.launch(**FULL)
    post.launch(**FULL | {"id": "roads", "keywords": ["ROADS"], "default": False})
    talk(
        post,
        "ROADS: potholes on every street",
        "Watford",
        "and what I think of the plan is a longer story",
        "REF",
    )
    with post.heed.database.begin() as session:
        of = session.execute(select(Answer.question, Answer.value)).all()
    assert [tuple(row) for row in of] == [("district", "watford")]
    assert [row.consultation_id for row in post.rows()] == ["roads", "plan-2026"]
    post.tick()
    told = PLAN.text("reference", "en").replace("{reference}", post.respondents()[1].reference)
    assert told in post.said()


def test_danger_is_on_duty_until_somebody_takes_it_and_who_has_stopped_is_rung(post: Post) -> None:
    post.hears("STOP", said="STOP")
    post.hears("someone is in my house")
    post.hears("someone is in my house", BEN)
    post.hears("someone is in my house", "60777")
    with post.heed.database.begin() as session:
        items = session.scalars(select(DutyItem).order_by(DutyItem.id)).all()
        assert [(one.kind, one.rule, one.ring) for one in items] == [
            ("danger", "danger-intruder", True), ("danger", "danger-intruder", False), ("danger", "danger-intruder", True),
        ]  # fmt: skip
        # Not even written for those who may not be texted.
        assert session.scalar(select(func.count(Outbox.id)).where(Outbox.step == "danger")) == 1
    post.tick()
    assert (post.said(ANN), post.said(BEN)) == ([], [DANGER_ANSWER])
    assert post.counts()["counted"] == 3


def test_while_sending_is_stopped_someone_in_danger_is_rung(post: Post) -> None:
    with post.heed.database.begin() as session:
        stops.stop(session, "wrong words", "person:ann", clock.now(session))
    post.hears("someone is in my house")
    post.tick()
    with post.heed.database.begin() as session:
        assert (post.said(), [one["ring"] for one in on_duty.waiting(post.heed, session)]) == ([], [True])
        stops.lift(session, "person:ben", clock.now(session))
    post.tick()
    with post.heed.database.begin() as session:
        assert [one["ring"] for one in on_duty.waiting(post.heed, session)] == [False]
    assert post.said() == [DANGER_ANSWER]


def test_two_machines_do_not_answer_each_other_for_ever(post: Post) -> None:
    """Seen elsewhere: RapidPro #1575. A person in danger is answered all the same."""
    for number in range(40):
        post.hears(f"What is REF {number}" if number % 2 else "REF")
    post.hears("he's hitting me")
    with post.heed.database.begin() as session:
        replies = session.scalars(select(Outbox.step).order_by(Outbox.id)).all()
        alarms = session.scalars(select(Alarm.code)).all()
        assert session.scalar(select(func.count(Inbound.id)).where(Inbound.handled_at.is_not(None))) == 41
    assert len(replies) == 16 and replies[-1] == "danger"
    assert "loop-breaker" in alarms
    assert post.counts()["texts"] >= 20  # nothing is lost for it


def test_concerns_wait_for_a_person_with_a_clock(post: Post) -> None:
    for number, words in enumerate(
        ("My car was broken into last night", "I want to complain about an officer", "How do I join Neighbourhood Watch?",
         "older men picking up young girls outside the takeaway", VIEW)
    ):  # fmt: skip
        post.hears(words, phone(number))
    with post.heed.database.begin() as session:
        items = session.scalars(select(DutyItem).order_by(DutyItem.due_by)).all()
        assert [one.kind for one in items] == ["safeguarding", "crime-report", "complaint", "question"]
        assert all(one.due_by > one.at for one in items)
        assert session.scalar(select(func.count(Audit.id))) == 0
    assert post.counts()["counted"] == 5


WORDS = st.sampled_from(
    [
        VIEW,
        "More buses too",
        "Watford",
        "yes",
        "C",
        "S",
        "zzz",
        "?",
        "CHANGE",
        "NEW",
        "REMOVE",
        "HELP",
        "help me",
        "STOP",
        "START",
    ]
)


# What texts leave behind, whatever points at others first.
TEXTED = (
    "submission_texts", "answers", "conversations", "submissions", "respondents", "consultations", "duty_items", "outbox",
    "inbound", "number_events", "number_states",
)  # fmt: skip


@settings(max_examples=6)
@given(st.lists(st.tuples(WORDS, st.integers(0, 2), st.booleans()), min_size=4, max_size=12))
def test_any_interleaving_of_texts_retries_and_duplicates(
    empty_post: Post, session: list[tuple[str, int, bool]]
) -> None:
    """One respondent a person, answers on the question that was put, no text lost, no reply twice; whatever is repeated."""
    post = empty_post
    with post.heed.database.begin() as opened:
        # Row by row: what people have coded may not be truncated, and nobody has coded anything here.
        for table in TEXTED:
            opened.execute(text(f"DELETE FROM {table}"))
    post.launch(**FULL)
    waiting: list[int] = []
    for number, (words, again, later) in enumerate(session):
        for _ in range(again + 1):
            kept = post.keep(words, sid=f"SM{number:032x}")
            waiting += [kept] if kept else []
        if not later:
            with ThreadPoolExecutor(2) as pool:
                list(pool.map(lambda one: responses.handle(post.heed, one), waiting * 2))
            waiting = []
    for kept in waiting * 2:
        responses.handle(post.heed, kept)
    with post.heed.database.begin() as opened:
        texts = opened.scalars(select(Inbound).order_by(Inbound.id)).all()
        assert len(texts) == len(session) and all(one.handled_at and one.kind for one in texts)
        views = set(opened.scalars(select(SubmissionText.inbound_id)))
        answers = set(opened.scalars(select(Answer.inbound_id)))
        for one in texts:
            in_a_row = (
                one.id in views or one.id in answers or one.kind in ("opt-out", "opt-in", "help", "command")
            )
            assert in_a_row, (one.kind, one.rule)
        people = post.respondents()
        assert [one.person for one in people] == list(range(1, len(people) + 1))
        assert opened.scalar(select(func.count(Submission.id))) == post.counts().get("received", 0)
        replies = opened.scalars(select(Outbox.subject_id).where(Outbox.kind == "reply")).all()
        assert len(replies) == len(set(replies)) <= len(session)
        known = {question["id"] for question in FULL["questions"]}
        assert set(opened.scalars(select(Answer.question))) <= known
