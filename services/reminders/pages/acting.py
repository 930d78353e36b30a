"""What every page of Reminders shares: the county, one act of whoever is signed in, and looks that are written down."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from flask import current_app, g

from services.common import audit
from services.common.acts import Refused
from services.common.web.auth import heed
from services.common.web.refusals import problem
from services.reminders import acts, hearings
from services.reminders.acts import Act
from services.reminders.county import County
from services.reminders.models import Listing

LAST_ID = 2**63 - 1  # what a bigint holds


def county() -> County:
    """The county's file."""
    found: County = current_app.extensions["county"]
    return found


def act() -> AbstractContextManager[Act]:
    """One act of whoever is signed in, in one transaction. A refusal leaves nothing of it and is raised."""
    return acts.acting(heed(), county(), g.caller.actor)


@contextmanager
def asked() -> Iterator[Act]:
    """The same for what needs no field: a refusal is a page of its own."""
    try:
        with act() as one:
            yield one
    except Refused as refused:
        problem(refused)


def named(one: Act, rows: Sequence[Listing]) -> list[dict[str, Any]]:
    """The hearings with the names of their people, for whoever may see them; the look is written down."""
    if rows:
        audit.record(one.session, one.by, "hearings-read", "hearings", rows=len(rows), names=True)
    found = hearings.rows(one.heed, one.session, rows, show_people=True)
    return [shown | {"person": row.person_id} for shown, row in zip(found, rows, strict=True)]


def court_name(code: str | None) -> str | None:
    """What the county calls a court; of another county's its code."""
    known = county().courts.get(code or "")
    return known.name if known else code


def courts() -> list[tuple[str, str]]:
    """The county's courts as a choice, the first being all of them."""
    return [("", "Every court"), *((code, one.name) for code, one in county().courts.items())]
