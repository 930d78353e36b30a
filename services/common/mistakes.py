"""Where a mistake stands in a file that a person wrote: marshmallow's messages with their place, and the line of a place in YAML. Pure."""

from collections.abc import Iterator
from typing import Any

import yaml

# Marshmallow's own layers: of a whole schema, and of a mapping's keys and values.
LAYERS = ("_schema", "key", "value")


def named(messages: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Every mistake with its place: ("plan.steps.0.at", "a time is …"); the place of what concerns the whole is empty."""
    if isinstance(messages, dict):
        for part, inner in messages.items():
            yield from named(inner, place if part in LAYERS else f"{place}.{part}" if place else str(part))
    else:
        for one in messages if isinstance(messages, list) else [messages]:
            yield place, str(one)


def line_of(root: yaml.Node | None, place: str) -> int | None:
    """The line, from 1, on which a place ("arms.0.weight") or the nearest thing around it is written; None where nothing is."""
    node, found = root, None
    for part in place.split(".") if place else ():
        key, node = _inside(node, part)
        if key is None:
            break
        found = key.start_mark.line + 1
    return found


def _inside(node: yaml.Node | None, part: str) -> tuple[yaml.Node | None, yaml.Node | None]:
    """The node that marks a part's beginning, and the part itself."""
    if isinstance(node, yaml.MappingNode):
        return next(((key, value) for key, value in node.value if key.value == part), (None, None))
    if isinstance(node, yaml.SequenceNode) and part.isdecimal() and int(part) < len(node.value):
        return node.value[int(part)], node.value[int(part)]
    return None, None
