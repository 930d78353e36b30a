"""Docker and Compose as commands: a project of this run's own, with none of the caller's settings."""

import json
import os
import re
import shutil
import subprocess
import time
from pathlib import Path

from checking.told import Cannot, expect

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "deploy/check-data"
PROJECT = f"heed-check-{os.getpid()}"
TAG = "check"
# Inside the folder that Git ignores and that a Docker engine in a virtual machine can see.
SECRETS = ROOT / "deploy/secrets" / PROJECT
PATIENCE = float(os.environ.get("HEED_CHECK_PATIENCE") or 300)
NOT_OURS = ("HEED_", "REMINDERS_", "CONSULTATION_", "TWILIO_", "COMPOSE_")
SERVICES = ("reminders", "consultation")
PROCESSES = tuple(
    f"{service}-{role}" for service in SERVICES for role in ("web", "worker", "clock", "backup")
)


def ran(command, *more, given=None, **variables):
    """What came of a command: its first argument is split at spaces, the others stand as they are."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(NOT_OURS)}
    ours = {"HEED_VERSION": TAG, "HEED_SECRETS": str(SECRETS), "HEED_LISTEN": "127.0.0.1:"}
    return subprocess.run(  # noqa: S603 - our own commands, and no shell
        [*command.split(), *more],
        input=given,
        text=True,
        capture_output=True,
        env=kept | ours | variables,
        cwd=ROOT,
        check=False,
    )


def run(command, *more, **options):
    """A command's standard output. Raises Cannot where it fails."""
    return _output(ran(command, *more, **options))


def composed(command, *more, files="docker-compose.yml", **options):
    """What came of a Compose command. A .env file changes nothing here."""
    named = " ".join(f"-f {file}" for file in files.split(":"))
    compose = f"docker compose --ansi never --env-file {os.devnull} -p {PROJECT} {named}"
    return ran(f"{compose} {command}", *more, **options)


def compose(command, *more, **options):
    """A Compose command's standard output. Raises Cannot where it fails."""
    return _output(composed(command, *more, **options))


def office(*command, **options):
    """A command of an operator's, in a container of its own that has both services' secrets."""
    return compose("run --rm -T --no-deps office", *command, **options)


def inside(service, program, **options):
    """What came of a few lines of Python inside a running container."""
    return composed(f"exec -T {service} python -", given=program, **options)


def inspected(kind, *names):
    """What Docker says of images, containers or networks."""
    return json.loads(run(f"docker {kind} inspect", *names)) if names else []


def containers():
    """Service → what Docker says of its containers."""
    found = {}
    for one in inspected("container", *compose("ps -aq").split()):
        found.setdefault(one["Config"]["Labels"]["com.docker.compose.service"], []).append(one)
    return found


def wait_until_well():
    """Until every container is healthy and the migration is done. Raises Cannot with the logs of those that are not."""
    end = time.monotonic() + PATIENCE
    while True:
        found = containers()
        waiting = [service for service, ones in found.items() if not all(map(_is_well, ones))]
        if not waiting:
            return found
        broken = [service for service, ones in found.items() if any(one["RestartCount"] > 2 for one in ones)]
        if broken or time.monotonic() > end:
            which = broken or waiting
            said = compose("logs --no-color --tail 20", *which)
            raise Cannot(f"{', '.join(which)} did not become healthy: {said[-3000:]}")
        time.sleep(1)


def lines_of(*services):
    """What these services have written, all of them by default. Some versions of Compose add codes of terminals to it."""
    written = compose("logs --no-color --no-log-prefix", *services)
    return re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", written).splitlines()


def take_away():
    """Everything of this run, whatever happened in it; the images stay."""
    composed("--profile office down -v --remove-orphans --timeout 10")
    mine = f"label=com.docker.compose.project={PROJECT}"
    left = [
        ran(f"docker {what} --filter {mine}").stdout for what in ("ps -aq", "volume ls -q", "network ls -q")
    ]
    shutil.rmtree(SECRETS, ignore_errors=True)
    expect("everything is taken away", not "".join(left), left)


def _is_well(container):
    state = container["State"]
    if state.get("Health"):
        return state["Running"] and state["Health"]["Status"] == "healthy"
    return state["Status"] == "exited" and state["ExitCode"] == 0


def _output(done):
    if done.returncode:
        command = " ".join(done.args)[-200:]
        raise Cannot(f"{command} ended with {done.returncode}: {(done.stderr or done.stdout)[-1500:]}")
    return done.stdout
