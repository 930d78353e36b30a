"""How texts come to be owed in a campaign: written in bulk, answers to people's texts, and reminders out of the real feed."""

import csv
import hashlib
import io
import itertools
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

import requests

from services.common import clock
from services.common.context import Heed
from services.common.outbox.intentions import Intention, intend
from services.common.settings import SANDBOX_SENDERS, ServiceName
from services.reminders.feeds.csv_listings import COLUMNS
from tests.faults.judge import Promise
from tests.faults.town import Town

PORTION = 2_000  # rows a transaction
IN_DANGER = "Please help me now"  # answered at once by both services, whoever writes
ORDINARY = 10


class Numbers:
    """Made-up mobiles, each given out once in a campaign: 07400 and six digits (100,000 are more than Ofcom's drama range has)."""

    def __init__(self) -> None:
        self._next = itertools.count()

    def take(self, many: int) -> list[str]:
        """That many numbers that nobody had before."""
        return [f"+447400{number:06d}" for number in itertools.islice(self._next, many)]


def owe(
    heed: Heed, numbers: list[str], tag: str, at: datetime | None = None, useful: float = 4.0
) -> list[Promise]:
    """Owe each number one text of its own, as a reply is owed; due now, or `at`, and of use for that many hours."""
    promises = [Promise(number, f"[synthetic] {tag} {number[-6:]}") for number in numbers]
    for first in range(0, len(promises), PORTION):
        with heed.database.begin() as session:
            now = clock.now(session)
            due = at or now
            portion = promises[first : first + PORTION]
            intend(session, (_intention(heed, one, tag, due, useful) for one in portion), now)
    return promises


def _intention(heed: Heed, one: Promise, tag: str, due: datetime, useful: float) -> Intention:
    return Intention(
        dedupe_key=f"campaign:{tag}:{one.number[-6:]}",
        kind="reply",
        subject_id=int(one.number[-6:]),
        step="campaign",
        due_at=due,
        useful_until=due + timedelta(hours=useful),
        priority=ORDINARY,
        to_key=heed.index.of(one.number, "number"),
        to_enc=heed.cipher.seal(one.number, "number"),
        body_enc=heed.cipher.seal(one.body or "", "body"),
    )


def ask(town: Town, service: ServiceName, numbers: list[str]) -> list[Promise]:
    """Have each number write a text that is answered at once; a promise is sure where the webhook was answered 2xx."""

    def one(number: str) -> Promise:
        given = {"from": number, "to": SANDBOX_SENDERS[service], "body": IN_DANGER}
        status = town.control("inbound", given)["status_code"]
        return Promise(number, sure=status is not None and status < 300)

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(one, numbers))


def listed(numbers: list[str], day: date, tag: str) -> bytes:
    """The office's CSV: one person a number, each with a first hearing on this day."""
    page = io.StringIO()
    rows = csv.writer(page)
    rows.writerow(COLUMNS)
    for number in numbers:
        mine = number[-6:]
        rows.writerow(
            [
                f"41{tag}{mine}",
                f"2641AA{int(mine) % 100:02d}{int(mine):011d}A",
                f"Given{mine} Synthetic{mine}",
                "04/05/1990",
                "B41ME00",
                "1",
                f"{day:%d/%m/%Y}",
                "10:00",
                "First hearing",
                f"0{number[3:]}",
                "U",
                "English",
            ]
        )
    return page.getvalue().encode()


def push(town: Town, key: str, body: bytes) -> None:
    """Push the office's CSV to Reminders, again and again until it is answered 2xx (the same key: it is kept once)."""
    url = f"{town.services['reminders'].config.public_url}/v1/feeds/csv"
    headers = {
        "Authorization": f"Bearer {key}",
        "Content-Type": "text/csv",
        "Idempotency-Key": hashlib.sha256(body).hexdigest(),
    }

    def pushed() -> bool:
        try:
            answer = requests.post(url, data=body, headers=headers, timeout=30)
        except requests.RequestException:
            return False
        return answer.ok

    town.until(pushed, "push of a list")


def wednesday_after(moment: datetime, days: int) -> date:
    """The first Wednesday at least that many days on."""
    day = moment.date() + timedelta(days=days)
    return day + timedelta(days=(2 - day.weekday()) % 7)
