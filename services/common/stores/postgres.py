"""The embedded PostgreSQL: how its cluster is made, set and stopped."""

import locale
import os
import shutil
from functools import partial
from pathlib import Path
from signal import SIGINT, SIGKILL, SIGQUIT

from services.common.stores.binaries import Binaries
from services.common.stores.databases import SUPERUSER
from services.common.stores.errors import StoresError, with_log
from services.common.stores.leftovers import exclusive_when_dead
from services.common.stores.paths import Layout, prepare_socket_folder
from services.common.stores.processes import Context
from services.common.stores.state import PORT, postgres_socket
from services.common.stores.store import Store

INITDB_SECONDS = 120.0

# Given on the command line at each start, so that an old cluster gets a new release's settings.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": str(PORT),
    "max_connections": "200",
    "shared_buffers": "64MB",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Three processes fewer; a laptop's tables are in memory.
    "io_method": "sync",
    "max_logical_replication_workers": "0",
    # Personal data never reaches the log. An error's first line can quote a value ('invalid input syntax for type
    # date: "..."'), so errors are not logged at all: `log` stands above `error` here. Terse drops the detail of a
    # crash, which quotes the statement.
    "log_min_messages": "log",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_checkpoints": "off",
    "logging_collector": "off",
}


def postgres(layout: Layout, home: Path, binaries: Binaries, context: Context) -> Store:
    """The store on the cluster in `home`, which is made first where there is none. Raises StoresError, Interrupted."""
    cluster = home / "cluster"
    if not cluster.exists():
        _initialise(layout, home, binaries, context)
    settings = SETTINGS | {
        "unix_socket_directories": os.fspath(context.sockets),
        "cluster_name": context.sockets.name,  # in every process title, for people and for `leftovers`
    }
    options = [option for name, value in settings.items() for option in ("-c", f"{name}={value}")]
    return Store(
        name="PostgreSQL",
        context=context,
        command=[os.fspath(binaries.postgres_bin / "postgres"), "-D", os.fspath(cluster), *options],
        program="postgres",
        socket=postgres_socket(context.sockets),
        lock=layout.lock("postgres"),
        log=layout.log("postgres"),
        # Fast (cuts connections, writes a checkpoint), then immediate (recovers at the next start).
        stop_signals=((SIGINT, 20.0), (SIGQUIT, 5.0), (SIGKILL, 5.0)),
        answers=partial(_is_ready, cluster / "postmaster.pid"),
        tidy=partial(_tidy, cluster, context),
    )


def _initialise(layout: Layout, home: Path, binaries: Binaries, context: Context) -> None:
    """Make the cluster under another name and rename it when it is whole: a killed initdb leaves no half of one."""
    new, log = home / "cluster.new", layout.log("postgres")
    lock = exclusive_when_dead(context, layout.lock("postgres"), "postgres")
    try:
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        if context.account is not None:
            os.chown(new, context.account.uid, context.account.gid)
        command = [os.fspath(binaries.postgres_bin / "initdb"), "-D", os.fspath(new), "-U", SUPERUSER]
        command += ["--encoding=UTF8", f"--locale={_system_locale()}"]
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        command += ["--auth-local=trust", "--auth-host=reject"]
        process = context.spawn(command, log, lock, SIGKILL)
        try:
            done = context.wait_until(lambda: process.poll() is not None, INITDB_SECONDS)
        finally:
            process.kill()
            process.wait()
        if not done or process.returncode != 0:
            raise StoresError(with_log("The PostgreSQL cluster could not be made.", log))
        new.rename(home / "cluster")
        _sync(home)
    finally:
        os.close(lock)


def _system_locale() -> str:
    """C.UTF-8, or C where the system has no such locale (macOS, old Linux).

    Sorting and letters come from PostgreSQL's own C.UTF-8 either way, and nothing from the caller's LANG.
    """
    try:
        locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    except locale.Error:
        return "C"
    return "C.UTF-8"


def _is_ready(pid_file: Path, pid: int) -> bool:
    """What `pg_ctl --wait` looks at: the last line of postmaster.pid, of this very process."""
    try:
        lines = pid_file.read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"


def _tidy(cluster: Path, context: Context) -> None:
    """Remove a killed postmaster's lock files: it would not start if another process had its number by now."""
    prepare_socket_folder(context.sockets, context.owner)
    socket = postgres_socket(context.sockets)
    for path in (cluster / "postmaster.pid", socket, socket.with_name(f"{socket.name}.lock")):
        path.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
