"""`python -m tests.replay [TIMES]`: the consultation of 2019 as an office and its residents would see it, on a stack of its own.

Responses come as files by HTTP, residents text from handsets, copies are settled through the API, and the report is printed. Exit
code 1 where it differs from what was sent. The days are those of the next August: the clock that every process reads goes forward only.
"""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from importlib.resources import files
from itertools import groupby
from typing import Any

from services.cli.output import show_table
from services.common.logs import configure
from services.common.settings import load
from services.common.times import LONDON
from services.consultation import questionnaire
from services.running.stack import running
from tests.bench.memory import family_megabytes
from tests.replay.doors import Doors, go_to, heed
from tests.replay.year_2019 import AUGUST, PUBLICITY, SHARES, Year, differences, year
from tests.support.ports import free_ports

SAME_LETTER = 0.95
PROCESSES = ("consultation-web", "consultation-worker", "consultation-clock", "sandbox")


class Replay:
    """One replay: what is to come, the doors it comes by, and how long each step took."""

    def __init__(self, what: Year, doors: Doors) -> None:
        self.what, self.doors = what, doors
        self.took: list[tuple[str, float]] = []

    def play(self) -> dict[str, Any]:
        """Everything from the launch to the report, which is given back."""
        sample = files("services.consultation").joinpath("data/sample.yaml").read_text(encoding="utf-8")
        content = self.what.content(questionnaire.read(sample))
        self.id = self.doors.office.post("/v1/consultations", content)["id"]
        with self._step("texts from handsets, each answered"):
            self._texts()
        with self._step("files of responses, each sent twice"):
            self._files()
        with self._step("copies looked for"):
            # A command and not a call: many texts keep a core busy, and the web process has residents to answer.
            heed("consultation", "duplicates", "find", self.id)
        with self._step("copies settled one by one"):
            self._settle()
        for means, reached in PUBLICITY.items():
            self.doors.office.post(f"{self._path}/publicity", {"what": means, "reached": reached})
        with self._step("report"):
            return dict(self.doors.office.get(f"{self._path}/report"))

    @property
    def _path(self) -> str:
        return f"/v1/consultations/{self.id}"

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        self.took.append((name, time.perf_counter() - begun))

    def _texts(self) -> None:
        by_day = sorted(self.what.talks, key=lambda talk: talk.day)
        for day, talks in groupby(by_day, key=lambda talk: talk.day):
            go_to(day)
            self.doors.converse(talks)

    def _files(self) -> None:
        go_to(self.what.closes + timedelta(days=14))
        for channel in SHARES:
            rows = [row for row in self.what.rows if row["channel"] == channel]
            for counted in ("responses", "unchanged"):
                if rows:
                    counts = self.doors.responses(self.id, f"{channel}.csv", rows)
                    assert counts[counted] == len(rows), (channel, counts)

    def _settle(self) -> None:
        """A letter that says nearly all that another response does is the same person's; others who wrote alike are two people."""
        for one in self.doors.office.get(f"{self._path}/duplicates"):
            again = one["second_channel"] == "letter" and one["likeness"] >= SAME_LETTER
            decision = "accept" if again else "reject"
            self.doors.office.post(f"/v1/duplicates/{one['id']}/{decision}", {})


def main(times: int) -> int:
    """Replay it so many times over, and print the report. 1 where it differs from what was sent, else 0."""
    configure("error", process="replay")
    today = datetime.now(LONDON).date()
    what = year(times, today.year + ((today.month, today.day) >= AUGUST))
    with tempfile.TemporaryDirectory(prefix="heed-replay-", ignore_cleanup_errors=True) as folder:
        os.environ |= free_ports() | {"HEED_DATA_DIR": f"{folder}/data"}
        with running() as up:
            replay = Replay(what, Doors(up, load().service("consultation").sender))
            found = replay.play()
            texter = max(what.talks, key=lambda talk: len(talk.texts))
            transcript = replay.doors.transcript(texter.number)
            printed = heed("consultation", "report", replay.id)
            memory = [(name, family_megabytes(up["pids"][name])) for name in PROCESSES]
    texts = sum(len(talk.texts) for talk in what.talks)
    print(f"SYNTHETIC: {len(what.rows)} rows, and {texts} texts from {len(what.talks)} handsets\n\n{printed}")
    show_table([f"handset {texter.number}", "words"], transcript)
    print()
    show_table(["step", "seconds"], [[name, f"{seconds:.1f}"] for name, seconds in replay.took])
    print()
    show_table(["process", "MB at most"], [[name, f"{megabytes:.0f}"] for name, megabytes in memory])
    told = differences(what, found)
    print("\n" + "\n".join(told or ["Every response stands where it was expected."]))
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1))
