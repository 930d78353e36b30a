"""As root: which unprivileged user runs the stores, and a home for the cluster that this user can reach.

PostgreSQL refuses to run as root. Opening the folders above the data folder to another user would be the wrong
cure (one launcher made /root readable to all), so where that user cannot pass, the cluster and a copy of the
servers stand elsewhere and the data folder keeps a pointer to them.
"""

import json
import os
import pwd
import secrets
import shutil
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from services.common.stores import binaries
from services.common.stores.binaries import Binaries
from services.common.stores.errors import StoresError
from services.common.stores.paths import Layout, socket_folder, write_whole

# systemd empties /var/tmp of what is 30 days old, so only what belongs to a temporary data folder goes there.
LASTING_ROOT, TEMPORARY_ROOT = Path("/var/lib"), Path("/var/tmp")  # noqa: S108 -- private folders with random names
TEMPORARY = (Path("/tmp"), TEMPORARY_ROOT, Path("/private/tmp"), Path("/private/var/folders"))  # noqa: S108


@dataclass(frozen=True, slots=True)
class Account:
    """The user and group that run the stores when root asks for them."""

    uid: int
    gid: int


def demoted(account: Account | None) -> dict[str, Any]:
    """Arguments for `subprocess.Popen` that run a program as `account`, without any group of root's."""
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def choose(layout: Layout) -> Account | None:
    """None for an ordinary user, who runs the stores himself. For root: the owner of the cluster that is there, else
    of the data folder, else `nobody`. Raises StoresError where there is no such user."""
    if os.geteuid() != 0:
        return None
    place = _read_pointer(layout)["home"] if layout.pointer.exists() else layout.folder
    cluster = Path(place) / "cluster"
    if cluster.exists():
        return Account(cluster.stat().st_uid, cluster.stat().st_gid)
    owner = layout.data_dir.stat().st_uid
    # initdb wants a user with a name, so a bare number is no candidate.
    for find in (
        partial(pwd.getpwuid, owner),
        partial(pwd.getpwnam, "nobody"),
        partial(pwd.getpwnam, "daemon"),
    ):
        with suppress(KeyError):
            entry = find()
            if entry.pw_uid != 0:
                return Account(entry.pw_uid, entry.pw_gid)
    raise StoresError(
        "PostgreSQL refuses to run as root and there is no user `nobody`: run Heed as an ordinary user."
    )


def home(layout: Layout, account: Account | None) -> Path:
    """The folder for the cluster: the stores' own where `account` can reach it, else a private one elsewhere.

    Raises StoresError rather than start an empty cluster beside one that is there but cannot be used.
    """
    if layout.pointer.exists():
        return _pointed_home(layout, account)
    if account is None:
        return layout.folder
    for folder in (layout.data_dir, layout.folder):
        _let_pass(folder, account)
    if _can_enter(layout.folder, account):
        return layout.folder
    if (layout.folder / "cluster").exists():
        raise StoresError(
            f"The cluster in {layout.folder} was made when uid {account.uid} could reach that folder. "
            "Let it pass the folders above again (chmod o+x), or move the data folder."
        )
    return _new_home(layout, account)


def reachable_binaries(home: Path, account: Account | None) -> Binaries:
    """The installed servers, or a copy under `home` where `account` cannot run them where they are."""
    found = binaries.find()
    programs = (found.postgres_bin / "postgres", found.postgres_bin / "initdb", found.valkey_server)
    if account is None or all(_can_run(program, account) for program in programs):
        return found
    return binaries.copy_into(home, found)


def hand_over(layout: Layout) -> None:
    """Give what root made in another user's data folder to that user, who could not start the stores himself else."""
    owner = layout.data_dir.stat()
    if os.geteuid() != 0 or owner.st_uid == 0:
        return
    for path in (layout.folder, *layout.folder.iterdir()):
        if path.lstat().st_uid == 0:
            os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def _pointed_home(layout: Layout, account: Account | None) -> Path:
    pointer = _read_pointer(layout)
    if account is None:
        raise StoresError(
            f"Root made the stores of {layout.data_dir}: run as root, or choose another HEED_DATA_DIR."
        )
    if pointer["data_dir"] != str(layout.data_dir):
        raise StoresError(
            f"{layout.data_dir} was moved or copied from {pointer['data_dir']}, whose cluster is {pointer['home']}. "
            f"Put the folder back; or write its new place into {layout.pointer}, if it was moved and not copied."
        )
    return _make_home(Path(pointer["home"]), layout, account)


def _read_pointer(layout: Layout) -> dict[str, str]:
    content: dict[str, str] = json.loads(layout.pointer.read_text())
    return content


def _new_home(layout: Layout, account: Account) -> Path:
    temporary = any(layout.data_dir.is_relative_to(folder) for folder in TEMPORARY)
    root = TEMPORARY_ROOT if temporary else LASTING_ROOT
    place = root / f"{socket_folder(layout.data_dir).name}-{secrets.token_hex(4)}"
    # The pointer comes first: a home to which no pointer leads is an orphan and may be removed at any time.
    write_whole(layout.pointer, json.dumps({"home": str(place), "data_dir": str(layout.data_dir)}))
    return _make_home(place, layout, account)


def _make_home(place: Path, layout: Layout, account: Account) -> Path:
    place.mkdir(mode=0o700, exist_ok=True)
    if place.lstat().st_uid != 0 or place.is_symlink():
        raise StoresError(
            f"{place} does not belong to root: remove {layout.pointer} to start with an empty cluster."
        )
    (place / "data-folder").write_bytes(os.fsencode(layout.data_dir))
    _let_pass(place, account)
    return place


def remove_orphans() -> None:
    """Remove root's homes whose temporary data folder is gone: test suites leave them by the dozen, 60 MB each."""
    for place in TEMPORARY_ROOT.glob("heed-0-*") if os.geteuid() == 0 else ():
        try:
            if place.lstat().st_uid != 0:
                continue
            data_dir = Path(os.fsdecode((place / "data-folder").read_bytes()))
            owner = Layout(data_dir)
            if not owner.pointer.exists() or _read_pointer(owner)["home"] != str(place):
                for child in (place / "cluster", *place.glob("servers*")):
                    shutil.rmtree(child)
                shutil.rmtree(place)  # with the name of the folder: until then the next start tries again
        except OSError:
            continue  # half made by another start, just removed by one, or its stores are still stopping


def _let_pass(folder: Path, account: Account) -> None:
    """Let `account` walk through a folder of root's that is closed to all others; nobody may list it."""
    status = folder.stat()
    if status.st_uid == 0 and not status.st_mode & 0o077:
        os.chown(folder, -1, account.gid)
        folder.chmod(0o710)


def _can_enter(folder: Path, account: Account) -> bool:
    command = ["/bin/sh", "-c", 'cd "$1"', "sh", os.fspath(folder)]
    return _succeeds(command, account)


def _can_run(program: Path, account: Account) -> bool:
    return _succeeds([os.fspath(program), "--version"], account)


def _succeeds(command: list[str], account: Account) -> bool:
    try:
        done = subprocess.run(  # noqa: S603 -- our own programs and folders
            command,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=10,
            check=False,
            **demoted(account),
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
