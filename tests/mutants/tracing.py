"""A plugin of pytest for the undisturbed run: what each test executes, what SQL it reads, and how long it takes.

What a fixture for several tests does is done for each test that asks for it.
"""

from __future__ import annotations

import json
import os
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import coverage
import pytest

OUT = "ANTHILL_MUTANTS_TRACE"


class Tracing:
    """Coverage with a context for each test and each fixture that outlives a test."""

    def __init__(self, root: Path, out: Path) -> None:
        self.root = root
        self.out = out
        self.now = ""
        self.users: defaultdict[str, set[str]] = defaultdict(set)
        self.read: defaultdict[str, set[str]] = defaultdict(set)
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.skipped: set[str] = set()
        self.coverage = coverage.Coverage(data_file=None, config_file=False, include=[f"{root}/plugins/*"])
        self.coverage.start()
        sys.addaudithook(self.heard)

    def heard(self, event: str, details: tuple[Any, ...]) -> None:
        """A file is opened."""
        if event == "open" and str(details[0]).endswith(".sql"):
            self.read[os.path.relpath(details[0], self.root)].add(self.now)

    def enter(self, context: str) -> str:
        """What is executed from here on belongs to a test or a fixture; what it was before."""
        before, self.now = self.now, context
        self.coverage.switch_context(context)
        return before

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """A test with its own fixtures."""
        self.users[item.nodeid].add(item.nodeid)
        known = item._fixtureinfo.name2fixturedefs if isinstance(item, pytest.Function) else {}
        for fixtures in known.values():
            self.users[self.name(fixtures[-1])].add(item.nodeid)
        self.enter(item.nodeid)
        try:
            return (yield)
        finally:
            self.enter("")

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Iterator[None]:
        """A fixture: of its own where it outlives the test."""
        before = self.enter(self.now if fixturedef.scope == "function" else self.name(fixturedef))
        try:
            return (yield)
        finally:
            self.enter(before)

    @staticmethod
    def name(fixture: pytest.FixtureDef[Any]) -> str:
        """What a fixture is known by: where it is, and its name."""
        return f"fixture {fixture.baseid} {fixture.argname}"

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """How long each part of a test took."""
        self.seconds[report.nodeid] += report.duration
        if report.skipped:
            self.skipped.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        """Write it down, a test file each."""
        self.coverage.stop()
        data = self.coverage.get_data()
        told: defaultdict[str, Any] = defaultdict(lambda: {"seconds": {}, "lines": {}, "read": {}})
        for test, seconds in self.seconds.items():
            told[test.split("::")[0]]["seconds"][test] = seconds
        for file in data.measured_files():
            name = os.path.relpath(file, self.root)
            for line, contexts in data.contexts_by_lineno(file).items():
                for test in sorted(self.tests(contexts)):
                    told[test.split("::")[0]]["lines"].setdefault(name, {}).setdefault(line, []).append(test)
        for name, contexts in self.read.items():
            for test in sorted(self.tests(contexts)):
                told[test.split("::")[0]]["read"].setdefault(name, []).append(test)
        self.out.write_text(json.dumps(told))

    def tests(self, contexts: Any) -> set[str]:
        """The tests that ran behind contexts."""
        return set().union(*(self.users[context] for context in contexts)) - self.skipped


def pytest_configure(config: pytest.Config) -> None:
    """Begin before anything is collected."""
    config.pluginmanager.register(Tracing(config.rootpath, Path(os.environ[OUT])))
