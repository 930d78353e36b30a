"""Many simulated pilots of one design, and how often what the report says of them is so."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing import get_context

import numpy as np

from services.reminders.evaluation.looks import Shape, level_at
from services.reminders.evaluation.spending import boundary_for
from services.reminders.simulation.analysis import covers, leaves_out, naive, primary, reached
from services.reminders.simulation.before_after import compared
from services.reminders.simulation.trial import Trial, run, without_effect
from services.reminders.simulation.world import Scenario

LOOKS = 3
_CHUNK = 50


@dataclass(frozen=True, slots=True)
class Share:
    """How many of how many pilots: a share with its simulation error."""

    count: int
    of: int

    @property
    def value(self) -> float:
        """The share, 0 to 1."""
        return self.count / self.of

    @property
    def se(self) -> float:
        """The standard error that a finite number of pilots leaves."""
        return math.sqrt(self.value * (1 - self.value) / self.of)


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean over pilots with its simulation error, which one pilot has not."""

    value: float
    se: float | None


@dataclass(frozen=True, slots=True)
class Found:
    """One design: `covered`, `biases` of pilots with the effect; `alarms` of pilots without one, by analysis."""

    scenario: Scenario
    pilots: int
    covered: Mapping[str, Share]
    biases: Mapping[str, Mean]
    alarms: Mapping[str, Share]


@dataclass(slots=True)
class _Tally:
    """What a share of the pilots gave: yes and no by question, and differences from the truth."""

    answers: dict[str, list[bool]] = field(default_factory=dict)
    errors: dict[str, list[float]] = field(default_factory=dict)

    def judge(self, question: str, answer: bool) -> None:
        self.answers.setdefault(question, []).append(answer)

    def differ(self, what: str, estimate: float | None, truth: float | None) -> None:
        if estimate is not None and truth is not None:
            self.errors.setdefault(what, []).append(estimate - truth)


def campaign(
    scenario: Scenario,
    pilots: int,
    seed: str,
    processes: int = 1,
    told: Callable[[int], None] = lambda _: None,
) -> Found:
    """Simulate `pilots` with the effect planted, and as many of the same people without one; `told` hears how many
    more are done, now and then.

    The same seeds give the same answer, whatever the number of processes.
    """
    tasks = [(scenario, seed, start, min(start + _CHUNK, pilots)) for start in range(0, pilots, _CHUNK)]
    tallies = []
    for tally in _each(tasks, processes):
        tallies.append(tally)
        told(min(_CHUNK, pilots - (len(tallies) - 1) * _CHUNK))
    return Found(
        scenario=scenario,
        pilots=pilots,
        covered={name: _share(tallies, f"covered:{name}") for name in _asked(tallies, "covered:")},
        biases={name: _mean(tallies, name) for name in dict.fromkeys(n for t in tallies for n in t.errors)},
        alarms={name: _share(tallies, f"alarm:{name}") for name in _asked(tallies, "alarm:")},
    )


def _each(tasks: Sequence[tuple[Scenario, str, int, int]], processes: int) -> Iterable[_Tally]:
    if processes == 1:
        yield from map(_some, tasks)
        return
    with get_context("spawn").Pool(processes) as pool:
        yield from pool.imap(_some, tasks)


def _some(task: tuple[Scenario, str, int, int]) -> _Tally:
    scenario, seed, start, end = task
    tally = _Tally()
    for number in range(start, end):
        one = f"{seed} {scenario.design} {number}"
        if scenario.design == "all-treated":
            _before_and_after(scenario, one, tally)
            continue
        trial = run(scenario, one)
        _with_effect(trial, tally)
        _without_effect(without_effect(trial), tally)
    return tally


def _before_and_after(scenario: Scenario, seed: str, tally: _Tally) -> None:
    truth = scenario.effect * scenario.reach
    change = compared(scenario, seed).level_change
    tally.judge("covered:design", covers(change, truth))
    tally.differ("intention to treat", change.estimate, truth)
    tally.judge("alarm:design", leaves_out(compared(scenario.without_effect(), seed).level_change, 0))


def _with_effect(trial: Trial, tally: _Tally) -> None:
    known = trial.known()
    truth, among = trial.truth(known), trial.truth_among_reached(known)
    found, plain, on_reached = primary(trial, known), naive(trial, known), reached(trial, known)
    tally.judge("covered:design", covers(found, truth))
    tally.judge("covered:naive", plain is not None and covers(plain, truth))
    tally.differ("intention to treat", found.estimate, truth)
    if trial.scenario.design != "stepped-wedge":
        tally.judge("covered:people reached", covers(on_reached.effect, among))
        tally.differ("people reached", on_reached.effect.estimate, among)
        if on_reached.per_protocol is not None:
            tally.differ("naive per-protocol", on_reached.per_protocol.estimate, among)


def _without_effect(trial: Trial, tally: _Tally) -> None:
    known = trial.known()
    plain = naive(trial, known)
    tally.judge("alarm:naive", plain is not None and leaves_out(plain, 0))
    looks = [trial.known(_weeks(trial.scenario, look)) for look in range(1, LOOKS + 1)]
    at_95 = [leaves_out(primary(trial, then), 0) for then in looks]
    tally.judge("alarm:design", at_95[-1])
    tally.judge("alarm:looks at 1.96", any(at_95))
    for shape in ("obrien-fleming", "pocock"):
        # No planned bound is under 1.96: where zero lies inside the 95% interval, it lies inside a wider one.
        crossed = (
            found and leaves_out(primary(trial, then, _level(shape, look)), 0)
            for look, (then, found) in enumerate(zip(looks, at_95, strict=True), start=1)
        )
        tally.judge(f"alarm:{shape}", any(crossed))


def _level(shape: Shape, look: int) -> float:
    """The level of a look's interval, where every look comes as planned."""
    return level_at(boundary_for(LOOKS, shape, _shares(look), last=look == LOOKS)[0])


def _weeks(scenario: Scenario, look: int) -> int:
    return scenario.weeks * look // LOOKS


def _shares(look: int) -> list[float]:
    return [number / LOOKS for number in range(1, look + 1)]


def _asked(tallies: Sequence[_Tally], prefix: str) -> list[str]:
    names = dict.fromkeys(name for tally in tallies for name in tally.answers if name.startswith(prefix))
    return [name.removeprefix(prefix) for name in names]


def _share(tallies: Sequence[_Tally], question: str) -> Share:
    answers = [answer for tally in tallies for answer in tally.answers.get(question, [])]
    return Share(sum(answers), len(answers))


def _mean(tallies: Sequence[_Tally], what: str) -> Mean:
    errors = np.array([error for tally in tallies for error in tally.errors.get(what, [])])
    return Mean(
        float(errors.mean()),
        float(errors.std(ddof=1) / math.sqrt(errors.size)) if errors.size > 1 else None,
    )
