"""The optional extra: word pieces as BERT reads them, files believed by their hashes alone, and the model's published figures."""

import json
from pathlib import Path

import numpy as np
import pytest

from services.consultation.themes import embeddings, minilm
from services.consultation.themes.wordpiece import WordPieces, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Héllo, World!", ["hello", ",", "world", "!"]),
        ("don't  £5 a\tb\n", ["don", "'", "t", "£5", "a", "b"]),
        ("A414\u200b ok", ["a414", "ok"]),
        ("中文ok", ["中", "文", "ok"]),
        ("", []),
    ],
)
def test_words_as_bert_reads_them(text: str, found: list[str]) -> None:
    assert list(words(text)) == found


def test_the_longest_pieces_first() -> None:
    pieces = WordPieces(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "fly", "##tip", "##t", "##ping", "##p"])
    assert pieces.numbers("flytipping fly fax", 20) == [2, 4, 5, 7, 4, 1, 3]
    assert pieces.numbers("flytipping fly", 4) == [2, 4, 5, 3]
    assert pieces.numbers("fly" * 34, 9) == [2, 1, 3]  # over 100 letters is no word


def test_arrays_are_read_from_a_safetensors_file() -> None:
    held = np.arange(6, dtype="<f4").tobytes()
    header = json.dumps(
        {
            "__metadata__": {},
            "a": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]},
            "n": {"dtype": "I64", "shape": [1], "data_offsets": [0, 8]},
            "b": {"dtype": "F32", "shape": [2], "data_offsets": [16, 24]},
        }
    ).encode()
    found = embeddings.tensors(len(header).to_bytes(8, "little") + header + held)
    assert {name: array.tolist() for name, array in found.items()} == {"a": [[0, 1], [2, 3]], "b": [4, 5]}


def test_without_the_right_files_the_reason_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = embeddings.load(tmp_path)
    assert isinstance(missing, embeddings.Missing) and "model.safetensors" in missing.reason
    (tmp_path / "model.safetensors").write_bytes(b"something else")
    assert isinstance(embeddings.load(tmp_path), embeddings.Missing)
    monkeypatch.setattr(embeddings, "PACKAGE", "no-such-package-of-heed")
    absent = embeddings.load()
    assert isinstance(absent, embeddings.Missing) and "is not installed" in absent.reason


def test_a_layer_of_zeros_changes_nothing_and_batches_agree() -> None:
    """Made-up weights of the model's shape: a text's vector does not depend on which texts stand beside it."""
    chance = np.random.RandomState(4)
    shapes = {
        "word": (9, minilm.WIDTH),
        "position": (minilm.MOST_PIECES, minilm.WIDTH),
        "token_type": (2, minilm.WIDTH),
    }
    weights = {
        f"embeddings.{name}_embeddings.weight": chance.normal(size=shape).astype(np.float32)
        for name, shape in shapes.items()
    }
    one, zero = np.ones(minilm.WIDTH, dtype=np.float32), np.zeros(minilm.WIDTH, dtype=np.float32)
    norms, denses = ["embeddings.LayerNorm"], []
    for layer in range(minilm.LAYERS):
        name = f"encoder.layer.{layer}"
        norms += [f"{name}.attention.output.LayerNorm", f"{name}.output.LayerNorm"]
        denses += [
            (f"{name}.attention.self.{part}", minilm.WIDTH, minilm.WIDTH)
            for part in ("query", "key", "value")
        ]
        denses += [(f"{name}.attention.output.dense", minilm.WIDTH, minilm.WIDTH)]
        denses += [
            (f"{name}.intermediate.dense", 4 * minilm.WIDTH, minilm.WIDTH),
            (f"{name}.output.dense", minilm.WIDTH, 4 * minilm.WIDTH),
        ]
    for name in norms:
        weights |= {f"{name}.weight": one, f"{name}.bias": zero}
    for name, out, within in denses:
        weights |= {
            f"{name}.weight": (chance.normal(size=(out, within)) / 20).astype(np.float32),
            f"{name}.bias": np.zeros(out, dtype=np.float32),
        }
    pieces = WordPieces(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "fly", "##tip", "road", "##s", "car"])
    texts = ["fly", "flytip roads", "car car", "road"]
    found = minilm.embed(weights, pieces, texts)
    assert found.shape == (4, 384)
    assert np.linalg.norm(found, axis=1) == pytest.approx(np.ones(4), abs=1e-5)
    for place, text in enumerate(texts):
        assert minilm.embed(weights, pieces, [text])[0] == pytest.approx(found[place], abs=1e-4)


def test_the_models_published_figures() -> None:
    """sentence-transformers' own example for all-MiniLM-L6-v2 (Quickstart): 0.6660, 0.1046, 0.1411."""
    embed = embeddings.load()
    if isinstance(embed, embeddings.Missing):
        pytest.skip(embed.reason)
    rows = embed(["The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."])
    likeness = rows @ rows.T
    assert [likeness[0, 1], likeness[0, 2], likeness[1, 2]] == pytest.approx(
        [0.6660, 0.1046, 0.1411], abs=2e-4
    )
