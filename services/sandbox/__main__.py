"""`python -m services.sandbox`: the sandbox carrier under gunicorn, one process, many threads."""

import os
import sys

from services.sandbox.config import from_environment

# The services keep up to 64 connections open; the rest is for slow answers and people.
THREADS = 96


def main() -> None:
    """Replace this process with the server, so that whoever started it holds the server's process id."""
    config = from_environment(os.environ)
    arguments = [
        f"--bind={config.host}:{config.port}",
        "--workers=1",
        "--worker-class=gthread",
        f"--threads={THREADS}",
        # Longer than a client's pause between batches: a connection closed under a request would look like a fault.
        "--keep-alive=75",
        # Without it gunicorn puts a control socket in the home folder. There is no access log: paths hold numbers.
        "--no-control-socket",
        "services.sandbox.app:create_app()",
    ]
    os.execv(sys.executable, [sys.executable, "-m", "gunicorn", *arguments])  # noqa: S606 (no shell is wanted)


if __name__ == "__main__":
    main()
