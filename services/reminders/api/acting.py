"""One act of a caller in one transaction, for every view that changes something by a person's word."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from flask import current_app, g

from services.common import audit
from services.common.acts import Refused
from services.common.web.auth import heed
from services.common.web.errors import fail
from services.reminders import acts, hearings
from services.reminders.acts import Act
from services.reminders.models import Listing

STATUS = {"not-found": 404}
# What the caller wrote cannot be used; all other refusals are about how things stand.
WRITTEN = frozenset(
    {
        "bad-reason",
        "bad-days",
        "bad-day",
        "bad-words",
        "bad-note",
        "too-long",
        "unknown-court",
        "mobile-invalid",
        "same-record",
        "day-needed",
        "not-a-day-of-it",
        "contradiction",
        "nobody",
        "unchanged",
    }
)


@contextmanager
def acting() -> Iterator[Act]:
    """The caller's act. A refusal leaves nothing of it, and answers with its word and its sentence."""
    try:
        with acts.acting(heed(), current_app.extensions["county"], g.caller.actor) as act:
            yield act
    except Refused as refused:
        refuse(refused)


def refuse(refused: Refused) -> NoReturn:
    """Answer with a refusal."""
    status = STATUS.get(refused.error, 422 if refused.error in WRITTEN else 409)
    fail(status, refused.error, f"{str(refused)[0].upper()}{str(refused)[1:]}.")


def shown(act: Act, row: Listing) -> dict[str, Any]:
    """The listing after an act, as GET /v1/hearings answers it; a look outside sandbox mode is written down."""
    if not act.heed.sandbox:
        audit.record(act.session, act.by, "hearings-read", "hearings", rows=1)
    act.session.flush()
    return hearings.rows(act.heed, act.session, [row], show_people=act.heed.sandbox)[0]
