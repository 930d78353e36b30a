"""Signs of life as rows: `/readyz` and alarms read them, so they outlive Valkey."""

import os
import socket
import threading
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from services.common.context import Heed
from services.common.logs import log

EVERY = 5.0
FRESH = timedelta(seconds=30)
FORGET = timedelta(days=1)


def beat(session: Session, kind: str) -> None:
    """This process lives, now (real time)."""
    session.execute(
        text(
            "INSERT INTO heartbeats (process, kind, at) VALUES (:process, :kind, clock_timestamp())"
            " ON CONFLICT (process) DO UPDATE SET at = clock_timestamp()"
        ),
        {"process": f"{kind}@{socket.gethostname()}:{os.getpid()}", "kind": kind},
    )
    session.execute(text("DELETE FROM heartbeats WHERE at < clock_timestamp() - :old"), {"old": FORGET})


def seen(session: Session, kind: str) -> int:
    """How many processes of a kind were seen in the last half minute."""
    number = session.scalar(
        text("SELECT count(*) FROM heartbeats WHERE kind = :kind AND at > clock_timestamp() - :fresh"),
        {"kind": kind, "fresh": FRESH},
    )
    return int(number or 0)


def keep_beating(heed: Heed, kind: str) -> threading.Event:
    """Beat from a daemon thread until the returned event is set."""
    stop = threading.Event()

    def run() -> None:
        while True:
            try:
                with heed.database.begin() as session:
                    beat(session, kind)
            except SQLAlchemyError as error:
                log.warning("heartbeat-missed", kind=kind, exception=type(error).__name__)
            if stop.wait(EVERY):
                return

    threading.Thread(target=run, name=f"heartbeat-{kind}", daemon=True).start()
    return stop
