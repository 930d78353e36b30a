"""The nation: who is listed where, on which court day, who of them is to be texted on the day, and who never. All of it made up.

Everything follows from a person's number alone, so that what is expected needs no record of its own.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files
from typing import Any

import yaml

from services.reminders.feeds.csv_listings import COLUMNS
from tests.faults.judge import Promise

FORCES = 43
STEPS = {"seven-days": 7, "three-days": 3, "one-day": 1}
TUESDAY = 1  # of such a day all three steps fall on weekdays: the Tuesday after, Friday and Wednesday
TIMES = ("09:30", "10:00", "10:30", "14:00")
BAIL = ("B", "U", "summons", "requisition")
FIRST_NUMBER = 7_400_000_000  # 07400 000000 and the millions after it are mobiles
SHORT_MOST = 27
# Whom Heed holds back, and why: one person in so many, by the remainder of their number.
HELD = {"mobile-missing": (25, 7), "in-custody": (50, 13), "mobile-invalid": (100, 31), "under-18": (200, 43)}


def day_from(present: date) -> date:
    """The next Tuesday that leaves the lists a day to come before it."""
    soonest = present + timedelta(days=2)
    return soonest + timedelta(days=(TUESDAY - soonest.weekday()) % 7)


@dataclass(frozen=True, slots=True)
class Nation:
    """So many people, whose first hearings lie on so many court days from `day` on; those of the first three are texted on `day`."""

    people: int
    court_days: int
    day: date

    def lists(self) -> Iterator[tuple[bytes, int]]:
        """Each force's list as the office's CSV, with its number of rows; written as it is asked for."""
        courts, days = _courts(), self._days()
        for force in range(FORCES):
            mine = courts[force::FORCES]
            rows = [
                _row(one, mine[one // FORCES % len(mine)][0], days[one // FORCES % self.court_days])
                for one in range(force, self.people, FORCES)
            ]
            if rows:
                yield "\r\n".join([",".join(COLUMNS), *rows, ""]).encode(), len(rows)

    def promises(self) -> Iterator[Promise]:
        """Who is owed one text on the day. Nobody else is owed any."""
        due = min(self.court_days, len(STEPS))
        for one in range(self.people):
            if one // FORCES % self.court_days < due and held(one) is None:
                yield Promise(number(one))

    def held(self) -> Counter[str]:
        """How many people are never texted, by the first reason."""
        return Counter(reason for one in range(self.people) if (reason := held(one)))

    def _days(self) -> list[date]:
        """The court days: those three that are reminded of on the day, and then every weekday after."""
        days = [self.day + timedelta(days=ahead) for ahead in sorted(STEPS.values())]
        after = days[-1]
        while len(days) < self.court_days:
            after += timedelta(days=1)
            if after.weekday() < 5:
                days.append(after)
        return days[: self.court_days]


def number(one: int) -> str:
    """This person's own mobile."""
    return f"+44{FIRST_NUMBER + one}"


def held(one: int) -> str | None:
    """The first reason why this person is never texted."""
    reasons = (reason for reason in ORDER if one % HELD[reason][0] == HELD[reason][1])
    return next(reasons, None)


ORDER = ("under-18", "in-custody", "mobile-missing", "mobile-invalid")  # as eligibility.RULES has them


def county() -> str:
    """A county's file with every magistrates' court of England and Wales, three steps, and Hertfordshire's English words."""
    content: dict[str, Any] = yaml.safe_load(
        (files("services.reminders") / "data/hertfordshire.yaml").read_text(encoding="utf-8")
    )
    content["county"] = "England and Wales (synthetic)"
    content["courts"] = {
        code: {
            "name": name,
            "short": f"{name.removesuffix(MAGISTRATES)[: SHORT_MOST - len(SHORTLY)].strip()}{SHORTLY}",
            "enquiry_phone": "01632 960001",
            "time_means": None,
        }
        for code, name in _courts()
    }
    content["plan"]["steps"] = [
        {"name": name, "days_before": days, "at": "10:00"} for name, days in STEPS.items()
    ]
    content["wording"]["languages"] = {"en": content["wording"]["languages"]["en"]}
    return yaml.safe_dump(content, allow_unicode=True)


MAGISTRATES, SHORTLY = " Magistrates' Court", " Mags Court"


def _courts() -> Sequence[tuple[str, str]]:
    """Code and name of each magistrates' court."""
    table = (files("services.reminders.feeds") / "court_names.csv").read_text(encoding="utf-8")
    rows = (line.partition(",") for line in table.splitlines()[1:])
    return [(code, name.strip('"')) for code, _, name in rows if name.strip('"').endswith(MAGISTRATES)]


def _row(one: int, court: str, day: date) -> str:
    reason = held(one)
    mobile = {"mobile-missing": "", "mobile-invalid": "01632 960001"}.get(
        reason or "", f"0{FIRST_NUMBER + one}"
    )
    return ",".join(
        (
            f"NAT{one:08d}",
            f"2641NA{one % 100:02d}{one:011d}A",
            f"Given{one % 977} Synthetic{one}",
            f"{1 + one % 28:02d}/{1 + one % 12:02d}/{day.year - (15 if reason == 'under-18' else 20 + one % 50)}",
            f"{court}00",
            str(1 + one % 9),
            f"{day:%d/%m/%Y}",
            TIMES[one % len(TIMES)],
            "First hearing",
            mobile,
            "C" if reason == "in-custody" else BAIL[one % len(BAIL)],
            "English",
        )
    )
