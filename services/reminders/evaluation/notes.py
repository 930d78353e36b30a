"""What a reader must know beside the figures, in whole sentences. Pure."""

from typing import Any

from services.reminders.evaluation.evidence import Evidence


def notes(evidence: Evidence, report: dict[str, Any]) -> list[str]:
    """The sentences, the weightiest first."""
    protocol, found = evidence.protocol, []
    if protocol.synthetic:
        found.append(
            "Synthetic data: made up to show the report. No figure here describes a real person or court."
        )
    if protocol.allocation in ("court-week", "stepped-wedge"):
        found.append(
            "Whole courts were assigned, so the unadjusted figures look surer than they are: such a test, at 5%, "
            "raised a false alarm in 10% to 19% of simulated pilots."
        )
    if not protocol.randomised:
        found.append("People were not assigned at random: no arm was left without texts to compare with.")
    found.append(
        "Everybody is counted in the arm they were assigned to, whether or not a text reached them."
        if protocol.randomised
        else "Everybody assigned is counted, whether or not a text reached them."
    )
    for arm in report["flow"]["arms"]:
        if arm["pending"] + arm["missing"] > 0:
            found.append(
                f"Of {arm['assigned']:,} people assigned to {arm['name']}, the outcome of {arm['missing']:,} is missing and of "
                f"{arm['pending']:,} pending; the figures are for the rest."
            )
    for one in report["primary"]["design"]:
        if one["people_left_out"]:
            found.append(
                f"{one['treated']} against {one['control']} leaves out {one['people_left_out']} people where one of the two arms "
                f"has nobody: {', '.join(one['left_out'])}."
            )
    if evidence.shared_later:
        found.append(
            f"{evidence.shared_later} people were found, after assignment, to share a number with somebody assigned apart from "
            "them. They stay in their arms."
        )
    if len(evidence.arms) > 2:
        found.append(
            f"The verdict is on {evidence.arms[0]} against {evidence.arms[-1]}; other pairs are exploratory."
        )
    found.append(_adjournments(report))
    return found


def _adjournments(report: dict[str, Any]) -> str:
    counted = {block["outcome"]: block for block in report["secondary"]}.get("adjourned")
    if counted is None:
        return "Adjournments and days lost are not counted: no result of these people says whether the case was put off."
    known = counted["pooled"]["n"] if "pooled" in counted else sum(arm["n"] for arm in counted["arms"])
    analysed = sum(arm["analysed"] for arm in report["flow"]["arms"])
    return (
        f"Of {known:,} of {analysed:,} people analysed a feed's result says whether the case was put off. Days lost run to the next "
        "hearing that the result itself lists; a warrant lists none, so the days until an arrest are not in them."
    )
