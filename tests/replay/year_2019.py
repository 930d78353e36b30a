"""Made-up responses in the shape of 2019's: 450 over web, letter, e-mail, the listening post and SMS, 6 August to 4 September.

Among the views stand what every consultation has: blank forms, the office's own tests, the same letter twice, a campaign, people who
withdraw, and who are late; `expected` says how many of each are there.
"""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from services.consultation import districts
from tests.replay.sayings import CAMPAIGN, view

AUGUST, SEPTEMBER = (8, 6), (9, 4)
# Somewhat over 450 were received; what each channel brought is not published but for "over 25" by the listening post and SMS.
SHARES = {"web": 285, "email": 92, "letter": 48, "listening-post": 12, "sms": 13}
# households, impressions, page views and clicks of 2019
PUBLICITY = {"households by OWL": 18_199, "clicks": 403, "impressions": 14_000, "page views": 3_207}
TYPES = ("resident",) * 88 + ("business",) * 5 + ("organisation",) * 4 + ("victim",) * 3
AGES = ("under-18", "18-34", "35-64", "65-over")
AGAIN = " Yours"  # what the second copy of a letter has besides the first


@dataclass(frozen=True, slots=True)
class Talk:
    """What one resident texts on a day, each text after the answer to the one before."""

    number: str
    day: date
    texts: tuple[str, ...]


@dataclass(slots=True)
class Year:
    """Everything that comes: rows to import, and residents who text. The consultation is open from `opens` to `closes`."""

    opens: date
    closes: date
    rows: list[dict[str, str]] = field(default_factory=list)
    talks: list[Talk] = field(default_factory=list)
    plain: list[dict[str, str]] = field(default_factory=list)  # rows that are counted and nobody's copy

    def content(self, sample: dict[str, Any]) -> dict[str, Any]:
        """The questionnaire: the sample's texts and questions under the title and the days of this one."""
        return sample | {
            "id": "plan-2019",
            "title": "Draft Community Safety and Criminal Justice Plan 2019 (synthetic replay)",
            "opens": self.opens.isoformat(),
            "closes": self.closes.isoformat(),
        }

    def expected(self) -> dict[str, Counter[str]]:
        """How many responses of each channel should stand where, once a person has settled the copies."""
        found: dict[str, Counter[str]] = {channel: Counter() for channel in SHARES}
        for row in self.rows:
            found[row["channel"]][self._standing(row)] += 1
        for talk in self.talks:
            late = talk.day > self.closes
            standing = "withdrawn" if "REMOVE" in talk.texts else "late" if late else "counted"
            found["sms"][standing] += 1
        return found

    def campaign(self) -> int:
        """How many counted responses are copies of the campaign's text."""
        return sum(row["text"].startswith(CAMPAIGN) and self._standing(row) == "counted" for row in self.rows)

    def _standing(self, row: dict[str, str]) -> str:
        if row.get("test"):
            return "test"
        if not row["text"]:
            return "blank"
        if row["received"][:10] > self.closes.isoformat():
            return "late"
        return "duplicate" if row["text"].endswith(AGAIN) else "counted"


def year(times: int = 1, in_year: int = 2019) -> Year:
    """The responses of 2019, so many times over, on the same days of a year; the same in every run."""
    chance = random.Random(2019)
    made = Year(date(in_year, *AUGUST), date(in_year, *SEPTEMBER))
    for channel, number in SHARES.items():
        for one in range(number * times):
            if channel == "sms":
                made.talks.append(_talk(made, chance, one))
            else:
                made.rows.append(_row(made, chance, channel, one, number * times))
    return made


def _row(made: Year, chance: random.Random, channel: str, one: int, of: int) -> dict[str, str]:
    kind = chance.choice(TYPES)
    row = {
        "reference": f"{channel}-{one + 1:05}",
        "channel": channel,
        "received": f"{_day(made, chance)}T{chance.randrange(7, 23):02}:{chance.randrange(60):02}",
        "text": view(chance),
        "type": kind,
        "organisation": f"Synthetic Organisation {one + 1} of {channel}" if kind == "organisation" else "",
        "place": chance.choice([*districts.names(), "", "Cambridge"]),
        "publish": chance.choice(["yes", "no", ""]),
        "test": "",
        "answer:age": chance.choice([*AGES, ""]),
    }
    nth = one * 1000 // of % 100  # the same share of each kind, however many there are
    if nth < 2:
        row |= {"text": "", "answer:age": ""}
    elif nth < 3:
        row["test"] = "yes"
    elif nth < 5:
        row["received"] = f"{made.closes + timedelta(days=1 + chance.randrange(9))}T10:00"
    elif nth < 9 and channel in ("web", "email"):
        row["text"] = CAMPAIGN + chance.choice(["", " Thank you.", " Please."])
    elif nth < 13 and channel == "letter":
        # The same again by post, with a word added.
        same = made.plain.pop(chance.randrange(len(made.plain)))
        row |= {name: same[name] for name in ("type", "organisation", "place")} | {
            "text": same["text"] + AGAIN
        }
    elif len(row["text"]) > len(CAMPAIGN):
        made.plain.append(row)
    return row


def _talk(made: Year, chance: random.Random, one: int) -> Talk:
    """A view; then of five residents two answer the first question, one answers all five, and one in ten withdraws."""
    place = chance.choice([*districts.names().values()])
    answers: tuple[str, ...] = ((), (place,), (), (place,), (place, "N", chance.choice("ABCD"), "Y", "Y"))[
        one % 5
    ]
    if one % 10 == 3:
        answers += ("REMOVE",)
    day = made.closes + timedelta(days=2) if one % 13 == 12 else _day(made, chance)
    return Talk(f"+4474{one:08}", day, (view(chance), *(() if day > made.closes else answers)))


def _day(made: Year, chance: random.Random) -> date:
    return made.opens + timedelta(days=chance.randrange((made.closes - made.opens).days + 1))


def differences(what: Year, found: dict[str, Any]) -> list[str]:
    """Where the report's reconciliation is not what was sent."""
    lines = {line["channel"]: line for line in found["reconciliation"]}
    told = []
    for channel, expected in what.expected().items():
        line = lines[channel]
        stood = Counter(line["removed"]) + Counter(counted=line["analysed"])
        if (line["received"], stood) != (expected.total(), expected):
            told.append(f"{channel}: {dict(expected)} were sent, {dict(stood)} is reported")
    copies = sum(one["responses"] for one in found["campaigns"])
    if copies != what.campaign():
        told.append(f"campaigns: {what.campaign()} copies were sent, {copies} are reported")
    return told
