"""Declarations are read whole or refused with the file, the key and what is allowed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from anthill import catalog
from anthill.catalog import DeclarationError
from anthill.include import include_dir
from anthill.sources.polygon.declaration import FlatFile
from tests.plugins.anthill.lakehouse.ticking import turned_on

GOOD: dict[str, Any] = {
    "asset_class": "metals",
    "description": "Metals",
    "calendar": "XNYS",
    "start_date": dt.date(2014, 1, 2),
    "due_after_close": "PT6H",
    "deadline_after_close": "PT10H",
    "owner": "market-data",
    "source": "polygon",
    "gold": ["daily_prices"],
    "datasets": {
        "fixes": {
            "description": "Fixes",
            "path": "/v1/fixes/{market_date}",
            "params": {"adjusted": False, "limit": 10, "on": "{market_date}"},
            "key": ["metal"],
            "fields": {"T": "metal", "p": "price"},
        }
    },
}

INVALID = [
    ({"calender": "XNYS"}, "key 'calender' is unknown, keys are.*; did you mean 'calendar'"),
    (
        {"calendar": "XLON"},
        "key 'calendar' is 'XLON', allowed are XNYS, 24/7, forex, and a span of time that",
    ),
    ({"deadline_after_close": "PT6H"}, "key 'deadline_after_close' is not after due_after_close, 6:00:00"),
    ({"due_after_close": "soon"}, "key 'due_after_close' is 'soon', which is no duration: write PT6H for six hours"),
    ({"start_date": "yesterday"}, "key 'start_date' is 'yesterday', which is no date: write .* as 2014-01-31"),
    ({"asset_class": "stones"}, "key 'asset_class' is 'stones', allowed is the file's name, 'metals'"),
    ({"datasets": ["fixes"]}, "key 'datasets' must map dataset names"),
    ({"datasets.fixes.changed": ["metal"]}, "key 'datasets.fixes.changed' goes with 'each' of another dataset's rows"),
    (
        {"datasets.more": {**GOOD["datasets"]["fixes"], "each": "fixes.T", "changed": ["T", "isin"]}},
        "key 'datasets.more.changed' names isin, which are no fields of fixes",
    ),
    (
        {
            "lists": {"metals": ["AU"]},
            "datasets.fixes.each": "metals",
            "datasets.fixes.personal": True,
            "datasets.fixes.path": "/v1/fixes/{metal}",
        },
        "key 'datasets.fixes.personal' does not go with 'each': the values are names of objects",
    ),
    (
        {"personal": True, "datasets.fixes.rows_in": "body", "datasets.fixes.path": "/v1/marketstatus/upcoming"},
        "key 'datasets.fixes.personal' is not for days off",
    ),
    ({"datasets.fixes": "all"}, "key 'datasets.fixes' must be a mapping, not 'all'"),
    (
        {"datasets.fixes.key": ["symbol"]},
        "key 'datasets.fixes.key' names symbol, allowed are the columns.*metal, price",
    ),
    ({"datasets.fixes.fields": {"T": "metal", "t": "metal"}}, "key 'datasets.fixes.fields' gives metal twice"),
    ({"datasets.fixes.path": "v1/fixes"}, "key 'datasets.fixes.path' is 'v1/fixes', allowed is a path"),
    ({"datasets.fixes.path": "/v1/{day}"}, "key 'datasets.fixes' has the placeholder {day}, allowed are market_date"),
    ({"datasets.fixes.path": "/v1/{next_date-1}"}, "has the placeholder {next_date-1}, allowed are market_date"),
    (
        {"datasets.fixes.empty": "ok"},
        "key 'datasets.fixes.empty' is 'ok', allowed are refused, landed",
    ),
    ({"datasets.fixes.pth": "/v1"}, "key 'datasets.fixes.pth' is unknown, keys are description, key, fields"),
    ({"datasets.fixes.name": "x"}, "key 'datasets.fixes.name' is given by where the entry stands"),
    ({"warehouse": ["daily_price"]}, "key 'warehouse' has daily_price, allowed are the tables of 'gold': "),
    ({"warehouse": ["daily_prices", "daily_prices"]}, "key 'warehouse' has daily_prices twice"),
    ({"benchmark": "GOLD'"}, "key 'benchmark' is \"GOLD'\": no symbol has \"'\""),
    ({"pegs": {"A'": [1, 2]}}, "key 'pegs.A'' is \"A'\": no symbol has \"'\""),
    ({"pegs": {"X:A": [2, 1]}}, "key 'pegs.X:A' is 2.0 to 1.0: a band is from a price above 0 to a higher one"),
    ({"pegs": {"X:A": [0, 1]}}, "key 'pegs.X:A' is 0.0 to 1.0: a band"),
    ({"benchmark": ""}, "key 'benchmark' is \"\", which is empty"),
    ({"benchmark": 5}, "key 'benchmark' is 5: expected `str . null`, got `int`"),
    ({"lists": {"metal": ["gold", "gold"]}}, "key 'lists.metal' has gold twice"),
    ({"datasets.fixes.each": "metal"}, "key 'datasets.fixes.each' is 'metal', allowed are the keys of 'lists'.*none"),
    ({"datasets.fixes.every": "PT1S"}, "key 'datasets.fixes.every' is 0:00:01, allowed is PT1M to PT6H"),
    (
        {"datasets.fixes.flat_file": {"prefix": "x/day", "fields": {"metal": "metal"}}},
        "key 'datasets.fixes.flat_file.fields' and 'fields' differ in price",
    ),
    ({"datasets.fixes.rows_in": "rows"}, "key 'datasets.fixes.rows_in' is 'rows', allowed are results, tickers, body"),
    ({"datasets.Fixes!": GOOD["datasets"]["fixes"]}, "key 'datasets.Fixes!' must be lower case"),
    ({"lists": {"Metal": ["gold"]}}, "key 'lists.Metal' must be lower case letters, digits and underscores"),
    ({"datasets.fixes.every": "PT6H1S"}, "key 'datasets.fixes.every' is 6:00:01, allowed is PT1M to PT6H"),
    ({"datasets.fixes.every": "PT59S"}, "key 'datasets.fixes.every' is 0:00:59, allowed is PT1M to PT6H"),
    (
        {"datasets.fixes.every": "PT1M", "datasets.fixes.shards": {"a": {}}},
        "key 'datasets.fixes.shards' cannot stand beside 'every': each taking is a shard of its own",
    ),
    ({"datasets.fixes.params": {"x": "{when}"}}, "has the placeholder {when}, allowed are market_date, market_date-1"),
    (
        {"lists": {"metal": ["gold"]}, "datasets.fixes.each": "fixes.T"},
        "'fixes.T', allowed are the keys of 'lists' and fields of datasets above it: metal$",
    ),
    (
        {"datasets.more": {**GOOD["datasets"]["fixes"], "each": "fixes.x"}},
        "key 'datasets.more.each' is 'fixes.x', allowed are .*: fixes.<one of its fields>$",
    ),
    ({"datasets.fixes.page_fields": {"m": "metal"}}, "key 'datasets.fixes.fields' gives metal twice"),
    ({"datasets.fixes.listed": []}, "key 'datasets.fixes.listed' is given by where the entry stands"),
    (
        {"gold": ["daily; DROP"]},
        "key 'gold' has 'daily; DROP': each must be lower case letters, digits and underscores",
    ),
    (
        {"datasets.fixes.fields": {"T": "metal", "p": "price`"}},
        "key 'datasets.fixes.fields' fills 'price`': each must be",
    ),
    (
        {"datasets.fixes.fields": {"T": "metal", "p') --": "price"}},
        r"'datasets.fixes.fields' names \"p'\) --\": allowed are",
    ),
    (
        {"datasets.fixes.flat_file": {"prefix": "x/day", "fields": {"m'": "metal", "p": "price"}}},
        "key 'datasets.fixes.fields' names \"m'\": allowed are letters",
    ),
    (
        {"datasets.fixes.reconciles": "fixes"},
        "key 'datasets.fixes.reconciles' is 'fixes', allowed are datasets above it: none",
    ),
    ({"datasets.fixes.severity": "critical"}, "key 'datasets.fixes.severity' goes with 'reconciles'"),
    ({"datasets.fixes.severity": "grave"}, "key 'datasets.fixes.severity' is 'grave', allowed are warn, critical"),
    ({"deadline_after_close": "PT5H"}, "key 'deadline_after_close' is not after due_after_close, 6:00:00"),
]


def write(folder: Path, changes: dict[str, Any]) -> Path:
    """The good declaration with some keys (dotted paths) set to something else."""
    document = msgspec.yaml.decode(yaml.safe_dump(GOOD))
    for key, value in changes.items():
        *parents, last = key.split(".")
        place = document
        for parent in parents:
            place = place[parent]
        place[last] = value
    path = folder / "metals.yaml"
    path.write_text(yaml.safe_dump(document))
    return path


def test_a_good_declaration_is_read(tmp_path: Path) -> None:
    """Every key arrives, and a dataset knows its names."""
    metals = catalog.parse(write(tmp_path, {}))
    assert metals.due_after_close == dt.timedelta(hours=6)
    assert metals.datasets["fixes"].table == "metals_fixes"
    assert metals.datasets["fixes"].empty == "landed"


def test_a_request_carries_the_market_day_and_lower_case_booleans(tmp_path: Path) -> None:
    """The day goes into the path and the parameters."""
    dataset = catalog.parse(write(tmp_path, {})).datasets["fixes"]
    call = dataset.call(dt.date(2014, 6, 6))
    assert (dataset.shard_names, call.path) == (("",), "/v1/fixes/2014-06-06")
    assert call.params == {"adjusted": "false", "limit": "10", "on": "2014-06-06"}


def test_a_request_may_reach_back_by_market_days(tmp_path: Path) -> None:
    """Days off are left out: the market day before a Monday is the Friday."""
    params = {"after": "{market_date-1}", "until": "{market_date}", "settled": "{market_date-10}T00:00:00Z"}
    dataset = catalog.parse(write(tmp_path, {"datasets.fixes.params": params})).datasets["fixes"]
    assert dataset.call(dt.date(2014, 6, 9)).params == {
        "after": "2014-06-06",
        "until": "2014-06-09",
        "settled": "2014-05-23T00:00:00Z",  # Memorial Day lies between
    }


def test_a_request_may_name_the_ends_of_its_utc_day(tmp_path: Path) -> None:
    """In milliseconds, the last one included: a date would be a day of New York."""
    changes = {"datasets.fixes.path": "/v1/fixes/{utc_from}/{utc_to}"}
    dataset = catalog.parse(write(tmp_path, changes)).datasets["fixes"]
    assert dataset.call(dt.date(2014, 6, 9)).path == "/v1/fixes/1402272000000/1402358399999"


def test_a_key_may_name_the_moment_of_a_taking(tmp_path: Path) -> None:
    """Only where there are many a day."""
    key = {"datasets.fixes.key": ["metal", "asof"]}
    assert catalog.parse(write(tmp_path, {**key, "datasets.fixes.every": "PT15M"})).intraday["fixes"].key[1] == "asof"
    with pytest.raises(catalog.DeclarationError, match="names asof, allowed are the columns"):
        catalog.parse(write(tmp_path, key))


def test_a_shard_is_a_request_with_parameters_of_its_own(tmp_path: Path) -> None:
    """Shards add to the dataset's parameters."""
    shards = {"active": {"active": True}, "delisted": {"active": False}}
    dataset = catalog.parse(write(tmp_path, {"datasets.fixes.shards": shards})).datasets["fixes"]
    calls = {shard: dataset.call(dt.date(2014, 6, 6), shard) for shard in dataset.shard_names}
    assert {shard: call.params["active"] for shard, call in calls.items()} == {"active": "true", "delisted": "false"}
    assert all(call.params["limit"] == "10" for call in calls.values())


def test_a_dataset_is_asked_for_each_value_of_a_list(tmp_path: Path) -> None:
    """The list is the asset class's, its name the placeholder."""
    changes = {
        "lists": {"metal": ["gold", "silver"]},
        "datasets.fixes.each": "metal",
        "datasets.fixes.path": "/v1/fixes/{metal}/{market_date}/{next_date}",
    }
    dataset = catalog.parse(write(tmp_path, changes)).datasets["fixes"]
    assert dataset.listed == ("gold", "silver")
    assert dataset.call(dt.date(2014, 6, 30), value="gold").path == "/v1/fixes/gold/2014-06-30/2014-07-01"


def test_a_dataset_is_asked_for_each_row_of_one_above_it(tmp_path: Path) -> None:
    """It carries that dataset with it."""
    bars = {**GOOD["datasets"]["fixes"], "each": "fixes.T", "path": "/v1/bars/{T}/{market_date}"}
    datasets = catalog.parse(write(tmp_path, {"datasets.of_fixes": bars})).datasets
    assert datasets["of_fixes"].listed_by == datasets["fixes"]
    assert datasets["of_fixes"].placeholder == "T"


def test_datasets_are_parted_by_when_they_can_be_had(tmp_path: Path) -> None:
    """Those taken in market hours, those for now only, and those of days gone by."""
    fixes = GOOD["datasets"]["fixes"]
    more = {"datasets.now": {**fixes, "present_only": True}, "datasets.often": {**fixes, "every": "PT15M"}}
    metals = catalog.parse(write(tmp_path, more))
    assert (set(metals.daily), set(metals.intraday)) == ({"fixes", "now"}, {"often"})
    assert set(metals.historical) == {"fixes"}


@pytest.mark.parametrize(("changes", "message"), INVALID, ids=[message[:40] for _, message in INVALID])
def test_a_wrong_declaration_is_refused_with_file_key_and_choices(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    """The message is all that a person needs to mend the file."""
    path = write(tmp_path, changes)
    with pytest.raises(catalog.DeclarationError, match=message) as error:
        catalog.parse(path)
    assert str(path) in str(error.value)


def test_a_file_that_is_no_yaml_is_refused_with_its_line(tmp_path: Path) -> None:
    """The parser's own position is kept."""
    path = tmp_path / "metals.yaml"
    path.write_text("asset_class: metals\n  datasets: [")
    with pytest.raises(catalog.DeclarationError, match=r"metals.yaml:2: not YAML"):
        catalog.parse(path)


def test_an_unknown_asset_class_is_refused_with_the_declared_ones() -> None:
    """The message lists what there is."""
    with pytest.raises(catalog.DeclarationError, match=r"no such asset class; declared are.*stocks"):
        catalog.load("shares")


@pytest.mark.parametrize("asset_class", catalog.asset_classes())
def test_each_declaration_is_valid(asset_class: str) -> None:
    """Every file in include/datasets is read, and each dataset that has a past asks for its day."""
    declared = catalog.load(asset_class)
    for each in declared.historical.values():
        dataset = (
            each.listed_by if each.changed and each.listed_by else each
        )  # the list of the day says whom to ask for
        for shard in dataset.shard_names:
            assert dataset.call(dt.date(2014, 6, 6), shard, "X") != dataset.call(dt.date(2014, 6, 9), shard, "X")


def test_what_is_just_allowed_is_read(tmp_path: Path) -> None:
    """A minute, six hours, a deadline a second after what is due, a placeholder of its own."""
    for every in ("PT1M", "PT6H"):
        assert set(catalog.parse(write(tmp_path, {"datasets.fixes.every": every})).intraday) == {"fixes"}
    late = catalog.parse(write(tmp_path, {"deadline_after_close": "PT6H1S"}))
    assert late.deadline_after_close == dt.timedelta(hours=6, seconds=1)
    changes = {
        "lists": {"metal": ["gold"]},
        "datasets.fixes.each": "metal",
        "datasets.fixes.params": {"of": "{metal}", "back": "{market_date-12}"},
    }
    call = catalog.parse(write(tmp_path, changes)).datasets["fixes"].call(dt.date(2014, 6, 9), value="gold")
    assert call.params == {"of": "gold", "back": "2014-05-21"}  # twelve market days, Memorial Day between


def test_what_is_revised_longest_counts_for_the_asset_class(tmp_path: Path) -> None:
    """None of it where nothing is."""
    fixes = GOOD["datasets"]["fixes"]
    changes = {"datasets.fixes.restated_days": 2, "datasets.more": {**fixes, "restated_days": 5}}
    assert catalog.parse(write(tmp_path, changes)).restated_days == 5
    assert catalog.parse(write(tmp_path, {})).restated_days == 0


def test_a_dataset_knows_where_it_stands(tmp_path: Path) -> None:
    """Its asset class, its calendar, its name; its columns are those of pages and rows, its shards in order."""
    shards: dict[str, Any] = {"b": {}, "a": {}}
    changes = {"datasets.fixes.page_fields": {"q": "quoted"}, "datasets.fixes.shards": shards}
    fixes = catalog.parse(write(tmp_path, changes)).datasets["fixes"]
    assert (fixes.asset_class, fixes.calendar, fixes.name) == ("metals", "XNYS", "fixes")
    assert fixes.columns == ("quoted", "metal", "price")
    assert fixes.shard_names == ("a", "b")
    assert (fixes.placeholder, fixes.is_range) == ("", False)
    ranged = catalog.parse(write(tmp_path, {"datasets.fixes.path": "/v1/range/{market_date}"})).datasets["fixes"]
    assert ranged.is_range


def test_a_days_flat_file_has_its_key() -> None:
    """A folder a year and a month."""
    key = FlatFile("us_options_opra/day_aggs_v1", {}).key(dt.date(2014, 6, 6))
    assert key == "us_options_opra/day_aggs_v1/2014/06/2014-06-06.csv.gz"


def test_without_any_declaration_none_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message still has the file."""
    monkeypatch.setattr(catalog, "include_dir", lambda: tmp_path)
    assert catalog.asset_classes() == []
    with pytest.raises(catalog.DeclarationError, match=r"metals\.yaml: no such asset class; declared are none"):
        catalog.load("metals")
    (tmp_path / "datasets").mkdir()
    for name in ("b", "a"):
        (tmp_path / "datasets" / f"{name}.yaml").write_text("")
    assert catalog.asset_classes() == ["a", "b"]
    with pytest.raises(catalog.DeclarationError, match="declared are a, b"):
        catalog.load("metals")


def test_an_asset_class_is_one_of_those_declared() -> None:
    """Its name leads to no other file."""
    for name in ("../grants/stocks", "stocks/../crypto", "stocks.yaml", "", "bonds"):
        with pytest.raises(catalog.DeclarationError, match="no such asset class; declared are crypto, "):
            catalog.load(name)


def test_an_edit_is_seen_by_a_process_that_has_read_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read once as long as it stays; one of the same length is another file, and a wrong one is told each time."""
    (tmp_path / "datasets").mkdir()
    monkeypatch.setattr(catalog, "include_dir", lambda: tmp_path)
    write(tmp_path / "datasets", {"description": "Metals"})
    first = catalog.load("metals")
    assert catalog.load("metals") is first
    for wanted in ("Alloys", "Metals"):
        write(tmp_path / "datasets", {"description": wanted})
        assert catalog.load("metals").description == wanted
    write(tmp_path / "datasets", {"calendar": "XLON"})
    for _ in range(2):
        with pytest.raises(catalog.DeclarationError, match="XLON"):
            catalog.load("metals")


def test_what_is_asked_for_each_of_an_empty_list_is_off(tmp_path: Path) -> None:
    """Neither a dataset nor what it feeds is there; a list with a ticker turns both on, a part of a day a ticker."""
    off = catalog.load("stocks")
    assert list(off.off) == ["trades", "quotes"]
    assert not {"trades", "quotes"} & {*off.datasets, *off.daily, *off.historical}
    assert "spreads" not in off.gold
    on = turned_on(tmp_path, "TSLA", "AAPL")
    assert on.off == {}
    assert on.gold == (*off.gold, "spreads")
    assert list(on.ticks) == ["trades", "quotes"]
    assert on.daily.keys() == off.daily.keys()
    assert {"trades", "quotes"} <= on.historical.keys()
    trades = on.ticks["trades"]
    assert trades.shard_names == ("AAPL", "TSLA")
    assert trades.calls_a_day == 2
    day = dt.date(2026, 6, 30)
    assert trades.origin(day, "TSLA", as_file=False).startswith("GET /v3/trades/TSLA?timestamp=2026-06-30&")
    assert trades.origin(day, "TSLA", as_file=True) == "us_stocks_sip/trades_v1/2026/06/2026-06-30.csv.gz"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    apart: ticker\n", "    apart: ticker\n    every: PT15M\n", "goes with 'each' of a list, and without"),
        ("    apart: ticker\n", "    apart: price\n", "must be the column of the first of flat_file.fields"),
    ],
)
def test_what_cannot_be_told_apart_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    """By the line of its entry."""
    file = tmp_path / "stocks.yaml"
    text = (include_dir() / "datasets" / "stocks.yaml").read_text()
    file.write_text(text.replace(old, new, 1))
    with pytest.raises(DeclarationError, match=f"datasets.trades.apart' {said}"):
        catalog.parse(file)
