"""Sections 1 to 4 of a pilot's report: verdict, flow, the primary comparison, the other outcomes. Pure: a report's JSON in, blocks out."""

from typing import Any

from services.common.report.document import Block, Chart, Table, table
from services.reminders.evaluation.report_words import NO_ARMS, Report, counted, effect_text
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
        "People from assessment to analysis",
        ("", *names),
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
            one["since"],
            one["until"],
            one["reason"],
            (one["ended_at"] or "")[:10] or None,
        ]
        for one in report["pauses"]
    ]
    return [
        assessed,
        Chart("flow", alternative, boxes),
        *(
            [table("Excluded, by first reason", ("Reason", "People"), list(told["excluded"].items()))]
            if told["excluded"]
            else []
        ),
        *([table("By reason", ("", *names), reasons)] if reasons else []),
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
    return [*_outcome(block, level, "rates"), *_unadjusted(block, level), *_weeks(report)]


def secondary(report: Report) -> list[Block]:
    """The other outcomes the same way, Holm-adjusted; texts and money for one failure fewer."""
    if not report["look"]["shown"]:
        return [NO_ARMS]
    blocks: list[Block] = []
    for one in report["secondary"]:
        test = (
            "no test" if one["p"] is None else f"{p_value(one['p'])}; Holm-adjusted {p_value(one['p_holm'])}"
        )
        blocks += [f"{_capital(one['did'])} ({test})", *_outcome(one, report["look"]["level"], None)]
    return [*blocks, *_costs(report["costs"])]


def _outcome(block: dict[str, Any], level: float, chart: str | None) -> list[Block]:
    """Rates by arm, and the comparison by design."""
    interval = f"{level * 100:.4g}% interval (Wilson)"
    rows = []
    for arm in block["arms"]:
        rate = None if arm["rate"] is None else percent(arm["rate"])
        bounds = None if arm["ci"] is None else f"{percent(arm['ci'][0])} to {percent(arm['ci'][1])}"
        rows.append([arm["name"], arm["events"], arm["n"], rate or "not given", bounds])
    rates = table(f"Share who {block['did']}", ("Arm", "Events", "People", "Rate", interval), rows)
    alternative = (
        "; ".join(f"{row[0]}: {row[3]}, {row[4] or 'no interval'}" for row in rows) + f" ({block['did']})."
    )
    blocks: list[Block] = [Chart(chart, alternative, rates) if chart else rates]
    for one in block["design"]:
        blocks.append(_design(one, level))
    return blocks


def _design(one: dict[str, Any], level: float) -> Table:
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
    caption = f"{one['treated']} against {one['control']}, as assigned ({level * 100:.4g}% intervals; {difference['method']})"
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
        [week, *(f"{so_far[week, arm]['events_so_far']:,}/{so_far[week, arm]['n_so_far']:,}" for arm in arms)]
        for week in sorted({one["week"] for one in weeks})
    ]
    last = rows[-1]
    paused = [f"{one['since']} to {one['until']}" for one in report["pauses"]]
    alternative = (
        f"People who {report['primary']['did']} so far, by week, per 100 analysed. By the week of {last[0]}: "
        + ", ".join(f"{arm} {value}" for arm, value in zip(arms, last[1:], strict=True))
        + (f". Paused: {', '.join(paused)}." if paused else ".")
    )
    return [
        Chart(
            "weeks",
            alternative,
            table("Failures so far, of people whose outcome is known", ("Week of", *arms), rows),
        )
    ]


def _costs(costs: dict[str, Any]) -> list[Block]:
    per, money = costs["texts_per_failure_avoided"], costs["cost_per_failure_avoided"]
    rows: list[tuple[str, str | None]] = [
        ("Texts sent", counted(costs["texts"])),
        ("Segments", counted(costs["segments"])),
    ]
    if costs["cost"] is not None:
        rows.append(("Cost, at the protocol's price", f"£{costs['cost']:,.2f}"))
    rows.append(("Texts per failure avoided", _range(per, "") or "not given: the interval shows no fall"))
    if money:
        rows.append(("Cost per failure avoided", _range(money, "£")))
    return [table("What it took", ("Figure", "Value"), rows)]


def _range(found: dict[str, Any] | None, sign: str) -> str | None:
    if found is None:
        return None
    low, high = found["ci"]
    if sign:
        return f"{sign}{found['estimate']:,.2f} ({sign}{low:,.2f} to {sign}{high:,.2f})"
    return f"{digits(found['estimate'])} ({digits(low)} to {digits(high)})"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
