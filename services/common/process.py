"""Opening a service in a process: given URLs, or the embedded stores joined for as long as the block lasts."""

import gc
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from services.common.context import Heed
from services.common.migrations import migrate
from services.common.settings import ServiceName, Settings, load
from services.common.stores import hold

_open: dict[ServiceName, Heed] = {}


@contextmanager
def opened(*services: ServiceName, settings: Settings | None = None) -> Iterator[tuple[Heed, ...]]:
    """Open services with their schema up to date; jobs of this process find them through `current`."""
    settings = settings or load(*services)
    _collect_seldom()
    with ExitStack() as stack:
        urls = {name: settings.service(name).database_url for name in services}
        redis_url = settings.redis_url
        if redis_url is None or None in urls.values():
            stores = stack.enter_context(hold(settings.data_dir))
            embedded = {
                "reminders": stores.reminders_database_url,
                "consultation": stores.consultation_database_url,
            }
            urls = {name: url or embedded[name] for name, url in urls.items()}
            redis_url = redis_url or stores.redis_url
        opened_here = []
        for name, url in urls.items():
            assert url is not None  # noqa: S101 - filled above
            heed = Heed.of(name, settings, url, redis_url)
            stack.callback(heed.close)
            migrate(heed.database.engine, name)
            _open[name] = heed
            stack.callback(_open.pop, name, None)
            opened_here.append(heed)
        yield tuple(opened_here)


def _collect_seldom() -> None:
    """What is imported stays, and rows come by the hundred thousand: looking through them all for cycles took an eighth of
    the time of applying a long list, and found none."""
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def current(service: ServiceName) -> Heed:
    """The service that this process opened; for jobs, which carry ids only."""
    return _open[service]
