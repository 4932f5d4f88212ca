"""Where a key stands in a YAML file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def of(text: str, keys: Sequence[str]) -> int:
    """The line of a key, counted from 1, or of the last key above it that is there."""
    import yaml

    node: Any = yaml.compose(text, Loader=yaml.SafeLoader)
    line = 1
    for key in keys:
        pairs = node.value if isinstance(node, yaml.MappingNode) else []
        found = next(((known, value) for known, value in pairs if known.value == key), None)
        if found is None:
            break
        line, node = found[0].start_mark.line + 1, found[1]
    return line
