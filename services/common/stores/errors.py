"""What a failed start tells the person at the terminal."""

from pathlib import Path

OWN_SERVERS = "set REMINDERS_DATABASE_URL, CONSULTATION_DATABASE_URL and REDIS_URL to servers of your own"


class StoresError(Exception):
    """The embedded stores could not be started, joined or asked; the text says what to do next."""


def with_log(what: str, log: Path, lines: int = 12) -> str:
    """`what`, the path of the log and its last `lines` lines: a whole message for a `StoresError`.

    No log of the stores holds row data or parameters (see `postgres.SETTINGS`), so its lines may be shown.
    """
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    last = "\n".join(f"  {line}" for line in text.splitlines()[-lines:]) or "  (the log is empty)"
    return f"{what}\nLast lines of {log}:\n{last}"
