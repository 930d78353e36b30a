"""The arrows of the house: who may import whom, read from the source, so that a wall cannot move unseen.

`reminders` and `consultation` stand on `common` and know nothing of each other; `common` knows no service; `sandbox` is the other
side of the wire; rules touch no store, no clock and no network.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVICES = ROOT / "services"
FILES = sorted(path for path in SERVICES.rglob("*.py") if "migrations" not in path.parts)

# Room → the rooms of `services` that it may import besides itself.
MAY_IMPORT = {
    "common": set(),
    "reminders": {"common", "cli"},
    "consultation": {"common", "cli"},
    "sandbox": {"common"},
}
# Of `cli` a service's commands take only the way of printing; of `common` the sandbox takes only these.
ONLY = {
    ("reminders", "cli"): {"services.cli.output"},
    ("consultation", "cli"): {"services.cli.output"},
    ("sandbox", "common"): {"services.common.segments", "services.common.signature"},
}
RULES = [
    *(
        SERVICES / "reminders" / name
        for name in ("plan.py", "eligibility.py", "wording.py", "outcome_rules.py")
    ),
    *sorted((SERVICES / "reminders" / "feeds").glob("*.py")),
    *sorted(path for path in (SERVICES / "reminders" / "evaluation").glob("*.py") if path.name != "cli.py"),
    *(SERVICES / "consultation" / name for name in ("routing.py", "questionnaire.py")),
    *(SERVICES / "common" / name for name in ("segments.py", "phones.py", "times.py", "understanding.py")),
    SERVICES / "common" / "outbox" / "states.py",
]
TOUCHES = {
    "sqlalchemy",
    "psycopg",
    "redis",
    "rq",
    "flask",
    "requests",
    "twilio",
    "time",
    "socket",
    "services.common.clock",
    "services.common.database",
    "services.common.models",
    "services.common.context",
    "services.reminders.models",
    "services.consultation.models",
}


def imported(path: Path) -> Iterator[str]:
    """Every module that a file imports, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def modules_of(path: Path) -> set[str]:
    """The imported names that are modules of this house, and all others as they stand."""
    found = set()
    for name in imported(path):
        if name.startswith("services"):
            place = ROOT / name.replace(".", "/")
            if place.is_dir() or place.with_suffix(".py").exists():
                found.add(name)
        else:
            found.add(name)
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SERVICES)))
def test_arrows_point_one_way(path: Path) -> None:
    room = path.relative_to(SERVICES).parts[0]
    if room not in MAY_IMPORT:
        return  # `cli`, `running` and `demo` stand outside and may open every door
    for name in modules_of(path):
        parts = name.split(".")
        if parts[0] != "services" or len(parts) == 1 or parts[1] == room:
            continue
        assert parts[1] in MAY_IMPORT[room], f"{room} must not import {name}"
        only = ONLY.get((room, parts[1]))
        if only and len(parts) > 2:
            assert ".".join(parts[:3]) in only, f"{room} must not import {name}"


def test_twilio_is_in_one_file() -> None:
    found = [
        path.relative_to(ROOT).as_posix()
        for path in FILES
        if any(n.split(".")[0] == "twilio" for n in imported(path))
    ]
    assert found == ["services/common/carrier.py"]


@pytest.mark.parametrize("path", RULES, ids=lambda path: str(path.relative_to(SERVICES)))
def test_rules_touch_nothing(path: Path) -> None:
    names = set(imported(path))
    tops = {name.split(".")[0] for name in names}
    assert not (names | tops) & TOUCHES
    assert "now(" not in path.read_text(encoding="utf-8").replace("_now(", ""), (
        "a rule takes the time as a value"
    )


def test_a_file_holds_one_idea() -> None:
    long = {path.name: lines for path in FILES if (lines := len(path.read_text().splitlines())) > 400}
    assert not long
