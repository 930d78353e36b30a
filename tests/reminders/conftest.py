"""What the tests of Reminders share: an office in September 2026, and the departments' own sample files."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis

from services.common.context import Heed
from services.common.settings import Settings
from services.reminders import jobs
from tests.reminders.command import Command, installed
from tests.reminders.office import START, Office
from tests.support.sandbox import Sandbox
from tests.support.stores import Databases

SAMPLES = Path(__file__).parents[3] / "shared/data/feeds"


@pytest.fixture
def office(reminders: Heed, carrier: Sandbox) -> Iterator[Office]:
    """An office on a fresh database, on Monday 14 September 2026 at eight in the morning."""
    ours = reminders.settings.county is not None  # Hertfordshire's own file is read once a run
    if ours:
        jobs.configured.cache_clear()
    made = Office(reminders, carrier, jobs.configured())
    made.start(START)
    yield made
    if ours:
        jobs.configured.cache_clear()


@pytest.fixture(scope="session")
def feed_sample() -> Callable[[str], bytes]:
    """Reads one of the departments' own files; skips the test where they are not beside this checkout."""

    def read(name: str) -> bytes:
        if not SAMPLES.is_dir():
            pytest.skip(f"the departments' samples are not at {SAMPLES}")
        return (SAMPLES / name).read_bytes()

    return read


@pytest.fixture
def heed(
    capsys: pytest.CaptureFixture[str],
    databases: Databases,
    usual_settings: Settings,
    valkey: Redis,
    carrier: Sandbox,
    tmp_path: Path,
) -> Iterator[Command]:
    """The `heed` command on an installation of its own, on Monday 14 September 2026."""
    with installed(capsys, databases, usual_settings, tmp_path) as command:
        yield command


@pytest.fixture
def bare(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Command:
    """The `heed` command where no store can be reached."""
    monkeypatch.setenv("HEED_DATA_DIR", "/nowhere/at/all")
    return Command(capsys, monkeypatch, tmp_path)
