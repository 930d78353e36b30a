"""Nobody is texted about a case that has ended, nor while in custody; what a feed says later restores, and nobody leaves their arm."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from services.reminders import pilots
from services.reminders.after_court import Spoken, Word, doubts
from services.reminders.models import Assignment
from tests.reminders.office import Office, case, defendant, hearing, nth, result

LATER = "2026-09-30T10:00"
REF, OTHER = "41AA1000126", "41AA9000126"


def later(shared: str | None = "2026-09-14T06:00", ref: str = REF, **more: str) -> dict[str, object]:
    """The same person's second first hearing, a week on."""
    return hearing(LATER, case(defendant(**more), ref=ref), key="h2", shared=shared)


def at_court(*codes: str, shared: str = "2026-09-23T12:00", **more: object) -> dict[str, object]:
    return result(*codes, shared=shared, **more)


def held(office: Office) -> list[str]:
    """What holds the second hearing."""
    (row,) = [row for row in office.rows() if row["starts_at"].startswith("2026-09-30")]
    assert row["eligible"] is not bool(row["doubts"])
    assert len(office.planned()) == (0 if row["doubts"] else 2)
    return row["doubts"]


@pytest.mark.parametrize(
    ("codes", "ref", "doubt"),
    [
        (("2051",), REF, ["case-ended"]),
        *(((code,), REF, ["case-ended"]) for code in ("2006", "2050", "2053", "2063")),
        (("2051",), OTHER, []),
        (("4028",), REF, ["remanded"]),
        # Custody is the person's, whatever the case.
        (("4028",), OTHER, ["remanded"]),
        (("2051", "4028"), REF, ["remanded"]),
        (("1015",), REF, []),
        (("4529",), REF, []),
    ],
)
def test_a_result_holds_what_comes_later(
    office: Office, codes: tuple[str, ...], ref: str, doubt: list[str]
) -> None:
    office.push(hearing())
    office.push(later(ref=ref))
    office.move("2026-09-23T12:00")
    message = at_court(*codes)
    if len(codes) > 1:  # two offences: one ended, the other goes on in custody
        offence = message["hearing"]["prosecutionCases"][0]["defendants"][0]["offences"]  # type: ignore[index]
        offence.append(
            offence[0] | {"id": "second", "judicialResults": [offence[0]["judicialResults"].pop()]}
        )
    office.push(message, "result")
    assert held(office) == doubt


def test_the_newer_word_counts_in_any_order(office: Office) -> None:
    """A remand, then bail; a later listing; an amendment that takes the remand away."""
    office.push(hearing(shared="2026-09-14T06:00"))
    office.push(later())
    office.move("2026-09-23T12:00")
    office.push(at_court("4028"), "result")
    assert held(office) == ["remanded"]
    # What is older than the result, though it comes later, and a repeat, restore nothing.
    office.push(later(shared="2026-09-23T11:00"))
    office.push(later(shared="2026-09-23T11:00"))
    assert held(office) == ["remanded"]
    # A later push of the hearing does, even one that changes nothing else.
    office.push(later(shared="2026-09-23T13:00"))
    assert held(office) == []
    # A result shared since says it again; its amendment takes it away.
    office.push(at_court("4028", shared="2026-09-23T14:00"), "result")
    assert held(office) == ["remanded"]
    office.push(at_court("1015", shared="2026-09-23T15:00"), "result")
    assert held(office) == []


def test_a_hearing_that_is_listed_after_the_result(office: Office) -> None:
    """By a push older than the result it is held; by a newer one not."""
    office.push(hearing(shared="2026-09-14T06:00"))
    office.move("2026-09-23T12:00")
    office.push(at_court("2051"), "result")
    office.push(later())
    assert held(office) == ["case-ended"]
    office.push(later(shared="2026-09-23T13:00"))
    assert held(office) == []


def test_what_has_no_version_counts_as_it_arrives(office: Office) -> None:
    office.push(hearing())
    office.push(later(shared=None))
    office.move("2026-09-23T12:00")
    office.push(result("4028"), "result")
    assert held(office) == ["remanded"]
    office.push(result("4028"), "result")
    office.push(later(shared=None))
    assert held(office) == ["remanded"]
    office.move("2026-09-23T13:00")
    office.push(later(shared=None, bail="B"))
    assert held(office) == []


def test_nobody_leaves_their_arm_and_strangers_are_let_be(office: Office) -> None:
    content = {
        "name": "p",
        "question": "?",
        "courts": ["B41ME"],
        "since": "2026-09-14",
        "until": "2026-10-31",
        "arms": [{"name": "text", "texted": True}, {"name": "no-text", "texted": False}],
        "allocation": "permuted-blocks",
        "seed": "1",
        "block_sizes": [2],
    }
    with office.heed.database.begin() as session:
        pilots.lock(session, content, "test")
    office.push(hearing())
    office.push(nth(1, LATER))
    office.push(later())
    with office.heed.database.begin() as session:
        before = session.execute(select(*Assignment.__table__.columns)).all()
    office.move("2026-09-23T12:00")
    office.push(at_court("4028"), "result")
    with office.heed.database.begin() as session:
        assert session.execute(select(*Assignment.__table__.columns)).all() == before
    assert (office.nth(1)["eligible"], office.nth(1)["doubts"]) == (True, [])


def test_the_rule() -> None:
    at = datetime(2026, 9, 14, tzinfo=UTC)
    said, day = Spoken(None, at), date(2026, 9, 23)

    def word(number: int, custody: str = "unknown", *, ended: bool = False) -> Word:
        return Word(number, date(2026, 9, number), frozenset({REF}), custody, ended, said)

    table: list[tuple[list[Word], list[str]]] = [
        ([], []),
        ([word(22, "custody")], ["remanded"]),
        # A result of the same day or a later one says nothing of this day.
        ([word(23, "custody", ended=True)], []),
        # Bailed since; and a result that says nothing of custody leaves it.
        ([word(20, "custody"), word(21, "bail")], []),
        ([word(20, "bail"), word(21, "custody")], ["remanded"]),
        ([word(20, "custody"), word(21)], ["remanded"]),
        ([word(20, "custody"), word(20, "bail")], ["remanded"]),
        # Taken up again since.
        ([word(20, ended=True), word(21)], []),
        ([word(20, ended=True), word(20, "custody")], ["case-ended", "remanded"]),
    ]
    for words, expected in table:
        assert doubts(day, {REF}, said, words) == expected
        assert doubts(day, {REF}, said, reversed(words)) == expected
