"""Every environment variable that Heed reads has a heading in docs/settings.md, and no heading names one that it does not read."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

SOURCES = (
    "services/common/settings.py",
    "services/common/alert_settings.py",
    "services/common/office_settings.py",
    "services/sandbox/config.py",
)
READERS = {"str", "int", "float", "bool", "get", "secret", "_words", "_number", "_switch", "_tokens"}
VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
SERVICES = ("REMINDERS", "CONSULTATION")


def _names(argument: ast.expr) -> Iterator[str]:
    """The variables that one argument names: itself, or one for each service where it begins with a prefix."""
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        yield argument.value
    elif isinstance(argument, ast.JoinedStr) and isinstance(argument.values[0], ast.FormattedValue):
        rest = "".join(part.value for part in argument.values[1:] if isinstance(part, ast.Constant))
        yield from (service + rest for service in SERVICES)


def read_in(source: str) -> set[str]:
    """The variables that a module reads."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in READERS:
                found |= {
                    name for argument in node.args for name in _names(argument) if VARIABLE.fullmatch(name)
                }
    return found


@pytest.fixture(scope="module")
def settings(root: Path) -> set[str]:
    return set().union(*(read_in((root / source).read_text(encoding="utf-8")) for source in SOURCES))


@pytest.fixture(scope="module")
def documented(root: Path, sections: Callable[[Path], dict[str, str]]) -> dict[str, str]:
    found = sections(root / "docs" / "settings.md")
    return {title: text for title, text in found.items() if VARIABLE.fullmatch(title)}


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ('env.str("HEED_MODE", "sandbox")', {"HEED_MODE"}),
        ('env.int(f"{prefix}_PORT", 1)', {"REMINDERS_PORT", "CONSULTATION_PORT"}),
        ('_words(env, "HEED_TRIAL_NUMBERS")', {"HEED_TRIAL_NUMBERS"}),
        ('raise SettingsError("HEED_OTHER: wrong")', set()),
    ],
)
def test_the_reader_finds_variables(source: str, names: set[str]) -> None:
    assert read_in(source) == names


def test_the_sources_are_read(settings: set[str]) -> None:
    assert {"HEED_MODE", "REMINDERS_INDEX_KEY", "CONSULTATION_SENDER", "SANDBOX_DELAY_SECONDS"} <= settings


def test_every_setting_has_a_heading(settings: set[str], documented: dict[str, str]) -> None:
    assert not settings - set(documented), "docs/settings.md lacks a heading for these"


def test_every_heading_is_a_setting(settings: set[str], documented: dict[str, str]) -> None:
    assert not set(documented) - settings, "docs/settings.md names what no code reads"


def test_every_setting_states_its_default(documented: dict[str, str]) -> None:
    assert not [name for name, text in documented.items() if "Default:" not in text]


def test_nothing_else_reads_heeds_environment(root: Path) -> None:
    """One place a program: a variable read elsewhere would escape the table."""
    elsewhere = {}
    for path in (root / "services").rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        if path.relative_to(root).as_posix() not in SOURCES and "environ" in source:
            ours = {name for name in read_in(source) if name.startswith(("HEED_", "TWILIO_", *SERVICES))}
            if ours:
                elsewhere[path.name] = ours
    assert elsewhere == {}
