"""The count: what is kept, lost, doubled, wrong, listed or before a person, for every pair of what both sides say."""

from collections import Counter

import pytest

from tests.faults.judge import Promise, Row, judge

NUMBER, BODY = "+447700900123", "Hello"
ONE, MAYBE, ANY = Promise(NUMBER, BODY), Promise(NUMBER, BODY, sure=False), Promise(NUMBER)
ONCE, TWICE, OTHER = Counter({BODY: 1}), Counter({BODY: 2}), Counter({"Another": 1})
NONE: Counter[str] = Counter()


def row(state: str, reason: str | None = None, code: int | None = None) -> Row:
    return Row(1, state, reason, code)


@pytest.mark.parametrize(
    ("promise", "said", "accepted", "becomes"),
    [
        (ONE, row("accepted"), ONCE, "kept"),
        (ANY, row("accepted"), OTHER, "kept"),
        (ONE, row("accepted"), NONE, "lost"),
        (ONE, row("pending"), NONE, "lost"),
        (ONE, row("uncertain", "ReadTimeout"), NONE, "lost"),
        (ONE, None, NONE, "lost"),
        (MAYBE, None, NONE, None),
        (MAYBE, row("pending"), NONE, "lost"),
        (ONE, row("accepted"), TWICE, "doubled"),
        (ONE, row("staff", "two candidates"), TWICE, "doubled"),
        (MAYBE, row("accepted"), TWICE, "doubled"),
        (ANY, row("accepted"), ONCE + OTHER, "doubled"),
        (ONE, row("accepted"), OTHER, "doubled"),
        (ONE, row("pending"), ONCE, "wrong"),
        (ONE, row("cancelled", "too-late"), ONCE, "wrong"),
        (ONE, None, ONCE, "wrong"),
        (ONE, row("staff", "the carrier could not be asked"), ONCE, "staff"),
        (ONE, row("staff", "the carrier could not be asked"), NONE, "staff"),
        (ONE, row("staff"), NONE, "lost"),
        (ONE, row("cancelled", "too-late"), NONE, "listed"),
        (ONE, row("cancelled"), NONE, "lost"),
        (ONE, row("failed", None, 21211), NONE, "listed"),
        (ONE, row("failed"), NONE, "lost"),
    ],
)
def test_what_becomes_of_a_promise(
    promise: Promise, said: Row | None, accepted: Counter[str], becomes: str | None
) -> None:
    verdict = judge([promise], {NUMBER: said} if said else {}, {NUMBER: accepted} if accepted else {})
    found = {
        "kept": verdict.kept,
        **{name: len(getattr(verdict, name)) for name in ("lost", "doubled", "wrong", "staff", "listed")},
    }
    assert found == dict.fromkeys(found, 0) | ({becomes: 1} if becomes else {})
    assert bool(verdict.broken) == (becomes in ("lost", "doubled", "wrong"))
