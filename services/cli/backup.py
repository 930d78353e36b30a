"""`heed backup` and `heed restore`."""

from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import click

from services.cli.output import BadInput, by_option, show_json
from services.cli.output import as_json as json_option
from services.common.backup.nightly import keep_taking
from services.common.backup.restore import restore as restore_into
from services.common.backup.restore import service_of
from services.common.backup.sealing import Unreadable
from services.common.backup.take import take
from services.common.crypto import Cipher
from services.common.database import Database
from services.common.logs import configure
from services.common.process import database_urls, opened
from services.common.settings import SERVICES, ServiceName, load
from services.running.stack import Stop

SERVICE = click.option("--service", type=click.Choice(SERVICES), help="One service alone; both if left out.")


@click.command()
@click.option(
    "--to", "folder", type=click.Path(path_type=Path), required=True, help="The folder; it is made."
)
@SERVICE
@click.option(
    "--keep", type=click.IntRange(min=1), help="Remove the oldest files of a service beyond so many."
)
@click.option(
    "--nightly",
    "at",
    type=click.DateTime(["%H:%M"]),
    metavar="HH:MM",
    help="Stay, and take one every night at this hour of London's; at once where the last night has none.",
)
@by_option
@json_option
def backup(
    folder: Path, service: ServiceName | None, keep: int | None, at: datetime | None, by: str, as_json: bool
) -> None:
    """Write each service's database as it stands now into one file, and read it back."""
    names = [service] if service else SERVICES
    if at:
        configure(load(*names).log_level, process="backup")
        stop = Stop()
    with opened(*names) as services:
        if at:
            keep_taking(services, folder, keep, at.time(), by, lambda: stop.asked)
            return
        try:
            taken = [take(heed, folder, by, keep) for heed in services]
        except Unreadable as error:
            raise BadInput(str(error)) from None
        except OSError as error:
            raise BadInput(f"cannot write into {folder}: {error.strerror}") from None
    if as_json:
        show_json({"backups": taken})
        return
    for one in taken:
        sealed = "sealed" if one["sealed"] else "NOT sealed: set its backup keys"
        click.echo(
            f"{one['file']}: {one['rows']:,} rows, {one['bytes']:,} bytes, {sealed}, audit head {one['audit_head']}"
        )
        for name in one["removed"]:
            click.echo(f"  removed {name}")


@click.command()
@click.option(
    "--from", "path", type=click.Path(path_type=Path), required=True, help="One file of `heed backup`."
)
@by_option
@json_option
def restore(path: Path, by: str, as_json: bool) -> None:
    """Fill an empty database from a backup, and prove it. Nothing is sent until what went out since is known."""
    try:
        service = service_of(path)
        settings = load(service)
        keys = settings.service(service).backup_keys
        with ExitStack() as stack:
            urls, _ = database_urls(stack, settings, service)
            database = Database.at(urls[service])
            stack.callback(database.close)
            done = restore_into(
                database.engine, service, path, Cipher.from_setting(keys) if keys else None, by
            )
    except Unreadable as error:
        raise BadInput(f"{path}: {error}") from None
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}") from None
    if as_json:
        show_json(done)
        return
    click.echo(
        f"{service}: {done['rows']:,} rows in {len(done['tables'])} tables as of {done['taken_at']}, counts and digests right,"
        f" audit chain whole at {done['audit_head']}\n"
        "Sending is stopped until the carrier's lists since then are read: start worker and clock, or `heed tick`."
    )
