"""The drain: claim a batch, POST it from a pool of threads through one client, record, repeat until nothing is due."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from itertools import repeat

from services.common import clock
from services.common.carrier import Answer, NotSent, Uncertain
from services.common.carrier_codes import CodeClass
from services.common.context import Heed
from services.common.outbox.claim import Claim, Prepare, claim
from services.common.outbox.record import record

BATCH = 200
BUDGET = 20.0  # seconds: after this the drain gives way to other jobs; the next sweep wakes another


def drain(heed: Heed, prepare: Prepare, batch: int = BATCH, budget: float = BUDGET) -> int:
    """Send what is due; how many texts were POSTed. Any number of drains may run at once."""
    posted, end = 0, time.monotonic() + budget
    with ThreadPoolExecutor(heed.settings.drain_threads, thread_name_prefix="drain") as pool:
        while time.monotonic() < end:
            # Only the sandbox's clock can jump; elsewhere there is nothing to hold still.
            with clock.in_flight(heed.database) if heed.sandbox else nullcontext():
                lease_ends = time.time() + heed.settings.claim_lease
                with heed.database.begin() as session:
                    claims, looked_at = claim(heed, session, prepare, batch)
                if claims:
                    posting = pool.map(_post, repeat(heed), claims, repeat(lease_ends))
                    answers = list(zip(claims, posting, strict=True))
                    with heed.database.begin() as session:
                        record(heed, session, answers)
                    posted += len(claims)
            if not looked_at:
                break
    return posted


def _post(heed: Heed, one: Claim, lease_ends: float) -> Answer:
    # A process that slept (or a carrier so slow that the batch outlasts its lease) must not POST what others may by now have
    # looked for in vain and sent again. By the wall's clock, which runs on while a machine is suspended.
    if time.time() >= lease_ends:
        return NotSent(CodeClass.WAIT)
    try:
        return heed.carrier.send(one.text)
    except Exception as error:
        return Uncertain(type(error).__name__)
