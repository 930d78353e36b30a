"""What calls of a person's acts share: a transaction on the named consultation, and how a refusal is said."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.orm import Session

from services.common.acts import Refused
from services.common.web.auth import heed
from services.common.web.errors import fail
from services.consultation.api.office import consultation_of
from services.consultation.models import Consultation

T = TypeVar("T")
# What is wrong with what was sent; any other refusal is about how things stand.
WRONG = ("bad-reason", "bad-codeframe", "bad-code", "bad-redaction")


def act(do: Callable[[Session], T]) -> T:
    """Do it in one transaction: 404 where there is no such thing, 422 where what was sent is wrong, 409 where it cannot be done now."""
    try:
        with heed().database.begin() as session:
            return do(session)
    except Refused as error:
        code = 404 if error.error == "not-found" else 422 if error.error in WRONG else 409
        fail(code, error.error, str(error))


def act_on(consultation_id: str, do: Callable[[Session, Consultation], T]) -> T:
    """The same on a consultation, or 404."""
    return act(lambda session: do(session, consultation_of(session, consultation_id)))
