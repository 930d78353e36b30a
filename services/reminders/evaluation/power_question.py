"""What `heed power` is asked, checked before the statistics libraries are loaded."""

from dataclasses import dataclass

from services.reminders.evaluation.arms import LARGEST_N

# Below this the sample size has more digits than a float holds: it is a slip of the keyboard, not a plan.
SMALLEST_DIFFERENCE = 1e-9


class PowerError(ValueError):
    """A question about power without an answer, in one sentence that says what to change."""


@dataclass(frozen=True, slots=True)
class PowerQuestion:
    """Rates as proportions between 0 and 1; `per_arm` in people; `reach` the share that the texts reach.

    The people not reached are taken to behave as the control arm does, so the arm's difference is the
    reached people's times `reach`. Raises PowerError.
    """

    control: float
    treated: float | None = None
    per_arm: int | None = None
    reach: float = 1.0

    def __post_init__(self) -> None:
        for name, rate in (("control", self.control), ("treated", self.treated)):
            if rate is not None and not 0 < rate < 1:
                raise PowerError(
                    f"The {name} rate is {rate:g}: write a share between 0 and 1, such as 0.20 for 20%."
                )
        if not 0 < self.reach <= 1:
            raise PowerError(f"The reach is {self.reach:g}: write a share above 0 and up to 1, such as 0.38.")
        if self.per_arm is not None and not 1 <= self.per_arm <= LARGEST_N:
            raise PowerError(f"There are {self.per_arm} people an arm: write a number from 1 to {LARGEST_N}.")
        if self.treated is None and self.per_arm is None:
            raise PowerError("Nothing to work out: give the treated rate, the people per arm, or both.")
        if self.difference is not None and abs(self.difference) < SMALLEST_DIFFERENCE:
            raise PowerError("The two rates are the same: no number of people would show a difference.")

    @property
    def difference(self) -> float | None:
        """The difference between whole arms, treated less control, as a proportion; None without a treated rate."""
        return None if self.treated is None else (self.treated - self.control) * self.reach
