"""Work a report's figures out once more from the exported rows, with pandas, scipy, statsmodels and linearmodels alone.

    python reproduce.py people.csv report.json

Prints every number of the report as it is there and as it is worked out here; exit code 1 where one differs. Whole numbers must be the
same, others the same to a millionth; to a ten-thousandth where a variance was searched for; and a p of arms exchanged at random, which are
drawn anew, within five of its standard errors. Of the report only what no row can say is read, each part with its reason.
"""

import json
import sys
from typing import Any

import pandas as pd

from services.reminders.evaluation.reproduce_parts.beside import balance, missing, sensitivity, subgroups
from services.reminders.evaluation.reproduce_parts.comparing import ABSENT, GIVEN, Compared, compared
from services.reminders.evaluation.reproduce_parts.flow import flow, reach, weeks
from services.reminders.evaluation.reproduce_parts.history import history
from services.reminders.evaluation.reproduce_parts.looks import look
from services.reminders.evaluation.reproduce_parts.outcomes import days_lost, holm, others, outcome, pooled
from services.reminders.evaluation.reproduce_parts.power import costs, power_section, verdict
from services.reminders.evaluation.reproduce_parts.reached import adjusted, reached
from services.reminders.evaluation.reproduce_parts.rows import Figures, Study, known_under, read_people

MONTHLY = ("month", "events", "n", "neighbour_events", "neighbour_n")


def main(people_file: str, report_file: str) -> int:
    """Compare; the exit code."""
    people = read_people(people_file)
    with open(report_file, encoding="utf-8") as file:  # noqa: PTH123 - this script stands alone
        report = json.load(file)
    figures = reproduced(people, report)
    for place, told, found, same in figures:
        shown = "nothing" if found is None or found is ABSENT else found
        reported = "nothing" if told is None or told is ABSENT else told
        sys.stdout.write(f"{'same' if same else 'DIFFERENT':9}  {place}: {reported} and {shown}\n")
    for place, why in GIVEN.items():
        sys.stdout.write(f"given      {place}: {why}\n")
    wrong = sum(not same for *_, same in figures)
    sys.stdout.write(f"{len(figures)} figures, {wrong} different\n")
    return 1 if wrong or not figures else 0


def reproduced(people: pd.DataFrame, report: dict[str, Any]) -> list[Compared]:
    """(Place, as reported, as worked out, whether they are the same) of every number."""
    return list(compared(report, worked_out(people, given(report))))


def given(report: dict[str, Any]) -> dict[str, Any]:
    """All that is read of a report: GIVEN, and whether its protocol is the one locked."""
    return {
        "protocol": report["protocol"],
        "taken": report["look"]["taken"],
        "excluded": report["flow"]["excluded"],
        "unchanged": report["provenance"]["protocol_unchanged"],
        "months": [
            {name: month[name] for name in MONTHLY}
            for month in (report["history"]["months"] if report["history"] else ())
        ],
    }


def worked_out(people: pd.DataFrame, told: dict[str, Any]) -> Figures:
    """The report's figures, in its shape and order."""
    protocol = told["protocol"]
    this_look = look(protocol, told["taken"])
    study = Study(protocol, this_look["level"])
    known = known_under(people, protocol["rules"])
    figures: Figures = {"look": this_look, "flow": flow(study, people, told["excluded"])}
    secondary = others(study, known)
    if not told["unchanged"]:
        # No arm is compared with another by a protocol that is not the one locked.
        return figures | {
            "primary": pooled(known, study.primary),
            "secondary": [pooled(known, name) for name in secondary],
            "verdict": {"word": "exploratory"},
        }
    blocks: dict[str, Any] = {name: outcome(study, known, name) for name in (study.primary, *secondary)}
    primary, lost = blocks[study.primary], days_lost(study, known)
    holm([*(blocks[name] for name in secondary), *([lost] if lost else [])])
    found = verdict(study, primary, exploratory=any(one["number"] is None for one in told["taken"]))
    figures |= {
        "reach": reach(people),
        "primary": primary,
        "secondary": [blocks[name] for name in secondary],
        "days_lost": lost,
        "missing": missing(study, people, known),
        "balance": balance(study, people) if study.randomised else None,
        "costs": costs(study, people, blocks | {"days_lost": lost}),
        "weeks": weeks(study, known),
        "history": history(study, told["months"]) if told["months"] else None,
        "verdict": found,
        "power": power_section(study, people, primary, found),
    }
    if primary["design"]:
        figures |= {
            "sensitivity": sensitivity(study, people),
            "reached": reached(study, people, known),
            "adjusted": adjusted(study, people, known),
            "subgroups": subgroups(study, known),
        }
    return figures


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
