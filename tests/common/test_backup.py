"""A backup is the whole of one moment and is read back; a restore is proved, and nothing is lost or texted twice because of it."""

import io
import json
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from services.common import alarms, audit, clock, stops, work
from services.common.acts import Refused
from services.common.backup import archive, sealing
from services.common.backup.restore import restore, service_of
from services.common.backup.sealing import Opener, Sealer, Unreadable
from services.common.backup.take import take
from services.common.carrier import Carrier, CarrierUnreachable
from services.common.context import Heed
from services.common.crypto import Cipher
from services.common.migrations import behind, upgrade
from services.common.models import Backup, FoundText, Look, Outbox
from services.common.outbox import arrivals
from services.common.outbox.claim import claim, fixed
from services.common.outbox.intentions import Intention, intend
from services.common.settings import new_encryption_key
from services.reminders.jobs import SWEEPS
from tests.support.restored import restored
from tests.support.sandbox import Sandbox
from tests.support.stores import Databases

KEYS = new_encryption_key("b1")
OURS = "+447700900001"


def number(last: int) -> str:
    return f"+4477009001{last:02}"


def owe(heed: Heed, *lasts: int, body: str = "You must be at court", **changes: Any) -> None:
    with heed.database.begin() as session:
        now = clock.now(session)
        intend(
            session,
            [
                Intention(
                    **{
                        "dedupe_key": f"test:{last}:{body}",
                        "kind": "test",
                        "subject_id": last,
                        "due_at": now,
                        "useful_until": now + timedelta(days=3),
                        "priority": 10,
                        "to_key": heed.index.of(number(last), "number"),
                        "to_enc": heed.cipher.seal(number(last), "number"),
                        "body_enc": heed.cipher.seal(body, "body"),
                    }
                    | changes
                )
                for last in lasts
            ],
            now,
        )


def tick(heed: Heed) -> None:
    work.tick(heed, SWEEPS)


@pytest.fixture
def changes() -> dict[str, Any]:
    return {
        "claim_lease": 1.0,
        "settle_first": 0.0,
        "settle_again": 0.0,
        "backup_keys": KEYS,
        "answers_stop": True,
    }


class TestTheDrill:
    """Back up, send more, lose everything, restore, tick: 0 lost, 0 doubled."""

    def test_nothing_is_lost_and_nothing_doubled(
        self,
        reminders: Heed,
        carrier: Sandbox,
        databases: Databases,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(arrivals, "GIVEN_UP", timedelta(0))
        tick(reminders)
        owe(reminders, *range(10))
        tick(reminders)
        # On the wire at the moment of the backup: one was taken by the carrier, one was not.
        owe(reminders, 10, 11)
        with reminders.database.begin() as session:
            on_the_wire = claim(
                reminders, session, lambda _, rows, now: fixed(reminders, rows, now), 10
            ).claims
        reminders.carrier.send(on_the_wire[0].text)
        # Owed at that moment: these go out before everything is lost …
        owe(reminders, *range(20, 40))
        # … and these are still to come then; the last two will have said STOP.
        with reminders.database.begin() as session:
            soon = clock.now(session) + timedelta(hours=1)
        owe(reminders, *range(40, 50), due_at=soon)

        taken = take(reminders, tmp_path, "person:ann")

        tick(reminders)
        # Owed by causes that the backup does not know; one text is said twice, and twice it went.
        owe(reminders, *range(50, 60))
        owe(reminders, 50, dedupe_key="test:50:again")
        tick(reminders)
        carrier.text(number(60), OURS, "Which bus goes there?")
        for last in (48, 49):
            carrier.text(number(last), OURS, "STOP")
        tick(reminders)
        carrier.quiet()
        before = Counter(carrier.accepted())
        assert sum(before.values()) == 10 + 2 + 20 + 11 + 1

        with restored(reminders, databases, Path(taken["file"])) as heed:
            with heed.database.begin() as session:
                assert stops.stopped(session, OURS)
                assert not stops.lift(session, "person:ben", clock.now(session)), "only the lists end it"
            tick(heed)
            with heed.database.begin() as session:
                assert stops.standing(session) == []
                assert session.get(Look, "restored") is None
                assert list(audit.verify(session)) == []
            # The causes come once more: the same texts are owed, and none of them goes again.
            owe(heed, *range(50, 60))
            owe(heed, 50, dedupe_key="test:50:again")
            tick(heed)
            carrier.quiet()
            assert Counter(carrier.accepted()) == before, "nothing was doubled"
            clock.move_to(heed.database, soon + timedelta(minutes=1))
            tick(heed)
            carrier.quiet()
            after = Counter(carrier.accepted())
            came = {to for to, _ in after - before}
            lost = {number(last) for last in range(40, 48)} - came
            doubled = sum(after.values()) - sum(before.values()) - len(came)
            print(
                f"restore drill: {sum(before.values())} texts before, {len(came)} after, {len(lost)} lost, {doubled} doubled"
            )
            assert came == {number(last) for last in range(40, 48)}, "nothing was lost, and STOP stands"
            assert {
                count for pair, count in after.items() if pair != (number(50), "You must be at court")
            } == {1}
            assert after[number(50), "You must be at court"] == 2
            with heed.database.begin() as session:
                states = Counter(session.scalars(select(Outbox.state)))
                assert states["staff"] == states["uncertain"] == states["pending"] == 0
                assert not list(
                    session.scalars(select(FoundText.sid).where(FoundText.outbox_id.is_(None)))
                ), "each has its row"
                codes = [one.code for one in alarms.sounding(session)]
            assert "duplicate-detected" not in codes and "orphan-at-carrier" not in codes
            # Words that are owed anew, after all this, are a text of their own.
            owe(heed, 1, dedupe_key="test:1:anew")
            tick(heed)
            assert carrier.accepted()[number(1), "You must be at court"] == 2

    def test_while_the_carrier_does_not_answer_nothing_goes(
        self,
        reminders: Heed,
        carrier: Sandbox,
        databases: Databases,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        owe(reminders, 1)
        taken = take(reminders, tmp_path, "person:ann")

        def away(*_: Any, **__: Any) -> Iterator[list[Any]]:
            raise CarrierUnreachable
            yield

        with restored(reminders, databases, Path(taken["file"])) as heed, monkeypatch.context() as patch:
            patch.setattr(Carrier, "sent_since", away)
            tick(heed)
            assert carrier.accepted() == {}
            with heed.database.begin() as session:
                assert stops.stopped(session, OURS)
            patch.undo()
            clock.move_to(heed.database, clock_of(heed) + timedelta(minutes=16))
            tick(heed)
            assert sum(carrier.accepted().values()) == 1

    def test_one_that_breaks_the_rule_doubles_and_the_count_shows_it(
        self,
        reminders: Heed,
        carrier: Sandbox,
        databases: Databases,
        tmp_path: Path,
    ) -> None:
        owe(reminders, 1, 2)
        taken = take(reminders, tmp_path, "person:ann")
        tick(reminders)
        with restored(reminders, databases, Path(taken["file"])) as heed:
            with heed.database.begin() as session:
                session.execute(text("UPDATE sending_stops SET lifted_at = now(), lifted_by = 'nobody'"))
                session.execute(text("DELETE FROM looks WHERE kind = 'restored'"))
            tick(heed)
            assert set(carrier.accepted().values()) == {2}


def clock_of(heed: Heed) -> Any:
    with heed.database.begin() as session:
        return clock.now(session)


class TestAFile:
    def test_it_says_what_it_holds_and_is_written_down(self, reminders: Heed, tmp_path: Path) -> None:
        with reminders.database.begin() as session:
            audit.record(session, "person:ann", "tried", "nothing")
        owe(reminders, 1, 2, 3)
        taken = take(reminders, tmp_path / "new", "person:ann")
        path = Path(taken["file"])
        assert path.stat().st_mode & 0o777 == 0o600 and path.parent.stat().st_mode & 0o777 == 0o700
        assert service_of(path) == "reminders"
        with archive.reading(path, Cipher.from_setting(KEYS)) as members:
            content = dict(members)
        manifest = json.loads(content["manifest.json"])
        assert manifest["tables"]["outbox"]["rows"] == 3 == content["outbox/000000.copy"].count(b"\n")
        with reminders.database.begin() as session:
            row = session.scalars(select(Backup)).one()
            assert (row.file, row.rows, row.sealed) == (path.name, taken["rows"], True)
            assert row.audit_head == manifest["audit_head"] == taken["audit_head"]
        # Neither keys nor, in a sealed file, anything else can be read.
        raw = path.read_bytes()
        secrets = (reminders.config.encryption_keys, reminders.config.index_key, KEYS)
        assert not [one for one in secrets if one.rpartition(":")[2].encode() in raw]
        assert not [
            one for one in secrets for part in content.values() if one.rpartition(":")[2].encode() in part
        ]

    def test_the_oldest_go(self, reminders: Heed, tmp_path: Path) -> None:
        files = [Path(take(reminders, tmp_path, "cli", keep=2)["file"]).name for _ in range(3)]
        assert sorted(path.name for path in tmp_path.iterdir()) == files[1:]

    @pytest.mark.parametrize("changes", [{"backup_keys": None}])
    def test_without_a_key_it_is_a_plain_tar(
        self, reminders: Heed, databases: Databases, tmp_path: Path
    ) -> None:
        path = Path(take(reminders, tmp_path, "cli")["file"])
        assert service_of(path) == "reminders"
        with databases.empty("reminders") as url:
            empty = Heed.of("reminders", reminders.settings, url, "redis://nowhere")
            done = restore(empty.database.engine, "reminders", path, None, "cli")
            empty.close()
        assert done["tables"]["outbox"] == 0

    def test_what_is_not_whole_is_refused_and_leaves_nothing(
        self, reminders: Heed, databases: Databases, tmp_path: Path
    ) -> None:
        owe(reminders, *range(9))
        path, cipher = Path(take(reminders, tmp_path, "cli")["file"]), Cipher.from_setting(KEYS)
        whole = path.read_bytes()
        other = Cipher.from_setting(new_encryption_key("b2"))
        spoiled = {
            "cut": (whole[:-9], cipher),
            "cut to its first line": (whole[: whole.index(b"\n") + 1], cipher),
            "changed": (whole[:-40] + bytes([whole[-40] ^ 1]) + whole[-39:], cipher),
            "of another": (whole, other),
            "sealed": (whole, None),
            "none": (b"hello", cipher),
        }
        with databases.empty("reminders") as url:
            heed = Heed.of("reminders", reminders.settings, url, "redis://nowhere")
            for name, (content, key) in spoiled.items():
                path.write_bytes(content)
                with pytest.raises(Unreadable):
                    restore(heed.database.engine, "reminders", path, key, "cli")
                with heed.database.begin() as session:
                    tables = session.scalar(
                        text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
                    )
                    assert tables == 0, name
            heed.close()

    def test_one_whose_rows_or_chain_were_changed_is_refused(
        self, reminders: Heed, databases: Databases, tmp_path: Path
    ) -> None:
        """By somebody who has the key."""
        with reminders.database.begin() as session:
            audit.record(session, "person:ann", "tried", "something")
        path, cipher = Path(take(reminders, tmp_path, "cli")["file"]), Cipher.from_setting(KEYS)
        with archive.reading(path, cipher) as members:
            content = dict(members)
        manifest = json.loads(content["manifest.json"])
        changed = content["audit/000000.copy"].replace(b"person:ann", b"person:bob")
        tally = archive.Tally()
        tally.count(changed)
        with_digest = manifest | {"tables": manifest["tables"] | {"audit": tally.stated()}}
        unknown = json.loads(content["head.json"]) | {"revisions": ["common_9999", "reminders_0001"]}
        cases: list[tuple[dict[str, bytes], type[Exception], str]] = [
            ({"audit/000000.copy": changed}, Unreadable, "manifest"),
            (
                {"audit/000000.copy": changed, "manifest.json": json.dumps(with_digest).encode()},
                Unreadable,
                "audit log",
            ),
            ({"head.json": json.dumps(unknown).encode()}, Refused, "newer"),
        ]
        with databases.empty("reminders") as url:
            heed = Heed.of("reminders", reminders.settings, url, "redis://nowhere")
            for replaced, kind, words in cases:
                with path.open("wb") as file, archive.writing(file, "reminders", cipher) as writer:
                    for name, part in (content | replaced).items():
                        writer.member(name, part)
                with pytest.raises(kind, match=words):
                    restore(heed.database.engine, "reminders", path, cipher, "cli")
            heed.close()

    def test_one_of_an_older_schema_is_brought_up_to_date(
        self, databases: Databases, reminders: Heed, tmp_path: Path
    ) -> None:
        """In parts so small that rows which name one another stand in several."""
        with (
            databases.empty("reminders") as old,
            databases.empty("reminders") as new,
            pytest.MonkeyPatch.context() as patch,
        ):
            patch.setattr(archive, "PART", 40)
            then = Heed.of("reminders", reminders.settings, old, "redis://nowhere")
            with then.database.engine.begin() as connection:
                upgrade(connection, "reminders", ["common_0007", "reminders_0005"])
            with then.database.begin() as session:
                session.execute(
                    text(
                        "INSERT INTO people (name_enc, organisation, created_at) SELECT 'x', false, now() FROM generate_series(1, 9)"
                    )
                )
                session.execute(text("UPDATE people SET merged_into = 10 - id WHERE id < 5"))
            taken = take(then, tmp_path, "cli")
            now = Heed.of("reminders", reminders.settings, new, "redis://nowhere")
            done = restore(
                now.database.engine, "reminders", Path(taken["file"]), Cipher.from_setting(KEYS), "cli"
            )
            assert done["tables"]["people"] == 9
            with now.database.engine.connect() as connection:
                assert not behind(connection, "reminders")
                assert connection.scalar(text("SELECT count(merged_into) FROM people")) == 4
                assert (
                    connection.scalar(
                        text(
                            "INSERT INTO people (name_enc, organisation, created_at) VALUES ('x', false, now()) RETURNING id"
                        )
                    )
                    == 10
                )
            then.close()
            now.close()

    def test_a_database_with_tables_is_never_overwritten(self, reminders: Heed, tmp_path: Path) -> None:
        path = Path(take(reminders, tmp_path, "cli")["file"])
        with pytest.raises(Refused, match="not empty"):
            restore(reminders.database.engine, "reminders", path, Cipher.from_setting(KEYS), "cli")


@pytest.mark.parametrize(
    "size", [0, 1, sealing.PIECE - 1, sealing.PIECE, sealing.PIECE + 1, 3 * sealing.PIECE]
)
def test_pieces_come_back_as_they_were_and_in_no_other_order(size: int) -> None:
    cipher, plain = Cipher.from_setting(KEYS), bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    file = io.BytesIO()
    with Sealer(file, cipher, "word") as sealer:
        sealer.write(plain)
    pieces = file.getvalue()

    def opened(content: bytes, word: str = "word") -> bytes:
        return Opener(io.BytesIO(content), cipher, word).read()

    assert opened(pieces) == plain
    length = 4 + int.from_bytes(pieces[:4])
    first, rest = pieces[:length], pieces[length:]
    wrong = [(pieces, "other"), (pieces[:-1], "word")] + (
        [(first, "word"), (rest, "word"), (rest + first, "word")] if rest else []
    )
    for content, word in wrong:
        with pytest.raises(Unreadable):
            opened(content, word)


def test_the_commands(
    heed: Any, tmp_path: Path, databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "backups"
    ran = heed("backup", "--to", folder, "--keep", 1, "--json")
    assert ran.code == 0, ran.err
    files = {one["service"]: one["file"] for one in ran.json["backups"]}
    assert set(files) == {"reminders", "consultation"} and not ran.json["backups"][0]["sealed"]
    assert "NOT sealed" in heed("backup", "--to", folder, "--service", "reminders").out
    refused = heed("restore", "--from", files["consultation"])
    assert refused.code == 2 and "not empty" in refused.err
    assert heed("restore", "--from", tmp_path / "none").code == 2
    assert heed("backup", "--to", "/dev/null/x").code == 2
    with databases.empty("consultation") as url, monkeypatch.context() as patch:
        patch.setenv("CONSULTATION_DATABASE_URL", url)
        done = heed("restore", "--from", files["consultation"], "--by", "person:ann", "--json")
        assert done.code == 0 and done.json["service"] == "consultation"
        listed = heed("queue", "list", "--service", "consultation", "--json").json
        assert listed["stops"][0]["by"] == "restore"
        assert heed("consultation", "verify-audit", "--head", done.json["audit_head_now"]).code == 0
