"""A person codes a text: all its themes with their stances in one act, which is added to the history and never changed."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from services.common import audit, clock
from services.common.acts import Refused
from services.consultation import codeframes, coding
from services.consultation.models import Coding, Consultation, ReviewTurn, Submission
from services.consultation.states import Standing
from services.consultation.themes import codes as rules
from services.consultation.themes import queue
from services.consultation.themes.codeframe import Codeframe, CodeframeError, Stance
from services.consultation.themes.codes import Code

# Of a text and its copies: which one stands for all, and every code that any of them was given.
FIRST = text(
    "SELECT coalesce(min(s.id) FILTER (WHERE r.erased_at IS NULL), min(s.id))"
    " FROM submissions AS s JOIN respondents AS r ON r.id = s.respondent_id WHERE s.standing = 'counted'"
    " AND (s.id = :id OR s.campaign_id = (SELECT campaign_id FROM submissions WHERE id = :id))"
)
GIVEN = text(
    "SELECT c.themes, c.version, c.at, c.by, c.model, c.blind, c.id FROM codings AS c JOIN submissions AS s ON s.id = c.submission_id"
    " WHERE s.id = :id OR s.campaign_id = (SELECT campaign_id FROM submissions WHERE id = :id) ORDER BY c.id"
)


@dataclass(frozen=True, slots=True)
class Text:
    """One text that is coded, with its codes; `first` is the response that stands for its copies, `drawn`: by the lot, for two to code blind."""

    consultation_id: str
    first: int
    drawn: bool
    codes: list[Code]

    @property
    def next_is_blind(self) -> bool:
        """Whether the next code is one of the two blind ones."""
        return rules.next_is_blind(self.codes, drawn=self.drawn)

    def by_people(self) -> list[Code]:
        """Codes of people alone."""
        return [code for code in self.codes if code.by]


def text_of(session: Session, consultation_id: str, submission_id: int) -> Text:
    """The text of a response. Raises Refused (`not-found`, `not-analysed`)."""
    row = session.get(Submission, submission_id)
    if row is None or row.consultation_id != consultation_id:
        raise Refused("not-found", "the consultation has no response with this number")
    if row.standing != Standing.COUNTED:
        raise Refused("not-analysed", f"this response is not analysed: it stands as {row.standing}")
    first = session.scalar(FIRST, {"id": submission_id}) or submission_id
    seed = session.scalar(select(Consultation.hash).where(Consultation.id == consultation_id)) or ""
    codes = [coding.code_of(first, *given) for given in session.execute(GIVEN, {"id": submission_id})]
    return Text(consultation_id, first, queue.blind(first, seed), codes)


def code(
    session: Session,
    consultation_id: str,
    submission_id: int,
    themes: dict[str, str],
    by: str,
    after: int | None = None,
) -> int:
    """Give a response these themes, each with its stance; the code's number.

    `after` is the number of the code that it replaces, as the coder saw it: what another person coded meanwhile is not overruled
    unseen. Raises Refused: `not-found`, `not-analysed`, `bad-code`, `coded-meanwhile`.
    """
    frame = codeframes.in_use(session, consultation_id, by)
    given = _understood(frame, themes)
    of = text_of(session, consultation_id, submission_id)
    blind = of.next_is_blind
    _nobody_meanwhile(of, by, after, blind=blind)
    row = Coding(
        submission_id=submission_id,
        themes={theme: str(stance) for theme, stance in given.items()},
        version=frame.version,
        by=by,
        blind=blind,
        at=clock.now(session),
    )
    session.add(row)
    session.execute(delete(ReviewTurn).where(ReviewTurn.submission_id == of.first, ReviewTurn.coder == by))
    session.flush()
    audit.record(
        session,
        by,
        "text-coded",
        f"response:{submission_id}",
        code=row.id,
        themes=row.themes,
        version=frame.version,
        blind=blind,
        after=after,
    )
    return row.id


def _understood(frame: Codeframe, themes: dict[str, str]) -> dict[str, Stance]:
    for theme, stance in themes.items():
        try:
            frame.theme(theme)
        except CodeframeError as error:
            raise Refused("bad-code", str(error)) from None
        if theme not in frame.ids:
            raise Refused("bad-code", f"{theme!r} is no longer in use; the themes are {', '.join(frame.ids)}")
        if stance not in coding.STANCES:
            raise Refused("bad-code", f"a stance is one of {', '.join(coding.STANCES)}")
    return {theme: coding.STANCES[stance] for theme, stance in themes.items()}


def _nobody_meanwhile(of: Text, by: str, after: int | None, *, blind: bool) -> None:
    people = of.by_people()
    seen = [code for code in people if code.by == by] if blind else people
    known = rules.stands(seen) if seen else None
    if known is None and after is not None:
        raise Refused("coded-meanwhile", f"code {after} is not what stands for this text: read its history")
    if known is not None and after != known.number:
        raise Refused(
            "coded-meanwhile",
            f"{known.by} coded this text as code {known.number}: to code it anew, say that it is after {known.number}",
        )


def history(session: Session, consultation_id: str, submission_id: int, by: str) -> list[dict[str, Any]]:
    """Every code of a response's text, the oldest first: who or which model, when, under which version, and which one stands.

    Whoever may still be asked to code it blind sees nothing of the other's. Raises Refused: `not-found`, `not-analysed`, `blind`.
    """
    of = text_of(session, consultation_id, submission_id)
    if of.next_is_blind and by not in {code.by for code in of.codes}:
        raise Refused("blind", "two people code this text without seeing each other's code: code it first")
    stands = rules.stands(of.codes).number if of.codes else None
    return [shown(one) | {"stands": one.number == stands} for one in of.codes]


def shown(one: Code) -> dict[str, Any]:
    """A code as people and programs see it."""
    return {
        "id": one.number,
        "themes": {theme: str(stance) for theme, stance in one.themes.items()},
        "version": one.version,
        "at": one.at,
        "by": one.by,
        "model": one.model,
        "blind": one.blind,
    }
