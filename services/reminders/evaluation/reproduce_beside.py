"""What stands beside the primary comparison, once more: a part of the evaluator's script (reproduce), which stands alone."""

from typing import Any

import numpy as np
import pandas as pd
import statsmodels.api as sm
from linearmodels.iv import IV2SLS
from scipy.stats import chi2, norm
from scipy.stats import t as student
from statsmodels.stats.meta_analysis import combine_effects
from statsmodels.stats.proportion import power_proportions_2indep

from services.reminders.evaluation.reproduce_design import Figures, both, comparison, quantile

COLUMNS = {"kind of case": "case", "age": "age", "notice of the hearing": "notice", "court": "court_group"}


def known_under(people: pd.DataFrame, rules: dict[str, str], *, paused: bool = False) -> pd.DataFrame:
    """The people whose outcome is known by these rules; with `paused`, the hearings of paused days count as recorded."""
    out = (people.paused == 1) & (not paused)
    out |= (people.withdrawn == 1) & (rules["withdrawn"] == "not-at-risk")
    out |= (people.remanded == 1) & (rules["remanded"] == "leave-out")
    out |= (people.moved == 1) & (rules["moved"] == "leave-out")
    return people[~out & ((people.withdrawn == 1) | (people.heard == 1))]


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
    logit = sm.GLM(pair[name], sm.add_constant(fixed), family=sm.families.Binomial()).fit(tol=1e-12, **how)
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
