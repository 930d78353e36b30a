"""What no text to a defendant holds, in any language: words that go stale, links, money, the case itself."""

import re
from collections.abc import Iterator

from services.reminders.wording import fold_letters

# Compared with folded words in small letters, so that one form of each is enough; none of these words is an innocent one in
# another of the languages.
RELATIVE = (
    r"\b(?:tomorrow|tmrw|today|tonight|yesterday|(?:next|this) (?:week|month|morning|afternoon|evening|\w+day)|in \w+ (?:days?|hours?)"
    r"|yfory|fory|heddiw|heno|ddoe|drennydd|(?:yr )?wythnos (?:nesaf|hon)|ymhen \w+ \w+"
    r"|jutro|pojutrze|dzis|dzisiaj|wczoraj|za (?:tydzien|\w+ (?:dni|godzin\w*))|w (?:przyszlym|tym) tygodniu"
    r"|maine|poimaine|azi|astazi|deseara|ieri|saptamana (?:viitoare|aceasta)|peste \w+ (?:zile|ore))\b"
)
LINK = r"https?:|www\.|@|[\w-]\.(?:com|org|net|gov|police|info|uk|ly|me|io|eu|pl|ro|cymru|wales)\b"
MONEY = (
    r"[£$€]|\b(?:pay|payments?|fees?|fines?|pounds?|talu|dalu|taliad\w*|dirwy\w*|zaplac\w*|zaplat\w*|oplat\w*|grzywn\w*|funt\w*"
    r"|plat[ai]\w*|taxa|taxe|amenda|amenzi)\b"
)
CASE = (
    r"\b(?:offences?|charged?|charges|convict\w*|crimes?|theft|assault\w*|driving|birth|born|trosedd\w*|cyhudd\w*|geni|ganwyd"
    r"|przestepstw\w*|wykroczen\w*|zarzut\w*|urodz\w*|infractiun\w*|acuza\w*|nascut\w*|nasteri\w*)\b"
)
BLANK = r"[\[\]<>]|_{2,}|\bx{3,}\b|\btb[ac]\b"
NEVER = (
    (RELATIVE, "carriers may deliver days later: say {d} and {t} alone"),
    (LINK, "people are told that a real text holds no link: say it in words"),
    (MONEY, "people are told that a real text never speaks of money: take it out"),
    (CASE, "a stranger may read it: say nothing of the case or of a birth date"),
    (BLANK, "a blank that nobody fills would stand on a phone: take it out"),
    (
        r"\d[\d ]*",
        "a telephone, case or other number written into the words: only {d} and {t} bring numbers",
    ),
)
IN_REPLIES = ((LINK, NEVER[1][1]), (r"\d[\d ]{3,}", "the court's number comes by {phone}"))


def never(text: str, rules: tuple[tuple[str, str], ...]) -> Iterator[tuple[str, str]]:
    """(what it has, what to do) for each of these rules that the words break; what is filled in does not count."""
    bare = re.sub(r"\{\w+\}", " ", fold_letters(text)).casefold()
    for pattern, remedy in rules:
        found = re.search(pattern, bare)
        if found:
            yield f"has {found.group().strip()!r}", remedy
