"""Is it alive, is it ready, what does it count: `/healthz`, `/readyz`, `/metrics`."""

from typing import Any

from flask import Blueprint, Response
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from services.common import clock, heartbeats, stops
from services.common.metrics import OLDEST_DUE, exposition
from services.common.web.auth import heed, open_to_all

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@open_to_all("says only that the process answers")
def healthz() -> dict[str, str]:
    """Alive: this process answers."""
    return {"status": "alive"}


@blueprint.get("/readyz")
@open_to_all("says whether stores answer, with counts only")
def readyz() -> tuple[dict[str, Any], int]:
    """Ready: 503 where PostgreSQL does not answer. Without Valkey or workers the status is `degraded`: texts are still taken
    in and kept, and nothing is lost."""
    service = heed()
    answer: dict[str, Any] = {"service": service.service, "mode": service.settings.mode}
    try:
        with service.database.begin() as session:
            now = clock.now(session)
            answer["now"] = now.isoformat()
            answer["oldest_due_seconds"] = float(session.scalar(OLDEST_DUE, {"now": now}) or 0)
            answer["inbound_waiting"] = session.scalar(
                text("SELECT count(*) FROM inbound WHERE handled_at IS NULL")
            )
            answer["workers"] = heartbeats.seen(session, "worker")
            answer["clocks"] = heartbeats.seen(session, "clock")
            open_stops = stops.standing(session)
            # By whom and why is for those who may read it: GET /v1/sending.
            answer["sending_stopped_since"] = open_stops[0].at.isoformat() if open_stops else None
        answer["postgresql"] = "ok"
    except SQLAlchemyError:
        return answer | {"status": "unavailable", "postgresql": "does not answer"}, 503
    try:
        service.redis.ping()
        answer["valkey"] = "ok"
    except RedisError:
        answer["valkey"] = "does not answer"
    whole = answer["valkey"] == "ok" and answer["workers"] and answer["clocks"]
    return answer | {"status": "ready" if whole else "degraded"}, 200


@blueprint.get("/metrics")
@open_to_all("counts only; the reverse proxy keeps it inside")
def metrics() -> Response:
    """Counts for Prometheus."""
    return Response(exposition(heed()), mimetype="text/plain; version=0.0.4")
