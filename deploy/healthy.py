#!/opt/heed/bin/python -I
# ruff: noqa: T201 - its one line is its answer
"""Is this container's process well? `healthy web SERVICE|sandbox` asks for a page, `healthy worker|clock|backup SERVICE` looks for the
process's own heartbeat row: the row says that it runs and that it reaches PostgreSQL. Exit 0 or 1, and one line that says why.

It loads none of Heed's modules: it runs every few seconds beside the process, and must be quick and stand on its own.
"""

import http.client
import os
import socket
import sys
from pathlib import Path

PORTS = {"reminders": "8001", "consultation": "8002", "sandbox": "8003"}
PATHS = {"reminders": "/healthz", "consultation": "/healthz", "sandbox": "/"}
# Six missed beats of five seconds: the same age at which /readyz stops counting a process.
ALIVE = """SELECT count(*) FROM heartbeats
           WHERE kind = %s AND starts_with(process, %s) AND at > clock_timestamp() - interval '30 seconds'"""


def page(service: str) -> bool:
    """Whether the web process of this container answers."""
    port = int(os.environ.get(f"{service.upper()}_PORT") or PORTS[service])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=8)
    connection.request("GET", PATHS[service])
    return connection.getresponse().status == 200


def beats(kind: str, service: str) -> bool:
    """Whether this container's worker or clock has written its row in the last half minute."""
    import psycopg  # noqa: PLC0415 - only here: most checks are of pages, and need no database

    name = f"{service.upper()}_DATABASE_URL"
    url = os.environ.get(name) or Path(os.environ[f"{name}_FILE"]).read_text().strip()
    url = url.replace("+psycopg", "", 1)  # Heed may be told its driver so; the driver itself may not
    with psycopg.connect(url, connect_timeout=4, application_name="healthy") as database:
        row = database.execute(ALIVE, (kind, f"{kind}@{socket.gethostname()}:")).fetchone()
    return bool(row and row[0])


def main(kind: str, service: str) -> int:
    """0 where it is well."""
    try:
        well = page(service) if kind == "web" else beats(kind, service)
    except Exception as error:  # whatever it is, it is not well
        # The kind of failure only: its words may hold the database's address and login.
        print(f"{kind} {service}: {type(error).__name__}")
        return 1
    print(f"{kind} {service}: {'well' if well else 'silent'}")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
