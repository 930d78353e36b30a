"""Sections 5 to 9 of a pilot's report: people reached, adjustment, balance, missing outcomes, subgroups. Pure: a report's JSON in, blocks out."""

from typing import Any

from services.common.report.document import Block, Chart, Warned, table
from services.reminders.evaluation.report_words import ERRORS, NO_ARMS, Report, effect_text, none_of
from services.reminders.evaluation.wording import (
    digits,
    p_value,
    percent,
    points_with_interval,
    ratio_with_interval,
)


def reached(report: Report) -> list[Block]:
    """CACE, and the naive figure labelled as what it is."""
    found = report["reached"]
    if found is None:
        return [none_of(report)]
    naive = found["per_protocol"]
    f = found["first_stage_f"]
    refused = found["refused"]
    blocks: list[Block] = [
        *([Warned(refused)] if refused else []),
        "A text can only work on whom it reaches. This is the difference for people whose text was delivered, from the difference"
        " between whole arms; it stands on the lot, not on who happened to be reached.",
        table(
            "Effect on people reached",
            ("Figure", "Value"),
            [
                ("Effect on those reached", effect_text(found["effect"])),
                ("Share reached, treated less control", effect_text(found["reached"])),
                ("First-stage F", None if f is None else digits(f)),
                ("Standard errors", ERRORS[found["errors"]]),
            ],
        ),
    ]
    if naive:
        blocks += [
            Warned(found["per_protocol_warning"]),
            table(
                "Biased: people reached against people not reached",
                ("Figure", "Value"),
                [("Naive per-protocol difference (biased)", points_with_interval(naive))],
            ),
        ]
    return blocks


def adjusted(report: Report) -> list[Block]:
    """The logit's average marginal effect."""
    found = report["adjusted"]
    if found is None:
        return [none_of(report)]
    return [
        f"A logit of the primary outcome on the arm and {', '.join(found['covariates']) or 'nothing else'};"
        f" standard errors: {ERRORS[found['errors']]}.",
        table(
            "Adjusted comparison",
            ("Figure", "Value"),
            [
                ("Average marginal effect", effect_text(found["effect"])),
                ("Odds ratio", ratio_with_interval(found["odds_ratio"])),
            ],
        ),
    ]


def balance(report: Report) -> list[Block]:
    """Standardised differences with the band that chance gives; no p-values."""
    found = report["balance"]
    if found is None or not found["rows"]:
        return [none_of(report)]
    rows = [
        [
            f"{one['covariate']}: {one['level']}",
            percent(one["treated"]),
            percent(one["control"]),
            None if one["d"] is None else f"{one['d']:+.3f}",
        ]
        for one in found["rows"]
    ]
    return [
        f"At this size chance alone keeps 95% of standardised differences within ±{found['band']:.3f}, and puts"
        f" {percent(found['over_tenth_by_chance'])} of them over 0.1; here {found['over_tenth']} of {len(rows)} are. The lot was"
        " drawn at random, so no test of balance is made.",
        table(
            "Shares at assignment",
            ("Known beforehand", "First arm", "Control", "Standardised difference"),
            rows,
        ),
    ]


def missing(report: Report) -> list[Block]:
    """Bounds by arm, the two extremes, and the sensitivity rows."""
    found = report["missing"]
    if found is None:
        return [NO_ARMS]
    arms = [
        [
            arm["name"],
            arm["missing"],
            *([percent(bound) for bound in arm["bounds"]] if arm["bounds"] else [None, None]),
        ]
        for arm in found["arms"]
    ]
    extremes = [
        ("complete cases", found["complete"]),
        (
            "best for the first arm: none of its missing had the outcome, all of the other's had",
            found["best"],
        ),
        ("worst for the first arm: the reverse", found["worst"]),
    ]
    return [
        table(
            "Outcomes missing or pending, and the rates they allow",
            ("Arm", "People", "Lowest", "Highest"),
            arms,
        ),
        table(
            "The primary difference with the missing filled in",
            ("Reading", "Difference"),
            [(name, effect_text(one)) for name, one in extremes],
        ),
        table(
            "Sensitivity: the primary difference under other readings",
            ("Reading", *(arm["name"] for arm in found["arms"]), "Difference"),
            [
                (
                    one["name"],
                    *(f"{events:,}/{n:,}" for events, n in one["arms"].values()),
                    effect_text(one["risk_difference"]),
                )
                for one in report["sensitivity"]
            ],
        ),
    ]


def subgroups(report: Report) -> list[Block]:
    """Those that the protocol names, each with its test of interaction."""
    if not report["look"]["shown"]:
        return [NO_ARMS]
    if not report["subgroups"]:
        return ["The protocol names no subgroup, so none is shown."]
    blocks: list[Block] = [
        "Named in the protocol beforehand. A difference in one subgroup means little unless the test of interaction says that the"
        " subgroups differ. Hidden cells are under the protocol's smallest count, or would give one away."
    ]
    rows = []
    for one in report["subgroups"]:
        rows += [
            [
                f"{one['name']}: {row['level']}",
                *(_cell(arm) for arm in row["arms"]),
                effect_text(row["risk_difference"]),
            ]
            for row in one["rows"]
        ]
        test = one["interaction"]
        if test and test["p"] is not None:
            blocks.append(f"Interaction with {one['name']}: {p_value(test['p'])} ({test['method']}).")
        else:
            blocks.append(f"Interaction with {one['name']}: no test, because figures are hidden or too few.")
    names = [arm["name"] for arm in report["subgroups"][0]["rows"][0]["arms"]]
    figures = table("Subgroups", ("Subgroup", *names, "Difference"), rows)
    title = f"Differences by subgroup, with {report['look']['level'] * 100:.4g}% intervals"
    return [Chart("subgroups", title, _forest(report), figures), *blocks]


def _forest(report: Report) -> str:
    told = [
        f"{one['name']} {row['level']}: {effect_text(row['risk_difference'])}"
        for one in report["subgroups"]
        for row in one["rows"]
    ]
    everybody = report["primary"]["design"][0]["risk_difference"]
    return f"Differences. Everybody: {effect_text(everybody)}; {'; '.join(told)}."


def _cell(arm: dict[str, Any]) -> str:
    return "hidden" if arm["n"] is None else f"{arm['events']:,}/{arm['n']:,}"
