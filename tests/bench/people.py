"""Made-up lists in the real form, the same for every run of a seed."""

import random
from datetime import date, timedelta

from services.reminders.feeds.csv_listings import COLUMNS

FIRST_DAY = date(2031, 3, 3)  # far enough ahead that every reminder is still to come
COURTS = ("B41ME00", "B41MJ00")
TIMES = ("09:30", "10:00", "10:30", "14:00")
BAIL = ("B", "U", "summons", "requisition")


def listing_rows(number: int, seed: int = 1) -> list[list[str]]:
    """`number` rows of the office's CSV: everyone another person and case, first hearings on 200 days, each with a mobile."""
    chance = random.Random(seed)
    rows = []
    for one in range(number):
        day = FIRST_DAY + timedelta(days=chance.randrange(200))
        born = date(1955, 1, 1) + timedelta(days=chance.randrange(18_000))
        rows.append(
            [
                f"41AA{one:07d}",
                f"2641AA{one % 100:02d}{one:011d}A",
                f"Given{one % 977} Surname{one}",
                f"{born:%d/%m/%Y}",
                chance.choice(COURTS),
                str(1 + one % 6),
                f"{day:%d/%m/%Y}",
                chance.choice(TIMES),
                "First hearing",
                f"07400 {one // 1000 % 1000:03d}{one % 1000:03d}",
                chance.choice(BAIL),
                "English",
            ]
        )
    return rows


def as_csv(rows: list[list[str]]) -> bytes:
    """The rows under their header."""
    return "\r\n".join([",".join(COLUMNS), *(",".join(row) for row in rows), ""]).encode()
