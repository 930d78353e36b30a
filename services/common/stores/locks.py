"""Advisory locks on files (`flock`): the kernel lets go of them when their last holder dies, however it dies.

Every lock file of a data folder, and who holds it:

* `holders.lock`: shared by every command that uses the stores; exclusive by the supervisor while it stops them;
* `supervisor.lock`: exclusive by the one supervisor, from the command that starts it to its end;
* `ready.lock`: exclusive by the supervisor while both stores answer and `state.json` describes them;
* `postgres.lock`, `valkey.lock`: exclusive and *inherited* by the store and all that it forks, so whoever gets it
  knows that nothing of the former store lives. A process number in a file cannot say that.
"""

import fcntl
import os
from pathlib import Path


def open_lock(path: Path) -> int:
    """A new descriptor for the lock file, made if missing (mode 0600), closed on exec, not yet locked."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)


def try_lock(fd: int, kind: int) -> bool:
    """Take the lock (`fcntl.LOCK_SH` or `fcntl.LOCK_EX`) without waiting; False where another holds it.

    Raises OSError where the file system has no locks.
    """
    try:
        fcntl.flock(fd, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def try_exclusive(path: Path) -> int | None:
    """A descriptor that holds the exclusive lock, or None where another process holds it."""
    fd = open_lock(path)
    if try_lock(fd, fcntl.LOCK_EX):
        return fd
    os.close(fd)
    return None


def is_held(path: Path) -> bool:
    """Whether any process holds the exclusive lock."""
    fd = open_lock(path)
    try:
        return not try_lock(fd, fcntl.LOCK_SH)
    finally:
        os.close(fd)


def is_same_file(fd: int, path: Path) -> bool:
    """Whether `path` still names the open file: False once its folder was deleted, moved or made anew."""
    try:
        return os.path.samestat(os.fstat(fd), path.stat())
    except (FileNotFoundError, NotADirectoryError):
        return False
