"""What the tests of other channels share: rows brought in as the office does, on a post."""

from typing import Any

from services.common.outbox.states import State
from services.consultation import files, imports, invitations, report
from services.consultation.models import Consultation
from services.consultation.rows import answered
from tests.consultation.post import Post

BY = "person:test"
CAMPAIGN = "We ask the Commissioner to keep neighbourhood officers in every town of the county"
LONG = "Please put more officers on foot in the high street after dark because nobody feels safe there"


def row(reference: str, text: str = "More police", **more: str) -> dict[str, str]:
    """One row of the office's file, received on 14 September at noon by web."""
    return {"reference": reference, "channel": "web", "received": "2026-09-14T09:00", "text": text} | more


def bring_in(
    post: Post, *rows: dict[str, str], batch: str = "web.csv", questions: Any = (), to: str = "plan-2026"
) -> dict[str, Any]:
    """Import rows; the answer as programs get it."""
    with post.heed.database.begin() as session:
        good, bad = files.responses(list(rows), questions, drama=True)
        taken = imports.take(post.heed, session, session.get_one(Consultation, to), batch, good, BY)
    return answered(taken.counts, [*bad, *taken.rejections])


def contact(number: str, reference: str = "", **more: str) -> dict[str, str]:
    """One person who agreed to be asked."""
    return {
        "reference": reference or f"c{number}",
        "mobile": number,
        "consent": "form",
        "consented_by": "themselves",
        "consented_on": "2026-08-01",
    } | more


def invite(
    post: Post, *contacts: dict[str, str], batch: str = "owl.csv", to: str = "plan-2026", per_hour: int = 3600
) -> invitations.Plan:
    """Invite contacts, all of them good."""
    from services.common import clock
    from services.common.times import london

    with post.heed.database.begin() as session:
        good, bad = files.contacts(list(contacts), london(clock.now(session)).date(), drama=True)
        assert bad == []
        return invitations.invite(
            post.heed, session, session.get_one(Consultation, to), batch, good, BY, per_hour
        )


def reported(post: Post, consultation: str = "plan-2026") -> dict[str, Any]:
    """The report; it raises where it does not close."""
    with post.heed.database.begin() as session:
        return report.report(post.heed, session, session.get_one(Consultation, consultation))


def removed(found: dict[str, Any]) -> dict[str, int]:
    """What the reconciliation leaves out, by reason, for all channels."""
    return {name: number for name, number in found["reconciliation"][-1]["removed"].items() if number}


UNSETTLED = (State.CLAIMED, State.UNCERTAIN)
