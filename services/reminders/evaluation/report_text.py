"""A pilot's report for the terminal: plain text, the verdict first, refusals in sight."""

from typing import Any

from services.reminders.evaluation.wording import (
    arms_table,
    comparison_lines,
    digits,
    p_value,
    points_with_interval,
    ratio_with_interval,
    table,
)


def render_text(report: dict[str, Any]) -> str:
    """The dict of `pilot_report` as text, ending with a newline; headed "Synthetic data" when it is."""
    blocks = [
        _heading(report),
        [report["verdict"]["sentence"]],
        ["Flow", *_flow(report["flow"])],
        [f"Primary outcome: {report['primary']['did']}", *_outcome(report["primary"], report["look"])],
    ]
    for block in report["secondary"]:
        title = f"Secondary outcome: {block['did']} ({_test(block)})"
        blocks.append([title, *_outcome(block, report["look"])])
    blocks.append(["Notes", *(f"  {note}" for note in report["notes"])])
    if report["refusals"]:
        blocks.append(["Not said, and why", *(f"  {refusal['sentence']}" for refusal in report["refusals"])])
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _test(block: dict[str, Any]) -> str:
    if block["p"] is None:
        return "no test"
    return f"{p_value(block['p'])}; {p_value(block['p_holm'])} adjusted for the secondary outcomes (Holm)"


def _heading(report: dict[str, Any]) -> list[str]:
    pilot, look = report["pilot"], report["look"]
    number = (
        f"look {look['number']} of {look['of']}" if look["planned"] else f"not one of the {look['of']} looks"
    )
    lines = ["Synthetic data"] if pilot["synthetic"] else []
    lines.append(f"Pilot {pilot['name']}")
    if pilot["question"]:
        lines.append(f"  Question   {pilot['question']}")
    return [
        *lines,
        f"  Allocation {pilot['method']}, {'random' if pilot['randomised'] else 'not random'}",
        f"  Look       {number} planned ({look['stopping_rule']}: |z| over {digits(look['boundary'])})",
        f"  Looks so far {', '.join(look['taken']) or 'none recorded'}",
        f"  Protocol   {pilot['protocol_hash']}",
        f"  Data cut   {pilot['data_cut']}",
        f"  Code       {pilot['code_version']}",
    ]


def _flow(flow: dict[str, Any]) -> list[str]:
    lines = [f"  Assessed {flow['assessed']:,}, excluded {flow['excluded_total']:,}"]
    lines += [f"    {reason}: {number:,}" for reason, number in flow["excluded"].items()]
    lines.append(f"  Assigned {flow['assigned_total']:,}")
    keys = [
        ("assigned", "assigned"),
        ("texted", "texted"),
        ("delivered", "delivered"),
        ("undelivered", "undelivered"),
        ("no_receipt", "no receipt"),
        ("not_at_risk", "hearing vacated"),
        ("known", "outcome known"),
        ("pending", "pending"),
        ("missing", "missing"),
        ("analysed", "analysed"),
    ]
    rows = [["", *(arm["name"] for arm in flow["arms"])]]
    rows += [[label, *(f"{arm[key]:,}" for arm in flow["arms"])] for key, label in keys]
    return [*lines, *(f"  {line}" for line in table(rows))]


def _outcome(block: dict[str, Any], look: dict[str, Any]) -> list[str]:
    level = look["level"]
    lines = [f"  {line}" for line in arms_table(block["arms"], level)]
    for comparison in block["stratified"]:
        test = comparison["test"]
        lines += [
            f"  Within {comparison['strata_used']} courts, {comparison['treated']} against {comparison['control']}"
            f" (Mantel-Haenszel, {level * 100:.4g}% intervals)",
            f"    Difference in rate   {points_with_interval(comparison['risk_difference'])}",
            f"    Risk ratio           {ratio_with_interval(comparison['risk_ratio'])}",
            f"    Odds ratio           {ratio_with_interval(comparison['odds_ratio'])}",
            f"    Test                 {p_value(test['p'])} (Cochran-Mantel-Haenszel)",
        ]
    if block["unadjusted"] is not None:
        lines.append("  Unadjusted: as if each person were assigned alone, courts ignored")
        for pair in block["unadjusted"]["comparisons"]:
            lines += [f"    {line}" for line in comparison_lines(pair)]
    return lines
