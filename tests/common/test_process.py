"""Opening a service: given URLs or the embedded stores, its schema up to date, found by jobs, and closed whatever happens."""

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from services.common import process
from services.common.context import Heed
from services.common.process import current, opened
from services.common.settings import Settings


def with_databases(settings: Settings, **urls: str | None) -> Settings:
    services = {
        name: dataclasses.replace(settings.service(name), database_url=url)  # type: ignore[arg-type]
        for name, url in urls.items()
    }
    return dataclasses.replace(settings, services={**settings.services, **services})


def test_given_urls_bring_the_schema_up_to_date(databases: Any, usual_settings: Settings) -> None:
    with (
        databases.empty("reminders") as url,
        opened("reminders", settings=with_databases(usual_settings, reminders=url)) as (heed,),
    ):
        with heed.database.begin() as session:
            assert session.scalar(text("SELECT count(*) FROM outbox")) == 0
        assert heed.service == "reminders"
        assert current("reminders") is heed


def test_several_services_at_once(databases: Any, usual_settings: Settings) -> None:
    with databases.fresh("reminders") as one, databases.fresh("consultation") as two:
        settings = with_databases(usual_settings, reminders=one, consultation=two)
        with opened("reminders", "consultation", settings=settings) as services:
            assert [heed.service for heed in services] == ["reminders", "consultation"]
            assert [current(heed.service) for heed in services] == list(services)


@pytest.mark.parametrize("fails", [False, True])
def test_afterwards_nothing_is_open(databases: Any, usual_settings: Settings, fails: bool) -> None:
    with databases.fresh("reminders") as url:
        try:
            with opened("reminders", settings=with_databases(usual_settings, reminders=url)) as (heed,):
                with heed.database.begin() as session:
                    session.execute(text("SELECT 1"))
                if fails:
                    raise KeyError
        except KeyError:
            assert fails
        with pytest.raises(KeyError):
            current("reminders")
        assert heed.database.engine.pool.checkedin() == 0  # type: ignore[attr-defined]


def test_a_database_that_does_not_answer_leaves_nothing_open(usual_settings: Settings) -> None:
    settings = with_databases(usual_settings, reminders="postgresql://x@127.0.0.1:1/x")
    with pytest.raises(Exception, match="Connection refused"), opened("reminders", settings=settings):
        pass
    with pytest.raises(KeyError):
        current("reminders")


def test_without_urls_the_embedded_stores_are_joined(
    databases: Any, usual_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run's own stores: they are up, so joining them is quick."""
    from tests.support.stores import FOLDER

    settings = dataclasses.replace(
        with_databases(usual_settings, reminders=None, consultation=None),
        redis_url=None,
        data_dir=Path(os.environ[FOLDER]) / "data",
    )
    with opened("reminders", "consultation", settings=settings) as services:
        names = []
        for heed in services:
            assert heed.redis.ping()
            with heed.database.begin() as session:
                names.append(session.scalar(text("SELECT current_database() || ' ' || current_user")))
    assert names == ["reminders heed_reminders", "consultation heed_consultation"]


def test_the_environment_is_read_where_no_settings_are_given(
    databases: Any, usual_settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with databases.fresh("consultation") as url:
        monkeypatch.setenv("CONSULTATION_DATABASE_URL", url)
        monkeypatch.setenv("REDIS_URL", usual_settings.redis_url or "")
        monkeypatch.setenv("HEED_DATA_DIR", str(tmp_path))
        with opened("consultation") as (heed,):
            assert heed.settings.service("consultation").database_url == url


def test_one_service_cannot_use_the_others_database(
    open_service: Callable[..., Heed], usual_settings: Settings
) -> None:
    """A login of its own: not even a wrong setting mixes criminal-justice data and public opinion."""
    reminders = open_service("reminders")
    url = reminders.config.database_url
    assert url is not None
    settings = with_databases(usual_settings, consultation=url.replace("heed_reminders", "heed_consultation"))
    with (
        pytest.raises(Exception, match="permission denied for database"),
        opened("consultation", settings=settings),
    ):
        pass


def test_nothing_stays_in_the_register_of_open_services() -> None:
    assert process._open == {}
