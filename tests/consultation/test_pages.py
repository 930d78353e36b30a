"""The office's pages of Consultation: thin edges over use cases, so what is tried here is the edge. Every page empty, full and with a mistake."""

import csv
import html
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import select, update

from services.common import long_work
from services.common.models import Audit, Outbox
from services.common.web import csrf, long_work_pages
from services.consultation import codings, overview
from services.consultation.models import Coding, Consultation, Invitation, Respondent, Submission
from tests.consultation.coders import ID, parted, written
from tests.consultation.full import PAGES, fill
from tests.consultation.office import CAMPAIGN, LONG, bring_in, contact, reported, row
from tests.consultation.post import ANN, BEN, FULL, Post, phone
from tests.consultation.staff import OWN, Staff, links

SCRIPT = "<script>alert(1)</script> \" onmouseover='x' more police please, and fewer forms"


@pytest.fixture
def office(sites: Any) -> Callable[..., Staff]:
    """Signs somebody in at this post."""
    return lambda post, *given: Staff(post.heed, sites["consultation"].app, *given)


def acts(post: Post, *names: str) -> list[tuple[str, str]]:
    """These acts in the audit log, in order: the act and who."""
    with post.heed.database.begin() as session:
        rows = session.scalars(select(Audit).order_by(Audit.id)).all()
    return [(one.act, one.actor) for one in rows if one.act in names]


def the_id(post: Post, words: str) -> int:
    """The number of the response that came in this row."""
    with post.heed.database.begin() as session:
        return session.scalars(select(Submission.id).where(Submission.row_ref == words)).one()


def test_pages_where_nothing_is_yet_say_what_to_do(empty_post: Post, office: Any) -> None:
    eva = office(empty_post)
    assert "Nothing is open" in eva.get("/")
    assert "Nobody has been asked anything yet" in eva.get("/listening")
    sample = eva.get("/listening/launch")
    assert "opens: 2026-09-14" in sample and "closes: 2026-10-13" in sample
    eva.get(OWN, status=404)
    assert "There is no consultation with this id" in eva.get(f"{OWN}/responses", status=404)
    assert eva.post("/listening/launch", yaml=_yaml(sample), do="launch") == OWN
    says = {
        OWN: "Nothing has come yet",
        f"{OWN}/responses": "Nothing has come yet",
        f"{OWN}/copies": "No pair waits",
        f"{OWN}/invitations": "Nobody was invited yet",
        f"{OWN}/redactions": "Nothing waits for approval",
        f"{OWN}/themes": "Nobody has coded a text yet",
        f"{OWN}/themes/review": "Nothing waits for you",
        f"{OWN}/themes/emerging": "No group waits",
        "/duty": "Nothing is on duty",
    }
    for path in PAGES:
        page = eva.get(path)
        assert says.get(path, "") in page, path
    assert eva.post("/listening/sample") == "/listening/sample" == eva.post("/listening/sample")
    assert "72" in eva.get("/listening/sample") and "It closes" in eva.get("/listening/sample")


def test_pages_of_a_consultation_lead_only_to_what_there_is(empty_post: Post, office: Any) -> None:
    post, eva = empty_post, office(empty_post)
    post.launch(**FULL)
    fill(post)
    seen: set[str] = set()
    for path in (*PAGES, f"{OWN}/responses/1", f"{OWN}/responses?kind=danger", "/duty/1"):
        for link in links(eva.get(path)) - seen:
            seen.add(link)
            answer = eva.client.get(link, headers={"Accept": "text/html"})
            # What a form alone answers is there too.
            assert answer.status_code in (200, 303, 405), f"{path} leads to {link}: {answer.status_code}"
            answer.close()
    assert len(seen) > 55


def test_the_overview_counts_what_the_report_counts(post: Post) -> None:
    fill(post)
    post.hears("Late in the evening, but of this day", phone(5), at="2026-09-14T23:30")
    bring_in(
        post,
        row("early", "Before it opened", received="2026-08-31T23:59"),
        row("test", "x", test="yes"),
        batch="x",
    )
    report_ = reported(post)
    with post.heed.database.begin() as session:
        found = overview.of(session, session.get_one(Consultation, ID))
    assert found["reconciliation"] == report_["reconciliation"]
    assert found["districts"] == report_["districts"]
    assert found["people"] == report_["counts"]["respondents"]
    by_day: dict[str, int] = {}
    for one in report_["by_day"]:
        by_day[one["day"]] = by_day.get(one["day"], 0) + one["received"]
    assert {str(one["day"]): one["received"] for one in found["days"]} == by_day
    days = overview.every_day(found["days"], 10)
    assert (len(days), str(days[0]["day"]), str(days[-1]["day"])) == (10, "2026-09-05", "2026-09-14")
    assert sum(one["received"] for one in days) == by_day["2026-09-14"]


def test_words_are_masked_and_a_number_is_asked_for_by_itself(post: Post, office: Any) -> None:
    post.hears(f"{SCRIPT} ring 07700 900999 or jo@example.org")
    bring_in(post, row("w1", "No number is known"))
    eva, ann = office(post), office(post, "ann", ("analyst",))
    stream, one = eva.get(f"{OWN}/responses"), eva.get(f"{OWN}/responses/1")
    for page in (stream, one):
        assert "ring [number] or [address]" in page
        assert "900999" not in page and "900101" not in page and "900 101" not in page
        assert "&lt;script&gt;" in page
    assert "Show the number" in one
    assert "Show the number" not in ann.get(f"{OWN}/responses/1")
    ann.post(f"{OWN}/responses/1/number", status=403)
    assert "+447700900101" in eva.post(f"{OWN}/responses/1/number", status=200)
    assert "No number is known" in eva.post(f"{OWN}/responses/2/number", status=409)
    assert acts(post, "identity-read", "response-read", "responses-read") == [
        ("responses-read", "person:eva"),
        ("response-read", "person:eva"),
        ("response-read", "person:ann"),
        ("identity-read", "person:eva"),
        ("response-read", "person:eva"),
    ]
    post.launch(id="other", default=False, keywords=["ELSE"])
    for path in ("responses/1", "responses/1/scan", "responses/99"):
        eva.get(f"/listening/other/{path}", status=404)


def test_who_is_on_duty_reads_a_letter_of_danger_and_no_other(
    post: Post, office: Any, sites: Any, key: Any
) -> None:
    headers = key(post.heed, "duty:read")
    post.hears("he is hitting me help me")
    bring_in(post, row("l1", "Please help me, he is hitting me", channel="letter"), row("l2", "A quiet view"))
    dan = office(post, "dan", ("duty",))
    items = sorted(int(one) for one in re.findall(r'href="/duty/(\d+)"', dan.get("/duty")))
    for item, words in zip(items, ("he is hitting me help me", "Please help me"), strict=True):
        assert f"/duty/{item}/response" in links(dan.get(f"/duty/{item}"))
        assert words in dan.get(f"/duty/{item}/response")
        assert words in dan.get(f"/duty/{item}")
        assert words in sites["consultation"].client().get(f"/v1/duty/{item}", headers=headers).json["words"]
    dan.get("/duty/99/response", status=404)
    dan.get(f"{OWN}/responses/1", status=403)
    dan.get(f"{OWN}/responses", status=403)


def test_programs_look_through_the_same_responses(post: Post, sites: Any, key: Any) -> None:
    post.hears("Ring me on 07700 900999")
    bring_in(post, row("a", "One"), row("b", "Two", channel="letter"))
    client, headers = sites["consultation"].client(), key(post.heed, "words:read")
    path = "/v1/consultations/plan-2026/responses"
    first = client.get(f"{path}?limit=2", headers=headers).json
    assert [one["words"] for one in first["responses"]] == ["Two", "One"]
    rest = client.get(f"{path}?limit=2&before={first['next']}", headers=headers).json
    assert [one["words"] for one in rest["responses"]] == ["Ring me on [number]"] and rest["next"] is None
    one = client.get(f"{path}/{first['responses'][0]['id']}", headers=headers).json
    assert (one["words"], one["channel"], one["person"]["has_number"]) == ("Two", "letter", False)


def test_the_stream_is_paged_by_key_and_its_file_has_the_same_rows(post: Post, office: Any) -> None:
    rows = [row(f"w{n}", f"View {n} of many on the town") for n in range(60)]
    bring_in(post, *rows, row("bad", "=1+1 is a sum", channel="letter"), row("blank", ""))
    eva = office(post)
    first = eva.get(f"{OWN}/responses?standing=counted")
    (on,) = [link for link in links(first) if "after=" in link]
    second = eva.get(on)
    shown = [re.findall(r">View (\d+) of", page) for page in (first, second)]
    assert [int(one) for page in shown for one in page] == list(range(59, -1, -1))
    assert "after=" not in "".join(link for link in links(second) if "after" in link)
    whole = eva.file(f"{OWN}/responses.csv").text
    assert len(list(csv.reader(io.StringIO(whole)))) == 63
    (_, letter) = csv.reader(io.StringIO(eva.file(f"{OWN}/responses.csv?channel=letter").text))
    assert letter[-1] == "'=1+1 is a sum"
    for odd in ("kind=opt-out", "day=soon", "after=x", f"after={2**63}", "channel=<b>", "standing=%27"):
        assert eva.client.get(f"{OWN}/responses?{odd}").status_code == 200, odd
    assert "No response fits" in eva.get(f"{OWN}/responses?day=2026-09-13")


def test_a_letter_is_typed_in(post: Post, office: Any) -> None:
    eva = office(post)
    letter = {"reference": "L-1", "received": "2026-09-12", "text": LONG, "place": "Ware", "victim": "no"}
    path = f"{OWN}/letter"
    for wrong, field in (
        ({"text": " "}, "text-error"),
        ({"reference": ""}, "reference-error"),
        ({"received": "2026-09-15"}, "received-error"),
        ({"received": "soon"}, "received-error"),
        ({"place": "Atlantis"}, "place-error"),
        ({"type": "organisation"}, "organisation-error"),
        ({"receipt": "H74863G"}, "receipt-error"),
        ({"scan": (io.BytesIO(b"GIF89a"), "l.gif")}, "scan-error"),
    ):
        page = eva.post(path, status=422, **(letter | wrong))
        assert f'id="{field}"' in page, wrong
        assert "receipt" in wrong or LONG in page or wrong.get("text")  # what was typed is not lost
    assert post.rows() == []
    assert eva.post(path, **letter, scan=(io.BytesIO(b"%PDF-1.4 x"), "../../l.pdf")) == path
    assert [(one.channel, one.row_ref) for one in post.rows()] == [("letter", "L-1")]
    scan = eva.file(f"{OWN}/responses/{post.rows()[0].id}/scan")
    assert (scan.mimetype, scan.data[:5]) == ("application/pdf", b"%PDF-")
    assert "other words" in eva.post(path, status=422, **(letter | {"text": "Something else"}))


def test_a_file_is_looked_at_before_it_is_taken(post: Post, office: Any, valkey: Redis) -> None:
    eva, ann = office(post), office(post, "ann", ("analyst",))
    body = 'reference,channel,received,text\n1,web,2026-09-10,One view\n2,web,2026-09-10,"<b>"\n3,fax,2026-09-10,x\n'
    path = f"{OWN}/file"
    for content, says in (
        ("reference,colour\n1,red\n", "a column we do not know"),
        ("", "empty"),
        ("nonsense", "a column we do not know"),
    ):
        page = eva.post(path, status=422, file=(io.BytesIO(content.encode()), "a.csv"))
        assert says in page, content
    assert "Choose a CSV or JSON file" in eva.post(path, status=422)
    seen = eva.post(path, status=200, file=(io.BytesIO(body.encode()), "<a>.csv"), batch="")
    assert "&lt;a&gt;.csv" in seen and "line 4" in seen and "Take 2 responses" in seen
    assert post.rows() == [] and acts(post, "responses-imported") == []
    assert all(b"One view" not in (valkey.get(key) or b"") for key in valkey.keys("heed:*held*"))
    token = _token(seen)
    assert "choose it once more" in ann.post(f"{path}/take", status=409, token=token)
    assert eva.post(f"{path}/take", token=token) == f"{OWN}/responses"
    assert len(post.rows()) == 2
    assert "choose it once more" in eva.post(f"{path}/take", status=409, token=token)
    again = eva.post(path, status=200, file=(io.BytesIO(body.encode()), "<a>.csv"))
    assert "nothing new" in again
    other = eva.post(
        path, status=200, file=(io.BytesIO(b"reference,channel,received\n9,web,2026-09-10\n"), "b.csv")
    )
    valkey.flushdb()
    assert "choose it once more" in eva.post(f"{path}/take", status=409, token=_token(other))
    assert len(post.rows()) == 2


def test_long_files_are_looked_at_and_taken_by_a_worker(
    post: Post, office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_work, "SHORT", 0)
    monkeypatch.setattr(long_work_pages, "PATIENCE", 0.0)
    eva, ann = office(post), office(post, "ann", ("analyst",))
    rows = b"reference,channel,received,text\n1,web,2026-09-10,One view\n2,fax,2026-09-10,x\n"
    people = (
        b"reference,mobile,consent,consented_by,consented_on\n1,07700 900301,form,themselves,2026-08-01\n"
    )
    for part, take, content, says, told in (
        ("file", "take", rows, "Take 1 response", "1 new, 0 that were there already, 1 refused"),
        ("invitations", "send", people, "Text 1 person", "1 people are invited"),
    ):
        path = f"{OWN}/{part}"
        address = eva.post(path, file=(io.BytesIO(content), "a.csv"), per_hour="50", pence="4")
        assert "It waits for its turn" in eva.get(address)
        ann.get(address, status=404)
        post.tick()
        seen = eva.visitor.open(address, 303).location
        page = eva.get(seen)
        assert says in page
        ann.get(seen, status=404)
        # The other kind of file is not read as this one.
        other = f"{OWN}/{'invitations' if part == 'file' else 'file'}/{seen.rpartition('/')[2]}"
        assert eva.visitor.open(other, 303).location in (f"{OWN}/file", f"{OWN}/invitations")
        taking = eva.post(f"{path}/{take}", token=_token(page), per_hour="50")
        post.tick()
        assert told in eva.visitor.reads(eva.visitor.open(taking, 303).location)
    assert len(post.rows()) == 1
    address = eva.post(f"{OWN}/file", file=(io.BytesIO(b"reference,colour\n1,red\n"), "a.csv"))
    post.tick()
    assert "a column we do not know" in eva.get(address, status=409)


def test_people_are_invited_by_a_second_word(post: Post, office: Any) -> None:
    eva = office(post)
    path = f"{OWN}/invitations"
    people = [contact(phone(n)) for n in range(3)] + [contact(phone(9), consent="")]
    body = _csv(people)
    assert "a price in pence" in eva.post(path, status=422, file=(io.BytesIO(body), "c.csv"), pence="much")
    assert "Choose a CSV" in eva.post(path, status=422)
    post.hears("STOP", phone(0))
    seen = eva.post(path, status=200, file=(io.BytesIO(body), "c.csv"), per_hour="60", pence="5")
    assert "£0.10" in seen and "Text 2 people" in seen and "Have texted stop" in seen and "line 5" in seen
    with post.heed.database.begin() as session:
        assert session.scalars(select(Invitation)).all() == []
    fields = {"token": _token(seen), "per_hour": "60"}
    assert eva.post(f"{path}/send", **fields) == path
    with post.heed.database.begin() as session:
        assert len(session.scalars(select(Outbox).where(Outbox.kind == "invitation")).all()) == 2
    eva.post(f"{path}/send", status=409, **fields)
    assert "c.csv" in eva.get(path)
    post.tick("2026-10-01T10:00")
    assert "It has closed" in eva.get(path)
    assert "has closed" in eva.post(path, status=422, file=(io.BytesIO(body), "d.csv"))


def test_a_questionnaire_is_looked_at_and_launched(empty_post: Post, office: Any) -> None:
    eva = office(empty_post)
    path = "/listening/launch"
    sample = _yaml(eva.get(path))
    broken = sample.replace("closes: ", "closes: 2026-09-01 #").replace("kind: choice", "kind: chioce", 1)
    page = eva.post(path, status=422, yaml=broken)
    (line,) = [n for n, text in enumerate(broken.splitlines(), 1) if "chioce" in text]
    assert f"Line {line}, questions.2.kind" in page
    assert "chioce" in page  # and is there to be corrected
    assert "line 2: &#39;a&#39; is written twice" in eva.post(path, status=422, yaml="a: 1\na: 2")
    assert "Paste a questionnaire" in eva.post(path, status=422)
    assert "not UTF-8" in eva.post(path, status=422, file=(io.BytesIO(b"\xff\xfe"), "q.yaml"))
    looked = eva.post(path, status=200, yaml=sample, tried="More police\nWatford\n<i>STOP</i>")
    assert "It can be launched" in looked and "segment" in looked
    assert "SAMPLE7" in looked and "&lt;i&gt;STOP&lt;/i&gt;" in looked
    with empty_post.heed.database.begin() as session:
        assert session.scalars(select(Consultation)).all() == []
    assert eva.post(path, yaml="x", file=(io.BytesIO(sample.encode()), "q.yaml"), do="launch") == OWN
    assert eva.post(path, yaml=sample, do="launch") == OWN  # the same again is the same
    other = sample.replace("title: C", "title: A c")
    assert "needs a new id" in eva.post(path, status=409, yaml=other, do="launch")
    frozen = eva.file(f"{OWN}/questionnaire.yaml").text
    assert "plan-2026" in frozen
    assert eva.post(path, yaml=frozen, do="launch") == OWN  # what is downloaded is what was frozen
    assert len(acts(empty_post, "consultation-launched")) == 3


def test_copies_are_settled_and_undone(post: Post, office: Any) -> None:
    bring_in(post, row("a", LONG, place="Watford"), row("b", f"{LONG} please", place="Watford"))
    bring_in(post, *(row(f"c{n}", CAMPAIGN) for n in range(5)), batch="campaign.csv")
    eva = office(post)
    path = f"{OWN}/copies"
    assert eva.post(f"{path}/find") == path
    page = eva.get(path)
    assert "1 pair" in page and page.count(LONG) == 2 and CAMPAIGN in page
    eva.post(f"{path}/1", are="one")
    assert reported(post)["counts"]["duplicate"] == 1
    eva.post(f"{path}/1", status=409, are="two")
    eva.post(f"{path}/merges/1/undo")
    eva.post(f"{path}/merges/1/undo", status=409)
    eva.post(f"{path}/1", are="two")
    assert reported(post)["counts"]["counted"] == 7
    first, second = (one.reference for one in post.respondents()[:2])
    for kept, merged, says in (
        ("", second, "Write a reference"),
        ("no", second, "seven letters"),
        (first, "H74863G", "Nobody has the reference"),
        (first, first, "They are one person already"),
    ):
        assert says in eva.post(f"{path}/merge", status=422, kept=kept, merged=merged)
    assert eva.post(f"{path}/merge", kept=first.lower(), merged=second) == f"{path}#merges"
    assert reported(post)["counts"]["merged"] == 1


def test_a_persons_rights(empty_post: Post, office: Any) -> None:
    post = empty_post
    post.launch(**FULL)
    post.hears(SCRIPT)
    post.hears("Another person's view", BEN)
    eva, ann = office(post), office(post, "ann", ("analyst", "duty"))
    ann.get("/rights", status=403)
    for who, says in (("", "Write a number"), ("nonsense", "Give a number"), ("x" * 255, "254 characters")):
        assert says in eva.post("/rights", status=422, who=who)
    held = eva.post("/rights", status=200, who=ANN)
    assert "&lt;script&gt;" in held and "Another person" not in held
    assert "Nothing is held" in eva.post("/rights", status=200, who="07700 900777")
    file = eva.visitor.post("/rights", 200, who=ANN, **{"as": "file"})
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert len(file.get_json()["texts_in"]) == 1
    bad = eva.post("/rights/hold", status=422, who=ANN, reason="rang from 07700 900123")
    assert "without a telephone number" in bad and 'name="reason"' in bad
    right = {"who": ANN, "question": "district", "answer": "Ware", "correct_reason": "they wrote"}
    for wrong in ({"question": "x"}, {"answer": "Atlantis of old"}, {"correct_reason": ""}):
        name = f'id="{next(iter(wrong))}-error"'
        assert name in eva.post("/rights/correct", status=422, **(right | wrong)), wrong
    assert eva.post("/rights/correct", **right) == "/rights"
    assert "object_reason-error" in eva.post("/rights/object", status=422, who=ANN)
    assert eva.post("/rights/hold", who=ANN, reason="a complaint") == "/rights"
    assert "The reason: a complaint" in eva.post("/rights", status=200, who=ANN)
    assert "A hold forbids it" in eva.post("/rights/erase", status=422, who=ANN, sure="yes")
    assert eva.post("/rights/release", who=ANN) == "/rights"
    eva.post("/rights/release", status=422, who=ANN)
    assert eva.post("/rights/object", who=ANN, object_reason="they rang") == "/rights"
    assert "Erase them for good" in eva.post("/rights/erase", status=200, who=ANN)
    assert "&lt;script&gt;" in eva.post("/rights", status=200, who=ANN)  # asking is not doing
    post.tick("2026-09-14T11:00")
    assert eva.post("/rights/erase", who=ANN, sure="yes") == "/rights"
    left = eva.post("/rights", status=200, who=ANN)
    assert "The register" in left and "alert(1)" not in left  # so that they are never texted again
    assert "erased" in eva.get(f"{OWN}/responses/1")
    assert "alert(1)" not in eva.get(f"{OWN}/responses")
    assert len(acts(post, "subject-read")) == 11
    assert len(acts(post, "hold-placed", "hold-released", "subject-erased")) == 3


def test_the_review_goes_from_text_to_text(post: Post, office: Any) -> None:
    written(post)
    eva, ben = office(post), office(post, "ben", ("analyst",))
    drawn, others = parted(post)
    path = f"{OWN}/themes/review"
    for _ in range(12):
        page = eva.get(path)
        number = _number(page)
        blind = number in drawn
        assert ('accesskey="1"' not in page) or not blind
        assert (">blind<" in page) == blind
        assert page.count('value="oppose"') == page.count('class="heed-theme"') > 10
        wrong = eva.post(path, status=422, response=number)
        assert "Choose at least one theme" in wrong and _number(wrong) == number
        assert (
            eva.post(path, response=number, **{"theme:road-safety": "oppose", "theme:new-ideas": ""})
            == f"{path}?last={number}"
        )
    with post.heed.database.begin() as session:
        codes = session.scalars(select(Coding)).all()
    assert {str(one.themes) for one in codes} == {"{'road-safety': 'oppose'}"}
    assert {one.blind for one in codes} == {True, False} and len({one.submission_id for one in codes}) == 12
    seen = next(one.submission_id for one in codes if not one.blind)
    assert "coded this text" in ben.post(path, status=409, response=seen, **{"theme:nhs": "unclear"})
    assert "There is no theme" in ben.post(path, status=409, response=others[-1], **{"theme:x": "unclear"})
    ben.post(path, status=404, response=10_000, **{"theme:nhs": "unclear"})
    assert "Road Safety, against" in eva.get(f"{OWN}/responses/{seen}")
    again = eva.get(f"{path}?response={seen}")
    assert _number(again) == seen and 'name="theme:road-safety" value="oppose" checked' in again
    after = re.search(r'name="after" value="(\d+)"', again)
    assert after
    eva.post(path, response=seen, after=after[1], **{"theme:nhs": "unclear"})
    eva.get(f"{path}?response=10000", status=404)
    twice = next(one.submission_id for one in codes if one.blind)
    assert "Road Safety, against" not in ben.get(f"{OWN}/responses/{twice}")  # who may code it blind yet
    assert "person:eva" in eva.get(f"{OWN}/themes")


def test_the_codeframe_is_changed(post: Post, office: Any) -> None:
    eva = office(post)
    path = f"{OWN}/themes/codeframe"
    new = {"id": "horses", "title": "Horses", "group": "new-idea", "means": "horses on commons"}
    new |= {"lexicon": "horse*, Pony", "add_reason": "asked for"}
    for wrong, says in (
        ({"id": "H O"}, "small letters"),
        ({"group": "x"}, "Choose one of the list"),
        ({"title": ""}, "Give it a title"),
        ({"add_reason": ""}, "Say why"),
        ({"lexicon": "a*b"}, "is no term"),
        ({"id": "nhs"}, "id-error"),
    ):
        assert says in eva.post(f"{path}/add", status=422, **(new | wrong)), wrong
    assert eva.post(f"{path}/add", **new) == path
    assert eva.post(f"{path}/merge", of="horses", into="new-ideas", merge_reason="too few") == path
    assert "Choose a theme" in eva.post(f"{path}/merge", status=422, merge_reason="x")
    page = eva.get(path)
    assert "Version 3" in page and "too few" in page
    file = eva.file(f"{path}.yaml").text
    changed = file.replace("Road Safety", "Safer roads")
    assert "Say why" in eva.post(path, status=422, file=(io.BytesIO(changed.encode()), "f.yaml"))
    assert "not a codeframe" in eva.post(path, status=422, reason="x", file=(io.BytesIO(b"- 1"), "f.yaml"))
    assert eva.post(path, reason="clearer", file=(io.BytesIO(changed.encode()), "f.yaml")) == path
    assert "made from version 3" in eva.post(
        path, status=422, reason="x", file=(io.BytesIO(changed.encode()), "f.yaml")
    )


def test_a_theme_is_split(post: Post, office: Any) -> None:
    eva, max_ = office(post), office(post, "max", ("publisher",))
    bring_in(post, row("s1", "More officers on foot"), row("s2", "More officers in cars"))
    with post.heed.database.begin() as session:
        for words in ("s1", "s2"):
            codings.code(session, ID, the_id(post, words), {"local-policing": "support"}, "person:eva")
    path = f"{OWN}/themes/codeframe"
    form = f"{path}/split/local-policing"
    assert "/split/" not in max_.get(path)
    max_.get(form, status=403)
    eva.get(f"{path}/split/nothing", status=404)
    assert form in eva.get(path)
    page = eva.get(form)
    assert "2 texts have this theme today" in page and "New theme 2 of 2" in page
    theme = {"group": "heading", "means": "said of it", "lexicon": "foot*"}
    fields = {f"new{n}-{name}": words for n in (1, 2) for name, words in theme.items()}
    fields |= {"new1-id": "on-foot", "new1-title": "On foot", "new2-id": "in-cars", "new2-title": "In cars"}
    fields |= {"parts": "2", "reason": "two things are said"}
    more = eva.post(form, status=200, do="more", **fields)
    assert "New theme 3 of 3" in more and "On foot" in more
    for wrong, says in (
        ({"new2-title": ""}, "Give it a title"),
        ({"new1-group": "x"}, "Choose one of the list"),
        ({"reason": ""}, "Say why"),
        ({"reason": "ring 07700 900123"}, "reason-error"),
        ({"new2-id": "on-foot"}, "new2-id-error"),
        ({"new1-id": "road-safety"}, "new1-id-error"),
        ({"parts": "3"}, "new3-id-error"),
    ):
        assert says in eva.post(form, status=422, **(fields | wrong)), wrong
    assert "Version 1." in eva.get(path)
    assert eva.post(form, **fields) == path
    page = eva.get(path)
    assert "Version 2" in page and "two things are said" in page and "In cars" in page
    eva.get(form, status=404)
    assert ("codeframe-kept", "person:eva") in acts(post, "codeframe-kept")
    state = eva.visitor.reads(f"{OWN}/themes")
    assert "2 to look at again, their theme was split" in state
    with post.heed.database.begin() as session:
        codings.code(session, ID, the_id(post, "s1"), {"on-foot": "support"}, "person:eva", after=1)
    assert "1 to look at again, their theme was split" in eva.visitor.reads(f"{OWN}/themes")


def test_words_are_published_by_two(post: Post, office: Any) -> None:
    bring_in(post, row("w1", "Mr Smith of AL1 3XX shouts", publish="yes"))
    eva, max_ = office(post), office(post, "max", ("publisher",))
    one = the_id(post, "w1")
    assert "1 response of people who agreed" in eva.get(f"{OWN}/redactions")
    hide = f"{OWN}/responses/{one}/hide"
    assert "Mr Smith of [hidden] shouts" in eva.get(hide) or "a postcode" in eva.get(hide)
    assert "Say why" in eva.post(hide, status=422, words1="Smith")
    assert "words1-error" in eva.post(hide, status=422, words1="Jones", why1="a name")
    assert eva.post(hide, words1="Mr Smith", why1="a name") == f"{OWN}/redactions"
    mine = eva.get(f"{OWN}/redactions")
    assert "another person approves it" in mine and "It may be published so" not in mine
    eva.post(f"{OWN}/redactions/1/approve", status=409)
    assert "It may be published so" in max_.get(f"{OWN}/redactions")
    assert max_.post(f"{OWN}/redactions/1/approve") == f"{OWN}/redactions"
    assert acts(post, "redaction-proposed", "redaction-approved") == [
        ("redaction-proposed", "person:eva"),
        ("redaction-approved", "person:max"),
    ]


def test_what_was_done_is_written_by_one_approved_by_another_and_told(post: Post, office: Any) -> None:
    post.hears("More officers on foot please")
    number = post.rows()[0].id
    with post.heed.database.begin() as session:
        session.execute(update(Respondent).values(may_text=True))
        codings.code(session, ID, number, {"local-policing": "support", "nhs": "unclear"}, "person:test")
    eva, ann = office(post), office(post, "ann", ("publisher",))
    path = f"{OWN}/answers"
    assert "Local Policing" in eva.get(path)
    told = {
        "considered_en": "Many asked for patrols.",
        "done_en": "Ten more officers.",
        "brief_en": "Ten officers more.",
    }
    told |= {"theme": "local-policing", "outcome": "done"}
    for wrong, field in (
        ({"theme": ""}, "theme-error"),
        ({"theme": "none-of-these"}, "theme-error"),
        ({"outcome": "x"}, "outcome-error"),
        ({"done_en": ""}, "done_en-error"),
        ({"brief_en": "x" * 101}, "brief_en-error"),
        ({"considered_en": "ring 07700 900123"}, "considered_en-error"),
    ):
        page = eva.post(f"{path}/write", status=422, **(told | wrong))
        assert f'id="{field}"' in page, wrong
    assert "no answer is approved" in eva.post(f"{path}/texts", status=409).lower()
    assert eva.post(f"{path}/write", **told) == path
    eva.post(f"{path}/1/approve", status=409)
    assert ann.post(f"{path}/1/approve") == path
    seen = eva.post(f"{path}/texts", status=200, per_hour="10")
    assert "Ten officers more." in seen and "Text 1 person" in seen
    with post.heed.database.begin() as session:
        assert session.scalars(select(Outbox).where(Outbox.kind == "feedback")).all() == []
    assert eva.post(f"{path}/texts", do="send", per_hour="10") == path
    with post.heed.database.begin() as session:
        assert len(session.scalars(select(Outbox).where(Outbox.kind == "feedback")).all()) == 1
    assert "Are told already" in eva.post(f"{path}/texts", status=200)
    body = re.search(r'<option value="([^"]*NHS[^"]*)"', eva.get(path))
    assert body
    bundle = eva.visitor.post(f"{path}/bundle", 200, body=html.unescape(body[1]))
    assert (bundle.mimetype, bundle.data[:2]) == ("application/zip", b"PK")
    eva.post(f"{path}/bundle", status=409, body=html.unescape(body[1]))
    eva.post(f"{path}/bundle", status=409, body="x")
    assert acts(post, "feedback-written", "feedback-approved", "feedback-sent", "bundle-sent") == [
        ("feedback-written", "person:eva"),
        ("feedback-approved", "person:ann"),
        ("feedback-sent", "person:eva"),
        ("bundle-sent", "person:eva"),
    ]


def test_reports_and_publicity(post: Post, office: Any) -> None:
    bring_in(post, row("a"))
    eva = office(post)
    for what, reached, says in (
        ("", "1", "Say what was done"),
        ("x", "", "how many"),
        ("x", "-1", "whole number"),
        ("=<", "1", "plain signs"),
        ("ring 07700 900123", "1", "without a telephone number"),
    ):
        assert says in eva.post(f"{OWN}/publicity", status=422, what=what, reached=reached)
    assert eva.post(f"{OWN}/publicity", what="households", reached="18199") == f"{OWN}#publicity"
    assert "18,199" in eva.get(OWN)
    page = eva.get(f"{OWN}/report")
    names = {link for link in links(page) if link.startswith(f"{OWN}/report/")}
    assert len(names) >= 4
    for name in names:
        assert eva.file(name).data
    eva.get(f"{OWN}/report/other.csv", status=404)
    eva.get(f"{OWN}/report/..%2f..%2fetc", status=404)


def test_no_form_is_taken_without_its_token(post: Post, office: Any) -> None:
    eva = office(post)
    tried = 0
    app = eva.client.application
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if not getattr(view, "heed_page", False) or "POST" not in (rule.methods or ()):
            continue
        path = re.sub(r"<int[^>]*>", "1", rule.rule).replace("<consultation_id>", ID)
        for token in ("", csrf.token("another browser's")):
            tried += 1
            assert eva.client.post(path, data={csrf.FIELD: token}).status_code == 403, path
    assert tried > 50
    assert [act for act, _ in acts(post, "signed-in", "sending-stopped", "session-ended")] == []


def _yaml(page: str) -> str:
    """What stands in the page's box for a questionnaire."""
    found = re.search(r'<textarea[^>]*id="yaml"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    assert found
    return html.unescape(found[1])


def _token(page: str) -> str:
    found = re.search(r'name="token" value="([^"]+)"', page)
    return found[1] if found else ""


def _number(page: str) -> int:
    found = re.search(r'name="response" value="(\d+)"', page)
    assert found, page[-1500:]
    return int(found[1])


def _csv(rows: list[dict[str, str]]) -> bytes:
    written_ = io.StringIO()
    lines = csv.DictWriter(written_, list(rows[0]))
    lines.writeheader()
    lines.writerows(rows)
    return written_.getvalue().encode()
