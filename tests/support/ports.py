"""Ports for processes that a test starts."""

import socket

NAMES = ("REMINDERS_PORT", "CONSULTATION_PORT", "SANDBOX_PORT")


def free_ports() -> dict[str, str]:
    """The three settings with ports that nobody listens on, found together so that they differ."""
    probes = [socket.socket() for _ in NAMES]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = {name: str(probe.getsockname()[1]) for name, probe in zip(NAMES, probes, strict=True)}
    for probe in probes:
        probe.close()
    return ports
