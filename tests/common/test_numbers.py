"""The register of numbers: the latest word stands, the history is kept, and each service has its own."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from services.common import numbers
from services.common.context import Heed
from services.common.models import NumberEvent, NumberState
from services.common.numbers import Act

AT = datetime(2026, 9, 21, 10, tzinfo=UTC)
KEY, OTHER = b"k" * 16, b"o" * 16


def note(heed: Heed, *acts: Act, key: bytes = KEY) -> None:
    with heed.database.begin() as session:
        for number, act in enumerate(acts):
            code = 30006 if act == "bad" else None
            numbers.note(session, key, act, f"inbound:{number}", AT + timedelta(minutes=number), code)


def forbidden(heed: Heed, *keys: bytes) -> dict[bytes, str]:
    with heed.database.begin() as session:
        return numbers.forbidden(session, keys or (KEY,))


def test_an_unknown_number_may_be_texted(reminders: Heed) -> None:
    assert forbidden(reminders) == {}
    with reminders.database.begin() as session:
        assert numbers.forbidden(session, ()) == {}


LATEST: list[tuple[tuple[Act, ...], str | None]] = [
    (("stop",), "opted-out"),
    (("stop", "start"), None),
    (("stop", "start", "stop"), "opted-out"),
    (("stop", "stop", "start"), None),
    (("start",), None),
    (("start", "stop"), "opted-out"),
    (("wrong",), "wrong-number"),
    # START is the person's word about texts; it does not make a wrong person the right one.
    (("wrong", "start"), "wrong-number"),
    (("wrong", "right"), None),
    (("bad",), "mobile-invalid"),
    (("bad", "right"), None),
    (("bad", "start"), "mobile-invalid"),
    (("stop", "right"), "opted-out"),
    # The person's own word comes first.
    (("stop", "wrong", "bad"), "opted-out"),
    (("bad", "wrong", "stop"), "opted-out"),
    (("bad", "wrong"), "wrong-number"),
    (("stop", "wrong", "start"), "wrong-number"),
    (("stop", "wrong", "bad", "start", "right"), None),
]


def test_the_latest_word_stands(reminders: Heed, subtests: pytest.Subtests) -> None:
    for number, (acts, reason) in enumerate(LATEST):
        with subtests.test(acts=acts):
            key = bytes([number]) * 16
            note(reminders, *acts, key=key)
            assert forbidden(reminders, key).get(key) == reason


def test_the_history_is_kept(reminders: Heed) -> None:
    acts: tuple[Act, ...] = ("stop", "start", "wrong", "right", "bad")
    note(reminders, *acts)
    with reminders.database.begin() as session:
        events = session.scalars(select(NumberEvent).order_by(NumberEvent.id)).all()
        state = session.get_one(NumberState, KEY)
    assert [(event.act, event.source) for event in events] == [
        (act, f"inbound:{number}") for number, act in enumerate(acts)
    ]
    assert (state.stopped_at, state.wrong_at, state.bad_code) == (None, None, 30006)


def test_numbers_do_not_mix(reminders: Heed) -> None:
    note(reminders, "stop")
    note(reminders, "wrong", key=OTHER)
    assert forbidden(reminders, KEY, OTHER, b"x" * 16) == {KEY: "opted-out", OTHER: "wrong-number"}


def test_stopping_one_service_is_not_stopping_the_other(reminders: Heed, consultation: Heed) -> None:
    note(consultation, "stop")
    assert forbidden(reminders) == {}


def test_only_the_words_that_lift_lift(reminders: Heed, subtests: pytest.Subtests) -> None:
    words: tuple[Act, ...] = ("stop", "wrong", "bad")
    for number, acts in enumerate(itertools.permutations(words)):
        with subtests.test(acts=acts):
            key = bytes([number]) * 16
            note(reminders, *acts, key=key)
            assert forbidden(reminders, key) == {key: "opted-out"}
            note(reminders, "start", key=key)
            assert forbidden(reminders, key) == {key: "wrong-number"}
            note(reminders, "right", key=key)
            assert forbidden(reminders, key) == {}
