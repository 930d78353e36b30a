"""What every test stands on: real PostgreSQL and Valkey, a fresh database a test, the sandbox carrier over real HTTP.

No test reaches beyond this machine, none reads the developer's environment, and none depends on another.

| fixture | gives |
|---|---|
| `reminders`, `consultation` | an opened service (`Heed`) on a fresh database, in sandbox mode |
| `open_service` | the same by name, with settings changed: `open_service("reminders", mode="trial", ...)` |
| `changes` | the settings that differ; override it or parametrize it to change `reminders` and `consultation` |
| `carrier` | the sandbox carrier behind the services' carrier address, its webhooks going to their applications |
| `sandbox_options` | how that carrier differs from the usual one; override or parametrize |
| `sites` | each service's address, application (`.app`) and test client (`.client()`) |
| `key` | makes an API key: `key(heed, "hearings:read")` answers the headers that carry it |
| `environment_of` | the environment in which another process opens the same service |
| `odd_server` | a server on loopback that cuts, stalls and talks rubbish |
| `said` | what Heed's logger says during the test |
| `until` | waits for what another thread does |
"""

import dataclasses
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from redis import Redis

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # the suite imports test files without packages; helpers are a package

from services.common import keys, process  # noqa: E402
from services.common.context import Heed  # noqa: E402
from services.common.settings import (  # noqa: E402
    SANDBOX_SENDERS,
    SERVICES,
    ServiceName,
    Settings,
    load,
    new_encryption_key,
    new_index_key,
)
from tests.support import stores as shared_stores  # noqa: E402
from tests.support.command import Command, installed  # noqa: E402
from tests.support.odd_server import OddServer, Reply  # noqa: E402
from tests.support.sandbox import Sandbox  # noqa: E402
from tests.support.sandbox import until as wait_until  # noqa: E402
from tests.support.served import Served  # noqa: E402
from tests.support.sites import Site  # noqa: E402

OURS = ("HEED_", "REMINDERS_", "CONSULTATION_", "SANDBOX_", "TWILIO_", "REDIS_URL")
LOOPBACK = "127.0.0.1,::1,localhost"

# A run in CI repeats itself exactly; a developer's run looks for new examples.
hypothesis_settings.register_profile(
    "heed",
    max_examples=40,
    deadline=None,
    derandomize="CI" in os.environ,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
hypothesis_settings.load_profile("heed")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Close the network but for this machine, and forget the developer's settings (before pytest-socket reads its own)."""
    config.option.allow_hosts, config.option.allow_unix_socket = LOOPBACK, True
    for name in [name for name in os.environ if name.startswith(OURS)]:
        del os.environ[name]
    os.environ |= {"NO_PROXY": LOOPBACK, "no_proxy": LOOPBACK}
    # Plain tracebacks: structlog's own default draws them in colour, which takes a second for a deep one.
    renderer = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[structlog.stdlib.add_log_level, renderer])
    if not hasattr(config, "workerinput"):
        os.environ[shared_stores.FOLDER] = str(shared_stores.choose_folder())


def pytest_unconfigure(config: pytest.Config) -> None:
    """The last one out removes the stores."""
    if not hasattr(config, "workerinput"):
        shared_stores.remove_folder(Path(os.environ.pop(shared_stores.FOLDER)))


@pytest.fixture(scope="session")
def databases(worker_id: str) -> Iterator[shared_stores.Databases]:
    """Makes databases on the run's PostgreSQL."""
    with shared_stores.held(Path(os.environ[shared_stores.FOLDER])) as stores:
        yield shared_stores.Databases(stores, worker_id)


@pytest.fixture(scope="session")
def worker_id(request: pytest.FixtureRequest) -> str:
    """ "gw0" under pytest-xdist, "main" without."""
    return str(getattr(request.config, "workerinput", {}).get("workerid", "main"))


@pytest.fixture(scope="session")
def _redis_url(databases: shared_stores.Databases, worker_id: str) -> str:
    number = 1 + int(worker_id.removeprefix("gw")) % 15 if worker_id.startswith("gw") else 1
    return databases.stores.redis_url.replace("?db=0", f"?db={number}")


@pytest.fixture
def valkey(_redis_url: str) -> Iterator[Redis]:
    """This worker's own Valkey database, empty."""
    with Redis.from_url(_redis_url) as client:
        client.flushdb()
        yield client
        client.flushdb()


@pytest.fixture(scope="session")
def _places() -> Iterator[dict[str, Served]]:
    """Addresses that stay for the whole run: the carrier's and both services'."""
    places = {name: Served() for name in ("sandbox", *SERVICES)}
    yield places
    for place in places.values():
        place.stop()


@pytest.fixture(scope="session")
def usual_settings(
    _places: dict[str, Served], _redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Settings:
    """Sandbox mode's settings, with keys of this run's own."""
    environment = {
        "HEED_DATA_DIR": str(tmp_path_factory.mktemp("data")),
        "REDIS_URL": _redis_url,
        "TWILIO_API_BASE_URL": _places["sandbox"].url,
    }
    for name in SERVICES:
        prefix = name.upper()
        environment |= {
            f"{prefix}_PUBLIC_URL": _places[name].url,
            f"{prefix}_ENCRYPTION_KEYS": new_encryption_key(),
            f"{prefix}_INDEX_KEY": new_index_key(),
        }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        return load()


@pytest.fixture
def changes() -> dict[str, Any]:
    """The settings that differ from the usual ones: none, unless a test says so."""
    return {}


@pytest.fixture
def sites(_places: dict[str, Served]) -> Iterator[dict[ServiceName, Site]]:
    """Each service's address and application, once it is open."""
    found = {name: Site(name, _places[name]) for name in SERVICES}
    yield found
    for site in found.values():
        site.close()


@pytest.fixture
def open_service(
    databases: shared_stores.Databases,
    usual_settings: Settings,
    valkey: Redis,
    sites: dict[ServiceName, Site],
    changes: dict[str, Any],
) -> Iterator[Callable[..., Heed]]:
    """Opens a service on a fresh database: settings by name, and the service's own (sender, public_url …) too."""
    with ExitStack() as stack:

        def open_(name: ServiceName, **more: Any) -> Heed:
            different = changes | more
            url = stack.enter_context(databases.fresh(name))
            own = {field.name for field in dataclasses.fields(usual_settings.service(name))}
            service = dataclasses.replace(
                usual_settings.service(name),
                database_url=url,
                **{key: value for key, value in different.items() if key in own},
            )
            settings = dataclasses.replace(
                usual_settings,
                services={**usual_settings.services, name: service},
                **{key: value for key, value in different.items() if key not in own},
            )
            (heed,) = stack.enter_context(process.opened(name, settings=settings))
            sites[name].open(heed)
            stack.callback(sites[name].close)
            return heed

        yield open_


@pytest.fixture
def reminders(open_service: Callable[..., Heed]) -> Heed:
    """Reminders, opened; jobs find it through `process.current`."""
    return open_service("reminders")


@pytest.fixture
def consultation(open_service: Callable[..., Heed]) -> Heed:
    """Consultation, opened; jobs find it through `process.current`."""
    return open_service("consultation")


@pytest.fixture
def sandbox_options() -> dict[str, Any]:
    """How the carrier differs from the usual one (services.sandbox.config.Config)."""
    return {}


@pytest.fixture
def carrier(
    _places: dict[str, Served], usual_settings: Settings, sandbox_options: dict[str, Any]
) -> Iterator[Sandbox]:
    """The sandbox carrier at the address where the opened services look for theirs."""
    from services.sandbox.config import Config, Sender

    config = Config(
        account_sid=usual_settings.account_sid,
        auth_tokens=usual_settings.auth_tokens,
        senders=tuple(
            Sender(SANDBOX_SENDERS[name], name, f"{_places[name].url}/twilio/inbound") for name in SERVICES
        ),
        delay_seconds=0.01,
        slow_seconds=0.5,
        backoff_seconds=(0.02, 0.03),
        callback_threads=4,
    )
    sandbox = Sandbox(dataclasses.replace(config, **sandbox_options), _places["sandbox"])
    yield sandbox
    sandbox.stop()


@pytest.fixture
def key() -> Callable[..., dict[str, str]]:
    """Makes an API key with these scopes and answers the headers that carry it."""

    def make(heed: Heed, *scopes: str) -> dict[str, str]:
        with heed.database.begin() as session:
            _, secret = keys.add(session, list(scopes), "test", "test")
        return {"Authorization": f"Bearer {secret}"}

    return make


@pytest.fixture(scope="session")
def environment_of() -> Callable[[Heed, Path], dict[str, str]]:
    """The environment in which another process opens the same service, on a data folder of its own."""

    def make(heed: Heed, data_dir: Path) -> dict[str, str]:
        prefix, settings, own = heed.service.upper(), heed.settings, heed.config
        return {
            "HEED_DATA_DIR": str(data_dir),
            "REDIS_URL": settings.redis_url or "",
            "TWILIO_API_BASE_URL": settings.carrier_url,
            f"{prefix}_DATABASE_URL": own.database_url or "",
            f"{prefix}_PUBLIC_URL": own.public_url,
            f"{prefix}_ENCRYPTION_KEYS": own.encryption_keys,
            f"{prefix}_INDEX_KEY": own.index_key,
        }

    return make


@pytest.fixture
def odd_server() -> Iterator[Callable[..., OddServer]]:
    """Starts servers that answer each request with the next of the given replies."""
    started: list[OddServer] = []

    def start(*replies: Reply) -> OddServer:
        started.append(OddServer(*replies))
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def said() -> Iterator[list[dict[str, Any]]]:
    """What Heed's own logger says during the test, line by line."""
    with structlog.testing.capture_logs() as lines:
        yield lines


@pytest.fixture(scope="session")
def until() -> Callable[..., Any]:
    """Waits for something true and returns it: `until(lambda: …, seconds=5)`."""
    return wait_until


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return ROOT


@pytest.fixture
def heed(
    capsys: pytest.CaptureFixture[str],
    databases: shared_stores.Databases,
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
