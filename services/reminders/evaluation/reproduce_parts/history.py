"""Where everybody is texted, the months before and after: a part of the evaluator's script (section 13).

Most of the months' people were never in the pilot and have no row: their counts are the report's own.
"""

from typing import Any

import numpy as np
import pandas as pd
import statsmodels.api as sm

from services.reminders.evaluation.reproduce_parts.rows import Figures, Study


def history(study: Study, counts: list[dict[str, Any]]) -> Figures:
    """Change of level and of slope at the courts of the pilot; the same less the other courts; each month's rates."""
    months = pd.DataFrame(counts)
    rates = months.events / months.n
    fitted, own = series(study, months, rates, months.n)
    told: Figures = {"own": own, "neighbour": None}
    both = months[(months.n > 0) & (months.neighbour_n > 0)]
    if enough(study, both):
        less = both.events / both.n - both.neighbour_events / both.neighbour_n
        told["neighbour"] = series(study, both, less, 1 / (1 / both.n + 1 / both.neighbour_n))[1]
    shown = months.assign(rate=rates.where(months.n >= study.fewest), **fitted)
    told["months"] = [
        {
            name: None if pd.isna(month[name]) else month[name]
            for name in ("month", "rate", "fitted", "expected")
        }
        for month in shown.to_dict("records")
    ]
    return told


def enough(study: Study, months: pd.DataFrame) -> bool:
    """Twelve months before and eight after."""
    later = pd.to_datetime(months.month) >= begins(study)
    return bool((~later).sum() >= 12 and later.sum() >= 8)


def begins(study: Study) -> Any:
    """The first whole month with texts."""
    first = pd.Timestamp(study.protocol["since"])
    return first if first.day == 1 else first + pd.offsets.MonthBegin(1)


def series(study: Study, months: pd.DataFrame, rates: Any, weight: Any) -> tuple[Figures, Figures]:
    """Weighted least squares: a level and a slope, a change of each when the texts begin, and a yearly wave."""
    when = pd.to_datetime(months.month)
    number = 12.0 * when.dt.year + when.dt.month
    later = (when >= begins(study)).astype(float)
    since = number - number[later == 1].min()
    changes = pd.DataFrame({"level_change": later, "slope_change": later * since})
    wave = 2 * np.pi * number / 12
    fixed = changes.assign(level=1.0, slope=since, sine=np.sin(wave), cosine=np.cos(wave))
    model = sm.WLS(rates, fixed, weights=weight).fit()
    rest = model.wresid.to_numpy()
    told: Figures = {
        name: {
            "estimate": model.params[name],
            "ci": model.conf_int(1 - study.level).loc[name].tolist(),
            "se": model.bse[name],
            "df": model.df_resid,
            "p": model.pvalues[name],
        }
        for name in changes
    }
    told |= {"before": int((later == 0).sum()), "after": int(later.sum())}
    told["autocorrelation"] = (rest[1:] @ rest[:-1]) / (rest @ rest)
    without = model.predict(fixed.assign(level_change=0.0, slope_change=0.0))
    return {"fitted": model.fittedvalues, "expected": without}, told
