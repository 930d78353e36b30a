"""No hidden count follows from everything published together: all tables, all files."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from docx import Document as Word
from lxml import html
from scipy.optimize import linprog

from services.common.report.document import Chart
from services.consultation.reporting import forms, what_was_said
from services.consultation.reporting.hiding import COUNTS, PARTS, PEOPLE, published
from services.consultation.reporting.periods import grid, start
from services.consultation.reporting.themes import Without
from tests.consultation.reporting.made import FRAME, whole

Name = tuple[str, ...]
Known = dict[Name, int | None]


def read(files: dict[str, bytes]) -> Known:
    """What a reader takes from the files: each count by where it stands, None where it is hidden. Every file must say the same."""
    told: Known = {}

    def take(name: Name, said: Any) -> None:
        value = None if said in (None, "hidden") else int(said)
        assert told.setdefault(name, value) == value, name

    for line in _csv(files["by-day.csv"]):
        take(("day", line["day"], line["channel"]), line["received"])
    for line in _csv(files["days.csv"]):
        take(("day", line["day"], "all"), line["received"])
    for line in _csv(files["reconciliation.csv"]):
        take(("day", "all", line["channel"]), line["received"])
    for line in _csv(files["respondents.csv"]):
        take((line["table"], line["row"]), line["people"])
    for line in _csv(files["themes.csv"]):
        for count in COUNTS:
            take(("themes", line["theme"], count), line[count])
    found = json.loads(files["report.json"])
    for row in found["by_day"]:
        take(("day", row["day"], row["channel"]), row["received"])
    for table in PEOPLE:
        for name, number in found[table].items():
            take((table, name), number)
    for row in found["themes"]["rows"]:
        for count in COUNTS:
            take(("themes", row["theme"], count), row[count])
    told["people", "all"] = found["counts"]["respondents"]
    told["respondents", "organisation"] = len(_csv(files["organisations.csv"]))
    return told


def identities(told: Known) -> Iterator[tuple[list[Name], Name]]:
    """Every sum that a reader knows to hold."""
    days = [name for name in told if name[0] == "day"]
    starts, channels = (sorted({name[place] for name in days} - {"all"}) for place in (1, 2))
    for day in [*starts, "all"]:
        yield [("day", day, one) for one in channels], ("day", day, "all")
    for channel in [*channels, "all"]:
        yield [("day", day, channel) for day in starts], ("day", "all", channel)
    for table in PEOPLE:
        yield [name for name in told if name[0] == table], ("people", "all")
    for theme in FRAME.ids:
        for parts in PARTS:
            yield [("themes", theme, one) for one in parts], ("themes", theme, "people")


def worked_out(told: Known) -> dict[Name, int]:
    """The hidden counts that follow from what is shown, by this test's own programme."""
    unknown = [name for name, value in told.items() if value is None]
    place = {name: number for number, name in enumerate(unknown)}
    rows, rights = [], []
    for parts, total in identities(told):
        row, right = np.zeros(len(unknown)), 0.0
        for name, sign in [*((one, 1) for one in parts), (total, -1)]:
            if name in place:
                row[place[name]] += sign
            else:
                right -= sign * (told[name] or 0)
        rows.append(row)
        rights.append(right)
    # A person who spoke of a theme wrote at least one response on it.
    more = [(("themes", one, "people"), ("themes", one, "responses")) for one in FRAME.ids]
    bounds, uppers = [], []
    for less, greater in more:
        row, right = np.zeros(len(unknown)), 0.0
        for name, sign in ((less, 1), (greater, -1)):
            if name in place:
                row[place[name]] += sign
            else:
                right -= sign * (told[name] or 0)
        bounds.append(row)
        uppers.append(right)
    found = {}
    for name in unknown:
        ends = []
        for sign in (1, -1):
            aim = np.zeros(len(unknown))
            aim[place[name]] = sign
            solved = linprog(
                aim, A_eq=rows, b_eq=rights, A_ub=bounds, b_ub=uppers, bounds=(0, None), method="highs"
            )
            ends.append(float("inf") if solved.status == 3 else sign * solved.fun)
        least, most = np.ceil(ends[0] - 1e-6), np.floor(ends[1] + 1e-6)
        if least == most:
            found[name] = int(least)
    return found


def _csv(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


@pytest.fixture(scope="module")
def every_form() -> dict[str, bytes]:
    return forms.files(published(whole(1), 5))


def test_no_hidden_count_can_be_worked_out(every_form: dict[str, bytes]) -> None:
    """Each seed is another report; the small counts alone, without the others, would be worked out."""
    from services.consultation.reporting import tables

    for seed in (1, 2):
        found = whole(seed)
        shown = published(found, 5)
        files = (
            every_form if seed == 1 else tables.tables(shown) | {"report.json": json.dumps(shown).encode()}
        )
        told = read(files)
        small = {name: value for name, value in _true(found).items() if 0 < value < 5}
        assert len(small) > 20 and all(told[name] is None for name in small)
        assert worked_out(told) == {}
        if seed == 1:
            alone = {name: None if name in small else value for name, value in _true(found).items()}
            assert len(worked_out(told | alone)) > 10


def _true(found: dict[str, Any]) -> dict[Name, int]:
    periods = grid(found["by_day"])
    days = {("day", day, channel): number for (day, channel), number in periods.counts.items()}
    days |= {
        ("day", day, "all"): sum(periods.counts[day, one] for one in periods.channels)
        for day in periods.starts
    }
    people = {
        (table, row): number
        for table in PEOPLE
        for row, number in found[table].items()
        if row != "organisation"
    }
    rows = {("themes", row["theme"], name): row[name] for row in found["themes"]["rows"] for name in COUNTS}
    return days | people | rows


def test_every_form_hides_the_same(every_form: dict[str, bytes]) -> None:
    """The page's, Word's and the text's cells are those of report.csv; those are the counts of the report or hidden."""
    lines = [
        line
        for line in _csv(every_form["report.csv"])
        if line["section"] != "0" and "Organisations" not in line["table"]
    ]
    values = [line["value"] for line in lines]
    page = html.fromstring(every_form["report.html"])
    assert [cell.text_content() for cell in page.xpath("//section//tbody//td")] == values
    word = Word(io.BytesIO(every_form["report.docx"]))
    tables = [table for table in word.tables[1:] if len(table.columns) > 1]
    assert [cell.text for table in tables for row in table.rows[1:] for cell in row.cells[1:]] == values
    assert every_form["report.txt"].decode().count("hidden") >= values.count("hidden") > 40
    shown = json.loads(every_form["report.json"])
    titles = {row["title"]: row for row in shown["themes"]["rows"]}
    for line in lines:
        name = line["column"].lower()
        if line["row"] in titles and name in COUNTS:
            count = titles[line["row"]][name]
            assert line["value"] == ("hidden" if count is None else f"{count:,}")


def test_what_would_be_a_lower_bound_goes_with_its_theme(every_form: dict[str, bytes]) -> None:
    shown = json.loads(every_form["report.json"])
    hidden = {row["theme"] for row in shown["themes"]["rows"] if row["people"] is None}
    assert hidden and not hidden & {one["theme"] for one in shown["quotes"]}
    assert not hidden & set(shown["feedback"]["unanswered"])
    assert all(
        one["kappa"] is None and "both" not in one for one in shown["agreement"] if one["theme"] in hidden
    )
    assert {one["kappa"] for one in shown["agreement"] if one["theme"] not in hidden} == {0.8}
    assert all(row["reviewed"] is None for row in shown["themes"]["rows"] if row["responses"] is None)
    assert shown["campaigns"][0] == {
        "campaign": 1, "responses": None, "people": None, "first_at": "2026-09-01", "last_at": "2026-09-02",
    }  # fmt: skip
    assert (shown["invitations"]["replied"], shown["invitations"]["rate"], shown["other_script"]) == (
        None,
        None,
        None,
    )
    assert "H74863G" not in every_form["report.html"].decode() + every_form["organisations.csv"].decode()
    assert all("analysed" not in row for row in shown["by_day"])


@pytest.mark.parametrize(("fewest", "shown"), [(5, [4, 5]), (10, [9, 10])])
def test_the_threshold_on_both_of_its_sides(fewest: int, shown: list[int]) -> None:
    found = whole(1)
    hidden, seen = shown
    found["ages"] = {"18-34": hidden, "35-64": seen, "65-over": 40, "not-known": 90 - 40 - hidden - seen}
    ages = published(found, fewest)["ages"]
    assert ages["18-34"] is None
    # One more is hidden with it, and that is the smallest.
    assert ages["35-64"] is None and ages["65-over"] == 40
    found["ages"] = {"18-34": seen, "35-64": seen, "65-over": 40, "not-known": 90 - 40 - 2 * seen}
    assert published(found, fewest)["ages"] == found["ages"]


def test_one_row_one_day_one_channel_and_nothing_at_all() -> None:
    found = whole(1)
    found["ages"], found["languages"] = {"not-known": 90}, {"en": 90}
    found["by_day"] = [{"day": "2026-09-01", "channel": "web", "received": 2, "analysed": 2}]
    shown = published(found, 5)
    # The only day's count is what the reconciliation says anyway.
    assert shown["by_day"] == [{"day": "2026-09-01", "channel": "web", "received": 2}]
    assert shown["ages"] == {"not-known": 90}
    assert published(found | {"by_day": []}, 5)["by_day"] == []


def test_nothing_is_drawn_of_themes_that_nobody_spoke_of() -> None:
    report, kinds = whole(1), (what_was_said.themes, what_was_said.victims)
    assert [sum(isinstance(block, Chart) for block in of(report)) for of in kinds] == [1, 1]
    for row in report["themes"]["rows"]:
        row["people"] = 0
    assert [sum(isinstance(block, Chart) for block in of(report)) for of in kinds] == [0, 0]


@pytest.mark.parametrize(
    ("last", "step", "rows"),
    [
        ("2026-03-03", "day", 62),
        ("2026-03-04", "week", 10),
        ("2027-03-10", "week", 63),
        ("2027-03-11", "month", 15),
    ],
)
def test_a_long_time_is_shown_by_week_or_month(last: str, step: str, rows: int) -> None:
    made = grid(
        [
            {"day": "2026-01-01", "channel": "sms", "received": 3},
            {"day": last, "channel": "web", "received": 4},
        ]
    )
    assert (made.step, len(made.starts)) == (step, rows)
    assert sum(made.counts.values()) == 7 and made.channels == ("sms", "web")
    from datetime import date

    assert start(date(2026, 3, 4), "week") == date(2026, 3, 2)


def test_themes_close() -> None:
    """The "other" row never reaches the chart (U-Report): every response is in some row."""
    table = whole(3)["themes"]
    assert table["without"][Without.NOT_CODED] == table["analysed"] - table["coded"] > 0
    for row in table["rows"]:
        assert row["people"] <= row["responses"]
        for parts in PARTS:
            assert sum(row[one] for one in parts) == row["people"]
