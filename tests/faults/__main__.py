"""`make faults`: try everything that could lose or double a text, on real parts, and count what the carrier accepted.

`python -m tests.faults [--only NAME …] [--texts N] [--times N] [--seed N]`; exit code 1 where a promise was broken.
"""

import argparse
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from itertools import count
from pathlib import Path

from services.common.stores import create_database
from tests.faults import answers, days, failover, kills, mass, outages, rolling, table, wreck
from tests.faults.promises import Numbers
from tests.faults.stores import OwnStores, own_stores
from tests.faults.town import EVERYTHING, SHORTENED, USUAL, Town, town
from tests.faults.trials import Campaign, Trial
from tests.support.stores import choose_folder, remove_folder

PARTS = (
    "steps",
    "random",
    "stores",
    "twice",
    "answers",
    "down",
    "mass",
    "outage",
    "nights",
    "broken",
    "unseen",
    "failover",
    "rolling",
)
# A batch of the mass meets slow answers, kills and a busy machine; its lease must outlast them.
MASS = {"HEED_CLAIM_LEASE_SECONDS": 15.0, "HEED_SETTLE_FIRST_SECONDS": 3.0, "HEED_SETTLE_AGAIN_SECONDS": 25.0}


def main() -> int:
    """Run the parts asked for, print their rows, and answer the exit code."""
    asked = _asked()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # and leave nothing behind
    _explain(asked)
    folder = choose_folder()
    begun = time.monotonic()
    print(table.line(table.HEAD, table.WIDTHS))
    trials: list[Trial] = []
    try:
        with own_stores(folder / "stores") as own:
            for trial in _trials(asked, own, folder):
                table.show(trial)
                trials.append(trial)
    finally:
        remove_folder(folder)
    bad = [trial for trial in trials if not trial.as_it_should]
    texts = sum(trial.texts for trial in trials)
    print(f"{len(trials)} rows, {texts:,} texts, {time.monotonic() - begun:.0f} s: ", end="")
    print(
        f"{len(bad)} not as they should be"
        if bad
        else "every promise kept, everything broken on purpose caught"
    )
    return 1 if bad else 0


def _trials(asked: argparse.Namespace, own: OwnStores, folder: Path) -> Iterator[Trial]:
    numbers, names = Numbers(), count(1)

    def place(*processes: str, on: OwnStores = own, **changes: float | str) -> AbstractContextManager[Town]:
        return town(folder / f"town-{next(names)}", _fresh(on, next(names)), *processes, **changes)

    def campaign(stack: ExitStack, *processes: str, on: OwnStores = own, **changes: float | str) -> Campaign:
        here = stack.enter_context(place(*processes, on=on, **changes))
        return Campaign(here, numbers, asked.seed, times=asked.times)

    shared: dict[str, Callable[[Campaign], Iterator[Trial]]] = {
        "steps": lambda one: kills.at_steps(one, asked.step),
        "random": kills.at_random,
        "stores": lambda one: outages.stores(one, own),
        "twice": outages.twice,
        "answers": answers.mixed,
        "down": answers.down,
        "outage": days.outage,
        "nights": days.nights,
    }
    with ExitStack() as stack:
        if set(shared) & set(asked.only):
            one = campaign(stack)
            for name in (name for name in shared if name in asked.only):
                yield from shared[name](one)
    if "mass" in asked.only:
        with ExitStack() as stack:
            yield from mass.mass(campaign(stack, *wreck.PLACES, **MASS), own, asked.texts)
    if "broken" in asked.only:
        yield from wreck.variants(lambda: place(*wreck.PLACES), asked.broken)
    if "unseen" in asked.only:
        with ExitStack() as stack:
            yield answers.unseen(campaign(stack, "sandbox", *(f"reminders-{role}" for role in mass.KILLED)))
    if "failover" in asked.only:
        # On stores of its own: the one that is lost here is not there afterwards.
        with own_stores(folder / "lost") as lost, ExitStack() as stack:
            yield from failover.failover(campaign(stack, on=lost), lost, folder / "replica")
    if "rolling" in asked.only:
        with ExitStack() as stack:
            before, settings = stack.enter_context(rolling.balancers())
            one = campaign(stack, *EVERYTHING, *rolling.SECOND, **settings)
            yield from rolling.rolling(one, before, settings, folder / "next")


def _fresh(own: OwnStores, number: int) -> dict[str, str]:
    """Databases that nobody used before, and a Valkey database likewise."""
    stores = own.addresses
    return {
        "REMINDERS_DATABASE_URL": create_database(stores, "reminders", f"reminders_{number}"),
        "CONSULTATION_DATABASE_URL": create_database(stores, "consultation", f"consultation_{number}"),
        "REDIS_URL": stores.redis_url.replace("?db=0", f"?db={number % 16}"),
    }


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="the parts to run")
    parser.add_argument("--step", help="with --only steps: one step, like claim:committed")
    parser.add_argument("--broken", choices=wreck.VARIANTS, help="with --only broken: one variant")
    parser.add_argument(
        "--texts", type=int, default=20_000, help="texts of the mass run (default: %(default)s)"
    )
    parser.add_argument("--times", type=int, default=2, help="tries of each fault (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of what is drawn (default: %(default)s)")
    return parser.parse_args()


def _explain(asked: argparse.Namespace) -> None:
    print(f"python -m tests.faults {' '.join(sys.argv[1:])}   (seed {asked.seed})")
    for name, short in SHORTENED.items():
        print(f"  {name} {short:g} s instead of {USUAL[name]:g} s: 1/{USUAL[name] / short:.0f}", end="")
        print(f"; {MASS[name]:g} s in the mass" if name in MASS and "mass" in asked.only else "")


if __name__ == "__main__":
    sys.exit(main())
