"""What a command gets when it holds the stores, and how the supervisor hands it over."""

import json
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

from services.common.stores.paths import write_whole

PORT = 5432  # only part of the socket's name; PostgreSQL listens on no network
ROLES = {"reminders": "heed_reminders", "consultation": "heed_consultation"}


@dataclass(frozen=True, slots=True)
class Stores:
    """The URLs of running stores and their process numbers (`postgres` and `valkey`)."""

    reminders_database_url: str
    consultation_database_url: str
    redis_url: str
    pids: dict[str, int]


def postgres_socket(folder: Path) -> Path:
    """The socket that PostgreSQL makes in its socket folder."""
    return folder / f".s.PGSQL.{PORT}"


def valkey_socket(folder: Path) -> Path:
    """The socket that Valkey makes in the socket folder."""
    return folder / "valkey.sock"


def database_url(folder: Path, service: str, name: str) -> str:
    """The SQLAlchemy URL of a database on the socket in `folder`, as the service's role."""
    return f"postgresql+psycopg://{ROLES[service]}@/{name}?host={quote(str(folder))}&port={PORT}"


def socket_folder_of(stores: Stores) -> Path:
    """The socket folder that the URLs name."""
    return Path(parse_qs(urlsplit(stores.reminders_database_url).query)["host"][0])


def at(folder: Path, pids: dict[str, int]) -> Stores:
    """The stores whose sockets stand in `folder`."""
    return Stores(
        database_url(folder, "reminders", "reminders"),
        database_url(folder, "consultation", "consultation"),
        f"unix://{quote(str(valkey_socket(folder)))}?db=0",
        pids,
    )


def write(path: Path, sockets: Path, pids: dict[str, int]) -> None:
    """Tell the commands where the stores are."""
    write_whole(path, json.dumps({"sockets": str(sockets), "pids": pids}))


def read(path: Path) -> Stores:
    """The stores that the state file describes. True only while `ready.lock` is held. Raises FileNotFoundError."""
    content = json.loads(path.read_text())
    return at(Path(content["sockets"]), content["pids"])
