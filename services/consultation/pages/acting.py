"""What pages of acts share: one transaction on the consultation that the address names, and how a refusal is said."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.orm import Session

from services.common import held_files
from services.common.acts import Refused
from services.common.held_files import HeldFile
from services.common.web.auth import heed
from services.common.web.refusals import problem
from services.consultation.api.office import caller, consultation_of
from services.consultation.models import Consultation

T = TypeVar("T")


def on(consultation_id: str, do: Callable[[Session, Consultation], T]) -> T:
    """Do it in one transaction. Raises Refused; where there is no such consultation the answer is 404."""
    with heed().database.begin() as session:
        return do(session, consultation_of(session, consultation_id))


def act_on(consultation_id: str, do: Callable[[Session, Consultation], T]) -> T:
    """The same where no field is to blame: a refusal is a page of its own."""
    try:
        return on(consultation_id, do)
    except Refused as refused:
        problem(refused)


def looked_through(consultation_id: str, token: str, counted: str) -> tuple[Consultation, HeldFile] | None:
    """A long file in which a worker has `counted` something; None where nothing of the kind was counted in it."""
    row = on(consultation_id, lambda _, one: one)
    try:
        file = held_files.held(heed(), token, caller())
    except Refused as refused:
        problem(refused)
    return (row, file) if counted in file.noted.get("found", {"counts": {}})["counts"] else None
