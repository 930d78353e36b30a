"""`heed up`, `heed demo`, and the single processes that they and a deployment run."""

from contextlib import AbstractContextManager
from typing import Any

import click

from services.cli.output import as_json as json_option
from services.cli.output import show_json
from services.common.context import Heed
from services.common.migrations import ahead, recorded
from services.common.process import opened
from services.common.settings import SERVICES, ServiceName, load

service_argument = click.argument("service", type=click.Choice(SERVICES))


@click.command()
def up() -> None:
    """Start web, worker and clock of both services, and the sandbox carrier in sandbox mode; restart what dies."""
    from services.running.stack import Stop, keep_running, running  # noqa: PLC0415 - only this process needs it

    stop = Stop()
    with running() as described:
        for name in ("reminders", "consultation", "sandbox"):
            if name in described:
                click.echo(f"{name:13} {described[name]['url']}")
        click.echo(f"Ready. Keys and process ids are in {described['path']}. Ctrl-C stops everything.")
        keep_running(described, stop)


@click.command()
@click.option(
    "--once", is_flag=True, help="Exit when the story is told: 0 if all came out as its script says."
)
def demo(once: bool) -> None:
    """Start everything, run the main job on synthetic data, and leave the pages up until Ctrl-C."""
    from services.demo.run import run  # noqa: PLC0415 - only the demo needs its story

    run(once)


@click.command()
@service_argument
@click.option("--workers", default=1, show_default=True, help="Web processes.")
def web(service: ServiceName, workers: int) -> None:
    """Serve one service's API, webhooks and pages."""
    from services.running.webserver import serve  # noqa: PLC0415 - only web processes load a web server

    if service == "reminders":
        from services.reminders.app import create_app  # noqa: PLC0415
    else:
        from services.consultation.app import create_app  # noqa: PLC0415
    with _service(service, "web") as (heed,):
        serve(heed, create_app(heed), workers)


@click.command()
@service_argument
def worker(service: ServiceName) -> None:
    """Run one service's jobs."""
    from services.cli.tick import sweeps_of  # noqa: PLC0415
    from services.common import work  # noqa: PLC0415

    sweeps_of(service)  # jobs are found by name: load them before the first one comes
    with _service(service, "worker") as (heed,):
        work.worker(heed)


@click.command()
@service_argument
def clock(service: ServiceName) -> None:
    """Find due rows and wake jobs for them, in a loop. It may run twice or miss a beat without harm."""
    from services.cli.tick import sweeps_of  # noqa: PLC0415
    from services.common import work  # noqa: PLC0415
    from services.common.alerting import watch  # noqa: PLC0415
    from services.running.stack import Stop  # noqa: PLC0415

    stop = Stop()
    with _service(service, "clock") as (heed,):
        watch.keep_watch(heed, lambda: stop.asked)
        work.clock_loop(heed, sweeps_of(service), lambda: stop.asked)


@click.command()
def sandbox() -> None:
    """Run the stand-in carrier."""
    from services.sandbox.__main__ import main  # noqa: PLC0415 - the carrier is the other side of the wire

    main()


@click.command()
@json_option
def migrate(as_json: bool) -> None:
    """Bring both databases to this code's schema, once each. One that a later release has brought further stays so."""
    with opened(*SERVICES) as services:
        found = [_schema(heed) for heed in services]
    if as_json:
        show_json({"schemas": found})
        return
    for one in found:
        stands = "a later release's, which this one runs beside" if one["ahead"] else "this code's"
        click.echo(f"{one['service']}: {', '.join(one['revisions'])}, {stands}")


def _schema(heed: Heed) -> dict[str, Any]:
    with heed.database.engine.connect() as connection:
        is_ahead = ahead(connection, heed.service)
        return {"service": heed.service, "revisions": sorted(recorded(connection)), "ahead": is_ahead}


def _service(service: ServiceName, process: str) -> AbstractContextManager[tuple[Heed, ...]]:
    from services.common.logs import configure  # noqa: PLC0415

    settings = load(service)
    configure(settings.log_level, service=service, process=process)
    return opened(service, settings=settings)
