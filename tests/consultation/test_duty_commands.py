"""`heed queue` for what is on duty, `simulate` and `why` with a questionnaire: what they print, and one clear line on bad input."""

from typing import Any

from services.common.context import Heed
from services.common.process import opened
from tests.consultation.post import ANN, SAMPLE, Post
from tests.consultation.test_cli import clear_line
from tests.support.command import Command
from tests.support.sandbox import Sandbox

SERVICE = ("--service", "consultation")


def heard(carrier: Sandbox, words: str) -> None:
    """A text arrives at the installed service and is understood."""
    with opened("consultation") as (installed,):
        Post(installed, carrier).hears(words)


def test_the_queue_by_hand(heed: Command, carrier: Sandbox) -> None:
    heard(carrier, "someone is in my house")
    heard(carrier, "How do I join Neighbourhood Watch?")
    shown = heed("queue", "list", *SERVICE, "--json").json["duty"]
    assert [(one["id"], one["kind"]) for one in shown] == [(1, "danger"), (2, "question")]
    assert "D1" in heed("queue", "list", *SERVICE).out
    assert heed("queue", "acknowledge", "D1", *SERVICE, "--by", "person:ann").out == "D1 is yours\n"
    assert heed("queue", "read", "D1", *SERVICE, "--json").json["words"] == "someone is in my house"
    assert heed("queue", "sender", 1, *SERVICE).out == f"{ANN}\n"
    assert "1 segment" in heed("queue", "answer", "D2", "At owl.example", *SERVICE).out
    assert heed("queue", "done", "D1", "--note", "rang", *SERVICE, "--json").json["done_at"]
    assert heed("queue", "list", *SERVICE, "--json").json["duty"] == []
    letter = heed.file("letter.txt", "Please help me, he\x1b is hitting me")
    kept = heed(
        "consultation",
        "letter",
        "standing",
        "--reference",
        "l1",
        "--received",
        "2026-09-01",
        "--text",
        letter,
    )
    assert kept.code == 0
    assert heed("queue", "read", "D3", *SERVICE).out.endswith("\nPlease help me, he  is hitting me\n")
    for refused, words in (
        (("acknowledge", "D1"), "taken by person:ann"), (("acknowledge", "x"), "neither an alarm"), (("read", "1"), "D12"),
        (("read", "D99"), "no item D99"), (("sender", 99), "no text 99"), (("done", "D2"), "already"),
    ):  # fmt: skip
        ran = heed("queue", *refused, *SERVICE)
        assert clear_line(ran, *([] if words == "already" else [words])), (refused, ran)


def test_simulate_plays_the_questionnaire_and_stores_nothing(bare: Command) -> None:
    file = bare.file("q.yaml", SAMPLE)
    script = bare.file("s.txt", "More police please, everywhere\nWatford\n/wait 73h\nyes\nREMOVE\n")
    turns = bare("consultation", "simulate", file, "--script", script, "--json").json["turns"]
    assert [(one["kind"], one["rule"], one["state"]) for one in turns] == [
        ("feedback", "everything-else", "partial"), ("answer", "answer-postcode", "partial"),
        ("answer", "answer-choice-late", "partial"), ("command", "remove", "withdrawn"),
    ]  # fmt: skip
    assert [one["open_question"] for one in turns] == ["district", "victim", "age", None]
    shown = bare("consultation", "simulate", file, "--script", script).out
    assert "> Has a crime been done to you" in shown
    assert clear_line(
        bare("consultation", "simulate", file, "--script", bare.folder / "none.txt"), "cannot read"
    )


def test_why_knows_an_answer_only_after_a_question(bare: Command) -> None:
    def why(*arguments: Any) -> tuple[str, str]:
        found = bare("consultation", "why", *arguments, "--json").json
        return found["kind"], found["rule"]

    assert why("AL1") == ("feedback", "everything-else")
    assert why("AL1", "--after", "district") == ("answer", "answer-postcode")
    assert why("s", "--after", "victim") == ("answer", "answer-skip")
    # As the service takes it: one word that does not fit is asked for again, more are a view.
    for words, question in (("maybe", "victim"), ("sixty", "age"), ("N", "age"), ("65", "age")):
        assert why(words, "--after", question) == ("answer", "answer-misread")
    assert why("why do you ask me", "--after", "age") == ("feedback", "everything-else")
    assert why("plan", "--after", "age") == ("answer", "answer-misread")  # the sample has no keyword here
    file = bare.file("q.yaml", SAMPLE.replace("PLAN", "ROADS"))
    assert why("raods fix the potholes") == ("feedback", "everything-else")
    assert why("raods fix the potholes", "--questionnaire", file) == ("feedback", "keyword")
    assert clear_line(
        bare("consultation", "why", "x", "--after", "shoe-size"), "no question 'shoe-size'", "district"
    )


def test_a_mistake_in_the_yaml_is_named_by_line_and_field(bare: Command) -> None:
    for wrong, right, words in (
        ("kind: postcard", "kind: postcode", ("line 35, questions.1.kind",)),
        ('code: "stop"', "code: under-18", ("line 59, questions.3.options.1", "opt-out")),
        ("opens: soon", "opens: 2026-09-01", ("line 5, opens",)),
        ("default: true\ndefault: false", "default: true", ("line 8", "written twice")),
        ("welcum:", "welcome:", ("the text 'welcome' is missing", "no text called 'welcum'")),
        ("[S, under 18]", "[A, under 18]", ("skips a question",)),
        ("[A, 18 to 34]", "[B, 18 to 34]", ("would choose two options",)),
        ("kind: standing", "kind: consultation", ("a standing post has no closing day",)),
    ):
        assert right in SAMPLE
        ran = bare("consultation", "lint", bare.file("q.yaml", SAMPLE.replace(right, wrong, 1)))
        assert clear_line(ran, *words), (wrong, ran.err)


def test_lint_says_what_to_look_at(bare: Command) -> None:
    for wrong, right, words in (
        ("2026-09-01", "2026-09-01", None),
        ("opens: 2026-08-01", "opens: 2026-09-01", "in August"),
        ("opens: 2026-04-25\ncloses: 2026-05-20", "opens: 2026-09-01\ncloses: 2026-09-30", "elections of 7 May 2026"),
        ("Y or N, I skip", "Y or N, S to skip", "does not say that S skips it"),
        ("Your age? A under 18, B 18 to 34. S to skip", "Your age? A under 18, B 18 to 34, C 35 to 64, D 65 or over. S to skip",
         "nobody is told how to choose '35-64'"),
        ("STOP to end. Plan", "STOP to end, HELP for help. Plan", "does not tell HELP"),
        ("Not watched.", "Not watched: in danger call 999.", "does not tell that whoever is in danger should call 999"),
        ("Usual rate \U0001f44d.", "Usual rate.", "en, welcome: because of '\U0001f44d' a segment holds 70"),
        ("Usual cost.", "Usual rate.", "usual rate"),
    ):  # fmt: skip
        assert right in SAMPLE, right
        ran = bare("consultation", "lint", bare.file("q.yaml", SAMPLE.replace(right, wrong, 1)), "--json")
        assert ran.code == 0
        assert any(words in one for one in ran.json["warnings"]) if words else ran.json["warnings"] == [], (
            words,
            ran.json,
        )
    costs = {(one["text"], one["language"]): one for one in ran.json["texts"]}
    assert costs["first reply", "cy"]["segments"] == 2
    assert costs["welcome", "en"]["pence"] == 4 * costs["welcome", "en"]["segments"]


def test_another_sender_than_this_service_has_is_refused(heed: Command, consultation: Heed) -> None:
    other = heed.file("q.yaml", SAMPLE.replace("default: true", 'default: true\nsender: "+447700900999"'))
    assert clear_line(heed("consultation", "launch", other), "another sender", "CONSULTATION_SENDER")
