"""A trial: texts are owed, something terrible happens, all is waited for, and the carrier's record is counted."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.common.settings import ServiceName
from tests.faults import evidence
from tests.faults.judge import Promise, Verdict, judge
from tests.faults.promises import Numbers
from tests.faults.town import Town


@dataclass(frozen=True, slots=True)
class Trial:
    """One row of the table. `tries` is how often the fault struck; `as_it_should` whether this is what the row is there to show."""

    fault: str
    tries: int
    texts: int
    verdict: Verdict
    seconds: float
    story: tuple[str, ...] = ()
    caught: bool | None = None  # of a rule broken on purpose: whether the count shows it
    known: bool = False  # a limit that the guarantee's page names: measured, and no failure

    @property
    def as_it_should(self) -> bool:
        """Whether the promise was kept; or, broken on purpose, whether that was caught."""
        if self.known:
            return True
        return self.tries > 0 and not self.verdict.broken if self.caught is None else self.caught


@dataclass
class Campaign:
    """A town, its numbers, and how big its trials are."""

    town: Town
    numbers: Numbers
    seed: int = 1
    texts: int = 24
    times: int = 2
    patience: float = 240.0

    def trial(
        self,
        fault: str,
        service: ServiceName,
        act: Callable[[], tuple[int, Sequence[Promise]]],
        *,
        patience: float | None = None,
    ) -> Trial:
        """Let `act` owe and torment (it answers how often it struck, and what was promised), wait, and count."""
        begun = time.monotonic()
        tries, promises = act()
        self.town.settled(service, patience or self.patience)
        return self.count(fault, service, tries, promises, time.monotonic() - begun)

    def count(
        self, fault: str, service: ServiceName, tries: int, promises: Sequence[Promise], seconds: float
    ) -> Trial:
        """Hold what was promised against what the carrier accepted."""
        heed = self.town.services[service]
        found = evidence.accepted(self.town.sandbox)
        verdict = judge(promises, evidence.rows(heed, promises), found)
        journal = self.town.folder / "sandbox.jsonl"
        story = tuple(evidence.history(heed, journal, verdict.broken[0])) if verdict.broken else ()
        return Trial(fault, tries, len(promises), verdict, seconds, story)
