"""Work that takes longer than a person should look at an empty page for: a worker does it, and a page says how far it is.

What it is and how far it has come stands in Valkey, encrypted, for a quarter of an hour and for the person who asked (decision 0071).
One worker does it at a time. If that one is lost the sweep wakes another: whatever is done this way may be done twice without harm.
"""

import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any

from redis import RedisError

from services.common import progress
from services.common.acts import Refused
from services.common.context import Heed
from services.common.crypto import CryptoError
from services.common.work import Job, wake

KEPT = timedelta(minutes=15)
SHORT = 200_000  # bytes: some 2,000 rows, which are done while their person waits
ALIVE, BEAT = 15, 4  # seconds after which a silent worker is thought lost, and between its signs of life
TRIES_MOST = 3
SAID_EVERY = 0.3  # seconds
LAST = 2**53
PURPOSE = "long-work"


@dataclass(frozen=True, slots=True, repr=False)
class Work:
    """What is to be done (`kind`, with what it is `given`), for whom, with which right, and how many rows it has where that is known."""

    kind: str
    by: str
    scope: str
    heading: str
    back: str
    given: dict[str, Any] = field(default_factory=dict)
    rows: int | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Result:
    """Where the person goes on, and what is said there; or the refusal, with `address` where to begin anew."""

    address: str
    words: str = ""
    refused: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Standing:
    """How it stands: `read` rows so far, whether a worker is at it, and the result once there is one."""

    work: Work
    read: int
    running: bool
    result: Result | None


Kind = Callable[[Heed, Work], Result]


def begin(heed: Heed, job: Job, work: Work) -> int:
    """Have it done; the number of its page. Raises Refused (`unavailable`)."""
    number = secrets.randbelow(LAST - 1) + 1
    try:
        heed.redis.set(_key(heed, number), heed.cipher.seal(json.dumps(asdict(work)), PURPOSE), ex=KEPT)
        heed.redis.sadd(_open(heed), number)
        heed.redis.expire(_open(heed), KEPT)
    except RedisError:
        raise Refused("unavailable", "this cannot be begun just now: try again in a minute") from None
    wake(heed, job, number)
    return number


def standing(heed: Heed, number: int, by: str, patience: float = 0) -> Standing:
    """How a piece of work stands, after `patience` seconds if it is not done before. Raises Refused (`not-found`)."""
    until = time.monotonic() + patience
    while True:
        try:
            said = _opened(heed, _key(heed, number))
            ended = _opened(heed, _key(heed, number, "end"))
            running = bool(heed.redis.exists(_key(heed, number, "alive")))
            read = heed.redis.get(_key(heed, number, "read"))
        except RedisError:
            raise Refused("unavailable", "this cannot be looked up just now: try again in a minute") from None
        if said is None or said["by"] != by:
            raise Refused(
                "not-found", "this is no longer kept: see whether it was done, or choose the file once more"
            )
        if ended is not None or time.monotonic() >= until:
            result = Result(**ended) if ended is not None else None
            return Standing(Work(**said), int(read) if isinstance(read, bytes) else 0, running, result)
        time.sleep(0.1)


def again(heed: Heed, job: Job, number: int, by: str) -> None:
    """Have another worker try. Raises Refused."""
    if standing(heed, number, by).result is None:
        with suppress(RedisError):
            heed.redis.delete(_key(heed, number, "tries"))
            heed.redis.sadd(_open(heed), number)
        wake(heed, job, number)


def waiting(heed: Heed) -> list[list[int]]:
    """The numbers of what is not done and nobody is at, each as the arguments of one job; none where Valkey does not answer."""
    try:
        numbers = sorted(int(one) for one in heed.redis.smembers(_open(heed)))
        return [[one] for one in numbers if not heed.redis.exists(_key(heed, one, "alive"))]
    except RedisError:
        return []


def carry_out(heed: Heed, number: int, kinds: Mapping[str, Kind]) -> None:
    """Do it, unless it is done or another worker is at it."""
    said = _opened(heed, _key(heed, number))
    if said is None or heed.redis.exists(_key(heed, number, "end")):
        heed.redis.srem(_open(heed), number)
        return
    work, alive = Work(**said), _key(heed, number, "alive")
    if not heed.redis.set(alive, 1, nx=True, ex=ALIVE):
        return
    try:
        tries = heed.redis.incr(_key(heed, number, "tries"))
        heed.redis.expire(_key(heed, number, "tries"), KEPT)
        with _signs_of_life(heed, alive), progress.heard(_notes(heed, _key(heed, number, "read"))):
            try:
                result = kinds[work.kind](heed, work)
            except Refused as refused:
                result = Result(work.back, refused=str(refused))
            except Exception:
                if int(tries) < TRIES_MOST:
                    raise
                words = "Heed failed at this three times and changed nothing: try again, and tell whoever looks after Heed"
                _end(heed, number, Result(work.back, refused=words))
                raise
        _end(heed, number, result)
    finally:
        heed.redis.delete(alive)


def _end(heed: Heed, number: int, result: Result) -> None:
    sealed = heed.cipher.seal(json.dumps(asdict(result)), PURPOSE)
    heed.redis.set(_key(heed, number, "end"), sealed, ex=KEPT)
    heed.redis.srem(_open(heed), number)


@contextmanager
def _signs_of_life(heed: Heed, key: str) -> Iterator[None]:
    """The key stays while this process does the work, and goes soon after it died."""
    stop = threading.Event()

    def beat() -> None:
        while not stop.wait(BEAT):
            with suppress(RedisError):
                heed.redis.set(key, 1, ex=ALIVE)

    thread = threading.Thread(target=beat, name="long-work", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _notes(heed: Heed, key: str) -> Callable[[int], None]:
    """Notes rows read, not oftener than a person could look."""
    last = 0.0

    def note(rows: int) -> None:
        nonlocal last
        if time.monotonic() - last >= SAID_EVERY:
            last = time.monotonic()
            with suppress(RedisError):
                heed.redis.set(key, rows, ex=KEPT)

    return note


def _opened(heed: Heed, key: str) -> dict[str, Any] | None:
    kept = heed.redis.get(key)
    try:
        found: dict[str, Any] | None = (
            json.loads(heed.cipher.open_bytes(kept, PURPOSE)) if isinstance(kept, bytes) else None
        )
    except CryptoError:
        return None
    return found


def _key(heed: Heed, number: int, what: str = "work") -> str:
    return f"heed:{heed.service}:long:{number}:{what}"


def _open(heed: Heed) -> str:
    return f"heed:{heed.service}:long"
