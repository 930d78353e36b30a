"""What was promised against what the carrier accepted: pure counting. Heed's own rows only explain what the carrier does not have."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

LISTED = frozenset({"failed", "cancelled"})


@dataclass(frozen=True, slots=True)
class Promise:
    """One text that Heed has taken on, to a number that gets no other in this trial.

    `body` None stands for whatever words Heed chose. Not `sure`: the one who asked got no answer, so that none or one is right.
    """

    number: str
    body: str | None = None
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """Heed's word on a promise: the outbox row's state, and why."""

    id: int
    state: str
    reason: str | None
    code: int | None = None


@dataclass(slots=True)
class Verdict:
    """Which promises were kept, and how the others were broken."""

    kept: int = 0
    lost: list[Promise] = field(default_factory=list)
    doubled: list[Promise] = field(default_factory=list)
    wrong: list[Promise] = field(default_factory=list)
    staff: list[Promise] = field(default_factory=list)
    listed: list[Promise] = field(default_factory=list)

    @property
    def broken(self) -> list[Promise]:
        """The promises that were not kept."""
        return [*self.lost, *self.doubled, *self.wrong]


def judge(
    promises: Sequence[Promise], rows: Mapping[str, Row], accepted: Mapping[str, Counter[str]]
) -> Verdict:
    """Count. `rows` and `accepted` (words → how often) are by number.

    Kept: the carrier accepted it once, and Heed says so or asks a person. Listed: not once, and Heed says why. Lost: not once, and
    Heed does not know. Doubled: more than once, or other words too. Wrong: accepted, and Heed still means to send it or denies it.
    """
    verdict = Verdict()
    for one in promises:
        _put(verdict, one, rows.get(one.number), accepted.get(one.number, Counter()))
    return verdict


def _put(verdict: Verdict, one: Promise, row: Row | None, accepted: Counter[str]) -> None:
    times = accepted.total()
    if times > 1 or (one.body is not None and times > accepted[one.body]):
        verdict.doubled.append(one)
    elif row is not None and row.state == "staff" and row.reason:
        verdict.staff.append(one)
    elif times == 1 and row is not None and row.state == "accepted":
        verdict.kept += 1
    elif times == 1:
        verdict.wrong.append(one)
    elif row is not None and row.state in LISTED and (row.reason or row.code):
        verdict.listed.append(one)
    elif one.sure or row is not None:
        verdict.lost.append(one)
