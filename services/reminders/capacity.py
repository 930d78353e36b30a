"""What an installation must carry: from people a year to texts, segments a second, numbers, rows, disk, memory and cost. Pure.

Every constant was measured; docs/capacity.md says where, when and on what.
"""

from dataclasses import dataclass
from decimal import Decimal
from math import ceil

# Milliseconds of one processor: a listing from its push to its planned reminders, a text from its claim to its last callback.
LISTING_MS = {"web": 0.001, "worker": 0.062, "postgresql": 0.125}
TEXT_MS = {"web": 6.1, "worker": 1.3, "postgresql": 2.2}
# Bytes of PostgreSQL, indexes included: of a person with one listing, of a reminder that is planned, of a text that was sent.
PERSON_BYTES = {"listings": 673, "person_keys": 343, "people": 276, "contacts": 253, "deliveries": 142}
PLANNED_BYTES = {"outbox": 476}
TEXT_BYTES = {"attempts": 794, "status_events": 453}
WORDS_A_TEXT = 2  # of the carrier, by callback: sent and delivered
# Megabytes (PSS) at most of one process while it works, the stores' own included.
PROCESS_MEGABYTES = {"web": 114, "worker": 255, "clock": 80, "postgresql": 295, "valkey": 6}
# Texts a second that one worker sends and callbacks a second that one web process takes, beside everything else on two cores.
WORKER_TEXTS, WEB_CALLBACKS = 230, 165
CALLBACK_YEARS = 2  # the carrier's words are dropped then; every other row stays, without a person in it
PUSH_YEARS = 90 / 365  # the bodies of pushes are emptied then
LEAST = 2  # of workers and web processes: one may be lost or restarted


@dataclass(frozen=True, slots=True)
class Load:
    """What is asked about. `people` have a first hearing in a year; `reach` is the share that may be texted, `busiest` how many times
    a mean court day the busiest is. A sender's `rate` is in segments a second, `hours` those in which a day's texts go, `price` that of a segment."""

    people: int
    steps: int = 2
    reach: float = 1.0
    segments: int = 1
    court_days: int = 250
    busiest: float = 2.0
    hours: float = 10.0
    rate: float = 10.0
    price: Decimal = Decimal("0.04")
    years: int = 2


@dataclass(frozen=True, slots=True)
class Capacity:
    """What that comes to. Rates are of the busiest day, a day's texts being due at one moment; disk after `years`, in gigabytes."""

    texts_a_year: int
    segments_a_year: int
    cost_a_year: Decimal
    texts_busiest_day: int
    segments_a_second: float
    senders: int
    hours_at_one_sender: float
    half_late_hours: float
    workers: int
    web_processes: int
    processors: float
    list_seconds: float
    megabytes: int
    rows: dict[str, int]
    gigabytes: dict[str, float]

    @property
    def disk(self) -> float:
        """Gigabytes of all tables."""
        return sum(self.gigabytes.values())


def capacity(load: Load) -> Capacity:
    """The model: everything in proportion to people and texts."""
    texts = round(load.people * load.reach * load.steps)
    day = ceil(texts / load.court_days * load.busiest)
    segments = day * load.segments
    seconds = load.hours * 3600
    senders = max(1, ceil(segments / seconds / load.rate))
    alone = segments / load.rate / 3600
    # Texts go as fast as the senders may; the processes must keep up with that.
    texts_a_second = min(day, senders * load.rate / load.segments)
    workers = max(LEAST, ceil(texts_a_second / WORKER_TEXTS))
    web = max(LEAST, ceil(texts_a_second * WORDS_A_TEXT / WEB_CALLBACKS))
    rows, size = _stored(load, texts)
    return Capacity(
        texts_a_year=texts,
        segments_a_year=texts * load.segments,
        cost_a_year=load.price * texts * load.segments,
        texts_busiest_day=day,
        segments_a_second=segments / seconds,
        senders=senders,
        hours_at_one_sender=alone,
        half_late_hours=alone / senders / 2,
        workers=workers,
        web_processes=web,
        processors=texts_a_second * sum(TEXT_MS.values()) / 1000,
        list_seconds=ceil(load.people / load.court_days * load.busiest) * sum(LISTING_MS.values()) / 1000,
        megabytes=_memory(workers, web),
        rows=rows,
        gigabytes=size,
    )


def _stored(load: Load, texts: int) -> tuple[dict[str, int], dict[str, float]]:
    """Rows and gigabytes of each table after `years`; what is kept for less is counted for as long as it is kept."""
    people, years = load.people * load.years, min(load.years, CALLBACK_YEARS)
    rows = dict.fromkeys(PERSON_BYTES, people) | {
        "person_keys": 3 * people,
        "outbox": load.people * load.steps * load.years,
        "attempts": texts * load.years,
        "status_events": texts * WORDS_A_TEXT * years,
    }
    size = {name: float(people * each) for name, each in PERSON_BYTES.items()} | {
        "outbox": rows["outbox"] * PLANNED_BYTES["outbox"],
        "attempts": rows["attempts"] * TEXT_BYTES["attempts"],
        "status_events": texts * years * TEXT_BYTES["status_events"],
    }
    size["deliveries"] = load.people * PUSH_YEARS * PERSON_BYTES["deliveries"]
    del rows["deliveries"]  # one a push: how many people each holds is the producer's
    return rows, {name: each / 10**9 for name, each in size.items()}


def _memory(workers: int, web: int) -> int:
    each = PROCESS_MEGABYTES
    return workers * each["worker"] + web * each["web"] + each["clock"] + each["postgresql"] + each["valkey"]
