"""Statuses fold one way only: every order of them ends at the same word, and a contradiction changes nothing."""

import itertools

import pytest

from services.common.outbox.states import (
    CARRIER_ORDER,
    SENT_OR_MAYBE,
    TERMINAL,
    UNSENT,
    State,
    contradicts,
    fold,
)

WORDS = [*CARRIER_ORDER]
ON_THE_WAY = ["scheduled", "accepted", "queued", "sending", "sent"]


def end(words: tuple[str, ...]) -> str | None:
    known: str | None = None
    for word in words:
        known = fold(known, word) or known
    return known


@pytest.mark.parametrize("last", ["delivered", "undelivered", "failed", "canceled"])
def test_every_order_ends_at_the_terminal_word(last: str) -> None:
    for words in itertools.permutations(["queued", "sending", "sent", last]):
        assert end(words) == last


def test_every_order_of_words_on_the_way_ends_at_the_furthest() -> None:
    for words in itertools.permutations(ON_THE_WAY):
        assert end(words) == "sent"


def test_read_follows_delivered_in_every_order() -> None:
    for words in itertools.permutations(["queued", "sent", "delivered", "read"]):
        assert end(words) == "read"


@pytest.mark.parametrize(("first", "second"), list(itertools.permutations(sorted(TERMINAL - {"read"}), 2)))
def test_the_first_terminal_word_stays(first: str, second: str) -> None:
    assert fold(first, second) is None
    assert contradicts(first, second)


@pytest.mark.parametrize(("known", "news"), list(itertools.product([None, *WORDS], WORDS)))
def test_a_status_never_goes_back(known: str | None, news: str) -> None:
    folded = fold(known, news)
    if folded is not None:
        assert folded == news
        assert CARRIER_ORDER[news] > CARRIER_ORDER.get(known or "", 0)


@pytest.mark.parametrize("known", [None, *WORDS])
def test_said_twice_it_changes_nothing(known: str | None) -> None:
    if known:
        assert fold(known, known) is None
        assert not contradicts(known, known)
    assert fold(known, "receiving") is None
    assert fold(known, "") is None


@pytest.mark.parametrize(
    ("known", "news", "contradiction"),
    [
        ("delivered", "read", False),
        ("read", "delivered", False),
        ("undelivered", "read", True),
        ("failed", "read", True),
        ("sent", "failed", False),
        (None, "failed", False),
        ("delivered", "sent", False),
        ("delivered", "failed", True),
    ],
)
def test_contradictions(known: str | None, news: str, contradiction: bool) -> None:
    assert contradicts(known, news) is contradiction


@pytest.mark.parametrize("known", sorted(TERMINAL - {"delivered", "read"}))
def test_a_text_that_failed_is_not_read(known: str) -> None:
    assert fold(known, "read") is None


def test_the_groups_of_states_do_not_overlap() -> None:
    assert not set(UNSENT) & set(SENT_OR_MAYBE)
    assert set(UNSENT) | set(SENT_OR_MAYBE) | {State.FAILED, State.CANCELLED} == set(State)


def test_heeds_words_are_those_of_the_database() -> None:
    from services.common.models import Outbox

    indexed = " ".join(
        str(index.dialect_options["postgresql"]["where"]) for index in Outbox.__table__.indexes
    )
    for word in ("pending", "claimed", "uncertain", "staff"):
        assert f"'{word}'" in indexed
        assert word in set(State)


def test_every_state_is_drawn_and_nothing_else(drawn: list[tuple[str, str]]) -> None:
    assert {state for edge in drawn for state in edge} == {"[*]", *State} - {"[*]"}
    assert {"failed", "cancelled"} & {one for one, _ in drawn} == {
        "cancelled"
    }  # from failed nothing leads on
