"""A second PostgreSQL that holds whatever the first one has committed, and takes its place and address when the first is lost."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from services.common.stores.account import choose, home, reachable_binaries
from services.common.stores.binaries import find
from services.common.stores.databases import SUPERUSER
from services.common.stores.paths import prepare, prepare_socket_folder, socket_folder
from services.common.stores.postgres import postgres
from services.common.stores.processes import Context
from services.common.stores.state import PORT, postgres_socket
from services.common.stores.store import Store
from tests.faults.outages import while_sending
from tests.faults.stores import OwnStores
from tests.faults.town import READY_WITHIN
from tests.faults.trials import Campaign, Trial


def failover(campaign: Campaign, own: OwnStores, folder: Path) -> Iterator[Trial]:
    """The primary dies in the midst of sending, and its synchronous replica is promoted."""
    with _replica(own, folder) as replica:
        yield while_sending(
            campaign, "PostgreSQL lost, its replica promoted", lambda: _promote(own, replica), 1
        )


@contextmanager
def _replica(own: OwnStores, folder: Path) -> Iterator[Store]:
    """A copy that follows; from then on nothing is committed that it has not."""
    layout = prepare(folder)
    account, sockets = choose(layout), socket_folder(layout.data_dir)
    context = Context(account, sockets, lambda: False)
    prepare_socket_folder(sockets, context.owner)
    place = home(layout, account)
    _copy(own, place / "cluster", context.owner)
    follower = postgres(layout, place, reachable_binaries(place, account), context)
    try:
        follower.start()
        with _asked(own.sockets) as primary:
            primary.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
            primary.execute("SELECT pg_reload_conf()")
            following = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"
            if not context.wait_until(lambda: primary.execute(following).fetchone() == (1,), READY_WITHIN):
                raise RuntimeError("the replica does not follow")
        yield follower
    finally:
        follower.stop()


def _copy(own: OwnStores, cluster: Path, owner: tuple[int, int] | None) -> None:
    subprocess.run(
        [
            find().postgres_bin / "pg_basebackup",
            *("--host", own.sockets, "--port", str(PORT), "--username", SUPERUSER),
            *("--pgdata", cluster, "--write-recovery-conf", "--checkpoint", "fast"),
        ],
        check=True,
        capture_output=True,
        timeout=READY_WITHIN,
    )
    for path in (cluster, *cluster.rglob("*")) if owner else ():
        shutil.chown(path, *owner)


def _promote(own: OwnStores, replica: Store) -> None:
    """Immediate shutdown, as when a machine is gone; then the same address leads to the other."""
    own.postgres.stop(gently=False)
    with _asked(replica.context.sockets) as new:
        new.execute("SELECT pg_promote(true, 60)")
    address = postgres_socket(own.sockets)
    address.unlink(missing_ok=True)
    address.symlink_to(postgres_socket(replica.context.sockets))


def _asked(sockets: Path) -> psycopg.Connection:
    return psycopg.connect(host=str(sockets), port=PORT, user=SUPERUSER, dbname="postgres", autocommit=True)
