"""The words of a consultation's responses, for those that count them alike and for the office's analysts: in memory only."""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.common.context import Heed
from services.common.database import serialise
from services.consultation.copies import Said

# The texts of one response in the order in which they came; another channel's words stand with the response itself.
WORDS = (
    "SELECT s.id, coalesce(r.merged_into, r.id), CASE WHEN r.out_of_area THEN 'outside' ELSE r.district END, s.words_enc,"
    " array(SELECT i.body_enc FROM submission_texts AS t JOIN inbound AS i ON i.id = t.inbound_id"
    " WHERE t.submission_id = s.id ORDER BY i.received_at, i.id)"
    " FROM submissions AS s JOIN respondents AS r ON r.id = s.respondent_id WHERE "
)
OF_A_CONSULTATION = text(
    WORDS + "s.consultation_id = :id AND (NOT :counted OR s.standing = 'counted') ORDER BY s.id"
)
OF_THESE = text(WORDS + "s.id = ANY(:ids) ORDER BY s.id")


def said(heed: Heed, session: Session, consultation_id: str, *, counted: bool = True) -> Iterator[Said]:
    """Each response with its words, fragments joined; without words where they were erased. `counted`: only those analysed."""
    yield from _opened(
        heed,
        session.execute(
            OF_A_CONSULTATION,
            {"id": consultation_id, "counted": counted},
            execution_options={"yield_per": 5000},
        ),
    )


def said_in(heed: Heed, session: Session, submissions: Iterable[int]) -> list[Said]:
    """The words of these responses, in the order of their numbers."""
    return list(_opened(heed, session.execute(OF_THESE, {"ids": list(submissions)})))


def no_erasure(session: Session) -> None:
    """Until this transaction ends nobody is erased: for whoever keeps what was made of words, and for an erasure itself. What is made
    of a person's words after they are gone would stay."""
    serialise(session, "erasure")


def _opened(heed: Heed, rows: Iterable[Any]) -> Iterator[Said]:
    for number, respondent, district, sealed, texts in rows:
        parts = [sealed] if sealed else texts
        words = " ".join(heed.cipher.open(part, "body").reveal() for part in parts if part)
        yield Said(number, respondent, district, words)
