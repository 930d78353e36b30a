"""The carrier's webhooks: true signatures only, once a sid, whatever else comes, and never a 500."""

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from services.common import work
from services.common.context import Heed
from services.common.models import Inbound
from services.common.settings import ServiceName
from services.common.signature import body_sha256, sign

SID = "SM" + "a" * 32
FORM = "application/x-www-form-urlencoded"


def kept(heed: Heed) -> list[Inbound]:
    with heed.database.begin() as session:
        return list(session.scalars(select(Inbound).order_by(Inbound.id)))


def test_a_text_is_stored_woken_and_answered(heed: Heed, hooks: Any) -> None:
    answer = hooks.inbound(Body="Too many cars ŵ 😀 & more")
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/xml")
    assert answer.get_data(as_text=True) == '<?xml version="1.0" encoding="UTF-8"?><Response/>'
    (row,) = kept(heed)
    assert (row.sid, row.to_number, row.opt_out_type, row.handled_at) == (SID, heed.config.sender, None, None)
    assert row.body_enc is not None
    assert heed.cipher.open(row.body_enc, "body").reveal() == "Too many cars ŵ 😀 & more"
    (job,) = work.queue(heed).jobs
    assert job.args[1:] == []


def test_many_texts_are_one_wake_up_until_it_begins(heed: Heed, hooks: Any) -> None:
    for place in range(5):
        assert hooks.inbound(MessageSid=f"SM{place:032}").status_code == 200
    (job,) = work.queue(heed).jobs
    name, function = job.args[0].split(":")
    getattr(import_module(name), function)()
    assert all(row.handled_at for row in kept(heed))
    assert hooks.inbound(MessageSid=f"SM{5:032}").status_code == 200
    assert len(work.queue(heed).jobs) == 2


def test_what_the_carrier_took_it_for(heed: Heed, hooks: Any) -> None:
    said = {"STOP": "STOP", "START": "START", "HELP": "HELP", "stop": None, "X": None, "": None}
    for place, word in enumerate(said):
        assert hooks.inbound(OptOutType=word, MessageSid=f"SM{place:032}").status_code == 200
    assert [row.opt_out_type for row in kept(heed)] == list(said.values())


def test_unknown_fields_are_tolerated(heed: Heed, hooks: Any) -> None:
    """Twilio adds them without notice."""
    assert hooks.inbound(NewIn2027="x", ChannelMetadata='{"a": 1}', Empty="").status_code == 200
    assert len(kept(heed)) == 1


@pytest.mark.parametrize("changes", [{"auth_tokens": ("new-token", "old-token")}])
@pytest.mark.parametrize(
    ("token", "status"), [("new-token", 200), ("old-token", 200), ("sandbox-token", 403)]
)
def test_every_token_verifies_while_they_rotate(heed: Heed, hooks: Any, token: str, status: int) -> None:
    assert hooks.inbound(token=token).status_code == status
    assert len(kept(heed)) == (status == 200)


class TestRefused:
    @pytest.fixture(autouse=True)
    def _nothing_is_kept(self, heed: Heed) -> Iterator[None]:
        yield
        assert kept(heed) == []

    def test_without_a_true_signature(self, hooks: Any, subtests: pytest.Subtests) -> None:
        for signature in ("", "x", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", "\xff\xfe", "=" * 5000):
            with subtests.test(signature[:30]):
                answer = hooks.inbound(signature=signature)
                assert (answer.status_code, answer.get_json()["error"]) == (403, "bad-signature")
        assert hooks.client.post("/twilio/inbound", data=hooks.form()).status_code == 403

    def test_with_one_changed_field(self, hooks: Any) -> None:
        changed = urlencode(hooks.form(Body="something else"))
        assert hooks.inbound(data=changed).status_code == 403
        assert hooks.inbound(data=urlencode(hooks.form()) + "&Extra=1").status_code == 403

    def test_signed_for_another_address(self, heed: Heed, hooks: Any, subtests: pytest.Subtests) -> None:
        other: ServiceName = "consultation" if heed.service == "reminders" else "reminders"
        mine, theirs = heed.config.public_url, heed.settings.service(other).public_url
        for url in (
            f"{mine}/twilio/status/some-token-123",
            f"{mine}/twilio/inbound/",
            f"{mine}/twilio/inbound?x=1",
            f"{theirs}/twilio/inbound",
        ):
            with subtests.test(url):
                assert hooks.inbound(url=url).status_code == 403

    def test_another_account(self, heed: Heed, hooks: Any, subtests: pytest.Subtests) -> None:
        for account in ("AC" + "9" * 32, "", heed.settings.account_sid.lower()):
            with subtests.test(account):
                answer = hooks.inbound(AccountSid=account)
                assert (answer.status_code, answer.get_json()["error"]) == (403, "wrong-account")

    def test_a_number_that_is_not_this_services(
        self, heed: Heed, hooks: Any, subtests: pytest.Subtests
    ) -> None:
        other: ServiceName = "consultation" if heed.service == "reminders" else "reminders"
        for number in ("", "+447700900999", heed.settings.service(other).sender, heed.config.sender + "0"):
            with subtests.test(number):
                answer = hooks.inbound(To=number)
                assert (answer.status_code, answer.get_json()["error"]) == (403, "wrong-number")

    def test_json_however_truly_signed(self, heed: Heed, hooks: Any, subtests: pytest.Subtests) -> None:
        """What is not a form comes with its hash in the address; no text comes so, and neither door takes it."""
        raw = json.dumps(hooks.form()).encode()
        for path in ("/twilio/inbound", "/twilio/status/token-123456"):
            query = f"?bodySHA256={body_sha256(raw)}"
            url = f"{heed.config.public_url}{path}"
            signatures = [sign(heed.settings.auth_tokens[0], at, {}) for at in (url, url + query)]
            for signature in signatures:
                with subtests.test(path, signature=signature):
                    answer = hooks.client.post(
                        path + query,
                        data=raw,
                        content_type="application/json",
                        headers={"X-Twilio-Signature": signature},
                    )
                    assert (answer.status_code, answer.get_json()["error"]) == (403, "bad-signature")

    def test_two_signatures(self, heed: Heed, hooks: Any) -> None:
        """As a server hands over a header that came twice: joined by a comma."""
        form = hooks.form()
        true = sign(heed.settings.auth_tokens[0], f"{heed.config.public_url}/twilio/inbound", form)
        for both in (f"{true},{true}", f"x,{true}", f"{true},x"):
            assert hooks.inbound(signature=both).status_code == 403

    def test_an_account_that_comes_twice(self, heed: Heed, hooks: Any) -> None:
        """The signature covers both values; the first one counts, and it is not ours."""
        twice = hooks.form() | {"AccountSid": ["AC" + "9" * 32, heed.settings.account_sid]}
        signed = sign(heed.settings.auth_tokens[0], f"{heed.config.public_url}/twilio/inbound", twice)
        answer = hooks.inbound(data=urlencode(twice, doseq=True), signature=signed)
        assert (answer.status_code, answer.get_json()["error"]) == (403, "wrong-account")

    def test_a_sid_that_is_none(self, hooks: Any, subtests: pytest.Subtests) -> None:
        bad = [
            "",
            "SM1",
            "SM" + "g" * 32,
            "XX" + "a" * 32,
            SID + "a",
            "SM" + "a" * 31 + "\x00",
            "'; DROP TABLE inbound",
        ]
        for sid in bad:
            with subtests.test(sid):
                answer = hooks.inbound(MessageSid=sid)
                assert (answer.status_code, answer.get_json()["error"]) == (400, "bad-sid")

    def test_too_large(self, hooks: Any, subtests: pytest.Subtests) -> None:
        for size, status in ((64 * 1024, 403), (64 * 1024 + 1, 413), (1024 * 1024, 413)):
            with subtests.test(size=size):
                body = "Body=" + "x" * (size - 5)
                assert hooks.inbound(data=body).status_code == status
                answer = hooks.client.post("/twilio/status/token-123456", data=body, content_type=FORM)
                assert answer.status_code == status

    def test_too_many_fields(self, hooks: Any) -> None:
        """201 in all, truly signed."""
        more = {f"Field{number}": "x" for number in range(201 - len(hooks.form()))}
        assert hooks.inbound(**more).status_code == 403

    def test_another_content_type(self, hooks: Any, subtests: pytest.Subtests) -> None:
        types = [
            "application/json",
            "text/plain",
            "multipart/form-data",
            "multipart/form-data; boundary=x",
            "",
            "x",
            "\xff",
        ]
        for content_type in types:
            for signature in (None, "x"):
                with subtests.test(content_type, signed=signature is None):
                    answer = hooks.inbound(content_type=content_type, signature=signature)
                    assert answer.status_code in (400, 403, 415)

    def test_odd_bodies(self, hooks: Any, subtests: pytest.Subtests) -> None:
        for data in (b"", b"\xff\xfe\x00", b"{}", b"a=%ff%fe", b"&&&", b"Body", b"--x--\r\n"):
            with subtests.test(repr(data)):
                assert hooks.inbound(data=data).status_code == 403

    def test_other_methods(self, heed: Heed, client: Any) -> None:
        for verb in ("GET", "PUT", "DELETE", "PATCH", "HEAD"):
            assert client.open("/twilio/inbound", method=verb).status_code == 405


def test_as_many_fields_as_may_be(hooks: Any) -> None:
    more = {f"Field{number}": "x" for number in range(200 - len(hooks.form()))}
    assert hooks.inbound(**more).status_code == 200


def test_fields_that_come_twice_are_covered_by_the_signature(heed: Heed, hooks: Any) -> None:
    form = hooks.form() | {"MediaUrl": ["b", "a", "b"]}
    signed = sign(heed.settings.auth_tokens[0], f"{heed.config.public_url}/twilio/inbound", form)
    assert hooks.inbound(data=urlencode(form, doseq=True), signature=signed).status_code == 200
    assert len(kept(heed)) == 1


def test_bytes_that_are_no_characters_are_refused_however_truly_signed(heed: Heed, hooks: Any) -> None:
    """One reader takes %FF for a mark, another leaves it: what is verified would not be what is read."""
    body = urlencode(hooks.form(Body="caf\ufffd")).replace("%EF%BF%BD", "%FF")
    assert "%FF" in body
    assert hooks.inbound(data=body, Body="caf\ufffd").status_code == 403
    assert kept(heed) == []


def test_a_long_text_of_the_carriers_own_limit_is_taken(hooks: Any) -> None:
    assert hooks.inbound(Body="😀" * 1600).status_code == 200


def test_nothing_of_the_text_is_said(hooks: Any, debug_log: Callable[[], str]) -> None:
    answers = [
        hooks.inbound(Body="secret words", signature="x"),
        hooks.inbound(Body="secret words", AccountSid="x"),
        hooks.inbound(Body="secret words", MessageSid="x"),
        hooks.inbound(Body="secret words"),
    ]
    said = debug_log() + "".join(answer.get_data(as_text=True) for answer in answers)
    assert "secret words" not in said
    assert "7700900123" not in said


class TestOnce:
    def test_a_repeated_sid_gives_the_same_answer_and_no_second_effect(self, heed: Heed, hooks: Any) -> None:
        answers = [hooks.inbound() for _ in range(3)]
        assert {(answer.status_code, answer.get_data()) for answer in answers} == {
            (200, answers[0].get_data())
        }
        assert len(kept(heed)) == 1
        assert work.queue(heed).count == 1

    def test_a_replay_with_another_signature_of_ours_is_harmless(self, heed: Heed, hooks: Any) -> None:
        """A signature holds no time, so a caught webhook can be sent again for ever."""
        first, second = hooks.inbound(), hooks.inbound()
        assert (first.status_code, second.status_code) == (200, 200)
        assert len(kept(heed)) == 1

    def test_ten_times_at_once(self, heed: Heed, hooks: Any) -> None:
        gate = threading.Barrier(10)

        def post(_: int) -> int:
            gate.wait()
            status: int = hooks.inbound().status_code
            return status

        with ThreadPoolExecutor(10) as pool:
            assert set(pool.map(post, range(10))) == {200}
        assert len(kept(heed)) == 1
        assert work.queue(heed).count == 1


class TestBehindAProxy:
    """The signature is checked over the configured public URL, whatever host, scheme or port the request arrives by."""

    @pytest.mark.parametrize("changes", [{"public_url": "https://heed.example.org"}])
    @pytest.mark.parametrize(
        ("base_url", "headers"),
        [
            ("http://127.0.0.1:8001", {}),
            ("https://internal-name/", {"Host": "internal-name"}),
            ("http://10.0.0.5:9999", {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example.org"}),
            ("http://heed.example.org:8001", {"X-Forwarded-For": "1.2.3.4"}),
        ],
    )
    def test_the_host_does_not_matter(
        self, heed: Heed, hooks: Any, base_url: str, headers: dict[str, str]
    ) -> None:
        assert hooks.inbound(base_url=base_url, headers=headers).status_code == 200
        assert len(kept(heed)) == 1

    @pytest.mark.parametrize("changes", [{"public_url": "https://heed.example.org"}])
    def test_a_signature_for_the_host_it_arrived_by_is_false(self, heed: Heed, hooks: Any) -> None:
        answer = hooks.inbound(url="http://127.0.0.1:8001/twilio/inbound", base_url="http://127.0.0.1:8001")
        assert answer.status_code == 403


class TestStatus:
    def test_of_no_attempt_of_ours(self, heed: Heed, hooks: Any) -> None:
        assert hooks.status("nobody-s-token").status_code == 204

    def test_words_that_are_not_known_are_answered_all_the_same(self, hooks: Any) -> None:
        for status in ("", "receiving", "weird", "DELIVERED", "x" * 1000):
            assert hooks.status("nobody-s-token", status).status_code == 204

    def test_odd_error_codes(self, heed: Heed, hooks: Any, desk_row: Callable[..., str]) -> None:
        token = desk_row(heed)
        for place, code in enumerate(("", "0", "30006", "x", "-1", "²", "٣", "9" * 30, "30006.5")):
            sid = f"SM{place:032}"
            assert hooks.status(token, "undelivered", ErrorCode=code, MessageSid=sid).status_code == 204

    def test_the_way_of_a_text(self, heed: Heed, hooks: Any, desk_row: Callable[..., str]) -> None:
        from services.common.models import Outbox, StatusEvent

        token = desk_row(heed)
        for status in ("sent", "sent", "delivered", "sent"):
            assert hooks.status(token, status).status_code == 204
        with heed.database.begin() as session:
            row = session.scalars(select(Outbox)).one()
            events = session.scalars(select(StatusEvent.status).order_by(StatusEvent.id)).all()
        assert (row.state, row.carrier_status, list(events)) == (
            "accepted",
            "delivered",
            ["sent", "delivered"],
        )

    def test_a_path_with_other_characters_is_nobodys(self, heed: Heed, hooks: Any) -> None:
        """Tokens hold none that need an escape; a signature over the escaped or the plain path changes nothing."""
        for token in ("a%3Ab%2Fc%7Ed%7C-12345", "a:b~c|d-12345678"):
            answer = hooks.status(token)
            assert answer.status_code in (204, 403, 404)
        assert hooks.status("nobody-s-token", MessageSid="odd").status_code == 400

    def test_of_another_account(self, hooks: Any) -> None:
        assert hooks.status("nobody-s-token", AccountSid="AC" + "9" * 32).status_code == 403

    def test_wrongly_signed_is_403_for_any_token(self, heed: Heed, hooks: Any) -> None:
        for token in ("nobody-s-token", "x", "%2e%2e", "a" * 500):
            assert hooks.status(token, signature="x").status_code == 403

    def test_ten_times_at_once(self, heed: Heed, hooks: Any, desk_row: Callable[..., str]) -> None:
        from services.common.models import StatusEvent

        token, gate = desk_row(heed), threading.Barrier(10)

        def post(_: int) -> int:
            gate.wait()
            status: int = hooks.status(token).status_code
            return status

        with ThreadPoolExecutor(10) as pool:
            assert set(pool.map(post, range(10))) == {204}
        with heed.database.begin() as session:
            assert len(session.scalars(select(StatusEvent)).all()) == 1


@pytest.fixture
def desk_row() -> Callable[[Heed], str]:
    """A text on the wire; its attempt's token."""
    from datetime import timedelta

    from services.common import clock
    from services.common.outbox.claim import claim, fixed
    from services.common.outbox.intentions import Intention, intend

    def make(heed: Heed) -> str:
        with heed.database.begin() as session:
            now = clock.now(session)
            one = Intention(
                "k",
                "test",
                1,
                now,
                now + timedelta(hours=1),
                0,
                to_enc=heed.cipher.seal("+447700900123", "number"),
                body_enc=heed.cipher.seal("Hello", "body"),
            )
            intend(session, [one], now)
            (claimed,) = claim(heed, session, lambda _session, rows, at: fixed(heed, rows, at), 5).claims
        return claimed.text.token

    return make


@settings(max_examples=40)
@given(
    data=st.binary(max_size=400)
    | st.dictionaries(st.text(min_size=1), st.text(), max_size=6).map(
        lambda form: urlencode(form, errors="replace").encode()
    ),
    content_type=st.sampled_from(
        [
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/json",
            "text/plain",
            "",
        ]
    ),
    signature=st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=40),
    path=st.sampled_from(["/twilio/inbound", "/twilio/status/token-123456"]),
)
def test_noise_is_never_a_500(
    reminders: Heed, sites: Any, data: bytes, content_type: str, signature: str, path: str
) -> None:
    client = sites["reminders"].client()
    answer = client.post(
        path, data=data, content_type=content_type, headers={"X-Twilio-Signature": signature}
    )
    assert answer.status_code == 403


@settings(max_examples=40)
@given(
    form=st.dictionaries(
        st.sampled_from(
            ["From", "To", "Body", "MessageSid", "MessageStatus", "ErrorCode", "OptOutType", "X"]
        ),
        st.text(max_size=50),
    )
)
def test_whatever_a_true_signature_covers_is_never_a_500(
    reminders: Heed, sites: Any, form: dict[str, str]
) -> None:
    ours = {"AccountSid": reminders.settings.account_sid, "To": reminders.config.sender}
    client, signed = sites["reminders"].client(), ours | form
    try:
        body = urlencode(signed)
    except UnicodeEncodeError:
        return
    for path in ("/twilio/inbound", "/twilio/status/token-123456"):
        signature = sign(reminders.settings.auth_tokens[0], f"{reminders.config.public_url}{path}", signed)
        answer = client.post(
            path,
            data=body,
            content_type="application/x-www-form-urlencoded",
            headers={"X-Twilio-Signature": signature},
        )
        assert answer.status_code in (200, 204, 400, 403)


def test_over_real_http(reminders: Heed, carrier: Any, sites: Any) -> None:
    """The sandbox's own webhook, to the application at its public address."""
    assert carrier.text("+447700900123", reminders.config.sender, "Hello")["status_code"] == 200
    assert len(kept(reminders)) == 1
