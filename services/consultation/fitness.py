"""What only Consultation can say of an installation: what is open, and which texts are drafts still."""

from collections.abc import Iterator
from importlib.resources import files

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from services.common import clock
from services.common.context import Heed
from services.common.fitness.facts import Fact, ok, warn
from services.consultation.consultations import STANDING
from services.consultation.models import Consultation


def facts(heed: Heed) -> Iterator[Fact]:
    """The facts, one by one."""
    # Whoever has it reviewed takes the word out of the file's first line.
    about = (
        files("services.consultation")
        .joinpath("data/form.yaml")
        .read_text(encoding="utf-8")
        .partition("\n")[0]
    )
    if "draft" in about:
        yield warn(
            "drafts",
            "the public form's Welsh is a draft",
            "have it reviewed, before a consultation speaks Welsh",
        )
    else:
        yield ok("drafts", "the public form is reviewed")
    try:
        with heed.database.begin() as session:
            yield _open(session, heed.sandbox)
    except SQLAlchemyError:
        return


def _open(session: Session, sandbox: bool) -> Fact:
    """Whether residents' texts meet a consultation of the office's own."""
    now = clock.now(session)
    ids = session.scalars(
        select(Consultation.id).where(
            Consultation.opens_at <= now, func.coalesce(Consultation.closes_at > now, True)
        )
    ).all()
    if sandbox or set(ids) - {STANDING}:
        return ok("consultations", f"{len(ids)} open")
    return warn(
        "consultations",
        "none of the office's is open: texts meet the standing post, in Heed's own words",
        "launch one: docs/consultation.md",
    )
