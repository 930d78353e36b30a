"""What `heed evaluate` and `heed power` print for people."""

from typing import Any

from services.reminders.evaluation.wording import (
    arms_table,
    chi_squared_text,
    comparison_lines,
    digits,
    percent,
    points,
)


def comparison_text(result: dict[str, Any]) -> str:
    """The dict of `compare` as text."""
    lines = arms_table(result["arms"], result["level"])
    for comparison in result["comparisons"]:
        lines += ["", *comparison_lines(comparison)]
    if len(result["arms"]) > 2:
        lines += [
            "",
            f"All arms at once: chi-squared {chi_squared_text(result['overall']['chi_squared'])}.",
            "Each pair is compared as if it were the only one: no figure is adjusted for making several comparisons.",
        ]
    return "\n".join(
        [
            *lines,
            "",
            f"Intervals are at {result['level'] * 100:g}%; the control, {result['control']}, was named last.",
            "This calculator does not know how the arms were formed. Unless people were assigned at random, a",
            "difference between arms does not show why they differ.",
        ]
    )


def power_text(result: dict[str, Any]) -> str:
    """The dict of `power.answer` as text."""
    control, reach = result["control"], result["reach"]
    lines = [f"Control rate {percent(control)}, 80% power, two-sided 5%."]
    if reach < 1:
        lines.append(
            f"A text reaches {percent(reach)} of people; the others are taken to behave as the control arm does."
        )
    if "per_arm" in result:
        sizes = result["per_arm"]
        if reach < 1:
            lines.append(
                f"Among people reached, {percent(control)} to {percent(result['treated'])}; "
                f"between whole arms, {points(result['difference'])} percentage points."
            )
        else:
            lines.append(
                f"From {percent(control)} to {percent(result['treated'])} "
                f"({points(result['difference'])} percentage points):"
            )
        lines.append(
            f"  {sizes['pooled']:,} people an arm (pooled variance), {sizes['unpooled']:,} (unpooled)"
        )
    if "given_per_arm" in result:
        lines.append(f"With {result['given_per_arm']:,} people an arm:")
        if "power" in result:
            lines.append(f"  Power                      {percent(result['power'])}")
        for kind in ("fall", "rise"):
            lines.append(f"  Smallest detectable {kind}   {_detectable(result, kind)}")
    return "\n".join(lines)


def _detectable(result: dict[str, Any], kind: str) -> str:
    whole = result[f"smallest_detectable_{kind}"]
    if whole is None:
        return "none: too few people for a change of any size"
    text = f"{digits(whole * 100)} percentage points"
    if result["reach"] == 1:
        return text
    among = result[f"smallest_detectable_{kind}_among_reached"]
    if among is None:
        return f"{text} between arms, which no change among the people reached can give"
    return f"{text} between arms, {digits(among * 100)} among the people reached"
