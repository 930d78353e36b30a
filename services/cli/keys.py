"""`heed keys`: machines' API keys, and fresh encryption keys."""

import re
import sys
from importlib import import_module

import click
from sqlalchemy import select

from services.cli.output import LOGGED_WORDS, BadInput, by_option, counted, show_json, show_table
from services.cli.output import as_json as json_option
from services.common import keys as api_keys
from services.common import rewriting
from services.common.models import ApiKey, CommonBase
from services.common.process import opened
from services.common.scopes import SCOPES
from services.common.settings import SERVICES, ServiceName, new_encryption_key, new_index_key

service_option = click.option("--service", type=click.Choice(SERVICES), required=True)
KEY_ID = re.compile(r"[A-Za-z0-9._-]{1,40}")  # no comma and no colon: they part keys in the setting


@click.command()
@service_option
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    help="What the key may do; repeat for several, or 'all'.",
)
@click.option("--label", type=LOGGED_WORDS, default="", help="Whose key it is.")
@json_option
def add(service: ServiceName, scopes: tuple[str, ...], label: str, as_json: bool) -> None:
    """Make an API key. It is shown this once; only its hash is kept."""
    wanted = sorted(SCOPES[service]) if "all" in scopes else list(scopes)
    unknown = [scope for scope in wanted if scope not in SCOPES[service]]
    if unknown:
        raise BadInput(
            f"{service} has no scope {unknown[0]}; its scopes are {', '.join(sorted(SCOPES[service]))}"
        )
    with opened(service) as (heed,), heed.database.begin() as session:
        key_id, key = api_keys.add(session, wanted, label, "cli")
    if as_json:
        show_json({"id": key_id, "key": key})
    else:
        click.echo(f"{key}\nid {key_id}; keep the key now, it is not shown again")


@click.command()
@service_option
@json_option
def listed(service: ServiceName, as_json: bool) -> None:
    """Every API key, without the key itself."""
    with opened(service) as (heed,), heed.database.begin() as session:
        rows = session.scalars(select(ApiKey).order_by(ApiKey.created_at)).all()
    shown = [
        {
            "id": row.id,
            "label": row.label,
            "scopes": row.scopes,
            "created_at": row.created_at,
            "last_used_at": row.last_used_at,
            "revoked_at": row.revoked_at,
        }
        for row in rows
    ]
    if as_json:
        show_json({"keys": shown})
    else:
        show_table(
            ["id", "label", "scopes", "last used", "revoked"],
            [
                [one["id"], one["label"], " ".join(row.scopes), one["last_used_at"], one["revoked_at"]]
                for one, row in zip(shown, rows, strict=True)
            ],
        )


@click.command()
@service_option
@click.argument("key_id")
def revoke(service: ServiceName, key_id: str) -> None:
    """Make the API key KEY_ID useless from now on."""
    with opened(service) as (heed,), heed.database.begin() as session:
        if not api_keys.revoke(session, key_id, "cli"):
            raise BadInput(f"there is no live key {key_id}; `heed keys list --service {service}` shows them")
    click.echo(f"{key_id} is revoked")


@click.command()
@click.option("--key-id", default="k1", help="The encryption key's id: a new one for a rotation.")
def generate(key_id: str) -> None:
    """Print fresh encryption and index keys, for your secret store."""
    if not KEY_ID.fullmatch(key_id):
        raise BadInput(f"--key-id {key_id!r}: 1 to 40 letters, digits, dots, hyphens and underlines")
    for service in SERVICES:
        click.echo(f"{service.upper()}_ENCRYPTION_KEYS={new_encryption_key(key_id)}")
        click.echo(f"{service.upper()}_INDEX_KEY={new_index_key()}")


@click.command()
@service_option
@click.option("--dry-run", is_flag=True, help="Only count what stands under another key.")
@by_option
@json_option
def rewrite(service: ServiceName, dry_run: bool, by: str, as_json: bool) -> None:
    """Encrypt anew, under the first encryption key, what stands under another one."""
    own = import_module(f"services.{service}.models").Base.metadata
    every = list(rewriting.columns(CommonBase.metadata, own))
    with opened(service) as (heed,):
        if dry_run:
            with heed.database.begin() as session:
                values, unreadable = rewriting.counted(heed, session, every), 0
        else:
            values, unreadable = rewriting.rewrite(heed, every, by)
    if as_json:
        show_json({"values": values, "unreadable": unreadable})
    else:
        show_table(["column", "values"], [[name, number] for name, number in values.items()])
        click.echo(f"{counted(sum(values.values()), 'value')} {'to rewrite' if dry_run else 'rewritten'}")
        if unreadable:
            click.echo(f"{unreadable} under a key that is not configured: add it again", err=True)
    sys.exit(1 if unreadable else 0)
