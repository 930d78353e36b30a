"""`python -m tests.national [--people N] [--court-days N] [--hours N]`: a national day against the stand-in carrier, its figures printed.

Every force pushes its list; on one day three steps of reminders are due at ten, to people whose hearings are in seven days, three
and one. Exit code 1 where anybody was texted twice, or not at all without a reason, or without being owed it. SYNTHETIC throughout.
"""

import argparse
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from services.cli.output import show_table
from services.common import clock
from services.common.stores import create_database
from services.common.times import london
from tests.faults.stores import OwnStores, own_stores
from tests.faults.town import USUAL, Town, town
from tests.national import day, figures
from tests.national.nation import STEPS, Nation, county, day_from
from tests.support.stores import remove_folder

PEOPLE = 1_500_000  # cases that the magistrates' courts receive in a year
COURT_DAYS = 250  # of a year
SURELY = 200  # texts a second that two cores surely send, the stand-in carrier and its callbacks beside
# What goes wrong in life, as shares of all texts; the rest is delivered.
RATES = {
    **dict.fromkeys(("unknown", "landline", "filtered"), 0.004),
    **dict.fromkeys(("callback-lost", "callback-twice", "callback-reversed", "busy-twice"), 0.001),
    **dict.fromkeys(("error-before", "error-after", "answer-lost", "reset-after"), 0.0002),
}
PROCESSES = (
    "sandbox",
    "reminders-web --workers 2",
    "reminders-worker",
    "reminders-worker-2",
    "reminders-clock",
)


def main(arguments: list[str]) -> int:
    """Play it, print it, and answer the exit code."""
    asked = asked_of(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # and leave nothing behind
    folder = Path(tempfile.mkdtemp(prefix="heed-national-", dir=asked.folder))
    folder.chmod(0o755)
    try:
        with own_stores(folder / "stores") as own:
            return run(own, folder / "town", asked)
    finally:
        remove_folder(folder)


def run(own: OwnStores, folder: Path, asked: argparse.Namespace) -> int:
    """The same on stores that stand."""
    stores = {"postgres": own.postgres.process, "valkey": own.valkey.process}
    with nation_on(folder, _databases(own), asked) as here:
        return play(here, {name: one.pid for name, one in stores.items() if one}, asked)


@contextmanager
def nation_on(folder: Path, urls: Mapping[str, str], asked: argparse.Namespace) -> Iterator[Town]:
    """Reminders' processes, two of its workers, for a county that is the whole nation."""
    folder.mkdir()
    county_file = folder / "county.yaml"
    county_file.write_text(county(), encoding="utf-8")
    # A quarter of an hour without a word is one of real time: the stand-in carrier's callbacks know no other.
    usual = {name: seconds for name, seconds in USUAL.items() if name.startswith("HEED_")}
    usual["HEED_NEWS_AFTER_SECONDS"] = 900 * day.faster(asked.hours)
    with town(folder, urls, *PROCESSES, HEED_COUNTY=str(county_file), **usual) as here:
        yield here


def play(here: Town, stores: Mapping[str, int], asked: argparse.Namespace) -> int:
    """Push, let the day pass, judge and print; `stores` are their processes, where they are the day's own."""
    begun, heed = time.monotonic(), here.services["reminders"]
    with heed.database.begin() as session:
        present = london(clock.now(session)).date()
    nation = Nation(asked.people, asked.court_days, day_from(present))
    hours = asked.hours
    print(
        f"SYNTHETIC. {asked.people:,} people, first hearings on {asked.court_days} court days; {nation.day:%A %d %B %Y}, ten hours of"
        f" which pass in {hours:.2f} real hours. Begun {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} processors.\n",
        flush=True,
    )
    here.control("faults", {"seed": asked.seed, "rates": RATES})
    shares = day.Shares(here, stores)
    shares.start()
    try:
        used = [shares.seconds()]
        listed = day.publish(here, nation)
        used.append(shares.seconds())
        sent = day.play(here, nation, hours)
        used.append(shares.seconds())
    finally:
        shares.stop()
    told = here.control("callbacks")
    judgement = figures.judged(heed, nation, here.folder / "sandbox.jsonl")
    day.say("")
    rows = list(figures.lines(heed, nation, listed=listed, sent=sent, passed_hours=sent / 3600 * 10 / hours))
    rows.append(
        ("callbacks of the carrier", f"{told['delivered']:,} answered, {told['given_up']:,} given up")
    )
    rows += _taken(shares, used)
    show_table(["what", "figure"], rows)
    verdict = judgement.verdict
    print(
        f"\nThe carrier's journal against who was owed a text: {verdict.kept:,} kept, {len(verdict.listed):,} listed with a reason, "
        f"{len(verdict.lost)} lost, {len(verdict.doubled)} doubled, {len(verdict.wrong)} wrong, {len(verdict.staff)} before a person, "
        f"{judgement.strangers} texted who were owed none; held otherwise than expected: {judgement.held_otherwise or 'nobody'}. "
        f"{(time.monotonic() - begun) / 60:.1f} minutes in all."
    )
    return 0 if judgement.as_it_should else 1


def _taken(shares: day.Shares, used: Sequence[Mapping[str, float]]) -> Iterator[tuple[str, str]]:
    """What each process took of the machine; `used` are processor seconds at the beginning, after the lists, and at the end."""
    for name in used[0]:
        listing, sending = (used[after][name] - used[after - 1][name] for after in (1, 2))
        yield f"processor seconds of {name}", f"{listing:.1f} for the lists, {sending:.1f} for the day"
    for name, size in shares.most.most_common():
        yield f"memory of {name}, most", f"{size:,.0f} MB"
    yield "memory of all but the stand-in carrier at once, most (PSS)", f"{shares.at_once:,.0f} MB"


def _databases(own: OwnStores) -> dict[str, str]:
    stores = own.addresses
    return {
        "REMINDERS_DATABASE_URL": create_database(stores, "reminders", "reminders_national"),
        "CONSULTATION_DATABASE_URL": create_database(stores, "consultation", "consultation_national"),
        "REDIS_URL": stores.redis_url,
    }


def _some(words: str) -> int:
    if (number := int(words)) < 1:
        raise argparse.ArgumentTypeError("a number from 1")
    return number


def asked_of(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.national", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--people", type=_some, default=PEOPLE, help="people listed (default: %(default)s)")
    parser.add_argument(
        "--court-days",
        type=_some,
        default=COURT_DAYS,
        help="court days of their hearings, three of which are reminded of on the day (default: %(default)s; 3: everybody is texted)",
    )
    parser.add_argument(
        "--hours", type=float, help="real hours that the day's ten take (default: as its texts need)"
    )
    parser.add_argument(
        "--folder", type=Path, help="where it may put a few GB meanwhile (default: the system's)"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the faults drawn (default: %(default)s)")
    asked = parser.parse_args(arguments)
    texts = asked.people * min(1, len(STEPS) / asked.court_days)
    asked.hours = asked.hours or max(1 / 60, texts / SURELY / 3600)
    return asked


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
