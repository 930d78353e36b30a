"""Rules of the guarantee broken on purpose, from outside: the campaign must notice each.

| name | what is broken | how |
|---|---|---|
| `claim-after-post` | the claim is committed after the POST | the worker's claim POSTs before its transaction ends |
| `stale-to-pending` | a claim whose process died goes back to pending | a trigger in the database |
| `no-token` | callbacks do not name the attempt | the carrier is given an address without the token |
"""

import dataclasses
from collections.abc import Callable
from typing import Any

from sqlalchemy import text

from services.common.carrier import Carrier, Outgoing
from services.common.context import Heed
from services.common.outbox import drain

TRIGGER = """
CREATE FUNCTION stale_to_pending() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state = 'claimed' AND NEW.state = 'uncertain' AND OLD.check_at <= NEW.check_at THEN NEW.state := 'pending'; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER stale_to_pending BEFORE UPDATE ON outbox FOR EACH ROW EXECUTE FUNCTION stale_to_pending();
"""


def claim_after_post() -> None:
    """POST inside the claim's transaction, and hand the drain the answers that came."""
    real_claim, real_send = drain.claim, Carrier.send
    answers: dict[str, Any] = {}

    def claim(heed: Heed, *arguments: Any, **named: Any) -> Any:
        taken = real_claim(heed, *arguments, **named)
        for one in taken.claims:
            answers[one.text.token] = real_send(heed.carrier, one.text)
        return taken

    drain.claim = claim
    Carrier.send = lambda _, text: answers.pop(text.token)  # type: ignore[method-assign]


def no_token() -> None:
    """Every attempt is called back under the same name, which is nobody's."""
    real = Carrier.send

    def send(carrier: Carrier, one: Outgoing) -> Any:
        return real(carrier, dataclasses.replace(one, token="nobody-nobody-nobody-1"))

    Carrier.send = send  # type: ignore[method-assign]


def stale_to_pending(heed: Heed) -> None:
    """A claim that nobody answered for is owed again at once, though it may have been POSTed."""
    with heed.database.begin() as session:
        session.execute(text(TRIGGER))


IN_PROCESS: dict[str, Callable[[], None]] = {"claim-after-post": claim_after_post, "no-token": no_token}
IN_DATABASE: dict[str, Callable[[Heed], None]] = {"stale-to-pending": stale_to_pending}
