"""A resident's text becomes a response: kept once, one respondent a number, answered once, never cut, never lost."""

import dataclasses
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select

from services.common.acts import Refused
from services.common.made_up import made_up
from services.common.models import Inbound, NumberEvent
from services.common.understanding import DANGER_ANSWER
from services.consultation import consultations, responses
from services.consultation.models import Consultation, Submission
from tests.consultation.post import ANN, BEN, CONTENT, FULL, Post, phone
from tests.support.sites import Site

TEXTS = CONTENT["texts"]


def told(post: Post, step: str, number: int = 0) -> str:
    """One of the sample's texts, with a respondent's reference in it."""
    return str(TEXTS[step]).replace("{reference}", post.respondents()[number].reference)


def test_the_first_text_is_a_complete_response_with_one_acknowledgement(post: Post) -> None:
    post.hears("More police in the village please")
    post.tick()
    assert post.said() == [told(post, "welcome")]
    (respondent,) = post.respondents()
    assert (respondent.state, len(respondent.reference)) == ("complete", 7)
    assert not set(respondent.reference) & set("01OIL")
    (row,) = post.rows()
    assert (row.kind, row.rule, row.channel, row.early, row.late) == (
        "feedback",
        "everything-else",
        "sms",
        False,
        False,
    )
    assert post.counts() == {"received": 1, "counted": 1, "respondents": 1, "texts": 1}


def test_five_texts_are_one_respondent_and_one_acknowledgement(post: Post) -> None:
    for number in range(5):
        post.hears(f"and another thing {number}", at=f"2026-09-14T10:0{number}")
    post.tick()
    assert post.said() == [told(post, "welcome")]
    assert post.counts() == {"received": 1, "counted": 1, "respondents": 1, "texts": 5}


def test_fragments_within_ninety_seconds_are_one_submission(post: Post) -> None:
    table = [("10:00:00", 1), ("10:01:29", 1), ("10:01:30", 1), ("10:01:31", 2), ("10:30:00", 2)]
    for number, (second, _) in enumerate(table):
        post.hears("I think that", phone(number), at="2026-09-14T10:00:00")
        post.hears("there should be more police", phone(number), at=f"2026-09-14T{second}")
    people = [row.respondent_id for row in post.rows()]
    assert [people.count(person.id) for person in post.respondents()] == [one for _, one in table]
    assert (post.counts()["counted"], post.counts()["texts"]) == (7, 10)


def test_a_chain_of_fragments_is_one_submission_and_each_person_has_their_own(post: Post) -> None:
    for number, sender in enumerate((ANN, BEN, ANN, ANN)):
        post.hears(f"part {number}", sender, at=f"2026-09-14T10:0{number}:00")
    ann, ben = (person.id for person in post.respondents())
    assert [row.respondent_id for row in post.rows()] == [ann, ben, ann]
    assert post.counts() == {"received": 3, "counted": 3, "respondents": 2, "texts": 4}


def test_texts_handled_in_another_order_than_they_came(post: Post) -> None:
    """A text that failed and is handled later joins its own neighbours, not whatever came half an hour after."""
    first = post.keep("I think that", at="2026-09-14T10:00:00")
    second = post.keep("more police", at="2026-09-14T10:01:00")
    later = post.keep("something else", at="2026-09-14T10:30:00")
    for kept in (later, second, first):
        assert kept
        responses.handle(post.heed, kept)
    assert post.counts() == {"received": 2, "counted": 2, "respondents": 1, "texts": 3}


def test_it_closes_at_the_end_of_its_last_day_in_london(empty_post: Post) -> None:
    post = empty_post
    table = [
        # Summer: the last day ends at 23:00 in UTC.
        ("2026-09-30", "2026-09-30T23:59:59", False),
        ("2026-09-30", "2026-10-01T00:00:00", True),
        ("2026-09-30", "2026-09-30T22:59:59+00:00", False),
        ("2026-09-30", "2026-09-30T23:00:00+00:00", True),
        # Winter.
        ("2026-12-15", "2026-12-15T23:59:59", False),
        ("2026-12-15", "2026-12-16T00:00:00", True),
        ("2026-12-15", "2026-12-15T23:59:59.999999+00:00", False),
        # The day on which clocks go back.
        ("2026-10-25", "2026-10-25T23:59:59", False),
        ("2026-10-25", "2026-10-26T00:00:00", True),
    ]
    for number, (closes, at, late) in enumerate(table):
        word = "ABCDEFGHI"[number] * 4
        name = post.launch(id=f"c{number}", keywords=[word], closes=closes)
        post.hears(f"{word} more police", phone(number), at=at)
        assert post.counts(name) == (
            {"received": 1, "late": 1, "texts": 1}
            if late
            else {"received": 1, "counted": 1, "respondents": 1, "texts": 1}
        )
    post.tick()
    assert [post.said(phone(number)) for number in range(len(table))] == [
        [told(post, "late" if late else "welcome", number)] for number, (*_, late) in enumerate(table)
    ]


def test_before_it_opens_texts_are_kept_and_marked_early(post: Post) -> None:
    post.hears("More police", ANN, at="2026-08-31T23:59:59")
    post.hears("More police", BEN, at="2026-09-01T00:00:00")
    post.tick()
    assert [row.early for row in post.rows()] == [True, False]
    assert (post.said(ANN), post.said(BEN)) == ([told(post, "early")], [told(post, "welcome", 1)])


def test_fragments_on_both_sides_of_midnight_are_counted_where_they_belong(post: Post) -> None:
    for sender, first, second in (
        (ANN, "2026-08-31T23:59:30", "2026-09-01T00:00:15"),
        (BEN, "2026-09-30T23:59:30", "2026-10-01T00:00:15"),
    ):
        post.hears("I think that", sender, at=first)
        post.hears("more police", sender, at=second)
    assert post.counts() == {
        "received": 4,
        "early": 1,
        "late": 1,
        "counted": 2,
        "respondents": 2,
        "texts": 4,
    }


def test_without_a_closing_day_nothing_is_ever_late(empty_post: Post) -> None:
    empty_post.launch(closes=None)
    empty_post.hears("More police", at="2036-01-01T00:00")
    assert [row.late for row in empty_post.rows()] == [False]


def test_the_same_sid_ten_times_at_once_is_one_text(post: Post, sites: dict[Any, Site]) -> None:
    assert sites["consultation"].app
    sid = f"SM{7:032x}"

    def send(_: int) -> int:
        return int(post.carrier.text(ANN, post.heed.config.sender, "More police", sid)["status_code"])

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(send, range(10)))
    post.tick()
    assert answers == [200] * 10
    assert post.counts() == {"received": 1, "counted": 1, "respondents": 1, "texts": 1}
    assert post.said() == [told(post, "welcome")]


def test_one_text_handled_by_many_at_once_counts_once(post: Post) -> None:
    kept = post.keep("More police")
    assert kept
    with ThreadPoolExecutor(5) as pool:
        list(pool.map(lambda _: responses.handle(post.heed, kept), range(5)))
    post.tick()
    assert (len(post.rows()), len(post.said())) == (1, 1)


def test_many_texts_of_one_new_person_at_once_are_one_respondent(post: Post) -> None:
    kept = [post.keep(f"thought {number}") for number in range(6)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda one: responses.handle(post.heed, one or 0), kept))
    post.tick()
    assert post.counts() == {"received": 1, "counted": 1, "respondents": 1, "texts": 6}
    assert len(post.said()) == 1


def test_nothing_is_cut_off(post: Post) -> None:
    said = ["x" * 1600, "Ŵ" * 1600, "é\n€ " * 400, "\U0001f44d" * 800, ""]
    for words in said:
        post.hears(words)
    with post.heed.database.begin() as session:
        kept = session.scalars(select(Inbound).order_by(Inbound.id)).all()
    assert [post.heed.cipher.open(row.body_enc or b"", "body").reveal() for row in kept] == said
    assert (post.counts()["texts"], post.counts()["blank"]) == (len(said), 1)


def test_stop_start_and_help_are_no_responses(post: Post) -> None:
    table: list[tuple[str, str | None, str | None, str | None]] = [
        ("STOP", "STOP", "stop", None),
        ("stop please", None, "stop", None),
        ("START", "START", "start", None),
        ("start please", None, "start", "started"),
        ("HELP", "HELP", None, None),
        ("help please", None, None, "help"),
    ]
    for number, (words, said, *_) in enumerate(table):
        post.hears(words, phone(number), said=said)
    post.tick()
    assert [post.said(phone(number)) for number in range(len(table))] == [
        [TEXTS[answer]] if answer else [] for *_, answer in table
    ]
    assert post.counts() == {}
    with post.heed.database.begin() as session:
        acts = session.scalars(select(NumberEvent.act).order_by(NumberEvent.id)).all()
    assert list(acts) == [act for *_, act, _ in table if act]


@pytest.mark.parametrize("changes", [{"answers_stop": False}])
@pytest.mark.parametrize("sandbox_options", [{"answers_stop": False}])
def test_where_the_carrier_does_not_answer_stop_we_do_once_and_then_are_silent(post: Post) -> None:
    post.hears("STOP")
    post.hears("You never listen")
    post.tick()
    assert post.said() == [TEXTS["stopped"]]
    assert post.counts()["received"] == 1


def test_after_stop_texts_are_kept_and_not_answered_and_no_other_word_starts_again(post: Post) -> None:
    post.hears("STOP", said="STOP")
    for number, words in enumerate(("More police", "yes", "hello")):
        post.hears(words, at=f"2026-09-14T1{number}:30")
    post.tick()
    assert post.said() == []
    assert post.counts()["received"] == 3
    post.hears("START", said="START")
    post.tick("2026-09-14T14:00")
    post.hears("More police I said")
    post.tick()
    assert post.said() == [told(post, "thanks")]


def test_a_yes_undoes_a_stop_that_the_carrier_had_taken_and_no_other(post: Post) -> None:
    for sender, words, said in ((ANN, "no more texts please", None), (BEN, "STOP", "STOP")):
        post.hears(words, sender, said=said)
        post.hears("YES", sender, said="START")
        post.hears("More police", sender)
    post.tick()
    assert post.said(ANN) == []
    assert [words[:12] for words in post.said(BEN)] == [TEXTS["welcome"][:12]]


def test_start_is_confirmed_by_us_where_the_carrier_had_nothing_to_confirm(post: Post) -> None:
    for sender, words, said in ((ANN, "no more texts please", None), (BEN, "STOP", "STOP")):
        post.hears(words, sender, said=said)
        post.hears("START", sender, said="START")
    post.tick()
    assert (post.said(ANN), post.said(BEN)) == ([TEXTS["started"]], [])


def test_a_yes_that_the_carrier_took_for_start_answers_the_open_question(empty_post: Post) -> None:
    [victim] = [one for one in FULL["questions"] if one["id"] == "victim"]
    empty_post.launch(texts=FULL["texts"], keywords=FULL["keywords"], questions=[victim])
    empty_post.hears("More police")
    empty_post.hears("yes", said="START")
    assert empty_post.answers() == [("victim", "yes", False, True)]


def test_stop_speeding_on_london_road_is_feedback(post: Post) -> None:
    post.hears("Stop speeding on London Road")
    post.tick()
    assert post.said() == [told(post, "welcome")]
    assert post.counts()["counted"] == 1


def test_danger_is_answered_at_once_and_kept_as_feedback(post: Post) -> None:
    post.tick("2026-09-15T03:00")
    post.hears("someone is in my house")
    post.tick()
    assert post.said() == [DANGER_ANSWER]
    assert [(row.kind, row.rule) for row in post.rows()] == [("danger", "danger-intruder")]
    assert post.counts()["counted"] == 1
    # Not once in two minutes, as thanks are: each time.
    post.hears("he has got a knife")
    post.tick()
    assert post.said() == [DANGER_ANSWER, DANGER_ANSWER]


def test_someone_in_danger_who_has_stopped_is_not_texted(post: Post) -> None:
    post.hears("STOP", said="STOP")
    post.hears("help me")
    post.tick()
    assert post.said() == []
    assert post.counts()["received"] == 1


def test_remove_withdraws_the_response_and_is_not_thanked_for_it(post: Post) -> None:
    post.hears("More police", at="2026-09-14T09:00")
    post.hears("More buses", BEN)
    post.tick()
    post.hears("REMOVE")
    post.tick()
    assert post.said()[-1] == told(post, "removed")
    assert "kept" not in post.said()[-1]
    assert [one.state for one in post.respondents()] == ["withdrawn", "complete"]
    assert post.counts() == {"received": 2, "withdrawn": 1, "counted": 1, "respondents": 1, "texts": 2}


def test_no_reply_is_owed_to_a_short_code_or_a_name(post: Post) -> None:
    for sender in ("60777", "88600", "HMCTS", "O2"):
        for words in ("More police", "help please", "start please", "someone is in my house"):
            post.hears(words, sender)
    post.tick()
    assert post.said(None) == []
    assert post.counts()["texts"] == 8


def test_every_text_is_in_some_row(post: Post) -> None:
    for number, (words, sender, at) in enumerate(
        [
            ("Too soon", ANN, "2026-08-20T10:00"),
            ("In time", ANN, "2026-09-14T10:00"),
            ("and more", ANN, "2026-09-14T10:01"),
            ("and later", ANN, "2026-09-20T10:00"),
            ("In time", BEN, "2026-09-14T10:00"),
            ("REMOVE", BEN, "2026-09-15T10:00"),
            ("Too late", BEN, "2026-10-02T10:00"),
            ("Too late", ANN, "2026-10-02T10:00"),
        ]
    ):
        post.hears(words, sender, at=at, sid=f"SM{number:032x}")
    assert post.counts() == {
        "received": 6,
        "early": 1,
        "late": 1,
        "withdrawn": 2,
        "counted": 2,
        "respondents": 1,
        "texts": 7,
    }


def test_the_keyword_decides_then_the_default_that_is_open_then_the_newest(empty_post: Post) -> None:
    post = empty_post
    post.launch(id="roads", keywords=["ROADS"], default=False)
    post.launch(id="plan-2026")
    post.launch(id="later", opens="2026-10-01", closes="2026-10-31", keywords=["LATER"])
    said = [
        ("More police", "2026-09-14T10:00", "plan-2026"),
        ("Roads: potholes", "2026-09-14T11:00", "roads"),
        ("please ROADS potholes", "2026-09-14T12:00", "roads"),
        ("later then", "2026-09-14T13:00", "later"),
        ("More police", "2026-10-02T10:00", "later"),
        ("ROADS again", "2026-10-02T11:00", "roads"),
        ("plan it is", "2026-10-02T12:00", "plan-2026"),
    ]
    for words, at, _ in said:
        post.hears(words, at=at)
    assert [row.consultation_id for row in post.rows()] == [to for *_, to in said]
    # One number is one respondent in each.
    assert len(post.respondents()) == 3


YEARS: list[tuple[str, str, str]] = [
    # Before anything opens: the default, not the first to open.
    ("Early bird", "2026-05-01T10:00", "plan-2026"),
    ("SUN too early", "2026-05-01T10:05", "summer"),
    # A lesser one closed in July, and the default is yet to open: who is late is late.
    ("Late for summer", "2026-08-15T10:00", "summer"),
    ("In time", "2026-09-14T10:00", "plan-2026"),
    ("PLAN in time", "2026-09-14T10:05", "plan-2026"),
    # All of this year's are closed, and next year's is launched, with the same keyword.
    ("At the end of the last day", "2026-09-30T23:59:59", "plan-2026"),
    ("Late", "2026-10-01T00:00", "plan-2026"),
    ("PLAN late", "2026-10-01T00:02", "plan-2026"),
    ("Next year", "2027-09-02T10:00", "plan-2027"),
    ("PLAN next year", "2027-09-02T10:02", "plan-2027"),
    # Of two defaults that are closed, the one that closed last.
    ("Late again", "2027-11-01T10:00", "plan-2027"),
]


def test_a_late_text_is_late_in_the_consultation_that_it_is_late_for(empty_post: Post) -> None:
    post = empty_post
    post.launch()
    post.launch(id="summer", opens="2026-06-01", closes="2026-07-31", keywords=["SUN"], default=False)
    post.launch(id="plan-2027", opens="2027-09-01", closes="2027-09-30")
    for words, at, _ in YEARS:
        post.hears(words, at=at)
    assert [row.consultation_id for row in post.rows()] == [to for *_, to in YEARS]
    assert post.counts() == {"received": 6, "early": 1, "counted": 3, "late": 2, "respondents": 1, "texts": 6}


def test_a_questionnaire_is_launched_once_and_frozen(post: Post) -> None:
    assert post.launch() == "plan-2026"
    with pytest.raises(Refused, match="already launched and frozen"):
        post.launch(title="Another")
    with post.heed.database.begin() as session:
        assert session.scalar(select(func.count(Consultation.id))) == 1


STANDING_WELCOME = "Thank you. Your text to Hertfordshire's Police and Crime Commissioner is kept"


def test_with_nothing_launched_the_standing_post_takes_the_text(empty_post: Post) -> None:
    post = empty_post
    post.hears("More police")
    post.tick()
    assert post.said()[0].startswith(STANDING_WELCOME)
    assert post.respondents()[0].reference in post.said()[0]
    assert post.counts("standing") == {"received": 1, "counted": 1, "respondents": 1, "texts": 1}
    with post.heed.database.begin() as session:
        row = session.scalars(select(Consultation)).one()
    assert (row.id, row.closes_at) == ("standing", None)
    assert len(row.hash) == 64


def test_the_standing_post_names_a_page_that_is_there(empty_post: Post, sites: dict[Any, Site]) -> None:
    empty_post.hears("The bridge is dark at night")
    empty_post.tick()
    (said,) = empty_post.said()
    assert said.endswith(f" {empty_post.heed.config.public_url}/consultations/standing")
    assert made_up(said) == []
    shown = sites["consultation"].app.test_client().get("/consultations/standing")
    assert shown.status_code == 200 and "kept encrypted" in shown.text


def test_live_mode_launches_nothing_that_sends_people_to_nobody(empty_post: Post) -> None:
    heed = empty_post.heed
    live = dataclasses.replace(heed, settings=dataclasses.replace(heed.settings, mode="live"))
    written = json.dumps(CONTENT, default=str)
    real = json.loads(
        written.replace("heed.example", "plan.hertfordshire.uk").replace("01632 960100", "01727 816541")
    )
    with heed.database.begin() as session:
        with pytest.raises(Refused, match=r"heed\.example, 01632 960100, which is nobody's"):
            consultations.launch(live, session, CONTENT)
        assert session.scalar(select(func.count()).select_from(Consultation)) == 0
        assert consultations.launch(live, session, real).id == CONTENT["id"]
        assert consultations.launch(heed, session, CONTENT | {"id": "trial"}).id == "trial"


def test_the_standing_post_is_opened_once_however_many_texts_come_at_once(empty_post: Post) -> None:
    kept = [empty_post.keep(f"thought {number}", f"+4477009001{number:02}") for number in range(6)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda one: responses.handle(empty_post.heed, one or 0), kept))
    empty_post.tick()
    assert empty_post.counts("standing")["respondents"] == 6
    assert len(empty_post.said(None)) == 6


def test_the_standing_post_also_answers_help_and_start(empty_post: Post) -> None:
    empty_post.hears("help please", ANN)
    empty_post.hears("start please", BEN)
    empty_post.tick()
    assert empty_post.said(ANN)[0].startswith("Hertfordshire Police and Crime")
    assert empty_post.said(BEN)[0].startswith("You will get texts")


def test_once_something_is_launched_texts_are_its_own_also_after_it_closed(empty_post: Post) -> None:
    post = empty_post
    post.hears("Before anything", at="2026-09-14T09:00")
    post.launch()
    post.hears("In time")
    post.hears("Too late", at="2026-10-02T10:00")
    assert [(row.consultation_id, row.late) for row in post.rows()] == [
        ("standing", False),
        ("plan-2026", False),
        ("plan-2026", True),
    ]


def test_the_words_are_in_no_table_but_sealed(post: Post) -> None:
    post.hears("Zebra crossing in Hitchin")
    with post.heed.database.begin() as session:
        row = session.scalars(select(Inbound)).one()
        assert b"Zebra" not in (row.body_enc or b"")
        assert ANN.encode() not in row.from_enc
        assert session.scalar(select(func.count(Submission.id))) == 1
