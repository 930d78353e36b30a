"""Every command of `heed` has a heading in docs/commands.md, with each of its options."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from services.cli.main import COMMANDS, Tree

CONTEXT = click.Context(click.Command("heed"))


def commands(tree: Tree, names: str = "heed") -> Iterator[tuple[str, click.Command]]:
    """Every command with its full name, groups left out."""
    for name in tree.list_commands(CONTEXT):
        command = tree.get_command(CONTEXT, name)
        assert command is not None
        if isinstance(command, Tree):
            yield from commands(command, f"{names} {name}")
        else:
            yield f"{names} {name}", command


EVERY: list[Any] = [
    pytest.param(name, command, id=name.replace(" ", "-"))
    for name, command in commands(Tree("heed", COMMANDS))
]


@pytest.fixture(scope="module")
def documented(root: Path, sections: Callable[[Path], dict[str, str]]) -> dict[str, str]:
    found = sections(root / "docs" / "commands.md")
    return {title: text for title, text in found.items() if title.startswith("heed ")}


@pytest.mark.parametrize(("name", "command"), EVERY)
def test_a_command_has_a_heading(name: str, command: click.Command, documented: dict[str, str]) -> None:
    assert name in documented, f"docs/commands.md lacks the heading `## {name}`"


@pytest.mark.parametrize(("name", "command"), EVERY)
def test_a_commands_options_are_described(
    name: str, command: click.Command, documented: dict[str, str]
) -> None:
    options = [option for one in command.params if isinstance(one, click.Option) for option in one.opts]
    missing = [
        option for option in options if not re.search(rf"(?<![\w-]){option}(?![\w-])", documented[name])
    ]
    assert not missing, f"docs/commands.md says nothing of these options of {name}"


def test_every_heading_is_a_command(documented: dict[str, str]) -> None:
    assert not set(documented) - {one.values[0] for one in EVERY}


def test_examples_say_one_thing_as_commands_do(documented: dict[str, str]) -> None:
    """ "1 segment", as `counted` writes it."""
    wrong = {
        name: re.findall(r"\b1 (?:segment|job|text|unit)s\b.*", text) for name, text in documented.items()
    }
    assert not any(wrong.values()), wrong
