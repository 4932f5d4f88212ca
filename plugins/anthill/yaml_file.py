"""A YAML file: what it says, where each of its keys stands, and which of them stand there twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

Keys = tuple[str | int, ...]  # names of mappings, places in lists
Fault = tuple[Keys, str]  # where, and what is wrong there


class YamlError(ValueError):
    """A file is not YAML; `line` is where it stops being it."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(problem)
        self.line = line


class YamlFile:
    """One file, read once."""

    def __init__(self, path: Path) -> None:
        import yaml

        self._text = path.read_bytes()
        loader = _loader()(self._text)
        try:
            self._root = loader.get_single_node()
            self._twice = list(_twice(self._root))  # before a mapping is flattened by what is merged into it
            self.value: Any = None if self._root is None else loader.construct_document(self._root)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            raise YamlError(mark.line + 1 if mark else 1, " ".join(str(error).split())) from error
        finally:
            loader.dispose()

    def twice(self) -> Iterator[Fault]:
        """Every key that stands twice in one mapping, of which YAML takes the later one without a word."""
        for keys, first in self._twice:
            yield keys, f"stands in line {first} already: give one of the two another name, or remove it"

    def line(self, keys: Sequence[str | int]) -> int:
        """The line of a key, counted from 1, or of the last key above it that is there."""
        line, node = 1, self._root
        for key in keys:
            found = _child(node, key)
            if found is None:
                break
            line, node = found[0].start_mark.line + 1, found[1]
        return line

    def written(self, keys: Sequence[str | int]) -> str:
        """How the file writes a value."""
        import yaml

        node = self._root
        for key in keys:
            found = _child(node, key)
            node = found[1] if found else None
        if isinstance(node, yaml.ScalarNode):
            return str(node.value)
        text = self._text.decode()
        return text[node.start_mark.index : node.end_mark.index].strip() if node else ""


def _child(node: Any, key: str | int) -> tuple[Any, Any] | None:
    """The node that has a key's line, and that of its value; the later one counts where there are two."""
    import yaml

    if isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
        return node.value[key], node.value[key]
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return next(((known, value) for known, value in reversed(pairs) if _is(known, key)), None)


def _is(node: Any, key: str | int) -> bool:
    """Whether a node is this key, which may be a word that YAML reads as true or false."""
    return bool(node.value == str(key) or (isinstance(key, bool) and node.tag.endswith(":bool")))


def _twice(root: Any) -> Iterator[tuple[Keys, int]]:
    """The keys that stand twice, each with the line where it stood first."""
    import yaml

    waiting: list[tuple[Keys, Any]] = [((), root)]
    met: set[int] = set()  # what has an anchor is there again wherever its alias stands
    while waiting:
        at, node = waiting.pop()
        if id(node) in met:
            continue
        met.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            waiting += [((*at, place), item) for place, item in enumerate(node.value)]
        first: dict[tuple[str, str], int] = {}
        for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
            if not isinstance(key, yaml.ScalarNode):
                continue
            name = (key.tag, key.value)
            if name in first and not key.tag.endswith(":merge"):
                yield (*at, key.value), first[name]
            first.setdefault(name, key.start_mark.line + 1)
            waiting.append(((*at, key.value), value))


def _loader() -> Any:
    """YAML's safe loader, to which a date that no calendar has is the text that stands there."""
    import yaml

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        pass

    for kind in ("timestamp", "int", "float"):
        tag = f"tag:yaml.org,2002:{kind}"
        Loader.add_constructor(tag, _or_text(Loader.yaml_constructors[tag]))
    return Loader


def _or_text(construct: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def read(loader: Any, node: Any) -> Any:
        try:
            return construct(loader, node)
        except ValueError:
            return node.value

    return read
