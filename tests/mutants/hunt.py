"""A sample of mutants tried, several at a time."""

from __future__ import annotations

import contextlib
import datetime as dt
import queue
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tests.mutants.checkout import Checkout, checkout
from tests.mutants.ledger import Ledger
from tests.mutants.mutation import Mutant
from tests.mutants.rooms import Room
from tests.mutants.state import State
from tests.mutants.trace import Trace, trace
from tests.mutants.trial import Verdict, trial


def say(text: str) -> None:
    """A line of progress."""
    print(f"{dt.datetime.now().astimezone():%H:%M:%S}  {text}", flush=True)


@dataclass
class Hunt:
    """Rooms of a checkout, where is kept what came of them, and how many mutants are tried at a time."""

    state: State
    rooms: Sequence[Room]
    kept: Path
    jobs: int
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self, mutants: Sequence[Mutant]) -> None:
        """Try all that have no verdict yet; what was reached is kept also when it ends early."""
        self.ledger = Ledger(self.kept, self.state)
        waiting = [mutant for mutant in mutants if self.ledger.get(mutant) is None]
        self._progress = Progress(len(waiting), self.jobs)
        self._ready: queue.PriorityQueue[tuple[int, Mutant, Room, Trace]] = queue.PriorityQueue()
        self._copies: queue.Queue[Checkout] = queue.Queue()
        self._failed: list[BaseException] = []
        rooms = {room.name: room for room in self.rooms}
        by_tests: defaultdict[str, list[tuple[int, Mutant, Room]]] = defaultdict(list)
        for number, mutant in enumerate(waiting):
            room = rooms[mutant.mutation.room]
            by_tests[room.tests].append((number, mutant, room))
        with contextlib.ExitStack() as stack:
            for _ in range(self.jobs if waiting else 0):
                self._copies.put(stack.enter_context(checkout(self.state.root, self.state.files)))
            self._pool = stack.enter_context(ThreadPoolExecutor(self.jobs))
            try:
                # The longest first: mutants of the other rooms are tried meanwhile.
                for tests in sorted(by_tests, key=lambda tests: -len(self.state.tests(tests))):
                    self._submit(self._undisturbed, tests, by_tests[tests])
                self._progress.wait(self.stop)
            finally:
                self.stop.set()
                self._pool.shutdown(cancel_futures=True)
        if self._failed:
            raise self._failed[0]

    def _submit(self, work: Callable[..., None], *given: object) -> None:
        """Do something in a copy that is free; the first failure ends all."""

        def do() -> None:
            copy = self._copies.get()
            try:
                work(copy, *given)
            except BaseException as error:
                self._failed.append(error)
                self.stop.set()
            finally:
                self._copies.put(copy)

        self._pool.submit(do)

    def _undisturbed(self, copy: Checkout, tests: str, mutants: Sequence[tuple[int, Mutant, Room]]) -> None:
        say(f"undisturbed: {tests}")
        known = trace(copy, tests, self.state, self.stop, self.kept)
        for number, mutant, room in mutants:
            self._ready.put((number, mutant, room, known))
        for _ in mutants:
            self._submit(self._judge)

    def _judge(self, copy: Checkout) -> None:
        """Try the first of those that are ready, in the order of the sample."""
        _, mutant, room, known = self._ready.get()
        verdict = trial(copy, mutant, known, room.tests, self.stop)
        self.ledger.add(mutant, verdict)
        self._progress.add(mutant, verdict)


class Progress:
    """How far it is, and how long it may take yet."""

    def __init__(self, count: int, jobs: int) -> None:
        self._count = count
        self._jobs = jobs
        self._verdicts: list[Verdict] = []
        self._lock = threading.Lock()

    def add(self, mutant: Mutant, verdict: Verdict) -> None:
        """One more."""
        with self._lock:
            self._verdicts.append(verdict)
            done, survived = len(self._verdicts), sum(not each.noticed for each in self._verdicts)
            left = sum(each.seconds for each in self._verdicts) / done * (self._count - done) / self._jobs / 60
            say(
                f"{done} of {self._count}, {survived} survived, about {left:.0f} min left: "
                f"{verdict.name} {mutant.mutation.file}:{mutant.line} ({verdict.seconds:.0f} s)"
            )

    def wait(self, stop: threading.Event) -> None:
        """Until all have their verdict, or it is stopped."""
        while len(self._verdicts) < self._count and not stop.wait(0.2):
            pass
