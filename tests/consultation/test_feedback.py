"""You said, we did: written by one, approved by another, texted once to who asked, shown by receipt, owed after twelve weeks."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text

from services.common import audit
from services.common.acts import Refused
from services.common.models import Alarm, Outbox
from services.common.segments import count
from services.common.times import parse_instant
from services.consultation import (
    bundles,
    coding,
    feedback,
    feedback_texts,
    lookup,
    publication,
    said_back,
    words,
)
from services.consultation.models import Coding, Consultation, Frame, LookupMiss, Redaction
from services.consultation.reporting import letter
from services.consultation.themes import changes, codeframe
from services.consultation.themes.codeframe import Stance
from tests.consultation.office import bring_in, reported, row
from tests.consultation.post import ANN, BEN, FULL, START, Post, phone
from tests.support.sites import Site

ID, ANNA, CARA = "plan-2026", "person:anna", "person:cara"
PAGE = f"/consultations/{ID}/done"
GOOD = {
    "theme": "road-safety",
    "outcome": "planned",
    "considered": "The Panel discussed every response.",
    "done": "Two more camera sites are bought in April.",
    "brief": {"en": "Road safety: two more camera sites.", "cy": "Ffyrdd: dau safle camera arall."},
}
FLY = {"theme": "fly-tipping", "outcome": "passed-on", "considered": "Considered.", "done": "Cameras are lent.",
       "brief": "Fly tipping: cameras are lent to the districts."}  # fmt: skip
YES = {"answer:outcome": "yes"}


@pytest.fixture
def heard(empty_post: Post) -> Post:
    """Six people who spoke of themes, as a person or a machine coded them."""
    post = empty_post
    post.launch(**{name: value for name, value in FULL.items() if name != "kind"})
    bring_in(
        post,
        row("ann", "Speeding on London Road, and rubbish in the lane", mobile=ANN, publish="yes", **YES),
        row("ben", "Cameras on the A414 please", mobile=BEN, language="cy", **YES),
        row("carl", "Speeding again", mobile=phone(1), **{"answer:outcome": "no"}),
        row("dora", "Speeding", **YES),
        row("eve", "Potholes by 12 Acacia Road, ring 07700 900345", mobile=phone(2), publish="yes", **YES),
        row("fred", "Potholes, and do not print this", mobile=phone(3), publish="no", **YES),
        questions=["outcome"],
    )
    code(post, {
        0: {"road-safety": Stance.SUPPORT, "fly-tipping": Stance.OPPOSE},
        1: {"road-safety": Stance.SUPPORT},
        2: {"road-safety": Stance.SUPPORT},
        3: {"road-safety": Stance.SUPPORT},
        4: {"highways": Stance.UNCLEAR},
        5: {"highways": Stance.UNCLEAR},
    })  # fmt: skip
    return post


def code(post: Post, themes: dict[int, dict[str, Stance]], by: str | None = ANNA, *, at: str = START) -> None:
    rows = post.rows()
    with post.heed.database.begin() as session:
        session.add_all(
            Coding(submission_id=rows[place].id, themes=said, version=1, by=by, model=None if by else "m",
                   at=parse_instant(at))
            for place, said in themes.items()
        )  # fmt: skip


def act(post: Post, what: Any, *args: Any, **more: Any) -> Any:
    """One use case on the consultation, in a transaction."""
    with post.heed.database.begin() as session:
        return what(session, session.get_one(Consultation, ID), *args, **more)


def answered(post: Post, *contents: dict[str, Any]) -> None:
    for content in contents:
        number = act(post, feedback.write, said_back.read(content), ANNA).id
        act(post, feedback.approve, number, CARA)


def tell(post: Post, what: Any = feedback_texts.send, *args: Any) -> feedback_texts.Plan:
    with post.heed.database.begin() as session:
        more = args or ((ANNA,) if what is feedback_texts.send else ())
        plan: feedback_texts.Plan = what(post.heed, session, session.get_one(Consultation, ID), *more)
        return plan


WRONG: list[tuple[Any, str]] = [
    ("words", "an answer has theme, outcome"),
    (GOOD | {"more": 1}, "an answer has theme, outcome"),
    (GOOD | {"theme": 7}, "name the theme"),
    (GOOD | {"outcome": "soon"}, "outcome: one of done"),
    (GOOD | {"considered": {"cy": "Dim"}}, "considered: words"),
    (GOOD | {"done": " "}, "done.en: 1 to 3,000"),
    (GOOD | {"done": "x" * 3001}, "done.en: 1 to 3,000"),
    (GOOD | {"brief": "x" * 101}, "brief.en: 1 to 100"),
    (GOOD | {"brief": "ŵ is dear"}, "brief.en: a letter in it"),
    (GOOD | {"done": "Ring 01992 555 600."}, "done.en: it is published"),
]


@pytest.mark.parametrize(("content", "said"), WRONG)
def test_an_answer_that_cannot_be_published(content: Any, said: str) -> None:
    with pytest.raises(Refused, match=re.escape(said)):
        said_back.read(content)


def test_the_edges_of_what_can_be_said() -> None:
    made = said_back.read(GOOD | {"done": "x" * 3000, "brief": "x" * 100})
    assert (len(made.done["en"]), len(made.brief["en"])) == (3000, 100)
    briefs = [f"Answer {number}: {'x' * 60}." for number in range(5)]
    said = said_back.text(
        "You said, we did. {answers} More: {page} ref {reference}. STOP to end.",
        "https://a.example/b",
        briefs,
        "en",
    )
    assert "Answer 2" in said and "Answer 3" not in said and "And 2 more." in said
    assert count(said.replace("{reference}", "H74863G")).segments == 2
    with pytest.raises(Refused, match="shorten the answer"):
        said_back.text("y" * 280 + "{answers}", "", briefs, "en")


def test_one_writes_another_approves_and_all_stays(heard: Post) -> None:
    post = heard
    number = act(post, feedback.write, said_back.read(GOOD), ANNA).id
    for who, error in ((ANNA, "own-answer"), (CARA, None), (CARA, "approved"), ("person:dan", "approved")):
        if error is None:
            assert act(post, feedback.approve, number, who).approved_by == CARA
            continue
        with pytest.raises(Refused) as refused:
            act(post, feedback.approve, number, who)
        assert refused.value.error == error
    anew = act(post, feedback.write, said_back.read(GOOD | {"done": "Three sites."}), CARA).id
    assert reported(post)["feedback"]["answers"][0]["done"] == GOOD["done"]  # until it is approved
    last = act(post, feedback.write, said_back.read(GOOD | {"done": "Four sites."}), CARA).id
    with pytest.raises(Refused, match=f"approve answer {last}"):
        act(post, feedback.approve, anew, ANNA)
    act(post, feedback.approve, last, ANNA)
    with post.heed.database.begin() as session:
        listed = feedback.listed(session, ID)
    assert [(one["id"], one["stands"]) for one in listed] == [(last, True), (anew, False), (number, False)]
    assert reported(post)["feedback"]["answers"][0]["done"] == "Four sites."
    for content, error in (
        (GOOD | {"theme": "none-of-these"}, "no-theme"),
        (GOOD | {"theme": "moon"}, "no-theme"),
    ):
        with pytest.raises(Refused) as refused:
            act(post, feedback.write, said_back.read(content), ANNA)
        assert refused.value.error == error
    with pytest.raises(Refused, match="there is no answer"):
        act(post, feedback.approve, 999, CARA)


def test_who_asked_is_told_once_and_in_the_window(heard: Post) -> None:
    post = heard
    with pytest.raises(Refused, match="no answer is approved"):
        tell(post)
    answered(post, GOOD)
    # A machine's guess is told to nobody.
    bring_in(post, row("gus", "Cars", mobile=phone(4), **YES), batch="later", questions=["outcome"])
    code(post, {6: {"road-safety": Stance.SUPPORT}}, by=None)
    dry = tell(post, feedback_texts.plan)
    assert dry.skipped == {"did-not-ask": 1, "no-number": 1, "nothing-to-tell": 3}
    assert (dry.shown()["people"], dry.shown()["segments"]) == (2, 4)
    post.tick("2026-09-14T19:59:58")
    tell(post)
    post.tick("2026-09-14T20:30")
    assert post.said(BEN) == []
    post.tick("2026-09-15T09:00:01")
    receipts = {one.reference for one in post.respondents()}
    (english,), (welsh,) = post.said(ANN), post.said(BEN)
    assert (
        "you said, we did. Road safety: two more camera sites. More: http" in english
        and f"/consultations/{ID}/done" in english
    )
    assert "gwnaethom ni. Ffyrdd: dau safle camera arall." in welsh
    assert re.search(r"ref ([2-9A-Z]{7})\. STOP to end\.$", english)[1] in receipts  # type: ignore[index]
    assert all(count(one).segments <= 2 for one in (english, welsh))
    # Asked again, worded anew, and by two at once: nobody is told twice; another theme is.
    answered(post, GOOD | {"done": "Three sites."})
    assert tell(post).shown()["people"] == 0
    answered(post, FLY)
    with ThreadPoolExecutor(2) as both:
        plans = list(both.map(lambda _: tell(post), range(2)))
    assert sorted(len(one.texts) for one in plans) == [0, 1]
    post.tick()
    assert [("Fly tipping" in one, "Road safety" in one) for one in post.said(ANN)] == [
        (False, True),
        (True, False),
    ]
    found = reported(post)["feedback"]
    assert (found["asked"], found["texts"]) == (6, {"planned": 3, "told": 2, "sent": 3, "not_sent": 0})


def test_two_themes_are_one_text_and_a_stop_or_a_withdrawal_is_honoured(heard: Post) -> None:
    post = heard
    answered(post, GOOD, FLY)
    post.hears("STOP", BEN, said="STOP")
    assert tell(post).skipped == {"did-not-ask": 1, "no-number": 1, "nothing-to-tell": 2, "opted-out": 1}
    with post.heed.database.begin() as session:
        (owed,) = session.scalars(select(Outbox).where(Outbox.kind == "feedback")).all()
        session.execute(
            text(
                "UPDATE respondents SET state = 'withdrawn' WHERE id = (SELECT respondent_id FROM feedback_texts)"
            )
        )
    words_of = post.heed.cipher.open(owed.body_enc, "body").reveal() if owed.body_enc else ""
    assert "Road safety: two more camera sites. Fly tipping: cameras are lent to the districts." in words_of
    post.tick("2026-09-14T11:00")
    assert not [one for one in post.said(ANN) if "we did" in one]
    assert reported(post)["feedback"]["texts"]["not_sent"] == 1


def test_an_answer_to_a_theme_that_was_merged_counts_for_the_new_one(heard: Post) -> None:
    post = heard
    answered(post, GOOD)
    tell(post)
    with post.heed.database.begin() as session:
        frame = coding.codeframe(session, ID)
        roads = replace(frame.theme("road-safety"), id="roads", title="Roads")
        later = changes.merge(
            frame, ["road-safety", "fly-tipping"], roads, by=ANNA, on=date(2026, 9, 14), reason="one"
        )
        session.add(Frame(consultation_id=ID, version=2, content=codeframe.content(later), digest=codeframe.digest(later),
                          reason="one", by=ANNA, at=parse_instant(START)))  # fmt: skip
        session.flush()
        assert set(feedback.approved(session, ID)) == {"roads"}
    found = reported(post)
    (row_,) = [one for one in found["themes"]["rows"] if one["theme"] == "roads"]
    # Ann was for one and against the other.
    assert (row_["people"], row_["support"], row_["unclear"], found["feedback"]["unanswered"]) == (
        4,
        3,
        1,
        ["highways"],
    )
    assert tell(post).skipped["told"] == 2
    answered(post, GOOD | {"theme": "roads", "done": "Five sites."})
    assert reported(post)["feedback"]["answers"][0]["done"] == "Five sites." and tell(post).texts == []


def test_an_answer_to_a_theme_that_was_split_stands_until_the_new_ones_have_their_own(
    heard: Post, sites: dict[Any, Site]
) -> None:
    """On the page, in the report, by receipt and by text: under the title that it was approved under, and nobody is told twice."""
    post, client = heard, sites["consultation"].client()
    answered(post, GOOD)
    assert tell(post).shown()["people"] == 2
    with post.heed.database.begin() as session:
        frame = coding.codeframe(session, ID)
        halves = [
            replace(frame.theme("road-safety"), id=one, title=one.title()) for one in ("speed", "crossings")
        ]
        later = changes.split(frame, "road-safety", halves, by=ANNA, on=date(2026, 9, 14), reason="two")
        session.add(Frame(consultation_id=ID, version=2, content=codeframe.content(later), digest=codeframe.digest(later),
                          reason="two", by=ANNA, at=parse_instant(START)))  # fmt: skip
    ann = next(one.reference for one in post.respondents() if one.may_publish)

    def shown() -> tuple[list[str], list[str], list[tuple[str, bool]]]:
        """Titles answered in the report, its themes not answered, and Ann's themes with whether an answer stands there."""
        found = reported(post)["feedback"]
        (response,) = act(post, lookup.find, ann)["responses"]
        themes = [(one["title"], bool(one["answer"])) for one in response["themes"]]
        return [one["title"] for one in found["answers"]], found["unanswered"], themes

    old, fly = ("Road Safety", True), ("Fly Tipping", False)
    assert shown() == (["Road Safety"], ["speed", "crossings", "fly-tipping", "highways"], [old, fly])
    assert "Two more camera sites are bought in April." in client.get(PAGE).text
    assert "Two more camera sites" in client.post(PAGE, data={"reference": ann}).text
    # Carl asks for a text only now: what was approved before the split is told, to nobody else again.
    with post.heed.database.begin() as session:
        session.execute(text("UPDATE respondents SET may_text = true"))
    assert (tell(post).shown()["people"], tell(post).texts) == (1, [])
    code(post, {0: {"speed": Stance.SUPPORT, "fly-tipping": Stance.OPPOSE}}, at="2026-09-14T12:00")
    assert shown()[2] == [old, ("Speed", False), fly]
    answered(post, GOOD | {"theme": "speed", "done": "Cameras."})
    assert shown() == (
        ["Road Safety", "Speed"],
        ["crossings", "fly-tipping", "highways"],
        [("Speed", True), fly],
    )
    with post.heed.database.begin() as session:
        assert [one["stands"] for one in feedback.listed(session, ID)] == [True, True]
    answered(post, GOOD | {"theme": "crossings", "done": "Zebras."})
    assert shown()[0] == ["Speed", "Crossings"]
    with post.heed.database.begin() as session:
        listed = {one["theme"]: one["stands"] for one in feedback.listed(session, ID)}
    assert listed == {"road-safety": False, "speed": True, "crossings": True}
    assert "Two more camera sites" not in client.get(PAGE).text and "Zebras." in client.get(PAGE).text


def test_the_receipt_shows_what_became_of_it_and_no_words(heard: Post, sites: dict[Any, Site]) -> None:
    post, client = heard, sites["consultation"].client()
    answered(post, GOOD)
    ann = next(one.reference for one in post.respondents() if one.may_publish)
    found = act(post, lookup.find, f" {ann.lower()} ")
    (response,) = found["responses"]
    assert (response["day"], response["channel"], response["state"]) == ("2026-09-14", "web", "read")
    assert [(one["theme"], bool(one["answer"])) for one in response["themes"]] == [
        ("road-safety", True),
        ("fly-tipping", False),
    ]
    assert "London Road" not in str(found) and "support" not in str(found)
    page = client.get(PAGE)
    assert "Two more camera sites are bought in April." in page.text and 'name="reference"' in page.text
    assert (
        "script" not in page.text
        and "Set-Cookie" not in page.headers
        and page.headers["Cache-Control"] == "no-store"
    )
    mine = client.post(f"{PAGE}?lang=cy", data={"reference": ann})
    assert "Darllenodd person ef" in mine.text and "Road Safety" in mine.text and ann not in mine.text
    assert "London Road" not in mine.text and ANN not in mine.text
    assert client.get("/consultations/nothing/done").status_code == 404
    assert client.post("/consultations/nothing/done", data={"reference": ann}).status_code == 404


def test_guessing_is_slow(heard: Post, sites: dict[Any, Site], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "MISSES_MOST", 3)
    client = sites["consultation"].client()
    right = heard.respondents()[0].reference
    tries = [client.post(PAGE, data={"reference": one}) for one in ("ZZZZZZZ", "", right, "\x00<b>", right)]
    assert [one.status_code for one in tries] == [404, 404, 200, 404, 429]
    assert (
        "Nobody has this reference" in tries[0].text
        and "&lt;b&gt;" in tries[3].text
        and "in a minute" in tries[4].text
    )
    heard.tick("2026-09-14T10:01:02")
    assert client.post(PAGE, data={"reference": right}).status_code == 200
    heard.tick("2026-09-14T11:30")
    client.post(PAGE, data={"reference": "ZZZZZZZ"})
    with heard.heed.database.begin() as session:
        assert len(session.scalars(select(LookupMiss)).all()) == 1


def test_another_body_gets_what_is_its_own_once(heard: Post) -> None:
    post = heard
    with post.heed.database.begin() as session:
        for one in words.said(post.heed, session, ID):
            place = one.words.find("12 Acacia Road")
            session.add(Redaction(submission_id=one.id, masks=[[place, place + 14, "an address"]] if place >= 0 else [],
                                  text_key=post.heed.index.of(one.words, publication.PURPOSE), by=ANNA,
                                  at=parse_instant(START), approved_by=CARA, approved_at=parse_instant(START)))  # fmt: skip
    made = _bundle(post, "highways")
    lines = made.csv.decode("utf-8-sig").splitlines()
    assert lines[1:] == [
        "1,2026-09-14,Not said,For highways: the road itself,\"Potholes by [hidden], ring [hidden]\"",
        "2,2026-09-14,Not said,For highways: the road itself,[words withheld]",
    ]  # fmt: skip
    assert (made.logged["responses"], made.logged["withheld"], made.logged["body"]) == (
        2,
        1,
        "Hertfordshire County Council, Highways",
    )
    assert made.logged["digest"] in made.letter[-1] and letter.as_docx(made.letter).startswith(b"PK")
    with pytest.raises(Refused, match="nothing is coded for Hertfordshire"):
        _bundle(post, "Hertfordshire County Council, Highways")
    assert _bundle(post, "highways", again=True).logged["responses"] == 2
    for body, error in (("nhs", "nothing-new"), ("moon", "no-body"), ("fly-tipping", "no-body")):
        with pytest.raises(Refused) as refused:
            _bundle(post, body)
        assert refused.value.error == error
    with post.heed.database.begin() as session:
        assert [one["again"] for one in bundles.listed(session, ID)] == [True, False]
    assert len(reported(post)["feedback"]["bundles"]) == 2
    assert "highways" not in reported(post)["feedback"]["unanswered"]


def _bundle(post: Post, body: str, **more: bool) -> bundles.Made:
    with post.heed.database.begin() as session:
        return bundles.make(post.heed, session, session.get_one(Consultation, ID), body, ANNA, **more)


def test_after_twelve_weeks_an_alarm_sounds_each_day(heard: Post) -> None:
    post = heard
    answered(post, GOOD)
    for day, times in (
        ("2026-12-23T23:59", 0),
        ("2026-12-24T00:00:30", 1),
        ("2026-12-24T20:00", 1),
        ("2026-12-25T00:01", 2),
    ):
        post.tick(day)
        with post.heed.database.begin() as session:
            alarm = session.scalar(select(Alarm).where(Alarm.code == "feedback-overdue"))
        assert (alarm.times if alarm else 0) == times, day
        assert reported(post)["feedback"]["overdue"] is (times > 0)
    assert alarm is not None and (alarm.subject, alarm.detail) == (f"consultation:{ID}", {"themes": 2})
    answered(post, FLY)
    _bundle(post, "highways")
    post.tick("2026-12-27T10:00")
    with post.heed.database.begin() as session:
        assert session.scalars(select(Alarm.times).where(Alarm.code == "feedback-overdue")).one() == 2
    assert reported(post)["feedback"]["unanswered"] == []


def test_a_tampered_audit_row_is_found_by_the_reports_head(heard: Post) -> None:
    post = heard
    number = act(post, feedback.write, said_back.read(GOOD), ANNA).id
    act(post, feedback.approve, number, CARA)
    head = audit.parse_head(reported(post)["audit_head"])
    with post.heed.database.begin() as session:
        assert list(audit.verify(session, head)) == []
        session.execute(text("ALTER TABLE audit DISABLE TRIGGER ALL"))
        session.execute(text("UPDATE audit SET actor = 'person:dan' WHERE act = 'feedback-approved'"))
        (found,) = audit.verify(session, head)
        assert "(feedback-approved, 2026-09-14) was changed after it was written" in found
        session.execute(text("DELETE FROM audit WHERE act = 'feedback-approved'"))
        assert any("its tail was cut" in one for one in audit.verify(session, head))


def test_the_doors_say_the_same(heard: Post, sites: dict[Any, Site], key: Any) -> None:
    """Over HTTP: another key approves; the report in every form; a look at all of it is audited."""
    client: FlaskClient = sites["consultation"].client()
    plan = f"/v1/consultations/{ID}"
    one, other = (
        key(heard.heed, "feedback:read", "feedback:write", "publish:write", "responses:read", "bundles:write")
        for _ in range(2)
    )
    made = client.post(f"{plan}/feedback", json=GOOD, headers=one).json
    assert client.post(f"{plan}/feedback/{made['id']}/approval", headers=one).json["error"] == "own-answer"
    assert client.post(f"{plan}/feedback/{made['id']}/approval", headers=other).status_code == 200
    assert client.post(f"{plan}/feedback", json=GOOD | {"outcome": "soon"}, headers=one).status_code == 422
    dry = client.post(f"{plan}/feedback/texts", json={"dry_run": True}, headers=one).json
    assert (dry["people"], dry["dry_run"]) == (2, True)
    bundle = client.post(f"{plan}/bundles", json={"body": "highways"}, headers=one)
    assert bundle.status_code == 201 and bundle.json["csv"].startswith("row,received")
    assert client.get(f"{plan}/bundles", headers=one).json["bundles"][0]["responses"] == 2
    published = client.get(f"{plan}/report", headers=one).json
    whole = client.get(f"{plan}/report?full=true", headers=one).json
    people = {
        form["form"]: [row["people"] for row in form["themes"]["rows"] if row["theme"] == "road-safety"]
        for form in (published, whole)
    }
    assert people == {"published": [None], "full": [4]}
    assert published["reconciliation"] == whole["reconciliation"]
    page = client.get(f"{plan}/report?format=html&full=true", headers=one)
    assert page.mimetype == "text/html" and "not to be published" in page.text
    assert client.get(f"{plan}/report?format=docx", headers=one).data.startswith(b"PK")
    with heard.heed.database.begin() as session:
        acts = session.scalars(text("SELECT act FROM audit ORDER BY id")).all()
    assert acts.count("report-read-whole") == 2 and {
        "feedback-written",
        "feedback-approved",
        "bundle-sent",
    } <= set(acts)
