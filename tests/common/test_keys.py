"""API keys: shown once, kept as a hash, scoped, revocable."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from services.common import clock, keys
from services.common.context import Heed
from services.common.models import ApiKey, Audit


def add(heed: Heed, *scopes: str) -> tuple[str, str]:
    with heed.database.begin() as session:
        return keys.add(session, list(scopes), "a feed", "cli")


def caller(heed: Heed, key: str) -> keys.Caller | None:
    with heed.database.begin() as session:
        return keys.caller(session, key)


def test_a_key_opens_what_its_scopes_say(reminders: Heed) -> None:
    key_id, key = add(reminders, "listings:write", "hearings:read")
    found = caller(reminders, key)
    assert found == keys.Caller(key_id, frozenset({"listings:write", "hearings:read"}))
    assert found.actor == f"key:{key_id}"


def test_no_two_keys_are_alike(reminders: Heed) -> None:
    made = [add(reminders, "x") for _ in range(20)]
    assert len({key for _, key in made} | {key_id for key_id, _ in made}) == 40
    assert all(key.startswith("heed_") and len(key.split("_", 2)[2]) >= 43 for _, key in made)


def test_only_a_hash_is_kept(reminders: Heed) -> None:
    _, key = add(reminders, "x")
    with reminders.database.begin() as session:
        everything = session.scalar(
            text("SELECT string_agg(k::text || a::text, ' ') FROM api_keys k, audit a")
        )
    assert key.split("_", 2)[2] not in everything


def test_anything_else_opens_nothing(reminders: Heed, subtests: pytest.Subtests) -> None:
    _, key = add(reminders, "x")
    for number, changed in enumerate(CHANGED):
        with subtests.test(number=number):
            assert caller(reminders, changed(key)) is None
    assert caller(reminders, key) is not None


CHANGED: list[Callable[[str], str]] = [
    lambda key: "",
    lambda key: key[:-1],
    lambda key: key + "x",
    lambda key: key.upper(),
    lambda key: "_".join(key.split("_", 2)[:2]),
    lambda key: key.replace("heed_", "seed_"),
    lambda key: "heed__" + key.split("_", 2)[2],
    lambda key: "heed_' OR 1=1 --_x",
    lambda key: "heed_" + "x" * 10_000,
    lambda key: "ŵ" + key,
    lambda key: key.replace("heed_", "heed_\x00"),
    lambda key: "___",
]


def test_the_secret_of_one_key_does_not_open_another(reminders: Heed) -> None:
    (one_id, one), (_, other) = add(reminders, "x"), add(reminders, "x")
    assert caller(reminders, f"heed_{one_id}_{other.split('_', 2)[2]}") is None
    assert caller(reminders, one) is not None


def test_a_revoked_key_is_useless_at_once(reminders: Heed) -> None:
    key_id, key = add(reminders, "x")
    with reminders.database.begin() as session:
        assert keys.revoke(session, key_id, "cli")
    assert caller(reminders, key) is None
    with reminders.database.begin() as session:
        assert not keys.revoke(session, key_id, "cli")
        assert not keys.revoke(session, "nobody", "cli")


def test_making_and_revoking_are_audited(reminders: Heed) -> None:
    key_id, _ = add(reminders, "x")
    with reminders.database.begin() as session:
        keys.revoke(session, key_id, "person:eva")
        rows = session.scalars(select(Audit).order_by(Audit.id)).all()
    assert [(row.actor, row.act, row.subject) for row in rows] == [
        ("cli", "key-added", f"key:{key_id}"),
        ("person:eva", "key-revoked", f"key:{key_id}"),
    ]


def test_a_key_of_one_service_opens_nothing_in_the_other(reminders: Heed, consultation: Heed) -> None:
    _, key = add(reminders, "responses:read")
    assert caller(consultation, key) is None


def test_a_use_is_written_down_but_not_each_time(reminders: Heed) -> None:
    key_id, key = add(reminders, "x")

    def used() -> object:
        with reminders.database.begin() as session:
            return session.get_one(ApiKey, key_id).last_used_at

    assert used() is None
    caller(reminders, key)
    first = used()
    caller(reminders, key)
    assert used() == first is not None
    with reminders.database.begin() as session:
        later = clock.now(session) + keys.USE_NOTED_EVERY + timedelta(seconds=1)
    clock.move_to(reminders.database, later)
    caller(reminders, key)
    assert used() != first
