"""A file of 30 to 250 lines with one idea is right; one over 400 has more than one."""

import ast
from typing import Any

MOST, LONG = 400, 250


def test_no_file_is_over_400_lines(sources: Any) -> None:
    sizes = {source.place: source.text.count("\n") for source in sources}
    long = sorted(f"{place}: {size}" for place, size in sizes.items() if size > LONG)
    print(f"over {LONG} lines (a look is due):", *long, sep="\n  ")
    assert {place: size for place, size in sizes.items() if size > MOST} == {}


def test_every_file_says_what_it_is_for(sources: Any) -> None:
    bare = [source.place for source in sources if source.text.strip() and not ast.get_docstring(source.tree)]
    # Alembic's own shape has the docstring too; nothing is let off.
    assert bare == []


def test_every_public_function_and_class_has_a_docstring(sources: Any) -> None:
    """Of what the services stand on; the sandbox and the demo, nobody's dependencies, are free."""
    bare = []
    for source in sources:
        if "/migrations/" in source.place or source.place.startswith(("services/demo/", "services/sandbox/")):
            continue
        for node in source.tree.body:
            public = isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
            if public and not ast.get_docstring(node):
                bare.append(f"{source.place}:{node.lineno} {node.name}")
    assert bare == []
