"""Prometheus metrics: counted from the tables when asked, so that they are true after any restart and in any process."""

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector, CollectorRegistry
from sqlalchemy import text

from services.common import clock
from services.common.context import Heed

OLDEST_DUE = text(
    "SELECT coalesce(extract(epoch FROM CAST(:now AS timestamptz) - min(due_at)), 0)"
    " FROM outbox WHERE state = 'pending' AND due_at <= :now"
)


BACKUP_AGE = text("SELECT extract(epoch FROM clock_timestamp() - max(taken_at)) FROM backups")


class OutboxCollector(Collector):
    """Texts by state, the age of the oldest due one, unhandled inbound texts, the workers seen; open alarms and stops, the last backup."""

    def __init__(self, heed: Heed) -> None:
        self._heed = heed

    def collect(self):  # type: ignore[no-untyped-def] # the library's own signature is untyped
        """Read the tables once."""
        texts = GaugeMetricFamily("heed_texts", "Texts by state", labels=["service", "state"])
        oldest = GaugeMetricFamily(
            "heed_oldest_due_seconds", "Age of the oldest text due", labels=["service"]
        )
        waiting = GaugeMetricFamily(
            "heed_inbound_waiting", "Inbound texts not yet handled", labels=["service"]
        )
        beats = GaugeMetricFamily(
            "heed_heartbeat_age_seconds", "Since a process was seen", labels=["service", "kind"]
        )
        alarms = GaugeMetricFamily("heed_alarms_open", "Open alarms", labels=["service", "code"])
        stops = GaugeMetricFamily("heed_sending_stops", "Open stops of sending", labels=["service"])
        backup = GaugeMetricFamily(
            "heed_backup_age_seconds", "Since the last backup was taken", labels=["service"]
        )
        service = self._heed.service
        with self._heed.database.begin() as session:
            for state, number in session.execute(text("SELECT state, count(*) FROM outbox GROUP BY state")):
                texts.add_metric([service, state], number)
            now = clock.now(session)
            oldest.add_metric([service], float(session.scalar(OLDEST_DUE, {"now": now}) or 0))
            waiting.add_metric(
                [service], session.scalar(text("SELECT count(*) FROM inbound WHERE handled_at IS NULL")) or 0
            )
            ages = text(
                "SELECT kind, extract(epoch FROM clock_timestamp() - max(at)) FROM heartbeats GROUP BY kind"
            )
            for kind, age in session.execute(ages):
                beats.add_metric([service, kind], float(age))
            sounding = text("SELECT code, count(*) FROM alarms WHERE acknowledged_at IS NULL GROUP BY code")
            for code, number in session.execute(sounding):
                alarms.add_metric([service, code], number)
            stops.add_metric(
                [service],
                session.scalar(text("SELECT count(*) FROM sending_stops WHERE lifted_at IS NULL")) or 0,
            )
            taken = session.scalar(BACKUP_AGE)
            if taken is not None:
                backup.add_metric([service], float(taken))
        yield from (texts, oldest, waiting, beats, alarms, stops, backup)


def exposition(heed: Heed) -> bytes:
    """The text that `/metrics` answers."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(OutboxCollector(heed))
    return generate_latest(registry)
