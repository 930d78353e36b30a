"""`python -m tests.replay [TIMES]`: the consultation of 2019 from its files and texts to its report, on stores of its own."""

import os
import sys
import tempfile
import time

from services.cli.output import show_table
from services.common import inbound
from services.common.context import Heed
from services.common.logs import configure
from services.common.models import Inbound
from services.common.process import opened
from services.common.times import parse_instant
from services.consultation import (
    consultations,
    duplicates,
    files,
    imports,
    publicity,
    questionnaire,
    report,
    responses,
)
from services.consultation.models import Consultation
from services.consultation.reporting import forms
from tests.replay.year_2019 import CONTENT, PUBLICITY, Year, year

BY = "replay"


def launch(heed: Heed) -> str:
    """Launch the questionnaire of 2019 with the sample's texts."""
    from importlib.resources import files as resources

    sample = questionnaire.read(
        resources("services.consultation").joinpath("data/sample.yaml").read_text(encoding="utf-8")
    )
    content = CONTENT | {"texts": {"en": sample["texts"]["en"]}, "questions": sample["questions"][:1]}
    with heed.database.begin() as session:
        return consultations.launch(session, content, questionnaire.digest(content)).id


def bring_in(heed: Heed, consultation_id: str, what: Year) -> None:
    """Import the rows of each channel as a batch, twice, and let the texts arrive and be understood."""
    for channel in sorted({row["channel"] for row in what.rows}):
        rows = [row for row in what.rows if row["channel"] == channel]
        for again in (False, True):
            with heed.database.begin() as session:
                good, bad = files.responses(rows, ["district"], drama=True)
                taken = imports.take(
                    heed, session, session.get_one(Consultation, consultation_id), f"{channel}.csv", good, BY
                )
                assert not bad and not taken.rejections, (bad[:3], taken.rejections[:3])
                assert taken.counts["unchanged" if again else "responses"] == len(rows)
    for place, text in enumerate(what.texts):
        with heed.database.begin() as session:
            kept = inbound.keep(
                heed,
                session,
                sid=f"SM{place:032x}",
                sender=text.number,
                to=heed.config.sender,
                body=text.words,
                opt_out_type=None,
            )
            assert kept is not None
            session.get_one(Inbound, kept).received_at = parse_instant(text.at)
        responses.handle(heed, kept)


def settle(heed: Heed, consultation_id: str) -> None:
    """Look for copies; a person takes one likely duplicate in three for one person's and the others for two people's."""
    with heed.database.begin() as session:
        duplicates.find(heed, session, consultation_id, BY)
        for number, one in enumerate(duplicates.suggestions(session, consultation_id)):
            try:
                if number % 3 == 0:
                    duplicates.accept(session, one["id"], BY)
                else:
                    duplicates.reject(session, one["id"], BY)
            except duplicates.Refused:
                duplicates.reject(session, one["id"], BY)
        for what, reached in PUBLICITY.items():
            publicity.note(session, consultation_id, what, reached, BY)


def main(times: int) -> None:
    """Replay it so many times over, and print the report."""
    took = []
    configure("error", process="replay")
    with tempfile.TemporaryDirectory(prefix="heed-replay-", ignore_cleanup_errors=True) as folder:
        os.environ["HEED_DATA_DIR"] = f"{folder}/data"
        what = year(times)
        with opened("consultation") as (heed,):
            name = launch(heed)
            for step in (lambda: bring_in(heed, name, what), lambda: settle(heed, name)):
                begun = time.perf_counter()
                step()
                took.append(time.perf_counter() - begun)
            begun = time.perf_counter()
            with heed.database.begin() as session:
                found = report.report(heed, session, session.get_one(Consultation, name))
            took.append(time.perf_counter() - begun)
    print(f"SYNTHETIC: {len(what.rows)} rows and {len(what.texts)} texts\n")
    print(forms.text(found))
    print()
    show_table(
        ["step", "seconds"],
        [
            [name, f"{seconds:.2f}"]
            for name, seconds in zip(("bring in", "look for copies", "report"), took, strict=True)
        ],
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
