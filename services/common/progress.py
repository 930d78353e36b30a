"""How far a long piece of work is, said by whoever does it; heard where a person waits for it, and by nobody else."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_hears: ContextVar[Callable[[int], None] | None] = ContextVar("progress", default=None)


def tell(rows: int) -> None:
    """So many rows are read."""
    hears = _hears.get()
    if hears is not None:
        hears(rows)


@contextmanager
def heard(hears: Callable[[int], None]) -> Iterator[None]:
    """Within the block, `hears` is told."""
    token = _hears.set(hears)
    try:
        yield
    finally:
        _hears.reset(token)
