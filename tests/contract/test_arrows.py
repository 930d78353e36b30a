"""The arrows of DESIGN: who may import whom, and what a rule may touch."""

import fnmatch
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SERVICES = {"reminders", "consultation", "sandbox"}
# Pure functions on plain dataclasses: no database, no clock, no network.
RULES = [
    "services/reminders/plan.py",
    "services/reminders/eligibility.py",
    "services/reminders/bank_holidays.py",
    "services/reminders/county_parts.py",
    "services/reminders/county_schema.py",
    "services/reminders/wording.py",
    "services/reminders/wording_[ln]*.py",
    "services/reminders/outcome_rules.py",
    "services/reminders/adjournments.py",
    "services/reminders/protocol*.py",
    "services/reminders/allotment.py",
    "services/common/report/*.py",
    "services/reminders/samples.py",
    "services/reminders/reason_words.py",
    "services/consultation/samples.py",
    "services/common/mistakes.py",
    "services/reminders/feeds/*.py",
    "services/reminders/evaluation/*.py",
    "services/reminders/simulation/*.py",
    "services/consultation/routing.py",
    "services/consultation/questionnaire*.py",
    "services/consultation/marked_yaml.py",
    "services/consultation/questions.py",
    "services/consultation/districts.py",
    "services/consultation/conversation.py",
    "services/consultation/simulation.py",
    "services/consultation/saying.py",
    "services/consultation/turns.py",
    "services/consultation/states.py",
    "services/common/text_rules.py",
    "services/consultation/*rows.py",
    "services/consultation/files.py",
    "services/consultation/copies.py",
    "services/consultation/pacing.py",
    "services/consultation/reconciliation.py",
    "services/consultation/form_fields.py",
    "services/consultation/said_back.py",
    "services/consultation/reporting/*.py",
    "services/common/spreadsheet.py",
    "services/consultation/themes/*.py",
    "services/consultation/learning.py",
    "services/common/suppression.py",
    "services/common/understanding.py",
    "services/common/segments.py",
    "services/common/phones.py",
    "services/common/times.py",
    "services/common/private.py",
    "services/common/carrier_codes.py",
    "services/common/signature.py",
    "services/common/outbox/states.py",
]
NOT_RULES = ["services/reminders/evaluation/cli.py"]
TOUCHING = {
    *(
        "sqlalchemy",
        "psycopg",
        "redis",
        "rq",
        "flask",
        "flask_smorest",
        "requests",
        "urllib3",
        "twilio",
        "alembic",
        "socket",
    ),
    *(
        "services.common.clock",
        "services.common.database",
        "services.common.models",
        "services.common.context",
    ),
    *("services.reminders.models", "services.consultation.models"),
}
CLOCKS = {
    "datetime.now",
    "datetime.today",
    "datetime.utcnow",
    "date.today",
    "time.time",
    "time.monotonic",
    "clock.now",
}


def is_rule(place: str) -> bool:
    fits = [any(fnmatch.fnmatch(place, pattern) for pattern in patterns) for patterns in (RULES, NOT_RULES)]
    return fits == [True, False]


def part_of(module: str) -> str:
    """ "reminders" of "services.reminders.plan"; "" for what is not ours."""
    parts = module.split(".")
    return parts[1] if parts[0] == "services" and len(parts) > 1 else ""


def parts_imported(source: Any) -> set[str]:
    return {part_of(module) for module in source.imports()} - {""}


def test_there_is_something_to_look_at(sources: Any) -> None:
    assert len(sources) > 120
    assert {part_of(source.module) for source in sources} >= SERVICES | {"common", "cli", "running"}


@pytest.mark.parametrize(
    ("text", "imported"),
    [
        ("import services.common.clock", "services.common.clock"),
        ("import services.common.clock as c", "services.common.clock"),
        ("from services.common import clock", "services.common.clock"),
        ("from services.common import clock as c, keys", "services.common.keys"),
        ("from services.common.clock import now", "services.common.clock"),
        ("from . import plan", "services.reminders.plan"),
        ("from .plan import moments", "services.reminders.plan"),
        ("from ..common import clock", "services.common.clock"),
        ("def f():\n    import services.common.clock", "services.common.clock"),
        ("if True:\n    from services.common import clock", "services.common.clock"),
        (
            "from importlib import import_module\nimport_module('services.common.clock')",
            "services.common.clock",
        ),
    ],
)
def test_an_arrow_is_seen_however_it_is_drawn(source_of: Any, text: str, imported: str) -> None:
    assert imported in source_of("services/reminders/x.py", text).imports()


def test_common_imports_no_service(sources: Any) -> None:
    found = {
        source.place: parts_imported(source) - {"common"}
        for source in sources
        if part_of(source.module) == "common"
    }
    assert {place: parts for place, parts in found.items() if parts} == {}


@pytest.mark.parametrize(
    ("part", "may"),
    [
        # A service's command line prints with the shared printer; nothing else of it comes from outside.
        ("reminders", {"common", "reminders", "cli"}),
        ("consultation", {"common", "consultation", "cli"}),
        ("sandbox", {"common", "sandbox"}),
        ("running", {"common", "running"}),
    ],
)
def test_who_may_import_whom(sources: Any, part: str, may: set[str]) -> None:
    found = {
        source.place: parts_imported(source) - may for source in sources if part_of(source.module) == part
    }
    assert found
    assert {place: parts for place, parts in found.items() if parts} == {}


def test_of_the_command_line_a_service_uses_the_printer_alone(sources: Any) -> None:
    for source in sources:
        if part_of(source.module) in SERVICES:
            mine = {name for name in source.imports() if name.startswith("services.cli")}
            assert all(name.startswith("services.cli.output") for name in mine), source.place
            if mine:
                edge = source.place.endswith("cli.py") or "/cli/" in source.place
                assert edge, f"{source.place} is not an edge"


def test_the_sandbox_is_the_other_side_of_the_wire(sources: Any) -> None:
    shared = {"services.common", "services.common.segments", "services.common.signature"}
    for source in sources:
        if part_of(source.module) == "sandbox":
            mine = {name for name in source.imports() if name.startswith("services.common")}
            assert all(
                name in shared or name.rpartition(".")[0] in shared - {"services.common"} for name in mine
            ), source.place


def test_only_one_file_knows_twilio(sources: Any) -> None:
    found = {
        source.place for source in sources if any(name.split(".")[0] == "twilio" for name in source.imports())
    }
    assert found == {"services/common/carrier.py"}


def test_only_the_edge_and_the_web_know_flask(sources: Any) -> None:
    found = {
        source.place
        for source in sources
        if part_of(source.module) != "sandbox"
        and any(name.split(".")[0] in ("flask", "flask_smorest") for name in source.imports())
    }
    edges = (
        "services/common/web/*",
        "services/*/api/*",
        "services/*/app.py",
        "services/*/pages*",
        "services/*/webhooks.py",
        "services/running/webserver.py",
    )
    strays = {place for place in found if not any(fnmatch.fnmatch(place, edge) for edge in edges)}
    assert strays == set()


def test_the_rules_touch_nothing(sources: Any) -> None:
    rules = [source for source in sources if is_rule(source.place)]
    assert len(rules) > 35
    for source in rules:
        touched = {name for name in source.imports() if name in TOUCHING or name.split(".")[0] in TOUCHING}
        assert not touched, f"{source.place} imports {sorted(touched)}"


def test_the_rules_do_not_look_at_a_clock(sources: Any) -> None:
    import ast

    for source in sources:
        if is_rule(source.place):
            looked = {ast.unparse(call.func) for call in source.calls()} & CLOCKS
            assert not looked, f"{source.place} calls {sorted(looked)}"


def test_the_rules_load_no_database_by_a_way_round(sources: Any, root: Path) -> None:
    """Loaded in a process of their own, whatever they import in turn."""
    modules = [source.module for source in sources if is_rule(source.place)]
    script = (
        "import sys\nfrom importlib import import_module\n"
        "heavy = ('sqlalchemy', 'psycopg', 'redis', 'rq', 'flask', 'twilio', 'services.common.clock', 'services.common.models')\n"
        f"for name in {modules!r}:\n"
        "    import_module(name)\n"
        "    found = [one for one in heavy if one in sys.modules]\n"
        "    if found: sys.exit(f'{name} loads {found}')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr


def test_quick_commands_load_no_store(root: Path) -> None:
    """`segments`, `capacity`, `why`, `evaluate` and `power` touch no store (DESIGN), so they load none either."""
    script = (
        "import sys\nfrom services.cli.main import COMMANDS, main\nfrom importlib import import_module\n"
        "for entry in (COMMANDS['segments'], COMMANDS['capacity'], COMMANDS['consultation']['why']):\n"
        "    import_module(entry[0].split(':')[0])\n"
        "found = [one for one in ('sqlalchemy', 'psycopg', 'redis', 'rq', 'flask', 'twilio') if one in sys.modules]\n"
        "sys.exit(f'loaded {found}' if found else 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


def test_consultations_processes_start_without_the_statistics(root: Path) -> None:
    """Nobody waits for what loads in seconds: a report and a worker that learns load it when they need it."""
    script = (
        "import sys\nimport services.consultation.app, services.consultation.jobs, services.consultation.cli.review\n"
        "found = [one for one in ('numpy', 'scipy', 'sklearn', 'statsmodels', 'matplotlib') if one in sys.modules]\n"
        "sys.exit(f'loaded {found}' if found else 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
