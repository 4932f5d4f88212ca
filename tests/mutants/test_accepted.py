"""Accepted mutants are known by their text, and each has a reason."""

from __future__ import annotations

from pathlib import Path

from tests.mutants import accepted
from tests.mutants.accepted import Accepted
from tests.mutants.mutation import Mutant, Mutation

TEXT = "def f():\n    a = 1\n    return a\n"
MUTANT = Mutant(Mutation("r", "f.py", "n", lambda: None), TEXT, TEXT.replace("1", "2"))


def test_a_mutant_is_known_by_file_and_text(tmp_path: Path) -> None:
    """The line's number and indentation do not count; another file or change is another mutant."""
    file = tmp_path / "accepted.yaml"
    file.write_text("- file: f.py\n  from: a = 1\n  to: a = 2\n  reason: it is the same\n")
    known = accepted.load(file)
    assert accepted.reason(known, MUTANT) == "it is the same"
    moved = Mutant(MUTANT.mutation, "\n" + TEXT, "\n" + TEXT.replace("1", "2"))
    assert accepted.reason(known, moved) == "it is the same"
    assert accepted.reason(known, Mutant(MUTANT.mutation, TEXT, TEXT.replace("1", "3"))) is None
    assert accepted.reason([Accepted("g.py", "a = 1", "a = 2", "r")], MUTANT) is None


def test_a_stale_entry_is_found(tmp_path: Path) -> None:
    """One whose lines, or whose file, are gone."""
    (tmp_path / "f.py").write_text(TEXT)
    assert not Accepted("f.py", "a = 1\nreturn a", "x", "r").is_stale(tmp_path)
    assert Accepted("f.py", "a = 11", "x", "r").is_stale(tmp_path)
    assert Accepted("f.py", "a =", "x", "r").is_stale(tmp_path)
    assert Accepted("g.py", "a = 1", "x", "r").is_stale(tmp_path)


def test_each_of_ours_has_a_reason() -> None:
    """A sentence, not a word; and none is there twice."""
    known = accepted.load()
    assert all(len(each.reason.split()) > 3 for each in known)
    assert len({(each.file, each.before, each.after) for each in known}) == len(known)
