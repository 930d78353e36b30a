"""A person's hand at the terminal: each act as JSON and as words, and one clear line with exit code 2 where it cannot be done."""

import csv
import io
import json
from html.parser import HTMLParser
from typing import Any

import pytest
from sqlalchemy import select, update

from services.common import alarms, clock, inbound
from services.common.models import Audit, Outbox
from services.common.outbox.states import State
from services.common.process import opened
from services.reminders import call_sheet, county, replies
from services.reminders.models import Call
from tests.reminders.office import ANN, BEN, CAT, HEARING, case, defendant, hearing
from tests.support.command import Command, Ran

BY = ("--by", "person:eva")
WHY = ("--reason", "asked by the office", *BY)


def said(ran: Ran) -> str:
    """What an act that was done printed."""
    assert (ran.code, ran.err) == (0, ""), ran.err
    return ran.out


def clear_line(ran: Ran, *words: str) -> bool:
    """Whether a refusal is one line on standard error that holds these words, with exit code 2."""
    lines = ran.err.strip().splitlines()
    return (
        ran.code == 2
        and len(lines) == 1
        and lines[0].startswith("heed: ")
        and all(word in lines[0] for word in words)
    )


def ingest(heed: Command, *messages: dict[str, Any]) -> None:
    for number, message in enumerate(messages):
        said(heed("reminders", "ingest", heed.file(f"{number}.json", message)))


def reasons(heed: Command) -> list[list[str]]:
    return [row["reasons"] for row in heed("reminders", "hearings", "--json").json["hearings"]]


def acts() -> list[tuple[str, str]]:
    """(who, what) of the audit log, in order."""
    with opened("reminders") as (service,), service.database.begin() as session:
        rows = session.scalars(select(Audit).order_by(Audit.id))
        return [(row.actor, row.act) for row in rows if row.act != "delivery-applied"]


def hears(sender: str, words: str) -> None:
    """A text arrives and is understood."""
    with opened("reminders") as (service,):
        with service.database.begin() as session:
            kept = inbound.keep(
                service,
                session,
                sid=f"SM{words}{sender}",
                sender=sender,
                to=service.config.sender,
                body=words,
                opt_out_type=None,
            )
        assert kept
        replies.handle(service, county.load(service.settings), kept)


def test_pause(heed: Command) -> None:
    ingest(heed, hearing())
    days = ("--since", "2026-09-23", "--until", "2026-09-24")
    pause = ("reminders", "pause", "add")
    for arguments, words in [
        ((*days, *WHY), "--court"),
        (("--court", "B41ME", "--all", *days, *WHY), "--all"),
        (("--court", "B99ZZ", *days, *WHY), "B41ME, "),
        (("--all", "--since", "2026-09-23", "--until", "2026-09-22", *WHY), "ends before it begins"),
        (("--all", "--since", "soon", "--until", "2026-09-22", *WHY), "2026-09-21"),
        (("--all", *days), "--reason"),
        (("--all", *days, "--reason", "07700 900101"), "telephone"),
        (("--all", *days, "--reason", "\udcff"), "UTF-8"),
    ]:
        assert clear_line(heed(*pause, *arguments), words), arguments
    assert reasons(heed) == [[]]
    made = heed(*pause, "--court", "B41ME00", *days, *WHY, "--json").json
    assert {"id": 1, "court": "B41ME", "by": "person:eva", "ended_at": None}.items() <= made.items()
    assert reasons(heed) == [["court-paused"]]
    assert "1   B41ME  2026-09-23  2026-09-24  person:eva" in said(heed("reminders", "pause", "list"))
    assert said(heed("reminders", "pause", "end", 1, *BY)) == "pause 1 has ended\n"
    assert clear_line(heed("reminders", "pause", "end", 1, *BY), "ended already")
    assert clear_line(heed("reminders", "pause", "end", 7, *BY), "pause list")
    assert reasons(heed) == [[]]
    assert [one["ended_by"] for one in heed("reminders", "pause", "list", "--json").json["pauses"]] == [
        "person:eva"
    ]
    assert acts() == [("person:eva", "pause-added"), ("person:eva", "pause-ended")]


def test_release(heed: Command) -> None:
    ingest(heed, hearing())
    with opened("reminders") as (service,), service.database.begin() as session:
        session.execute(update(Outbox).values(reason="not-released"))
    assert clear_line(heed("reminders", "release", "2026-09-13", *BY), "over")
    assert clear_line(heed("reminders", "release", "Monday", *BY), "2026-09-21")
    assert (
        said(heed("reminders", "release", "2026-09-14", *BY))
        == "2026-09-14 is released: 2 texts waited for it\n"
    )
    assert clear_line(heed("reminders", "release", "2026-09-14", *BY), "released by person:eva")
    assert heed("reminders", "release", "2026-09-15", *BY, "--json").json["due"] == 2
    assert [one["day"] for one in heed("reminders", "release", "list", "--json").json["releases"]] == [
        "2026-09-15",
        "2026-09-14",
    ]
    assert "2026-09-15  person:eva" in said(heed("reminders", "release", "list"))


def test_do_not_text(heed: Command) -> None:
    ingest(heed, hearing())
    mark = ("reminders", "do-not-text")
    assert said(heed(*mark, "add", "--listing", 1, *WHY)) == "hearing 1: number valid, listed, do-not-text\n"
    assert heed(*mark, "end", "--listing", 1, *WHY, "--json").json["reasons"] == []
    assert clear_line(heed(*mark, "add", "--listing", 9, *WHY), "hearings --json")
    assert clear_line(heed(*mark, "add", "--listing", 1, "--reason", ""), "say why")
    assert [act for _, act in acts()] == ["do-not-text-marked", "do-not-text-ended"]


LISTING: dict[str, Any] = {
    "--case-ref": "41AB",
    "--name": "Cat Example",
    "--date-of-birth": "04/05/1990",
    "--court": "B41ME00",
    "--room": "1",
    "--date": "2026-09-23",
    "--time": "10:00",
    "--type": "First hearing",
    "--mobile": CAT,
    "--bail": "conditional bail",
    "--language": "en",
    "--asn": "",
}


def test_listing_add(heed: Command) -> None:
    def add(**changes: str) -> Ran:
        values = LISTING | {f"--{name.replace('_', '-')}": value for name, value in changes.items()}
        return heed("reminders", "listing", "add", *(word for pair in values.items() for word in pair), *BY)

    assert said(add()) == "applied: 1 hearings, 1 new\n"
    assert said(add()) == "applied: 1 hearings, 1 unchanged\n"
    assert said(add(date="24/09/2026")) == "applied: 1 hearings, 1 changed\n"
    for changes, words in [
        ({"date": "31/02/2026"}, "date"),
        ({"time": "noon"}, "time"),
        ({"court": "x"}, "court_code"),
        ({"name": " "}, "defendant_name"),
        ({"name": "\udcff"}, "UTF-8"),
    ]:
        assert clear_line(add(**changes), words), changes
    (row,) = heed("reminders", "hearings", "--json").json["hearings"]
    assert (row["name"], row["starts_at"][:10], row["reasons"], row["version"]) == (
        "Cat Example",
        "2026-09-24",
        [],
        2,
    )
    with opened("reminders") as (service,), service.database.begin() as session:
        applied = session.scalars(select(Audit.actor).where(Audit.act == "delivery-applied")).all()
    assert applied == ["person:eva"] * 3


def test_number_and_outcome(heed: Command) -> None:
    ingest(heed, hearing([HEARING, "2026-09-24T10:00"], case(defendant(mobile=None))))
    number = ("reminders", "number")
    assert clear_line(heed(*number, "set", "--listing", 1, "--mobile", "01727 123456", *BY), "not-a-mobile")
    assert "number valid, listed, texted" in said(
        heed(*number, "set", "--listing", 1, "--mobile", "07700 900101", *BY)
    )
    assert clear_line(heed(*number, "right", "--listing", 1, *WHY), "not marked")
    hears(ANN, "WRONG")
    assert reasons(heed) == [["wrong-number"]]
    assert heed(*number, "right", "--listing", 1, *WHY, "--json").json["reasons"] == []
    facts = ("--attendance", "absent", "--fta", "no", "--warrant", "none")
    outcome = ("reminders", "outcome", "set", "--listing")
    assert heed(*outcome, 1, *facts, *BY, "--json").json["outcome"]["attendance"] == "absent"
    assert heed(*outcome, 1, "--day", "2026-09-24", *facts, *BY).code == 0
    assert clear_line(heed(*outcome, 1, *facts[:-1], "perhaps", *BY), "issued")
    assert clear_line(heed(*outcome, 1, "--day", "2026-09-25", *facts, *BY), "does not sit on this day")
    assert clear_line(heed(*outcome, 1, "--day", "today", *facts, *BY), "2026-09-21")
    assert clear_line(heed(*outcome, 9, *facts, *BY), "hearings --json")


def test_review(heed: Command) -> None:
    ingest(
        heed,
        *(
            hearing(HEARING, case(defendant(identity=one), ref=f"41{one}"), key=one)
            for one in ("a", "b", "c")
        ),
    )
    table = said(heed("review", "people"))
    assert table.count("Ann Example") == 6 and "name and birth date, number" in table
    assert len(heed("review", "people", "--json").json["suggestions"]) == 3
    assert "`heed review split 1`" in said(heed("review", "same", 1, 2, *BY))
    assert heed("review", "different", 3, 1, *BY, "--json").json["decision"] == "different"
    assert heed("review", "people", "--json").json["suggestions"] == []
    assert clear_line(heed("review", "same", 1, 2, *BY), "was merged into 1")
    assert clear_line(heed("review", "split", 2, *BY), "review decisions")
    assert said(heed("review", "split", 1, *BY)) == "1 and 2 are two records again\n"
    assert [one["decision"] for one in heed("review", "decisions", "--json").json["decisions"]] == [
        "split",
        "different",
        "same",
    ]
    assert "person:eva" in said(heed("review", "decisions"))


def test_inbox_and_incidents(heed: Command) -> None:
    ingest(heed, hearing())
    hears(ANN, "Is there parking?")
    hears(BEN, "someone is in my house")
    hears(CAT, "wrong number")
    assert said(heed("reminders", "inbox", "list")).splitlines()[1].split()[:3] == ["2", "danger", "***102"]
    assert "parking" not in said(heed("reminders", "inbox", "list", "--json"))
    assert (
        said(heed("reminders", "inbox", "read", 1, *BY))
        == "message from ***101, hearings 1\nIs there parking?\n"
    )
    assert (
        said(heed("reminders", "inbox", "answer", 1, "Yes — behind the court", *BY))
        == "1 segment to ***101\n"
    )
    assert clear_line(heed("reminders", "inbox", "answer", 1, "Yes — behind the court", *BY), "before")
    assert clear_line(heed("reminders", "inbox", "answer", 3, "Sorry", *BY), "wrong person")
    assert clear_line(heed("reminders", "inbox", "answer", 1, "x" * 613, *BY), "5 segments")
    assert clear_line(heed("reminders", "inbox", "read", 9, *BY), "inbox list")
    assert said(heed("reminders", "incidents")).splitlines()[1].split()[-1] == "nobody"
    assert said(heed("reminders", "inbox", "done", 3, *BY)) == "text 3 is done\n"
    assert heed("reminders", "incidents", "--json").json["incidents"][0]["done_by"] == "person:eva"
    assert clear_line(heed("reminders", "inbox", "done", 3, *BY), "settled by person:eva")
    assert [act for _, act in acts()] == [
        "wrong-number-reported",
        "reply-read",
        "reply-answered",
        "reply-done",
    ]


class Tables(HTMLParser):
    """The cells of a page's table, and every attribute that would fetch something."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.fetched: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.fetched += [name for name, _ in attrs if name in ("src", "href")]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_calls(heed: Command) -> None:
    strange = defendant("<b>=1+1", mobile=None, identity="strange")
    ingest(heed, hearing(HEARING, case(strange, ref="=41A")), hearing(key="h2"))
    with opened("reminders") as (service,), service.database.begin() as session:
        session.add(Call(listing_id=2, version=1, reason="moved-soon", at=clock.now(session)))
    assert [row["listing"] for row in heed("reminders", "calls", "--json").json["calls"]] == [1, 2]
    assert "mobile-missing" in said(heed("reminders", "calls"))
    assert heed("reminders", "calls", "--day", "2026-09-24", "--json").json == {"calls": []}
    assert clear_line(heed("reminders", "calls", "--day", "24 Sep"), "2026-09-21")
    sheet, page = heed.folder / "list.csv", heed.folder / "list.html"
    assert clear_line(heed("reminders", "calls", "--csv", sheet, "--print", page), "one form")
    assert clear_line(heed("reminders", "calls", "--csv", heed.folder), "cannot write")
    assert not sheet.exists()
    assert said(heed("reminders", "calls", "--csv", sheet, *BY)) == "2 to ring\n"
    rows = list(csv.DictReader(io.StringIO(sheet.read_text("utf-8-sig"))))
    assert (rows[0]["name"], rows[0]["case_ref"], rows[1]["number"]) == (
        "<b>=1+1 Example",
        "'=41A",
        "07700 900101",
    )
    assert said(heed("reminders", "calls", "--print", page, *BY)) == "2 to ring\n"
    read = Tables(page.read_text())
    assert "<b>=1+1 Example" in read.text and "07700 900101" in read.text and "no number" in read.text
    assert (
        read.fetched == []
        and "b" not in read.tags
        and {"html", "title", "caption", "th", "h1"} <= set(read.tags)
    )
    assert (sheet.stat().st_mode & 0o777, page.stat().st_mode & 0o777) == (0o600, 0o600)
    assert (
        said(heed("reminders", "calls", "done", 1, "--note", "knows", *BY))
        == "call 1 about hearing 2 is done\n"
    )
    assert clear_line(heed("reminders", "calls", "done", 1, "--note", "knows", *BY), "made by person:eva")
    assert (
        heed("reminders", "calls", "rung", "--listing", 1, "--note", "knows", *BY, "--json").json["reason"]
        == "unreachable"
    )
    assert heed("reminders", "calls", "--json").json == {"calls": []}
    assert "nobody is to be rung" in Tables(_printed(heed)).text
    assert [act for _, act in acts()] == ["calls-read", "calls-read", "call-done", "call-done", "calls-read"]


def _printed(heed: Command) -> str:
    page = heed.folder / "empty.html"
    said(heed("reminders", "calls", "--print", page, *BY))
    return page.read_text()


@pytest.mark.parametrize("cell", ["=1+1", "+44", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_no_cell_is_a_formula(cell: str) -> None:
    row = dict.fromkeys(call_sheet.COLUMNS, cell) | {"reasons": [cell], "calls": [], "opted_out": False}
    (read,) = csv.DictReader(io.StringIO(call_sheet.to_csv([row]).decode("utf-8-sig"), newline=""))
    assert {value for name, value in read.items() if name not in ("calls", "opted_out")} == {f"'{cell}"}


def test_the_queue(heed: Command) -> None:
    ingest(heed, hearing())
    assert said(heed("queue", "list")) == "reminders: nothing needs a person\n"
    with opened("reminders") as (service,), service.database.begin() as session:
        alarms.sound(session, "feed-empty", "feed:csv", clock.now(session), rows=0)
        session.execute(update(Outbox).where(Outbox.id == 1).values(state=State.STAFF))
    said(heed("stop", "--reason", "wording", "--by", "person:ann"))
    said(heed("stop", "--reason", "a flood", "--by", "person:ben"))
    listed = said(heed("queue", "list"))
    assert all(
        word in listed
        for word in ("sending is stopped", "person:ann", "wording", "feed-empty", "texts to settle")
    )
    answer = heed("queue", "list", "--json").json
    assert (answer["sending"], answer["reason"]) == ("stopped", "sending-stopped")
    assert [(one["by"], one["reason"], one["of"]) for one in answer["stops"]] == [
        ("person:ann", "wording", "all"),
        ("person:ben", "a flood", "all"),
    ]
    assert [(one["code"], one["times"]) for one in answer["alarms"]] == [("feed-empty", 1)]
    assert said(heed("queue", "acknowledge", 1, *BY)) == "alarm 1 is acknowledged\n"
    assert clear_line(heed("queue", "acknowledge", 1, *BY), "queue list")
    # Whoever stopped it does not let it go on; of two stops each lifts the other's.
    assert "another person lifts it" in said(heed("resume", "--by", "person:ann"))
    assert clear_line(heed("resume", "--by", "person:ann"), "another")
    assert said(heed("resume", "--by", "person:ben")) == "reminders: sending goes on\n"
    assert heed("queue", "list", "--json").json["sending"] == "on"
    assert [act for _, act in acts()] == ["sending-stopped"] * 2 + ["alarm-acknowledged"] + [
        "sending-resumed"
    ] * 2
    assert heed("queue", "list", "--service", "consultation", "--json").json["queue"] == []


def test_an_arm_stands_nowhere(heed: Command) -> None:
    protocol = {
        "name": "autumn",
        "question": "Does it help?",
        "courts": ["B41ME00"],
        "since": "2026-09-15",
        "until": "2026-10-31",
        "arms": [{"name": "withtext", "texted": True}, {"name": "noarmtext", "texted": False}],
        "allocation": "permuted-blocks",
        "seed": "a",
        "block_sizes": [2],
    }
    said(heed("reminders", "pilot", "new", heed.file("pilot.yaml", json.dumps(protocol))))
    ingest(
        heed,
        *(
            hearing(HEARING, case(defendant(f"P{n}", mobile=f"+4477009003{n:02}"), ref=f"41{n}"), key=f"h{n}")
            for n in range(4)
        ),
    )
    hears("+447700900300", "STOP")
    hears("+447700900301", "wrong number")
    hears("+447700900302", "hello there, what is this")
    printed = "".join(
        said(heed(*words, "--json")) + said(heed(*words))
        for words in (
            ("reminders", "calls"),
            ("reminders", "inbox", "list"),
            ("reminders", "inbox", "read", 3),
            ("reminders", "incidents"),
            ("review", "people"),
            ("review", "decisions"),
            ("queue", "list"),
            ("reminders", "do-not-text", "add", "--listing", 3, *WHY),
            ("reminders", "do-not-text", "end", "--listing", 4, *WHY),
        )
    )
    with opened("reminders") as (service,), service.database.begin() as session:
        printed += str([row.detail for row in session.scalars(select(Audit))])
    assert not [word for word in ("withtext", "noarmtext", "control-arm", "control") if word in printed]
