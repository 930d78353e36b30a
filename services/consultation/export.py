"""Every response in one row for the office's analysts: its words, where it is counted, and what its person said of themselves.

No number and no address: the columns have none, and what people write into their words is masked.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.common import audit
from services.common.context import Heed
from services.common.spreadsheet import to_csv
from services.common.times import london
from services.consultation import questionnaire
from services.consultation.models import Consultation
from services.consultation.words import said, said_in

COLUMNS = (
    "response", "receipt", "person", "received", "channel", "type", "organisation", "language", "district", "victim",
    "age_band", "may_publish", "standing", "kind", "campaign", "words",
)  # fmt: skip
# Nine digits or more, however they are spaced: a telephone number, and no year, sum or road.
NUMBER = re.compile(r"\+?\(?\d(?:[\s().-]{0,2}\d){8,14}")
EMAIL = re.compile(r"[^\s@<>,;]+@[\w.-]+\.\w+")
ROWS = text(
    "SELECT s.id, r.reference, coalesce(k.reference, r.reference), s.received_at, s.channel, r.type, r.organisation_enc,"
    " r.language, CASE WHEN r.out_of_area THEN 'outside' ELSE r.district END, r.victim, r.age_band, r.may_publish, s.standing,"
    " s.kind, s.campaign_id, r.id FROM submissions AS s JOIN respondents AS r ON r.id = s.respondent_id"
    " LEFT JOIN respondents AS k ON k.id = r.merged_into WHERE s.consultation_id = :id ORDER BY s.id"
)
ANSWERS = text(
    "SELECT a.respondent_id, a.question, a.value, a.words_enc FROM answers AS a JOIN respondents AS r ON r.id = a.respondent_id"
    " WHERE r.consultation_id = :id AND a.replaced_at IS NULL"
)


def to_rows(
    heed: Heed, session: Session, row: Consultation, only: Collection[int] | None = None
) -> tuple[list[str], Iterator[list[Any]]]:
    """The header, and a row a response: of all, or of those with these numbers."""
    asked = [one.id for one in questionnaire.parse(row.questionnaire).questions]
    answers: dict[int, dict[str, str]] = defaultdict(dict)
    for person, question, value, sealed in session.execute(ANSWERS, {"id": row.id}):
        answers[person][question] = value or (
            masked(heed.cipher.open(sealed, "body").reveal()) if sealed else "skipped"
        )
    every = said(heed, session, row.id, counted=False) if only is None else said_in(heed, session, only)
    words = {one.id: one.words for one in every}

    def rows() -> Iterator[list[Any]]:
        for number, receipt, person, at, channel, kind, organisation, *rest, respondent in session.execute(
            ROWS, {"id": row.id}
        ):
            if number not in words:
                continue
            yield [
                number,
                receipt,
                person,
                london(at).isoformat(timespec="minutes"),
                channel,
                kind,
                heed.cipher.open(organisation, "organisation").reveal() if organisation else None,
                *(_said(one) for one in rest),
                masked(words[number]),
                *(answers[respondent].get(question) for question in asked),
            ]

    return [*COLUMNS, *(f"answer:{question}" for question in asked)], rows()


def csv(
    heed: Heed, session: Session, row: Consultation, by: str, only: Collection[int] | None = None
) -> bytes:
    """The rows as CSV for a spreadsheet; no cell is a formula. Audited."""
    content = to_csv(*to_rows(heed, session, row, only))
    audit.record(session, by, "responses-exported", f"consultation:{row.id}", bytes=len(content))
    return content


def masked(words: str) -> str:
    """The words without telephone numbers and e-mail addresses."""
    return EMAIL.sub("[address]", NUMBER.sub("[number]", words))


def _said(value: Any) -> Any:
    return ("yes" if value else "no") if isinstance(value, bool) else value
