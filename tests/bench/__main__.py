"""`make bench`: every figure in one run, printed as a table. Exit 1 where a bound is not kept."""

import os
import sys
import tempfile
from pathlib import Path

from tests.bench import (
    backlog,
    claim,
    coding,
    drain,
    estimators,
    inbound,
    ingest,
    invitations,
    listening,
    months,
    pages,
    report,
    rules,
    themes,
)
from tests.bench.table import show

MASSIVE = Path(__file__).parents[2] / "../shared/data/feeds/libra/massive-file.xml"


def main() -> int:
    """Measure on stores of its own, in a folder that is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="heed-bench-", ignore_cleanup_errors=True) as folder:
        os.environ["HEED_DATA_DIR"] = f"{folder}/data"
        # First, while the process has held nothing else: its memory is part of the figure.
        lines = report.run()
        lines += estimators.run()
        lines += ingest.run(Path(folder), 100_000, MASSIVE if MASSIVE.exists() else None)
        lines += claim.run()
        lines += months.run()
        lines += drain.run()
        lines += backlog.run()
        lines += invitations.run(Path(folder))
        lines += listening.run()
        lines += inbound.run()
    # On stores of its own: it sets the clock far ahead.
    with tempfile.TemporaryDirectory(prefix="heed-bench-", ignore_cleanup_errors=True) as folder:
        os.environ["HEED_DATA_DIR"] = f"{folder}/data"
        lines += pages.run()
    lines += rules.run()
    if themes.COMMENTS.exists():
        lines += themes.run()
        lines += coding.run()
    show(lines)
    return 0 if all(line.kept for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
