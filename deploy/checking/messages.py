"""The synthetic messages of deploy/check-data, filled in, and how they are pushed."""

import json
import secrets
import uuid
from datetime import datetime, timezone

from checking.docker import DATA
from checking.told import eventually


class Hearing:
    """One synthetic person's first hearing, as Common Platform tells it."""

    def __init__(self, day, mobile=""):
        self.day, self.id, self.reference = day, str(uuid.uuid4()), f"41CH{secrets.randbelow(10**7):07d}"
        self.path = f"/v1/feeds/common-platform/hearing/{self.id}"
        filled = {"hearing": self.id, "day": day, "reference": self.reference, "mobile": mobile}
        filled |= {name: str(uuid.uuid4()) for name in ("case", "defendant", "offence")}
        self._text = (DATA / "hearing.json").read_text()
        for name, value in filled.items():
            self._text = self._text.replace(f"<{name}>", value)

    def listing(self):
        """It is listed, or told again: a new version of the same."""
        return json.loads(self._text.replace("<shared>", now()))

    def result(self):
        """Nobody came, and a warrant was issued for failing to appear when bailed (CJS code 4575, qualifier CG)."""
        message = self.listing()
        message["hearingDay"] = self.day
        defendant = message["hearing"]["prosecutionCases"][0]["defendants"][0]
        ordered = {
            "judicialResultId": str(uuid.uuid4()),
            "orderedHearingId": self.id,
            "orderedDate": self.day,
        }
        ordered |= {"cjsCode": "4575", "qualifier": "CG", "label": "Warrant for arrest without bail"}
        defendant["offences"][0]["judicialResults"] = [ordered]
        attended = [{"day": self.day, "attendanceType": "NOT_PRESENT"}]
        message["hearing"]["defendantAttendance"] = [
            {"defendantId": defendant["id"], "attendanceDays": attended}
        ]
        return message


def today():
    """The day, in UTC."""
    return datetime.now(timezone.utc).date()  # noqa: UP017 - Python 3.9 has no datetime.UTC


def now():
    """The time, as Common Platform writes it."""
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")  # noqa: UP017


def push(door, path, message):
    """What became of a message that was pushed."""
    status, _, text = door.ask("reminders", "POST", path, message)
    return applied(door, json.loads(text)["url"]) if status == 202 else {"status": f"{status} {text[:300]}"}


def applied(door, url):
    """The delivery once a worker has applied it."""

    def probe():
        delivery = door.get("reminders", url)
        return delivery if delivery["status"] != "received" else None

    return eventually(probe) or {"status": "still waiting"}
