"""The most memory that a process ever held."""

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
