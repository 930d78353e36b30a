"""Work a report's figures out once more from the exported rows, with pandas, scipy, statsmodels and linearmodels alone.

    python reproduce.py people.csv report.json

Prints every figure as reported and as recomputed; exit code 1 where one differs by more than a millionth, by more than a thousandth
where a variance was searched for, or by more than 0.03 where arms were exchanged at random.
"""

import json
import sys
from typing import Any

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy.stats import chi2_contingency, fisher_exact, norm, ttest_ind
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from services.reminders.evaluation.reproduce_beside import beside, history, known_under
from services.reminders.evaluation.reproduce_design import (
    Figures,
    both,
    court_weeks,
    design,
    quantile,
    stepped_wedge,
)

EXACT, SEARCHED, DRAWN = 1e-6, 1e-3, 0.03


def main(people_file: str, report_file: str) -> int:
    """Compare; the exit code."""
    people = pd.read_csv(people_file, encoding="utf-8-sig", keep_default_na=False)
    with open(report_file, encoding="utf-8") as file:  # noqa: PTH123 - this script stands alone
        report = json.load(file)
    wrong = checked = 0
    for name, reported, computed in figures(people, report):
        same = agrees(name, reported, computed)
        wrong, checked = wrong + (not same), checked + 1
        sys.stdout.write(f"{'same' if same else 'DIFFERENT':9}  {name}: {reported} and {computed:.10g}\n")
    sys.stdout.write(f"{checked} figures, {wrong} different\n")
    return 1 if wrong or not checked else 0


def agrees(name: str, reported: float | None, computed: float) -> bool:
    """Whether two figures are the same; how closely, the name's last word says."""
    within = {"searched": SEARCHED, "drawn": DRAWN}.get(name.rsplit(maxsplit=1)[-1], EXACT)
    return reported is not None and abs(reported - computed) <= within * max(1.0, abs(computed))


def figures(people: pd.DataFrame, report: dict[str, Any]) -> Figures:
    """(Name, as reported, as recomputed) of every figure."""
    level = report["look"]["level"]
    yield "look: level", level, 1 - 2 * norm.sf(report["look"]["boundary"])
    known = known_under(people, report["protocol"]["rules"])
    yield from flow(people, known, report)
    for block in [report["primary"], *report["secondary"]]:
        yield from outcome(said(known, block["outcome"]), block, level)
    tested = list(report["secondary"])
    if report["days_lost"]:
        yield from days_lost(said(known, "days_lost"), report["days_lost"], level)
        tested.append(report["days_lost"])
    tested = [block for block in tested if block["p"] is not None]
    if tested:
        holm = multipletests([block["p"] for block in tested], method="holm")[1]
        for block, p in zip(tested, holm, strict=True):
            yield f"{block['outcome']} Holm", block["p_holm"], p
    yield from weeks(known, report)
    yield from reach(people, report)
    if report["primary"]["design"]:
        yield from beside(people, known, report, level)
    if report["history"]:
        yield from history(report["history"], report["protocol"], level)


def said(known: pd.DataFrame, name: str) -> pd.DataFrame:
    """Those of whom an outcome is known: not every result says whether a case was put off."""
    return known[known[name] != ""].astype({name: float})


def flow(people: pd.DataFrame, known: pd.DataFrame, report: dict[str, Any]) -> Figures:
    """The boxes of each arm."""
    for arm in report["flow"]["arms"]:
        mine = people[people.arm == arm["name"]]
        boxes = {
            "assigned": len(mine),
            "texted": (mine.texts != "none").sum(),
            "delivered": (mine.texts == "delivered").sum(),
            "undelivered": (mine.texts == "undelivered").sum(),
            "no_receipt": (mine.texts == "no-receipt").sum(),
            "not_texted": (mine.texts == "none").sum(),
            "stopped": mine.stopped.sum(),
            "wrong_number": mine.wrong.sum(),
            "known": (mine.state == "known").sum(),
            "pending": (mine.state == "pending").sum(),
            "missing": (mine.state == "missing").sum(),
            "not_at_risk": (mine.state == "not-at-risk").sum(),
            "analysed": (known.arm == arm["name"]).sum(),
        }
        for box, count in boxes.items():
            yield f"flow {arm['name']} {box}", arm[box], count
        for key, texts in (("not_texted_by_reason", "none"), ("undelivered_by_reason", "undelivered")):
            for reason, count in mine[mine.texts == texts].why.replace("", "unknown").value_counts().items():
                yield f"flow {arm['name']} {reason}", arm[key].get(reason), count


def outcome(known: pd.DataFrame, block: dict[str, Any], level: float) -> Figures:
    """Rates, the comparison by design, the unadjusted one."""
    name = block["outcome"]
    for arm in block["arms"]:
        had = known[known.arm == arm["name"]][name]
        yield f"{name} {arm['name']} events", arm["events"], had.sum()
        yield f"{name} {arm['name']} people", arm["n"], len(had)
        if arm["rate"] is not None:
            yield f"{name} {arm['name']} rate", arm["rate"], had.mean()
            low, high = proportion_confint(had.sum(), len(had), alpha=1 - level, method="wilson")
            yield from both(f"{name} {arm['name']}", arm["ci"], (low, high))
    for one in block["design"]:
        pair = known[known.arm.isin([one["treated"], one["control"]])]
        yield from design(pair, name, one, level)
        if one["number_needed_to_text"] is not None:
            needed = 1 / abs(one["risk_difference"]["estimate"])
            yield f"{name} {one['treated']} number needed", one["number_needed_to_text"], needed
    for one in block["unadjusted"]["comparisons"] if block["unadjusted"] else ():
        yield from unadjusted(known, name, one, level)


def unadjusted(known: pd.DataFrame, name: str, one: dict[str, Any], level: float) -> Figures:
    """The plain two-by-two table."""
    counts = []
    for arm in (one["treated"], one["control"]):
        had = known[known.arm == arm][name]
        counts += [int(had.sum()), len(had)]
    label = f"{name} {one['treated']} unadjusted"
    for key, compare, method in (
        ("risk_difference", "diff", "newcomb"),
        ("risk_ratio", "ratio", "log"),
        ("odds_ratio", "odds-ratio", "logit"),
    ):
        if one[key]["ci"]:
            ci = confint_proportions_2indep(*counts, method=method, compare=compare, alpha=1 - level)
            yield from both(f"{label}: {key}", one[key]["ci"], ci)
    if one["chi_squared"]["statistic"] is not None:
        a, n1, b, n0 = counts
        table = [[a, n1 - a], [b, n0 - b]]
        test = chi2_contingency(table, correction=False)
        yield f"{label}: chi-squared", one["chi_squared"]["statistic"], test.statistic
        yield f"{label}: p", one["chi_squared"]["p"], test.pvalue
        yield f"{label}: Fisher", one["fisher"]["p"], fisher_exact(table).pvalue


def days_lost(known: pd.DataFrame, block: dict[str, Any], level: float) -> Figures:
    """Mean days by arm, and their difference by design."""
    for arm in block["arms"]:
        days = known[known.arm == arm["name"]].days_lost
        yield f"days lost {arm['name']}", arm["days"], days.sum()
        if arm["mean"] is not None:
            yield f"days lost {arm['name']} mean", arm["mean"], days.mean()
            margin = quantile(len(days) - 1, level) * days.sem()
            ci = days.mean() - margin, days.mean() + margin
            yield from both(f"days lost {arm['name']}", arm["ci"], (max(0.0, ci[0]), ci[1]))
    for one, plain in zip(block["design"], block["unadjusted"], strict=True):
        pair = known[known.arm.isin([one["treated"], one["control"]])]
        first, second = (pair[pair.arm == one[side]].days_lost for side in ("treated", "control"))
        label, difference = f"days lost {one['treated']} by design", one["mean_difference"]
        if plain["mean_difference"]["ci"]:
            test = ttest_ind(first, second, equal_var=False)
            yield "days lost unadjusted: p", plain["mean_difference"]["p"], test.pvalue
            yield from both(
                "days lost unadjusted", plain["mean_difference"]["ci"], test.confidence_interval(level)
            )
        if difference["estimate"] is None:
            continue
        if one["method"] == "stratified":
            yield from stratified_means(pair, one, label)
        elif one["method"] == "court-week":
            yield from court_weeks(pair, "days_lost", difference, one, label, level)
        else:
            yield from stepped_wedge(pair, "days_lost", difference, one, label, level)


def stratified_means(pair: pd.DataFrame, one: dict[str, Any], label: str) -> Figures:
    """Least squares within courts and kinds of case; the error from each stratum's and arm's own variance."""
    enough = pair[pair.groupby(["court_group", "case", "arm"]).arm.transform("size") > 1]
    within = enough[enough.groupby(["court_group", "case"]).arm.transform("nunique") == 2]
    fixed = pd.get_dummies(within.court_group + within.case).astype(float)
    fixed.insert(0, "treated", (within.arm == one["treated"]).astype(float))
    fitted = sm.OLS(within.days_lost, fixed).fit()
    yield f"{label}: difference", one["mean_difference"]["estimate"], fitted.params["treated"]
    days = within.groupby(["court_group", "case", "arm"]).days_lost.agg(["var", "count"]).unstack("arm")
    weight = 1 / (1 / days["count"]).sum(axis=1)
    variance = (days["var"] / days["count"]).sum(axis=1)
    se = np.sqrt((weight**2 * variance).sum()) / weight.sum()
    yield f"{label}: standard error", one["mean_difference"]["se"], se


def weeks(known: pd.DataFrame, report: dict[str, Any]) -> Figures:
    """Failures and known outcomes so far, by week."""
    name = report["primary"]["outcome"]
    for one in report["weeks"]:
        mine = known[(known.arm == one["arm"]) & (known.week <= one["week"])]
        yield f"by {one['week']} {one['arm']}: events", one["events_so_far"], mine[name].sum()
        yield f"by {one['week']} {one['arm']}: people", one["n_so_far"], len(mine)


def reach(people: pd.DataFrame, report: dict[str, Any]) -> Figures:
    """Numbers by source and age; what the texts were and cost."""
    for one in report["reach"]:
        mine = people[
            (people.arm == one["arm"]) & (people.source == one["source"]) & (people.contact_age == one["age"])
        ]
        label = f"reach {one['arm']} {one['source']} {one['age']}"
        yield f"{label}: people", one["people"], len(mine)
        yield f"{label}: sent", one["sent"], (mine.sent > 0).sum()
        yield f"{label}: delivered", one["delivered"], (mine.texts == "delivered").sum()
        yield f"{label}: wrong", one["wrong"], mine.wrong.sum()
        yield f"{label}: stopped", one["stopped"], mine.stopped.sum()
    costs, mine = report["costs"], people[people.arm == report["protocol"]["arms"][0]["name"]]
    yield "texts", costs["texts"], mine.sent.sum()
    yield "segments", costs["segments"], mine.segments.sum()
    if costs["texts_per_failure_avoided"]:
        fall = -report["primary"]["design"][0]["risk_difference"]["estimate"]
        each = mine.sent.sum() / len(mine)
        yield "texts per failure avoided", costs["texts_per_failure_avoided"]["estimate"], each / fall


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
