"""Where things stand inside a data folder, and the short folder for sockets outside it."""

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from services.common.stores.errors import StoresError

# Not tempfile.gettempdir(): two commands with different TMPDIR must find the same sockets, and macOS gives a
# folder so long that little of the 104 bytes of a socket path is left.
SOCKETS_ROOT = Path("/tmp")  # noqa: S108 -- the folder made in it is private and its owner is checked


@dataclass(frozen=True, slots=True)
class Layout:
    """The files of one data folder's stores; `data_dir` is absolute and without links."""

    data_dir: Path

    @property
    def folder(self) -> Path:
        """Everything of the stores inside the data folder."""
        return self.data_dir / "stores"

    @property
    def state(self) -> Path:
        """What the running supervisor tells the commands that join."""
        return self.folder / "state.json"

    @property
    def failure(self) -> Path:
        """Why the last start failed, for the command that asked for it."""
        return self.folder / "failure.txt"

    @property
    def pointer(self) -> Path:
        """Says where the cluster is when PostgreSQL's user cannot reach this folder."""
        return self.folder / "elsewhere.json"

    def lock(self, name: str) -> Path:
        """The lock file of that name (see `locks`)."""
        return self.folder / f"{name}.lock"

    def log(self, name: str) -> Path:
        """The log of the supervisor or of a store."""
        return self.folder / f"{name}.log"


def prepare(data_dir: Path) -> Layout:
    """Make the data folder (mode 0700 where missing; root's becomes 0710, `account.py`) and the stores' folder in it. Raises OSError."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    layout = Layout(data_dir.resolve())
    layout.folder.mkdir(mode=0o700, exist_ok=True)
    return layout


def write_whole(path: Path, text: str) -> None:
    """Replace a small file in one step: nobody reads half of it, and a crash leaves the old one or the new one."""
    new = path.with_name(f"{path.name}.new")
    with new.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def socket_folder(data_dir: Path) -> Path:
    """The folder for both sockets: about 30 bytes, from the user and a hash of the data folder.

    The folder's own identity (device and inode) is part of the hash, so that a folder which was deleted and made
    again at the same path never meets the sockets of stores that are still stopping.
    """
    status = data_dir.stat()
    key = os.fsencode(data_dir) + f":{status.st_dev}:{status.st_ino}".encode()
    return SOCKETS_ROOT / f"heed-{os.geteuid()}-{hashlib.sha256(key).hexdigest()[:12]}"


def prepare_socket_folder(folder: Path, owner: tuple[int, int] | None) -> None:
    """Make the socket folder with mode 0700, belonging to `owner` (uid, gid; None: this user).

    Everybody may write where it stands, so a folder, file or link that somebody else put there is refused:
    raises StoresError.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    if owner is not None and (status.st_uid, status.st_mode) == (owner[0], stat.S_IFDIR | 0o700):
        return
    # Root changes only what is root's own: a folder of another user could become a link in the meantime.
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
        raise StoresError(f"{folder} belongs to another user: remove it, or choose another HEED_DATA_DIR.")
    folder.chmod(0o700)
    if owner is not None:
        os.chown(folder, *owner)
