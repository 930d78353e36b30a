"""Starting, joining and sharing the stores, and what a caller finds in them."""

import os
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import redis
import sqlalchemy

from services.common.stores import Stores, StoresError, create_database, drop_database, hold

MARKER = "Jane-07700900123"  # stands for personal data: it must not be in any log


def connect(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


@pytest.fixture(scope="module")
def stores(settled: Path) -> Stores:
    with hold(settled) as held:
        yield held


def test_urls_reach_real_servers(stores: Stores) -> None:
    for url in (stores.reminders_database_url, stores.consultation_database_url):
        engine = sqlalchemy.create_engine(url)
        with engine.connect() as connection:
            assert connection.scalar(sqlalchemy.text("SHOW server_version_num")).startswith("18")
        engine.dispose()
    with redis.Redis.from_url(stores.redis_url) as client:
        assert client.eval("return redis.call('ping')", 0)
        assert client.info("server")["tcp_port"] == 0
        assert client.config_get("save", "appendonly") == {"save": "", "appendonly": "no"}
    assert set(stores.pids) == {"postgres", "valkey"}


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("listen_addresses", ""),
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("full_page_writes", "on"),
        ("server_encoding", "UTF8"),
        ("TimeZone", "UTC"),
        ("log_min_messages", "log"),
        ("log_error_verbosity", "terse"),
        ("log_min_error_statement", "panic"),
        ("log_parameter_max_length_on_error", "0"),
    ],
)
def test_settings(stores: Stores, setting: str, value: str) -> None:
    with connect(stores.reminders_database_url) as connection:
        found = connection.execute(f"SELECT current_setting('{setting}')").fetchone()[0]
    assert found == value


def test_the_locale_is_nobody_s(stores: Stores) -> None:
    with connect(stores.reminders_database_url) as connection:
        query = "SELECT datlocprovider, datlocale, datcollate, datctype FROM pg_database WHERE datname = 'reminders'"
        assert connection.execute(query).fetchone() == ("b", "C.UTF-8", "C.UTF-8", "C.UTF-8")


def test_letters_of_every_language_sort_and_fold(stores: Stores) -> None:
    with connect(stores.reminders_database_url) as connection:
        assert connection.execute("SELECT upper('ŵŷłș'), 'Z' < 'a'").fetchone() == ("ŴŶŁȘ", True)


def test_joining_takes_no_time(stores: Stores, settled: Path) -> None:
    began = time.monotonic()
    with hold(settled) as again:
        assert again == stores
    assert time.monotonic() - began < 1


def test_sockets_are_private_and_their_path_short(stores: Stores) -> None:
    path = Path(urlsplit(stores.redis_url).path)
    assert len(os.fsencode(path)) < 60
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.stat().st_mode) == 0o700


@pytest.mark.parametrize("database", ["consultation", "postgres", "template1"])
def test_a_service_cannot_connect_to_another_database(stores: Stores, database: str) -> None:
    url = stores.reminders_database_url.replace("/reminders?", f"/{database}?")
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        connect(url)


def test_a_made_database_belongs_to_its_service_alone(stores: Stores) -> None:
    url = create_database(stores, "reminders", "made")
    try:
        with connect(url) as connection:
            connection.execute("CREATE TABLE kept (id int); INSERT INTO kept VALUES (7)")
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            connect(url.replace("heed_reminders", "heed_consultation"))
        copy = create_database(stores, "reminders", "copied", template="made")
        with connect(copy) as connection:
            assert connection.execute("SELECT id FROM kept").fetchone() == (7,)
            drop_database(stores, "copied")  # with the connection open
        with pytest.raises(psycopg.OperationalError, match="does not exist"):
            connect(copy)
        with pytest.raises(StoresError, match="already exists"):
            create_database(stores, "reminders", "made")
    finally:
        drop_database(stores, "made")
    drop_database(stores, "made")


@pytest.mark.parametrize(
    "name", ["", "Upper", 'x"; DROP DATABASE reminders', "x" * 64, "1st", "reminders", "postgres"]
)
def test_names_that_are_not_for_a_made_database(stores: Stores, name: str) -> None:
    with pytest.raises(ValueError, match="database"):
        drop_database(stores, name)


def test_logs_hold_no_row_data(stores: Stores, settled: Path) -> None:
    with connect(stores.reminders_database_url) as connection:
        connection.execute("CREATE TEMP TABLE person (mobile text UNIQUE, born date)")
        for statement in (
            f"INSERT INTO person VALUES ('{MARKER}', '1990-01-01'), ('{MARKER}', '1990-01-01')",
            f"INSERT INTO person VALUES ('1', '{MARKER}')",
            f"SELECT '{MARKER}'::int / 0",
            f"DO $$ BEGIN RAISE WARNING '{MARKER}'; END $$",
            f"SELECT '{MARKER}' FROM set_config('log_statement', 'all', false)",
        ):
            try:
                connection.execute(statement)
            except psycopg.Error:
                continue
        with pytest.raises(psycopg.Error):
            connection.execute("INSERT INTO person VALUES (%s, %s)", (MARKER, MARKER))
    with redis.Redis.from_url(stores.redis_url) as client:
        client.set(MARKER, MARKER)
        client.delete(MARKER)
    for log in settled.glob("stores/*.log"):
        assert MARKER not in log.read_text()
        assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_four_starts_at_once_in_an_odd_folder_and_environment(fresh, stores: Stores, tools) -> None:
    """They share one start, beside another folder's stores. The path is longer than a socket's may be and has
    letters that need care; the locale is on no system; PG* variables point elsewhere."""
    data_dir = fresh("a folder, with 'quotes' & ŵ/" + "long" * 20 + "/" + "path" * 20)
    odd = {
        "LANG": "xx_YY.UTF-8",
        "LC_ALL": "nonsense",
        "PGOPTIONS": "-c nonsense=1",
        "PGPORT": "1",
        "PGUSER": "x",
    }
    environment = {**os.environ, **odd, "PYTHONPATH": tools.PATH, "TMPDIR": "/nonexistent"}
    assert len(os.fsencode(data_dir)) > 108
    with tools.holding(data_dir, 4, env=environment) as holders:
        assert len({tuple(holder.held["pids"].items()) for holder in holders}) == 1
        assert len(tools.supervisors(data_dir)) == 1
        assert not set(holders[0].held["pids"].values()) & set(stores.pids.values())
        with connect(holders[0].held["reminders_database_url"]) as connection:
            assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)


def test_secrets_of_the_caller_stay_with_the_caller(settled: Path, stores: Stores, tools) -> None:
    """The stores outlive the command that started them; its environment must not live on in theirs."""
    supervisor = tools.supervisors(settled)[0]
    for pid in (supervisor, *stores.pids.values()):
        names = {
            entry.split(b"=")[0] for entry in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0") if entry
        }
        assert names <= {b"PATH", b"HOME", b"LD_LIBRARY_PATH", b"PYTHONPATH", b"PYTHONUTF8", b"LC_ALL", b"TZ"}


def test_the_supervisor_needs_the_standard_library_alone(tools) -> None:
    script = (
        "import sys, services.common.stores.supervisor; names = {name.split('.')[0] for name in sys.modules}; "
        "print(names - set(sys.stdlib_module_names) - {'services', '__main__'})"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(tools.ROOT)!r}); {script}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "set()"


def test_a_folder_that_cannot_be_one(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(StoresError, match="set HEED_DATA_DIR to a folder of your own"),
        hold(tmp_path / "file"),
    ):
        pass


def test_a_cluster_that_cannot_start_says_where_to_look(fresh, tools) -> None:
    data_dir = fresh()
    cluster = data_dir / "stores" / "cluster"
    cluster.mkdir(parents=True)
    (cluster / "PG_VERSION").write_text("9\n")
    data_dir.chmod(0o755)
    if os.geteuid() == 0:
        (data_dir / "stores").chmod(0o755)
        data_dir.parent.chmod(0o755)
    began = time.monotonic()
    with pytest.raises(StoresError) as caught, hold(data_dir):
        pass
    assert time.monotonic() - began < 20
    assert str(data_dir) in str(caught.value)
    assert "HEED_DATA_DIR" in str(caught.value) or "REDIS_URL" in str(caught.value)
    tools.until(lambda: not tools.supervisors(data_dir))


def test_a_stranger_in_the_place_of_the_sockets_is_refused(tmp_path: Path) -> None:
    from services.common.stores.paths import prepare_socket_folder

    (tmp_path / "link").symlink_to(tmp_path)
    (tmp_path / "file").touch()
    for name in ("link", "file"):
        with pytest.raises((StoresError, FileExistsError)):
            prepare_socket_folder(tmp_path / name, None)


def test_a_socket_that_was_cleaned_away_comes_back(settled: Path, stores: Stores, tools) -> None:
    path = Path(urlsplit(stores.redis_url).path)
    path.unlink()

    def answers() -> bool:
        with socket.socket(socket.AF_UNIX) as client:
            return client.connect_ex(os.fspath(path)) == 0

    tools.until(answers)
    with hold(settled) as again:
        assert again.redis_url == stores.redis_url
