"""Who counts, and how a figure is told: the first part of the evaluator's script.

Its parts work a report out once more from the exported rows, by calls to pandas, scipy, statsmodels and linearmodels, and know nothing
of how Heed came to it. Each section is a dict in the shape of `report.json`; what cannot be told is None.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm
from scipy.stats import t as student

Figures = dict[str, Any]
OUTCOMES = ("did_not_attend", "fta", "warrant")
ADJOURNMENTS = ("adjourned_for_absence", "adjourned")
# What was known of people when the lot was drawn: the report's word → the rows' column.
COVARIATES = {"court": "court_group", "kind of case": "case", "age": "age", "notice of the hearing": "notice"}
# Words, also where they look like numbers.
WORDS = (
    "court_group",
    "week",
    "arm",
    "case",
    "age",
    "notice",
    "source",
    "contact_age",
    "texts",
    "why",
    "state",
)


def read_people(file: Any) -> pd.DataFrame:
    """The exported rows, one a person; what is empty stays an empty word."""
    return pd.read_csv(file, encoding="utf-8-sig", keep_default_na=False, dtype=dict.fromkeys(WORDS, str))


@dataclass(frozen=True)
class Study:
    """What was fixed before anybody's outcome was known, and the level of this look's intervals."""

    protocol: dict[str, Any]
    level: float

    @property
    def arms(self) -> list[str]:
        """The arms' names: the first is compared with the last, the control."""
        return [arm["name"] for arm in self.protocol["arms"]]

    @property
    def allocation(self) -> str:
        """What one lot decided for."""
        return str(self.protocol["allocation"])

    @property
    def randomised(self) -> bool:
        """Whether there is a control arm."""
        return self.allocation != "all-treated"

    @property
    def primary(self) -> str:
        """The outcome that the verdict stands on."""
        return str(self.protocol["primary"])

    @property
    def fewest(self) -> int:
        """People that a rate needs."""
        return int(self.protocol["thresholds"]["fewest_for_a_rate"])

    def pair(self, people: pd.DataFrame, treated: str | None = None) -> pd.DataFrame:
        """The people of an arm (the first) and of the control; `treated` is 1 or 0."""
        one = treated or self.arms[0]
        mine = people[people.arm.isin([one, self.arms[-1]])]
        return mine.assign(treated=(mine.arm == one).astype(float))


def known_under(people: pd.DataFrame, rules: dict[str, str], *, paused: bool = False) -> pd.DataFrame:
    """The people whose outcome is known by these rules; with `paused`, the hearings of paused days count as recorded."""
    return people[~out_of_risk(people, rules, paused=paused) & is_known(people)]


def out_of_risk(people: pd.DataFrame, rules: dict[str, str], *, paused: bool = False) -> Any:
    """Whose hearing is not at risk by these rules."""
    out = (people.paused == 1) & (not paused)
    out |= (people.withdrawn == 1) & (rules["withdrawn"] == "not-at-risk")
    out |= (people.remanded == 1) & (rules["remanded"] == "leave-out")
    return out | (people.moved == 1) & (rules["moved"] == "leave-out")


def is_known(people: pd.DataFrame) -> Any:
    """Of whom it is known whether they came; who need not come any more has attended."""
    return (people.withdrawn == 1) | (people.heard == 1)


def said(known: pd.DataFrame, name: str) -> pd.DataFrame:
    """Those of whom an outcome is known: not every result says whether a case was put off."""
    return known[known[name] != ""].astype({name: float})


def undefined(estimate: float | None = None) -> Figures:
    """A difference without an interval."""
    return {"estimate": estimate, "ci": None, "se": None, "df": None, "p": None}


def difference_of(estimate: float, se: float, level: float, df: float | None = None) -> Figures:
    """A difference with its symmetric interval and two-sided p, by the normal or by t."""
    if not se > 1e-12:
        return undefined(estimate)
    law = norm if df is None else student(df)
    low, high = law.interval(level)
    p = 2 * law.sf(abs(estimate) / se)
    return {
        "estimate": estimate,
        "ci": [estimate + low * se, estimate + high * se],
        "se": se,
        "df": df,
        "p": p,
    }


def number_needed(estimate: float | None, ci: list[float] | None, each: float = 1.0) -> tuple[Any, Any]:
    """People (or what `each` of them costs) for one event fewer or more, with the interval; none where that includes no difference."""
    if estimate is None or ci is None or ci[0] <= 0 <= ci[1]:
        return None, None
    return each / abs(estimate), sorted(each / np.abs(ci))
