"""The source itself, read as data."""

import ast
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVICES = ROOT / "services"


class Source:
    """One file of `services/`: its module name, its tree, and what it imports."""

    def __init__(self, path: Path, root: Path = ROOT) -> None:
        self.path = path
        self.place = path.relative_to(root).as_posix()
        parts = path.relative_to(root).with_suffix("").parts
        self.is_package = parts[-1] == "__init__"
        self.module = ".".join(parts[:-1] if self.is_package else parts)
        self.text = path.read_text(encoding="utf-8")
        self.tree = ast.parse(self.text)

    def imports(self) -> set[str]:
        """Every module that is imported anywhere in the file, in functions too, as absolute dotted names.

        `from services.common import clock` counts as both `services.common` and `services.common.clock`.
        """
        found = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found |= {name.name for name in node.names}
            elif isinstance(node, ast.ImportFrom):
                base = node.module or ""
                if node.level:
                    package = self.module.split(".")
                    package = package[: len(package) - node.level + self.is_package]
                    base = ".".join([*package, *filter(None, [base])])
                found |= {base} | {f"{base}.{name.name}" for name in node.names}
            elif (
                isinstance(node, ast.Call)
                and ast.unparse(node.func).endswith("import_module")
                and node.args
                and isinstance(node.args[0], ast.Constant)
            ):
                found.add(str(node.args[0].value))
        return found

    def calls(self) -> Iterator[ast.Call]:
        """Every call in the file."""
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.Call))


@cache
def _sources() -> tuple[Source, ...]:
    return tuple(Source(path) for path in sorted(SERVICES.rglob("*.py")))


@pytest.fixture
def source_of(tmp_path: Path) -> Callable[[str, str], Source]:
    """Makes a file of `services/` from a place and a text."""

    def make(place: str, text: str) -> Source:
        path = tmp_path / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return Source(path, tmp_path)

    return make


@pytest.fixture(scope="session")
def sources() -> tuple[Source, ...]:
    """Every file of `services/`."""
    return _sources()
