"""A desk at which texts are owed, claimed, answered and looked at, each act a call of the code under test."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from services.common import alarms, clock
from services.common.carrier import Answer
from services.common.context import Heed
from services.common.models import Attempt, Outbox, StatusEvent
from services.common.outbox import callbacks, drain, settle
from services.common.outbox.claim import Claim, Prepared, claim, fixed
from services.common.outbox.intentions import Intention, intend
from services.common.outbox.record import record

TO = "+447700900123"


class Desk:
    """One service's outbox."""

    def __init__(self, heed: Heed) -> None:
        self.heed = heed
        self._count = 0

    def now(self) -> datetime:
        with self.heed.database.begin() as session:
            return clock.now(session)

    def later(self, seconds: float) -> datetime:
        """Move Heed's time on."""
        return clock.move_to(self.heed.database, self.now() + timedelta(seconds=seconds))

    def intention(self, to: str = TO, body: str | None = None, **changes: Any) -> Intention:
        """A text that its cause has fixed, due now and of use for four hours."""
        self._count += 1
        now = self.now()
        usual: dict[str, Any] = {
            "dedupe_key": f"test:{self._count}",
            "kind": "test",
            "subject_id": self._count,
            "due_at": now,
            "useful_until": now + timedelta(hours=4),
            "priority": 10,
            "to_key": self.key(to),
            "to_enc": self.heed.cipher.seal(to, "number"),
            "body_enc": self.heed.cipher.seal(body or f"Text {self._count}", "body"),
        }
        return Intention(**(usual | changes))

    def owe(self, to: str = TO, body: str | None = None, **changes: Any) -> int:
        """Owe a text; its row's id."""
        one = self.intention(to, body, **changes)
        with self.heed.database.begin() as session:
            assert intend(session, [one], self.now()) == 1
            found = session.scalar(select(Outbox.id).where(Outbox.dedupe_key == one.dedupe_key))
        assert found is not None
        return found

    def key(self, to: str = TO) -> bytes:
        return self.heed.index.of(to, "number")

    def prepare(self, session: Session, rows: Sequence[Outbox], now: datetime) -> list[Prepared]:
        return fixed(self.heed, rows, now)

    def claim(self, limit: int = 200) -> list[Claim]:
        with self.heed.database.begin() as session:
            return claim(self.heed, session, self.prepare, limit).claims

    def record(self, *answers: tuple[Claim, Answer]) -> None:
        with self.heed.database.begin() as session:
            record(self.heed, session, answers)

    def call_back(self, token: str, status: str, sid: str = "SM" + "a" * 32, code: int | None = None) -> str:
        with self.heed.database.begin() as session:
            return callbacks.status(self.heed, session, token, sid, status, code)

    def drain(self, **options: Any) -> int:
        return drain.drain(self.heed, self.prepare, **options)

    def settle(self) -> int:
        return settle.settle(self.heed)

    def row(self, number: int) -> Outbox:
        with self.heed.database.begin() as session:
            return session.get_one(Outbox, number)

    def state(self, number: int) -> tuple[str, str | None]:
        row = self.row(number)
        return row.state, row.reason

    def rows(self) -> list[Outbox]:
        with self.heed.database.begin() as session:
            return list(session.scalars(select(Outbox).order_by(Outbox.id)))

    def attempts(self, number: int) -> list[Attempt]:
        with self.heed.database.begin() as session:
            return list(
                session.scalars(select(Attempt).where(Attempt.outbox_id == number).order_by(Attempt.n))
            )

    def events(self) -> list[StatusEvent]:
        with self.heed.database.begin() as session:
            return list(session.scalars(select(StatusEvent).order_by(StatusEvent.id)))

    def alarms(self) -> list[tuple[str, str, int]]:
        """Code, subject and count of each alarm."""
        with self.heed.database.begin() as session:
            return [(one.code, one.subject, one.times) for one in alarms.sounding(session)]

    def alarmed(self, code: str) -> dict[str, Any]:
        """What the one alarm of this code says."""
        with self.heed.database.begin() as session:
            (one,) = [one for one in alarms.sounding(session) if one.code == code]
            return one.detail

    def put(self, number: int, **values: Any) -> None:
        """Put a row into a state by hand."""
        with self.heed.database.begin() as session:
            session.execute(text("SET LOCAL heed.by_hand = 'on'"))
            session.execute(update(Outbox).where(Outbox.id == number).values(**values))


EDGE = re.compile(r"^    (\w+) --> (\w+) :", re.MULTILINE)
# Every change of state that the code under test makes must be drawn; what a test puts there by hand need not be.
WATCH = """
CREATE FUNCTION drawn() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF coalesce(current_setting('heed.by_hand', true), '') <> 'on' AND NOT (OLD.state || ' ' || NEW.state) = ANY ('{%s}') THEN
    RAISE EXCEPTION 'docs/guarantee.md does not draw: % to %', OLD.state, NEW.state;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER drawn BEFORE UPDATE OF state ON outbox FOR EACH ROW WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION drawn();
"""


@pytest.fixture(scope="session")
def drawn(root: Path) -> list[tuple[str, str]]:
    """The changes of state in the diagram of docs/guarantee.md."""
    page = (root / "docs" / "guarantee.md").read_text(encoding="utf-8")
    return EDGE.findall(page[page.index("stateDiagram-v2") : page.index("In words: a text is")])


@pytest.fixture
def desk_of() -> Callable[[Heed], Desk]:
    return Desk


@pytest.fixture
def desk(reminders: Heed, drawn: list[tuple[str, str]]) -> Iterator[Desk]:
    """The desk of Reminders, where a change of state that is not drawn fails."""
    edges = ",".join(f'"{one} {other}"' for one, other in drawn)
    with reminders.database.engine.begin() as connection:
        connection.exec_driver_sql(WATCH.replace("%s", edges).replace("%", "%%"))
    yield Desk(reminders)
