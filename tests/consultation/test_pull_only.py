"""Where nothing may come in from outside, the carrier is given no address to call and is asked for everything."""

from typing import Any

import pytest
from sqlalchemy import select

from services.common import clock
from services.common.models import Outbox
from services.common.settings import SANDBOX_SENDERS, SERVICES
from services.sandbox.config import Sender
from tests.consultation.post import ANN, Post
from tests.support.ports import free_ports

SENDER = SANDBOX_SENDERS["consultation"]


@pytest.fixture
def changes() -> dict[str, Any]:
    return {"pull_only": True, "inbound_every": 20.0, "news_after": 60.0}


@pytest.fixture
def sandbox_options() -> dict[str, Any]:
    """Webhooks for texts from people reach nobody."""
    port = free_ports()["CONSULTATION_PORT"]
    nowhere = f"http://127.0.0.1:{port}/twilio/inbound"
    return {"senders": tuple(Sender(SANDBOX_SENDERS[name], name, nowhere) for name in SERVICES)}


def test_texts_and_news_are_fetched(post: Post) -> None:
    def later(seconds: float) -> None:
        with post.heed.database.begin() as session:
            now = clock.now(session)
        clock.move_to(post.heed.database, now.fromtimestamp(now.timestamp() + seconds, now.tzinfo))
        post.tick()

    post.tick()  # from here on it looks
    post.carrier.text(ANN, SENDER, "PLAN More patrols in the villages please")
    later(21)
    assert post.counts()["counted"] == 1
    [reply] = post.said()
    post.carrier.quiet()
    later(61)
    with post.heed.database.begin() as session:
        assert session.scalars(select(Outbox.carrier_status)).all() == ["delivered"]

    # The carrier's own reading of STOP does not come with a list: the words decide.
    post.carrier.text(ANN, SENDER, "Stop. Thank you")
    later(21)
    later(21)
    assert post.said() == [reply]
    assert post.counts()["counted"] == 1

    webhooks = post.carrier.control("callbacks")
    assert (webhooks["delivered"], webhooks["given_up"]) == (0, 2), "the two texts', and none about our own"
