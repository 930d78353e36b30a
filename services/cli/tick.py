"""`heed tick`: every sweep and every job they wake, to the end; in sandbox mode, after setting the clock."""

import contextlib
from datetime import datetime
from importlib import import_module

import click
import requests

from services.cli.output import BadInput, counted, show_json
from services.cli.output import as_json as json_option
from services.common import clock, work
from services.common.context import Heed
from services.common.process import opened
from services.common.settings import ServiceName
from services.common.times import london, parse_instant
from services.common.work import Sweep


@click.command()
@click.option(
    "--now",
    "at",
    help="First set the clock that every process reads (sandbox mode only; it never goes back).",
)
@json_option
def tick(at: str | None, as_json: bool) -> None:
    """Run every sweep, and every job they wake, until nothing is due."""
    try:
        target = parse_instant(at) if at else None
    except ValueError:
        raise BadInput(
            "--now takes a time like 2026-09-21T10:00 (London's clock) or 2026-09-21T09:00Z"
        ) from None
    with opened("reminders", "consultation") as services:
        if target and not services[0].sandbox:
            raise BadInput("--now is for sandbox mode only: in trial and live mode time is what it is")
        if target:
            _refuse_going_back(services, target)
            for heed in services:
                clock.move_to(heed.database, target)
            _tell_sandbox(services[0], target)
        ran = {heed.service: work.tick(heed, sweeps_of(heed.service)) for heed in services}
        with services[0].database.begin() as session:
            present = london(clock.now(session))
    answer = {"now": present.isoformat(timespec="seconds"), "jobs": ran}
    if as_json:
        show_json(answer)
    else:
        click.echo(
            f"{present:%a} {present.day} {present:%b %Y %H:%M}: {counted(sum(ran.values()), 'job')} ran, nothing more is due"
        )


def sweeps_of(service: ServiceName) -> tuple[Sweep, ...]:
    """A service's declared sweeps."""
    declared: tuple[Sweep, ...] = import_module(f"services.{service}.jobs").SWEEPS
    return declared


def _refuse_going_back(services: tuple[Heed, ...], target: datetime) -> None:
    """Look at every service's clock before any is moved, so that a refusal leaves all as they were."""
    for heed in services:
        with heed.database.begin() as session:
            present = clock.now(session)
        if target < present:
            raise BadInput(
                f"the clock reads {london(present):%Y-%m-%dT%H:%M:%S} and never goes back: give a later --now"
            )


def _tell_sandbox(heed: Heed, target: datetime) -> None:
    """The handsets show Heed's time; the carrier's own dates stay real. Without a sandbox there is nobody to tell."""
    with contextlib.suppress(requests.RequestException):
        requests.post(
            f"{heed.settings.carrier_url}/sandbox/clock",
            json={"now": target.isoformat()},
            auth=(heed.settings.account_sid, heed.settings.auth_tokens[0]),
            timeout=2,
        )
