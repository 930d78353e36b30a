"""The codes that lists and texts carry, as an office says them. Pure; docs/reminders.md explains each."""

REASONS = {
    "cancelled": "hearing is off",
    "resulted": "has a result",
    "suspended": "no longer in the feed",
    "organisation": "a company",
    "under-18": "under 18",
    "not-first-hearing": "not a first hearing",
    "in-custody": "in custody",
    "no-attendance-expected": "nobody need attend",
    "court-not-enrolled": "court is not in the county’s file",
    "court-paused": "court is paused",
    "sensitive": "sensitive case",
    "missing-fact": "a fact is missing",
    "time-uncertain": "time is uncertain",
    "needs-review": "record is in doubt",
    "interpreter-needed": "needs an interpreter",
    "mobile-missing": "no number",
    "mobile-invalid": "not a mobile number, or dead",
    "mobile-shared": "number is shared",
    "opted-out": "has stopped texts",
    "wrong-number": "number is somebody else’s",
    "do-not-text": "marked do not text",
    "too-late": "too late for a text",
    "same-visit": "another case has the text",
}
# Met only when a text is sent, or kept back.
AT_SENDING = {
    "moved": "hearing has moved",
    "outside-window": "waits for the day’s window",
    "dry-run": "dry run: kept, not sent",
    "not-released": "day is not released",
    "unreadable": "cannot be decrypted",
    "not-prepared": "could not be prepared",
    "not-on-trial-list": "not on the trial’s list",
    "sending-stopped": "sending is stopped",
}
MOBILES = {
    "valid": "can be texted",
    "invalid": "not a mobile, or dead",
    "missing": "no number",
    "shared": "shared with another person",
    "wrong": "somebody else’s",
    "stopped": "has stopped texts",
}
STATUSES = {
    "listed": "Listed",
    "suspended": "No longer in the feed",
    "cancelled": "Off",
    "heard": "Has a result",
}
ATTENDANCES = {
    "attended": "Attended",
    "represented": "Was represented",
    "absent": "Did not attend",
    "unknown": "Not known",
}
FAILURES = {"no": "No", "yes": "Yes", "presumed": "Presumed", "unknown": "Not known"}
WARRANTS = {"none": "None", "issued": "Issued", "closed": "Issued, and closed again", "unknown": "Not known"}

# Who said something: a feed (also as "feed:…"), or the office.
SOURCES = {
    "common-platform": "Common Platform",
    "common-platform-list": "Common Platform’s court list",
    "cath": "the published court list",
    "spi": "SPI",
    "libra": "Libra",
    "csv": "the office’s list",
    "office": "the office",
    "none": "nobody",
}


def source(word: str) -> str:
    """Who said it, in words; whoever has none is their own word."""
    name = word.removeprefix("feed:")
    return SOURCES.get(name, name)


def said(code: str | None) -> str:
    """A code in words; what has none is its own word."""
    return REASONS.get(code or "") or AT_SENDING.get(code or "") or code or ""
