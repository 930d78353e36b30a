"""One line a check, and how many failed."""

import time


class Cannot(Exception):
    """The rest of a step cannot be checked; the message says why."""


class Count:
    """How many checks failed so far."""

    failed = 0


def expect(name, holds, seen=""):
    """Say whether a check holds, and if not what was seen instead."""
    if holds:
        tell(f"ok      {name}")
        return
    Count.failed += 1
    tell(f"FAILED  {name}: {' '.join(str(seen).split())[:600]}")


def tell(line):
    print(line, flush=True)  # noqa: T201 - its output is what it is for


def eventually(probe, patience=60.0):
    """What the probe gives once it is true, or its last false answer."""
    end = time.monotonic() + patience
    while True:
        seen = probe()
        if seen or time.monotonic() > end:
            return seen
        time.sleep(0.5)
