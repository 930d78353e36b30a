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
        urls, redis_url = database_urls(stack, settings, *services)
        opened_here = []
        for name, url in urls.items():
            heed = Heed.of(name, settings, url, redis_url)
            stack.callback(heed.close)
            migrate(heed.database.engine, name)
            _open[name] = heed
            stack.callback(_open.pop, name, None)
            opened_here.append(heed)
        yield tuple(opened_here)


def database_urls(
    stack: ExitStack, settings: Settings, *services: ServiceName
) -> tuple[dict[ServiceName, str], str]:
    """Where these services' databases and Valkey are: as given, else the embedded ones, joined for as long as the stack stands."""
    urls = {name: settings.service(name).database_url for name in services}
    redis_url = settings.redis_url
    if redis_url is not None and None not in urls.values():
        return {name: url for name, url in urls.items() if url}, redis_url
    stores = stack.enter_context(hold(settings.data_dir))
    embedded = {"reminders": stores.reminders_database_url, "consultation": stores.consultation_database_url}
    return {name: url or embedded[name] for name, url in urls.items()}, redis_url or stores.redis_url


def _collect_seldom() -> None:
    """What is imported stays, and rows come by the hundred thousand: looking through them all for cycles took an eighth of
    the time of applying a long list, and found none."""
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def current(service: ServiceName) -> Heed:
    """The service that this process opened; for jobs, which carry ids only."""
    return _open[service]
