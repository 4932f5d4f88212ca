"""What is expected of a dataset: standards by its columns, changed or off by its entry, and refused where it is odd."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from anthill import catalog, expectation
from anthill.catalog import DeclarationError
from anthill.expectation import ExpectationError
from tests.plugins.anthill.test_catalog import write

ALWAYS = ["keys_unique", "row_count", "quarantine_share"]
BARS = ["open", "high", "low", "close", "volume"]
OWN = {"where": "price < 0", "says": "rows"}


def test_a_dataset_that_says_nothing_is_held_to_the_standards() -> None:
    """Unique keys, rows as usual and few in quarantine; those with prices to what prices are; in order."""
    assert list(expectation.of({}, ["ticker"])) == ALWAYS
    bars = ["prices_positive", "high_not_below_low", "open_close_within"]
    assert list(expectation.of({}, BARS)) == [ALWAYS[0], *bars, *ALWAYS[1:]]
    assert list(expectation.of({}, ["high", "low"])) == [ALWAYS[0], "high_not_below_low", *ALWAYS[1:]]


def test_an_entry_changes_what_it_names_and_no_more() -> None:
    """One key of a standard, the whole of it by `false`, one that is no default, and one of its own."""
    given = {"row_count": {"at_least": 0.9}, "keys_unique": False, "after_close": None, "own": OWN}
    found = expectation.of(given, ["ticker"])
    assert list(found) == ["own", "row_count", "quarantine_share", "after_close"]
    standard = expectation.standards()["row_count"]
    assert (found["row_count"].at_least, found["row_count"].severity) == (0.9, standard.severity)
    assert (found["own"].kind, found["own"].severity) == ("none", "warn")


STANDARDS = "is no standard expectation.*, allowed are keys_unique, prices_positive, .*after_close"
ODD: list[tuple[Any, tuple[str, ...], str]] = [
    ([], (), r"must map names to expectations, not \[\]"),
    ({"other": None}, ("other",), r"expectation \(one of your own has 'where' and 'says'\), allowed are keys_unique"),
    ({"other": False}, ("other",), STANDARDS),
    ({"keys_unique": True}, ("keys_unique",), "must be a mapping, nothing or false, not True"),
    ({"Other": OWN}, ("Other",), "must be lower case letters"),
    ({"own": {**OWN, "kind": "any"}}, ("own", "kind"), "is 'any', allowed are none, some, most, answered, found"),
    (
        {"own": {**OWN, "were": "x"}},
        ("own", "were"),
        "is unknown, keys are kind, severity, says, where.*; did you mean 'where'",
    ),
    ({"own": {**OWN, "severity": "fatal"}}, ("own", "severity"), "is 'fatal', allowed are warn, critical"),
    ({"own": {"says": "rows"}}, ("own",), "is of the kind none and lacks where"),
    ({"own": {"where": "x < 0"}}, ("own",), "is of the kind none and lacks says"),
    ({"own": {**OWN, "kind": "most"}}, ("own",), "is of the kind most and lacks at_least"),
    ({"own": {"kind": "answered", "says": "x"}}, ("own",), "is of the kind answered and lacks column"),
    ({"own": {"kind": "answered", "says": "x", "column": "y"}}, ("own",), "the column 'y', allowed are ticker"),
    ({"own": {"listed_in": "other", "says": "x"}}, ("own",), "has 'listed_in' and lacks column"),
    ({"own": {**OWN, "says": "{rows} of it"}}, ("own",), r"says {rows}, allowed are {n}, {names}"),
]


@pytest.mark.parametrize(("given", "at", "problem"), ODD, ids=[problem[:30] for *_, problem in ODD])
def test_an_odd_one_is_refused_by_name(given: Any, at: tuple[str, ...], problem: str) -> None:
    """With what is allowed in its place."""
    with pytest.raises(ExpectationError, match=problem) as refused:
        expectation.of(given, ["ticker"])
    assert [keys for keys, _ in refused.value.faults] == [at]


@pytest.mark.parametrize(
    ("given", "at", "problem"),
    [
        ({"own": {**OWN, "kind": "any"}}, "own.kind", "is 'any', allowed are none, some"),
        ({"other": None}, "other", STANDARDS),
    ],
)
def test_a_declaration_says_in_which_line(tmp_path: Path, given: Any, at: str, problem: str) -> None:
    """The file, the line and the key, and what is allowed."""
    file = write(tmp_path, {"datasets.fixes.expectations": given})
    last = f"{at.rpartition('.')[2]}:"
    line = next(number for number, text in enumerate(file.read_text().splitlines(), 1) if text.strip().startswith(last))
    with pytest.raises(
        DeclarationError, match=rf"metals\.yaml:{line}: key 'datasets.fixes.expectations.{at}' .*{problem}"
    ):
        catalog.parse(file)


@pytest.mark.parametrize(
    ("own", "problem"),
    [
        ({"listed_in": "others", "column": "metal", "says": "x"}, r"own\.listed_in' is 'others', allowed .*: fixes$"),
        ({"kind": "answered", "column": "metal", "says": "x"}, "own' is of the kind answered, which goes with 'each'"),
    ],
)
def test_what_rows_are_compared_with_is_there(tmp_path: Path, own: Any, problem: str) -> None:
    """A dataset of the asset class, or the values that the dataset is asked for."""
    with pytest.raises(DeclarationError, match=f"key 'datasets.fixes.expectations.{problem}"):
        catalog.parse(write(tmp_path, {"datasets.fixes.expectations": {"own": own}}))


def test_every_standard_is_whole_and_some_dataset_is_held_to_it() -> None:
    """None is there for nobody."""
    used = {
        name
        for asset_class in catalog.asset_classes()
        for dataset in catalog.load(asset_class).datasets.values()
        for name in dataset.expectations
    }
    assert set(expectation.standards()) <= used
