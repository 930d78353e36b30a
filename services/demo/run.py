"""`heed demo`: start everything, tell the story, say whether it came out as its script says, and leave the pages up."""

import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, suppress
from typing import Any

import click

from services.common import clock, logs
from services.common.process import current
from services.common.settings import Settings, load
from services.demo import days
from services.demo.client import Client, NoAnswer
from services.demo.documents import protocol, questionnaire
from services.demo.fresh import mark, prepared
from services.demo.people import people
from services.demo.script import Script
from services.demo.stage import Stage, StoryError
from services.demo.story import pages, tell
from services.running.stack import keep_running, running

SHOWN_MOST = 40  # differences printed in full


def run(once: bool) -> None:
    """Tell the story. With `once` exit when it is told: 0 if all came out as the script says, else 1. Else stay up."""
    # As Ctrl-C does: the stack then stops in order.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    began, settings = time.monotonic(), load()
    click.echo("Heed is starting: two services with their stores, and a stand-in carrier.")
    with prepared(settings), running() as up, _watched(up):
        mark(settings)
        _log_to_file(settings)
        ready = time.monotonic()
        stage = _stage(up)
        came_out = _tell(stage)
        click.echo(f"\nReady after {ready - began:.0f} s, told in {time.monotonic() - ready:.0f} s.")
        pages(stage)
        if not once:
            _stay_up()
    sys.exit(0 if came_out else 1)


def _tell(stage: Stage) -> bool:
    """The story and the verdict on it: whether all came out as the script says."""
    broken = None
    try:
        tell(stage, questionnaire(stage.script.days))
    except (StoryError, NoAnswer) as error:
        broken = error
    failed = stage.checks.failed
    if not failed and not broken:
        click.echo(
            f"\nEvery text, outcome and figure came out as the script says: {len(stage.checks.all)} things looked at."
        )
        return True
    if broken:
        click.echo(f"\nThe story broke off: {broken}", err=True)
    click.echo(
        f"\n{len(failed)} of {len(stage.checks.all)} things did not come out as the script says:", err=True
    )
    for check in failed[:SHOWN_MOST]:
        click.echo(f"  {check}", err=True)
    return False


class _Stop:
    """Whether the watcher may stop."""

    asked = False


@contextmanager
def _watched(up: dict[str, Any]) -> Iterator[None]:
    """Restart whatever dies meanwhile: the story survives the death of any process."""
    stop = _Stop()
    # One thread from here to the end: the kernel ends a restarted child when the thread that started it ends.
    watcher = threading.Thread(target=keep_running, args=(up, stop), name="watcher")
    watcher.start()
    try:
        yield
    finally:
        stop.asked = True
        watcher.join()


def _log_to_file(settings: Settings) -> None:
    """This process runs jobs too; what they log goes beside the others' logs and not into the story."""
    path = settings.data_dir / "logs" / "demo.log"
    path.touch(mode=0o600)
    with redirect_stderr(path.open("a")):
        logs.configure(settings.log_level, process="demo")


def _stage(up: dict[str, Any]) -> Stage:
    heeds = (current("reminders"), current("consultation"))
    with heeds[0].database.begin() as session:
        story = days.from_present(clock.now(session))
    return Stage(
        reminders=Client(up["reminders"]["url"], up["reminders"]["key"]),
        consultation=Client(up["consultation"]["url"], up["consultation"]["key"]),
        sandbox=Client(up["sandbox"]["url"]),
        heeds=heeds,
        script=Script(people(), story, protocol(story)),
    )


def _stay_up() -> None:
    click.echo("The pages stay up. Ctrl-C stops everything.")
    with suppress(KeyboardInterrupt):
        threading.Event().wait()
