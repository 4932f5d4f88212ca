"""What a stream declares, how it names what it asks for, and what is wrong about it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import msgspec
import pytest

from anthill import catalog
from anthill.sources.polygon.declaration import PolygonDataset
from anthill.sources.polygon_stream.declaration import StreamDataset
from anthill.sources.polygon_stream.span import Span
from anthill.sources.polygon_stream.spelling import spelled

BARS = PolygonDataset(
    description="d",
    key=("ticker", "bar_start"),
    fields={"o": "open", "t": "bar_start"},
    page_fields={"ticker": "ticker"},
    path="/v2/aggs/ticker/{pair}/range/1/minute/{utc_from}/{utc_to}",
    each="pair",
    name="minute_bars",
)
LISTS = {"pair": ("X:BTCUSD", "X:ETHEUR")}
ABOVE = {"minute_bars": BARS, "tickers": msgspec.structs.replace(BARS, path="/v3/reference/tickers")}
STREAM = StreamDataset(
    description="d",
    key=("ticker", "bar_start"),
    fields={"pair": "ticker", "o": "open", "s": "bar_start"},
    channels=("XA",),
    each="pair",
    reconciles="minute_bars",
    asset_class="crypto",
    name="minute_stream",
    source="polygon_stream",
).placed(LISTS, ABOVE)


def at(text: str) -> dt.datetime:
    """A moment of June 16th (UTC)."""
    return dt.datetime.fromisoformat(f"2026-06-16T{text}+00:00")


def test_what_fits_has_no_problem() -> None:
    """It asks for each pair of its list as the stream spells it, and nothing of a day waits for it."""
    assert list(STREAM.problems(LISTS, ABOVE)) == []
    assert STREAM.subscriptions == ("XA.BTC-USD", "XA.ETH-EUR")
    assert msgspec.structs.replace(STREAM, listed=()).subscriptions == ("XA.*",)
    assert (STREAM.account, STREAM.is_gathered, STREAM.is_provisional, STREAM.present_only) == (BARS, True, True, True)
    assert STREAM.columns == ("received_at", "segment", "line", "ticker", "open", "bar_start")
    assert dict(STREAM.asked()) == {
        "channels": "`XA` of the cluster `crypto`",
        "asked for each": "`pair`",
        "settled by": "`minute_bars`",
    }


@pytest.mark.parametrize(
    ("change", "key", "said"),
    [
        ({"channels": ("XA.*",)}, ".channels", "without a dot"),
        ({"channels": ()}, ".channels", "none"),
        ({"segment": dt.timedelta(seconds=59)}, ".segment", "PT1M to PT5M"),
        ({"segment": dt.timedelta(minutes=6)}, ".segment", "PT1M to PT5M"),
        ({"reconciles": ""}, ".reconciles", "name the dataset"),
        ({"reconciles": "tickers"}, ".reconciles", "a range of minutes"),
        ({"each": ""}, ".each", "that of minute_bars is 'pair'"),
        ({"fields": {"pair": "ticker", "x": "extra"}}, ".fields", "extra, which minute_bars has not"),
        ({"page_fields": {"ticker": "ticker"}}, ".page_fields", "by who records"),
        ({"every": dt.timedelta(minutes=5)}, ".every", "when it comes"),
        ({"present_only": False}, ".present_only", "replays nothing"),
    ],
)
def test_a_problem_has_its_key(change: dict[str, Any], key: str, said: str) -> None:
    """And says what may stand there, or why nothing may."""
    dataset = msgspec.structs.replace(STREAM, **change).placed(LISTS, ABOVE)
    ((found, why),) = dataset.problems(LISTS, ABOVE)
    assert found == key
    assert said in why


@pytest.mark.parametrize(
    ("ticker", "name"),
    [
        ("X:BTCUSD", "BTC-USD"),  # as the vendor's pages write both
        ("C:USDEUR", "USD/EUR"),
        ("I:SPX", "I:SPX"),
        ("BRK.B", "BRK.B"),
        ("O:SPY251219C00650000", "O:SPY251219C00650000"),
    ],
)
def test_pairs_are_spelled_with_their_currencies_apart(ticker: str, name: str) -> None:
    """And nothing else is another word in the stream."""
    assert spelled(ticker) == name


def test_a_span_is_named_by_its_ends() -> None:
    """With the minute on either side, and as the API takes it: the last minute whole."""
    span = Span.around(at("13:45:59"), at("13:47:00"))
    assert span.shard == "rest-20260616T1344Z-20260616T1348Z"
    assert Span.of(span.shard) == span
    first, last = map(int, span.in_path.split("/"))
    assert dt.datetime.fromtimestamp(first / 1000, dt.UTC) == at("13:44:00")
    assert dt.datetime.fromtimestamp(last / 1000, dt.UTC) == at("13:48:59.999")
    with pytest.raises(ValueError, match="T134500Z-0af3c2d1"):
        Span.of("T134500Z-0af3c2d1")


@pytest.mark.parametrize("asset_class", ["crypto", "forex", "indices", "stocks"])
def test_the_house_declares_a_stream_that_nothing_waits_for(asset_class: str) -> None:
    """It is none of the datasets of a market day; a connection has at most 5 minutes of it."""
    declared = catalog.load(asset_class)
    assert list(declared.streams) == ["minute_stream"]
    assert "minute_stream" not in declared.datasets
    stream = declared.streams["minute_stream"]
    assert isinstance(stream, StreamDataset)
    assert stream.account == declared.datasets["minute_bars"]
    assert len(stream.subscriptions) == len(declared.lists[stream.each])
    assert declared.with_streams().reconciling[-1] == stream
    assert stream not in declared.reconciling


def test_streams_are_no_key_of_a_file(tmp_path: Path) -> None:
    """They are entries as all others."""
    folder = Path(catalog.__file__).parents[2] / "include" / "datasets"
    file = tmp_path / "crypto.yaml"
    file.write_text((folder / "crypto.yaml").read_text() + "streams: {}\n")
    with pytest.raises(catalog.DeclarationError, match="'streams' is given by the entries"):
        catalog.parse(file)
