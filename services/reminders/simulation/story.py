"""One simulated pilot, told beside the truth that was planted in it."""

from dataclasses import asdict
from typing import Any

import numpy as np

from services.common.report.text import columns
from services.reminders.evaluation.cace import sayable
from services.reminders.evaluation.effect import Effect
from services.reminders.evaluation.power import Detectable, detectable, detectable_from, possible
from services.reminders.evaluation.verdict import Finding, sentence, word
from services.reminders.evaluation.wording import points
from services.reminders.simulation.analysis import primary, reached
from services.reminders.simulation.before_after import compared
from services.reminders.simulation.trial import NONE, TEXT, Trial, run
from services.reminders.simulation.world import DAYS, Scenario

SYNTHETIC = "Synthetic data: these people, courts and outcomes were made up from a seed."


def story(scenario: Scenario, seed: str) -> dict[str, Any]:
    """One pilot as a JSON-able dict: `scenario`, `seed`, `synthetic`, `flow` by arm, `primary`, `truth`, `verdict` …

    Differences are proportions, treated less control. With everybody texted there are no arms: `history` instead.
    """
    told: dict[str, Any] = {"synthetic": True, "seed": seed, "scenario": asdict(scenario)}
    if scenario.design == "all-treated":
        found = compared(scenario, seed)
        return told | {
            "history": {"heading": found.heading, "level_change": asdict(found.level_change)},
            "truth": scenario.effect * scenario.reach,
        }
    trial = run(scenario, seed)
    known = trial.known()
    if not known.any():
        return told | {"flow": _flow(trial, known), "primary": None, "truth": None}
    difference = primary(trial, known)
    on_reached, refused = sayable(reached(trial, known))
    return told | {
        "flow": _flow(trial, known),
        "primary": asdict(difference),
        "truth": trial.truth(known),
        "reached": asdict(on_reached.effect),
        "reached_refused": refused.sentence if refused else None,
        "truth_among_reached": trial.truth_among_reached(known),
        "naive_per_protocol": asdict(on_reached.per_protocol) if on_reached.per_protocol else None,
        "verdict": _verdict(trial, difference),
    }


def story_text(told: dict[str, Any]) -> str:
    """The dict of `story` as text."""
    lines = [SYNTHETIC, ""]
    if "history" in told:
        change = told["history"]["level_change"]
        lines += [told["history"]["heading"], *_beside("Change of level", change, told["truth"])]
        return "\n".join(lines)
    flow = told["flow"]
    rows = [["", *flow], *([key, *(f"{arm[key]:,}" for arm in flow.values())] for key in flow[TEXT])]
    lines += columns(rows)
    if told["primary"] is None:
        return "\n".join([*lines, "", "No outcome is known: there is nothing to compare."])
    lines += ["", *_beside("Between the arms", told["primary"], told["truth"])]
    refused = told["reached_refused"]
    none = "not given" if refused else "not defined"
    lines += _beside("Among people reached", told["reached"], told["truth_among_reached"], none=none)
    lines += [f"  {refused}"] if refused else []
    if told["naive_per_protocol"]:
        lines += _beside(
            "Naive per-protocol (biased)", told["naive_per_protocol"], told["truth_among_reached"]
        )
    return "\n".join([*lines, "", told["verdict"]["sentence"]])


def _flow(trial: Trial, known: np.typing.NDArray[np.bool_]) -> dict[str, dict[str, int]]:
    """By arm, where its people are: assigned = known + pending + missing + vacated."""
    scenario, people = trial.scenario, trial.people
    vacated = np.zeros(known.size, dtype=bool)
    if scenario.stop is not None:
        vacated = people.heard_week >= scenario.stop
    never = np.isinf(people.known_at) & ~vacated
    late = (people.known_at > DAYS * scenario.weeks + scenario.wait) & ~never & ~vacated
    parts = {
        "assigned": np.ones(known.size, dtype=bool),
        "delivered": trial.delivered & ~vacated,
        "vacated": vacated,
        "pending": late,
        "missing": never,
        "known": known,
        "stayed away": known & trial.event,
    }
    return {
        name: {what: int((part & mine).sum()) for what, part in parts.items()}
        for name, mine in ((TEXT, trial.treated), (NONE, ~trial.treated))
    }


def _verdict(trial: Trial, difference: Effect) -> dict[str, Any]:
    """The report's sentence, at one planned look."""
    finding = Finding(
        treated=TEXT,
        control=NONE,
        did="did not attend",
        difference=difference.estimate,
        ci=difference.ci,
        level=0.95,
        randomised=True,
        detectable=_detectable(trial, difference),
    )
    found = finding.detectable
    return {
        "word": word(finding.ci, exploratory=False).value,
        "sentence": sentence(finding),
        "smallest_detectable_fall": found.fall,
        "smallest_detectable_rise": found.rise,
    }


def _detectable(trial: Trial, difference: Effect) -> Detectable:
    """From the arms' sizes where people were assigned one by one, else from the standard error that the clusters gave."""
    known = trial.known()
    control = known & ~trial.treated
    if not control.any() or not (known & trial.treated).any():
        return Detectable(None, None)
    rate = float(trial.event[control].mean())
    if trial.scenario.design != "permuted-blocks":
        if difference.se is None:
            return Detectable(None, None)
        size = detectable_from(difference.se, df=difference.df)
        return possible(rate, size, size)
    return detectable(rate, int((known & trial.treated).sum()), int(control.sum()))


def _beside(what: str, found: dict[str, Any], truth: float | None, *, none: str = "not defined") -> list[str]:
    planted = f"planted {'not defined' if truth is None else points(truth)}"
    if found["estimate"] is None:
        return [f"{what}: {none}; {planted}{'' if truth is None else ' points'}"]
    interval = "no interval"
    if found["ci"]:
        interval = f"{points(found['ci'][0])} to {points(found['ci'][1])}"
    return [f"{what}: {points(found['estimate'])} points ({interval}); {planted}"]
