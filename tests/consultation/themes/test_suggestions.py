"""A model that follows from its rows alone: the same rows the same model, with reasons, and lines learnt on what was left out."""

import random
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from services.consultation.themes import calibration, features, ridge
from services.consultation.themes.changes import merge
from services.consultation.themes.codeframe import Codeframe, read
from services.consultation.themes.suggestions import FEWEST_ROWS, Row, shares, suggest, train

SEEDED = Path(__file__).parents[3] / "services/consultation/data/codeframe.yaml"
SAID = {
    "road-safety": [
        "cars race along {} at night",
        "too fast past the school in {}",
        "nobody keeps to thirty on {}",
    ],
    "fly-tipping": [
        "sofas left by the gate in {}",
        "mattresses in the field at {}",
        "rubbish in every lane near {}",
    ],
    "public-contact": [
        "waited an hour to get through from {}",
        "nobody rang me back about {}",
        "the form about {} failed",
    ],
    "local-policing": [
        "we never see an officer in {}",
        "bring back the beat officer for {}",
        "gangs by the shops in {}",
    ],
}
PLACES = ("Ware", "Tring", "Bushey", "Royston", "Hatfield", "Hoddesdon", "Abbots Langley")


def made_up_rows() -> list[Row]:
    """84 made-up texts, one theme each, and every seventh two."""
    rows: list[Row] = []
    for theme, sentences in SAID.items():
        for sentence in sentences:
            for place in PLACES:
                number = len(rows) + 1
                more = {"highways"} if number % 7 == 0 else set[str]()
                text = sentence.format(place) + (", and the potholes" if more else "")
                rows.append(Row(number, text, frozenset({theme} | more)))
    return rows


@pytest.fixture(scope="module")
def frame() -> Codeframe:
    return read(SEEDED.read_text(encoding="utf-8"))


def test_the_same_rows_give_the_same_model(frame: Codeframe) -> None:
    rows, tried = made_up_rows(), ["racing cars in Ware", "a sofa by the gate", "nothing much"]
    model = train(frame, rows)
    mixed = list(rows)
    random.Random(2).shuffle(mixed)
    again = train(frame, mixed)
    assert again.digest == model.digest
    assert np.array_equal(shares(again, tried), shares(model, tried))
    assert list(suggest(again, tried)) == list(suggest(model, tried))
    others = [
        train(frame, rows[1:]),
        train(frame, [*rows[1:], Row(1, rows[0].text, frozenset({"nhs"}))]),
        train(frame, [*rows[1:], Row(1, "other words", rows[0].themes)]),
        train(merge(frame, ["nhs", "cybercrime"], "nhs", by="a", on=date(2026, 10, 1), reason="r"), rows),
    ]
    assert len({model.digest, *(other.digest for other in others)}) == 5


def test_suggestions_say_why(frame: Codeframe) -> None:
    model = train(frame, made_up_rows())
    text = "They race cars at night past my house, and the potholes are bad"
    first, *others = next(suggest(model, [text]))
    assert {first.theme, others[0].theme} == {"road-safety", "highways"}
    assert first.likely and not others[1].likely
    by_theme = {one.theme: one for one in (first, *others)}
    assert {"race", "cars"} & set(by_theme["road-safety"].words)
    assert by_theme["highways"].terms == ("potholes",)
    assert [one.share for one in (first, *others)] == sorted(
        (one.share for one in (first, *others)), reverse=True
    )
    assert all(0 <= one.share <= 1 for one in (first, *others))
    assert model.f1 and model.f1 > 0.9 and model.recall and model.recall > 0.9


def test_before_the_first_text_is_reviewed_the_codeframe_speaks(frame: Codeframe) -> None:
    model = train(frame, [])
    for text, theme in [
        ("mattress dumped, fly tipping", "fly-tipping"),
        ("scammers and phishing", "cybercrime"),
    ]:
        first = next(suggest(model, [text]))[0]
        assert (first.theme, first.likely) == (theme, False)
    assert (model.line, model.f1, model.recall) == (None, None, None)


@pytest.mark.parametrize(("number", "drawn"), [(FEWEST_ROWS - 1, False), (FEWEST_ROWS, True)])
def test_a_line_is_drawn_when_there_are_enough_rows(frame: Codeframe, number: int, drawn: bool) -> None:
    assert (train(frame, made_up_rows()[:number]).line is not None) is drawn


def test_no_text_no_suggestion_and_an_empty_text_has_no_words(frame: Codeframe) -> None:
    model = train(frame, made_up_rows())
    assert list(suggest(model, [])) == []
    assert all(one.words == () for one in next(suggest(model, ["🙂"])))


def test_rows_that_a_model_cannot_take(frame: Codeframe) -> None:
    with pytest.raises(ValueError, match="no theme weather"):
        train(frame, [Row(1, "rain", frozenset({"weather"}))])
    vector = np.ones(384, dtype=np.float32)
    with pytest.raises(ValueError, match="or none"):
        train(frame, [Row(1, "rain", frozenset(), vector)])
    with pytest.raises(ValueError, match="takes none"):
        shares(train(frame, []), ["rain"], vector[None])


def test_vectors_join_in(frame: Codeframe) -> None:
    """With vectors that tell the themes apart, texts of unknown words are suggested rightly."""
    aim = {theme: np.eye(384, dtype=np.float32)[place] for place, theme in enumerate(frame.ids)}
    rows = [Row(one.id, one.text, one.themes, aim[min(one.themes - {"highways"})]) for one in made_up_rows()]
    model = train(frame, rows, np.stack([aim[theme] for theme in frame.ids]))
    found = list(suggest(model, ["xyzzy", "plugh"], np.stack([aim["fly-tipping"], aim["public-contact"]])))
    assert [one[0].theme for one in found] == ["fly-tipping", "public-contact"]
    assert model.digest != train(frame, made_up_rows()).digest


def test_scores_of_rows_left_out_are_those_of_a_model_without_them() -> None:
    """The shortcut by one inverse against fitting five times."""
    chance = np.random.RandomState(1)
    rows = chance.normal(size=(60, 8)).astype(np.float32)
    targets = (chance.random_sample((60, 3)) < 0.3).astype(np.float32)
    parts = np.append(np.arange(50) % 5, np.full(10, -1))
    kernel = rows @ rows.T
    fitted = ridge.fit(kernel.copy(), targets, 0.5, parts)
    mean = targets[:50].mean(axis=0)
    for part in range(5):
        out, kept = parts == part, parts != part
        weights = np.linalg.solve(kernel[np.ix_(kept, kept)] + 0.5 * np.eye(kept.sum()), targets[kept] - mean)
        assert fitted.left_out[out] == pytest.approx(kernel[np.ix_(out, kept)] @ weights + mean, abs=1e-3)
    assert kernel @ fitted.weights + 0.5 * fitted.weights == pytest.approx(targets - mean, abs=1e-3)


def test_texts_of_the_same_words_are_left_out_together() -> None:
    texts = ["Very good!", "very good", "VERY   GOOD.", *(f"text {one}" for one in range(500))]
    parts = features.folds(texts, 5)
    assert len(set(parts[:3])) == 1
    assert all(60 < count < 150 for count in np.bincount(parts))
    assert list(features.folds(texts[::-1], 5)) == list(parts[::-1])


def test_the_line_is_where_f1_is_highest() -> None:
    share = np.array([[0.9, 0.1], [0.8, 0.3], [0.4, 0.2]])
    given = np.array([[True, False], [True, True], [False, False]])
    best = calibration.line(share, given)
    assert best == 0.3
    f1 = {one: calibration.micro_f1(share >= one, given) for one in share.ravel()}
    assert f1[best] == max(f1.values()) == pytest.approx(6 / 7)
    assert calibration.micro_f1(share > 1, given) == 0.0


@pytest.mark.parametrize(
    ("given", "most", "recall"),
    [
        ([[1, 1, 0, 0], [0, 0, 0, 1]], 2, 0.5),  # both of the first, none of the second
        ([[1, 0, 0, 1], [0, 0, 0, 1]], 2, 0.25),
        ([[1, 0, 0, 1], [0, 0, 0, 1]], 4, 1.0),
        ([[0, 0, 0, 0], [0, 0, 0, 0]], 2, 1.0),
    ],
)
def test_recall_among_the_first(given: list[list[int]], most: int, recall: float) -> None:
    share = np.array([[0.9, 0.8, 0.2, 0.1]] * 2)
    assert calibration.recall_at(share, np.array(given) > 0, most) == recall


@pytest.mark.parametrize(("positives", "drawn"), [(2, False), (3, True), (20, False)])
def test_a_curve_needs_something_on_both_sides(positives: int, drawn: bool) -> None:
    given = np.arange(20) < positives
    scores = np.linspace(0.9, 0.1, 20)[:, None]
    curve = calibration.curve(scores, given)
    assert (curve is not None) is drawn
    if curve:
        assert np.all(np.diff(curve(scores)) < 0)
