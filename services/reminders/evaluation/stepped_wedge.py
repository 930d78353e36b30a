"""The comparison where courts change over in steps: period-adjusted, because everything else changes with time too.

A linear mixed model on the rates of court-periods: periods and treatment fixed, courts random (Hussey and Hughes
2007, Contemporary Clinical Trials 28:182), by restricted maximum likelihood. statsmodels' MixedLM has the same model,
but where the courts' variance comes out as zero, as it often does with ten courts, it gives no standard error or
fails; here the one ratio of variances is searched, and the rest is least squares. A rate a court-period, not a row
a person, because people of one court-period are not independent. Courts are few, so the interval stands on the t
distribution with the degrees of freedom within courts and periods, and beside it stands a permutation test that
lets the courts change places in the order of changing over.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from statsmodels.regression.linear_model import OLS, RegressionResults

from services.reminders.evaluation.effect import Analysis, Effect, Permutation, effect, undefined
from services.reminders.evaluation.permutation import Floats, permuted
from services.reminders.evaluation.permutation import test as permutation_test

METHOD = "mixed model on court-period rates, periods fixed, courts random"
PERMUTED = "courts exchanged in the order of changing over"
NOTE = "Periods are taken out of the comparison: what changed for every court at one time is not the texts' doing."


@dataclass(frozen=True, slots=True)
class WedgeCell:
    """One court in one 0-based period: `events` of `n` people; `treated` from the court's step on."""

    court: str
    period: int
    treated: bool
    events: int
    n: int


@dataclass(frozen=True, slots=True)
class _Panel:
    """Arrays over the cells: rates, whether treated, and 0-based courts and periods."""

    rates: Floats
    treated: Floats
    court: NDArray[np.int64]
    period: NDArray[np.int64]
    steps: NDArray[np.int64]  # by court: the first treated period, beyond the last where there is none

    @property
    def fixed(self) -> Floats:
        """Treatment first, then a column a period."""
        return np.column_stack([self.treated, np.eye(int(self.period.max()) + 1)[self.period]])


def stepped_wedge(cells: Sequence[WedgeCell], level: float = 0.95, draws: int = 4_999) -> Analysis:
    """Compare treated with other court-periods, adjusted for periods; a court-period without people is left out.

    No difference where treatment cannot be told from courts and periods, as before the first or after the last step.
    """
    full = [cell for cell in cells if cell.n > 0]
    found, permutation, icc = undefined(METHOD), None, None
    panel = _panel(full) if full else None
    if panel is not None and _told_apart(panel):
        found, icc = _mixed(panel, level)
        permutation = _permutation(panel, draws) if draws else None
    return Analysis(
        method="stepped-wedge",
        risk_difference=found,
        permutation=permutation,
        clusters=len({cell.court for cell in full}),
        icc=icc,
        people=sum(cell.n for cell in full),
        left_out=(),
        people_left_out=0,
        note=NOTE,
    )


def _panel(cells: Sequence[WedgeCell]) -> _Panel:
    courts, court = np.unique([cell.court for cell in cells], return_inverse=True)
    periods, period = np.unique([cell.period for cell in cells], return_inverse=True)
    treated = np.array([cell.treated for cell in cells], dtype=float)
    steps = np.full(courts.size, periods.size)
    np.minimum.at(steps, court[treated == 1], period[treated == 1])
    rates = np.array([cell.events / cell.n for cell in cells])
    return _Panel(rates, treated, court, period, steps)


def _within(panel: _Panel) -> Floats:
    """A basis of what courts and periods alone explain."""
    nuisance = np.column_stack(
        [np.eye(int(panel.period.max()) + 1)[panel.period], np.eye(panel.steps.size)[panel.court][:, 1:]]
    )
    # Cells may be missing so that a column follows from the others; the pivots of a QR would be fooled by rounding.
    left, sizes, _ = np.linalg.svd(nuisance, full_matrices=False)
    return left[:, sizes > sizes[0] * 1e-9]


def _told_apart(panel: _Panel) -> bool:
    basis = _within(panel)
    rest = panel.treated - basis @ (basis.T @ panel.treated)
    return panel.rates.size > basis.shape[1] + 1 and float(rest @ rest) > 1e-9


def _mixed(panel: _Panel, level: float) -> tuple[Effect, float | None]:
    """The treatment's effect, and the share of the variance that lies between courts."""
    if float(np.ptp(panel.rates)) == 0:
        return undefined(METHOD, 0.0), None
    # The ratio of the courts' variance to the rest, searched by its square root: 0 to 100 times the rest.
    found = minimize_scalar(lambda root: _criterion(panel, root**2), bounds=(0.0, 10.0), method="bounded")
    ratio = min((0.0, float(found.x) ** 2), key=lambda value: _criterion(panel, value))
    fitted, _ = _given(panel, ratio)
    df = float(panel.rates.size - _within(panel).shape[1] - 1)
    estimate, se = float(fitted.params[0]), float(fitted.bse[0])
    return effect(estimate, se, METHOD, level, df), ratio / (1 + ratio)


def _given(panel: _Panel, ratio: float) -> tuple[RegressionResults, NDArray[np.int64]]:
    """Generalised least squares at a ratio of variances: least squares after taking a part of each court's mean away."""
    sizes = np.bincount(panel.court)
    part = (1 - 1 / np.sqrt(1 + sizes * ratio))[panel.court]

    def less(column: Floats) -> Floats:
        rest: Floats = column - part * (np.bincount(panel.court, column) / sizes)[panel.court]
        return rest

    fixed = np.column_stack([less(column) for column in panel.fixed.T])
    return OLS(less(panel.rates), fixed).fit(), sizes


def _criterion(panel: _Panel, ratio: float) -> float:
    """Minus twice the restricted log-likelihood at a ratio of variances, but for a constant."""
    fitted, sizes = _given(panel, ratio)
    information = -float(np.linalg.slogdet(fitted.normalized_cov_params)[1])
    return float(fitted.df_resid * np.log(fitted.scale) + np.log1p(sizes * ratio).sum() + information)


def _permutation(panel: _Panel, draws: int) -> Permutation:
    """Least squares within courts and periods, for this order of the courts and for others."""
    basis = _within(panel)
    outcome = panel.rates - basis @ (basis.T @ panel.rates)

    def differences(treated: Floats) -> Floats:
        rest = treated - (treated @ basis) @ basis.T
        result: Floats = (rest @ outcome) / (rest * rest).sum(axis=-1)
        return result

    def others() -> Floats:
        steps = panel.steps[permuted([0] * panel.steps.size, draws)]
        return differences((panel.period >= steps[:, panel.court]).astype(float))

    observed = float(differences(panel.treated[None, :])[0])
    return permutation_test(observed, others, PERMUTED)
