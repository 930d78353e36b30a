"""The demo empties what an earlier demo left, and refuses to touch anything else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from services.common.process import opened
from services.common.settings import Settings, load
from services.demo.fresh import MARKER, DemoRefused, mark, prepared

ROW = text(
    "INSERT INTO pilots (name, protocol, hash, locked_at) VALUES ('somebody''s own', '{}', 'x', now())"
)
COUNT = text("SELECT count(*) FROM pilots")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Sandbox mode on embedded stores in a folder of this module's own, which already holds somebody's pilot."""
    folder = tmp_path_factory.mktemp("fresh") / "data"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEED_DATA_DIR", str(folder))
        own = load()
        with opened("reminders", settings=own) as (heed,), heed.database.begin() as session:
            session.execute(ROW)
        yield own


def _pilots(settings: Settings) -> int:
    with opened("reminders", settings=settings) as (heed,), heed.database.begin() as session:
        return int(session.scalar(COUNT) or 0)


def test_a_folder_with_other_data_is_refused_and_left_alone(settings: Settings) -> None:
    with pytest.raises(DemoRefused, match="set HEED_DATA_DIR to an empty folder"), prepared(settings):
        pytest.fail("the demo must not begin here")
    assert not (settings.data_dir / MARKER).exists()
    assert _pilots(settings) == 1


def test_a_running_heed_is_left_alone(settings: Settings) -> None:
    with opened("reminders", settings=settings) as (heed,), heed.database.begin() as session:
        session.execute(COUNT)
        with pytest.raises(DemoRefused, match="Heed is running"), prepared(settings):
            pytest.fail("the demo must not begin beside a running Heed")


def test_what_an_earlier_demo_left_is_emptied(settings: Settings) -> None:
    mark(settings)
    journal = settings.data_dir / "sandbox.jsonl"
    journal.write_text("{}\n")
    with prepared(settings):
        assert not journal.exists()
        assert _pilots(settings) == 0


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TWILIO_API_BASE_URL", "http://127.0.0.1:9"),
        ("HEED_DAILY_SEGMENTS", "5"),
        ("TWILIO_ANSWERS_STOP", "false"),
        ("CONSULTATION_SENDER", "+447700900003"),
        ("REMINDERS_DATABASE_URL", "postgresql:///elsewhere"),
        ("REDIS_URL", "redis://127.0.0.1:9"),
    ],
)
def test_settings_that_the_story_does_not_know_are_refused_by_name(
    variable: str, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEED_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv(variable, value)
    with pytest.raises(DemoRefused, match=variable), prepared(load()):
        pytest.fail("the demo must not begin with these settings")
