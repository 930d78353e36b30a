"""Sections 1 to 4 of a pilot's report: verdict, flow, the primary comparison, the other outcomes. Pure: a report's JSON in, blocks out."""

from typing import Any

from services.common.report.document import Block, Chart, Heading, Table, table
from services.reminders.evaluation.report_words import (
    METHODS,
    NO_ARMS,
    Report,
    counted,
    day_text,
    days_text,
    effect_text,
)
from services.reminders.evaluation.wording import (
    chi_squared_text,
    digits,
    p_value,
    percent,
    points_with_interval,
    ratio_with_interval,
)

FATES = (
    ("assigned", "Assigned"),
    ("texted", "Texted"),
    ("delivered", "  delivered"),
    ("undelivered", "  not delivered"),
    ("no_receipt", "  no word from the carrier"),
    ("not_texted", "Not texted"),
    ("stopped", "Opted out (STOP)"),
    ("wrong_number", "Wrong number (WRONG)"),
    ("not_at_risk", "Not at risk"),
    ("known", "Outcome known"),
    ("pending", "Outcome pending"),
    ("missing", "Outcome missing"),
    ("analysed", "Analysed"),
)
SAVED = {
    "adjournments_saved_per_thousand": "Adjournments for absence saved, per 1,000 people assigned to texts",
    "days_saved_per_thousand": "Days saved, per 1,000 people assigned to texts",
}
REASONS = {
    "not_texted_by_reason": "Not texted",
    "undelivered_by_reason": "Not delivered",
    "not_at_risk_by_reason": "Not at risk",
}


def verdict(report: Report) -> list[Block]:
    """What a reader must know beside the verdict itself, which leads every form; and what is refused."""
    refused = [(one["code"], one["sentence"]) for one in report["refusals"]]
    return [
        f"Primary outcome: {report['primary']['did']}, at the person's first enrolled hearing.",
        *report["notes"],
        *([table("Not said, and why", ("Rule", "Sentence"), refused)] if refused else []),
    ]


def flow(report: Report) -> list[Block]:
    """The boxes; each is the sum of those after it."""
    told = report["flow"]
    arms = told["arms"]
    names = [arm["name"] for arm in arms]
    boxes = table(
        "The boxes, by arm",
        ("Box", *names),
        [[label, *(arm.get(key) for arm in arms)] for key, label in FATES if key in arms[0]],
    )
    assessed = f"Assessed {told['assessed']:,}: excluded {told['excluded_total']:,}, assigned {told['assigned_total']:,}."
    reasons = [
        [f"{words}: {reason}", *(arm[key].get(reason, 0) for arm in arms)]
        for key, words in REASONS.items()
        if key in arms[0]
        for reason in sorted({one for arm in arms for one in arm[key]})
    ]
    alternative = f"{assessed} " + " ".join(
        f"{arm['name']}: {arm['assigned']:,} assigned, {arm['analysed']:,} analysed, {arm['missing']:,} missing,"
        f" {arm['pending']:,} pending, {arm['not_at_risk']:,} not at risk."
        for arm in arms
    )
    pauses = [
        [
            one["court"] or "all courts",
            day_text(one["since"]),
            day_text(one["until"]),
            one["reason"],
            day_text(one["ended_at"][:10]) if one["ended_at"] else None,
        ]
        for one in report["pauses"]
    ]
    return [
        assessed,
        Chart("flow", "People from assessment to analysis", alternative, boxes),
        *(
            [table("Excluded, by first reason", ("Reason", "People"), list(told["excluded"].items()))]
            if told["excluded"]
            else []
        ),
        *([table("By reason", ("Reason", *names), reasons)] if reasons else []),
        *(
            [
                table(
                    "Pauses: their hearings are not at risk",
                    ("Court", "From", "To", "Reason", "Ended"),
                    pauses,
                )
            ]
            if pauses
            else []
        ),
    ]


def primary(report: Report) -> list[Block]:
    """Rates, the comparison by design, then the unadjusted one; cumulative failures over time."""
    block, level = report["primary"], report["look"]["level"]
    if not report["look"]["shown"]:
        pooled = block["pooled"]
        return [
            NO_ARMS,
            f"All arms together: {pooled['events']:,} of {pooled['n']:,} people with a known outcome {block['did']}.",
        ]
    told = "; ".join(_rates_in_words(one) for one in [block, *report["secondary"]])
    return [*_outcome(block, level, f"{told}."), *_unadjusted(block, level), *_weeks(report)]


def secondary(report: Report) -> list[Block]:
    """The other outcomes the same way, Holm-adjusted; texts and money for one failure fewer."""
    if not report["look"]["shown"]:
        return [NO_ARMS]
    blocks: list[Block] = []
    for one in report["secondary"]:
        blocks += [Heading(_capital(one["did"])), _tested(one), *_outcome(one, report["look"]["level"], None)]
    return [
        *blocks,
        # A look that was kept before days were counted has none.
        *_days_lost(report.get("days_lost"), report["look"]["level"]),
        *_costs(report["costs"], randomised=report["pilot"]["randomised"]),
    ]


def _tested(block: dict[str, Any]) -> str:
    if block["p"] is None:
        return "No test is made."
    return f"Test of the first arm against the control: {p_value(block['p'])}; adjusted by Holm for all outcomes of this section, {p_value(block['p_holm'])}."


def _days_lost(block: dict[str, Any] | None, level: float) -> list[Block]:
    """Mean days by arm, and the comparison by design."""
    if block is None:
        return []
    shown = f"{level * 100:.4g}%"
    rows = [
        [
            arm["name"],
            arm["days"],
            arm["n"],
            "not given" if arm["mean"] is None else f"{arm['mean']:.3f}",
            arm["ci"] and f"{arm['ci'][0]:.3f} to {arm['ci'][1]:.3f}",
        ]
        for arm in block["arms"]
    ]
    blocks: list[Block] = [
        Heading(_capital(block["did"])),
        _tested(block),
        table("Days lost, a person", ("Arm", "Days", "People", "Mean", f"{shown} interval (t)"), rows),
    ]
    for one, plain in zip(block["design"], block["unadjusted"], strict=True):
        difference, permutation = one["mean_difference"], one["permutation"]
        figures: list[tuple[str, str | None]] = [
            ("Difference in mean", days_text(difference)),
            ("Test", p_value(difference["p"])),
        ]
        if permutation:
            figures.append((f"Permutation test ({permutation['draws']:,} draws)", p_value(permutation["p"])))
        figures.append(
            ("Unadjusted, as if each person were assigned alone (Welch)", days_text(plain["mean_difference"]))
        )
        caption = f"Days lost: {one['treated']} against {one['control']}, as assigned ({shown} intervals; {difference['method']})"
        blocks.append(table(caption, ("Figure", "Value"), figures))
    return blocks


def _rates_in_words(block: dict[str, Any]) -> str:
    """One outcome's rates, for who cannot see the chart."""
    arms = [
        f"{arm['name']} {percent(arm['rate'])} ({percent(arm['ci'][0])} to {percent(arm['ci'][1])})"
        if arm["ci"]
        else f"{arm['name']} not given"
        for arm in block["arms"]
    ]
    return f"{_capital(block['did'])}: {', '.join(arms)}"


def _outcome(block: dict[str, Any], level: float, charted: str | None) -> list[Block]:
    """Rates by arm, with the chart of every outcome's where it is told in words (`charted`), and the comparison by design."""
    interval = f"{level * 100:.4g}% interval (Wilson)"
    rows = []
    for arm in block["arms"]:
        rate = None if arm["rate"] is None else percent(arm["rate"])
        bounds = None if arm["ci"] is None else f"{percent(arm['ci'][0])} to {percent(arm['ci'][1])}"
        rows.append([arm["name"], arm["events"], arm["n"], rate or "not given", bounds])
    rates = table(f"Share who {block['did']}", ("Arm", "Events", "People", "Rate", interval), rows)
    title = f"Rates by arm of every outcome, with {level * 100:.4g}% intervals"
    blocks: list[Block] = [Chart("rates", title, charted, rates) if charted else rates]
    for one in block["design"]:
        blocks.append(_design(one, block["did"], level))
    return blocks


def _design(one: dict[str, Any], did: str, level: float) -> Table:
    difference, permutation = one["risk_difference"], one["permutation"]
    needed = one["number_needed_to_text"]
    rows: list[tuple[str, str | None]] = [("Difference in rate", effect_text(difference))]
    if one["strata"] is not None:
        rows += [
            ("Risk ratio", ratio_with_interval(one["risk_ratio"])),
            ("Odds ratio", ratio_with_interval(one["odds_ratio"])),
            ("Courts and kinds of case compared", counted(one["strata"])),
        ]
    else:
        rows += [("Clusters", counted(one["clusters"])), ("People", counted(one["people"]))]
        if one["icc"] is not None:
            rows.append(("Intraclass correlation", digits(one["icc"])))
    rows.append(("Test", p_value(difference["p"])))
    if permutation:
        rows.append((f"Permutation test ({permutation['draws']:,} draws)", p_value(permutation["p"])))
    if needed is None:
        rows.append(("Number needed to text", "not given: the interval includes zero"))
    else:
        low, high = one["number_needed_to_text_ci"]
        fewer = "fewer" if difference["estimate"] < 0 else "more"
        rows.append(
            ("Number needed to text", f"{digits(needed)} for one {fewer} ({digits(low)} to {digits(high)})")
        )
    caption = f"{_capital(did)}: {one['treated']} against {one['control']}, as assigned ({level * 100:.4g}% intervals; {METHODS.get(difference['method'], difference['method'])})"
    return table(caption, ("Figure", "Value"), rows)


def _unadjusted(block: dict[str, Any], level: float) -> list[Block]:
    if block["unadjusted"] is None:
        return []
    blocks: list[Block] = []
    for pair in block["unadjusted"]["comparisons"]:
        chi = pair["chi_squared"]
        rows = [
            ("Difference in rate (Newcombe)", points_with_interval(pair["risk_difference"])),
            ("Risk ratio (log)", ratio_with_interval(pair["risk_ratio"])),
            ("Odds ratio (logit)", ratio_with_interval(pair["odds_ratio"])),
            ("Chi-squared, uncorrected", chi_squared_text(chi)),
        ]
        if chi["smallest_expected"] < 5:
            rows.append(("Fisher's exact test (an expected count is under 5)", p_value(pair["fisher"]["p"])))
        blocks.append(
            table(
                f"Unadjusted: {pair['treated']} against {pair['control']}, as if each person were assigned alone",
                ("Figure", "Value"),
                rows,
            )
        )
    return blocks


def _weeks(report: Report) -> list[Block]:
    weeks = report["weeks"]
    arms = [arm["name"] for arm in report["protocol"]["arms"]]
    if not weeks:
        return []
    so_far = {(one["week"], one["arm"]): one for one in weeks}
    rows = [
        [
            day_text(week),
            *(f"{so_far[week, arm]['events_so_far']:,}/{so_far[week, arm]['n_so_far']:,}" for arm in arms),
        ]
        for week in sorted({one["week"] for one in weeks})
    ]
    last = rows[-1]
    paused = [f"{day_text(one['since'])} to {day_text(one['until'])}" for one in report["pauses"]]
    alternative = (
        f"People who {report['primary']['did']} so far, by week, per 100 analysed. By the week of {last[0]}: "
        + ", ".join(f"{arm} {value}" for arm, value in zip(arms, last[1:], strict=True))
        + (f". Paused: {', '.join(paused)}." if paused else ".")
    )
    return [
        Chart(
            "weeks",
            "Failures so far, per 100 people analysed; paused days are shaded",
            alternative,
            table("Failures so far, of people whose outcome is known", ("Week of", *arms), rows),
        )
    ]


def _costs(costs: dict[str, Any], *, randomised: bool) -> list[Block]:
    """What was sent; what it avoided and saved only where a lot decided, since both are words of cause."""
    per, money = costs["texts_per_failure_avoided"], costs["cost_per_failure_avoided"]
    rows: list[tuple[str, str | None]] = [
        ("Texts sent", counted(costs["texts"])),
        ("Segments", counted(costs["segments"])),
    ]
    if costs["cost"] is not None:
        rows.append(("Cost, at the protocol's price", f"£{costs['cost']:,.2f}"))
    if not randomised:
        return [Heading("What it took"), table("Texts and money", ("Figure", "Value"), rows)]
    rows.append(("Texts per failure avoided", _range(per, "") or "not given: the interval shows no fall"))
    if money:
        rows.append(("Cost per failure avoided", _range(money, "£")))
    for key, label in SAVED.items():
        rows.append((label, _range(costs[key], "") or "not given: the interval shows no fall"))
    return [
        Heading("What it took, and saved"),
        table("Texts, money, adjournments", ("Figure", "Value"), rows),
    ]


def _range(found: dict[str, Any] | None, sign: str) -> str | None:
    if found is None:
        return None
    low, high = found["ci"]
    if sign:
        return f"{sign}{found['estimate']:,.2f} ({sign}{low:,.2f} to {sign}{high:,.2f})"
    return f"{digits(found['estimate'])} ({digits(low)} to {digits(high)})"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
