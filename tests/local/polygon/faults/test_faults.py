"""The faults file: what it may say, and when a fault is played."""

import json
from pathlib import Path

import pytest

from local.polygon.faults.faults import Faults, FaultsError


def played(path: Path, rules: object, requests: int = 8, *, seed: int = 7) -> list[int]:
    """The numbers of the requests that meet a fault."""
    path.write_text(json.dumps(rules))
    faults = Faults(path, seed)
    return [number for number in range(1, requests + 1) if faults.matching("/v2/aggs/x", {"adjusted": "false"})]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, [1, 2, 3, 4, 5, 6, 7, 8]),
        ({"nth": 3}, [3]),
        ({"nth": "2-4"}, [2, 3, 4]),
        ({"nth": "6-"}, [6, 7, 8]),
        ({"nth": [1, "3-4", 8]}, [1, 3, 4, 8]),
        ({"times": 2}, [1, 2]),
        ({"nth": "3-", "times": 2}, [3, 4]),
        ({"match": {"path": "^/v2/aggs"}, "nth": 1}, [1]),
        ({"match": {"path": "^/v3"}}, []),
        ({"match": {"query": {"adjusted": False}}, "nth": 2}, [2]),
        ({"match": {"query": {"adjusted": "true"}}}, []),
        ({"match": {"query": {"cursor": "x"}}}, []),
        ({"chance": 0}, []),
    ],
)
def test_when_a_fault_is_played(tmp_path: Path, more: dict[str, object], expected: list[int]) -> None:
    """Path, query, counts, times and chance decide together."""
    assert played(tmp_path / "faults.json", [{"then": {"status": 500}} | more]) == expected


def test_chance_is_drawn_from_the_seed(tmp_path: Path) -> None:
    """The same seed plays the same requests, another one others, about as many as the chance says."""
    rules = [{"chance": 0.3, "then": {"status": 500}}]
    first, again, other = (played(tmp_path / "faults.json", rules, 400, seed=seed) for seed in (7, 7, 8))
    assert first == again != other
    assert 80 < len(first) < 160


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    """Rules follow the file, and their counts begin again."""
    path = tmp_path / "faults.json"
    path.write_text('[{"nth": 1, "then": {"status": 500}}]')
    faults = Faults(path, 7)
    assert [len(faults.matching("/", {})) for _ in range(2)] == [1, 0]
    path.write_text('{"faults": [{"nth": 2, "then": {"status": 503}}]}')
    assert [len(faults.matching("/", {})) for _ in range(2)] == [0, 1]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- then: {explode: 1}", "unknown action 'explode'"),
        ("- then: {status: high}", "status takes int"),
        ("- then: {error: sleepy}", "error is one of"),
        ("- when: now", "unknown keys"),
        ("- match: {host: x}", "match: unknown keys"),
        ("- nth: soon", "nth: 'soon'"),
        ("- match: {path: '['}", "fault 1"),
        ("faults: 3", "expected a list"),
        ("- [", "faults.yaml"),
    ],
)
def test_broken_files(tmp_path: Path, text: str, words: str) -> None:
    """A file that cannot be played names itself, the fault and what is allowed."""
    path = tmp_path / "faults.yaml"
    path.write_text(text)
    with pytest.raises(FaultsError, match=r"faults\.yaml") as error:
        Faults(path, 7)
    assert words in str(error.value)
