"""The drain: claim a batch, POST it from a pool of threads through one client, record, repeat until nothing is due.

The next batch is claimed while this one is on the wire, so that the pool never runs dry.
"""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field
from threading import Event

from services.common import clock, inbound
from services.common.carrier import Answer, NotSent, Uncertain
from services.common.carrier_codes import CodeClass
from services.common.context import Heed
from services.common.outbox import due, pace
from services.common.outbox.claim import Claim, Prepare, claim
from services.common.outbox.record import record

BATCH = 400  # some 27 statements a batch of reminders: at 200 the pool waited for them
BUDGET = 20.0  # seconds: after this the drain gives way to other jobs; the next sweep wakes another

Post = Callable[[list[Claim], float], Future[list[Answer]]]


@dataclass(frozen=True, slots=True)
class Batch:
    """What one look at the outbox took: the texts on the wire, those to one number together. `again` is in how many seconds
    another look is of use, None where nothing more is due."""

    sent: list[tuple[list[Claim], Future[list[Answer]]]] = field(default_factory=list)
    again: float | None = None

    @property
    def texts(self) -> int:
        """How many texts are on the wire."""
        return sum(len(texts) for texts, _ in self.sent)


def drain(heed: Heed, prepare: Prepare, batch: int = BATCH, budget: float = BUDGET) -> int:
    """Send what is due; how many texts were POSTed. Any number of drains may run at once.

    It gives way after `budget` seconds, or after a batch where somebody's text waits to be understood: the worker has both
    to do, and that text may be a call for help.
    """
    posted, end, halted = 0, time.monotonic() + budget, Event()
    # Only the sandbox's clock can jump; elsewhere there is nothing to hold still.
    still = clock.in_flight(heed.database) if heed.sandbox else nullcontext()
    with ThreadPoolExecutor(heed.settings.drain_threads, thread_name_prefix="drain") as pool, still:

        def post(texts: list[Claim], lease_ends: float) -> Future[list[Answer]]:
            return pool.submit(lambda: [_post(heed, one, lease_ends, halted) for one in texts])

        ahead = Batch(again=0.0)
        while True:
            left, following = end - time.monotonic(), Batch()
            try:
                if left > 0 and not (ahead.sent and inbound.somebody_waits(heed)):
                    following = _take(heed, prepare, batch, post)
            finally:
                _write_down(heed, ahead)
            posted += ahead.texts
            if not following.sent:
                if following.again is None or left <= 0:
                    return posted
                time.sleep(min(following.again, max(0.0, left)))
            ahead = following


def _take(heed: Heed, prepare: Prepare, most: int, post: Post) -> Batch:
    """Claim what may be sent now, and put it on the wire once that is committed."""
    lease_ends = time.time() + heed.settings.claim_lease
    with heed.database.begin() as session:
        now = clock.now(session)
        may = pace.allowance(heed, session, now, most)
        taken = claim(
            heed, session, prepare, may.texts or most, ordinary=may.texts > 0, segments=may.segments
        )
        pace.spend(heed, session, now, sum(one.segments for one in taken.claims), taken.left_out)
        more = taken.looked_at > 0 or (may.wait is not None and due.sendable(session, now))
    # One person's texts in their order, one after the other: "has moved" before what reminds of the new day.
    by_number: dict[str, list[Claim]] = {}
    for one in taken.claims:
        by_number.setdefault(one.text.to, []).append(one)
    sent = [(texts, post(texts, lease_ends)) for texts in by_number.values()]
    return Batch(sent, (may.wait or 0.0) if more else None)


def _write_down(heed: Heed, batch: Batch) -> None:
    """Wait for a batch's answers and record them."""
    if batch.sent:
        answers = [pair for texts, said in batch.sent for pair in zip(texts, said.result(), strict=True)]
        with heed.database.begin() as session:
            record(heed, session, answers)


def _post(heed: Heed, one: Claim, lease_ends: float, halted: Event) -> Answer:
    # A process that slept (or a carrier so slow that the batch outlasts its lease) must not POST what others may by now have
    # looked for in vain and sent again. By the wall's clock, which runs on while a machine is suspended.
    if halted.is_set() or time.time() >= lease_ends:
        return NotSent(CodeClass.WAIT)
    try:
        answer = heed.carrier.send(one.text)
    except Exception as error:
        return Uncertain(type(error).__name__)
    if isinstance(answer, NotSent) and answer.kind is CodeClass.SET_UP:
        halted.set()  # the rest of the batch would fare no better
    return answer
