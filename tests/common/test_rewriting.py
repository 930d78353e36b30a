"""Keys are rotated without a pause: every encrypted column is sealed anew under the first key, and the old one may go."""

import dataclasses
from importlib import import_module
from typing import Any

from sqlalchemy import text

from services.common import clock, inbound, rewriting
from services.common.context import Heed
from services.common.models import CommonBase, Inbound
from services.common.settings import ServiceName, new_encryption_key

MORE = rewriting.BATCH + 1


def every(service: ServiceName) -> list[rewriting.Column]:
    return list(
        rewriting.columns(CommonBase.metadata, import_module(f"services.{service}.models").Base.metadata)
    )


def with_keys(heed: Heed, keys: str) -> Heed:
    own = dataclasses.replace(heed.config, encryption_keys=keys)
    return dataclasses.replace(
        heed, settings=dataclasses.replace(heed.settings, services={heed.service: own})
    )


def test_values_move_to_the_first_key_in_batches_and_the_old_key_may_go(reminders: Heed) -> None:
    old = reminders.config.encryption_keys
    with reminders.database.begin() as session:
        for number in range(3):
            inbound.keep(
                reminders, session, sid=f"SM{number:032}", sender="+447700900123", to="+447700900001",
                body=f"words {number}", opt_out_type=None,
            )  # fmt: skip
        now = clock.now(session)
        session.execute(
            text(
                "INSERT INTO people (name_enc, organisation, created_at) SELECT :name, false, :now FROM generate_series(1, :n)"
            ),
            {
                "name": reminders.cipher.seal('{"given": "Sam", "surname": "Example"}', "name"),
                "now": now,
                "n": MORE,
            },
        )
    new = new_encryption_key("k2")
    rotated, columns = with_keys(reminders, f"{new},{old}"), every("reminders")
    expected = {"people.name_enc": MORE, "inbound.from_enc": 3, "inbound.body_enc": 3}
    with rotated.database.begin() as session:
        assert rewriting.counted(rotated, session, columns) == expected
    assert rewriting.rewrite(rotated, columns, "person:ann") == (expected, 0)
    assert rewriting.rewrite(rotated, columns, "person:ann") == ({}, 0)
    without = with_keys(reminders, new)
    with without.database.begin() as session:
        words = [without.cipher.open(row.body_enc or b"", "body").reveal() for row in session.query(Inbound)]
        assert words == ["words 0", "words 1", "words 2"]
        assert session.scalar(text("SELECT count(*) FROM audit WHERE act = 'keys-rewritten'")) == 2
    # A key that was dropped too early: nothing is changed, and it is said.
    third = with_keys(reminders, new_encryption_key("k3"))
    assert rewriting.rewrite(third, columns, "person:ann") == ({}, MORE + 6)


def test_the_command(heed: Any) -> None:
    assert heed("keys", "rewrite", "--service", "reminders", "--dry-run", "--json").json == {
        "values": {},
        "unreadable": 0,
    }
    assert "0 values rewritten" in heed("keys", "rewrite", "--service", "consultation").out
