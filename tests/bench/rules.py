"""What the rules about texts catch: written danger and opt-outs, hard negatives, real comments, each rule by itself."""

from collections import Counter

from services.consultation.routing import route
from tests.bench.table import Line
from tests.support.written import comments, written


def run() -> list[Line]:
    """The bounds on catching and on eating, and how often each rule fired."""
    danger = [route(text) for text in written("danger.txt")]
    stops = [route(text) for text in written("opt_outs.txt")]
    negatives = [route(text) for text in written("hard_negatives.txt")]
    real = [route(text) for text in comments()]
    held_out = [route(text) for text in written("held_out_danger.txt")]
    alarmed = sum(one.kind == "danger" for one in real)
    eaten = sum(one.kind in ("opt-out", "opt-in", "help", "command") for one in real)
    near_misses = [route(text) for text in written("held_out_negatives.txt")]
    lines = [
        _share("written danger texts caught", danger, "danger", 0.95),
        _share("written opt-outs caught", stops, "opt-out", 1.0),
        _none(
            "hard negatives taken for danger", sum(one.kind == "danger" for one in negatives), len(negatives)
        ),
        _none("real comments taken for a command", eaten, len(real)),
        Line(
            "real comments taken for danger",
            f"{alarmed} of {len(real)}",
            "1 in 300",
            alarmed * 300 <= len(real),
        ),
        _share("danger texts held out from the rules", held_out, "danger", None),
        _share("near misses held out, taken for danger", near_misses, "danger", None),
    ]
    for name, found in (
        ("written danger", danger),
        ("held-out danger", held_out),
        ("written opt-outs", stops),
        ("real comments", real),
    ):
        fired = Counter(one.rule for one in found).most_common()
        lines += [Line(f"  {name}: {rule}", str(times)) for rule, times in fired]
    return lines


def _share(what: str, found: list[object], kind: str, bound: float | None) -> Line:
    caught = sum(getattr(one, "kind", None) == kind for one in found)
    kept = bound is None or caught >= bound * len(found)
    return Line(what, f"{caught} of {len(found)}", f"{bound:.0%}" if bound else "", kept)


def _none(what: str, number: int, of: int) -> Line:
    return Line(what, f"{number} of {of}", "0", number == 0)


if __name__ == "__main__":
    from tests.bench.table import show

    show(run())
