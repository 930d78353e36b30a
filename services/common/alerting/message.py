"""An alarm in words and as JSON: ids and counts, what it means, who owns it, where it says what to do. Never a person."""

import hmac
import json
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from services.common.alerting.kinds import KINDS, Kind
from services.common.models import Alarm

SIGNATURE = "Heed-Signature"
UNKNOWN = Kind("operations", "a newer Heed wrote it", "this one does not know it")


@dataclass(frozen=True, slots=True)
class Message:
    """An alarm as it leaves the house."""

    service: str
    mode: str
    alarm: dict[str, Any]
    owner: str
    runbook: str
    test: bool = False

    @property
    def title(self) -> str:
        """One line, for a mail's subject."""
        word = "test of alarms" if self.test else f"{self.alarm['code']} ({self.alarm['subject']})"
        return f"Heed {self.service}, {self.mode}: {word}"

    @property
    def words(self) -> str:
        """The whole, for a mail's body."""
        if self.test:
            return f"{self.title}\n\nSomebody tried whether alarms arrive. They do; nothing is wrong.\n"
        detail = "".join(f"{name}: {value}\n" for name, value in sorted(self.alarm["detail"].items()))
        return (
            f"{self.title}\n\nfirst: {self.alarm['first_at']}\nlast: {self.alarm['last_at']}\ntimes: {self.alarm['times']}\n"
            f"{detail}owner: {self.owner}\nwhat to do: {self.runbook}\n\n"
            f"Say that you see to it: heed queue acknowledge {self.alarm['id']} --service {self.service}\n"
        )

    @property
    def json(self) -> bytes:
        """The webhook's body."""
        return json.dumps(
            {
                "service": self.service,
                "mode": self.mode,
                "test": self.test,
                "alarm": self.alarm,
                "owner": self.owner,
                "runbook": self.runbook,
                "text": self.title,
            },
            sort_keys=True,
        ).encode()


def of(alarm: Alarm, service: str, mode: str, page: str) -> Message:
    """The message of an alarm; `page` is the operations page."""
    shown = {
        "id": alarm.id,
        "code": alarm.code,
        "subject": alarm.subject,
        "detail": alarm.detail,
        "times": alarm.times,
        "first_at": alarm.first_at.isoformat(),
        "last_at": alarm.last_at.isoformat(),
    }
    return Message(service, mode, shown, KINDS.get(alarm.code, UNKNOWN).owner, f"{page}#{alarm.code}")


def trial(service: str, mode: str, page: str, now: datetime) -> Message:
    """A message that says only that it arrived."""
    shown = {"id": 0, "code": "test", "subject": "alarms", "detail": {}, "times": 1}
    moment = {"first_at": now.isoformat(), "last_at": now.isoformat()}
    return Message(service, mode, shown | moment, "operations", f"{page}#alarms", test=True)


def sign(key: str, body: bytes, at: int) -> str:
    """The webhook's signature header: `t=` the Unix time, `v1=` the hex HMAC-SHA256 of "time.body".

    >>> sign("secret", b"{}", 1)
    't=1,v1=1122767b193110cfec322b6f199b599edbf608ed087f2d27afb0b97d99523908'
    """
    signed = hmac.new(key.encode(), f"{at}.".encode() + body, sha256).hexdigest()
    return f"t={at},v1={signed}"
