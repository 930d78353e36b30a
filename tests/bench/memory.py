"""The most memory that this process ever held."""

from pathlib import Path


def peak_megabytes() -> float:
    """Megabytes held at most since this program began.

    Not `ru_maxrss`: a process that another started inherits the other's, as it was at the fork.
    """
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("/proc/self/status has no VmHWM: memory is measured on Linux only")
