"""Made-up responses in the shape of 2019's: 450 over web, letter, e-mail, the listening post and SMS, 6 August to 4 September.

Nobody's words: sentences are put together from phrases. Among them stand what every consultation has: blank forms, the office's own
tests, the same letter twice, a campaign, people who write by two channels, who withdraw, and who are late.
"""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta

from services.consultation import districts

OPENS, CLOSES = date(2019, 8, 6), date(2019, 9, 4)
# Somewhat over 450 were received; what each channel brought is not published but for "over 25" by the listening post and SMS.
SHARES = {"web": 285, "email": 92, "letter": 48, "listening-post": 12, "sms": 13}
# households, impressions, page views and clicks of 2019
PUBLICITY = {"households by OWL": 18_199, "clicks": 403, "impressions": 14_000, "page views": 3_207}
CONTENT = {
    "id": "plan-2019",
    "kind": "consultation",
    "title": "Draft Community Safety and Criminal Justice Plan 2019 (synthetic replay)",
    "opens": OPENS.isoformat(),
    "closes": CLOSES.isoformat(),
    "keywords": {"en": ["PLAN"]},
}
WHO = (
    "I",
    "My neighbours and I",
    "We in our road",
    "My mother",
    "The shopkeepers here",
    "Our parish",
    "Young people here",
)
WISH = (
    "would like",
    "have asked for years for",
    "need",
    "are glad about",
    "see too little of",
    "hear nothing of",
    "would pay for",
)
WHAT = (
    "officers on foot", "answers from 101", "speed checks", "cameras for fly tipping", "help for victims first",
    "advice against fraud on the phone", "the OWL messages", "cycle patrols", "a desk at the station", "quieter roads at night",
    "rural patrols", "work with the schools",
)  # fmt: skip
WHERE = (
    "by the station",
    "in the high street",
    "near the school",
    "on the estate",
    "along the A10",
    "in the villages",
    "at the park",
)
WHEN = (
    "at weekends",
    "after dark",
    "in the mornings",
    "all summer",
    "since the cuts",
    "when it matters",
    "every day",
)
WHY = (
    "because nobody feels safe there", "since the last burglaries", "as the drivers take no notice", "and it should stay so",
    "because reports lead to nothing", "for the sake of the children", "as it costs little", "because it worked before",
)  # fmt: skip
CAMPAIGN = "We ask the Commissioner to keep neighbourhood officers in every town and to publish each month how many of them were on duty."
TYPES = ("resident",) * 88 + ("business",) * 5 + ("organisation",) * 4 + ("victim",) * 3


@dataclass(frozen=True, slots=True)
class Text:
    """A text: who sent it, what it says, and when."""

    number: str
    words: str
    at: str


@dataclass(slots=True)
class Year:
    """Everything that came: rows to import, and texts."""

    rows: list[dict[str, str]] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)


def year(times: int = 1, seed: int = 2019) -> Year:
    """The responses of 2019, so many times over; the same for every run of a seed."""
    chance = random.Random(seed)
    made = Year()
    for channel, number in SHARES.items():
        for one in range(number * times):
            if channel == "sms":
                _text(made, chance, one)
            else:
                made.rows.append(_row(chance, channel, one, number * times, made.rows))
    return made


def _row(
    chance: random.Random, channel: str, one: int, of: int, before: list[dict[str, str]]
) -> dict[str, str]:
    kind = chance.choice(TYPES)
    row = {
        "reference": f"{channel}-{one + 1:05}",
        "channel": channel,
        "received": f"{_day(chance)}T{chance.randrange(7, 23):02}:{chance.randrange(60):02}",
        "text": _sentence(chance),
        "type": kind,
        "place": chance.choice([*districts.names(), "", "Cambridge"]),
        "publish": chance.choice(["yes", "no", ""]),
    }
    if kind == "organisation":
        row["organisation"] = f"Synthetic Organisation {one + 1} of {channel}"
    nth = one * 1000 // of  # the same share of each kind, however many there are
    if nth % 100 < 2:
        row["text"] = ""
    elif nth % 100 < 3:
        row["test"] = "yes"
    elif nth % 100 < 5:
        row["received"] = f"{CLOSES + timedelta(days=1 + chance.randrange(9))}T10:00"
    elif nth % 100 < 9 and channel in ("web", "email"):
        row["text"] = CAMPAIGN + chance.choice(["", " Thank you.", " Please."])
    elif nth % 100 < 13 and channel == "letter":
        # The same again by post, with a word added.
        same = chance.choice([each for each in before[-200:] if len(each["text"]) > len(CAMPAIGN) + 20])
        row |= {name: same[name] for name in ("type", "place")} | {"text": f"{same['text']} Yours"}
        row["organisation"] = same.get("organisation", "")
    return row


def _text(made: Year, chance: random.Random, one: int) -> None:
    number = f"+4474{one:08}"
    day = _day(chance)
    made.texts.append(Text(number, _sentence(chance), f"{day}T12:{chance.randrange(60):02}"))
    if one % 10 == 3:
        made.texts.append(Text(number, "REMOVE", f"{day}T18:00"))


def _day(chance: random.Random) -> str:
    return (OPENS + timedelta(days=chance.randrange((CLOSES - OPENS).days + 1))).isoformat()


def _sentence(chance: random.Random) -> str:
    return " ".join(
        f"{chance.choice(WHO)} {chance.choice(WISH)} {chance.choice(WHAT)} {chance.choice(WHERE)} {chance.choice(WHEN)}"
        f" {chance.choice(WHY)}."
        for _ in range(chance.choice((1, 2, 2, 3, 4)))
    )
