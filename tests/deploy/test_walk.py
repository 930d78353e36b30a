"""The ten steps of docs/installation.md as tests/deploy/walk.py reads them; that they work is for a machine with Docker to show."""

import re
import sys
from pathlib import Path

import pytest

from tests.deploy import walk

STEPS = {name: list(walk.steps_of(walk.PAGE.read_text(encoding="utf-8"), name)) for name in walk.BY_HAND}


@pytest.mark.parametrize("section", STEPS)
def test_at_most_ten_steps_in_their_order(section: str) -> None:
    steps = STEPS[section]
    assert [number for number, _, _ in steps] == list(range(1, len(steps) + 1))
    assert 5 <= len(steps) <= 10
    assert walk.BY_HAND[section].keys() <= {number for number, _, _ in steps}


@pytest.mark.parametrize("section", STEPS)
def test_what_is_filled_in_by_hand_is_there_to_be_filled_in(root: Path, section: str) -> None:
    commands = "; ".join("; ".join(both) for both in walk.BY_HAND[section].values())
    filled = re.findall(r"\^#\\\?([A-Z_]+)=[^']*' (\S+?)(?:;|$)", commands)
    assert len(filled) > 8
    for name, file in filled:
        template = root / ("deploy/example.env" if file == ".env" else f"deploy/systemd/{Path(file).name}")
        assert re.search(f"^#?{name}=", template.read_text(encoding="utf-8"), re.MULTILINE), (name, file)


def test_what_the_steps_run_is_there(root: Path) -> None:
    commands = " ".join(
        command for steps in STEPS.values() for _, _, commands in steps for command, _ in commands
    )
    paths = re.findall(r"\b(?:deploy|services)/[\w./-]+(?![\w./*-])", commands)
    made = ("deploy/secrets/", "deploy/county.yaml")
    assert paths and not [path for path in paths if not path.startswith(made) and not (root / path).exists()]


@pytest.mark.parametrize(
    ("printed", "shown", "fits"),
    [
        (["ok      all of it, 558 s"], ["ok      all of it, 313 s"], True),
        (["FAILED  2 checks, 558 s"], ["ok      all of it, 313 s"], False),
        (["a", "b", "c"], ["a", "…", "c"], True),
        (["a", "c"], ["a", "…", "c"], True),
        (["a", "b"], ["a"], False),
        (["web   Up 4 seconds (healthy)"], ["web                   Up … (healthy)"], True),
        (["web   Up 4 seconds (unhealthy)"], ["web                   Up … (healthy)"], False),
        (["heed_0123456789ab_Yx1Z2-aw3cQ"], ["heed_6a19947eac00_cohElhQp3iLyzLG-5D"], True),
        (["id 0123456789ab; keep it"], ["id 6a19947eac00; keep it"], True),
        (["id short; keep it"], ["id 6a19947eac00; keep it"], False),
    ],
)
def test_what_was_printed_against_what_is_shown(printed: list[str], shown: list[str], fits: bool) -> None:
    assert walk.as_it_says(printed, shown) is fits


def test_a_walk_stops_where_the_page_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    page = "\n## Here\n### 1. Say it\n```console\n$ word=fine && echo {}\nfine\n$ echo again\n```\n### 2. Enter\n```console\n$ cd / && pwd\n/\n```\n"
    assert walk.walk(page.format("$word"), "Here", range(1, 3), {})
    assert not walk.walk(page.format("bad"), "Here", range(1, 3), {})
    said = capsys.readouterr().out.rpartition("1. Say it")[2]
    assert "FAILED" in said and "the page says:\nfine" in said and "again" not in said


@pytest.mark.parametrize(
    ("code", "shown", "well"), [(0, "", True), (1, "", False), (1, "WARN  x", True), (2, "WARN  x", False)]
)
def test_a_command_ends_as_it_should(code: int, shown: str, well: bool) -> None:
    page = f"\n## Here\n### 1. Look\n```console\n$ echo '{shown}'; (exit {code})\n{shown}\n```\n"
    assert walk.walk(page, "Here", range(1, 2), {}) is well


def test_it_runs_with_nothing_of_heed(root: Path) -> None:
    imported = re.findall(
        r"^(?:from|import) (\w+)", (root / "tests/deploy/walk.py").read_text(), re.MULTILINE
    )
    assert set(imported) <= sys.stdlib_module_names
