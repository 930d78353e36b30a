"""What the whole stack takes while nothing happens."""

from checking.docker import ran
from checking.told import expect

MOST = 1200  # megabytes


def memory(found):
    """The sum of every process's proportional share (PSS), pages that several share counted once in all."""
    by_service = {service: sum(_share(one) for one in ones) for service, ones in found.items()}
    total = sum(by_service.values())
    largest = ", ".join(
        f"{name} {size:.0f}" for name, size in sorted(by_service.items(), key=lambda one: -one[1])[:4]
    )
    expect(
        f"idle, everything takes {total:.0f} MB, {MOST} MB at most ({largest})", 0 < total <= MOST, by_service
    )


def _share(container):
    """Megabytes of one container's processes; none where it has ended. Asked as their own user: nobody else may look."""
    user = ("-u", "postgres") if container["Config"]["Image"].startswith("postgres") else ()
    asked = "cat /proc/[0-9]*/smaps_rollup 2>/dev/null; true"
    done = ran("docker exec", *user, container["Id"], "sh", "-c", asked)
    lines = (line.split() for line in done.stdout.splitlines() if line.startswith("Pss:"))
    return sum(int(kilobytes) for _, kilobytes, _ in lines) / 1024
