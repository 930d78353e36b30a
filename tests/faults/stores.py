"""A PostgreSQL and a Valkey of the campaign's own, from the embedded binaries, that it can stop and start at will.

The embedded default's supervisor would start at once what has been stopped, so the campaign runs the same programs itself.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.common.stores import databases, state
from services.common.stores.account import choose, hand_over, home, reachable_binaries
from services.common.stores.paths import prepare, prepare_socket_folder, socket_folder
from services.common.stores.postgres import postgres
from services.common.stores.processes import Context
from services.common.stores.state import Stores
from services.common.stores.store import Store
from services.common.stores.valkey import valkey


class OwnStores:
    """Both stores. Start and stop them from the thread that made them: the kernel ends them when it ends."""

    def __init__(self, postgres: Store, valkey: Store, sockets: Path) -> None:
        self.postgres, self.valkey = postgres, valkey
        self.sockets = sockets
        self._thread = threading.get_ident()

    @property
    def addresses(self) -> Stores:
        """Where they are."""
        return state.at(self.sockets, {})

    def restart_postgres(self, *, gently: bool) -> None:
        """Stop it fast (connections are cut, a checkpoint is written) or at once (as in a crash), and start it."""
        assert threading.get_ident() == self._thread
        self.postgres.stop(gently=gently)
        self.postgres.start()


@contextmanager
def own_stores(folder: Path) -> Iterator[OwnStores]:
    """Start both in a folder, which every user may enter, and stop them at the block's end."""
    layout = prepare(folder)
    account, sockets = choose(layout), socket_folder(layout.data_dir)
    context = Context(account, sockets, lambda: False)
    prepare_socket_folder(sockets, context.owner)
    place = home(layout, account)
    binaries = reachable_binaries(place, account)
    own = OwnStores(postgres(layout, place, binaries, context), valkey(layout, binaries, context), sockets)
    try:
        own.valkey.start()
        own.postgres.start()
        databases.set_up(sockets)
        hand_over(layout)
        yield own
    finally:
        own.postgres.stop()
        own.valkey.stop()
