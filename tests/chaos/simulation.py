"""Night after night under faults: landings at once, killed and retried, a stale backfill that ends last, and jobs.

Every night a load ends while gold computes, and a quality run does not start.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from anthill import calendars
from tests.chaos.faults import TRIES, Night
from tests.chaos.verdict import Claim
from tests.chaos.worker import DATASETS, Attempt, Look, Work
from tests.chaos.world import World
from tests.plugins.anthill.landing.s3_faults import Fault

BEFORE = 3  # market days that a scheduled run looks back
STALE = "stale"
_HELD = 60.0  # seconds that a stale PUT is held at most
_PATIENCE = 1500.0  # seconds for one try


class Simulation:
    """A seeded run over a world.

    `claims` is what landings said that they had done, `tally` what happened, `wrong` what gold showed meanwhile.
    """

    def __init__(self, world: World, seed: int, say: Callable[[str], None]) -> None:
        self.world = world
        self.seed = seed
        self.say = say
        self.claims: list[Claim] = []
        self.tally: Counter[str] = Counter()
        self.wrong: list[str] = []
        self._checked: dict[dt.date, set[int]] = {}
        self.first = calendars.shift("XNYS", world.today, 1)
        self._lock = threading.Lock()

    def run(self, until: float, most_nights: int) -> None:
        """Nights until time.monotonic() or so many, at least one."""
        for number in range(most_nights):
            self.night(number)
            if time.monotonic() > until:
                return

    def night(self, number: int) -> None:
        """One market day comes in."""
        world, night = self.world, Night(f"{self.seed} {number}")
        began, landed, held = time.monotonic(), threading.Event(), threading.Event()
        world.disturb(night)
        choose = world.proxy.choose

        def hold_the_stale(method: str, path: str, headers: Any) -> Fault | None:
            if method == "PUT" and headers.get("x-amz-meta-run", "").startswith(f"stocks/{STALE}"):
                held.set()
                landed.wait(_HELD)
            return choose(method, path, headers)

        world.proxy.choose = hold_the_stale
        today = calendars.shift("XNYS", world.today, 1)
        earliest = max(self.first, calendars.shift("XNYS", today, -BEFORE))
        with ThreadPoolExecutor(32) as pool:
            stale = None
            if number:
                work = Work("backfill", f"{STALE}-{number}", earliest, world.today, again=True)
                stale = pool.submit(self.task, work, night)
                while not held.wait(0.05) and not stale.done():
                    pass
            world.move(today)
            nightly = [
                pool.submit(self.task, Work("land", f"night-{number}-{copy}", today, today, dataset), night)
                for dataset in DATASETS
                for copy in range(night.copies)
            ]
            red = [error for future in nightly if (error := future.result())]
            landed.set()
            red += [stale.result()] if stale and stale.result() else []
        run = f"night-{number}"
        red += self.jobs_that_meet(run, earliest, today, night) if number else self.jobs(run, earliest, today)
        world.calm()
        storm = "a storm, " if night.storm else ""
        self.say(
            f"night {number} ({today}): {storm}{night.copies} at once, {len(red)} tasks red in the end, "
            f"{time.monotonic() - began:.0f} s" + "".join(f"\n    {error[:220]}" for error in red)
        )
        self.tally["nights"] += 1
        self.tally["red tasks"] += len(red)

    def jobs_that_meet(self, run: str, first: dt.date, last: dt.date, night: Night) -> list[str]:
        """What silver holds is checked and published while tonight's load comes in, which then cannot be checked."""
        timer = None
        if (after := night.cancels()) is not None:
            timer = threading.Timer(after, self._cancel)
            timer.start()
        silver, quality, gold = (Work(kind, run, first, last) for kind in ("silver", "quality", "gold"))
        red = [self._check(quality, night)]
        with ThreadPoolExecutor(2) as pool:
            red += pool.map(lambda work: self.task(work, night), [gold, silver])
        self._look("while a load came in")
        self.world.refuse_to_start()
        unstarted = Work("quality", f"{run}-refused", first, last)
        if not self.task(unstarted, None):
            self.wrong.append(f"{unstarted} was started")
        self.world.disturb(night)
        red.append(self.task(Work("gold", f"{run}-unchecked", first, last), night))
        self._look("behind a quality run that did not start")
        if timer:
            timer.cancel()
            timer.join()
        return [error for error in red if error]

    def _check(self, quality: Work, night: Night | None) -> str:
        """Run quality; where it ended well, what silver holds of its days may be published."""
        error = self.task(quality, night)
        if not error:
            for day, content in self.world.contents("silver", "stocks_grouped_daily").items():
                if quality.first <= day <= quality.last:
                    self._checked.setdefault(day, set()).add(content)
        return error

    def _look(self, when: str) -> None:
        """Gold shows of each day what was in silver when it was checked, of one check or another."""
        for day, content in self.world.contents("gold", "stocks_traded_prices").items():
            if content not in self._checked.get(day, set()):
                self.wrong.append(f"gold of {day} shows what was not checked, {when}")

    def jobs(self, run: str, first: dt.date, last: dt.date) -> list[str]:
        """Silver, quality and gold; what went red."""
        silver, quality, gold = (Work(kind, run, first, last) for kind in ("silver", "quality", "gold"))
        red = [self.task(silver, None), self._check(quality, None), self.task(gold, None)]
        return [error for error in red if error]

    def last_resort(self) -> list[str]:
        """What people do when the weather is fine again: fetch and load all days once more."""
        first, last = self.first, self.world.today
        failed = self.task(Work("backfill", "mended", first, last, again=True), None)
        return [*([failed] if failed else []), *self.jobs("mended", first, last)]

    def task(self, work: Work, night: Night | None) -> str:
        """A task with its retries; "" where it ended well, else its error."""
        error, result = self.outcome(work, night)
        if not error:
            self._claim(work, result)
        return error

    def outcome(self, work: Work | Look, night: Night | None) -> tuple[str, Any]:
        """A task with its retries as Airflow makes them: its error, "" where it ended well, and what it returned."""
        kills = night.kills(str(work)) if night else [None] * TRIES
        log = self.world.home / "tasks.log"
        error = ""
        for number, kill in enumerate(kills, 1):
            attempt = Attempt(work, number, self.world.environment, log)
            if kill is not None and not attempt.wait(kill):
                attempt.kill()
                self._count("killed")
                error = f"{work}: killed"
                continue
            if not attempt.wait(_PATIENCE):
                attempt.kill()
                raise AssertionError(f"{work}: hung for {_PATIENCE:.0f} s")
            said = attempt.result()
            if "error" not in said:
                self._count("tasks")
                return "", said.get("result")
            error = f"{work}: {said['error']}"
            self._count("failed tries")
            if said["final"]:
                break
        return error, None

    def _claim(self, work: Work, result: Any) -> None:
        if work.kind == "land" and result:
            commit = result["commits"][0]
            with self._lock:
                self.claims.append(Claim(work.dataset, work.first, commit["revision"], result["rows"]))

    def _cancel(self) -> None:
        self.tally["cancelled runs"] += self.world.cancel_runs()

    def _count(self, what: str) -> None:
        with self._lock:
            self.tally[what] += 1
