"""Every kind of alarm: who owns it, when it sounds and why then, and how soon it is told again.

docs/operations.md has a heading a kind, with this line of it, and says what to do; a test holds the page to this table.
"""

from dataclasses import dataclass
from datetime import timedelta

OPERATIONS, OFFICE, DUTY, PROTECTION = "operations", "office", "officer on duty", "data protection officer"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of alarm. `again`: while it is open and sounds on, it is told again this long after the last telling, None once only.
    `texted`: the duty number is texted too."""

    owner: str
    when: str
    why: str
    again: timedelta | None = None
    texted: bool = False

    @property
    def line(self) -> str:
        """As the operations page states it.

        >>> Kind("office", "a list comes empty", "that is rare").line
        'Owner: office. Sounds when a list comes empty: that is rare. Told once.'
        """
        return f"Owner: {self.owner}. Sounds when {self.when}: {self.why}. {self._told()}"

    def _told(self) -> str:
        how = f"Told again every {_spoken(self.again)} while it goes on" if self.again else "Told once"
        return f"{how}{', and texted to the duty number' if self.texted else ''}."


def _spoken(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    if minutes < 60:
        return f"{minutes} minutes"
    return {60: "hour", 24 * 60: "day"}.get(minutes, f"{minutes // 60} hours")


KINDS = {
    "feedback-overdue": Kind(
        OFFICE,
        "a theme has no answer twelve weeks after the end",
        "people were promised to be told what was done",
        DAY,
    ),
    "sender-stopped": Kind(
        OPERATIONS, "the carrier refuses one text because of our set-up", "every other would fare the same"
    ),
    "daily-segments": Kind(
        OPERATIONS, "the day's segments are used up", "nothing ordinary goes out before midnight", HOUR, True
    ),
    "text-refused": Kind(
        OPERATIONS, "a code that nothing follows from refuses a text", "somebody must say what it means", DAY
    ),
    "text-unsettled": Kind(
        OPERATIONS, "evidence cannot tell of one text", "only a person may decide, while it is of use", HOUR
    ),
    "duplicate-detected": Kind(OPERATIONS, "one text went out twice", "the promise is that none does"),
    "status-contradicting": Kind(
        OPERATIONS, "the carrier gives two last words of a text", "many mean a fault of the carrier's", DAY
    ),
    "texts-failing": Kind(
        OPERATIONS,
        "ten texts of an hour failed, and they are one in twenty (blocked) or one in four (all)",
        "two or three in a hundred fail on an ordinary day",
        DAY,
    ),
    "orphan-at-carrier": Kind(
        OPERATIONS, "the carrier has one message that Heed has not", "somebody else may use the account", DAY
    ),
    "missing-at-carrier": Kind(
        OPERATIONS, "Heed has one text that the carrier has not", "somebody may have removed it there", DAY
    ),
    "list-cut": Kind(
        OPERATIONS, "a list is longer than 50,000 messages", "the rest of it was not compared", DAY
    ),
    "carrier-unreachable": Kind(
        OPERATIONS, "eight looks in a row get no answer", "two hours are longer than its usual faults", HOUR
    ),
    "redaction-refused": Kind(
        OPERATIONS, "words at the carrier cannot be removed", "they stay there until somebody does", DAY
    ),
    "feed-empty": Kind(
        OFFICE, "a list comes without anybody", "one that is broken looks the same as an empty day", DAY
    ),
    "delivery-rejected": Kind(
        OFFICE, "nothing of a push can be used", "its hearings are missing until it is mended", DAY
    ),
    # Each escalation sounds it: danger every 5 minutes, abuse every 30, the rest once a day (common/duty.py).
    "duty-waits": Kind(
        DUTY,
        "an item waits longer than its kind may",
        "somebody may be in danger",
        timedelta(minutes=5),
    ),
    "loop-breaker": Kind(
        OFFICE, "over 15 replies in an hour or 40 in a day are owed to one number", "people text less", DAY
    ),
    "workers-gone": Kind(
        OPERATIONS,
        "no worker was seen for 2 minutes",
        "a restart takes seconds, and until one comes nothing is sent or understood",
        HOUR,
    ),
    "valkey-gone": Kind(
        OPERATIONS,
        "Valkey does not answer for 2 minutes",
        "nothing is lost, but all work waits",
        HOUR,
    ),
    "texts-late": Kind(
        OPERATIONS,
        "a text is due for 15 minutes and nothing keeps it back",
        "a drain begins within seconds, and a cause that keeps texts back for longer wants a person",
        HOUR,
    ),
    "inbound-late": Kind(
        OPERATIONS,
        "a person's text is not understood for 5 minutes",
        "it may be a call for help",
        timedelta(minutes=15),
        True,
    ),
    "sending-stopped": Kind(
        OFFICE,
        "sending is stopped for an hour and texts wait",
        "a stop that nobody remembers keeps people from their hearings",
        HOUR,
    ),
    "own-password": Kind(
        OPERATIONS,
        "somebody signs in with Heed's own password though the office has an identity provider",
        "such accounts are for the day on which it does not answer",
        DAY,
    ),
    "backup-late": Kind(
        OPERATIONS,
        "the newest backup is older than HEED_BACKUP_HOURS",
        "what came since would be lost with the machine",
        DAY,
    ),
    "month-missing": Kind(
        OPERATIONS,
        "the month a week ahead has no partition",
        "it is made two months ahead; without it nothing is lost, and old rows are harder to drop",
        DAY,
    ),
    "incident-late": Kind(
        PROTECTION,
        "a text to the wrong person is not assessed within 48 hours",
        "the law gives 72 hours to report it",
        timedelta(hours=6),
    ),
}
