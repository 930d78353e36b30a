"""Who may ask the control API: this machine by a local name, or whoever knows the account."""

from pathlib import Path

import pytest

from services.sandbox.app import create_app
from services.sandbox.config import Config

ACCOUNT, TOKEN = "AC00000000000000000000000000005a4d", "sandbox-token"
BESIDE = {"REMOTE_ADDR": "10.0.0.5", "HTTP_HOST": "sandbox:8003"}


@pytest.mark.parametrize(
    ("environ", "auth", "status"),
    [
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "127.0.0.1:8003"}, None, 200),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "elsewhere.example"}, None, 403),
        (BESIDE, None, 403),
        (BESIDE, (ACCOUNT, "wrong"), 403),
        (BESIDE, ("AC00000000000000000000000000000000", TOKEN), 403),
        (BESIDE, (ACCOUNT, TOKEN), 200),
    ],
)
def test_the_control_api_is_for_this_machine_or_who_knows_the_account(
    environ: dict[str, str], auth: tuple[str, str] | None, status: int, tmp_path: Path
) -> None:
    app = create_app(Config(account_sid=ACCOUNT, auth_tokens=(TOKEN,), journal=tmp_path / "journal.jsonl"))
    try:
        answer = app.test_client().get("/sandbox/clock", environ_overrides=environ, auth=auth)
        assert answer.status_code == status
    finally:
        app.extensions["carrier"].close()
