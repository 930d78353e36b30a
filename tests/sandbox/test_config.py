"""Settings from the environment."""

from pathlib import Path

import pytest

from services.sandbox.config import Config, Sender, from_environment


def test_defaults() -> None:
    config = from_environment({})
    assert (config.host, config.port) == ("127.0.0.1", 8003)
    assert config.account_sid == "AC00000000000000000000000000005a4d"
    assert config.auth_tokens == ("sandbox-token",)
    assert config.senders == (
        Sender("+447700900001", "Reminders", "http://127.0.0.1:8001/twilio/inbound"),
        Sender("+447700900002", "Consultation", "http://127.0.0.1:8002/twilio/inbound"),
    )
    assert config.journal == Path(".heed/sandbox.jsonl")
    assert (config.answers_stop, config.sends_callbacks) == (True, True)
    assert (config.delay_seconds, config.slow_seconds, config.late_seconds) == (0.05, 40, 172_800)


def test_everything_can_be_set() -> None:
    config = from_environment(
        {
            "SANDBOX_HOST": "0.0.0.0",
            "SANDBOX_PORT": "9003",
            "TWILIO_ACCOUNT_SID": "AC1",
            "TWILIO_AUTH_TOKENS": "new, old,",
            "REMINDERS_SENDER": "HertsCourts",
            "CONSULTATION_SENDER": "+447700900009",
            "REMINDERS_PORT": "9001",
            "CONSULTATION_PUBLIC_URL": "https://listen.example/",
            "HEED_DATA_DIR": "/var/lib/heed",
            "SANDBOX_DELAY_SECONDS": "0",
            "SANDBOX_SLOW_SECONDS": "1.5",
            "SANDBOX_LATE_SECONDS": "60",
            "SANDBOX_CALLBACKS": "off",
            "TWILIO_ANSWERS_STOP": "False",
        }
    )
    assert (config.host, config.port, config.account_sid) == ("0.0.0.0", 9003, "AC1")
    assert config.auth_tokens == ("new", "old")
    assert config.senders == (
        Sender("HertsCourts", "Reminders", None),
        Sender("+447700900009", "Consultation", "https://listen.example/twilio/inbound"),
    )
    assert [sender.takes_replies for sender in config.senders] == [False, True]
    assert config.journal == Path("/var/lib/heed/sandbox.jsonl")
    assert (config.answers_stop, config.sends_callbacks) == (False, False)
    assert (config.delay_seconds, config.slow_seconds, config.late_seconds) == (0, 1.5, 60)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SANDBOX_PORT", "http"),
        ("SANDBOX_PORT", "-1"),
        ("SANDBOX_DELAY_SECONDS", "soon"),
        ("SANDBOX_DELAY_SECONDS", "nan"),
        ("SANDBOX_SLOW_SECONDS", "inf"),
        ("TWILIO_ANSWERS_STOP", "maybe"),
        ("TWILIO_AUTH_TOKENS", " , "),
        ("CONSULTATION_SENDER", "+447700900001"),
    ],
)
def test_a_bad_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=name):
        from_environment({name: value})


def test_unknown_addresses_are_no_senders() -> None:
    assert Config(senders=(Sender("A1", "A", None),)).sender("A2") is None
