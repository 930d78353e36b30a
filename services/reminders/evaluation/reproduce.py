"""Work a report's figures out once more from the exported rows, with pandas, scipy, statsmodels and linearmodels alone.

    python reproduce.py people.csv report.json

Prints every figure as reported and as recomputed; exit code 1 where one differs by more than a millionth.
"""

import json
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import statsmodels.api as sm
from linearmodels.iv import IV2SLS
from scipy.stats import chi2, chi2_contingency, norm, ttest_ind
from statsmodels.stats.contingency_tables import StratifiedTable
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

TOLERANCE = 1e-6
Figures = Iterator[tuple[str, float | None, float]]


def main(people_file: str, report_file: str) -> int:
    """Compare; the exit code."""
    people = pd.read_csv(people_file, encoding="utf-8-sig", keep_default_na=False)
    with open(report_file, encoding="utf-8") as file:  # noqa: PTH123 - this script stands alone
        report = json.load(file)
    wrong = checked = 0
    for name, reported, computed in figures(people, report):
        same = reported is not None and abs(reported - computed) <= TOLERANCE * max(1.0, abs(computed))
        wrong, checked = wrong + (not same), checked + 1
        sys.stdout.write(f"{'same' if same else 'DIFFERENT':9}  {name}: {reported} and {computed:.10g}\n")
    sys.stdout.write(f"{checked} figures, {wrong} different\n")
    return 1 if wrong or not checked else 0


def figures(people: pd.DataFrame, report: dict[str, Any]) -> Figures:
    """(Name, as reported, as recomputed) of every figure."""
    level = report["look"]["level"]
    known = people[people.state == "known"]
    blocks = [report["primary"], *report["secondary"]]
    for arm in report["flow"]["arms"]:
        mine = people[people.arm == arm["name"]]
        yield f"flow {arm['name']} assigned", arm["assigned"], len(mine)
        yield f"flow {arm['name']} analysed", arm["analysed"], (mine.state == "known").sum()
        yield f"flow {arm['name']} delivered", arm["delivered"], (mine.texts == "delivered").sum()
    for block in blocks:
        # Not every result says whether a case was put off.
        says = known[known[block["outcome"]] != ""]
        yield from outcome(says.astype({block["outcome"]: float}), block, level)
    if report["days_lost"]:
        yield from days_lost(
            known[known.days_lost != ""].astype({"days_lost": float}), report["days_lost"], level
        )
    tested = [*report["secondary"], *([report["days_lost"]] if report["days_lost"] else [])]
    adjusted = [block for block in tested if block["p"] is not None]
    if adjusted:
        holm = multipletests([block["p"] for block in adjusted], method="holm")[1]
        for block, p in zip(adjusted, holm, strict=True):
            yield f"{block['outcome']} Holm", block["p_holm"], p
    if report["primary"]["design"]:
        yield from beside(people, known, report, level)


def outcome(known: pd.DataFrame, block: dict[str, Any], level: float) -> Figures:
    """Rates, the comparison by design, the unadjusted one."""
    name = block["outcome"]
    for arm in block["arms"]:
        had = known[known.arm == arm["name"]][name]
        yield f"{name} {arm['name']} events", arm["events"], had.sum()
        if arm["rate"] is not None:
            yield f"{name} {arm['name']} rate", arm["rate"], had.mean()
            low, high = proportion_confint(had.sum(), len(had), alpha=1 - level, method="wilson")
            yield f"{name} {arm['name']} low", arm["ci"][0], low
            yield f"{name} {arm['name']} high", arm["ci"][1], high
    for one in block["design"]:
        pair = known[known.arm.isin([one["treated"], one["control"]])]
        yield from design(pair, name, one, level)
    for one in block["unadjusted"]["comparisons"] if block["unadjusted"] else ():
        yield from unadjusted(known, name, one, level)


def days_lost(known: pd.DataFrame, block: dict[str, Any], level: float) -> Figures:
    """Mean days by arm, and their difference within courts and kinds of case or between court-weeks."""
    for arm in block["arms"]:
        days = known[known.arm == arm["name"]].days_lost
        yield f"days lost {arm['name']}", arm["days"], days.sum()
        if arm["mean"] is not None:
            yield f"days lost {arm['name']} mean", arm["mean"], days.mean()
    for one, plain in zip(block["design"], block["unadjusted"], strict=True):
        pair = known[known.arm.isin([one["treated"], one["control"]])]
        first, second = (pair[pair.arm == one[side]].days_lost for side in ("treated", "control"))
        if plain["mean_difference"]["p"] is not None:
            yield (
                "days lost unadjusted: p",
                plain["mean_difference"]["p"],
                ttest_ind(first, second, equal_var=False).pvalue,
            )
        if one["mean_difference"]["estimate"] is None:
            continue
        if one["method"] == "stratified":
            enough = pair[pair.groupby(["court_group", "case", "arm"]).arm.transform("size") > 1]
            within = enough[enough.groupby(["court_group", "case"]).arm.transform("nunique") == 2]
            fixed = pd.get_dummies(within.court_group + within.case).astype(float)
            fixed.insert(0, "treated", (within.arm == one["treated"]).astype(float))
            fitted = sm.OLS(within.days_lost, fixed).fit()
            yield (
                "days lost by design: difference",
                one["mean_difference"]["estimate"],
                fitted.params["treated"],
            )
        elif one["method"] == "court-week":
            yield from court_weeks(pair, "days_lost", one["mean_difference"], one["treated"], level)


def design(pair: pd.DataFrame, name: str, one: dict[str, Any], level: float) -> Figures:
    """Mantel-Haenszel within courts and kinds of case, or court-week rates within courts."""
    difference, label = one["risk_difference"], f"{name} {one['treated']} by design"
    if difference["estimate"] is None:
        return
    if one["method"] == "stratified":
        tables = strata(pair, name, one["treated"])
        yield f"{label}: difference", difference["estimate"], mantel_haenszel(tables)
        if difference["se"]:
            yield f"{label}: standard error", difference["se"], sato(tables)
        if one["odds_ratio"]["estimate"]:
            found = StratifiedTable([[[a, n1 - a], [b, n0 - b]] for a, n1, b, n0 in tables])
            yield f"{label}: odds ratio", one["odds_ratio"]["estimate"], found.oddsratio_pooled
            yield f"{label}: risk ratio", one["risk_ratio"]["estimate"], found.riskratio_pooled
            statistic = found.test_null_odds(correction=False).statistic
            yield f"{label}: p", difference["p"], chi2.sf(statistic, 1)
    elif one["method"] == "court-week":
        yield from court_weeks(pair, name, difference, one["treated"], level)


def court_weeks(
    pair: pd.DataFrame, name: str, difference: dict[str, Any], treated: str, level: float
) -> Figures:
    """The mean of each court-week, by least squares within courts; a court with one arm says nothing."""
    label = f"{name} {treated} by design"
    weeks = pair.groupby(["court_group", "unit", "arm"])[name].mean().reset_index()
    both = weeks.groupby("court_group").arm.transform("nunique") == 2
    weeks = weeks[both]
    fixed = pd.get_dummies(weeks.court_group).astype(float)
    fixed.insert(0, "treated", (weeks.arm == treated).astype(float))
    fitted = sm.OLS(weeks[name], fixed).fit()
    yield f"{label}: difference", difference["estimate"], fitted.params["treated"]
    if difference["ci"]:
        yield f"{label}: standard error", difference["se"], fitted.bse["treated"]
        low, high = fitted.conf_int(1 - level).loc["treated"]
        yield f"{label}: low", difference["ci"][0], low
        yield f"{label}: high", difference["ci"][1], high


def strata(pair: pd.DataFrame, name: str, treated: str) -> list[tuple[int, int, int, int]]:
    """(Events, n) of the treated and of the control, where both have people."""
    found = []
    for _, rows in pair.groupby(["court_group", "case"]):
        one, other = rows[rows.arm == treated][name], rows[rows.arm != treated][name]
        if len(one) and len(other):
            found.append((int(one.sum()), len(one), int(other.sum()), len(other)))
    return found


def mantel_haenszel(tables: list[tuple[int, int, int, int]]) -> float:
    """The common risk difference."""
    weights = [n1 * n0 / (n1 + n0) for _, n1, _, n0 in tables]
    return float(np.average([a / n1 - b / n0 for a, n1, b, n0 in tables], weights=weights))


def sato(tables: list[tuple[int, int, int, int]]) -> float:
    """Its standard error (Sato 1989, Biometrics 45:1323)."""
    a, n1, b, n0 = (np.array(column, dtype=float) for column in zip(*tables, strict=True))
    n = n1 + n0
    p = ((n1**2 * b - n0**2 * a + n1 * n0 * (n0 - n1) / 2) / n**2).sum()
    q = ((a * (n0 - b) + b * (n1 - a)) / (2 * n)).sum()
    return float(np.sqrt((mantel_haenszel(tables) * p + q) / (n1 * n0 / n).sum() ** 2))


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
            low, high = confint_proportions_2indep(*counts, method=method, compare=compare, alpha=1 - level)
            yield f"{label}: {key} low", one[key]["ci"][0], low
            yield f"{label}: {key} high", one[key]["ci"][1], high
    if one["chi_squared"]["statistic"] is not None:
        a, n1, b, n0 = counts
        test = chi2_contingency([[a, n1 - a], [b, n0 - b]], correction=False)
        yield f"{label}: chi-squared", one["chi_squared"]["statistic"], test.statistic
        yield f"{label}: p", one["chi_squared"]["p"], test.pvalue


def beside(people: pd.DataFrame, known: pd.DataFrame, report: dict[str, Any], level: float) -> Figures:
    """People reached, adjustment, balance, missing outcomes, paused days, subgroups."""
    name, one = report["primary"]["outcome"], report["primary"]["design"][0]
    arms, z = (one["treated"], one["control"]), norm.isf((1 - level) / 2)
    pair = known[known.arm.isin(arms)].copy()
    pair["treated"] = (pair.arm == one["treated"]).astype(float)
    pair["delivered"] = (pair.texts == "delivered").astype(float)
    if report["reached"]["effect"]["estimate"] is not None:
        within = pair[[name, "treated", "delivered"]].sub(
            pair.groupby("court_group")[[name, "treated", "delivered"]].transform("mean")
        )
        clustered = report["reached"]["errors"] == "clustered"
        how = {"cov_type": "clustered", "clusters": cluster_of(pair)} if clustered else {"cov_type": "robust"}
        fitted = IV2SLS(within[name], None, within.delivered, within.treated).fit(debiased=False, **how)
        effect = report["reached"]["effect"]
        yield "reached: effect", effect["estimate"], fitted.params["delivered"]
        wider = few(cluster_of(pair)) if clustered else 1.0
        yield "reached: standard error", effect["se"], wider * fitted.std_errors["delivered"]
    if report["adjusted"]["effect"]["estimate"] is not None:
        names = {
            "court": "court_group",
            "kind of case": "case",
            "age": "age",
            "notice of the hearing": "notice",
        }
        fixed = pd.concat(
            [pair.treated]
            + [
                pd.get_dummies(pair[names[covariate]], prefix=covariate, drop_first=True).astype(float)
                for covariate in report["adjusted"]["covariates"]
            ],
            axis=1,
        )
        how, wider = {}, 1.0
        if report["adjusted"]["errors"] == "clustered":
            groups = cluster_of(pair)
            how = {"cov_type": "cluster", "cov_kwds": {"groups": groups, "use_correction": False}}
            wider = few(groups)
        logit = sm.GLM(pair[name], sm.add_constant(fixed), family=sm.families.Binomial()).fit(**how)
        odds, effect = report["adjusted"]["odds_ratio"], report["adjusted"]["effect"]
        with_it = logit.predict(sm.add_constant(fixed.assign(treated=1.0), has_constant="add")).mean()
        without = logit.predict(sm.add_constant(fixed.assign(treated=0.0), has_constant="add")).mean()
        yield "adjusted: marginal effect", effect["estimate"], with_it - without
        yield "adjusted: odds ratio", odds["estimate"], np.exp(logit.params["treated"])
        yield (
            "adjusted: low",
            odds["ci"][0],
            np.exp(logit.params["treated"] - z * wider * logit.bse["treated"]),
        )
    yield from balance(people, report, arms)
    for row in report["missing"]["arms"]:
        mine = people[(people.arm == row["name"]) & people.state.isin(["missing", "pending"])]
        yield f"missing {row['name']}", row["missing"], len(mine)
    paused = people[(people.with_paused == "known") & people.arm.isin(arms)]
    as_recorded = next(row for row in report["sensitivity"] if "paused" in row["name"])
    for arm in arms:
        had = paused[paused.arm == arm][name]
        yield f"with paused days {arm}: events", as_recorded["arms"][arm][0], had.sum()
        yield f"with paused days {arm}: people", as_recorded["arms"][arm][1], len(had)
    if one["method"] == "stratified" and as_recorded["risk_difference"]:
        difference = mantel_haenszel(strata(paused, name, one["treated"]))
        yield "with paused days: difference", as_recorded["risk_difference"]["estimate"], difference
    yield from subgroups(pair, report, one)


def cluster_of(pair: pd.DataFrame) -> Any:
    """The court-week, or the people assigned together."""
    if (pair.unit == "").all():
        return pair.together
    return pd.factorize(pair.court_group + pair.unit.astype(str))[0]


def few(clusters: Any) -> float:
    """What clustered errors are corrected by: for the number of clusters alone."""
    count = len(np.unique(clusters))
    return float(np.sqrt(count / (count - 1)))


def balance(people: pd.DataFrame, report: dict[str, Any], arms: tuple[str, str]) -> Figures:
    """Standardised differences of shares."""
    names = {"kind of case": "case", "age": "age", "notice of the hearing": "notice"}
    for row in report["balance"]["rows"]:
        if row["covariate"] in names and row["d"] is not None:
            one, other = (
                (people[people.arm == arm][names[row["covariate"]]] == row["level"]).mean() for arm in arms
            )
            d = (one - other) / np.sqrt((one * (1 - one) + other * (1 - other)) / 2)
            yield f"balance {row['covariate']} {row['level']}", row["d"], d


def subgroups(pair: pd.DataFrame, report: dict[str, Any], one: dict[str, Any]) -> Figures:
    """The difference within each level that is shown; courts have letters here, and are left out."""
    names = {"kind of case": "case", "age": "age", "notice of the hearing": "notice"}
    for section in report["subgroups"]:
        for row in section["rows"]:
            shown = row["risk_difference"] and section["name"] in names and one["method"] == "stratified"
            if shown and row["risk_difference"]["estimate"] is not None:
                mine = pair[pair[names[section["name"]]] == row["level"]]
                found = mantel_haenszel(strata(mine, report["primary"]["outcome"], one["treated"]))
                yield f"subgroup {row['level']}", row["risk_difference"]["estimate"], found


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
