"""`heed users`: the accounts of people who work with a service. Each service has its own."""

import click
from sqlalchemy import select

from services.cli.output import BadInput, by_option, show_json, show_table
from services.cli.output import as_json as json_option
from services.common.accounts import users
from services.common.models import User
from services.common.process import opened
from services.common.roles import ROLES
from services.common.settings import SERVICES, ServiceName

service_option = click.option("--service", type=click.Choice(SERVICES), required=True)
name_argument = click.argument("name")
roles_option = click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    help="What they may do; repeat for several. "
    + "; ".join(f"{name}: {', '.join(ROLES[name])}" for name in SERVICES),
)


@click.command()
@service_option
@name_argument
@roles_option
@by_option
@json_option
def add(service: ServiceName, name: str, roles: tuple[str, ...], by: str, as_json: bool) -> None:
    """Make an account NAME. Its first password is shown this once and changed at the first sign-in."""
    with opened(service) as (heed,), heed.database.begin() as session:
        try:
            password = users.add(session, service, name, roles, by)
        except users.AccountError as error:
            raise BadInput(str(error)) from None
    _show(name, password, as_json)


@click.command()
@service_option
@json_option
def listed(service: ServiceName, as_json: bool) -> None:
    """Every account: roles, second factor, whether it is closed."""
    with opened(service) as (heed,), heed.database.begin() as session:
        rows = session.scalars(select(User).order_by(User.login)).all()
    shown = [
        {
            "name": row.login,
            "roles": row.roles,
            "second_factor": row.second_factor_enc is not None,
            "created_at": row.created_at,
            "disabled_at": row.disabled_at,
        }
        for row in rows
    ]
    if as_json:
        show_json({"users": shown})
    else:
        show_table(
            ["name", "roles", "second factor", "closed"],
            [
                [
                    one["name"],
                    " ".join(row.roles),
                    "yes" if one["second_factor"] else "no",
                    one["disabled_at"],
                ]
                for one, row in zip(shown, rows, strict=True)
            ],
        )


@click.command("roles")
@service_option
@name_argument
@roles_option
@by_option
def set_roles(service: ServiceName, name: str, roles: tuple[str, ...], by: str) -> None:
    """Say anew what the account NAME may do, from its next click on."""
    with opened(service) as (heed,), heed.database.begin() as session:
        try:
            users.set_roles(session, service, name, roles, by)
        except users.AccountError as error:
            raise BadInput(str(error)) from None
    click.echo(f"{name} is {', '.join(sorted(roles))} now")


@click.command()
@service_option
@name_argument
@by_option
@json_option
def reset(service: ServiceName, name: str, by: str, as_json: bool) -> None:
    """Give the account NAME a fresh first password: for a lost password or phone, or to open a closed account."""
    with opened(service) as (heed,), heed.database.begin() as session:
        try:
            password = users.reset(session, name, by)
        except users.AccountError as error:
            raise BadInput(str(error)) from None
    _show(name, password, as_json)


@click.command()
@service_option
@name_argument
@by_option
def disable(service: ServiceName, name: str, by: str) -> None:
    """Close the account NAME at once; whoever sits in it is signed out."""
    with opened(service) as (heed,), heed.database.begin() as session:
        try:
            users.disable(session, name, by)
        except users.AccountError as error:
            raise BadInput(str(error)) from None
    click.echo(f"{name} is closed; `heed users reset` opens it again")


def _show(name: str, password: str, as_json: bool) -> None:
    if as_json:
        show_json({"name": name, "password": password})
    else:
        click.echo(f"{password}\nfirst password of {name}; hand it over now, it is not shown again")
