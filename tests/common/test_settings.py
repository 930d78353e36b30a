"""Every setting's default and every refusal; each refusal is one line that begins with the variable to mend."""

import json
import os
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from services.common import settings as module
from services.common.settings import Settings, SettingsError, load, new_encryption_key, new_index_key

SID = "AC" + "1" * 32
KEYS = {
    f"{name}_{kind}": make()
    for name in ("REMINDERS", "CONSULTATION")
    for kind, make in (("ENCRYPTION_KEYS", new_encryption_key), ("INDEX_KEY", new_index_key))
}
TRIAL = KEYS | {
    "HEED_MODE": "trial",
    "TWILIO_ACCOUNT_SID": SID,
    "TWILIO_AUTH_TOKENS": "new-token,old-token",
    "HEED_TRIAL_NUMBERS": "+447911123456, +447911123457",
    "REMINDERS_SENDER": "+447911000001",
    "CONSULTATION_SENDER": "+447911000002",
    "REMINDERS_PUBLIC_URL": "https://reminders.example.org/",
    "CONSULTATION_PUBLIC_URL": "https://consultation.example.org",
}
LIVE = TRIAL | {
    "HEED_MODE": "live",
    "HEED_DUTY_NUMBER": "+447911123456",
    "REDIS_URL": "redis://valkey:6379/0",
    "REMINDERS_DATABASE_URL": "postgresql://r@db/reminders",
    "CONSULTATION_DATABASE_URL": "postgresql://c@db/consultation",
}

OFFICE: dict[str, str | None] = {
    "HEED_OIDC_ISSUER": "https://login.example.org/tenant/",
    "REMINDERS_OIDC_CLIENT_ID": "heed-reminders",
    "REMINDERS_OIDC_CLIENT_SECRET": "one",
    "REMINDERS_OIDC_ROLES": "Heed operators=operator, Heed evaluators=evaluator",
    "CONSULTATION_OIDC_CLIENT_ID": "heed-consultation",
    "CONSULTATION_OIDC_CLIENT_SECRET": "other",
    "CONSULTATION_OIDC_ROLES": "Heed analysts=analyst",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HEED_DATA_DIR", str(tmp_path / "data"))


def loaded(monkeypatch: pytest.MonkeyPatch, given: dict[str, str | None]) -> Settings:
    for name, value in given.items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    return load()


def test_sandbox_mode_needs_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = loaded(monkeypatch, {})
    assert settings.mode == "sandbox"
    assert settings.carrier_url == settings.sandbox_url == "http://127.0.0.1:8003"
    assert settings.own_sandbox
    assert settings.data_dir == tmp_path / "data"
    assert [settings.service(name).port for name in ("reminders", "consultation")] == [8001, 8002]
    assert settings.service("reminders").public_url == "http://127.0.0.1:8001"
    assert settings.service("reminders").sender != settings.service("consultation").sender
    assert settings.answers_stop
    assert settings.daily_segments is None
    assert (settings.claim_lease, settings.settle_first, settings.settle_again) == (120, 60, 600)


def test_the_data_folder_defaults_to_dot_heed_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert loaded(monkeypatch, {"HEED_DATA_DIR": None}).data_dir == tmp_path / ".heed"
    assert loaded(monkeypatch, {"HEED_DATA_DIR": ""}).data_dir == tmp_path / ".heed"


def test_an_empty_variable_counts_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Docker's `NAME=${NAME:-}` hands over empty ones."""
    usual = loaded(monkeypatch, {})
    read: list[str] = []
    get = module._Environment._get_value

    def recorded(self: object, name: str, default: object) -> object:
        read.append(name)
        return get(self, name, default)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(module._Environment, "_get_value", recorded)
        load()
    assert len(set(read)) > 25
    empty: dict[str, str | None] = dict.fromkeys(set(read) - {"HEED_DATA_DIR"}, "")
    assert loaded(monkeypatch, empty) == usual


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9",
        "http://localhost:9/",
        "http://[::1]:9",
        "https://localhost",
        "http://sandbox:8003",
    ],
)
def test_sandbox_mode_takes_a_carrier_on_this_machine(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    settings = loaded(monkeypatch, {"TWILIO_API_BASE_URL": url})
    assert settings.carrier_url == url.rstrip("/")
    assert not settings.own_sandbox


@pytest.mark.parametrize(
    "url",
    [
        "https://api.twilio.com",
        "http://127.0.0.2:1",
        "http://127.0.0.1.example.org",
        "http://127.0.0.1@api.twilio.com",
        "http://localhost:pass@api.twilio.com",
        "http://0.0.0.0:8003",
        "http://10.0.0.1",
        "127.0.0.1:8003",
        "//api.twilio.com",
        "sandbox",
        "http://sandbox.example.org",
    ],
)
def test_sandbox_mode_refuses_any_other_carrier(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    with pytest.raises(SettingsError, match=r"^TWILIO_API_BASE_URL: sandbox mode only talks to a carrier on"):
        loaded(monkeypatch, {"TWILIO_API_BASE_URL": url})


@pytest.mark.parametrize("usual", [TRIAL, LIVE], ids=["trial", "live"])
def test_trial_and_live_start_with_everything_given(
    monkeypatch: pytest.MonkeyPatch, usual: dict[str, str]
) -> None:
    settings = loaded(monkeypatch, usual)
    assert settings.carrier_url == "https://api.twilio.com"
    assert not settings.own_sandbox
    assert settings.auth_tokens == ("new-token", "old-token")
    assert settings.trial_numbers == {"+447911123456", "+447911123457"}
    assert settings.service("reminders").public_url == "https://reminders.example.org"


BOTH = [
    ({"TWILIO_ACCOUNT_SID": None}, "TWILIO_ACCOUNT_SID"),
    ({"TWILIO_ACCOUNT_SID": module.SANDBOX_ACCOUNT_SID}, "TWILIO_ACCOUNT_SID"),
    ({"TWILIO_AUTH_TOKENS": None}, "TWILIO_AUTH_TOKENS"),
    ({"TWILIO_AUTH_TOKENS": " , "}, "TWILIO_AUTH_TOKENS"),
    ({"TWILIO_AUTH_TOKENS": f"new,{module.SANDBOX_AUTH_TOKEN}"}, "TWILIO_AUTH_TOKENS"),
    ({"TWILIO_API_BASE_URL": "http://api.twilio.com"}, "TWILIO_API_BASE_URL"),
    ({"REMINDERS_SENDER": None}, "REMINDERS_SENDER"),
    ({"CONSULTATION_SENDER": module.SANDBOX_SENDERS["consultation"]}, "CONSULTATION_SENDER"),
    ({"CONSULTATION_SENDER": module.SANDBOX_SENDERS["reminders"]}, "CONSULTATION_SENDER"),
    ({"REMINDERS_PUBLIC_URL": None}, "REMINDERS_PUBLIC_URL"),
    ({"CONSULTATION_PUBLIC_URL": "http://consultation.example.org"}, "CONSULTATION_PUBLIC_URL"),
    ({"REMINDERS_ENCRYPTION_KEYS": None}, "REMINDERS_ENCRYPTION_KEYS"),
    ({"REMINDERS_ENCRYPTION_KEYS": "k1:c2hvcnQ="}, "REMINDERS_ENCRYPTION_KEYS"),
    ({"CONSULTATION_INDEX_KEY": None}, "CONSULTATION_INDEX_KEY"),
    ({"CONSULTATION_INDEX_KEY": "c2hvcnQ="}, "CONSULTATION_INDEX_KEY"),
    # What the two services never share (DESIGN, "one database a service").
    ({"CONSULTATION_SENDER": TRIAL["REMINDERS_SENDER"]}, "CONSULTATION_SENDER"),
    ({"CONSULTATION_ENCRYPTION_KEYS": KEYS["REMINDERS_ENCRYPTION_KEYS"]}, "CONSULTATION_ENCRYPTION_KEYS"),
    (
        {"CONSULTATION_ENCRYPTION_KEYS": f"{new_encryption_key('k2')},{KEYS['REMINDERS_ENCRYPTION_KEYS']}"},
        "CONSULTATION_ENCRYPTION_KEYS",
    ),
    ({"CONSULTATION_INDEX_KEY": KEYS["REMINDERS_INDEX_KEY"]}, "CONSULTATION_INDEX_KEY"),
]


@pytest.mark.parametrize(
    ("usual", "change", "variable"),
    [(TRIAL, *case) for case in BOTH]
    + [(LIVE, *case) for case in BOTH]
    + [
        (TRIAL, {"HEED_TRIAL_NUMBERS": None}, "HEED_TRIAL_NUMBERS"),
        (TRIAL, {"HEED_TRIAL_NUMBERS": " ,, "}, "HEED_TRIAL_NUMBERS"),
        (TRIAL, {"HEED_TRIAL_NUMBERS": "07911 123456"}, "HEED_TRIAL_NUMBERS"),  # would match no recipient
        (TRIAL, {"HEED_ALERT_EMAIL": "nobody"}, "HEED_ALERT_EMAIL"),
        (TRIAL, {"HEED_ALERT_WEBHOOK": "http://hooks.example.org"}, "HEED_ALERT_WEBHOOK"),
        (TRIAL, {"HEED_ALERT_WEBHOOK": "hooks.example.org"}, "HEED_ALERT_WEBHOOK"),
        (LIVE, {"HEED_HEARTBEAT_URL": "http://watch.example.org"}, "HEED_HEARTBEAT_URL"),
        (
            TRIAL,
            {"HEED_SMTP_HOST": "mail.example.org", "HEED_SMTP_TLS": "none", "HEED_SMTP_PASSWORD": "x"},
            "HEED_SMTP_TLS",
        ),
        (TRIAL, {"REMINDERS_BACKUP_KEYS": "b1:c2hvcnQ="}, "REMINDERS_BACKUP_KEYS"),
        (
            TRIAL,
            {"CONSULTATION_BACKUP_KEYS": KEYS["REMINDERS_ENCRYPTION_KEYS"]},
            "CONSULTATION_ENCRYPTION_KEYS",
        ),
        (LIVE, {"REDIS_URL": None}, "REDIS_URL"),
        (LIVE, OFFICE | {"HEED_OIDC_ISSUER": "http://login.example.org"}, "HEED_OIDC_ISSUER"),
        (LIVE, OFFICE | {"REMINDERS_OIDC_CLIENT_SECRET": None}, "REMINDERS_OIDC_CLIENT_ID"),
        (LIVE, OFFICE | {"CONSULTATION_OIDC_ROLES": "Analysts"}, "CONSULTATION_OIDC_ROLES"),
        (LIVE, OFFICE | {"CONSULTATION_OIDC_ROLES": "Analysts=operator"}, "CONSULTATION_OIDC_ROLES"),
        (LIVE, OFFICE | {"CONSULTATION_OIDC_ROLES": None}, "CONSULTATION_OIDC_ROLES"),
        (LIVE, {"REMINDERS_DATABASE_URL": None}, "REMINDERS_DATABASE_URL"),
        (LIVE, {"CONSULTATION_DATABASE_URL": ""}, "CONSULTATION_DATABASE_URL"),
        (
            LIVE,
            {"CONSULTATION_DATABASE_URL": LIVE["REMINDERS_DATABASE_URL"]},
            "REMINDERS_DATABASE_URL and CONSULTATION_DATABASE_URL",
        ),
        # In sandbox mode too: one database for both would mix their registers.
        (
            {},
            {"REMINDERS_DATABASE_URL": "postgresql://x/y", "CONSULTATION_DATABASE_URL": "postgresql://x/y"},
            "REMINDERS_DATABASE_URL and CONSULTATION_DATABASE_URL",
        ),
        *(
            ({}, {f"{name}_DATABASE_URL": url}, f"{name}_DATABASE_URL")
            for name in ("REMINDERS", "CONSULTATION")
            for url in ("sqlite:///x.db", "mysql://heed:secret@db/x", "db.example.org")
        ),
        *(({}, {"REDIS_URL": url}, "REDIS_URL") for url in ("http://valkey", "valkey:6379")),
        ({}, {"CONSULTATION_SENDER": "+447700900001"}, "CONSULTATION_SENDER"),
        ({}, {"HEED_MODE": "production"}, "HEED_MODE"),
        ({}, {"HEED_MODE": "Live"}, "HEED_MODE"),
        ({}, {"SANDBOX_PORT": "0"}, "SANDBOX_PORT"),
        ({}, {"SANDBOX_PORT": "65536"}, "SANDBOX_PORT"),
        ({}, {"REMINDERS_PORT": "eighty"}, "REMINDERS_PORT"),
        ({}, {"CONSULTATION_PORT": "-1"}, "CONSULTATION_PORT"),
        ({}, {"TWILIO_ANSWERS_STOP": "perhaps"}, "TWILIO_ANSWERS_STOP"),
        ({}, {"HEED_DAILY_SEGMENTS": "-1"}, "HEED_DAILY_SEGMENTS"),
        ({}, {"HEED_DAILY_SEGMENTS": "many"}, "HEED_DAILY_SEGMENTS"),
        ({}, {"REMINDERS_SENDER_RATE": "0"}, "REMINDERS_SENDER_RATE"),
        ({}, {"CONSULTATION_SENDER_RATE": "fast"}, "CONSULTATION_SENDER_RATE"),
        ({}, {"HEED_LOG_LEVEL": "loud"}, "HEED_LOG_LEVEL"),
        ({}, {"HEED_MAX_BODY_BYTES": "1023"}, "HEED_MAX_BODY_BYTES"),
        ({}, {"HEED_CLAIM_LEASE_SECONDS": "0"}, "HEED_CLAIM_LEASE_SECONDS"),
        ({}, {"HEED_SETTLE_FIRST_SECONDS": "-1"}, "HEED_SETTLE_FIRST_SECONDS"),
        ({}, {"HEED_SETTLE_AGAIN_SECONDS": "soon"}, "HEED_SETTLE_AGAIN_SECONDS"),
        ({}, {"HEED_DRAIN_THREADS": "0"}, "HEED_DRAIN_THREADS"),
        ({}, {"HEED_DRAIN_THREADS": "65"}, "HEED_DRAIN_THREADS"),
        ({}, {"REMINDERS_INDEX_KEY_FILE": "/nowhere/at/all"}, "REMINDERS_INDEX_KEY_FILE"),
        ({}, {"HEED_DATA_DIR": "/proc/nowhere"}, "HEED_DATA_DIR"),
    ],
)
def test_refusals_name_the_variable(
    monkeypatch: pytest.MonkeyPatch, usual: dict[str, str], change: dict[str, str | None], variable: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        loaded(monkeypatch, usual | change)
    message = str(refused.value)
    assert variable in message
    assert "\n" not in message
    for name, value in (usual | change).items():
        if value and any(word in name for word in ("KEY", "TOKEN", "DATABASE_URL")) and len(value) > 8:
            assert value not in message, f"{name} is shown"


def test_bounds_that_are_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = loaded(
        monkeypatch,
        {
            "SANDBOX_PORT": "65535",
            "REMINDERS_PORT": "1",
            "HEED_DAILY_SEGMENTS": "0",
            "HEED_MAX_BODY_BYTES": "1024",
            "HEED_CLAIM_LEASE_SECONDS": "1",
            "HEED_SETTLE_FIRST_SECONDS": "0",
            "HEED_DRAIN_THREADS": "64",
        },
    )
    assert (settings.sandbox_port, settings.daily_segments, settings.drain_threads) == (65535, 0, 64)


@pytest.mark.parametrize(
    ("usual", "change", "rates"),
    [
        ({}, {}, (None, None)),
        (TRIAL, {}, (10.0, 10.0)),
        (LIVE, {"REMINDERS_SENDER_RATE": "2.5"}, (2.5, 10.0)),
    ],
)
def test_real_people_are_texted_at_the_carriers_own_rate(
    monkeypatch: pytest.MonkeyPatch,
    usual: dict[str, str],
    change: dict[str, str],
    rates: tuple[float | None, float | None],
) -> None:
    settings = loaded(monkeypatch, dict(usual) | change)
    assert tuple(settings.service(name).rate for name in module.SERVICES) == rates


def test_a_setting_from_a_file_loses_its_line_end(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given: dict[str, str | None] = dict(LIVE)
    for name in (
        *KEYS,
        "TWILIO_AUTH_TOKENS",
        "TWILIO_ACCOUNT_SID",
        "REMINDERS_DATABASE_URL",
        "REMINDERS_SENDER",
    ):
        path = tmp_path / name
        path.write_text(f"{LIVE[name]}\n")
        given |= {name: None, f"{name}_FILE": str(path)}
    settings = loaded(monkeypatch, given)
    service = settings.service("reminders")
    assert settings.auth_tokens == ("new-token", "old-token")
    assert settings.account_sid == SID
    assert service.database_url == LIVE["REMINDERS_DATABASE_URL"]
    assert service.sender == LIVE["REMINDERS_SENDER"]
    assert service.encryption_keys == KEYS["REMINDERS_ENCRYPTION_KEYS"]
    assert service.index_key == KEYS["REMINDERS_INDEX_KEY"]


def test_settings_are_frozen_and_show_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = loaded(monkeypatch, LIVE)
    with pytest.raises(AttributeError):
        settings.mode = "sandbox"  # type: ignore[misc]
    shown = repr(settings) + str(settings) + repr(settings.services["reminders"])
    for secret in (KEYS["REMINDERS_INDEX_KEY"], "new-token", "postgresql://r@db"):
        assert secret not in shown


def test_one_service_needs_only_its_own_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in LIVE.items():
        if not name.startswith("CONSULTATION_"):
            monkeypatch.setenv(name, value)
    assert set(load("reminders").services) == {"reminders"}
    with pytest.raises(SettingsError, match="CONSULTATION_"):
        load("consultation")


class TestKeptSecrets:
    """Sandbox mode's own secrets, made once a data folder."""

    def test_they_are_made_once_and_kept_private(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        first = loaded(monkeypatch, {})
        assert loaded(monkeypatch, {}) == first
        path = tmp_path / "data/secrets.json"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert [one.name for one in path.parent.iterdir()] == ["secrets.json"]
        kept = json.loads(path.read_text())
        assert len(set(kept.values())) == len(kept) == 4
        assert first.service("reminders").index_key == kept["REMINDERS_INDEX_KEY"]

    def test_what_is_given_wins(self, monkeypatch: pytest.MonkeyPatch) -> None:
        given = new_index_key()
        settings = loaded(monkeypatch, {"REMINDERS_INDEX_KEY": given})
        assert settings.service("reminders").index_key == given

    @pytest.mark.parametrize("usual", [TRIAL, LIVE], ids=["trial", "live"])
    def test_other_modes_never_make_or_read_them(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, usual: dict[str, str]
    ) -> None:
        loaded(monkeypatch, {})
        with pytest.raises(SettingsError, match="REMINDERS_INDEX_KEY"):
            loaded(monkeypatch, usual | {"REMINDERS_INDEX_KEY": None})
        assert (tmp_path / "data/secrets.json").exists()

    def test_two_processes_at_once_agree(self, tmp_path: Path, root: Path) -> None:
        script = (
            "import sys, time; from services.common.settings import load\n"
            "print('ready', flush=True); sys.stdin.read(1)\n"
            "print(load().service('reminders').index_key)"
        )
        started = [
            subprocess.Popen(
                [sys.executable, "-c", script],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                cwd=root,
                env=os.environ | {"HEED_DATA_DIR": str(tmp_path / "both")},
            )
            for _ in range(2)
        ]
        for one in started:
            assert one.stdout is not None
            assert one.stdout.readline() == "ready\n"
        outputs = [one.communicate("x", timeout=30)[0] for one in started]
        assert len(set(outputs)) == 1
        assert outputs[0].strip()

    @pytest.mark.parametrize("round_", range(5))
    def test_containers_that_share_the_folder_agree(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, round_: int
    ) -> None:
        """Each one's process may have the number 1."""
        monkeypatch.setattr(os, "getpid", lambda: 1)
        folder, gate = tmp_path / "shared", threading.Barrier(4)

        def make(_: int) -> str:
            gate.wait()
            return module._kept_secrets(folder)["REMINDERS_INDEX_KEY"]

        with ThreadPoolExecutor(4) as pool:
            assert len(set(pool.map(make, range(4)))) == 1
        assert [one.name for one in folder.iterdir()] == ["secrets.json"]


def test_fresh_keys_are_32_bytes_and_never_the_same() -> None:
    from services.common.crypto import BlindIndex, Cipher

    assert new_encryption_key("k9").startswith("k9:")
    assert len({new_encryption_key() for _ in range(10)} | {new_index_key() for _ in range(10)}) == 20
    Cipher.from_setting(new_encryption_key())
    BlindIndex.from_setting(new_index_key())


@pytest.mark.parametrize(
    ("sender", "fits"),
    [
        ("+447700900001", True),
        ("60777", True),
        ("Herts PCC", True),
        ("HertsPCC123", True),
        ("HertsPCC1234", False),  # twelve
        ("Herts-PCC", False),
        ("MG" + "a" * 32, False),  # a messaging service: a pool of senders
        ("+44", False),
        ("123456789", False),
    ],
)
def test_what_a_text_may_come_from(monkeypatch: pytest.MonkeyPatch, sender: str, fits: bool) -> None:
    if fits:
        assert loaded(monkeypatch, {"REMINDERS_SENDER": sender}).service("reminders").sender == sender
    else:
        with pytest.raises(SettingsError, match=r"^REMINDERS_SENDER: give a number"):
            loaded(monkeypatch, {"REMINDERS_SENDER": sender})


def test_alarms_have_sensible_ways_out(monkeypatch: pytest.MonkeyPatch) -> None:
    alerts = loaded(monkeypatch, {}).alerts
    assert (alerts.email, alerts.mail_host, alerts.mail_port, alerts.mail_tls) == (
        (),
        "127.0.0.1",
        25,
        "none",
    )
    given = {"HEED_SMTP_HOST": "mail.example.org", "HEED_ALERT_EMAIL": "a@example.org, b@example.org"}
    alerts = loaded(monkeypatch, TRIAL | given).alerts
    assert (alerts.mail_port, alerts.mail_tls, alerts.mail_from) == (587, "starttls", "a@example.org")
    assert alerts.email == ("a@example.org", "b@example.org")
    settings = loaded(monkeypatch, {"HEED_SMTP_TLS": "tls"})
    assert (settings.alerts.mail_port, settings.backup_hours) == (465, 26)


def test_who_vouches_for_people(monkeypatch: pytest.MonkeyPatch) -> None:
    found = loaded(monkeypatch, LIVE | OFFICE).service("reminders").office
    assert found is not None
    assert (found.issuer, found.claim) == ("https://login.example.org/tenant", "groups")
    assert found.roles == {"Heed operators": "operator", "Heed evaluators": "evaluator"}
    assert loaded(monkeypatch, LIVE | dict.fromkeys(OFFICE)).service("reminders").office is None
