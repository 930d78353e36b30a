"""A reply is owed once a text, to phones only, and never by itself to somebody who stopped."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from services.common import clock, inbound
from services.common.answers import ORDINARY, URGENT, USEFUL_FOR, answer, answered_since
from services.common.context import Heed
from services.common.models import Inbound, Outbox


def text_from(heed: Heed, sender: str, sid: str = "SM1") -> int:
    with heed.database.begin() as session:
        number = inbound.keep(
            heed, session, sid=sid, sender=sender, to="+447700900002", body="Hello", opt_out_type=None
        )
    assert number is not None
    return number


def reply(
    heed: Heed, number: int, words: str = "Thank you", step: str = "thanks", *, urgent: bool = False
) -> bool:
    with heed.database.begin() as session:
        row = session.get_one(Inbound, number)
        return answer(heed, session, row, words, step, clock.now(session), urgent=urgent)


def outbox(heed: Heed) -> list[Outbox]:
    with heed.database.begin() as session:
        return list(session.scalars(select(Outbox).order_by(Outbox.id)))


def test_what_is_owed(consultation: Heed) -> None:
    number = text_from(consultation, "+447700900123")
    assert reply(consultation, number)
    (row,) = outbox(consultation)
    assert (row.kind, row.subject_id, row.step, row.priority) == ("reply", number, "thanks", ORDINARY)
    assert row.useful_until - row.due_at == USEFUL_FOR
    assert row.to_enc is not None
    assert row.body_enc is not None
    assert consultation.cipher.open(row.to_enc, "number").reveal() == "+447700900123"
    assert consultation.cipher.open(row.body_enc, "body").reveal() == "Thank you"


def test_once_a_text_however_often_it_is_handled(consultation: Heed) -> None:
    number = text_from(consultation, "+447700900123")
    assert reply(consultation, number)
    assert not reply(consultation, number, "Something else", "other")
    assert len(outbox(consultation)) == 1


def test_danger_goes_before_everything(consultation: Heed) -> None:
    reply(consultation, text_from(consultation, "+447700900123"), urgent=True)
    assert outbox(consultation)[0].priority == URGENT < ORDINARY


@pytest.mark.parametrize(
    ("sender", "owed"),
    [
        ("+447700900123", True),
        ("+353850123456", True),
        ("+441727864511", True),  # a landline that can text
        ("60777", False),  # short codes
        ("+60777", False),
        ("12345678", False),
        ("HertsPolice", False),
        ("", False),
        ("+44770090012x", False),
        ("+1234567890123456", False),
        ("anonymous", False),
    ],
)
def test_no_reply_is_owed_to_short_codes_and_names(consultation: Heed, sender: str, owed: bool) -> None:
    assert reply(consultation, text_from(consultation, sender)) is owed
    assert len(outbox(consultation)) == owed


def test_what_was_answered_since(consultation: Heed) -> None:
    reply(consultation, text_from(consultation, "+447700900123"))
    key, other = (consultation.index.of(number, "number") for number in ("+447700900123", "+447700900124"))
    with consultation.database.begin() as session:
        now = clock.now(session)
        hour = timedelta(hours=1)
        assert answered_since(session, key, "thanks", now - hour)
        assert not answered_since(session, key, "thanks", now + hour)
        assert not answered_since(session, key, "welcome", now - hour)
        assert not answered_since(session, other, "thanks", now - hour)
