"""The conversation as a pure machine: one text after another on an imagined handset, and what each comes to."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.common.times import parse_instant
from services.common.understanding import DANGER_ANSWER
from services.consultation.questionnaire import parse
from services.consultation.simulation import REFERENCE, Handset
from services.consultation.states import Standing, State
from services.consultation.turns import Turn
from tests.consultation.post import FULL

OPENED = parse_instant("2026-09-14T10:00")
PLAN = parse(FULL)
ASK = {question.id: question.ask["en"] for question in PLAN.questions}
AGAIN = {question.id: question.again["en"] for question in PLAN.questions}


def said(name: str) -> str:
    """A text of the sample."""
    return PLAN.text(name, "en").replace("{reference}", REFERENCE)


def play(
    *lines: str | timedelta, content: dict[str, Any] = FULL, at: datetime = OPENED
) -> list[tuple[Turn, str | None]]:
    """Send texts three minutes apart, time passing where it is given; what each came to and what was said."""
    handset, turns = Handset(parse(content)), []
    for line in lines:
        if isinstance(line, timedelta):
            at += line
        else:
            at += timedelta(minutes=3)
            turns.append(handset.hears(line, at))
    return turns


def replies(*lines: str | timedelta, **more: Any) -> list[str | None]:
    """What was said to each text."""
    return [words for _, words in play(*lines, **more)]


VIEW = "More police in Bushey please"


def test_the_first_text_is_a_complete_response_and_the_questions_follow_one_by_one() -> None:
    turns = play(VIEW, "WD23", "yes", "C", "y", "n")
    assert [words for _, words in turns] == [
        f"{said('welcome')}\n{ASK['district']}", ASK["victim"], ASK["age"], ASK["publish"], ASK["outcome"], said("done"),
    ]  # fmt: skip
    assert turns[0][0].view is not None and turns[0][0].view.standing == Standing.COUNTED
    assert turns[-1][0].place.answers == {
        "district": "hertsmere", "victim": "yes", "age": "35-64", "publish": "yes", "outcome": "no",
    }  # fmt: skip


def test_each_question_can_be_skipped_and_silence_ends_them() -> None:
    handset = Handset(PLAN)
    handset.hears(VIEW, OPENED)
    assert handset.state() == State.PARTIAL
    for number, _ in enumerate(PLAN.questions, start=1):
        handset.hears("S", OPENED + timedelta(minutes=number))
    assert handset.state() == State.COMPLETE
    # At 72 hours to the second the question has closed; a moment earlier it is open.
    for wait, rule in (
        (timedelta(hours=72), "answer-postcode-late"),
        (timedelta(hours=71, minutes=59), "answer-postcode"),
    ):
        turn, _ = play(VIEW, wait - timedelta(minutes=3), "Watford")[-1]
        assert (turn.taken.rule, turn.answers[0].late, turn.place.answers) == (
            rule, rule.endswith("late"), {"district": "watford"},
        )  # fmt: skip
        assert turn.place.question == "victim"  # and the conversation goes on
    # A view resumes what silence cut off.
    assert (
        replies(VIEW, timedelta(hours=73), "And more buses to the hospital")[1]
        == f"{said('thanks')}\n{ASK['district']}"
    )


def test_a_wrong_answer_is_asked_again_once_in_other_words_then_skipped() -> None:
    turns = play(VIEW, "Narnia", "Mordor", "yes")
    assert [words for _, words in turns][1:] == [AGAIN["district"], ASK["victim"], ASK["age"]]
    assert [(one.question, one.misread, one.reading.value) for one in turns[2][0].answers] == [
        ("district", True, None), ("district", False, None),
    ]  # fmt: skip
    # It is kept, and a later word on it still lands there and not on the question that is open.
    late, _ = play(VIEW, "Narnia", "Mordor", "Watford")[-1]
    assert [(one.question, one.reading.value, one.late) for one in late.answers] == [
        ("district", "watford", True)
    ]
    assert late.place.question == "victim"


def test_a_view_in_the_middle_of_the_questions_is_kept_as_a_view() -> None:
    turns = play(VIEW, "and the speeding on the A41 is dreadful at night")
    assert turns[1][1] == f"{said('thanks')}\n{AGAIN['district']}"
    view = turns[1][0].view
    assert view is not None and view.standing == Standing.COUNTED and not view.fragment


@pytest.mark.parametrize(
    ("words", "after", "fragment", "says"),
    [
        ("and the pavement too", 9, True, None),
        ("and the pavement too", 10, False, f"{said('thanks')}\n{AGAIN['district']}"),
        ("Narnia", 1, False, AGAIN["district"]),
        ("St Albans", 1, False, ASK["victim"]),
    ],
)
def test_what_follows_before_the_question_can_be_read_goes_on_with_the_view(
    words: str, after: int, fragment: bool, says: str | None
) -> None:
    turn, told = play(VIEW, timedelta(seconds=after) - timedelta(minutes=3), words)[1]
    assert told == says
    assert bool(turn.view and turn.view.fragment) == fragment
    assert turn.place.question == ("victim" if words == "St Albans" else "district")


def test_a_postcode_of_two_districts_is_asked_about_once() -> None:
    first, second = play(VIEW, "AL3 4AB", "Dacorum")[1:]
    assert first[1] is not None and "St Albans, Dacorum" in first[1]
    assert second[0].place.answers == {"district": "dacorum"}
    # Nothing of a postcode is an answer's value.
    again = play(VIEW, "AL3 4AB", "AL3 4AB")[-1][0]
    assert again.place.answers == {"district": None}
    values = [one.reading.value for turn, _ in play(VIEW, "AL1 3JE") for one in turn.answers]
    assert values == ["st-albans"]


def test_out_of_area_is_marked_and_not_refused() -> None:
    handset = Handset(PLAN)
    handset.hears(VIEW, OPENED)
    turn, words = handset.hears("Luton", OPENED + timedelta(minutes=3))
    assert (turn.place.answers, words, handset.state()) == (
        {"district": "outside"},
        ASK["victim"],
        State.OUT_OF_AREA,
    )


def test_change_asks_the_last_answer_again_and_goes_on_where_it_was() -> None:
    turns = play(VIEW, "Watford", "CHANGE", "Ware", "yes")
    assert [words for _, words in turns][2:] == [ASK["district"], ASK["victim"], ASK["age"]]
    assert turns[-1][0].place.answers == {"district": "east-herts", "victim": "yes"}
    assert replies("CHANGE")[0] == said("unchanged")
    assert replies(VIEW, "CHANGE")[1] == said("unchanged")


def test_remove_withdraws_and_asks_nothing_again() -> None:
    turns = play(VIEW, "REMOVE", "Watford", "More police I said", "CHANGE", "REF")
    assert turns[1][1] == said("removed")
    assert all(turn.place.question is None and turn.say and turn.say.ask is None for turn, _ in turns[1:])
    assert {turn.view.standing for turn, _ in turns[2:4] if turn.view} == {Standing.WITHDRAWN}
    assert turns[-1][1] == said("reference")


def test_new_is_another_person_on_this_phone() -> None:
    turns = play(VIEW, "Watford", "NEW", "I want more buses", "Ware")
    assert [turn.place.person for turn, _ in turns] == [1, 1, 2, 2, 2]
    assert turns[2][1] == said("person")
    assert turns[3][1] == f"{said('welcome')}\n{ASK['district']}"
    assert turns[4][0].place.answers == {"district": "east-herts"}
    # Nobody has spoken yet: NEW makes nobody, however often.
    assert [turn.place.person for turn, _ in play("NEW", "NEW", VIEW, "NEW", "NEW")] == [1, 1, 1, 2, 2]


def test_stop_start_and_help_in_any_state() -> None:
    for before in (
        (),
        (VIEW,),
        (VIEW, "Watford"),
        (VIEW, "REMOVE"),
        (VIEW, "S", "S", "S", "S", "S"),
        ("PLAN",),
    ):
        for word, name in (("STOP", "stopped"), ("START", "started"), ("HELP", "help")):
            turn, words = play(*before, word)[-1]
            assert (words, turn.view, turn.answers) == (said(name), None, ()), (before, word)
    # After STOP nothing is said but to START, and STOP amid the questions is a no to them.
    handset = Handset(PLAN)
    for number, (line, answered) in enumerate(
        [(VIEW, True), ("STOP", True), (VIEW, False), ("REF", False), ("START", True)]
    ):
        assert (handset.hears(line, OPENED + timedelta(minutes=5 * number))[1] is not None) == answered
    assert handset.state() == State.REFUSED


def test_late_and_early_texts_are_thanked_and_asked_nothing() -> None:
    for at, name, standing in (
        ("2026-08-20T10:00", "early", Standing.EARLY),
        ("2026-10-02T10:00", "late", Standing.LATE),
    ):
        turn, words = play(VIEW, at=parse_instant(at))[0]
        assert (words, turn.view and turn.view.standing, turn.place.question) == (said(name), standing, None)
    # An answer that comes after the end to a question put before it is kept, and marked.
    turn, words = play(VIEW, "Watford", at=parse_instant("2026-09-30T23:55"))[-1]
    assert (turn.answers[0].reading.value, turn.answers[0].late, words) == ("watford", True, said("done"))


def test_a_bare_keyword_or_nothing_at_all_is_blank_and_invites() -> None:
    for line in ("PLAN", "plan please", "?", "", "..."):
        turn, words = play(line)[0]
        assert (turn.view and turn.view.standing, words) == (Standing.BLANK, said("invite")), line
        assert play(line, VIEW)[1][1] == f"{said('welcome')}\n{ASK['district']}"
    for line in ("\U0001f44d", "ok thanks", "3", "no"):
        assert (play(line)[0][0].view or pytest.fail(line)).standing == Standing.COUNTED


def test_the_keyword_says_the_language() -> None:
    turns = play("Cynllun: rhagor o heddlu os gwelwch yn dda", "Watford")
    assert turns[0][1] is not None and turns[0][1].startswith("Comisiynydd Heddlu a Throseddu")
    assert turns[1][1] == PLAN.question("victim").ask["cy"]


def test_concerns_are_kept_answered_and_seen_by_a_person() -> None:
    for line, kind, answered in (
        ("My car was broken into last night on Mill Lane", "crime-report", "crime-report"),
        ("I want to complain about an officer", "complaint", "complaint"),
        ("How do I join Neighbourhood Watch?", "question", "question"),
        ("I think the little girl next door is being neglected", "safeguarding", None),
    ):
        turn, words = play(line)[0]
        assert (turn.concern, turn.view and turn.view.standing) == (kind, Standing.COUNTED)
        assert words == f"{said('welcome')}\n{said(answered) if answered else ASK['district']}"
    turn, words = play(VIEW, "he's hitting me")[1]
    assert (turn.concern, words, turn.place.question) == ("danger", DANGER_ANSWER, "district")


def test_branches_ask_only_whom_they_mean() -> None:
    content = FULL | {
        "questions": [FULL["questions"][1], FULL["questions"][0] | {"only_if": {"victim": "yes"}}]
    }
    assert play(VIEW, "yes", content=content)[-1][0].place.question == "district"
    for answer in ("no", "S"):
        assert play(VIEW, answer, content=content)[-1][1] == said("done")


def test_our_own_words_sent_back_by_a_machine_are_no_command_and_no_danger() -> None:
    for language in PLAN.languages:
        for words in [*PLAN.texts[language].values(), DANGER_ANSWER]:
            assert play(words)[0][0].taken.kind not in ("danger", "opt-out", "opt-in", "command"), words


LINES = st.sampled_from(
    [VIEW, "More buses", "Watford", "AL3", "yes", "N", "C", "S", "zzz", "PLAN", "plan potholes everywhere", "?", "STOP", "START",
     "HELP", "CHANGE", "REMOVE", "NEW", "REF", "help me", "my bike was stolen last night", "How do I join?", "2", "ok", ""]
)  # fmt: skip
GAPS = st.sampled_from(
    [
        timedelta(seconds=1),
        timedelta(seconds=89),
        timedelta(minutes=5),
        timedelta(hours=71),
        timedelta(hours=73),
        timedelta(days=20),
    ]
)


@settings(max_examples=600)
@given(
    st.lists(st.tuples(LINES, GAPS), min_size=1, max_size=14),
    st.sampled_from(["2026-08-31T12:00", "2026-09-14T10:00", "2026-09-30T20:00"]),
)
def test_any_session_at_all(session: list[tuple[str, timedelta]], start: str) -> None:
    """No text is lost, none is two things, each answer is to a question that was put, and a person's place belongs to them alone."""
    handset, at, asked = Handset(PLAN), parse_instant(start), {1: set[str]()}
    for line, gap in session:
        at += gap
        person, before = handset.person, dict(handset.places)
        turn, words = handset.hears(line, at)
        kept = (
            bool(turn.view)
            + bool(turn.answers)
            + (turn.taken.kind in ("opt-out", "opt-in", "help", "command"))
        )
        assert kept == 1 or (
            turn.view and turn.answers and all(one.misread or one.reading.skipped for one in turn.answers)
        )
        assert all(one.question in asked[person] for one in turn.answers)
        counted = [one for one in turn.answers if not one.misread]
        assert len(counted) <= 1
        asked.setdefault(turn.place.person, set()).update(turn.place.asked)
        # Nobody else on the phone is touched.
        assert all(
            handset.places[one] == place
            for one, place in before.items()
            if one not in (person, turn.place.person)
        )
        assert turn.place.person in (person, person + 1)
        assert len(turn.place.asked) == len(set(turn.place.asked)) <= len(PLAN.questions)
        if turn.place.withdrawn:
            assert turn.place.question is None
            assert turn.view is None or turn.view.standing == Standing.WITHDRAWN
        if turn.place.question:
            assert turn.place.expires_at is not None and turn.place.expires_at > at - timedelta(hours=1)
        assert handset.state() in State
        assert words is None or len(words) < 460
