"""The departments' own sample files, where this checkout stands beside them."""

from collections.abc import Callable
from pathlib import Path

import pytest

SAMPLES = Path(__file__).parents[4] / "shared/data/feeds"


@pytest.fixture
def sample() -> Callable[[str], bytes]:
    """Reads a sample by its name in the manifest; skips the test where the samples are not there."""

    def read(name: str) -> bytes:
        if not SAMPLES.is_dir():
            pytest.skip(f"the departments' samples are not at {SAMPLES}")
        return (SAMPLES / name).read_bytes()

    return read
