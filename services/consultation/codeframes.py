"""A consultation's codeframe, read in and changed: each change is a new version, with who, when and why. Nothing is rewritten."""

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from services.common import acts, audit, clock
from services.common.acts import Refused
from services.common.database import serialise
from services.common.times import london_day
from services.consultation import coding
from services.consultation.models import Frame
from services.consultation.themes import changes
from services.consultation.themes import codeframe as frames
from services.consultation.themes.codeframe import Codeframe, CodeframeError, Theme

USED = text(
    "SELECT DISTINCT jsonb_object_keys(c.themes) FROM codings AS c JOIN submissions AS s ON s.id = c.submission_id"
    " WHERE s.consultation_id = :id"
)


def in_use(session: Session, consultation_id: str, by: str) -> Codeframe:
    """The latest version, kept from the first act on: no code may hang on a frame that a later release of Heed could change. Codes and
    changes of the frame wait for each other from here to the end of the transaction."""
    serialise(session, f"themes:{consultation_id}")
    frame = coding.codeframe(session, consultation_id)
    if not _any_kept(session, consultation_id):
        _keep(session, consultation_id, frame, by, "the codeframe that Heed comes with")
    return frame


def read_in(
    session: Session, consultation_id: str, content: dict[str, Any], reason: str, by: str
) -> Codeframe:
    """Take a codeframe as the office wrote it: as it stands where none is kept, else as a revision of the version that it was made
    from. Raises Refused: `bad-codeframe`, `version-changed`, `bad-reason`."""
    reason = acts.reason(reason)
    serialise(session, f"themes:{consultation_id}")
    given = _said(lambda: frames.parse(content))
    if not _any_kept(session, consultation_id):
        _keep(session, consultation_id, given, by, reason)
        return given
    frame = coding.codeframe(session, consultation_id)
    if given.version != frame.version:
        raise Refused(
            "version-changed",
            f"this was made from version {given.version} and the codeframe is at {frame.version}: fetch it and change it anew",
        )
    if (given.id, given.retired, given.changes) != (frame.id, frame.retired, frame.changes):
        raise Refused(
            "bad-codeframe",
            "the id, the retired themes and the changes of before are history: leave them as they were",
        )
    used = session.scalars(USED, {"id": consultation_id}).all()
    on = london_day(clock.now(session))
    made = _said(lambda: changes.revise(frame, given.themes, used, by=by, on=on, reason=reason))
    return _keep(session, consultation_id, made, by, reason)


def merge(
    session: Session,
    consultation_id: str,
    of: Iterable[str],
    into: str | dict[str, Any],
    reason: str,
    by: str,
) -> Codeframe:
    """The themes `of` are one: a theme in use, by its id, or a new one, by its content. Raises Refused."""
    target = into if isinstance(into, str) else theme(into)
    return _change(
        session,
        consultation_id,
        by,
        reason,
        lambda frame, who: changes.merge(frame, of, target, **who),
    )


def split(
    session: Session, consultation_id: str, of: str, into: Iterable[dict[str, Any]], reason: str, by: str
) -> Codeframe:
    """The theme `of` gives way to new ones; whatever was coded to it is to be looked at again. Raises Refused."""
    new = [theme(one) for one in into]
    return _change(
        session, consultation_id, by, reason, lambda frame, who: changes.split(frame, of, new, **who)
    )


def add(session: Session, consultation_id: str, new: Theme, reason: str, by: str) -> Codeframe:
    """One theme more. Raises Refused."""
    return _change(session, consultation_id, by, reason, lambda frame, who: changes.add(frame, new, **who))


def theme(content: dict[str, Any]) -> Theme:
    """One theme from its content. Raises Refused."""
    return _said(lambda: frames.parse({"id": "one", "version": 1, "themes": [content]})).themes[0]


def versions(session: Session, consultation_id: str) -> list[dict[str, Any]]:
    """Every version that was kept, the newest first: its digest, who made it, when and why."""
    rows = session.scalars(
        select(Frame).where(Frame.consultation_id == consultation_id).order_by(Frame.version.desc())
    )
    return [
        {name: getattr(row, name) for name in ("version", "digest", "reason", "by", "at")} for row in rows
    ]


def _change(
    session: Session,
    consultation_id: str,
    by: str,
    reason: str,
    change: Callable[[Codeframe, dict[str, Any]], Codeframe],
) -> Codeframe:
    reason = acts.reason(reason)
    frame = in_use(session, consultation_id, by)
    who = {"by": by, "on": london_day(clock.now(session)), "reason": reason}
    return _keep(session, consultation_id, _said(lambda: change(frame, who)), by, reason)


def _said(act: Callable[[], Codeframe]) -> Codeframe:
    try:
        return act()
    except CodeframeError as error:
        raise Refused("bad-codeframe", str(error)) from None


def _any_kept(session: Session, consultation_id: str) -> bool:
    kept = select(Frame.id).where(Frame.consultation_id == consultation_id).limit(1)
    return session.scalar(kept) is not None


def _keep(session: Session, consultation_id: str, frame: Codeframe, by: str, reason: str) -> Codeframe:
    digest = frames.digest(frame)
    session.add(
        Frame(
            consultation_id=consultation_id,
            version=frame.version,
            content=frames.content(frame),
            digest=digest,
            reason=reason,
            by=by,
            at=clock.now(session),
        )
    )
    session.flush()
    audit.record(
        session,
        by,
        "codeframe-kept",
        f"consultation:{consultation_id}",
        version=frame.version,
        digest=digest,
        reason=reason,
    )
    return frame
