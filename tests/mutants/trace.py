"""What the undisturbed tests of a room did, and which of them can notice a mutant."""

from __future__ import annotations

import ast
import json
import threading
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from tests.mutants import tracing
from tests.mutants.checkout import Checkout
from tests.mutants.mutation import Mutant
from tests.mutants.state import State

PATIENCE = 2 * 3600.0


class RedError(Exception):
    """Tests fail without any mutant: nothing can be learned from them."""


@dataclass(frozen=True)
class Trace:
    """Seconds by test, tests by line of each file, tests by SQL file that they read."""

    seconds: dict[str, float]
    lines: dict[str, dict[int, list[str]]]
    read: dict[str, list[str]]

    def tests(self, mutant: Mutant) -> list[str]:
        """The tests that execute what a mutant changes, those first that are likely to notice it soon."""
        file = mutant.mutation.file
        if file.endswith(".sql"):
            return self._soonest(set(self.read.get(file, ())), file)
        lines = self.lines.get(file, {})
        touched = statement(mutant.original, mutant.changed[0])
        return self._soonest({test for line in touched for test in lines.get(line, ())}, file)

    def _soonest(self, found: set[str], file: str) -> list[str]:
        """A test file at a time, for fixtures are made once: those named like the changed file, then the cheapest."""
        by_file: defaultdict[str, list[str]] = defaultdict(list)
        for test in sorted(found, key=lambda test: self.seconds[test]):
            by_file[test.split("::")[0]].append(test)
        words = set(Path(file).with_suffix("").parts[-2:])

        def order(name: str) -> tuple[int, float]:
            return -sum(word in Path(name).stem for word in words), sum(self.seconds[t] for t in by_file[name])

        return [test for name in sorted(by_file, key=order) for test in by_file[name]]


def statement(text: str, changed: range) -> range:
    """The lines of the innermost statement around a change; of one with a body, those of its head.

    The head of a function is executed when the file is imported: what it changes shows wherever the function runs.
    """
    around = range(1, text.count("\n") + 2)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.stmt | ast.excepthandler):
            body = [] if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else getattr(node, "body", [])
            end = max(node.lineno, body[0].lineno - 1) if body else node.end_lineno or node.lineno
            lines = range(node.lineno, end + 1)
            if changed.start in lines and len(lines) <= len(around):
                around = lines
    return around


def trace(copy: Checkout, tests: str, state: State, stop: threading.Event, kept: Path) -> Trace:
    """Run those of a room's tests undisturbed of which no such run is kept, a test file each."""
    files = {file: kept / f"{file.replace('/', '-')}-{state.of(file)}.json" for file in state.tests(tests)}
    if new := [file for file, told in files.items() if not told.is_file()]:
        made = copy.home / "trace.json"
        code, said = copy.pytest(
            *new, "-p", "tests.mutants.tracing", limit=PATIENCE, stop=stop, **{tracing.OUT: str(made)}
        )
        if code:
            raise RedError(f"{tests} fails without any mutant:\n" + "\n".join(said.splitlines()[-40:]))
        kept.mkdir(parents=True, exist_ok=True)
        told = json.loads(made.read_text())
        for file in new:
            files[file].write_text(json.dumps(told.get(file, {"seconds": {}, "lines": {}, "read": {}})))
    found = Trace({}, defaultdict(lambda: defaultdict(list)), defaultdict(list))
    for told in (json.loads(file.read_text()) for file in files.values()):
        found.seconds.update(told["seconds"])
        for file, lines in told["lines"].items():
            for line, executed in lines.items():
                found.lines[file][int(line)] += executed
        for file, read in told["read"].items():
            found.read[file] += read
    return found
