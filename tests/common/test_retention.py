"""Content goes when its time is over, what is counted stays, whoever is held stays whole, and twice is once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from services.common import alarms, clock, inbound, retention
from services.common.acts import Refused
from services.common.context import Heed
from services.common.outbox.intentions import Intention, intend
from services.consultation.retention import RULES as CONSULTATION
from services.reminders import deliveries
from services.reminders.retention import RULES as REMINDERS

NAME = '{"given": "Sam", "surname": "Example"}'
DAY = timedelta(days=1)


def later(heed: Heed, days: float) -> None:
    with heed.database.begin() as session:
        now = clock.now(session)
    clock.move_to(heed.database, now + days * DAY)


def rows(heed: Heed, statement: str, **given: Any) -> list[tuple[Any, ...]]:
    with heed.database.begin() as session:
        return [tuple(row) for row in session.execute(text(statement), given)]


def key(heed: Heed, number: str) -> bytes:
    return heed.index.of(number, "number")


def number(last: int) -> str:
    return f"+4477009000{last:02}"


def person(heed: Heed, last: int, starts_in: float) -> int:
    """Somebody with a number and a hearing in so many days, and a text to them and one from them."""
    with heed.database.begin() as session:
        now = clock.now(session)
        given = {"now": now, "at": now + starts_in * DAY, "name": heed.cipher.seal(NAME, "name"), "n": last}
        given |= {"key": key(heed, number(last)), "number": heed.cipher.seal(number(last), "number")}
        person_id = session.scalar(
            text(
                "INSERT INTO people (name_enc, organisation, created_at) VALUES (:name, false, :now) RETURNING id"
            ),
            given,
        )
        given["id"] = person_id
        for statement in (
            "INSERT INTO person_keys VALUES (CAST(CAST(:n AS text) AS bytea), :id)",
            "INSERT INTO contacts (person_id, number_key, number_enc, source, received_at) VALUES (:id, :key, :number, 'office', :now)",
            "INSERT INTO listings (person_id, hearing_key, source, case_refs, first_hearing, custody, box_hearing, guilty_plea_by_post,"
            " interpreter, offence_codes, markers, doubts, days, starts_at, stated, content, delivery_id, created_at, updated_at)"
            " VALUES (:id, 'h' || :id, 'csv', '{41HT1}', true, 'none', false, false, false, '{TH68}', '{}', '{}', '[]', :at, '{}', 'x', 'd',"
            " :now, :now)",
        ):
            session.execute(text(statement), given)
        owed = Intention(
            f"k{last}", "reminder", last, now, now + DAY, 5,
            to_key=key(heed, number(last)),
            to_enc=heed.cipher.seal(number(last), "number"),
            body_enc=heed.cipher.seal("You must be at court", "body"),
        )  # fmt: skip
        intend(session, [owed], now)
        session.execute(text("UPDATE outbox SET state = 'accepted' WHERE dedupe_key = :k"), {"k": f"k{last}"})
        inbound.keep(
            heed, session, sid=f"SM{last:032}", sender=number(last), to="+447700900001", body="words", opt_out_type=None,
            received_at=now,
        )  # fmt: skip
        session.execute(text("UPDATE inbound SET handled_at = :now WHERE handled_at IS NULL"), {"now": now})
    assert isinstance(person_id, int)
    return person_id


WHOLE = "SELECT p.id FROM people p WHERE octet_length(name_enc) > 0 ORDER BY id"
CONTENT = (
    "SELECT (SELECT count(*) FROM outbox WHERE body_enc IS NOT NULL), (SELECT count(*) FROM inbound WHERE body_enc IS NOT NULL),"
    " (SELECT count(*) FROM contacts), (SELECT count(*) FROM person_keys)"
)


def test_a_person_is_emptied_once_their_hearing_is_over_for_so_long(reminders: Heed) -> None:
    """A year after the hearing, and not a day before; somebody held, and somebody in a pilot that is not over, stay."""
    past, held, ahead, piloted = (person(reminders, n, days) for n, days in enumerate((10, 10, 400, 10)))
    with reminders.database.begin() as session:
        session.execute(
            text(
                "INSERT INTO restrictions (person_id, kind, reason, marked, by, at) VALUES (:id, 'hold', 'a complaint', false, 'x', now())"
            ),
            {"id": held},
        )
        session.execute(
            text(
                "INSERT INTO pilots (name, protocol, hash, locked_at) VALUES ('p', jsonb_build_object('until', current_date + 300), '', now())"
            )
        )
        session.execute(
            text(
                "INSERT INTO assignments (pilot_id, person_id, listing_id, stratum, arm, assigned_at, cluster, version, hearing_at,"
                " case_kind, age_band, notice_days, contact_source) SELECT 1, :id, l.id, 's', 'a', now(), 1, 1, now(), 'bail', '', 1, ''"
                " FROM listings l WHERE l.person_id = :id"
            ),
            {"id": piloted},
        )
    later(reminders, 374)
    retention.run(reminders, REMINDERS, "cli")
    assert rows(reminders, WHOLE) == [(past,), (held,), (ahead,), (piloted,)]
    # The texts went by their own age, but for those of whoever is held.
    assert rows(reminders, CONTENT)[0][:2] == (1, 1)
    later(reminders, 2)
    foretold = retention.run(reminders, REMINDERS, "cli", dry_run=True)
    assert foretold["people"] == 1 and rows(reminders, WHOLE) == [(past,), (held,), (ahead,), (piloted,)]
    assert retention.run(reminders, REMINDERS, "cli") == foretold
    assert rows(reminders, WHOLE) == [(held,), (ahead,), (piloted,)]
    assert rows(reminders, CONTENT)[0][2:] == (3, 3)
    assert retention.run(reminders, REMINDERS, "cli") == {}, "twice is once"
    (counted,) = rows(
        reminders,
        "SELECT case_refs, offence_codes, starts_at IS NOT NULL FROM listings WHERE person_id = :id",
        id=past,
    )
    assert counted == ([], [], True)
    assert rows(reminders, "SELECT count(*), count(carrier_status) FROM outbox")[0][0] == 4, (
        "what is counted stays"
    )
    acts = rows(reminders, "SELECT actor, detail FROM audit WHERE act = 'retention-run' ORDER BY id")
    assert len(acts) == 2 and acts[1][1]["people"] == 1


def test_batches_end(reminders: Heed) -> None:
    for last in range(5):
        person(reminders, last, 1)
    later(reminders, 400)
    assert retention.run(reminders, REMINDERS, "cli", batch=2)["people"] == 5


def test_pushes_alarms_and_sessions(reminders: Heed) -> None:
    with reminders.database.begin() as session:
        now = clock.now(session)
        push = deliveries.Push(format="csv", body=b"case_ref\n", actor="key:1")
        delivery = deliveries.receive(reminders, session, push).id
        session.execute(text("UPDATE deliveries SET status = 'rejected', applied_at = :now"), {"now": now})
        alarms.sound(session, "feed-empty", "a", now)
        alarms.sound(session, "feed-empty", "b", now)
        alarms.acknowledge(session, 1, "person:ann", now)
        session.execute(text("INSERT INTO tellings (alarm_id, channel) VALUES (1, 'email'), (2, 'email')"))
    later(reminders, 91)
    assert retention.run(reminders, REMINDERS, "cli") == {"deliveries": 1}
    with pytest.raises(Refused, match="kept no longer"), reminders.database.begin() as session:
        deliveries.replay(session, delivery, "cli")
    later(reminders, 640)
    done = retention.run(reminders, REMINDERS, "cli")
    assert (done["alarms"], done["tellings"]) == (1, 1)
    assert rows(reminders, "SELECT subject FROM alarms") == [("b",)], "an open one stays"


def test_a_stop_outlives_everything(reminders: Heed) -> None:
    person(reminders, 1, 1)
    with reminders.database.begin() as session:
        session.execute(
            text("INSERT INTO number_states (number_key, stopped_at) VALUES (:k, now()), ('another', NULL)"),
            {"k": key(reminders, number(1))},
        )
        session.execute(
            text(
                "INSERT INTO number_events (number_key, act, source, at) VALUES (:k, 'stop', 'inbound:1', now()), ('another', 'stop', 'x', now())"
            ),
            {"k": key(reminders, number(1))},
        )
    later(reminders, 4000)
    retention.run(reminders, REMINDERS, "cli")
    assert rows(
        reminders,
        "SELECT stopped_at IS NOT NULL FROM number_states WHERE number_key = :k",
        k=key(reminders, number(1)),
    )
    assert rows(reminders, "SELECT number_key FROM number_events") == [(key(reminders, number(1)),)]


def test_consultations_words_go_after_it_has_closed(consultation: Heed) -> None:
    heed = consultation
    with heed.database.begin() as session:
        now = clock.now(session)
        for name, closes in (("closed", now + DAY), ("open", now + 500 * DAY)):
            session.execute(
                text(
                    "INSERT INTO consultations (id, kind, title, questionnaire, hash, opens_at, closes_at, launched_at)"
                    " VALUES (:id, 'consultation', '', '{}', '', :now, :closes, :now)"
                ),
                {"id": name, "now": now, "closes": closes},
            )
        for last, (name, held) in enumerate(
            (("closed", ""), ("closed", "number"), ("closed", "receipt"), ("open", ""))
        ):
            reference = f"REF{last}"
            inbound.keep(
                heed, session, sid=f"SM{last:032}", sender=number(last), to="+447700900002", body="a view", opt_out_type=None,
                received_at=now,
            )  # fmt: skip
            session.execute(
                text(
                    "INSERT INTO respondents (consultation_id, number_key, number_enc, reference, state, district, first_at)"
                    " VALUES (:name, :key, 'x', :reference, 'complete', 'Dacorum', :now)"
                ),
                {"name": name, "key": key(heed, number(last)), "reference": reference, "now": now},
            )
            session.execute(
                text(
                    "INSERT INTO submissions (consultation_id, respondent_id, channel, kind, rule, received_at, ended_at, late, early, standing)"
                    " VALUES (:name, :id, 'sms', 'feedback', 'r', :now, :now, false, false, 'counted')"
                ),
                {"name": name, "id": last + 1, "now": now},
            )
            session.execute(text("INSERT INTO submission_texts VALUES (:id, :id)"), {"id": last + 1})
            if held:
                hold = key(heed, number(last)) if held == "number" else heed.index.of(reference, "receipt")
                session.execute(
                    text("INSERT INTO holds (subject_key, reason, by, at) VALUES (:k, 'foi', 'x', now())"),
                    {"k": hold},
                )
        session.execute(text("UPDATE inbound SET handled_at = :now"), {"now": now})
    words = "SELECT id FROM inbound WHERE body_enc IS NOT NULL ORDER BY id"
    later(heed, 365.9)
    assert retention.run(heed, CONSULTATION, "cli", batch=1) == {}
    later(heed, 0.2)
    assert retention.run(heed, CONSULTATION, "cli", batch=1) == {"respondents": 1}
    assert rows(heed, words) == [(2,), (3,), (4,)]
    assert rows(heed, "SELECT district, number_key, erased_at IS NOT NULL FROM respondents WHERE id = 1") == [
        ("Dacorum", None, True)
    ]
    with heed.database.begin() as session:
        session.execute(text("UPDATE holds SET released_at = now()"))
    assert retention.run(heed, CONSULTATION, "cli", batch=1) == {"respondents": 2}
    assert rows(heed, words) == [(4,)]


def test_once_a_night(reminders: Heed) -> None:
    with reminders.database.begin() as session:
        assert retention.to_run(session, clock.now(session)) == [[]]
    retention.nightly(reminders, REMINDERS)
    with reminders.database.begin() as session:
        assert retention.to_run(session, clock.now(session)) == []
    person(reminders, 1, 1)
    later(reminders, 400)
    retention.nightly(reminders, REMINDERS)
    assert rows(reminders, WHOLE) == []
    retention.nightly(reminders, REMINDERS)
    assert len(rows(reminders, "SELECT FROM audit WHERE act = 'retention-run'")) == 1


def test_the_command(heed: Callable[..., Any]) -> None:
    assert heed("retention", "run", "--dry-run", "--json").json == {
        "dry_run": True,
        "rows": {"reminders": {}, "consultation": {}},
    }
    assert "nothing is older" in heed("retention", "run", "--service", "consultation").out
