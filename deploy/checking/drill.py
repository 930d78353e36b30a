"""The drill: a backup of the night's process, everything since then lost with the volume, and a restore that is proved."""

import json
from collections import Counter
from datetime import timedelta

from checking.docker import PROCESSES, PROJECT, SERVICES, compose, composed, office, run, wait_until_well
from checking.door import accepted
from checking.messages import Hearing, push, today
from checking.story import tick
from checking.told import eventually, expect

PLACE = "/var/lib/heed"
AFTER = "+447700900322"  # whose reminder goes out after the backup, so that no row of it is in there


def drill(door):
    """Nothing that was in the backup is lost, and what went out after it does not go out again."""
    nights = eventually(
        lambda: {one for one in SERVICES if f"heed-{one}-" in compose(f"exec -T {one}-backup ls {PLACE}")}
    )
    expect("each service's first backup was taken by itself, in its volume", nights == set(SERVICES), nights)
    day = today() + timedelta(days=60)
    push(door, (hearing := Hearing(day.isoformat(), AFTER)).path, hearing.listing())
    taken = {service: _backup(service) for service in SERVICES}
    sealed = all(one["sealed"] for one in taken.values())
    expect("the backups are sealed", sealed, taken)
    _three_days_before(day)
    before = _texts()
    told = f"after the backup {AFTER[-3:]} was texted, {sum(before.values())} texts are out in all"
    expect(told, [number for number, _ in before].count(AFTER) == 1, before)

    compose("rm --stop --force", *PROCESSES, "migrate", "postgres")
    run(f"docker volume rm {PROJECT}_postgres")
    _broken()
    compose("up -d --no-build --wait postgres valkey")
    for service, one in taken.items():
        done = json.loads(office("heed", "restore", "--from", one["file"], "--json"))
        told = f"{service} is restored and proved: {done['rows']:,} rows in {len(done['tables'])} tables, audit head {done['audit_head'][:12]}…"
        expect(told, done["rows"] == one["rows"] and done["audit_head"] == one["audit_head"], (one, done))
    compose("up -d --no-build")
    wait_until_well()
    tick()
    _three_days_before(day)
    after = _texts()
    lost, doubled = before - after, after - before
    expect(
        f"restore drill: {sum(lost.values())} texts lost, {sum(doubled.values())} doubled",
        after == before,
        (lost, doubled),
    )
    for service in SERVICES:
        chain = composed(f"exec -T {service}-web heed {service} verify-audit")
        expect(
            f"{service}: the audit log's chain is whole", chain.returncode == 0, chain.stdout + chain.stderr
        )
    found = door.get("reminders", f"/v1/hearings?court=B41ME&date={day}")["hearings"]
    expect("the hearing that was pushed before the backup is there", len(found) == 1, found)
    _fit()


def _backup(service):
    command = f"exec -T {service}-backup heed backup --service {service} --to {PLACE} --json"
    return json.loads(compose(command))["backups"][0]


def _three_days_before(day):
    """The reminders of that day come due, and what the demo's faulty numbers leave open is settled."""
    for minute in (0, 2, 14):
        tick(f"{day - timedelta(days=3)}T12:{minute:02}Z")


def _texts():
    return Counter((one["to"], one["body"]) for one in accepted())


def _broken():
    """`heed check` while there is neither database nor web."""
    failing = [one for one in _facts() if one["level"] == "fail"]
    named = {(one["service"], one["name"]) for one in failing}
    wanted = {(service, name) for service in SERVICES for name in ("postgresql", "webhook")}
    told = f"heed check of what is left names {len(failing)} failing facts, each with what to do"
    expect(told, named == wanted and all(one["do"] for one in failing), failing)


def _fit():
    """`heed check` of the restored installation: nothing fails, and the backup's age is known."""
    facts = _facts()
    failing = [one for one in facts if one["level"] == "fail"]
    expect(f"heed check: {len(facts)} facts, none fails", len(facts) > 30 and not failing, failing)


def _facts():
    return json.loads(composed("run --rm -T --no-deps office heed check --json").stdout)["facts"]
