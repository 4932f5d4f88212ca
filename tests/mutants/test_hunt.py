"""Mutants of a tiny project meet their fate, in copies, and nothing is left."""

from __future__ import annotations

import json
import tempfile
import threading
import time
from pathlib import Path

import psutil
import pytest

from tests.mutants import checkout, trial
from tests.mutants.checkout import MARK, StoppedError
from tests.mutants.conftest import FILES, PRICE, ROOM, TESTS
from tests.mutants.hunt import Hunt
from tests.mutants.mutation import Mutant, Mutation
from tests.mutants.state import State
from tests.mutants.trace import RedError, statement
from tests.mutants.trial import Verdict


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where copies are made."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def changed(before: str, after: str) -> Mutant:
    """The price file with another text in one place."""
    assert PRICE.count(before) == 1
    text = PRICE.replace(before, after)
    return Mutant(Mutation("tiny", "plugins/tiny/price.py", f"{before}\n{after}", lambda: text), PRICE, text)


def hunt(root: Path, jobs: int = 2) -> Hunt:
    """Mutants of the tiny project."""
    return Hunt(State(root, list(FILES)), [ROOM], root / "kept", jobs)


def tried(hunting: Hunt, *mutants: Mutant) -> list[Verdict]:
    """What came of mutants."""
    hunting.run(mutants)
    found = [hunting.ledger.get(mutant) for mutant in mutants]
    assert None not in found
    return [verdict for verdict in found if verdict]


def left() -> list[int]:
    """Processes that mutants have left."""
    found = []
    for process in psutil.process_iter():
        try:
            environment = process.environ()
        except (psutil.Error, OSError):
            continue
        if MARK in environment and str(tempfile.tempdir) in environment.get("TMPDIR", ""):
            found.append(process.pid)
    return found


def test_each_mutant_has_its_verdict(tiny: Path, temporary: Path) -> None:
    """What a test looks at is noticed, also through a fixture that another test made; what none looks at survives."""
    fates = {
        "killed": changed("price * 2", "price / 2"),
        "executed only": changed("price + 7", "price - 7"),
        "never executed": changed("price - 5", "price + 5"),
    }
    verdicts = dict(zip(fates, tried(hunt(tiny), *fates.values()), strict=True))
    assert {name: (v.name, v.noticed) for name, v in verdicts.items()} == {
        "killed": ("killed", True),
        "executed only": ("survived", False),
        "never executed": ("survived", False),
    }
    assert "test_four" in verdicts["killed"].why
    assert verdicts["executed only"].why == "1 tests execute it and pass"
    assert verdicts["never executed"].why == "no test executes it"
    assert {name: (tiny / name).read_text() for name in FILES} == FILES
    assert list(temporary.iterdir()) == []
    assert left() == []


def test_only_what_may_have_changed_is_tried_again(tiny: Path) -> None:
    """A new test file leaves those killed as they are and tries the survivors; the product's change tries all."""
    killed, survivor = changed("price * 2", "price / 2"), changed("price - 5", "price + 5")
    first = tried(hunt(tiny), killed, survivor)
    assert [verdict.name for verdict in first] == ["killed", "survived"]
    again = hunt(tiny)
    assert tried(again, killed, survivor) == first
    new = "tests/tiny/test_never.py"
    (tiny / new).write_text("from tiny.price import never\n\n\ndef test_never():\n    assert never(9) == 4\n")
    with_test = Hunt(State(tiny, [*FILES, new]), [ROOM], tiny / "kept", 1)
    one, other = tried(with_test, killed, survivor)
    assert one is with_test.ledger.get(killed)
    assert one == first[0]
    assert (other.name, other.by) == ("killed", new)
    assert State(tiny, list(FILES)).product == State(tiny, [*FILES, new]).product
    before = State(tiny, list(FILES)).product
    (tiny / "plugins/tiny/price.py").write_text(PRICE + "# more\n")
    assert State(tiny, list(FILES)).product != before


def test_red_tests_refuse(tiny: Path, temporary: Path) -> None:
    """Where a test fails without any mutant nothing is tried, and the test is named."""
    (tiny / "tests/tiny/test_price.py").write_text(TESTS + "\n\ndef test_red():\n    assert False\n")
    mutant = changed("price * 2", "price / 2")
    with pytest.raises(RedError, match="test_red"):
        hunt(tiny).run([mutant])
    assert not (tiny / "kept" / "verdicts.jsonl").exists()
    assert list(temporary.iterdir()) == []


def test_what_never_ends_is_stopped(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mutant that loops for ever is noticed by the time that it takes."""
    monkeypatch.setattr(trial, "STARTING", 3.0)
    mutant = changed("left = left - 1", "left = left + 1")
    (verdict,) = tried(hunt(tiny), mutant)
    assert (verdict.name, verdict.noticed) == ("stopped", True)
    assert verdict.why.startswith("more than 3 s")


def test_what_fills_the_memory_is_stopped(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mutant whose processes hold more than they may is noticed by that, before the machine is full."""
    mutant = changed("left = left - 1", "held = [0] * 60_000_000; import time; time.sleep(600)")
    monkeypatch.setattr(checkout, "MOST_BYTES", 400 << 20)
    (verdict,) = tried(hunt(tiny), mutant)
    assert (verdict.name, verdict.why) == ("stopped", "more than 0 GB")


def test_a_stop_leaves_nothing(tiny: Path, temporary: Path) -> None:
    """Somebody stops it while a mutant loops, which has started a process of a session of its own: all of it ends."""
    told = tiny / "started"
    start = (
        "import subprocess, sys, pathlib",
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], start_new_session=True)",
        f"pathlib.Path({str(told)!r}).touch()",
        "left = many + 10**12",
    )
    mutant = changed("left = many\n", "; ".join(start) + "\n")
    hunting = hunt(tiny, jobs=1)

    def stop() -> None:
        until = time.monotonic() + 200
        while not told.exists() and time.monotonic() < until:
            time.sleep(0.05)
        hunting.stop.set()

    watching = threading.Thread(target=stop)
    watching.start()
    with pytest.raises(StoppedError):
        hunting.run([mutant])
    watching.join()
    assert told.exists()
    assert left() == []
    assert list(temporary.iterdir()) == []
    assert not (tiny / "kept" / "verdicts.jsonl").exists()


def test_the_trace_is_kept(tiny: Path) -> None:
    """The undisturbed run leaves its tests with their seconds, and who executes what."""
    hunt(tiny).run([changed("price * 2", "price / 2")])
    (file,) = (tiny / "kept").glob("tests-tiny-test_price.py-*.json")
    told = json.loads(file.read_text())
    tests = [f"tests/tiny/test_price.py::{name}" for name in ("test_counted", "test_four", "test_it_is_there")]
    assert sorted(told["seconds"]) == tests
    lines = told["lines"]["plugins/tiny/price.py"]
    at = {text.strip(): str(number) for number, text in enumerate(PRICE.splitlines(), 1)}
    assert lines[at["return price * 2"]] == tests[1:]
    assert lines[at["return price + 7"]] == tests[2:]
    assert at["return price - 5"] not in lines


@pytest.mark.parametrize(
    ("line", "around"),
    [(2, range(1, 7)), (4, range(3, 5)), (5, range(5, 6)), (6, range(6, 7)), (8, range(8, 9)), (9, range(9, 10))],
)
def test_the_statement_around_a_line(line: int, around: range) -> None:
    """A call over lines is one, a loop is its head, and a change in the head of a function shows in all of it."""
    text = "def f(\n a=1):\n b = g(\n  a)\n for c in b:\n  d(c)\ntry:\n x = 1\nexcept E:\n y = 2\n"
    assert statement(text, range(line, line + 1)) == around
