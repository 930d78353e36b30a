"""Roles and databases: one database and one login a service, and further databases for tests."""

import os
import re
import subprocess
from pathlib import Path

from services.common.stores import binaries
from services.common.stores.errors import StoresError
from services.common.stores.state import PORT, ROLES, Stores, database_url, socket_folder_of

SUPERUSER = "postgres"
KEPT = {"postgres", "template0", "template1", *ROLES}
PSQL_SECONDS = 60.0

# \gexec runs the statement that the query returned: none where the role or database is already there.
SET_UP_SERVICE = r"""
SELECT format('CREATE ROLE %I LOGIN', :'role')
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') \gexec
SELECT format('CREATE DATABASE %I OWNER %I', :'name', :'role')
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'name') \gexec
REVOKE ALL ON DATABASE :"name", postgres, template1 FROM PUBLIC;
"""


def set_up(sockets: Path) -> None:
    """Make what is missing of the services' roles and databases. Raises StoresError."""
    for service, role in ROLES.items():
        _psql(sockets, SET_UP_SERVICE, name=service, role=role)


def create_database(stores: Stores, service: str, name: str, template: str | None = None) -> str:
    """Create a database that only `service`'s role ("reminders" or "consultation") may use; returns its URL.

    `template` names a database to copy (nobody may be connected to it). Names are lower-case letters, digits and
    underscores, at most 63. Raises ValueError for other names, KeyError for another service, StoresError where
    PostgreSQL refuses, for instance because the name is taken.
    """
    names = {"name": _checked(name), "role": ROLES[service], "template": _checked(template or "template1")}
    script = 'CREATE DATABASE :"name" OWNER :"role" TEMPLATE :"template";\nREVOKE ALL ON DATABASE :"name" FROM PUBLIC;\n'
    _psql(socket_folder_of(stores), script, **names)
    return database_url(socket_folder_of(stores), service, name)


def drop_database(stores: Stores, name: str) -> None:
    """Drop a database made by `create_database`, cutting its connections; nothing happens where there is none.

    Raises ValueError for the services' own databases and PostgreSQL's.
    """
    if name in KEPT:
        raise ValueError(f"{name} is not a database to drop")
    _psql(socket_folder_of(stores), 'DROP DATABASE IF EXISTS :"name" WITH (FORCE);\n', name=_checked(name))


def _checked(name: str) -> str:
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", name):
        raise ValueError(f"not a name for a database: {name!r}")
    return name


def _psql(sockets: Path, script: str, **variables: str) -> None:
    """Run a script as the superuser; psql rather than psycopg keeps the supervisor to the standard library."""
    program = os.fspath(binaries.find().postgres_bin / "psql")
    options = [
        "-X",
        "-q",
        "-h",
        os.fspath(sockets),
        "-p",
        str(PORT),
        "-U",
        SUPERUSER,
        "-d",
        "postgres",
        "-f",
        "-",
    ]
    for name, value in {"ON_ERROR_STOP": "1", **variables}.items():
        options += ["-v", f"{name}={value}"]
    try:
        done = subprocess.run(  # noqa: S603 -- our own program, and names that were checked
            [program, *options],
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "PGCONNECT_TIMEOUT": "10"},
            input=script,
            capture_output=True,
            text=True,
            timeout=PSQL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise StoresError(f"PostgreSQL did not answer in {PSQL_SECONDS:.0f} seconds: try again.") from error
    if done.returncode != 0:
        raise StoresError(f"PostgreSQL refused: {done.stderr.strip()}")
