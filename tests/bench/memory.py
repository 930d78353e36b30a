"""The most memory that a process ever held; what a process and its children take now, and how long they have computed."""

import os
from contextlib import suppress
from pathlib import Path


def peak_megabytes(process: int | str = "self") -> float:
    """Megabytes held at most since its program began, by this process or the one of an id.

    Not `ru_maxrss`: a process that another started inherits the other's, as it was at the fork.
    """
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("/proc has no VmHWM: memory is measured on Linux only")


def family_megabytes(process: int) -> float:
    """The most that one of a process and its children held, such as a web server and its workers."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return max(peak_megabytes(one) for one in (process, *children))


def family_share(process: int) -> float:
    """Megabytes that a process and its children take now: their proportional share (PSS), a page that several share counted once in all."""
    kilobytes = 0
    for one in _family(process):
        with suppress(OSError):  # what has just ended takes nothing
            lines = Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
            kilobytes += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return kilobytes / 1024


def family_seconds(process: int) -> float:
    """Processor seconds that a process, its children, and those of them that have ended have used since they began."""
    ticks = 0
    for one in _family(process):
        with suppress(OSError):
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(
                int(field) for field in fields[11:15]
            )  # user and system, its own and of children waited for
    return ticks / os.sysconf("SC_CLK_TCK")


def _family(process: int) -> list[int]:
    with suppress(OSError):
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
        return [process, *map(int, children)]
    return []
