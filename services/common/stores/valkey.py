"""The embedded Valkey: it holds nothing that may be lost, so it keeps nothing on disk."""

import os
import socket
from functools import partial
from pathlib import Path
from signal import SIGKILL, SIGTERM

from services.common.stores.binaries import Binaries
from services.common.stores.paths import Layout, prepare_socket_folder
from services.common.stores.processes import Context
from services.common.stores.state import valkey_socket
from services.common.stores.store import Store

SETTINGS = {
    "port": "0",
    "unixsocketperm": "700",
    "daemonize": "no",
    "save": "",
    "appendonly": "no",
    "shutdown-on-sigterm": "nosave now force",
    "maxmemory-policy": "noeviction",  # RQ's queues must fail loudly, not lose jobs
    # A crash report would print the arguments of the clients' commands.
    "hide-user-data-from-log": "yes",
    "crash-log-enabled": "no",
    "crash-memcheck-enabled": "no",
}


def valkey(layout: Layout, binaries: Binaries, context: Context) -> Store:
    """The store, on a socket beside PostgreSQL's."""
    path = valkey_socket(context.sockets)
    settings = SETTINGS | {"unixsocket": os.fspath(path), "dir": os.fspath(context.sockets)}
    options = [option for name, value in settings.items() for option in (f"--{name}", value)]
    return Store(
        name="Valkey",
        context=context,
        command=[os.fspath(binaries.valkey_server), *options],
        program="valkey-server",
        socket=path,
        lock=layout.lock("valkey"),
        log=layout.log("valkey"),
        stop_signals=((SIGTERM, 5.0), (SIGKILL, 5.0)),
        answers=partial(_answers_ping, path),
        tidy=partial(_tidy, path, context),
    )


def _answers_ping(path: Path, pid: int) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1.0)
            client.connect(os.fspath(path))
            client.sendall(b"PING\r\n")
            return client.recv(7) == b"+PONG\r\n"
    except OSError:
        return False


def _tidy(path: Path, context: Context) -> None:
    prepare_socket_folder(context.sockets, context.owner)
    path.unlink(missing_ok=True)
