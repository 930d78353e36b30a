"""The effect on people reached, and the adjusted difference, held to the libraries called on rows a person."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from linearmodels.iv import IV2SLS
from scipy.stats import norm
from scipy.stats import t as student

from services.reminders.evaluation.adjusted import adjusted
from services.reminders.evaluation.arms import Arm
from services.reminders.evaluation.cace import Rows, cace, sayable
from services.reminders.evaluation.reproduce_parts import reached as script
from services.reminders.evaluation.reproduce_parts.rows import Study
from services.reminders.evaluation.stratified import stratified
from services.reminders.evaluation.two_by_two import risk_difference


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    """600 people a row each: courts at 10% to 40%, six in ten reached, households of one to three."""
    rng = np.random.default_rng(11)
    n = 600
    court = rng.integers(0, 4, n)
    treated = rng.integers(0, 2, n)
    delivered = treated * (rng.random(n) < 0.6)
    bail, age = rng.integers(0, 2, n), rng.integers(0, 3, n)
    rate = 0.1 + 0.1 * court - 0.08 * delivered + 0.05 * bail
    return pd.DataFrame(
        {
            "court": court,
            "treated": treated,
            "delivered": delivered,
            "event": (rng.random(n) < rate).astype(int),
            "home": rng.integers(0, 350, n),
            "bail": bail,
            "age": age,
        }
    )


def rows(frame: pd.DataFrame, *keys: str) -> pd.DataFrame:
    """Grouped as SQL would: a row a combination, with how many people."""
    return frame.groupby([*keys]).size().reset_index(name="n")


def grouped(frame: pd.DataFrame, cluster: bool) -> Rows:
    keys = ["court", "treated", "delivered", "event", *(["home"] if cluster else [])]
    table = rows(frame, *keys)
    return Rows(
        court=table["court"].to_numpy(),
        treated=table["treated"].to_numpy(dtype=bool),
        delivered=table["delivered"].to_numpy(dtype=bool),
        event=table["event"].to_numpy(dtype=bool),
        n=table["n"].to_numpy(),
        cluster=table["home"].to_numpy() if cluster else None,
    )


@pytest.mark.parametrize("cluster", [False, True])
def test_the_effect_on_people_reached_is_iv2sls_with_a_term_a_court(people, cluster: bool) -> None:
    courts = pd.get_dummies(people["court"], dtype=float)
    how = {"cov_type": "clustered", "clusters": people["home"]} if cluster else {"cov_type": "robust"}
    theirs = IV2SLS(people["event"], courts, people["delivered"], people["treated"]).fit(**how)
    ours = cace(grouped(people, cluster), level=0.9)
    homes = people["home"].nunique()
    few = (homes / (homes - 1)) ** 0.5 if cluster else 1
    error = few * theirs.std_errors["delivered"]
    margin = (student(homes - 1) if cluster else norm).isf(0.05) * error
    assert ours.effect.estimate == pytest.approx(theirs.params["delivered"], rel=1e-9)
    assert ours.effect.se == pytest.approx(error, rel=1e-9)
    assert ours.effect.ci == pytest.approx(
        (theirs.params["delivered"] - margin, theirs.params["delivered"] + margin), rel=1e-9
    )
    assert ours.errors == ("clustered" if cluster else "robust")
    assert (ours.people, ours.clusters) == (600, homes if cluster else None)


@pytest.mark.parametrize("cluster", [False, True])
def test_the_difference_between_arms_is_mantel_haenszels_with_robust_errors(people, cluster: bool) -> None:
    ours = cace(grouped(people, cluster)).intention_to_treat
    cells = people.groupby(["court", "treated"])["event"].agg(["sum", "count"])
    strata = [
        (str(court), {arm: tuple(cells.loc[(court, code)]) for code, arm in ((1, "t"), (0, "c"))})
        for court in range(4)
    ]
    assert ours.estimate == pytest.approx(
        stratified(strata, "t", "c")["risk_difference"]["estimate"], rel=1e-9
    )
    fixed = pd.get_dummies(people["court"], dtype=float).assign(treated=people["treated"])
    how = (
        {"cov_type": "cluster", "cov_kwds": {"groups": people["home"], "use_correction": False}}
        if cluster
        else {"cov_type": "HC0"}
    )
    homes = people["home"].nunique()
    few = (homes / (homes - 1)) ** 0.5 if cluster else 1
    assert ours.se == pytest.approx(few * sm.OLS(people["event"], fixed).fit(**how).bse["treated"], rel=1e-9)


def test_without_courts_it_is_walds_ratio(people) -> None:
    one = people.assign(court=0)
    arms = one.groupby("treated")[["event", "delivered"]].mean()
    found = cace(grouped(one, cluster=False))
    difference = arms.loc[1] - arms.loc[0]
    assert found.effect.estimate == pytest.approx(difference["event"] / difference["delivered"], rel=1e-9)
    assert found.reached.estimate == pytest.approx(difference["delivered"], rel=1e-9)
    assert found.first_stage_f == pytest.approx((found.reached.estimate / found.reached.se) ** 2)


def test_the_naive_figure_is_the_reached_against_the_other_arm_and_says_that_it_is_biased(people) -> None:
    found = cace(grouped(people, cluster=False))
    reached, others = people.query("treated == 1 and delivered == 1"), people.query("treated == 0")
    naive = risk_difference(
        Arm("reached", reached["event"].sum(), len(reached)), Arm("c", others["event"].sum(), len(others))
    )
    assert found.per_protocol == naive
    assert found.per_protocol_warning.startswith("Biased")


# Absent and all of the treated whom a text reached, of the treated whom none reached, and of the control arm; what is said.
SAID = [
    ((90, 600), (80, 400), (200, 1000), None),
    ((20, 40), (180, 960), (195, 1000), None),
    ((0, 8), (100, 492), (105, 500), "first-stage F 8.13, and under 10 is weak"),
    ((2, 40), (10, 160), (90, 200), "over 100%"),
    ((2, 40), (60, 160), (30, 200), "under 0%"),
]


@pytest.mark.parametrize(("reached", "unreached", "control", "refused"), SAID)
def test_no_effect_is_said_that_rates_cannot_give_or_that_few_carry(
    reached: tuple[int, int], unreached: tuple[int, int], control: tuple[int, int], refused: str | None
) -> None:
    """The rate without a text, by hand in one court; and the evaluator's script refuses the same."""
    groups = [(1, 1, *reached), (1, 0, *unreached), (0, 0, *control)]
    frame = pd.DataFrame(
        [
            {"treated": treated, "delivered": delivered, "event": int(place < absent)}
            for treated, delivered, absent, n in groups
            for place in range(n)
        ]
    ).assign(court=0)
    found = cace(grouped(frame, cluster=False))
    share = reached[1] / (reached[1] + unreached[1])
    by_hand = (control[0] / control[1] - unreached[0] / (reached[1] + unreached[1])) / share
    assert found.rate_without == pytest.approx(by_hand)
    assert found.effect.estimate == pytest.approx(reached[0] / reached[1] - by_hand)
    told, refusal = sayable(found)
    assert (told.effect.estimate is None) == (told.rate_without is None) == (refused is not None)
    assert refusal is None if refused is None else refused in refusal.sentence
    assert told.effect.ci is None or -1 <= told.effect.ci[0] < told.effect.ci[1] <= 1
    protocol = {"arms": [{"name": 1}, {"name": 0}], "allocation": "permuted-blocks", "primary": "event"}
    exported = frame.assign(
        arm=frame.treated, court_group="A", texts=np.where(frame.delivered, "delivered", "none"), together=range(len(frame))
    )  # fmt: skip
    again = script.reached(Study(protocol, 0.95), exported, exported)
    for name, value in (("estimate", told.effect.estimate), ("ci", told.effect.ci), ("se", told.effect.se)):
        assert again["effect"][name] == (None if value is None else pytest.approx(value, rel=1e-9)), name
    assert again["rate_without"] == (None if refused else pytest.approx(by_hand))


def test_without_reach_or_without_an_arm_there_is_no_effect(people) -> None:
    nobody = cace(grouped(people.assign(delivered=0), cluster=False))
    assert nobody.effect.estimate is None and nobody.per_protocol is None and nobody.first_stage_f is None
    assert nobody.intention_to_treat.estimate is not None
    one_home = cace(grouped(people.assign(home=1), cluster=True))
    assert one_home.effect.estimate is not None and one_home.effect.ci is None
    one_arm = cace(grouped(people.assign(treated=1), cluster=False))
    assert one_arm.intention_to_treat.estimate is None and one_arm.effect.estimate is None


def patterns(frame: pd.DataFrame, *more: str) -> pd.DataFrame:
    keys = ["treated", "court", "bail", "age", *more]
    return frame.groupby(keys)["event"].agg(events="sum", n="count").reset_index()


def fitted(table: pd.DataFrame, cluster: str | None = None):
    return adjusted(
        table["events"].to_numpy(),
        table["n"].to_numpy(),
        table["treated"].to_numpy(dtype=bool),
        {name: table[name].to_numpy() for name in ("court", "bail", "age")},
        table[cluster].to_numpy() if cluster else None,
    )


@pytest.mark.parametrize("cluster", [None, "home"])
def test_the_adjusted_difference_is_logits_average_marginal_effect(people, cluster: str | None) -> None:
    fixed = pd.get_dummies(people[["court", "bail", "age"]].astype(str), drop_first=True, dtype=float)
    fixed.insert(0, "treated", people["treated"].astype(float))
    how = (
        {"cov_type": "cluster", "cov_kwds": {"groups": people[cluster], "use_correction": False}}
        if cluster
        else {}
    )
    logit = sm.Logit(people["event"], sm.add_constant(fixed)).fit(disp=0, **how)
    theirs = logit.get_margeff(dummy=True)
    at = list(theirs.summary_frame().index).index("treated")
    ours = fitted(patterns(people, *([cluster] if cluster else [])), cluster)
    assert ours.effect.estimate == pytest.approx(theirs.margeff[at], rel=1e-6)
    # Ours corrects for the number of clusters; statsmodels' correction for that and the number of rows.
    homes = people["home"].nunique()
    few = (homes / (homes - 1)) ** 0.5 if cluster else 1
    assert ours.effect.se == pytest.approx(few * theirs.margeff_se[at], rel=1e-6)
    assert ours.odds_ratio.estimate == pytest.approx(np.exp(logit.params["treated"]), rel=1e-6)
    margin = norm.isf(0.025) * logit.bse["treated"]
    assert np.log(ours.odds_ratio.ci[1] / ours.odds_ratio.estimate) == pytest.approx(few * margin, rel=1e-6)
    assert (ours.people, ours.errors) == (600, "clustered" if cluster else "model")


def test_numbers_enter_as_they_are_and_constant_or_doubled_covariates_change_nothing(people) -> None:
    table = patterns(people)
    plain = fitted(table)
    again = adjusted(
        table["events"].to_numpy(),
        table["n"].to_numpy(),
        table["treated"].to_numpy(dtype=bool),
        {
            "court": table["court"].to_numpy(),
            "bail": table["bail"].to_numpy().astype(float),
            "age": table["age"].to_numpy(),
            "the same": table["age"].to_numpy(),
            "nothing": np.zeros(len(table)),
        },
    )
    assert again.effect.estimate == pytest.approx(plain.effect.estimate, rel=1e-8)
    assert again.effect.se == pytest.approx(plain.effect.se, rel=1e-8)


def test_an_arm_without_events_or_without_people_has_no_adjusted_difference(people) -> None:
    table = patterns(people)
    none = table.assign(events=table["events"] * (1 - table["treated"]))
    assert fitted(none).effect.estimate is None
    assert fitted(table[table["treated"] == 1]).odds_ratio.estimate is None


@pytest.mark.parametrize("cluster", [None, "home"])
def test_a_level_in_which_nobody_had_the_event_says_nothing_of_the_arms(people, cluster: str | None) -> None:
    """The others' difference, shared by everybody; of a coefficient without end no error comes in."""
    settled = people["age"] == people["age"].min()
    none = people.assign(event=people["event"] * ~settled)
    keys = [cluster] if cluster else []
    ours = fitted(patterns(none, *keys), cluster)
    others = fitted(patterns(none[~settled], *keys), cluster)
    share = 1 - settled.mean()
    homes, left = none["home"].nunique(), none[~settled]["home"].nunique()
    few = (homes / (homes - 1) / (left / (left - 1))) ** 0.5 if cluster else 1
    assert ours.effect.estimate == pytest.approx(others.effect.estimate * share, rel=1e-9)
    assert ours.effect.se == pytest.approx(others.effect.se * share * few, rel=1e-9)
    assert ours.odds_ratio.estimate == pytest.approx(others.odds_ratio.estimate, rel=1e-9)
    assert ours.people == 600


def test_more_terms_than_patterns_leave_those_that_the_patterns_can_tell_apart() -> None:
    """Two patterns of one court each: the court and the arm are one, and the arm's comes first."""
    found = adjusted(
        np.array([10, 20]),
        np.array([100, 100]),
        np.array([True, False]),
        {"court": ["a", "b"], "age": [1, 2]},
    )
    assert found.effect.estimate == pytest.approx(-0.1, rel=1e-9)
    assert found.effect.se == pytest.approx((0.1 * 0.9 / 100 + 0.2 * 0.8 / 100) ** 0.5, rel=1e-6)
