"""Who was assigned, texted and counted, by arm, week and number: a part of the evaluator's script (sections 2, 3 and 12)."""

from typing import Any

import pandas as pd

from services.reminders.evaluation.reproduce_parts.rows import Figures, Study, is_known, out_of_risk

STATES = ("known", "pending", "missing", "not-at-risk")


def flow(study: Study, people: pd.DataFrame, excluded: dict[str, int]) -> Figures:
    """Every box. Who was never assigned has no row: how many were `excluded` is the report's own."""
    out = sum(excluded.values())
    return {
        "assessed": out + len(people),
        "excluded_total": out,
        "assigned_total": len(people),
        "shared_later": people.shared_later.sum(),
        "arms": [{"name": arm} | boxes(study, people[people.arm == arm]) for arm in study.arms],
    }


def boxes(study: Study, mine: pd.DataFrame) -> Figures:
    """Those of one arm."""
    told: Figures = {
        "assigned": len(mine),
        "texted": (mine.texts != "none").sum(),
        "delivered": (mine.texts == "delivered").sum(),
        "undelivered": (mine.texts == "undelivered").sum(),
        "undelivered_by_reason": by_reason(mine[mine.texts == "undelivered"].why),
        "no_receipt": (mine.texts == "no-receipt").sum(),
        "not_texted": (mine.texts == "none").sum(),
        "not_texted_by_reason": by_reason(mine[mine.texts == "none"].why),
        "stopped": mine.stopped.sum(),
        "wrong_number": mine.wrong.sum(),
        "not_at_risk_by_reason": by_reason(why_not_at_risk(study, mine)),
    }
    state = states(study, mine)
    told |= {one.replace("-", "_"): (state == one).sum() for one in STATES}
    return told | {"analysed": told["known"]}


def states(study: Study, mine: pd.DataFrame) -> pd.Series:
    """What became of each outcome, by the rules; of one that is not in, the row says whether it is overdue."""
    known = mine.state.mask(is_known(mine), "known")
    return known.mask(out_of_risk(mine, study.protocol["rules"]), "not-at-risk")


def by_reason(why: pd.Series) -> dict[str, int]:
    """People by reason."""
    return dict(why.replace("", "unknown").value_counts())


def why_not_at_risk(study: Study, mine: pd.DataFrame) -> pd.Series:
    """The first reason that holds, of those that the rules know."""
    rules = study.protocol["rules"]
    known = {
        "paused": True,
        "withdrawn": rules["withdrawn"] == "not-at-risk",
        "remanded": rules["remanded"] == "leave-out",
        "moved": rules["moved"] == "leave-out",
    }
    out = mine[[name for name, counts in known.items() if counts]] == 1
    return out[out.any(axis=1)].idxmax(axis=1)


def weeks(study: Study, known: pd.DataFrame) -> list[Figures]:
    """Failures and known outcomes by week of the hearing, and since the beginning."""
    rows = []
    for week in sorted(known.week.unique()):
        for arm in study.arms:
            mine = known[known.arm == arm]
            had, so_far = mine[mine.week == week][study.primary], mine[mine.week <= week][study.primary]
            row = {"week": week, "arm": arm, "events": had.sum(), "n": len(had)}
            rows.append(row | {"events_so_far": so_far.sum(), "n_so_far": len(so_far)})
    return rows


def reach(people: pd.DataFrame) -> list[Figures]:
    """By source and age of the number: what became of texts to it."""
    rows = []
    for (arm, source, age), mine in people.groupby(["arm", "source", "contact_age"]):
        counts: dict[str, Any] = {
            "people": len(mine),
            "sent": (mine.sent > 0).sum(),
            "delivered": (mine.texts == "delivered").sum(),
            "stopped": mine.stopped.sum(),
            "wrong": mine.wrong.sum(),
            "texts": mine.sent.sum(),
            "segments": mine.segments.sum(),
        }
        rows.append({"arm": arm, "source": source, "age": age} | counts)
    return rows
