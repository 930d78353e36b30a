"""Texts that are almost the same, and the arithmetic that must close."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.consultation import copies, reconciliation
from services.consultation.copies import Said
from services.consultation.overlaps import ALIKE
from services.consultation.reconciliation import NotClosed, table

LONG = "Please put more officers on foot in the high street after dark because nobody feels safe there"


def said(*words: str, district: str | None = "watford") -> list[Said]:
    return [Said(number, number, district, one) for number, one in enumerate(words, start=1)]


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (LONG, LONG, True),
        (LONG, LONG.upper() + "!!", True),
        (LONG, LONG.replace("officers", "oficers"), True),
        (LONG, LONG + " thank you", True),
        (
            LONG,
            LONG + " and I would like an answer from the Commissioner himself by the end of the month",
            False,
        ),
        (
            LONG,
            "Please put fewer cars in the high street after dark because nobody hears a word there",
            False,
        ),
        # Five words say too little, six are enough.
        ("more police in our town", "more police in our town", False),
        ("more police in our small town", "more police in our small town", True),
    ],
)
def test_what_is_suggested(one: str, other: str, alike: bool) -> None:
    assert [(pair.first, pair.second) for pair in copies.duplicates(said(one, other))] == [(1, 2)] * alike


def test_only_in_one_district_and_never_one_persons_own() -> None:
    [one], [other] = said(LONG), said(LONG, district="dacorum")
    assert copies.duplicates([one, Said(2, 2, "dacorum", other.words)]) == []
    assert copies.duplicates([one, Said(2, 1, "watford", LONG)]) == []
    assert len(copies.duplicates([Said(1, 1, None, LONG), Said(2, 2, None, LONG)])) == 1


@pytest.mark.parametrize(("people", "found"), [(copies.CAMPAIGN_LEAST - 1, 0), (copies.CAMPAIGN_LEAST, 1)])
def test_a_campaign_is_many_people(people: int, found: int) -> None:
    texts = [Said(number, number, None, LONG + (" please" if number % 2 else "")) for number in range(people)]
    assert (
        len(copies.campaigns([*texts, Said(99, 99, None, "something else that nobody else has said")]))
        == found
    )
    # One person, however often, is none.
    assert copies.campaigns([Said(number, 7, None, LONG) for number in range(people)]) == []


WORDS = st.lists(
    st.sampled_from(
        [
            "a",
            "bb",
            "ccc",
            "dddd",
            "eeeee",
            "more",
            "police",
            "less",
            "speed",
            "in",
            "on",
            "at",
            "the",
            "town",
        ]
    ),
    min_size=4,
    max_size=14,
)


@given(st.lists(WORDS.map(" ".join), max_size=12))
def test_the_search_finds_exactly_what_comparing_all_finds(texts: list[str]) -> None:
    kept = [copies.normal(one) for one in texts]
    runs = [{one[at : at + copies.RUN] for at in range(max(1, len(one) - copies.RUN + 1))} for one in kept]
    wanted = {
        (a + 1, b + 1)
        for b in range(len(kept))
        for a in range(b)
        if min(kept[a].count(" "), kept[b].count(" ")) + 1 >= copies.WORDS_LEAST
        and len(runs[a] & runs[b]) / len(runs[a] | runs[b]) >= ALIKE
    }
    assert {(pair.first, pair.second) for pair in copies.duplicates(said(*texts))} == wanted


STANDINGS = {("web", "counted"): 5, ("web", "late"): 1, ("letter", "duplicate"): 2, ("fax", "counted"): 1}


def test_the_table_closes_by_channel_and_in_all() -> None:
    *lines, everything = table({"web": 6, "letter": 2, "fax": 1}, STANDINGS)
    assert [(one.channel, one.received, one.analysed) for one in lines] == [
        ("web", 6, 5),
        ("letter", 2, 0),
        ("fax", 1, 1),
    ]
    assert (everything.channel, everything.received, everything.analysed) == (reconciliation.ALL, 9, 6)
    assert everything.removed["late"] == 1 and everything.removed["duplicate"] == 2


CHANGES: list[tuple[str, Callable[[dict[str, int], dict[tuple[str, str], int]], None]]] = [
    ("a row without a standing", lambda received, _: received.update(web=7)),
    (
        "a standing that nobody knows",
        lambda _, standings: standings.update({("web", "lost"): standings.pop(("web", "late"))}),
    ),
    ("a channel that was not received", lambda _, standings: standings.update({("pigeon", "counted"): 1})),
    ("two channels that cancel out", lambda received, _: received.update(web=7, letter=1)),
]


@pytest.mark.parametrize(("what", "change"), CHANGES, ids=[what for what, _ in CHANGES])
def test_what_does_not_close_is_not_printed(what: str, change: Callable[..., None]) -> None:
    received, standings = {"web": 6, "letter": 2, "fax": 1}, dict(STANDINGS)
    change(received, standings)
    with pytest.raises(NotClosed):
        table(received, standings)
