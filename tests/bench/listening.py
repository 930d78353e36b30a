"""Consultation's pages over 100,000 responses, at the server: the whole request, from the session to the HTML."""

import gzip
import statistics
import time

from sqlalchemy import text

from services.common.process import opened
from services.consultation.app import create_app
from tests.bench.invitations import ID, RESPONSES, launch, respond
from tests.bench.table import Line
from tests.support.visitor import Visitor

MILLISECONDS, REPORT, KILOBYTES, TIMES = 300, 2000, 150, 9
OWN = f"/listening/{ID}"
WORDS = "More officers on foot in the high street after dark please, because nobody feels safe there since the cuts."


def run() -> list[Line]:
    """The lines of the table."""
    with opened("consultation") as (heed,):
        launch(heed)
        respond(heed)
        with heed.database.begin() as session:
            sealed = heed.cipher.seal(WORDS, "body")
            session.execute(text("UPDATE submissions SET words_enc = :words"), {"words": sealed})
        with heed.database.begin() as session:
            session.execute(text("ANALYZE respondents, submissions"))
            first, last = session.execute(text("SELECT min(id), max(id) FROM submissions")).one()
        visitor = Visitor(heed, create_app(heed), "analyst")
        pages = {
            "overview": OWN,
            "responses": f"{OWN}/responses",
            "responses, the last page": f"{OWN}/responses?after={first + 50}",
            "responses, looked for in vain": f"{OWN}/responses?kind=danger",
            "one response": f"{OWN}/responses/{last}",
            "all consultations": "/listening",
            "the next text to review": f"{OWN}/themes/review",
        }
        # Over every code and every person: reports, as data quality is one in Reminders.
        over_all = {"how far the review is": f"{OWN}/themes", "you said, we did": f"{OWN}/answers"}
        return [
            *(_measured(visitor, name, address) for name, address in pages.items()),
            *(_measured(visitor, name, address, REPORT) for name, address in over_all.items()),
        ]


def _measured(visitor: Visitor, name: str, address: str, bound: int = MILLISECONDS) -> Line:
    took, size = [], 0
    for _ in range(TIMES):
        begun = time.perf_counter()
        answer = visitor.open(address)
        took.append((time.perf_counter() - begun) * 1000)
        size = len(gzip.compress(answer.data)) // 1024
    middle = statistics.median(took)
    return Line(
        f"page over {RESPONSES:,} responses: {name}",
        f"{middle:.0f} ms, {size} kB compressed",
        f"under {bound:,} ms",
        middle < bound and size < KILOBYTES,
    )


if __name__ == "__main__":
    import os
    import tempfile

    from tests.bench.table import show

    with tempfile.TemporaryDirectory(prefix="heed-bench-", ignore_cleanup_errors=True) as folder:
        os.environ["HEED_DATA_DIR"] = folder
        show(run())
