"""What the settings alone say: keys, senders, who is reached, where backups are sealed, how much room there is."""

import base64
import shutil
from collections.abc import Iterator

from services.common.context import Heed
from services.common.fitness.facts import Fact, fail, ok, warn
from services.common.outbox.arrivals import takes_replies

DIFFERENT_BYTES = 16  # of 32: random ones have 30 or so; a word or one byte over and over has few
ROOM_LEAST, ROOM_LITTLE = 1 << 30, 5 << 30


def facts(heed: Heed) -> Iterator[Fact]:
    """The facts, one by one."""
    yield _keys(heed)
    yield _backup_keys(heed)
    yield _sender(heed)
    yield _contact(heed)
    yield from _alerts(heed)
    yield _room(heed)


def _keys(heed: Heed) -> Fact:
    pairs = [part.strip().partition(":") for part in heed.config.encryption_keys.split(",")]
    names = ", ".join(name for name, _, _ in pairs)
    encoded = [key for _, _, key in pairs] + [heed.config.index_key]
    if any(len(set(base64.b64decode(key))) < DIFFERENT_BYTES for key in encoded):
        return fail(
            "keys", "a key is no random one", "make keys with `heed keys generate`, before anybody is known"
        )
    if heed.sandbox:
        return ok("keys", f"sandbox mode's own or given ones ({names})")
    return ok("keys", f"encryption {names} (the first encrypts), one index key")


def _backup_keys(heed: Heed) -> Fact:
    if heed.config.backup_keys:
        return ok("backup-keys", "backups are sealed")
    do = f"set {heed.service.upper()}_BACKUP_KEYS to a key of `heed keys generate`, kept apart from the backups"
    return (ok if heed.sandbox else warn)(
        "backup-keys", "none: backups are not sealed", *([] if heed.sandbox else [do])
    )


def _sender(heed: Heed) -> Fact:
    sender = heed.config.sender
    if not takes_replies(sender):
        if heed.service == "consultation":
            return fail("sender", "a name, which nobody can text", "set CONSULTATION_SENDER to a number")
        do = "print another way for STOP and WRONG, or set REMINDERS_SENDER to a number"
        return warn("sender", "a name: people cannot text back", do)
    return ok("sender", f"a number that ends in {sender[-3:]}")


def _contact(heed: Heed) -> Fact:
    if heed.settings.duty_number:
        return ok("contact", f"the duty number ends in {heed.settings.duty_number[-3:]}")
    return warn(
        "contact",
        "nobody is texted when somebody is in danger",
        "set HEED_DUTY_NUMBER to a mobile that is answered at every hour",
    )


def _alerts(heed: Heed) -> Iterator[Fact]:
    alerts, missing = heed.settings.alerts, warn if heed.settings.mode != "live" else fail
    channels = [name for name, there in (("mail", alerts.email), ("webhook", alerts.webhook)) if there]
    if channels:
        signed = (
            "" if alerts.webhook_key or not alerts.webhook else ", not signed: set HEED_ALERT_WEBHOOK_KEY"
        )
        yield ok("alerts", f"by {' and '.join(channels)}{signed}; `heed alerts test` tries them")
    else:
        yield missing(
            "alerts",
            "an alarm reaches nobody",
            "set HEED_ALERT_EMAIL or HEED_ALERT_WEBHOOK, then `heed alerts test`",
        )
    if alerts.heartbeat:
        yield ok("heartbeat", "signs of life go out")
    else:
        yield warn(
            "heartbeat",
            "nobody outside would notice that this machine is gone",
            "set HEED_HEARTBEAT_URL to a watcher elsewhere",
        )


def _room(heed: Heed) -> Fact:
    if heed.settings.redis_url and heed.config.database_url:
        return ok("disk", "the stores are servers: nothing is kept in the data folder")
    try:
        free = shutil.disk_usage(heed.settings.data_dir).free
    except OSError:
        return ok("disk", "no data folder on this machine")
    said = f"{free / (1 << 30):.1f} GiB free for the data folder"
    if free < ROOM_LEAST:
        return fail("disk", said, "make room now: a full disk stops everything")
    return warn("disk", said, "make room soon") if free < ROOM_LITTLE else ok("disk", said)
