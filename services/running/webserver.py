"""One service's web process: gunicorn with threads, bound to this machine unless told otherwise."""

import select
import signal
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.workers.gthread import ThreadWorker

from services.common import heartbeats
from services.common.context import Heed
from services.common.logs import log
from services.running.supervise import end_with_parent

THREADS = 8


class _Server(BaseApplication):  # type: ignore[misc] # gunicorn is untyped
    """Gunicorn with our application and options instead of a command line's."""

    def __init__(self, app: Flask, options: dict[str, Any]) -> None:
        self._app, self._options = app, options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._app


class _Worker(ThreadWorker):  # type: ignore[misc] # as above
    """Gunicorn's own, but for its end: it would keep the port open while it answers what it has, take nothing more from it, and so
    reset whoever came meanwhile. This one takes what has come and closes the port, so that a proxy asks another process."""

    def set_accept_enabled(self, enabled: bool) -> None:
        super().set_accept_enabled(enabled)
        if self.alive or enabled:
            return
        for listener in self.sockets:
            while select.select([listener], [], [], 0)[0]:
                self.accept(listener)
            listener.close()
        self.sockets: list[Any] = []


def serve(heed: Heed, app: Flask, workers: int) -> None:
    """Serve until told to stop. Connections are opened after the fork, none are shared across it."""

    def started(_server: Any, _worker: Any) -> None:
        # Without it a worker whose server was killed keeps the port for half a minute, and no new server can have it.
        end_with_parent(signal.SIGKILL)
        heed.database.engine.dispose(close=False)
        heartbeats.keep_beating(heed, "web")
        log.info("ready")

    heed.database.close()
    _Server(
        app,
        {
            "bind": f"{heed.settings.bind}:{heed.config.port}",
            "workers": workers,
            "worker_class": _Worker,
            "threads": THREADS,
            "timeout": 60,
            "graceful_timeout": 20,
            "keepalive": 75,
            # Paths may hold ids, and the access log would repeat what our own log says better.
            "accesslog": None,
            "errorlog": "-",
            "loglevel": "warning",
            "control_socket_disable": True,
            "post_fork": started,
        },
    ).run()
