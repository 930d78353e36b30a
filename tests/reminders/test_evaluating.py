"""Looking at a pilot: the arms at planned looks alone, every form of the report, the rows for an evaluator, the county's page."""

import csv
import io
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from docx import Document
from lxml import etree, html
from sqlalchemy import select, text

from services.common.acts import Refused
from services.common.models import Audit
from services.common.report import forms
from services.reminders import evaluating, exporting, performance
from services.reminders.evaluation import charts
from services.reminders.evaluation.report_document import SECTIONS, document
from services.reminders.models import Pilot
from tests.reminders.office import Office
from tests.reminders.test_pilots import lock
from tests.support.planted import plant

PLANTED = {"synthetic": True, "subgroups": ["case", "age", "notice"], "cost_per_text": 0.04}


def at(office: Office, when: str) -> None:
    office.move(when)


def evaluate(office: Office, **more: Any) -> dict[str, Any]:
    """The report at this moment."""
    with office.heed.database.begin() as session:
        return evaluating.evaluate(session, evaluating.named(session, "autumn"), "person:eve", **more)


def planted(office: Office, people: int = 900, together: int = 0, **changes: Any) -> None:
    """A locked pilot with this many people, whose last outcome is due."""
    lock(office, **(PLANTED | changes))
    with office.heed.database.begin() as session:
        plant(session, session.scalars(select(Pilot.id)).one(), people, together=together)


def acts(office: Office, act: str) -> list[dict[str, Any]]:
    with office.heed.database.begin() as session:
        return list(session.scalars(select(Audit.detail).where(Audit.act == act).order_by(Audit.id)))


def arms_in(report: dict[str, Any]) -> bool:
    """Whether any figure is given by arm."""
    return bool(report["primary"]["arms"] or report["weeks"] or report["reach"] or report["balance"])


def test_arms_are_shown_at_planned_looks_alone(office: Office) -> None:
    """Two looks: 24 of the 47 days and their lag on 16 October, all of them on 8 November."""
    planted(office, planned_looks=2)
    at(office, "2026-10-16T00:00:00")
    first = evaluate(office)
    assert (first["look"]["number"], first["look"]["planned"], arms_in(first)) == (1, True, True)
    second = evaluate(office)
    assert (second["verdict"]["word"], arms_in(second)) == ("exploratory", False)
    assert second["look"]["next_day"] == "2026-11-08"
    assert "control" not in json.dumps(
        {name: second[name] for name in second if name not in ("protocol", "refusals")}
    )
    with office.heed.database.begin() as session:
        pilot = evaluating.named(session, "autumn")
        assert evaluating.earlier(session, pilot, 1, "person:eve") == first
        with pytest.raises(Refused, match="there is no look 2"):
            evaluating.earlier(session, pilot, 2, "person:eve")
        with pytest.raises(Refused, match="from the last planned look on"):
            exporting.export(session, pilot, "person:eve", "the university")
    at(office, "2026-11-07T23:59:59")
    assert not arms_in(evaluate(office))
    at(office, "2026-11-08T00:00:00")
    last = evaluate(office)
    assert (last["look"]["number"], last["verdict"]["word"]) == (2, "fewer")
    assert [one["number"] for one in last["look"]["taken"]] == [1]
    assert evaluate(office)["primary"] == last["primary"]
    assert [(one["look"], one["shown"]) for one in acts(office, "pilot-evaluated")] == [
        (1, True), (None, False), (None, False), (2, True), (2, True),
    ]  # fmt: skip


def test_an_unplanned_look_is_recorded_and_leaves_every_later_verdict_exploratory(office: Office) -> None:
    planted(office)
    at(office, "2026-10-15T00:00:00")
    for words in ("", "ring 07700 900123"):
        with pytest.raises(Refused):
            evaluate(office, unplanned=words)
    seen = evaluate(office, unplanned="the board meets tomorrow")
    assert (seen["verdict"]["word"], arms_in(seen)) == ("exploratory", True)
    at(office, "2026-11-08T00:00:00")
    with pytest.raises(Refused, match="a planned look may be taken now"):
        evaluate(office, unplanned="again")
    last = evaluate(office)
    assert last["verdict"]["word"] == "exploratory"
    assert "looked at on 2026-10-1" in last["verdict"]["sentence"]
    assert acts(office, "pilot-evaluated")[0]["reason"] == "the board meets tomorrow"


def test_nothing_of_a_locked_pilot_can_be_changed(office: Office) -> None:
    planted(office, 60)
    at(office, "2026-11-08T00:00:00")
    evaluate(office)
    for statement in (
        "UPDATE assignments SET arm = 'control'",
        "DELETE FROM assignments",
        "UPDATE pilot_looks SET reason = 'planned after all'",
        "UPDATE pilots SET hash = 'x'",
        "DELETE FROM pilot_looks",
    ):
        with pytest.raises(Exception, match="never changed"), office.heed.database.begin() as session:
            session.execute(text(statement))


@pytest.mark.parametrize("change", ['protocol = protocol || \'{"seed": "other"}\'', "hash = 'x'"])
def test_a_protocol_changed_in_the_database_is_compared_with_nothing(office: Office, change: str) -> None:
    planted(office, 60)
    at(office, "2026-11-08T00:00:00")
    with office.heed.database.begin() as session:
        session.execute(text("ALTER TABLE pilots DISABLE TRIGGER pilots_fixed"))
        session.execute(text(f"UPDATE pilots SET {change}"))
    report = evaluate(office)
    assert not arms_in(report)
    assert "changed-protocol" in [one["code"] for one in report["refusals"]]


def test_hearings_of_paused_days_are_not_at_risk_in_either_arm(office: Office) -> None:
    """Covid-19: from 20 October everything stops; a second pause was ended before its first day and counts for nothing."""
    planted(office, 600)
    at(office, "2026-11-08T00:00:00")
    before = evaluate(office)
    with office.heed.database.begin() as session:
        session.execute(
            text(
                "INSERT INTO pauses (court, since, until, reason, by, at, ended_by, ended_at) VALUES"
                " (NULL, '2026-10-20', '2026-12-31', 'Covid-19', 'test', '2026-10-19T10:00Z', NULL, NULL),"
                " ('B41ME', '2026-10-01', '2026-10-05', 'flood', 'test', '2026-09-20T10:00Z', 'test', '2026-10-01T08:00Z')"
            )
        )
    report = evaluate(office)
    with office.heed.database.begin() as session:
        rows = session.execute(
            text(
                "SELECT a.arm, count(*) AS people FROM assignments a JOIN listings l ON l.id = a.listing_id"
                " WHERE l.starts_at >= '2026-10-20' AND l.status <> 'nobody' GROUP BY 1"
            )
        ).all()
    stopped = {row.arm: row.people for row in rows}
    for arm in report["flow"]["arms"]:
        assert arm["not_at_risk_by_reason"]["paused"] == stopped[arm["name"]] > 50
    (row,) = [one for one in report["sensitivity"] if "paused" in one["name"]]
    assert row["arms"] == before["sensitivity"][0]["arms"]
    assert [one["reason"] for one in report["pauses"]] == ["Covid-19", "flood"]


def test_every_form_says_the_same_and_needs_nothing_from_elsewhere(office: Office) -> None:
    planted(office)
    at(office, "2026-11-08T00:00:00")
    report = evaluate(office)
    told, draw = document(report), charts.of(report)
    page = forms.as_html(told, draw)
    # No address is followed: the only ones are names of XML's vocabularies.
    assert not re.findall(
        r"(?:src|href|action|data)=\"(?!#)[^\"]*\"|@import|url\((?!#)|<script|<link|<iframe", page
    )
    assert not re.findall(r"https?://(?!www\.w3\.org/)", page)
    tree = html.fromstring(page.encode())
    identities = tree.xpath("//@id")
    assert len(identities) == len(set(identities))
    assert [one.text for one in tree.iter("h2")] == [
        f"{n}. {title}" for n, (title, _) in enumerate(SECTIONS, 1)
    ]
    assert tree.xpath("//p[@class='mark']")[0].text == "Synthetic data"
    figures = tree.xpath("//figure/div[@role='img']")
    assert len(figures) == 4
    assert all(len(one.get("aria-label")) > 40 for one in figures)
    assert all(one.getparent().getnext().xpath(".//table/caption") for one in figures)
    assert len(tree.xpath("//th[not(@scope)]")) == 0
    for drawing in tree.iter("svg"):
        etree.fromstring(html.tostring(drawing))
    word = Document(io.BytesIO(forms.as_docx(told, draw)))
    assert forms.typeset(told.lead) in [one.text for one in word.paragraphs]
    assert "-14.0" in told.lead and "\N{MINUS SIGN}14.0" in page
    assert word.sections[0].header.paragraphs[0].text.startswith("Synthetic data")
    assert len(word.inline_shapes) == 4
    assert all(one._inline.docPr.get("descr") for one in word.inline_shapes)
    lines = list(csv.DictReader(io.StringIO(forms.as_csv(told).decode("utf-8-sig"))))
    rate = report["primary"]["arms"][0]
    (cell,) = [
        one for one in lines if one["row"] == "texted" and one["column"] == "Rate" and one["section"] == "3"
    ]
    assert cell["value"] == f"{rate['rate'] * 100:.2f}%"
    assert len(told.sections) == 14


def test_the_countys_page_hides_small_counts_and_what_gives_them_away(office: Office) -> None:
    planted(office, 900)
    with office.heed.database.begin() as session:
        # Stevenage in the fourth quarter has next to nobody left.
        session.execute(
            text(
                "DELETE FROM outcomes o USING listings l WHERE l.id = o.listing_id AND l.court = 'B41MJ'"
                " AND o.day >= '2026-10-01' AND l.id % 7 > 1"
            )
        )
        figures = performance.page(session, office.county, synthetic=True)
    cells = {(one["quarter"], one["court"]): one for one in figures["cells"] if one["outcome"] == "warrant"}
    assert cells["2026 Q4", "B41MJ"]["events"] is None
    # One hidden cell of a line could be worked out from its total.
    for line in ([("2026 Q4", "B41MJ"), ("2026 Q4", "B41ME")], [("2026 Q4", "B41MJ"), ("2026 Q3", "B41MJ")]):
        assert sum(cells[place]["events"] is None for place in line) == 2
    shown = [one for one in figures["cells"] if one["events"] is not None]
    assert shown
    for one in shown:
        assert one["people"] >= 30 and min(one["events"], one["people"] - one["events"]) >= 10
        assert one["ci"][0] < one["rate"] < one["ci"][1]
    page = performance.as_html(figures)
    assert "Synthetic data" in page and "hidden" in page
    assert not re.search(r"texted|control", page)
    rows = list(csv.DictReader(io.StringIO(performance.as_csv(figures).decode("utf-8-sig"))))
    assert len(rows) == len(figures["cells"])


def test_the_commands_and_the_calls(office: Office, key: Callable[..., dict[str, str]], sites: Any) -> None:
    planted(office, 300)
    client = sites["reminders"].client()
    seer = key(office.heed, "evaluation:read", "looks:write", "exports:read", "performance:read")
    address = "/v1/pilots/autumn"
    pooled = client.get(f"{address}/evaluation", headers=seer).json
    assert pooled["primary"]["arms"] == []
    assert client.get(f"{address}/people.csv?recipient=us", headers=seer).status_code == 409
    assert client.post(f"{address}/looks", headers=seer, json={}).status_code == 422
    seen = client.post(f"{address}/looks", headers=seer, json={"reason": "asked by the board"})
    assert (seen.status_code, arms_in(seen.json)) == (201, True)
    assert client.get(f"{address}/evaluation?look=1", headers=seer).json == seen.json
    assert client.get(f"{address}/evaluation?look=2", headers=seer).status_code == 404
    assert client.get("/v1/pilots/winter/evaluation", headers=seer).json["error"] == "not-found"
    at(office, "2026-11-08T00:00:00")
    page = client.get(f"{address}/evaluation?format=html", headers=seer)
    assert page.mimetype == "text/html" and b"<svg" in page.data
    assert client.get(f"{address}/people.csv?recipient=us", headers=seer).data.count(b"\n") == 301
    audited = client.get(f"{address}/audit", headers=seer).json
    assert audited["assignments"] == 300 and not audited["whole"]  # planted, not drawn
    assert client.get("/v1/performance", headers=seer).json["county"] == "Hertfordshire"
    for form in ("csv", "html"):
        assert client.get(f"/v1/performance?format={form}", headers=seer).mimetype == f"text/{form}"
