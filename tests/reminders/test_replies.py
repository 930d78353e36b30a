"""What follows from a defendant's text: the register, the staff inbox, and at most one answer (REMINDERS §6)."""

from typing import Any

import pytest
from sqlalchemy import func, select

from services.common import clock, numbers, on_duty, stops
from services.common.models import Audit, Inbound, NumberEvent, NumberState
from services.common.understanding import DANGER_ANSWER
from services.reminders import replies
from services.reminders.models import Reply
from tests.reminders.office import (
    ANN,
    BEN,
    CAT,
    HEARING,
    ONE_DAY,
    THREE_DAYS,
    Office,
    case,
    defendant,
    hearing,
    phone,
    somebody,
)

PLAIN = "This line is not read at once. Court questions: your solicitor or 01632 960001. Emergency: 999"
STRANGER = "This line sends court reminders and is not read at once. Emergency: 999"
HELP = (
    "Herts Police court reminders. To check this is real, call 01632 960001. STOP ends reminders. "
    "WRONG if you are not the person named. Emergency: 999"
)
STARTED = "You will get court reminders again. Text STOP to end them."
STOPPED = "You will get no more court reminders by text. Your court date still stands. Text START to get them again."


def inbox(office: Office) -> list[tuple[str, bool]]:
    """Every reply as it was taken: (kind, whether a person should read it)."""
    with office.heed.database.begin() as session:
        rows = session.scalars(select(Reply).order_by(Reply.id)).all()
        return [(row.kind, row.queued) for row in rows]


KINDS: list[tuple[str, str | None, str, bool, str | None, str | None]] = [
    # words, the carrier's own word, kind, whether a person reads it, what a listed person is told, and a stranger
    ("What court is it?", None, "message", True, PLAIN, STRANGER),
    ("HELP", None, "help", False, HELP, STRANGER),
    ("HELP", "HELP", "help", False, None, None),
    ("STOP", "STOP", "opt-out", False, None, None),
    ("stop please", None, "opt-out", False, None, None),
    ("START", "START", "opt-in", False, None, None),
    ("start please", None, "opt-in", False, STARTED, STARTED),
    ("WRONG", None, "wrong-number", True, None, None),
    ("10am", None, "plan-answer", False, None, None),
    ("ok thanks", None, "plan-answer", False, None, None),
    ("someone is in my house", None, "danger", True, DANGER_ANSWER, DANGER_ANSWER),
]


def test_each_kind_is_queued_or_not_and_answered_or_not(office: Office) -> None:
    office.push(hearing(HEARING, case(*(somebody(number) for number in range(len(KINDS))))))
    for number, (words, opt_out_type, *_) in enumerate(KINDS):
        office.hears(phone(number), words, opt_out_type)
        office.hears(phone(100 + number), words, opt_out_type)
    office.tick()
    assert inbox(office) == [(kind, queued) for _, _, kind, queued, *_ in KINDS for _ in range(2)]
    for number, (*_, said, said_to_a_stranger) in enumerate(KINDS):
        assert office.texts(phone(number)) == ([said] if said else [])
        assert office.texts(phone(100 + number)) == ([said_to_a_stranger] if said_to_a_stranger else [])


def test_an_unknown_sender_is_told_no_name_no_court_and_no_number_of_one(office: Office) -> None:
    office.push(hearing())
    for words in ("who is this", "HELP", "start", "Is Ann Example at St Albans?"):
        office.hears(CAT, words)
    office.tick()
    said = " ".join(office.texts(CAT))
    assert said
    for word in ("Ann", "Example", "Albans", "01632", "Magistrates"):
        assert word not in said


def test_the_answer_names_the_court_of_the_next_hearing_and_only_that_persons(office: Office) -> None:
    office.push(hearing())
    stevenage = case(defendant("Ben", mobile=BEN), ref="41AA2")
    office.push(hearing("2026-09-24T14:00", stevenage, key="h2", court="B41MJ00"))
    office.hears(BEN, "what is this about")
    office.tick()
    assert "01632 960002" in office.texts(BEN)[0]


def test_one_plain_answer_a_day_for_each_number(office: Office) -> None:
    office.push(hearing())
    office.hears(ANN, "what is this about")
    office.tick()
    for at in ("2026-09-14T08:00:10", "2026-09-14T20:00", "2026-09-15T07:59:58"):
        office.tick(at)
        office.hears(ANN, f"and at {at}?")
        office.tick()
    assert office.texts(ANN) == [PLAIN]
    office.hears(CAT, "hello who is that")  # another number's day is its own
    office.tick("2026-09-15T08:01")
    office.hears(ANN, "hello?")
    office.tick()
    assert office.texts(ANN) == [PLAIN, PLAIN]
    assert office.texts(CAT) == [STRANGER]
    # Each of them waits for a person all the same.
    assert inbox(office) == [("message", True)] * 6


def test_danger_is_answered_at_once_at_three_in_the_morning(office: Office) -> None:
    office.push(hearing())
    office.tick("2026-09-20T03:00")
    office.hears(ANN, "Help me. He's hitting me")
    office.tick()
    assert office.texts() == [DANGER_ANSWER]
    assert inbox(office) == [("danger", True)]


def test_danger_is_answered_however_often_it_comes(office: Office) -> None:
    for number in range(3):
        office.hears(ANN, f"someone is in my house {number}")
    office.tick()
    assert office.texts(ANN) == [DANGER_ANSWER] * 3


def test_someone_in_danger_who_has_stopped_is_rung_not_texted(office: Office) -> None:
    office.hears(ANN, "STOP", "STOP")
    office.hears(ANN, "help me")
    office.tick()
    assert office.texts() == []
    assert inbox(office) == [("opt-out", False), ("danger", True)]
    assert office.outbox() == []
    with office.heed.database.begin() as session:
        assert [(one["kind"], one["ring"]) for one in on_duty.waiting(office.heed, session)] == [
            ("danger", True)
        ]


@pytest.mark.parametrize(
    ("resumed", "told", "rung"), [("07:59", [DANGER_ANSWER], False), ("08:01", [], True)]
)
def test_while_sending_is_stopped_someone_in_danger_is_rung(
    office: Office, resumed: str, told: list[str], rung: bool
) -> None:
    """The answer waits with everything else, four hours; what is then of no use does not go, and the ringing stands."""

    def ringing() -> list[bool]:
        with office.heed.database.begin() as session:
            return [one["ring"] for one in on_duty.waiting(office.heed, session)]

    office.tick("2026-09-20T04:00")
    with office.heed.database.begin() as session:
        stops.stop(session, "wrong words", "person:ann", clock.now(session))
    office.hears(ANN, "someone is in my house")
    office.tick()
    assert (office.texts(), ringing()) == ([], [True])
    office.move(f"2026-09-20T{resumed}")
    with office.heed.database.begin() as session:
        stops.lift(session, "person:ben", clock.now(session))
    office.tick()
    assert (office.texts(), ringing()) == (told, [rung])


@pytest.mark.parametrize("changes", [{"answers_stop": False}])
@pytest.mark.parametrize("sandbox_options", [{"answers_stop": False}])
def test_where_the_carrier_does_not_answer_stop_heed_does_once(office: Office) -> None:
    said = ["STOP", "Stop. Thank you", "stop texting me"]
    office.push(hearing(HEARING, case(*(somebody(number) for number in range(len(said))))))
    for number, words in enumerate(said):
        office.hears(phone(number), words)
    office.tick()
    office.tick(THREE_DAYS)
    office.tick(ONE_DAY)
    assert [office.texts(phone(number)) for number in range(len(said))] == [[STOPPED]] * len(said)


def test_stop_takes_back_what_is_planned_and_start_plans_it_again(office: Office) -> None:
    office.push(hearing())
    office.hears(ANN, "STOP", "STOP")
    assert office.planned() == []
    assert office.row()["reasons"] == ["opted-out"]
    assert office.row()["mobile"] == "stopped"
    office.hears(ANN, "start please")
    office.tick()
    assert office.planned() == [("three-days", THREE_DAYS), ("one-day", ONE_DAY)]
    office.tick(THREE_DAYS)
    office.tick(ONE_DAY)
    assert [words[:12] for words in office.texts(ANN)] == ["You will get", "Herts Police", "Herts Police"]
    with office.heed.database.begin() as session:
        acts = session.scalars(select(NumberEvent.act).order_by(NumberEvent.id)).all()
    assert acts == ["stop", "start"]


def test_stop_between_planning_and_sending_and_after_the_first_reminder(office: Office) -> None:
    office.push(hearing())
    office.tick(THREE_DAYS)
    office.hears(ANN, "STOP", "STOP")
    office.tick(ONE_DAY)
    assert len(office.texts(ANN)) == 1
    assert ("one-day", "cancelled", "opted-out") in office.outbox()


def test_no_other_word_starts_the_texts_again(office: Office) -> None:
    office.push(hearing())
    office.hears(ANN, "STOP", "STOP")
    for words in ("hello", "yes", "what time is it", "ok thanks", "HELP", "please"):
        office.hears(ANN, words)
    office.tick(THREE_DAYS)
    assert office.texts(ANN) == []
    assert office.row()["reasons"] == ["opted-out"]


OWN, CARRIERS = ("stop please", None), ("STOP", "STOP")
# Who has said what, with the carrier's own word beside it; whether they are texted after it.
YES_AFTER: list[tuple[list[tuple[str, str | None]], bool]] = [
    # The carrier takes "yes" for START from anybody. A stop that Heed alone knows of is not undone by it.
    ([OWN, ("yes", "START")], False),
    ([OWN, ("YES", "START"), ("ok", None), ("Yes", "START")], False),
    ([CARRIERS, ("START", "START"), OWN, ("yes", "START")], False),
    ([CARRIERS, ("yes", "START"), OWN, ("yes", "START")], False),
    ([CARRIERS, ("start please", None), OWN, ("yes", "START")], False),
    # What the carrier itself had stopped it delivers again, and has said so.
    ([CARRIERS, ("yes", "START")], True),
    ([OWN, CARRIERS, ("yes", "START")], True),
    ([CARRIERS, ("yes", None)], False),
    # What Heed reads as START undoes either.
    ([OWN, ("START", "START")], True),
    ([OWN, ("unstop please", None)], True),
    # It is an answer where nothing was stopped.
    ([("yes", "START")], True),
]


def test_a_yes_undoes_a_stop_that_the_carrier_had_taken_and_no_other(office: Office) -> None:
    office.push(hearing(HEARING, case(*(somebody(number) for number in range(len(YES_AFTER) + 1)))))
    for number, (said, _) in enumerate(YES_AFTER):
        for words, opt_out_type in said:
            office.hears(phone(number), words, opt_out_type)
    refused = phone(len(YES_AFTER))
    with office.heed.database.begin() as session:
        key = office.heed.index.of(refused, "number")
        numbers.note(session, key, "stop", "carrier:21610", clock.now(session))
    office.hears(refused, "yes", "START")
    office.tick(THREE_DAYS)
    reminded = [
        any(words.startswith("Herts Police: ") for words in office.texts(phone(number)))
        for number in range(len(YES_AFTER) + 1)
    ]
    assert reminded == [*(texted for _, texted in YES_AFTER), True]
    assert inbox(office)[-2:] == [("plan-answer", False), ("opt-in", False)]


def test_start_is_confirmed_once_by_heed_where_the_carrier_had_nothing_to_confirm(office: Office) -> None:
    start = ("START", "START")
    table = [
        ([OWN, start, start], [STARTED]),
        ([OWN, ("unstop", "START")], [STARTED]),
        ([CARRIERS, start], []),
        ([OWN, CARRIERS, start], []),
        ([CARRIERS, start, OWN, start], [STARTED]),
        ([start], []),
    ]
    for number, (said, _) in enumerate(table):
        for words, opt_out_type in said:
            office.hears(phone(number), words, opt_out_type)
    office.tick()
    assert [office.texts(phone(number)) for number in range(len(table))] == [texts for _, texts in table]


def test_wrong_stops_the_number_is_counted_apart_from_stop_and_opens_an_incident(office: Office) -> None:
    office.push(hearing())
    office.hears(ANN, "Sorry, wrong number")
    office.hears(BEN, "STOP", "STOP")
    office.tick(THREE_DAYS)
    assert office.texts() == []
    assert (office.row()["mobile"], office.row()["reasons"]) == ("wrong", ["wrong-number"])
    with office.heed.database.begin() as session:
        states = session.execute(
            select(func.count(NumberState.wrong_at), func.count(NumberState.stopped_at))
        ).one()
        incidents = session.scalar(select(func.count()).where(Audit.act == "wrong-number-reported"))
    assert tuple(states) == (1, 1)
    assert incidents == 1


def test_start_does_not_undo_a_wrong_number(office: Office) -> None:
    office.push(hearing())
    office.hears(ANN, "WRONG")
    office.hears(ANN, "START", "START")
    office.tick(THREE_DAYS)
    assert office.texts() == []
    assert office.row()["reasons"] == ["wrong-number"]


def test_stop_of_one_number_stops_everyone_listed_under_it_and_nobody_else(office: Office) -> None:
    office.push(hearing())
    office.push(hearing(HEARING_LATER, case(defendant("Ben", mobile=BEN), ref="41AA2"), key="h2"))
    office.hears(ANN, "STOP", "STOP")
    office.tick(THREE_DAYS)
    assert (office.texts(ANN), len(office.texts(BEN))) == ([], 1)


HEARING_LATER = "2026-09-23T14:00"


def test_no_reply_is_owed_to_a_short_code_or_a_name(office: Office) -> None:
    for sender in ("60777", "HMCTS", "", "+123"):
        office.hears(sender, "hello")
        office.hears(sender, "he is hitting me")
    office.tick()
    assert office.texts() == []
    assert [kind for kind, _ in inbox(office)] == ["message", "danger"] * 4


def test_a_text_handled_twice_counts_once(office: Office) -> None:
    office.push(hearing())
    office.hears(ANN, "what is this")
    with office.heed.database.begin() as session:
        kept = session.scalars(select(Inbound.id)).one()
    replies.handle(office.heed, office.county, kept)
    office.tick()
    assert (inbox(office), office.texts()) == ([("message", True)], [PLAIN])


def test_over_http_a_repeated_webhook_is_one_text_and_one_answer(office: Office, sites: Any) -> None:
    office.push(hearing())
    assert sites["reminders"].app
    sid = f"SM{5:032x}"
    answers = [
        office.carrier.text(ANN, office.heed.config.sender, "what is this", sid)["status_code"]
        for _ in range(3)
    ]
    office.tick()
    assert answers == [200, 200, 200]
    assert (inbox(office), office.texts()) == ([("message", True)], [PLAIN])


def test_the_words_are_kept_whole_and_sealed(office: Office) -> None:
    words = "I can't come because " + "é" * 1500
    office.hears(ANN, words)
    with office.heed.database.begin() as session:
        row = session.scalars(select(Inbound)).one()
    assert row.body_enc
    assert words.encode() not in row.body_enc
    assert office.heed.cipher.open(row.body_enc, "body").reveal() == words
