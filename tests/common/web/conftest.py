"""Calls without a network, signed as the carrier signs."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from werkzeug.test import TestResponse

from services.common.context import Heed
from services.common.settings import ServiceName
from services.common.signature import sign

FORM = "application/x-www-form-urlencoded; charset=UTF-8"


@pytest.fixture(params=["reminders", "consultation"])
def service(request: pytest.FixtureRequest) -> ServiceName:
    """Each test that asks for it runs for both services."""
    name: ServiceName = request.param
    return name


@pytest.fixture
def heed(open_service: Callable[..., Heed], service: ServiceName) -> Heed:
    return open_service(service)


@pytest.fixture
def client(heed: Heed, sites: Any) -> Any:
    return sites[heed.service].client()


class Hooks:
    """The carrier's webhooks, signed for the configured public URL unless told otherwise."""

    def __init__(self, heed: Heed, client: Any) -> None:
        self.heed, self.client = heed, client

    def form(self, **fields: str) -> dict[str, str]:
        """What an inbound webhook holds."""
        usual = {
            "AccountSid": self.heed.settings.account_sid,
            "MessageSid": "SM" + "a" * 32,
            "From": "+447700900123",
            "To": self.heed.config.sender,
            "Body": "Too many cars",
            "NumMedia": "0",
        }
        return usual | fields

    def post(
        self,
        path: str,
        form: dict[str, str],
        *,
        token: str | None = None,
        signature: str | None = None,
        url: str | None = None,
        **options: Any,
    ) -> TestResponse:
        signed = sign(
            token or self.heed.settings.auth_tokens[0], url or f"{self.heed.config.public_url}{path}", form
        )
        headers = {
            "X-Twilio-Signature": signed if signature is None else signature,
            **options.pop("headers", {}),
        }
        sent: dict[str, Any] = {"data": urlencode(form), "content_type": FORM} | options
        answer: TestResponse = self.client.post(path, headers=headers, **sent)
        return answer

    def inbound(self, **fields: Any) -> TestResponse:
        options = {
            name: fields.pop(name)
            for name in ("token", "signature", "url", "headers", "data", "content_type", "base_url")
            if name in fields
        }
        return self.post("/twilio/inbound", self.form(**fields), **options)

    def status(self, token: str, status: str = "delivered", **fields: Any) -> TestResponse:
        options = {name: fields.pop(name) for name in ("token_", "signature", "url") if name in fields}
        form = {
            "AccountSid": self.heed.settings.account_sid,
            "MessageSid": "SM" + "a" * 32,
            "MessageStatus": status,
        }
        return self.post(f"/twilio/status/{token}", form | fields, **options)


@pytest.fixture
def hooks(heed: Heed, client: Any) -> Hooks:
    return Hooks(heed, client)
