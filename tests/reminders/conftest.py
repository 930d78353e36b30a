"""What the tests of Reminders share: an office in September 2026, and the departments' own sample files."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.common.context import Heed
from services.reminders import jobs
from tests.reminders.office import START, Office
from tests.support.sandbox import Sandbox

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
