"""YAML read with the line of each value, so that what is wrong in it can be pointed to. Pure."""

from collections.abc import Iterator
from typing import Any

import yaml

Path = tuple[str | int, ...]


class _Words(yaml.SafeLoader):
    """Days stay words: to YAML 31 November is a failure, and a schema can say what is wrong with it and where."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - YAML's own way
        first: [one for one in several if one[0] != "tag:yaml.org,2002:timestamp"]
        for first, several in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


class MarkedError(Exception):
    """YAML that cannot be read; the message names the line."""


def load(text: str) -> tuple[Any, dict[Path, int]]:
    """The content, and the line on which each of its values begins. Raises MarkedError, for a key written twice too."""
    try:
        loader = _Words(text)
        root = loader.get_single_node()
        lines = dict(_lines(root)) if root is not None else {}
        return (loader.construct_document(root) if root is not None else None), lines
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}: " if mark else ""
        raise MarkedError(f"{place}{getattr(error, 'problem', None) or error}") from None


def _lines(node: yaml.Node, path: Path = ()) -> Iterator[tuple[Path, int]]:
    yield path, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            if key.value in seen:
                raise MarkedError(f"line {key.start_mark.line + 1}: {key.value!r} is written twice")
            seen.add(key.value)
            yield from _lines(value, (*path, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield from _lines(value, (*path, number))


def line_of(lines: dict[Path, int], path: Path) -> int | None:
    """The line of a value, or of the nearest that holds it."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path)
