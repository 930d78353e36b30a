"""Made-up people with hearings on the next days, as the office's own list: something to look at in sandbox mode. Pure.

Surnames are villages, numbers are those that Ofcom keeps for drama, cases begin with 41SAMPLE.
"""

import csv
import io
from collections.abc import Sequence
from datetime import datetime, timedelta

from services.common.times import london
from services.reminders.feeds.csv_listings import COLUMNS

GIVEN = ("Amara", "Ben", "Chidi", "Dilys", "Elin", "Farid", "Grace", "Hamza", "Ioana", "Jerome", "Katya")
SURNAMES = ("Abbotsley", "Barkway", "Codicote", "Datchworth", "Essendon", "Flamstead", "Gaddesden")
BAIL = ("B", "U", "summons", "B", "C")
PEOPLE, DAYS = 40, 10
TIMES = ("09:30", "10:00", "14:00")


def listings(now: datetime, courts: Sequence[str]) -> bytes:
    """The list. Some have no number, some share one, one is a child and one is listed for a later hearing: each held for its reason."""
    written = io.StringIO(newline="")
    lines = csv.writer(written)
    lines.writerow(COLUMNS)
    today = london(now).date()
    for one in range(PEOPLE):
        day = today + timedelta(days=1 + one % DAYS)
        mobile = "" if one % 8 == 5 else f"07700 900{200 + (one if one % 13 else 0):03}"
        lines.writerow(
            (
                f"41SAMPLE{one:03}",
                "",
                f"{GIVEN[one % len(GIVEN)]} {SURNAMES[one % len(SURNAMES)]}",
                f"{today.year - (16 if one == 7 else 19 + one)}-05-{1 + one % 28:02}",
                courts[one % len(courts)],
                1 + one % 4,
                day.isoformat(),
                TIMES[one % len(TIMES)],
                "First hearing" if one != 11 else "Trial",
                mobile,
                BAIL[one % len(BAIL)],
                "en",
            )
        )
    return written.getvalue().encode()
