"""Documentation kept true: every setting and every command has a heading; nothing is documented that is not there.

Idea from simonw/datasette, tests/test_docs.py.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import pytest

from services.cli.main import COMMANDS
from services.common import settings as settings_module

ROOT = Path(__file__).parents[2]
SETTINGS, COMMANDS_PAGE = ROOT / "docs/settings.md", ROOT / "docs/commands.md"
VARIABLE = re.compile(r"(?:HEED|REMINDERS|CONSULTATION|SANDBOX|TWILIO)_[A-Z_]+|REDIS_URL")


def headings(page: Path) -> list[str]:
    return [
        match.strip(" `")
        for match in re.findall(r"^#{2,4} (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    ]


class Recording(Mapping[str, str]):
    """An environment that remembers what was asked of it."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def get(self, key: str, default: Any = None) -> Any:
        self.asked.add(key)
        return default

    def __getitem__(self, key: str) -> str:
        self.asked.add(key)
        raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> set[str]:
    """Every variable that settings.py and the sandbox carrier ask for."""
    from environs import FileAwareEnv

    from services.sandbox.config import from_environment

    asked = Recording()
    get = FileAwareEnv._get_value

    def recorded(self: FileAwareEnv, name: str, default: object) -> object:
        asked.asked.add(name)
        return get(self, name, default)

    monkeypatch.setenv("HEED_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(FileAwareEnv, "_get_value", recorded)
    settings_module.load()
    from_environment(asked)
    return {name for name in asked.asked if VARIABLE.fullmatch(name)}


def test_every_setting_has_a_heading(read: set[str]) -> None:
    assert len(read) > 28
    missing = sorted(read - set(headings(SETTINGS)))
    assert missing == [], f"docs/settings.md lacks a heading for {', '.join(missing)}"


def test_no_heading_names_a_setting_that_nothing_reads(read: set[str]) -> None:
    named = {heading for heading in headings(SETTINGS) if VARIABLE.fullmatch(heading)}
    assert sorted(named - read) == []


def test_every_variable_that_the_code_names_is_documented(sources: Any) -> None:
    """By the strings in the source, so that one read beside settings.py is found too."""
    named = {
        node.value
        for source in sources
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and VARIABLE.fullmatch(node.value)
    }
    assert sorted(named - set(headings(SETTINGS))) == []


def test_the_environment_is_read_in_settings_alone(sources: Any) -> None:
    """The others hand it on to processes that they start."""
    handed_on = {
        "services/common/settings.py",
        "services/common/stores/__init__.py",
        "services/common/web/sheet/build.py",
        "services/running/stack.py",
        "services/sandbox/__main__.py",
        "services/sandbox/app.py",
    }
    found = {
        source.place
        for source in sources
        if any(word in source.text for word in ("os.environ", "getenv(", "environ["))
        and not source.place.startswith("services/demo/")
    }
    assert found - handed_on == set()


def commands(tree: dict[str, Any] = COMMANDS, path: str = "heed") -> Iterator[tuple[str, str]]:
    """(the whole command, "module:attribute")"""
    for name, entry in tree.items():
        if isinstance(entry, dict):
            yield from commands(entry, f"{path} {name}")
        elif name:
            yield f"{path} {name}", entry[0]


ALL = dict(commands())


def test_every_command_has_a_heading() -> None:
    missing = sorted(set(ALL) - set(headings(COMMANDS_PAGE)))
    assert missing == [], f"docs/commands.md lacks a heading for {', '.join(missing)}"


def test_no_heading_names_a_command_that_is_not_there() -> None:
    named = {heading for heading in headings(COMMANDS_PAGE) if heading.startswith("heed ")}
    assert sorted(named - set(ALL)) == []


def load(target: str) -> click.Command:
    module, attribute = target.split(":")
    command = getattr(import_module(module), attribute)
    assert isinstance(command, click.Command), target
    return command


@pytest.mark.parametrize("name", ALL)
def test_every_command_loads_and_says_what_it_does(name: str) -> None:
    command = load(ALL[name])
    assert command.help, name
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.opts


@pytest.mark.parametrize("name", ALL)
def test_every_option_is_documented_in_its_commands_section(name: str) -> None:
    text = COMMANDS_PAGE.read_text(encoding="utf-8")
    section = re.search(rf"^#+ `?{re.escape(name)}`?\s*$(.*?)(?=^#+ |\Z)", text, re.MULTILINE | re.DOTALL)
    assert section, f"no section for {name}"
    # What every command takes is said once, before the first of them.
    said = section.group(1) + text[: text.index("\n## ")]
    for parameter in load(ALL[name]).params:
        if isinstance(parameter, click.Option) and not parameter.hidden:
            assert any(option in said for option in parameter.opts), f"{name}: {parameter.opts[0]}"


def test_groups_say_what_they_hold() -> None:
    for name, entry in COMMANDS.items():
        if isinstance(entry, dict):
            assert entry[""], name
