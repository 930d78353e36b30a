"""What the tests of Consultation share: a listening post in September 2026, and the `heed` command."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from services.common.context import Heed
from services.common.settings import Settings
from tests.consultation.post import START, Post
from tests.reminders.command import Command, installed
from tests.support.sandbox import Sandbox
from tests.support.stores import Databases


@pytest.fixture
def empty_post(consultation: Heed, carrier: Sandbox) -> Post:
    """A post on a fresh database, on Monday 14 September 2026 at ten; nothing is launched."""
    made = Post(consultation, carrier)
    made.start(START)
    return made


@pytest.fixture
def post(empty_post: Post) -> Post:
    """The same with the sample launched, open from 1 to 30 September."""
    empty_post.launch()
    return empty_post


@pytest.fixture
def heed(
    capsys: pytest.CaptureFixture[str],
    databases: Databases,
    usual_settings: Settings,
    valkey: Redis,
    carrier: Sandbox,
    tmp_path: Path,
) -> Iterator[Command]:
    """The `heed` command on an installation of its own."""
    with installed(capsys, databases, usual_settings, tmp_path) as command:
        yield command


@pytest.fixture
def bare(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Command:
    """The `heed` command where no store can be reached."""
    monkeypatch.setenv("HEED_DATA_DIR", "/nowhere/at/all")
    return Command(capsys, monkeypatch, tmp_path)
