"""Work a report's figures out once more from the exported rows, with pandas, scipy, statsmodels and linearmodels alone.

    python reproduce.py people.csv report.json

Prints every figure as reported and as recomputed; exit code 1 where one differs by more than a millionth, by more than a thousandth
where a variance was searched for, or by more than 0.03 where arms were exchanged at random.
"""

import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import statsmodels.api as sm
from linearmodels.iv import IV2SLS
from scipy.optimize import minimize_scalar
from scipy.stats import chi2, chi2_contingency, fisher_exact, norm, ttest_ind
from scipy.stats import t as student
from statsmodels.stats.contingency_tables import StratifiedTable
from statsmodels.stats.meta_analysis import combine_effects
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import (
    confint_proportions_2indep,
    power_proportions_2indep,
    proportion_confint,
)

EXACT, SEARCHED, DRAWN = 1e-6, 1e-3, 0.03
DRAWS = 9_999
COLUMNS = {"kind of case": "case", "age": "age", "notice of the hearing": "notice", "court": "court_group"}
Figures = Iterator[tuple[str, float | None, float]]
Strata = list[tuple[int, int, int, int]]


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


def known_under(people: pd.DataFrame, rules: dict[str, str], *, paused: bool = False) -> pd.DataFrame:
    """The people whose outcome is known by these rules; with `paused`, the hearings of paused days count as recorded."""
    out = (people.paused == 1) & (not paused)
    out |= (people.withdrawn == 1) & (rules["withdrawn"] == "not-at-risk")
    out |= (people.remanded == 1) & (rules["remanded"] == "leave-out")
    out |= (people.moved == 1) & (rules["moved"] == "leave-out")
    return people[~out & ((people.withdrawn == 1) | (people.heard == 1))]


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


def both(label: str, ci: list[float], computed: Any) -> Figures:
    """The two ends of an interval."""
    yield f"{label}: low", ci[0], computed[0]
    yield f"{label}: high", ci[1], computed[1]


def design(pair: pd.DataFrame, name: str, one: dict[str, Any], level: float) -> Figures:
    """The comparison as people were allocated."""
    difference, label = one["risk_difference"], f"{name} {one['treated']} by design"
    if difference["estimate"] is None:
        return
    if one["method"] == "stratified":
        yield from stratified(strata(pair, name, one["treated"]), one, label, level)
    elif one["method"] == "court-week":
        yield from court_weeks(pair, name, difference, one, label, level)
        if one["icc"] is not None:
            yield f"{label}: intraclass correlation", one["icc"], intraclass(pair, name)
    else:
        yield from stepped_wedge(pair, name, difference, one, label, level)


def stratified(tables: Strata, one: dict[str, Any], label: str, level: float) -> Figures:
    """Mantel and Haenszel's, within courts and kinds of case."""
    difference = one["risk_difference"]
    estimate = mantel_haenszel(tables)
    yield f"{label}: difference", difference["estimate"], estimate
    if difference["se"]:
        yield f"{label}: standard error", difference["se"], sato(tables, estimate)
        for end, bound in zip(("low", "high"), difference["ci"], strict=True):
            # Klingenberg 2014: a bound is where the difference is z of Sato's standard errors away, taken at the bound.
            if abs(bound) < 1:
                z = abs(estimate - bound) / sato(tables, bound)
                yield f"{label}: z at the {end} bound", norm.isf((1 - level) / 2), z
    found = StratifiedTable([[[a, n1 - a], [b, n0 - b]] for a, n1, b, n0 in tables])
    if one["odds_ratio"]["ci"]:
        yield f"{label}: odds ratio", one["odds_ratio"]["estimate"], found.oddsratio_pooled
        yield from both(
            f"{label}: odds ratio", one["odds_ratio"]["ci"], found.oddsratio_pooled_confint(1 - level)
        )
    if one["risk_ratio"]["ci"]:
        yield f"{label}: risk ratio", one["risk_ratio"]["estimate"], found.riskratio_pooled
        yield from both(f"{label}: risk ratio", one["risk_ratio"]["ci"], risk_ratio(tables, found, level))
    if difference["p"] is not None:
        yield f"{label}: p", difference["p"], chi2.sf(found.test_null_odds(correction=False).statistic, 1)


def strata(pair: pd.DataFrame, name: str, treated: str) -> Strata:
    """(Events, n) of the treated and of the control, where both have people."""
    found = []
    for _, rows in pair.groupby(["court_group", "case"]):
        one, other = rows[rows.arm == treated][name], rows[rows.arm != treated][name]
        if len(one) and len(other):
            found.append((int(one.sum()), len(one), int(other.sum()), len(other)))
    return found


def columns(tables: Strata) -> tuple[Any, ...]:
    """Events and people of each arm, an array each."""
    return tuple(np.array(column, dtype=float) for column in zip(*tables, strict=True))


def mantel_haenszel(tables: Strata) -> float:
    """The common risk difference."""
    a, n1, b, n0 = columns(tables)
    return float(np.average(a / n1 - b / n0, weights=n1 * n0 / (n1 + n0)))


def sato(tables: Strata, at: float) -> float:
    """Its standard error at a difference (Sato 1989, Biometrics 45:1323)."""
    a, n1, b, n0 = columns(tables)
    n = n1 + n0
    p = ((n1**2 * b - n0**2 * a + n1 * n0 * (n0 - n1) / 2) / n**2).sum()
    q = ((a * (n0 - b) + b * (n1 - a)) / (2 * n)).sum()
    return float(np.sqrt((at * p + q) / (n1 * n0 / n).sum() ** 2))


def risk_ratio(tables: Strata, found: Any, level: float) -> tuple[float, float]:
    """The common risk ratio's interval (Greenland and Robins 1985, Biometrics 41:55)."""
    a, n1, b, n0 = columns(tables)
    n = n1 + n0
    spread = ((n1 * n0 * (a + b) - a * b * n) / n**2).sum() / ((a * n0 / n).sum() * (b * n1 / n).sum())
    factor = np.exp(norm.isf((1 - level) / 2) * np.sqrt(spread))
    return found.riskratio_pooled / factor, found.riskratio_pooled * factor


def means(pair: pd.DataFrame, name: str) -> pd.DataFrame:
    """The mean of each court-week or court-period, in the order of courts and units."""
    return pair.groupby(["court_group", "unit", "block", "arm"])[name].agg(["mean", "count"]).reset_index()


def weekly(pair: pd.DataFrame, name: str, treated: str) -> tuple[pd.DataFrame, Any]:
    """The court-weeks of courts with both arms, and least squares within courts."""
    found = means(pair, name)
    found = found[found.groupby("court_group").arm.transform("nunique") == 2]
    fixed = pd.get_dummies(found.court_group).astype(float)
    fixed.insert(0, "treated", (found.arm == treated).astype(float))
    return found, sm.OLS(found["mean"], fixed).fit()


def court_weeks(
    pair: pd.DataFrame, name: str, difference: dict[str, Any], one: dict[str, Any], label: str, level: float
) -> Figures:
    """The mean of each court-week, by least squares within courts; and arms exchanged within blocks."""
    found, fitted = weekly(pair, name, one["treated"])
    yield f"{label}: difference", difference["estimate"], fitted.params["treated"]
    if not difference["ci"]:
        return
    yield f"{label}: standard error", difference["se"], fitted.bse["treated"]
    yield f"{label}: p", difference["p"], fitted.pvalues["treated"]
    yield from both(label, difference["ci"], fitted.conf_int(1 - level).loc["treated"].tolist())
    if one.get("permutation"):
        found = found.sort_values(["court_group", "block"])
        block = found.groupby(["court_group", "block"]).ngroup().to_numpy()
        treated = (found.arm == one["treated"]).to_numpy(dtype=float)
        court = found.groupby("court_group").ngroup().to_numpy()
        keys = block + np.random.default_rng(1).random((DRAWS, len(block)))
        share = np.bincount(court, treated) / np.bincount(court)
        drawn = treated[np.argsort(keys, axis=1)] - share[court]
        centred = treated - share[court]
        others = drawn @ found["mean"].to_numpy() / (centred @ centred)
        yield f"{label}: p, drawn", one["permutation"]["p"], beyond(fitted.params["treated"], others)


def beyond(observed: float, others: Any) -> float:
    """The share of other allocations whose difference is at least as large."""
    return float((1 + (np.abs(others) >= abs(observed) - 1e-12).sum()) / (1 + len(others)))


def intraclass(pair: pd.DataFrame, name: str) -> float:
    """By analysis of variance, court-weeks within court and arm; 0 where it comes out below."""
    weeks_of = means(pair, name)
    weeks_of = weeks_of[weeks_of.groupby("court_group").arm.transform("nunique") == 2]
    n, rate = weeks_of["count"].to_numpy(dtype=float), weeks_of["mean"].to_numpy()
    group = weeks_of.groupby(["court_group", "arm"]).ngroup().to_numpy()
    people = np.bincount(group, n)
    centre = (np.bincount(group, n * rate) / people)[group]
    freedom = len(n) - len(people)
    between = (n * (rate - centre) ** 2).sum() / freedom
    within = (n * rate * (1 - rate)).sum() / (n.sum() - len(n))
    size = (n.sum() - (np.bincount(group, n**2) / people).sum()) / freedom
    return max(0.0, float((between - within) / (between + (size - 1) * within)))


def stepped_wedge(
    pair: pd.DataFrame, name: str, difference: dict[str, Any], one: dict[str, Any], label: str, level: float
) -> Figures:
    """A mixed model of court-periods: periods fixed, courts random, their variance by restricted maximum likelihood."""
    cells = means(pair, name)
    rates, treated = cells["mean"].to_numpy(), (cells.arm == one["treated"]).to_numpy(dtype=float)
    period = pd.get_dummies(cells.unit).to_numpy(dtype=float)
    court = pd.get_dummies(cells.court_group).to_numpy(dtype=float)
    fixed = np.column_stack([treated, period])

    def fitted(ratio: float) -> Any:
        return sm.GLS(rates, fixed, sigma=np.eye(len(rates)) + ratio * court @ court.T).fit()

    def criterion(root: float) -> float:
        model = fitted(root**2)
        spread = np.linalg.slogdet(np.eye(len(rates)) + root**2 * court @ court.T)[1]
        return float(
            model.df_resid * np.log(model.scale) + spread - np.linalg.slogdet(model.normalized_cov_params)[1]
        )

    if one.get("icc") is not None:
        root = min((0.0, minimize_scalar(criterion, bounds=(0, 10), method="bounded").x), key=criterion)
        yield f"{label}: intraclass correlation, searched", one["icc"], root**2 / (1 + root**2)
        model = fitted(one["icc"] / (1 - one["icc"]))
        nuisance = np.column_stack([period, court[:, 1:]])
        df = len(rates) - np.linalg.matrix_rank(nuisance) - 1
        estimate, se = model.params[0], model.bse[0]
        margin = student.isf((1 - level) / 2, df) * se
        yield f"{label}: difference", difference["estimate"], estimate
        yield f"{label}: standard error", difference["se"], se
        yield f"{label}: p", difference["p"], 2 * student.sf(abs(estimate) / se, df)
        yield from both(label, difference["ci"], (estimate - margin, estimate + margin))
    if one.get("permutation"):
        yield f"{label}: p, drawn", one["permutation"]["p"], steps_exchanged(rates, treated, period, court)


def steps_exchanged(rates: Any, treated: Any, period: Any, court: Any) -> float:
    """Least squares within courts and periods, for this order of the courts and for others."""
    number, place = period.argmax(axis=1), court.argmax(axis=1)
    steps = np.full(court.shape[1], period.shape[1])
    np.minimum.at(steps, place[treated == 1], number[treated == 1])
    within = np.column_stack([period, court[:, 1:]])
    rest = np.eye(len(rates)) - within @ np.linalg.pinv(within)
    draws = np.random.default_rng(1).permuted(np.tile(steps, (DRAWS, 1)), axis=1)
    arms = np.vstack([treated, number >= draws[:, place]]).astype(float) @ rest
    found = arms @ rates / (arms * arms).sum(axis=1)
    return beyond(found[0], found[1:])


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


def beside(people: pd.DataFrame, known: pd.DataFrame, report: dict[str, Any], level: float) -> Figures:
    """People reached, adjustment, balance, missing outcomes, other readings, subgroups, power."""
    name, one = report["primary"]["outcome"], report["primary"]["design"][0]
    arms = (one["treated"], one["control"])
    pair = known[known.arm.isin(arms)].copy()
    pair["treated"] = (pair.arm == one["treated"]).astype(float)
    pair["delivered"] = (pair.texts == "delivered").astype(float)
    yield from reached(pair, name, report["reached"])
    yield from adjusted(pair, name, report["adjusted"], level)
    yield from balance(people, report, arms)
    for row in report["missing"]["arms"]:
        mine = people[(people.arm == row["name"]) & people.state.isin(["missing", "pending"])]
        yield f"missing {row['name']}", row["missing"], len(mine)
        if row["bounds"]:
            had = known[known.arm == row["name"]][name]
            ends = (had.sum(), had.sum() + len(mine))
            yield from both(
                f"missing {row['name']}", row["bounds"], [end / (len(had) + len(mine)) for end in ends]
            )
    compared = comparison(one)
    missing = people[people.arm.isin(arms) & people.state.isin(["missing", "pending"])]
    for kind, worse in (("best", one["control"]), ("worst", one["treated"])):
        filled = pd.concat([pair, missing.assign(**{name: (missing.arm == worse).astype(int)})])
        if compared and report["missing"][kind]:
            yield f"missing, {kind}", report["missing"][kind]["estimate"], compared(filled, name)
    yield from readings(people, report, arms, compared)
    yield from subgroups(pair, report, one, compared)
    yield from power(report, one, level)


def comparison(one: dict[str, Any]) -> Callable[[pd.DataFrame, str], float] | None:
    """The design's difference of any rows; None where it would need a variance of its own."""
    if one["method"] == "stratified":
        return lambda rows, name: mantel_haenszel(strata(rows, name, one["treated"]))
    if one["method"] == "court-week":
        return lambda rows, name: float(weekly(rows, name, one["treated"])[1].params["treated"])
    return None


def reached(pair: pd.DataFrame, name: str, told: dict[str, Any]) -> Figures:
    """The effect on those reached, by instrumental variables; the naive figure."""
    if told["effect"]["estimate"] is not None:
        within = pair[[name, "treated", "delivered"]].sub(
            pair.groupby("court_group")[[name, "treated", "delivered"]].transform("mean")
        )
        clustered = told["errors"] == "clustered"
        how = {"cov_type": "clustered", "clusters": cluster_of(pair)} if clustered else {"cov_type": "robust"}
        wider = few(cluster_of(pair)) if clustered else 1.0
        fitted = IV2SLS(within[name], None, within.delivered, within.treated).fit(debiased=False, **how)
        yield "reached: effect", told["effect"]["estimate"], fitted.params["delivered"]
        yield "reached: standard error", told["effect"]["se"], wider * fitted.std_errors["delivered"]
        first = IV2SLS(within.delivered, within[["treated"]], None, None).fit(debiased=False, **how)
        yield "reached: share", told["reached"]["estimate"], first.params["treated"]
        f = (first.params["treated"] / (wider * first.std_errors["treated"])) ** 2
        yield "reached: first-stage F", told["first_stage_f"], f
    if told["per_protocol"]:
        texted = pair[(pair.treated == 1) & (pair.delivered == 1)][name]
        other = pair[(pair.treated == 0) & (pair.delivered == 0)][name]
        yield "naive per-protocol", told["per_protocol"]["estimate"], texted.mean() - other.mean()


def adjusted(pair: pd.DataFrame, name: str, told: dict[str, Any], level: float) -> Figures:
    """The logit's average marginal effect."""
    if told["effect"]["estimate"] is None:
        return
    fixed = pd.concat(
        [pair.treated]
        + [
            pd.get_dummies(pair[COLUMNS[covariate]], prefix=covariate, drop_first=True).astype(float)
            for covariate in told["covariates"]
        ],
        axis=1,
    )
    how, wider = {}, 1.0
    if told["errors"] == "clustered":
        groups = cluster_of(pair)
        how = {"cov_type": "cluster", "cov_kwds": {"groups": groups, "use_correction": False}}
        wider = few(groups)
    logit = sm.GLM(pair[name], sm.add_constant(fixed), family=sm.families.Binomial()).fit(**how)
    with_it = logit.predict(sm.add_constant(fixed.assign(treated=1.0), has_constant="add")).mean()
    without = logit.predict(sm.add_constant(fixed.assign(treated=0.0), has_constant="add")).mean()
    yield "adjusted: marginal effect", told["effect"]["estimate"], with_it - without
    yield "adjusted: odds ratio", told["odds_ratio"]["estimate"], np.exp(logit.params["treated"])
    if told["odds_ratio"]["ci"]:
        margin = quantile(told["effect"]["df"], level) * wider * logit.bse["treated"]
        yield from both(
            "adjusted: odds ratio",
            told["odds_ratio"]["ci"],
            np.exp([logit.params["treated"] - margin, logit.params["treated"] + margin]),
        )


def quantile(df: float | None, level: float) -> float:
    """How many standard errors an interval reaches to each side."""
    return float(norm.isf((1 - level) / 2) if df is None else student.isf((1 - level) / 2, df))


def cluster_of(pair: pd.DataFrame) -> Any:
    """The court-week or court-period, or the people assigned together."""
    if (pair.unit == "").all():
        return pair.together
    return pd.factorize(pair.court_group + pair.unit.astype(str))[0]


def few(clusters: Any) -> float:
    """What clustered errors are corrected by: for the number of clusters alone."""
    count = len(np.unique(clusters))
    return float(np.sqrt(count / (count - 1)))


def balance(people: pd.DataFrame, report: dict[str, Any], arms: tuple[str, str]) -> Figures:
    """Standardised differences of shares, and the band that chance gives; courts have letters here, and are left out."""
    told = report["balance"]
    one, other = (people[people.arm == arm] for arm in arms)
    yield "balance: band", told["band"], norm.isf(0.025) * np.sqrt(1 / len(one) + 1 / len(other))
    for row in told["rows"]:
        if row["covariate"] != "court" and row["d"] is not None:
            p, q = ((of[COLUMNS[row["covariate"]]] == row["level"]).mean() for of in (one, other))
            d = (p - q) / np.sqrt((p * (1 - p) + q * (1 - q)) / 2)
            yield f"balance {row['covariate']} {row['level']}", row["d"], d


def readings(people: pd.DataFrame, report: dict[str, Any], arms: tuple[str, str], compared: Any) -> Figures:
    """The primary difference under the other choice of each rule, and with the hearings of paused days as recorded."""
    name, rules = report["primary"]["outcome"], report["protocol"]["rules"]
    choices = {
        "moved": ("follow", "leave-out"),
        "withdrawn": ("not-at-risk", "attended"),
        "remanded": ("as-recorded", "leave-out"),
    }
    others = [
        rules | {rule: next(one for one in both_ways if one != rules[rule])}
        for rule, both_ways in choices.items()
    ]
    groups = [
        *(known_under(people, one) for one in [rules, *others]),
        known_under(people, rules, paused=True),
    ]
    for row, group in zip(report["sensitivity"], groups, strict=True):
        for arm, (events, n) in row["arms"].items():
            had = group[group.arm == arm][name]
            yield f"{row['name']}, {arm}: events", events, had.sum()
            yield f"{row['name']}, {arm}: people", n, len(had)
        if compared and row["risk_difference"] and row["risk_difference"]["estimate"] is not None:
            pair = group[group.arm.isin(arms)]
            yield f"{row['name']}: difference", row["risk_difference"]["estimate"], compared(pair, name)


def subgroups(pair: pd.DataFrame, report: dict[str, Any], one: dict[str, Any], compared: Any) -> Figures:
    """The difference within each level that is shown, and the test between them; courts have letters here, and are left out."""
    name = report["primary"]["outcome"]
    for section in report["subgroups"]:
        if section["name"] == "court" or not compared:
            continue
        column = COLUMNS[section["name"]]
        shown = [row for row in section["rows"] if row["risk_difference"]]
        for row in shown:
            if row["risk_difference"]["estimate"] is not None:
                found = compared(pair[pair[column] == row["level"]], name)
                yield f"subgroup {row['level']}", row["risk_difference"]["estimate"], found
        test, errors = section["interaction"], [row["risk_difference"]["se"] for row in shown]
        if test and test["p"] is not None and one["method"] == "stratified":
            estimates = np.array([row["risk_difference"]["estimate"] for row in shown])
            q = combine_effects(estimates, np.array(errors) ** 2).q
            yield f"interaction with {section['name']}", test["p"], chi2.sf(q, len(shown) - 1)


def power(report: dict[str, Any], one: dict[str, Any], level: float) -> Figures:
    """What could have been found: with 80% power at this look's level."""
    told = report["power"]
    if told["planned"]:
        plan = told["planned"]
        computed = power_proportions_2indep(
            plan["treated"] - plan["control"], plan["control"], plan["per_arm"], alpha=1 - level
        )
        yield "power: as planned", plan["power"], computed.power
    treated, control = report["primary"]["arms"][0], report["primary"]["arms"][-1]
    for word, sign in (("fall", -1), ("rise", 1)):
        size = told[f"smallest_detectable_{word}"]
        if size is None:
            continue
        if one["method"] == "stratified":
            found = power_proportions_2indep(
                sign * size, control["rate"], treated["n"], control["n"] / treated["n"], alpha=1 - level
            )
            yield f"power: of the smallest {word}", 0.8, found.power
        else:
            difference = one["risk_difference"]
            law = norm if difference["df"] is None else student(difference["df"])
            least = (law.isf((1 - level) / 2) + law.ppf(0.8)) * difference["se"]
            yield f"power: smallest {word}", size, least


def history(told: dict[str, Any], protocol: dict[str, Any], level: float) -> Figures:
    """Where everybody is texted: the months before and after, by weighted least squares with a yearly wave.

    The months' counts are the report's own: most of them are of people before the pilot, who are not among its rows.
    """
    months = pd.DataFrame(told["months"])
    first = pd.Timestamp(protocol["since"])
    begins = first if first.day == 1 else first + pd.offsets.MonthBegin(1)
    yield from series(months, months["events"] / months["n"], months["n"], begins, told["own"], level)
    if told["neighbour"]:
        both_there = months[(months["n"] > 0) & (months["neighbour_n"] > 0)]
        rates = (
            both_there["events"] / both_there["n"]
            - both_there["neighbour_events"] / both_there["neighbour_n"]
        )
        weight = 1 / (1 / both_there["n"] + 1 / both_there["neighbour_n"])
        yield from series(
            both_there, rates, weight, begins, told["neighbour"], level, "less the other courts "
        )


def series(
    months: pd.DataFrame,
    rates: Any,
    weight: Any,
    begins: Any,
    told: dict[str, Any],
    level: float,
    label: str = "",
) -> Figures:
    """Change of level and of slope."""
    when = pd.to_datetime(months["month"])
    number = 12.0 * when.dt.year + when.dt.month
    later = (when >= begins).astype(float)
    since = number - number[later == 1].min()
    wave = 2 * np.pi * number / 12
    fixed = np.column_stack([later, later * since, np.ones(len(later)), since, np.sin(wave), np.cos(wave)])
    fitted = sm.WLS(np.asarray(rates), fixed, weights=np.asarray(weight)).fit()
    for column, key in enumerate(("level_change", "slope_change")):
        yield f"{label}{key}: estimate", told[key]["estimate"], fitted.params[column]
        yield f"{label}{key}: p", told[key]["p"], fitted.pvalues[column]
        yield from both(f"{label}{key}", told[key]["ci"], fitted.conf_int(1 - level)[column])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
