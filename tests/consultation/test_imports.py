"""Responses of other channels: each kept once, joined to its person, counted where it belongs; and every table agrees."""

import csv
import io
import random
from typing import Any

import pytest
from sqlalchemy import func, select

from services.common.models import DutyItem
from services.consultation import duplicates, erasure, export, letters, publicity
from services.consultation.models import Answer, Batch, Consultation, Respondent, Scan, Submission
from services.consultation.reconciliation import NotClosed
from services.consultation.reporting.tables import tables
from services.consultation.rows import FileError
from services.consultation.states import Standing
from tests.consultation.office import BY, CAMPAIGN, bring_in, removed, reported, row
from tests.consultation.post import ANN, BEN, FULL, Post
from tests.replay.year_2019 import SHARES, differences, year


def test_the_same_batch_again_changes_nothing_and_other_words_are_refused(post: Post) -> None:
    rows = [row(str(number), f"View {number}") for number in range(5)]
    first = bring_in(post, *rows)
    assert first == {
        "status": "applied",
        "counts": {"responses": 5, "linked": 0, "unchanged": 0, "rejected": 0},
        "rejections": [],
    }
    random.Random(1).shuffle(rows)
    assert bring_in(post, *rows)["counts"] == {"responses": 0, "linked": 0, "unchanged": 5, "rejected": 0}
    partly = bring_in(
        post, row("0", "Other words"), row("9", "New"), row("9", "New"), row("10", "x", channel="fax")
    )
    assert partly["status"] == "partly_applied"
    assert partly["counts"] == {"responses": 1, "linked": 0, "unchanged": 1, "rejected": 2}
    assert {(one["where"], one["field"], one["code"]) for one in partly["rejections"]} == {
        ("row 1", "reference", "said-before"),
        ("row 4", "channel", "bad-channel"),
    }
    # The same references in another batch are other responses.
    assert bring_in(post, *rows, batch="second.csv")["counts"]["responses"] == 5
    assert post.counts()["received"] == 11
    assert bring_in(post, row("1", channel="fax"))["status"] == "rejected"


def test_where_each_response_is_counted(post: Post) -> None:
    bring_in(
        post,
        row("1"),
        row("2", ""),
        row("3", test="yes"),
        row("4", received="2026-08-31T23:59:59"),
        row("5", received="2026-09-01"),
        row("6", "", place="Watford"),
        row("7", received="2026-12-24"),
    )
    assert [one.standing for one in post.rows()] == ["counted", "blank", "test", "early", "counted", "blank"]
    assert removed(reported(post)) == {"blank": 2, "test": 1, "early": 1}


def test_late_is_late_to_the_second(post: Post) -> None:
    post.tick("2026-10-05T10:00")
    bring_in(
        post,
        row("1", received="2026-09-30T23:59:59"),
        row("2", received="2026-10-01T00:00"),
        row("3", received="2026-09-30"),
    )
    assert [one.standing for one in post.rows()] == ["counted", "late", "counted"]


def test_one_person_by_three_channels_is_one_respondent(post: Post) -> None:
    post.hears("More police")
    [ann] = post.respondents()
    bring_in(
        post,
        row("1", mobile="07700 900101", email="Ann@example.org", place="Hitchin"),
        row("2", channel="email", email="ann@EXAMPLE.org"),
        row("3", channel="letter", receipt=ann.reference.lower()),
        row("4", mobile=BEN),
        row("5", mobile="+44 7700 900102"),
        row("6", receipt="ZZZZZZZ"),
    )
    assert [one.respondent_id for one in post.rows()] == [ann.id] * 4 + [ann.id + 1] * 2
    assert [(one.district, one.email_key is not None) for one in post.respondents()] == [
        ("north-herts", True),
        (None, False),
    ]
    assert post.counts() == {"received": 6, "counted": 6, "respondents": 2, "texts": 1}
    # Later by text, the letter's writer is still the same.
    post.hears("And lights", BEN)
    assert post.counts()["respondents"] == 2


def test_one_sender_five_texts_one_respondent_and_answers_keyed_by_question(empty_post: Post) -> None:
    """Answers keyed by message, so each text is a new respondent (Twilio's survey sample)."""
    post = empty_post
    content = {name: value for name, value in FULL.items() if name != "kind"}
    post.launch(**content)
    for number in range(5):
        post.hears(f"thought {number} of mine is that more police are needed", at=f"2026-09-14T1{number}:00")
    assert len(post.respondents()) == 1
    asked = [one["id"] for one in FULL["questions"]]
    answers = {"answer:district": "Watford", "answer:victim": "yes", "answer:age": "65-over"}
    bring_in(post, row("1", mobile=ANN, **answers), questions=asked)
    bring_in(post, row("2", mobile=ANN, **{"answer:victim": "no"}), questions=asked)
    [ann] = post.respondents()
    assert (ann.district, ann.victim, ann.age_band) == ("watford", False, "65-over")
    with post.heed.database.begin() as session:
        standing = session.execute(
            select(Answer.question, Answer.value)
            .where(Answer.replaced_at.is_(None))
            .order_by(Answer.question)
        ).all()
        said = session.scalars(
            select(Answer.value).where(Answer.question == "victim").order_by(Answer.id)
        ).all()
    # What was said before is its history.
    assert list(said)[-2:] == ["yes", "no"]
    assert [tuple(one) for one in standing if one.value] == [
        ("age", "65-over"),
        ("district", "watford"),
        ("victim", "no"),
    ]
    [bad] = bring_in(post, row("3", **{"answer:age": "very old indeed"}), questions=asked)["rejections"]
    assert (bad["field"], bad["code"]) == ("answer:age", "bad-answer")


def test_whoever_withdrew_stays_withdrawn_on_every_channel(post: Post) -> None:
    post.hears("More police")
    post.hears("REMOVE")
    bring_in(post, row("1", mobile=ANN))
    assert post.counts()["withdrawn"] == 2


def test_words_of_danger_in_a_letter_are_on_duty_and_a_stop_in_one_is_a_view(post: Post) -> None:
    bring_in(post, row("1", "someone is in my house", channel="email"), row("2", "STOP", channel="letter"))
    assert [one.kind for one in post.rows()] == ["danger", "feedback"]
    with post.heed.database.begin() as session:
        assert session.scalars(select(DutyItem.cause)).all() == [f"submission:{post.rows()[0].id}"]


def test_every_response_is_in_some_row(post: Post) -> None:
    """ "Other" never reaches the chart (U-Report)."""
    bring_in(
        post,
        row("1", type="business", place="Cambridge"),
        row("2", type="organisation", organisation="=The Parish, 01992 900123"),
        row("3", channel="listening-post", place="Ware"),
        row("4", place="AL3"),
    )
    post.hears("By text")
    found = reported(post)
    assert found["reconciliation"][-1]["received"] == sum(one["received"] for one in found["by_day"]) == 5
    assert sum(found["respondents"].values()) == sum(found["districts"].values()) == 5
    assert (found["districts"]["outside"], found["districts"]["not-known"]) == (1, 3)
    assert found["organisations"] == ["=The Parish, [number]"]
    # A kind that this code does not know takes a row of its own, and a standing that it does not know stops the report.
    with post.heed.database.begin() as session:
        session.get_one(Respondent, post.respondents()[0].id).type = "martian"
    assert reported(post)["respondents"]["martian"] == 1
    with post.heed.database.begin() as session:
        session.get_one(Submission, post.rows()[0].id).standing = "lost"
    with pytest.raises(NotClosed, match="in no row"):
        reported(post)


def test_totals_agree_in_every_format(post: Post) -> None:
    """An export cannot be reconciled (Decidim #4992)."""
    what = year()
    name = post.launch(**what.content(FULL))
    for talk in what.talks:
        for words in talk.texts:
            post.hears(words, talk.number, at=f"{talk.day}T12:00")
    for channel in SHARES:
        rows = [row for row in what.rows if row["channel"] == channel]
        for new in (len(rows), 0):
            taken = bring_in(post, *rows, batch=channel, questions=["age"], to=name)
            assert (taken["counts"]["responses"], taken["rejections"]) == (new, [])
    with post.heed.database.begin() as session:
        duplicates.find(post.heed, session, name, BY)
        for one in duplicates.suggestions(session, name):
            assert one["second_channel"] == "letter"
            duplicates.accept(session, one["id"], BY)
    found = reported(post, name)
    assert differences(what, found) == []
    everything = found["reconciliation"][-1]
    assert everything["received"] == 450
    read = {
        file: list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))
        for file, body in tables(found).items()
    }
    assert sum(int(line["received"]) for line in read["reconciliation.csv"][:-1]) == everything["received"]
    assert sum(int(line["analysed"]) for line in read["by-day.csv"]) == everything["analysed"]
    for sort in ("respondents", "districts", "ages", "victims", "languages"):
        people = [int(line["people"]) for line in read["respondents.csv"] if line["table"] == sort]
        assert sum(people) == found["counts"]["respondents"]
    with post.heed.database.begin() as session:
        exported = export.csv(post.heed, session, session.get_one(Consultation, name), BY)
    lines = list(csv.DictReader(io.StringIO(exported.decode("utf-8-sig"))))
    assert len(lines) == everything["received"]
    by_standing = {
        one: sum(line["standing"] == one for line in lines) for one in [str(each) for each in Standing]
    }
    assert by_standing == {"counted": everything["analysed"]} | everything["removed"]
    assert (
        len({line["person"] for line in lines if line["standing"] == "counted"})
        == found["counts"]["respondents"]
    )


def test_the_export_has_no_number_no_address_and_no_formula(post: Post) -> None:
    bring_in(
        post,
        row(
            "1",
            "=cmd|' /C calc'!A0",
            organisation="@evil",
            type="organisation",
            mobile=BEN,
            email="ben@example.org",
        ),
        row(
            "2", "Ring me on 07700 900 123 or +44 (0)1992 555555, mail a.b@c.org; 101 took 40 minutes in 2026"
        ),
    )
    with post.heed.database.begin() as session:
        text = export.csv(post.heed, session, session.get_one(Consultation, "plan-2026"), BY).decode(
            "utf-8-sig"
        )
    one, other = csv.DictReader(io.StringIO(text))
    assert one["words"].startswith("'=") and one["organisation"] == "'@evil"
    assert other["words"] == "Ring me on [number] or [number], mail [address]; 101 took 40 minutes in 2026"
    assert not any(found in text for found in ("900102", "ben@", "900 123", "555555"))


PNG, PDF = b"\x89PNG\r\n\x1a\n" + b"x" * 50, b"%PDF-1.7 x"


def test_a_letter_with_its_scan_is_kept_once_and_sealed(post: Post) -> None:
    from services.consultation import files

    [letter], _ = files.responses([row("L1", channel="letter", text="More police")], (), drama=True)
    kept = []
    for scan in (PNG, PDF, None):
        with post.heed.database.begin() as session:
            consultation = session.get_one(Consultation, "plan-2026")
            kept.append(letters.type_in(post.heed, session, consultation, letter, scan, BY))
    assert {one.id for one in kept if isinstance(one, letters.Typed)} == {post.rows()[0].id}
    with post.heed.database.begin() as session:
        row_ = session.scalars(select(Scan)).one()
        assert row_.media_type == "application/pdf" and PDF not in row_.scan_enc
        assert letters.scan_of(post.heed, session, "plan-2026", row_.submission_id, BY) == (
            "application/pdf",
            PDF,
        )
        assert letters.scan_of(post.heed, session, "another", row_.submission_id, BY) is None


@pytest.mark.parametrize(
    ("scan", "code"),
    [(b"<svg>", "not-a-scan"), (b"", "not-a-scan"), (PDF + b"x" * letters.SCAN_MOST, "too-large")],
)
def test_what_is_no_scan_is_refused(scan: bytes, code: str) -> None:
    with pytest.raises(FileError) as refused:
        letters.media_type_of(scan)
    assert refused.value.code == code


def test_what_was_done_to_be_heard_is_in_the_report(post: Post) -> None:
    with post.heed.database.begin() as session:
        for what, reached in (("households", 1), ("page views", 3207), ("households", 18199)):
            publicity.note(session, "plan-2026", what, reached, BY)
        for bad in (("", 1), ("x", -1), ("<b>", 1), ("ring +44 (7700) 900-123", 1)):
            with pytest.raises(ValueError, match=r"^say "):
                publicity.note(session, "plan-2026", *bad, BY)
    assert [(one["what"], one["reached"]) for one in reported(post)["publicity"]] == [
        ("households", 18199),
        ("page views", 3207),
    ]


def test_what_was_erased_does_not_come_back_with_its_file(post: Post) -> None:
    rows: list[dict[str, Any]] = [row("1", "My words", mobile=ANN), row("2", CAMPAIGN)]
    bring_in(post, *rows)
    with post.heed.database.begin() as session:
        erasure.erase(post.heed, session, ANN, BY)
    assert bring_in(post, *rows)["counts"]["unchanged"] == 2
    with post.heed.database.begin() as session:
        assert session.scalars(select(Submission.words_enc).order_by(Submission.id)).all()[0] is None
        assert session.scalar(select(func.count()).select_from(Batch)) == 1
