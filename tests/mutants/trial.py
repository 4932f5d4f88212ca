"""A mutant before the tests that can notice it."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass

from tests.mutants import chosen
from tests.mutants.checkout import Checkout, TooMuchError
from tests.mutants.mutation import Mutant
from tests.mutants.trace import Trace

# Beside five times what the tests took undisturbed: to start Python, and for a machine that is busier than it was.
STARTING = 60.0


@dataclass(frozen=True)
class Verdict:
    """What came of a mutant: killed, survived or stopped; stopped ones have been noticed as well."""

    name: str
    why: str
    by: str  # the tests that it stands on: the file with the one that failed, or all of the room
    seconds: float

    @property
    def noticed(self) -> bool:
        """Whether tests would have told."""
        return self.name != "survived"


def trial(copy: Checkout, mutant: Mutant, trace: Trace, room: str, stop: threading.Event) -> Verdict:
    """Change one file of the copy and run the tests of the room that execute the change, until one fails."""
    tests = trace.tests(mutant)
    if not tests:
        return Verdict("survived", "no test executes it", room, 0)
    began = time.monotonic()
    name, why = _run(copy, mutant, trace, tests, stop)
    failed = why.split("::")[0].split(" ")[-1] if name == "killed" and "::" in why else room
    return Verdict(name, why, failed, round(time.monotonic() - began, 1))


def _run(copy: Checkout, mutant: Mutant, trace: Trace, tests: list[str], stop: threading.Event) -> tuple[str, str]:
    listed = copy.home / "tests.json"
    listed.write_text(json.dumps(tests))
    files = dict.fromkeys(test.split("::")[0] for test in tests)
    limit = STARTING + 5 * sum(trace.seconds[test] for test in tests)
    with copy.changed(mutant.mutation.file, mutant.text):
        try:
            code, said = copy.pytest(
                *files, "-x", "-p", "tests.mutants.chosen", limit=limit, stop=stop, **{chosen.TESTS: str(listed)}
            )
        except TooMuchError as error:
            return "stopped", str(error)
    if code in {0, 5}:  # 5: no test is left
        return "survived", f"{len(tests)} tests execute it and pass"
    failed = [line for line in said.splitlines() if line.startswith(("FAILED ", "ERROR "))]
    return "killed", failed[0] if failed else f"pytest ended with {code}"
