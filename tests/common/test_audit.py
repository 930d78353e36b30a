"""The audit log: whole, changed, removed, inserted, cut; and the database that refuses to change it."""

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from services.common import audit
from services.common.audit import Head
from services.common.context import Heed
from tests.support.command import Command
from tests.support.sites import Site


def write(heed: Heed, count: int) -> None:
    for number in range(1, count + 1):
        with heed.database.begin() as session:
            audit.record(session, "person:eva", "looked", f"hearing:{number}", rows=number)


def breaks(heed: Heed, known: Head | None = None) -> list[str]:
    with heed.database.begin() as session:
        return list(audit.verify(session, known))


def head(heed: Heed) -> Head:
    with heed.database.begin() as session:
        return audit.head(session)


@contextmanager
def tampering(heed: Heed) -> Iterator[Session]:
    """What only the table's owner could do, by first switching the guard off."""
    with heed.database.begin() as session:
        session.execute(text("ALTER TABLE audit DISABLE TRIGGER audit_append_only"))
        yield session
        session.execute(text("ALTER TABLE audit ENABLE TRIGGER audit_append_only"))


def test_an_empty_log_is_whole(reminders: Heed) -> None:
    assert breaks(reminders) == []
    assert str(head(reminders)) == f"0:{'00' * 32}"


def test_a_written_log_is_whole(reminders: Heed) -> None:
    write(reminders, 5)
    assert breaks(reminders) == []
    assert breaks(reminders, head(reminders)) == []
    assert head(reminders).count == 5


def test_an_act_is_rolled_back_with_its_cause(reminders: Heed) -> None:
    write(reminders, 1)
    with pytest.raises(KeyError), reminders.database.begin() as session:
        audit.record(session, "cli", "undone", "x")
        raise KeyError
    write(reminders, 1)
    assert head(reminders).count == 2
    assert breaks(reminders) == []


def test_several_acts_in_one_transaction(reminders: Heed) -> None:
    with reminders.database.begin() as session:
        for number in range(3):
            audit.record(session, "cli", "act", str(number), deep={"a": [1, "ŵ", None, 1.5]}, flag=True)
    assert breaks(reminders) == []


def test_writers_at_once_make_one_chain(reminders: Heed) -> None:
    threads = [threading.Thread(target=write, args=(reminders, 5)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert head(reminders).count == 20
    assert breaks(reminders) == []


@pytest.mark.parametrize(
    "change",
    [
        "actor = 'person:mallory'",
        "act = 'left alone'",
        "subject = 'hearing:9'",
        "detail = '{\"rows\": 999}'",
        "at = at + interval '1 microsecond'",
        "hash = decode(repeat('ab', 32), 'hex')",
    ],
)
def test_a_changed_row_is_found(reminders: Heed, change: str) -> None:
    write(reminders, 5)
    with tampering(reminders) as session:
        session.execute(text(f"UPDATE audit SET {change} WHERE id = 3"))
    found = breaks(reminders)
    assert any(line.startswith("row 3 ") and "was changed after it was written" in line for line in found)


def test_a_row_changed_with_its_own_hash_made_anew_is_found_by_the_next(reminders: Heed) -> None:
    write(reminders, 5)
    with tampering(reminders) as session:
        row = session.get(audit.Audit, 3)
        assert row is not None
        row.actor = "person:mallory"
        row.hash = audit.digest(row)
    assert breaks(reminders) == [
        "row 4 does not follow the row before it: one was changed, removed or inserted"
    ]


@pytest.mark.parametrize("number", [1, 3])
def test_a_removed_row_is_found(reminders: Heed, number: int) -> None:
    write(reminders, 5)
    with tampering(reminders) as session:
        session.execute(text("DELETE FROM audit WHERE id = :number"), {"number": number})
    found = breaks(reminders)
    assert f"row {number} is missing: the next row present is {number + 1}" in found
    assert any(line.startswith(f"row {number + 1} does not follow") for line in found)


def test_an_inserted_row_is_found(reminders: Heed) -> None:
    write(reminders, 5)
    with tampering(reminders) as session:
        session.execute(text("UPDATE audit SET id = id + 100 WHERE id > 3"))
        session.execute(text("UPDATE audit SET id = id - 99 WHERE id > 100"))
        session.execute(
            text(
                "INSERT INTO audit SELECT 4, at, actor, 'inserted', subject, detail, hash, hash FROM audit WHERE id = 3"
            )
        )
    found = breaks(reminders)
    assert any(line.startswith("row 4 (inserted") for line in found)
    assert any(line.startswith("row 5 ") for line in found)


def test_swapped_rows_are_found(reminders: Heed) -> None:
    write(reminders, 5)
    with tampering(reminders) as session:
        for step in ("SET id = 99 WHERE id = 2", "SET id = 2 WHERE id = 3", "SET id = 3 WHERE id = 99"):
            session.execute(text(f"UPDATE audit {step}"))
    assert breaks(reminders)


def test_a_cut_tail_is_found_with_a_head_only(reminders: Heed) -> None:
    write(reminders, 5)
    known = head(reminders)
    with tampering(reminders) as session:
        session.execute(text("DELETE FROM audit WHERE id > 3"))
    assert breaks(reminders) == []
    assert breaks(reminders, known) == ["the log ends at row 3, the given head names row 5: its tail was cut"]


def test_a_log_rewritten_from_the_start_is_found_with_a_head_only(reminders: Heed) -> None:
    write(reminders, 5)
    known = head(reminders)
    with tampering(reminders) as session:
        session.execute(text("DELETE FROM audit"))
    write(reminders, 6)
    assert breaks(reminders) == []
    assert breaks(reminders, known) == [
        "row 5 is not the one that the given head names: the log was rewritten"
    ]


def test_a_later_log_still_holds_an_earlier_head(reminders: Heed) -> None:
    write(reminders, 2)
    known = head(reminders)
    write(reminders, 3)
    assert breaks(reminders, known) == []


@pytest.mark.parametrize("service", ["reminders", "consultation"])
def test_the_database_refuses_to_change_it(
    open_service: Callable[..., Heed], service: str, subtests: pytest.Subtests
) -> None:
    heed = open_service(service)
    write(heed, 2)
    for statement in (
        "UPDATE audit SET actor = 'x'",
        "UPDATE audit SET actor = 'x' WHERE false",
        "DELETE FROM audit WHERE id = 1",
        "DELETE FROM audit",
        "TRUNCATE audit",
    ):
        with (
            subtests.test(statement),
            pytest.raises(DBAPIError, match="append-only"),
            heed.database.begin() as session,
        ):
            session.execute(text(statement))
    assert breaks(heed) == []


def test_heads_are_written_and_read(reminders: Heed) -> None:
    write(reminders, 3)
    assert audit.parse_head(str(head(reminders))) == head(reminders)


@pytest.mark.parametrize(
    "written", ["", "5", "5:", "x:" + "00" * 32, "5:zz", "5:" + "00" * 31, ":" + "00" * 32, "-1:" + "00" * 32]
)
def test_other_heads_are_refused(written: str) -> None:
    with pytest.raises(ValueError, match="COUNT:HASH"):
        audit.parse_head(written)


def test_the_services_have_chains_of_their_own(reminders: Heed, consultation: Heed) -> None:
    write(reminders, 2)
    assert head(consultation).count == 0


def test_the_time_is_heeds(reminders: Heed) -> None:
    from services.common import clock

    with reminders.database.begin() as session:
        target = clock.now(session) + timedelta(days=3)
    clock.move_to(reminders.database, target)
    write(reminders, 1)
    with reminders.database.begin() as session:
        assert session.get_one(audit.Audit, 1).at >= target
    assert breaks(reminders) == []


def test_a_collector_goes_on_from_its_last_row_and_can_prove_its_copy(
    consultation: Heed, sites: dict[str, Site], key: Callable[..., dict[str, str]], heed: Command
) -> None:
    write(consultation, 5)
    asked, headers = sites["consultation"].client(), key(consultation, "audit:read")
    first = asked.get("/v1/audit?after=0&limit=3", headers=headers).json
    rest = asked.get(f"/v1/audit?after={first['next']}", headers=headers).json
    assert [row["id"] for row in first["audit"]] == [1, 2, 3] and rest["next"] is None
    heed("keys", "add", "--service", "consultation", "--scope", "audit:read")
    exported = [json.loads(line) for line in heed("consultation", "export-audit").out.splitlines()]
    assert heed("consultation", "export-audit", "--after", len(exported)).out == ""
    for copy in (first["audit"] + rest["audit"], exported):
        previous = audit.START.hex()
        for row in copy:
            stated = [
                row["id"],
                *(row[name] for name in ("at", "actor", "act", "subject", "detail")),
                previous,
            ]
            written = json.dumps(stated, sort_keys=True, separators=(",", ":"))
            previous = row["hash"]
            assert hashlib.sha256(written.encode()).hexdigest() == previous, "as docs/security.md says"
