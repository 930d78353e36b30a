"""A service that was lost, opened again from its backup in an empty database."""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.common import process
from services.common.backup.restore import restore
from services.common.backup.take import sealing
from services.common.context import Heed
from tests.support.stores import Databases


@contextmanager
def restored(lost: Heed, databases: Databases, path: Path) -> Iterator[Heed]:
    """Restore the file, and open the service there in place of the lost one; jobs find it."""
    with databases.empty(lost.service) as url:
        own = dataclasses.replace(lost.config, database_url=url)
        settings = dataclasses.replace(lost.settings, services={lost.service: own})
        empty = Heed.of(lost.service, settings, url, lost.settings.redis_url or "")
        restore(empty.database.engine, lost.service, path, sealing(lost), "person:ann")
        empty.close()
        with process.opened(lost.service, settings=settings) as (heed,):
            yield heed
        process._open[lost.service] = lost
