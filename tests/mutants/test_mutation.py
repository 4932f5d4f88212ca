"""Samples are spread over the rooms, seeded, and stay what they are while other code moves."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.mutants.mutation import Mutant, Mutation, mutant, sample


def rooms(sizes: list[int]) -> list[list[Mutation]]:
    """Rooms with so many mutations each; those whose name ends in 3 cannot be made."""

    def make(name: str) -> str | None:
        return None if name.endswith("3") else f"changed {name}"

    return [
        [Mutation(f"r{room}", "file", f"{room}/{n}", lambda n=f"{room}/{n}": make(n)) for n in range(size)]
        for room, size in enumerate(sizes)
    ]


def drawn(root: Path, sizes: list[int], seed: str, count: int) -> list[tuple[str, str]]:
    """What a sample holds: rooms and names."""
    return [(m.mutation.room, m.mutation.name) for m in sample(rooms(sizes), root, seed, count)]


@given(st.lists(st.integers(0, 30), min_size=1, max_size=4), st.integers(0, 60), st.text(max_size=3))
def test_rooms_have_the_same_share_as_far_as_they_go(tmp_path_factory, sizes, count, seed) -> None:
    """No room has two more than another that could give more; nothing is drawn twice, or cannot be made."""
    root = tmp_path_factory.getbasetemp()
    (root / "file").write_text("original")
    found = drawn(root, sizes, seed, count)
    can = {f"r{room}": sum(not str(n).endswith("3") for n in range(size)) for room, size in enumerate(sizes)}
    assert len(found) == len(set(found)) == min(count, sum(can.values()))
    assert not any(name.endswith("3") for _, name in found)
    shares = {room: sum(r == room for r, _ in found) for room in can}
    fullest = max(shares.values())
    assert all(shares[room] >= min(can[room], fullest - 1) for room in can)


def test_a_seed_is_its_sample(tmp_path: Path) -> None:
    """The same seed draws the same, a larger count the same and more, another seed others."""
    (tmp_path / "file").write_text("original")
    assert drawn(tmp_path, [30, 30], "a", 10) == drawn(tmp_path, [30, 30], "a", 20)[:10]
    assert drawn(tmp_path, [30, 30], "a", 10) != drawn(tmp_path, [30, 30], "b", 10)


def test_what_is_written_elsewhere_moves_nothing(tmp_path: Path) -> None:
    """Of a room that has grown the same mutations come in the same order, with new ones between them."""
    (tmp_path / "file").write_text("original")
    small, large = drawn(tmp_path, [20], "a", 99), drawn(tmp_path, [40], "a", 99)
    assert [each for each in large if each in small] == small


def test_a_mutant_tells_what_differs(tmp_path: Path) -> None:
    """Its first line, its change without indentation, and the diff."""
    (tmp_path / "file").write_text("def f():\n    a = 1\n    b = 2\n    return a\n")
    made = mutant(tmp_path, Mutation("r", "file", "n", lambda: "def f():\n    a = 1\n    b = 3\n    return a\n"))
    assert made is not None
    assert (made.line, made.change, made.diff) == (3, ("b = 2", "b = 3"), "-    b = 2\n+    b = 3")


def test_what_changes_nothing_is_no_mutant(tmp_path: Path) -> None:
    """A mutation that gives the file as it is."""
    (tmp_path / "file").write_text("same")
    assert mutant(tmp_path, Mutation("r", "file", "n", lambda: "same")) is None


def test_a_line_that_is_gone_is_told() -> None:
    """A change that leaves less lines still has its place."""
    made = Mutant(Mutation("r", "file", "n", lambda: None), "a\nb\nc\n", "a\nc\n")
    assert (made.changed, made.change) == ((range(2, 3), ["b"], []), ("b", ""))
