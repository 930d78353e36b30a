"""Sections 10 to 14 of a pilot's report: looks, power, reach, history, method. Pure: a report's JSON in, blocks out."""

from datetime import date

from services.common.report.document import Block, Chart, Warned, table
from services.reminders.evaluation.report_words import (
    NO_ARMS,
    Report,
    day_text,
    effect_text,
    moment,
    points_text,
)
from services.reminders.evaluation.wording import digits, percent

RULES = {"obrien-fleming": "O'Brien and Fleming", "pocock": "Pocock"}


def looks(report: Report) -> list[Block]:
    """The plan, this look's boundary, and every look taken."""
    look = report["look"]
    taken = [
        [f"look {one['number']}" if one["number"] else "not planned", moment(one["at"])]
        for one in look["taken"]
    ]
    return [
        f"{look['of']} planned, by {RULES[look['stopping_rule']]}; this look's boundary is |z| over {digits(look['boundary'])}"
        f" ({'equal planned looks' if look['boundary_by'] == 'planned' else 'alpha spending at the information that is in'}),"
        f" so its intervals are at {look['level'] * 100:.4g}%.",
        *(
            [f"The next planned look may be taken from {day_text(look['next_day'])}."]
            if look["next_day"]
            else []
        ),
        table("Looks before this one", ("Look", "When"), taken)
        if taken
        else "No look was taken before this one.",
        "Between looks every screen, export and call shows one count for all arms together.",
    ]


def power(report: Report) -> list[Block]:
    """Planned, reached, and diluted by reach."""
    found = report["power"]
    if found is None:
        return [NO_ARMS]
    planned = found["planned"]
    rows: list[tuple[str, str | None]] = [
        ("People analysed", ", ".join(f"{name} {n:,}" for name, n in found["analysed"].items()))
    ]
    if planned:
        rows.insert(
            0,
            (
                "Planned",
                f"{percent(planned['control'])} to {percent(planned['treated'])} with {planned['per_arm']:,} an arm:"
                f" power {percent(planned['power'])}",
            ),
        )
    whole = {word: found[f"smallest_detectable_{word}"] for word in ("fall", "rise")}
    for word, size in whole.items():
        between, among = points_text(size), points_text(found[f"smallest_detectable_{word}_among_reached"])
        if size is not None:
            among = (
                among
                or "none: the change between arms is one which no change among the people reached can give"
            )
        elif any(whole.values()):
            between = f"none: no {word}, however large"
        rows.append((f"Smallest detectable {word}, between arms", between))
        rows.append((f"Smallest detectable {word}, among those reached", among))
    reach = found["reach"]
    rows.append(("Reach: delivered of assigned, first arm", None if reach is None else percent(reach)))
    return [
        "With 80% power at this look's level. A fall and a rise of one size are not equally easy to find.",
        table("Power", ("Figure", "Value"), rows),
    ]


def reach(report: Report) -> list[Block]:
    """Numbers by source and age, and what became of texts to them."""
    if not report["look"]["shown"]:
        return [NO_ARMS]
    texted = [arm["name"] for arm in report["protocol"]["arms"] if arm["texted"]]
    rows = [
        [
            f"{one['source'].replace('feed:', 'feed ')}, {one['age']}",
            one["people"],
            one["sent"],
            one["delivered"],
            one["wrong"],
            one["stopped"],
        ]
        for one in report["reach"]
        if one["arm"] in texted
    ]
    return [
        "Everybody assigned had a number of their own that was valid when they were enrolled; who had none stands in the flow.",
        table(
            "People of the texted arms, by source and age of the number",
            ("Number", "People", "Sent", "Delivered", "Wrong", "Stopped"),
            rows,
        ),
    ]


def history(report: Report) -> list[Block]:
    """Only where everybody is texted; never pooled with a control arm."""
    found = report["history"]
    if report["pilot"]["randomised"]:
        return ["This pilot has a control arm of its own. Nothing historical is pooled with it."]
    if found is None:
        return ["Refused, or not shown yet: see section 1."]
    own = found["own"]
    rows = [
        [
            f"{date.fromisoformat(one['month']):%B %Y}",
            *(None if one[key] is None else percent(one[key]) for key in ("rate", "fitted", "expected")),
        ]
        for one in found["months"]
    ]
    beside = found["neighbour"]
    return [
        Warned(own["heading"]),
        table(
            "Interrupted time series",
            ("Figure", "Value"),
            [
                ("Change at once", effect_text(own["level_change"])),
                ("Change of the trend, a month", effect_text(own["slope_change"])),
                ("Months before, after", f"{own['before']}, {own['after']}"),
                *(
                    [("Change at once, less the other courts'", effect_text(beside["level_change"]))]
                    if beside
                    else []
                ),
            ],
        ),
        "A month in which the texts began half-way is left out.",
        Chart(
            "history",
            "By month: the share who did not attend, before and after the texts began",
            "The share who did not attend, by month, with the line fitted and the line expected without the texts.",
            table("By month", ("Month", "Rate", "Fitted", "Expected without texts"), rows),
        ),
    ]


def method(report: Report) -> list[Block]:
    """What was fixed beforehand, and what the figures can be traced to."""
    protocol, provenance = report["protocol"], report["provenance"]
    rules = protocol["rules"]
    rows = [
        ("Courts", ", ".join(protocol["courts"])),
        ("Hearings", f"{day_text(protocol['since'])} to {day_text(protocol['until'])}"),
        ("Kinds of case", ", ".join(protocol["cases"])),
        ("Allocation", f"{protocol['allocation']}; one lot a {protocol['unit']}"),
        ("Outcome lag", f"{protocol['outcome_lag_days']} days"),
        ("Moved hearings", rules["moved"]),
        ("Withdrawn before the hearing", rules["withdrawn"]),
        ("Remanded after assignment", rules["remanded"]),
        ("Planned looks", ", ".join(day_text(day) for day in protocol["looks"])),
        ("Protocol's hash", provenance["protocol_hash"]),
        ("Locked at", moment(provenance["locked_at"])),
        ("Data cut", moment(provenance["data_cut"])),
        ("Code", provenance["code_version"]),
        ("Audit log's head", provenance["audit_head"]),
    ]
    arms = [
        (
            arm["name"],
            "texted" if arm["texted"] else "not texted",
            arm["weight"],
            arm["template"] or "usual",
            arm["receives"],
        )
        for arm in protocol["arms"]
    ]
    return [
        "People are counted in the arm they were assigned to. The arithmetic is statsmodels', scipy's and linearmodels'. Rates have"
        " Wilson intervals; unadjusted differences Newcombe's, ratios the log interval, odds ratios the logit. Comparisons within"
        " courts and kinds of case are Mantel-Haenszel's, with Klingenberg's interval.",
        table("The protocol, locked beforehand", ("Rule", "Value"), rows),
        table("The arms", ("Arm", "Texts", "Weight", "Words", "Receives besides"), arms),
        "Only the tables are for publication. The rows of people are exported apart, to a named recipient.",
    ]
