"""`heed alerts test`: whether an alarm would reach somebody."""

import sys

import click

from services.cli.output import BadInput, by_option, show_json, show_table
from services.cli.output import as_json as json_option
from services.common import audit
from services.common.alerting import telling, watch
from services.common.process import opened
from services.common.settings import SERVICES, ServiceName

SET_ONE = "no channel is set: give HEED_ALERT_EMAIL, HEED_ALERT_WEBHOOK or HEED_DUTY_NUMBER"


@click.command()
@click.option("--service", type=click.Choice(SERVICES), default="reminders", show_default=True)
@by_option
@json_option
def test(service: ServiceName, by: str, as_json: bool) -> None:
    """Send a test message through every channel that is set, and a sign of life, and say what came back."""
    with opened(service) as (heed,):
        tried = telling.try_out(heed)
        beaten = watch.beat(heed)
        tried += [("heartbeat", *beaten)] if beaten else []
        if not tried:
            raise BadInput(SET_ONE)
        with heed.database.begin() as session:
            audit.record(
                session, by, "alerts-tested", "alarms", **{name: answer for name, _, answer in tried}
            )
    if as_json:
        show_json({"channels": [{"channel": name, "taken": ok, "answer": said} for name, ok, said in tried]})
    else:
        show_table(
            ["channel", "taken", "answer"], [[name, "yes" if ok else "no", said] for name, ok, said in tried]
        )
    taken = sum(ok for _, ok, _ in tried)
    sys.exit(0 if taken == len(tried) else 1 if taken else 2)
