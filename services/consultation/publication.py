"""Words that may be published: of who agreed, as a person would have them and another approved, without what the rules find."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.common.context import Heed
from services.consultation import coding
from services.consultation.themes import codes as themes
from services.consultation.themes import redaction as rules
from services.consultation.themes.codeframe import Stance
from services.consultation.themes.redaction import Mask
from services.consultation.words import said_in

PURPOSE = "redaction"  # of the keyed hash of the words that were read
# Who wrote it agreed, and where a person of the office found two respondents to be one, the other did not refuse.
APPROVED = text(
    "SELECT DISTINCT ON (d.submission_id) d.submission_id, d.masks, d.text_key, d.approved_by, r.reference,"
    " CASE WHEN r.out_of_area THEN 'outside' ELSE r.district END"
    " FROM redactions AS d JOIN submissions AS s ON s.id = d.submission_id JOIN respondents AS r ON r.id = s.respondent_id"
    " LEFT JOIN respondents AS k ON k.id = r.merged_into"
    " WHERE s.consultation_id = :id AND s.standing = 'counted' AND r.may_publish AND k.may_publish IS NOT FALSE"
    " ORDER BY d.submission_id, d.id DESC"
)


@dataclass(frozen=True, slots=True, repr=False)
class Quote:
    """One response's words, masked, with what a person said they are about. `reference` is the receipt, by which anybody could look
    the response up: it is for the office and is never printed beside the words."""

    submission: int
    reference: str
    words: str
    themes: dict[str, Stance]
    district: str | None


def quotes(heed: Heed, session: Session, consultation_id: str) -> list[Quote]:
    """Every response that may be quoted, in order. Without themes where no person has coded it."""
    rows = {row[0]: row[1:] for row in session.execute(APPROVED, {"id": consultation_id})}
    if not any(approved_by for _, _, approved_by, *_ in rows.values()):
        return []
    units = coding.units(session, consultation_id)
    people = coding.codes(session, consultation_id, units, people=True)
    by_text = themes.standing(coding.codeframe(session, consultation_id), people)
    found = []
    for one in said_in(heed, session, rows):
        masks, text_key, approved_by, reference, district = rows[one.id]
        # What was approved was exactly these words.
        if bytes(text_key) != heed.index.of(one.words, PURPOSE):
            continue
        redaction = rules.Redaction(read_masks(masks), approved_by)
        words = rules.published(one.words, True, redaction)
        if words:
            stands = by_text.get(units.text_of[one.id])
            found.append(Quote(one.id, reference, words, stands.themes if stands else {}, district))
    return found


def read_masks(kept: list[list[int | str]]) -> tuple[Mask, ...]:
    """A person's masks as they are kept: [[start, end, reason], …]."""
    return tuple(Mask(int(start), int(end), None, str(reason)) for start, end, reason in kept)
