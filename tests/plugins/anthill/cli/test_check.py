"""`anthill check` tells all that is wrong in declarations at once: file, line, key, and what was meant."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from anthill import catalog
from anthill.include import include_dir

from .conftest import Run

# Each line with a mark behind it is wrong, and the mark is what must be said of it.
BROKEN = """\
asset_class: metals
description: Metals
source: polygon
calender: XNYS #> key 'calender' is unknown, .*; did you mean 'calendar'\\?
start_date: 2003-13-45 #> key 'start_date' is '2003-13-45', which is no date: write .* as 2014-01-31
due_after_close: 6h #> key 'due_after_close' is '6h', which is no duration: write PT6H for six hours
deadline_after_close: PT10H
owner: market-data
owner: others #> key 'owner' stands in line 8 already
gold: [daily_prices]
lists:
  metal:
    - gold
    - 750 #> key 'lists.metal' has the item 2, 750, which YAML reads as int
datasets:
  fixes:
    description: Fixes
    pth: /v1/fixes/{market_date} #> key 'datasets.fixes.pth' is unknown, .*; did you mean 'path'\\?
    key: [metl] #> key 'datasets.fixes.key' names metl, .*; did you mean 'metal'\\?
    fields: {T: metal, p: price}
    feilds: {x: y} #> key 'datasets.fixes.feilds' is unknown, .*; did you mean 'fields'\\?
    restated_days: -3 #> key 'datasets.fixes.restated_days' is -3, allowed are 0 and more
    stays_after: true #> key 'datasets.fixes.stays_after' is True: expected `int`, got `bool`
    empty: landet #> key 'datasets.fixes.empty' is 'landet', allowed are refused, landed; did you mean 'landed'\\?
    flat_file:
      prefx: x/day #> key 'datasets.fixes.flat_file.prefx' is unknown, .*; did you mean 'prefix'\\?
      fields: {metal: metal, price: price}
    expectations:
      keys_unike: #> key 'datasets.fixes.expectations.keys_unike' is no standard .*; did you mean 'keys_unique'\\?
      row_count: {at_least: -1} #> key 'datasets.fixes.expectations.row_count.at_least' is -1, allowed are 0 and more
      own: {where: price < 0, says: rows, severty: warn} #> 'datasets.*own.severty' is unknown, .* mean 'severity'\\?
  lots: #> key 'datasets.lots.fields' is missing
    description: Lots, of which the fields lack
    path: /v1/lots/{market_date}
    key: [lot]
  of_lots:
    description: What speaks of a dataset that cannot be read is judged when that one is mended
    path: /v1/lots/{lot}
    each: lots.lot
    key: [lot]
    fields: {l: lot}
  others:
    description: Others
  others: #> key 'datasets.others' stands in line 42 already
    source: polygn #> key 'datasets.others.source' is 'polygn', allowed are drop, .*; did you mean 'polygon'\\?
"""


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A declaration with every kind of fault."""
    path = tmp_path / "metals.yaml"
    path.write_text(re.sub(" #>.*", "", BROKEN))
    return path


def test_all_that_is_declared_is_right(run: Run) -> None:
    """No platform is asked."""
    assert run("check").exit_code == 0


def test_all_faults_of_a_file_are_told_at_once(run: Run, broken: Path) -> None:
    """Each in its line, and no other line has one."""
    done = run("--json", "check", str(broken))
    assert done.exit_code == 1
    (told,) = json.loads(done.stdout)
    marked = {number: line.split("#> ")[1] for number, line in enumerate(BROKEN.splitlines(), 1) if "#>" in line}
    of_file = [problem for problem in told["problems"] if problem.startswith(f"{broken}:")]
    said = [problem.removeprefix(f"{broken}:").split(": ", 1) for problem in of_file]
    assert [int(line) for line, _ in said] == list(marked)
    for (line, text), wanted in zip(said, marked.values(), strict=True):
        assert re.search(wanted, text), f"{line}: {text}"


def test_a_missing_file_of_sql_is_told_while_the_declaration_is_wrong(run: Run, broken: Path) -> None:
    """By the names as they stand, those of entries that cannot be read among them; what is there is not missed."""
    done = run("--json", "check", str(broken))
    (told,) = json.loads(done.stdout)
    sql = include_dir() / "sql"
    wanted = [*(sql / "silver" / "metals" / f"{name}.sql" for name in ("fixes", "lots", "coins"))]
    wanted += [sql / "gold" / "metals" / "daily_prices.sql"]
    absent = [problem for problem in told["problems"] if problem.endswith("is not there: write the SQL of this table")]
    assert set(absent) >= {f"{path} is not there: write the SQL of this table" for path in wanted[:2] + wanted[-1:]}
    assert len(absent) == len(told["problems"]) - BROKEN.count("#>")


def test_only_the_missing_file_is_told_beside_a_fault(run: Run, tmp_path: Path) -> None:
    """Of a real declaration with one wrong key and one new table."""
    file = tmp_path / "crypto.yaml"
    text = (include_dir() / "datasets" / "crypto.yaml").read_text()
    file.write_text(re.sub(r"^gold: \[", "gold: [weekly_prices, ", text, flags=re.MULTILINE) + "ownr: x\n")
    (told,) = json.loads(run("--json", "check", str(file)).stdout)
    fault, absent = told["problems"]
    assert "key 'ownr' is unknown" in fault
    assert absent == f"{include_dir() / 'sql/gold/crypto/weekly_prices.sql'} is not there: write the SQL of this table"


def test_the_files_after_a_broken_one_are_checked_too(run: Run, tmp_path: Path, broken: Path) -> None:
    """A person sees all faults of all of them."""
    other = tmp_path / "stones.yaml"
    other.write_text("asset_class: stones\ngold: [}")
    done = run("check", str(broken), str(other), "stoks", "crypto")
    assert done.exit_code == 1
    assert "stones.yaml:2: not YAML" in done.output
    assert "did you mean 'stocks'?" in done.output
    assert "crypto: " in done.output


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("key: [ticker]", "key: [ticker, ticker]", "key 'datasets.grouped_daily.key' names ticker twice"),
        ("params: {", "params: {adjusted: true, ", "'datasets.grouped_daily.params.adjusted' stands in line"),
        ("gold: [", "gold: [daily_prices, ", "key 'gold' has daily_prices twice"),
        ("due_after_close: PT6H", "due_after_close: -PT6H", "key 'due_after_close' is before the close"),
        ("grouped_daily:", "on:", "is read by YAML as bool, not as text: write it in quotes"),
        ("listed_where: active", "listed_in: tikers", "tickers; did you mean 'tickers'?"),
        ("    empty: refused", "    reconciles: x", "is 'x', allowed are datasets above it: none"),
        ("description: Crypto", "description: Cr\u00fdpto", ""),
    ],
)
def test_a_fault_in_a_real_file(run: Run, tmp_path: Path, old: str, new: str, said: str) -> None:
    """Its line is that of the key which was changed."""
    text = (include_dir() / "datasets" / "crypto.yaml").read_text()
    line = text[: text.index(old)].count("\n") + 1
    path = tmp_path / "crypto.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    done = run("--json", "check", str(path))
    problems = [problem for told in json.loads(done.stdout) for problem in told["problems"]]
    assert (done.exit_code, bool(problems)) == (int(bool(said)), bool(said))
    assert all(said in problem and problem.startswith(f"{path}:{line}: ") for problem in problems[:1]), problems


@pytest.mark.parametrize(
    "content", [b"\xff\xfe\xff", b"", b"- a", b"datasets: {}", b"a: 0b_\nb: !!float x", b"? [a]\n: b"]
)
def test_whatever_is_in_a_file_it_is_told_and_no_traceback(run: Run, tmp_path: Path, content: bytes) -> None:
    """Not text, no mapping, nothing, numbers that are none, keys that are lists."""
    path = tmp_path / "metals.yaml"
    path.write_bytes(content)
    done = run("check", str(path))
    assert isinstance(done.exception, SystemExit)
    assert done.exit_code == 1
    assert "metals.yaml" in done.output
    assert done.output.count("'asset_class'") <= 1


def test_a_key_merged_from_an_anchor_is_no_key_twice(tmp_path: Path) -> None:
    """What YAML means by it; an alias is read where its anchor stands."""
    text = (include_dir() / "datasets" / "crypto.yaml").read_text()
    path = tmp_path / "crypto.yaml"
    path.write_text(
        text.replace(
            "row_count: {severity: critical, at_least: 0.3}",
            "row_count: {<<: {at_least: 9}, <<: {at_most: 9}, at_least: 0.3}",
        )
    )
    assert catalog.parse(path).datasets["minute_bars"].expectations["row_count"].at_least == 0.3
