"""The real sandbox carrier over real HTTP, and what tests ask of it."""

import time
from collections.abc import Callable
from time import sleep
from typing import Any

import requests

from services.sandbox.app import create_app
from services.sandbox.carrier import Carrier
from services.sandbox.config import Config
from tests.support.served import Served


def until(look: Callable[[], Any], seconds: float = 5.0) -> Any:
    """Look again and again until something true is seen, and return it."""
    end = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.005)
    return found


class Sandbox:
    """A carrier that runs for one test behind an address that stays."""

    def __init__(self, config: Config, place: Served) -> None:
        app = create_app(config)
        self.config = config
        self.inside: Carrier = app.extensions["carrier"]
        self.url = place.url
        self._place = place
        self._place.app = app

    def control(self, path: str, given: Any = None, **params: Any) -> Any:
        """Ask the control API: GET, or POST where something is given."""
        verb = "GET" if given is None else "POST"
        with requests.Session() as session:
            answer = session.request(
                verb, f"{self.url}/sandbox/{path}", json=given, params=params, timeout=30
            )
        return answer.json() if answer.content else None

    def messages(self, **filters: Any) -> list[dict[str, Any]]:
        """Texts as the carrier has them, oldest first (filters: to, from, direction, since, limit)."""
        return list(self.control("messages", **filters)["messages"])

    def accepted(self, to: str | None = None) -> dict[tuple[str, str], int]:
        """How often each (to, body) was accepted: the truth in every test of the guarantee."""
        return {
            (message.to, message.body): self.inside.store.state.accepts(message.to, message.body)
            for message in list(self.inside.store.state.messages)
            if message.direction == "outbound-api" and to in (None, message.to)
        }

    def text(self, sender: str, to: str, body: str, sid: str | None = None) -> dict[str, Any]:
        """Text from a handset, and wait for what its webhook comes to."""
        given = {"from": sender, "to": to, "body": body} | ({"sid": sid} if sid else {})
        return dict(self.control("inbound", given))

    def quiet(self) -> None:
        """Wait until every text has come to its end and every webhook was answered or given up."""
        # Twice with a pause: between a text's last status and the webhook that tells it there is a moment.
        until(lambda: self._still() and (sleep(0.05) or self._still()))

    def _still(self) -> bool:
        return self._all_final() and self.control("callbacks")["waiting"] == 0

    def _all_final(self) -> bool:
        return all(
            message.is_final
            for message in list(self.inside.store.state.messages)
            if message.direction == "outbound-api"
        )

    def stop(self) -> None:
        """End its threads."""
        self._place.app = None
        self.inside.close()
