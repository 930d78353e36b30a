"""Writing down what the carrier answered to a batch of attempts: a few statements, however many texts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import SystemRandom

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.common import clock
from services.common.carrier import Accepted, Answer, NotSent, Uncertain
from services.common.carrier_codes import CodeClass
from services.common.context import Heed
from services.common.outbox import pace
from services.common.outbox.claim import Claim
from services.common.outbox.follow import Said, follow
from services.common.outbox.states import State

BACKOFF_FIRST, BACKOFF_MOST = 5.0, 900.0  # seconds
JITTER = SystemRandom()


@dataclass(frozen=True, slots=True)
class Next:
    """What becomes of a row after an answer."""

    state: State
    reason: str | None
    due_at: datetime | None = None
    check_at: datetime | None = None
    sid: str | None = None
    status: str | None = None
    code: int | None = None


def after(answer: Answer, n: int, now: datetime, settle_first: float, news_after: float) -> Next:
    """The rule: accepted stands, and is asked about where no news comes; a wait or a set-up error goes back to pending; uncertain is
    never sent again by itself."""
    if isinstance(answer, Accepted):
        return Next(
            State.ACCEPTED,
            None,
            check_at=now + timedelta(seconds=news_after),
            sid=answer.sid,
            status=answer.status,
        )
    if isinstance(answer, Uncertain):
        return Next(
            State.UNCERTAIN, answer.why, check_at=now + timedelta(seconds=settle_first), code=answer.code
        )
    if answer.kind is CodeClass.WAIT:
        return Next(
            State.PENDING, "carrier-busy", due_at=now + backoff(n, answer.retry_after), code=answer.code
        )
    if answer.kind is CodeClass.SET_UP:
        return Next(State.PENDING, "sender-stopped", due_at=now, code=answer.code)
    return Next(State.FAILED, f"carrier-{answer.kind}", code=answer.code)


def backoff(n: int, asked: float | None) -> timedelta:
    """How long to wait after attempt n: what the carrier asked for, else doubling from 5 s to 15 min with jitter."""
    wait = min(BACKOFF_FIRST * 2 ** min(n - 1, 10), BACKOFF_MOST)
    return timedelta(seconds=max(asked or 0.0, wait * JITTER.uniform(0.75, 1.25)))


def record(heed: Heed, session: Session, answers: Sequence[tuple[Claim, Answer]]) -> None:
    """Write a batch's answers. A row that a callback has settled meanwhile is left as the callback put it."""
    now = clock.now(session)
    delays = heed.settings.settle_first, heed.settings.news_after
    nexts = [after(answer, claim.n, now, *delays) for claim, answer in answers]
    values = {
        "ids": [claim.outbox_id for claim, _ in answers],
        "ns": [claim.n for claim, _ in answers],
        "words": [type(answer).__name__.lower() for _, answer in answers],
        "https": [getattr(answer, "http_status", None) for _, answer in answers],
        "codes": [one.code for one in nexts],
        "sids": [one.sid for one in nexts],
        "states": [str(one.state) for one in nexts],
        "reasons": [one.reason for one in nexts],
        "dues": [one.due_at for one in nexts],
        "checks": [one.check_at for one in nexts],
        "statuses": [one.status for one in nexts],
        "now": now,
    }
    # The outbox row first, then its attempt, as a callback locks them: the other way round the two deadlock.
    # An early callback may have settled the row already; a late answer may only turn an open claim into something known.
    session.execute(
        text(
            "UPDATE outbox SET state = v.state, reason = v.reason, error_code = v.code, sid = coalesce(outbox.sid, v.sid),"
            " carrier_status = coalesce(outbox.carrier_status, v.status), due_at = coalesce(v.due, outbox.due_at),"
            " check_at = v.check_at, settled_at = CASE WHEN v.state IN ('accepted', 'failed') THEN :now END"
            " FROM unnest(CAST(:ids AS bigint[]), CAST(:ns AS int[]), CAST(:states AS text[]), CAST(:reasons AS text[]),"
            " CAST(:codes AS int[]), CAST(:sids AS text[]), CAST(:statuses AS text[]), CAST(:dues AS timestamptz[]),"
            " CAST(:checks AS timestamptz[])) AS v(id, n, state, reason, code, sid, status, due, check_at)"
            " WHERE outbox.id = v.id AND outbox.attempt = v.n"
            " AND (outbox.state = 'claimed' OR (v.state = 'accepted' AND outbox.state IN ('uncertain', 'staff', 'pending')))"
        ),
        {name: value for name, value in values.items() if name not in ("words", "https")},
    )
    session.execute(
        text(
            "UPDATE attempts SET answer = v.word, answered_at = :now, http_status = v.http, error_code = v.code,"
            " sid = coalesce(attempts.sid, v.sid)"
            " FROM unnest(CAST(:ids AS bigint[]), CAST(:ns AS int[]), CAST(:words AS text[]), CAST(:https AS int[]),"
            " CAST(:codes AS int[]), CAST(:sids AS text[])) AS v(id, n, word, http, code, sid)"
            " WHERE attempts.outbox_id = v.id AND attempts.n = v.n"
        ),
        {name: values[name] for name in ("ids", "ns", "words", "https", "codes", "sids", "now")},
    )
    said = [
        Said(
            claim.outbox_id,
            answer.kind,
            answer.code or answer.http_status,
            heed.index.of(claim.text.to, "number"),
            claim.text.sender,
        )
        for claim, answer in answers
        if isinstance(answer, NotSent) and answer.kind is not CodeClass.WAIT
    ]
    follow(session, said, now, refused=True)
    pace.learn(heed, session, [answer for _, answer in answers], now)
