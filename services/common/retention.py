"""How long each table's content is kept: one declared rule a table, carried out a batch at a time, whoever is held left alone.

A rule empties or deletes what is old and leaves the row that is counted. What every table of a service is kept for stands in
docs/data-protection/retention.md, which a test holds to these rules.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Literal

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.common import audit, clock, months
from services.common.context import Heed
from services.common.outbox import looks

NAME = "retention"
AT = time(3, 10, tzinfo=UTC)  # after the night's comparison
BATCH = 500
Period = Literal["content", "pushes", "history"]
# Does one batch of what is older than a moment; how many rows it changed, none once nothing is left.
Step = Callable[[Heed, Session, datetime, int], int]


@dataclass(frozen=True, slots=True)
class Rule:
    """What becomes of one table's rows: `what` in words; by which period and steps, none where the table is kept or goes with another.

    `counted` is what a dry run does instead, once, where the steps take locks that others would wait for.
    """

    table: str
    what: str
    period: Period | None = None
    steps: tuple[Step, ...] = ()
    counted: Step | None = None


def sql(statement: str) -> Step:
    """A step that is one statement, with `:before` and `:batch`."""
    clause = text(statement)

    def step(heed: Heed, session: Session, before: datetime, batch: int) -> int:
        result: Any = session.execute(clause, {"before": before, "batch": batch})
        return int(result.rowcount)

    return step


def kept(table: str, why: str) -> Rule:
    """A table that is kept, and why."""
    return Rule(table, f"kept: {why}")


def deleted(table: str, key: str, old: str, period: Period, what: str) -> Rule:
    """A table whose old rows go; `old` is the condition, in SQL."""
    statement = f"DELETE FROM {table} WHERE {key} IN (SELECT {key.strip('()')} FROM {table} WHERE {old} LIMIT :batch FOR UPDATE SKIP LOCKED)"  # noqa: S608 - our own words
    return Rule(table, what, period, (sql(statement),))


def emptied(table: str, values: str, old: str, period: Period, what: str) -> Rule:
    """A table whose old rows lose their content and stay."""
    statement = f"UPDATE {table} SET {values} WHERE id IN (SELECT id FROM {table} WHERE {old} LIMIT :batch FOR UPDATE SKIP LOCKED)"  # noqa: S608 - our own words
    return Rule(table, what, period, (sql(statement),))


def common_rules(held: str) -> tuple[Rule, ...]:
    """The rules of the tables that both services have; `held` says, in SQL, that nothing of the number {key} may go."""
    final = "state IN ('accepted', 'failed', 'cancelled') AND created_at < :before AND useful_until < :before"
    return (
        emptied(
            "outbox",
            "to_key = NULL, to_enc = NULL, body_enc = NULL",
            f"{final} AND (to_key IS NOT NULL OR to_enc IS NOT NULL OR body_enc IS NOT NULL) AND NOT {held.format(key='outbox.to_key')}",
            "content",
            "number and words are emptied; state, times and cost stay",
        ),
        emptied(
            "attempts",
            "to_key = '', to_enc = '', body_enc = NULL",
            "claimed_at < :before AND octet_length(to_enc) > 0"
            f" AND EXISTS (SELECT FROM outbox o WHERE o.id = attempts.outbox_id AND o.{final.replace(' AND ', ' AND o.')})"
            f" AND NOT {held.format(key='attempts.to_key')}",
            "content",
            "number and words are emptied; sid and answer stay",
        ),
        Rule(
            "status_events",
            "dropped, a whole month of texts at a time: the text's last word stands in the outbox",
            "history",
            (months.drop_past,),
            months.past_rows,
        ),
        kept("looks", "one row a kind of look"),
        deleted("comparisons", "id", "made_at < :before", "history", "deleted"),
        kept("number_states", "a number that said STOP would be texted again; a keyed hash and times"),
        deleted(
            "number_events",
            "id",
            "at < :before AND NOT EXISTS (SELECT FROM number_states s WHERE s.number_key = number_events.number_key"
            " AND coalesce(s.stopped_at, s.wrong_at, s.bad_at) IS NOT NULL)",
            "history",
            "the history of a number about which nothing stands is deleted",
        ),
        deleted("sending_stops", "id", "lifted_at < :before", "history", "lifted ones are deleted"),
        kept("sender_pace", "one row a sender"),
        Rule(
            "tellings",
            "deleted with their alarm",
            "history",
            (
                sql(
                    "DELETE FROM tellings WHERE (alarm_id, channel) IN (SELECT t.alarm_id, t.channel FROM tellings t"
                    " JOIN alarms a ON a.id = t.alarm_id WHERE a.acknowledged_at < :before LIMIT :batch)"
                ),
            ),
        ),
        deleted("alarms", "id", "acknowledged_at < :before", "history", "acknowledged ones are deleted"),
        emptied(
            "duty_items",
            "note_enc = NULL",
            "done_at < :before AND note_enc IS NOT NULL",
            "content",
            "the note is emptied; kind and times stay",
        ),
        kept("api_keys", "who had a key; hashes alone"),
        kept("users", "who acted: the audit log names accounts"),
        deleted(
            "sessions",
            "id",
            "coalesce(ended_at, seen_at) < :before",
            "history",
            "deleted once nobody has used them for so long",
        ),
        kept("audit", "append-only; it names rows, staff and reasons, and no person that a service is about"),
        kept("heartbeats", "a day, by themselves"),
        kept("clock", "one row, in sandbox mode"),
        deleted(
            "backups",
            "id",
            "taken_at < :before",
            "history",
            "deleted; the files are rotated by `heed backup --keep`",
        ),
        deleted(
            "found_texts",
            "sid",
            "sent_at < :before AND outbox_id IS NOT NULL OR sent_at < CAST(:before AS timestamptz) - interval '1 year'",
            "content",
            "keyed hashes; deleted",
        ),
    )


def run(
    heed: Heed, rules: Sequence[Rule], by: str, *, dry_run: bool = False, batch: int = BATCH
) -> dict[str, int]:
    """Carry the rules out, each batch a transaction of its own; how many rows of each table changed. Doing it twice does it once.

    A dry run does all of it in one transaction and takes that back.
    """
    with heed.database.begin() as session:
        now = clock.now(session)
    done: dict[str, int] = {}
    if dry_run:
        with heed.database.begin() as session:
            nested = session.begin_nested()
            for rule in rules:
                before = _before(heed, rule, now)
                if rule.counted:
                    _count(done, rule, [rule.counted(heed, session, before, batch)])
                else:
                    steps = [_exhaust(heed, session, step, before, batch) for step in rule.steps]
                    _count(done, rule, steps)
            nested.rollback()
        return done
    for rule in rules:
        for step in rule.steps:
            while True:
                with heed.database.begin() as session:
                    changed = step(heed, session, _before(heed, rule, now), batch)
                _count(done, rule, [changed])
                if not changed:
                    break
    if done:
        with heed.database.begin() as session:
            audit.record(session, by, "retention-run", "tables", **done)
    return done


def _exhaust(heed: Heed, session: Session, step: Step, before: datetime, batch: int) -> int:
    total = 0
    while True:
        changed = step(heed, session, before, batch)
        total += changed
        if not changed:
            return total


def _count(done: dict[str, int], rule: Rule, changed: Sequence[int]) -> None:
    if sum(changed):
        done[rule.table] = done.get(rule.table, 0) + sum(changed)


def _before(heed: Heed, rule: Rule, now: datetime) -> datetime:
    return now - timedelta(days=days(heed)[rule.period]) if rule.period else now


def days(heed: Heed) -> Mapping[Period, int]:
    """How many days each period has."""
    return {
        "content": heed.config.retain_days,
        "pushes": heed.settings.retain_pushes_days,
        "history": heed.settings.retain_history_days,
    }


def to_run(session: Session, now: datetime) -> list[list[int]]:
    """Once a night: what the sweep wakes."""
    return [[]] if looks.is_due(session, NAME, now) else []


def nightly(heed: Heed, rules: Sequence[Rule]) -> None:
    """Carry the rules out if tonight's run is due."""
    with heed.database.begin() as session:
        now = clock.now(session)
        following = _next(now)
        if looks.take(session, NAME, now, following) is None:
            return
    run(heed, rules, "retention")
    with heed.database.begin() as session:
        looks.done(session, NAME, following)


def _next(now: datetime) -> datetime:
    today = datetime.combine(now.astimezone(UTC).date(), AT)
    return today if now < today else today + timedelta(days=1)
