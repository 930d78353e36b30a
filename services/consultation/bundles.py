"""What is for another body to hear: a file and a letter for it, its responses once each unless asked again, logged as sent.

Words go along only where a person hid what could point to somebody, another approved that, and whoever wrote them did not refuse to
have them published. The other responses go without their words, so that the body knows how many there are.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from services.common import audit, clock
from services.common.acts import Refused
from services.common.context import Heed
from services.common.copying import copy_rows
from services.common.times import london_day
from services.consultation import coding
from services.consultation.models import Bundle, BundleRow, Consultation
from services.consultation.publication import PURPOSE, read_masks
from services.consultation.reporting.letter import Row, letter, table
from services.consultation.themes import redaction
from services.consultation.themes.codeframe import Theme
from services.consultation.themes.redaction import Redaction
from services.consultation.words import said

# The latest redaction of each response that counts. Not where its writer, or whoever was found to be the same person, refused.
CLEARED = text(
    "SELECT DISTINCT ON (d.submission_id) d.submission_id, d.masks, d.text_key, d.approved_by FROM redactions AS d"
    " JOIN submissions AS s ON s.id = d.submission_id JOIN respondents AS r ON r.id = s.respondent_id"
    " LEFT JOIN respondents AS k ON k.id = r.merged_into"
    " WHERE s.consultation_id = :id AND s.standing = 'counted' AND r.may_publish IS NOT FALSE AND k.may_publish IS NOT FALSE"
    " ORDER BY d.submission_id, d.id DESC"
)
SENT = text(
    "SELECT r.submission_id FROM bundle_rows AS r JOIN bundles AS b ON b.id = r.bundle_id WHERE b.consultation_id = :id AND b.sent_to = :body"
)
RESPONSES = text(
    "SELECT s.id, s.received_at, CASE WHEN r.out_of_area THEN 'outside' ELSE r.district END FROM submissions AS s"
    " JOIN respondents AS r ON r.id = s.respondent_id WHERE s.consultation_id = :id AND s.standing = 'counted' ORDER BY s.id"
)


@dataclass(frozen=True, slots=True, repr=False)
class Made:
    """A bundle: what is logged of it, the file, and the letter's paragraphs."""

    logged: dict[str, Any]
    csv: bytes
    letter: list[str]


def bodies(session: Session, consultation_id: str) -> dict[str, list[Theme]]:
    """The other bodies that the codeframe knows, with the themes that are theirs."""
    found: dict[str, list[Theme]] = {}
    for theme in coding.codeframe(session, consultation_id).themes:
        if theme.body:
            found.setdefault(theme.body, []).append(theme)
    return found


def make(heed: Heed, session: Session, row: Consultation, body: str, by: str, *, again: bool = False) -> Made:
    """Make the bundle for a body, named whole or by one of its themes, and log it as sent. `again`: what it was sent before too.

    Raises Refused (`no-body`, `nothing-new`).
    """
    known = bodies(session, row.id)
    name = next(
        (one for one, themes in known.items() if body == one or body in {theme.id for theme in themes}), None
    )
    if name is None:
        raise Refused(
            "no-body", f"the codeframe knows no body {body!r}: name one of {', '.join(known) or 'none'}"
        )
    rows = _rows(heed, session, row.id, name, known[name], again)
    if not rows:
        raise Refused(
            "nothing-new",
            f"nothing is coded for {name} yet"
            if again
            else f"nothing is coded for {name} that it was not sent before; `again` sends all of it",
        )
    file, now = table(rows), clock.now(session)
    made = Bundle(
        consultation_id=row.id,
        sent_to=name,
        responses=len(rows),
        withheld=sum(one.words is None for one in rows),
        again=again,
        digest=hashlib.sha256(file).hexdigest(),
        by=by,
        at=now,
    )
    session.add(made)
    session.flush()
    copy_rows(session, BundleRow, ("bundle_id", "submission_id"), ((made.id, one.id) for one in rows))
    logged = described(made)
    audit.record(
        session,
        by,
        "bundle-sent",
        f"bundle:{made.id}",
        body=name,
        responses=made.responses,
        digest=made.digest,
    )
    return Made(logged, file, letter(row.title, logged, [theme.title for theme in known[name]]))


def _rows(
    heed: Heed, session: Session, consultation_id: str, body: str, themes: list[Theme], again: bool
) -> list[Row]:
    standing = coding.standing(session, consultation_id)
    sent = set() if again else set(session.scalars(SENT, {"id": consultation_id, "body": body}))
    titles = {theme.id: theme.title for theme in themes}
    about = {
        number: [titles[theme] for theme in titles if theme in one.themes]
        for number, one in standing.items()
        if one.reviewed and number not in sent and titles.keys() & one.themes.keys()
    }
    cleared = {
        number: rest for number, *rest in session.execute(CLEARED, {"id": consultation_id}) if number in about
    }
    words: dict[int, str | None] = {}
    for one in said(heed, session, consultation_id) if cleared else ():
        if one.id in cleared:
            masks, text_key, approved_by = cleared[one.id]
            if bytes(text_key) == heed.index.of(one.words, PURPOSE):
                words[one.id] = redaction.published(
                    one.words, True, Redaction(read_masks(masks), approved_by)
                )
    return [
        Row(number, london_day(at), district, about[number], words.get(number))
        for number, at, district in session.execute(RESPONSES, {"id": consultation_id})
        if number in about
    ]


def listed(session: Session, consultation_id: str) -> list[dict[str, Any]]:
    """Every bundle that was sent, the newest first."""
    rows = session.scalars(
        select(Bundle).where(Bundle.consultation_id == consultation_id).order_by(Bundle.id.desc())
    )
    return [described(one) for one in rows]


def described(row: Bundle) -> dict[str, Any]:
    """A bundle as it is logged."""
    shown = ("id", "responses", "withheld", "again", "digest", "by", "at")
    return {"body": row.sent_to} | {name: getattr(row, name) for name in shown}
