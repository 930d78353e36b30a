"""What both sides have written down: Heed's rows, the carrier's counts, and the whole history of one text."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import requests
from sqlalchemy import text

from services.common.context import Heed
from services.sandbox.messages import OUTBOUND_API
from tests.faults.judge import Promise, Row

DRAMA = re.compile(r"\+447700900\d{3}")
UNSETTLED = (
    "SELECT state || coalesce(': ' || reason, ''), count(*) FROM outbox WHERE state IN ('claimed', 'uncertain')"
    " OR state = 'pending' AND due_at < now() + :shift + interval '1 hour' GROUP BY 1"
    " UNION ALL SELECT 'not yet understood', count(*) FROM inbound WHERE handled_at IS NULL HAVING count(*) > 0"
)
# The newest row of a number: the texts that are still to come have no number yet.
ROWS = (
    "SELECT DISTINCT ON (to_key) to_key, id, state, reason, error_code FROM outbox WHERE to_key IS NOT NULL"
    " ORDER BY to_key, id DESC"
)


def unsettled(heed: Heed) -> dict[str, int]:
    """How many texts are due within the hour, on the wire, not yet known, or not yet understood; none where all is settled."""
    with heed.database.begin() as session:
        shift = session.scalar(text("SELECT coalesce((SELECT shift FROM clock), interval '0')"))
        found = session.execute(text(UNSETTLED), {"shift": shift})
        return {row[0]: row[1] for row in found}


def rows(heed: Heed, promises: Sequence[Promise]) -> dict[str, Row]:
    """Heed's row for each number."""
    with heed.database.begin() as session:
        found = {bytes(key): Row(*rest) for key, *rest in session.execute(text(ROWS))}
    keys = {one.number: heed.index.of(one.number, "number") for one in promises}
    return {number: found[key] for number, key in keys.items() if key in found}


def accepted(sandbox: str) -> dict[str, Counter[str]]:
    """How often the carrier accepted which words, by number: its own count."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    answer = requests.get(f"{sandbox}/sandbox/accepted", timeout=120).json()
    for pair in answer["counts"]:
        counts[pair["to"]][pair["body"]] = pair["accepted"]
    return counts


def journalled(journal: Path) -> dict[str, Counter[str]]:
    """The same from the carrier's journal, where a count of millions is too long for one answer; `journal` may still be written."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    with journal.open("rb") as lines:
        for line in lines:
            if line.startswith(b'{"event":"message"') and line.endswith(b"\n"):
                event = json.loads(line)
                if event["direction"] == OUTBOUND_API:
                    counts[event["to"]][event["body"]] += 1
    return counts


def settled_by(heed: Heed) -> Iterator[str]:
    """What became of all attempts, and which evidence said so, one line each."""
    statement = (
        "SELECT count(*), coalesce(answer, 'none: the process died'), coalesce(evidence, 'none') FROM attempts"
        " GROUP BY 2, 3 ORDER BY 1 DESC"
    )
    with heed.database.begin() as session:
        for many, answer, found in session.execute(text(statement)):
            yield f"{many:,} attempts: answer {answer}, further evidence {found}"


def history(heed: Heed, journal: Path, one: Promise) -> Iterator[str]:
    """Everything about one text, line by line; a number that is not made for drama is masked, and words are left out."""
    yield f"the history of the text to {masked(one.number)} ({heed.service}):"
    key = heed.index.of(one.number, "number")
    columns = "id, dedupe_key, state, reason, attempt, sid, carrier_status, error_code, due_at, useful_until, check_at, sent_at, settled_at"
    attempts = "a.n, a.claimed_at, a.lease_until, a.answer, a.answered_at, a.http_status, a.error_code, a.sid, a.evidence"
    for what, statement in (
        ("outbox", f"SELECT {columns} FROM outbox WHERE to_key = :key ORDER BY id"),
        ("attempt", f"SELECT {attempts} FROM attempts a WHERE to_key = :key ORDER BY id"),
        (
            "status event",
            "SELECT a.n, e.sid, e.status, e.error_code, e.flag, e.received_at FROM status_events e"
            " JOIN attempts a ON a.id = e.attempt_id WHERE a.to_key = :key ORDER BY e.id",
        ),
    ):
        with heed.database.begin() as session:
            for row in session.execute(text(statement), {"key": key}).mappings():
                shown = {name: str(value) for name, value in row.items() if value is not None}
                yield f"  {what:13} {json.dumps(shown)}"
    yield from (f"  carrier       {line}" for line in _journal(journal, one.number))


def _journal(journal: Path, number: str) -> Iterator[str]:
    sids: set[str] = set()
    with journal.open(encoding="utf-8") as lines:
        for line in lines:
            event = json.loads(line)
            if event.get("to") == number or event.get("sid") in sids:
                sids.add(event.get("sid", ""))
                sids.discard("")
                shown = {
                    name: value for name, value in event.items() if name not in ("to", "body", "callback")
                }
                yield json.dumps(shown)


def masked(number: str) -> str:
    """A drama number as it is, another without its middle."""
    return number if DRAMA.fullmatch(number) else f"{number[:5]}…{number[-3:]}"
