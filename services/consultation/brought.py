"""A file that somebody of the office brings on a page: responses or contacts, looked at or taken, by the use cases of the API."""

from typing import Any

from sqlalchemy.orm import Session

from services.common import clock
from services.common.context import Heed
from services.common.held_files import HeldFile
from services.common.times import london
from services.consultation import files, imports, invitations, questionnaire
from services.consultation.models import Consultation
from services.consultation.rows import answered


def responses(
    heed: Heed, session: Session, row: Consultation, file: HeldFile, by: str, *, dry: bool
) -> dict[str, Any]:
    """What becomes of a file of responses; `dry`: what would. Raises FileError."""
    asked = [one.id for one in questionnaire.parse(row.questionnaire).questions]
    good, rejections = files.responses(file.body, asked, drama=heed.sandbox)
    act = imports.try_out if dry else imports.take
    taken = act(heed, session, row, file.name, good, by)
    return answered(taken.counts, [*rejections, *taken.rejections])


def contacts(
    heed: Heed, session: Session, row: Consultation, file: HeldFile, by: str, per_hour: int, *, dry: bool
) -> dict[str, Any]:
    """Who of a file of contacts is invited; `dry`: who would be. Raises FileError and Refused."""
    today = london(clock.now(session)).date()
    good, rejections = files.contacts(file.body, today, drama=heed.sandbox)
    made = (
        invitations.plan(heed, session, row, file.name, good, per_hour)
        if dry
        else invitations.invite(heed, session, row, file.name, good, by, per_hour)
    )
    counts = {"invited": len(made.invitations), "skipped": sum(made.skipped.values())}
    return answered(counts, rejections) | made.shown()


def said_of_responses(consultation_id: str, found: dict[str, Any]) -> tuple[str, str]:
    """Where a person goes on when responses were taken, and what is said there."""
    counts = found["counts"]
    own = f"/listening/{consultation_id}"
    return (
        f"{own}/responses" if counts["responses"] else own,
        f"{counts['responses']:,} new, {counts['unchanged']:,} that were there already, {counts['rejected']:,} refused.",
    )


def said_of_contacts(consultation_id: str, found: dict[str, Any]) -> tuple[str, str]:
    """The same when people were invited."""
    return (
        f"/listening/{consultation_id}/invitations",
        f"{found['counts']['invited']:,} people are invited. Their texts go out at the pace that you set, between 9am and 8pm.",
    )
