"""What is sent of a simulated day: by the description of the stream, and in the end as the REST side has it."""

import datetime as dt

import pytest

from local.polygon.app import Settings, markets_of
from local.polygon.markets.market import Markets
from local.polygon_stream.minute_bars import CLUSTERS, Event, SimulatedDay

DAY = dt.date(2026, 6, 16)
# The keys of the examples in the source's description of its stream.
SAID = {
    "stocks": {"ev", "sym", "v", "av", "op", "vw", "o", "c", "h", "l", "a", "z", "s", "e"},
    "indices": {"ev", "sym", "op", "o", "c", "h", "l", "s", "e"},
    "crypto": {"ev", "pair", "v", "vw", "z", "o", "c", "h", "l", "s", "e"},
    "forex": {"ev", "pair", "o", "c", "h", "l", "v", "s", "e"},
}
TICKERS = {
    "stocks": {"AAPL": "AAPL", "NVDA": "NVDA", "ANTH": "ANTH"},
    "indices": {"I:SPX": "I:SPX"},
    "crypto": {"X:BTCUSD": "BTC-USD", "X:ETHUSD": "ETH-USD"},
    "forex": {"C:EURUSD": "EUR/USD"},
}


@pytest.fixture(scope="module")
def known() -> Markets:
    """Small markets on the day after."""
    return markets_of(
        Settings(
            DAY + dt.timedelta(days=1), dt.time(12), stocks=300, otc=0, underlyings=1, forex=6, crypto=6, indices=6
        )
    )


def day_of(known: Markets, cluster: str, seed: int = 7) -> SimulatedDay:
    """What a cluster sends."""
    return SimulatedDay(CLUSTERS[cluster], getattr(known, cluster), DAY, TICKERS[cluster], seed)


def rest(known: Markets, cluster: str) -> dict[tuple[str, int], dict[str, float]]:
    """The REST side's minutes by name and beginning."""
    market = getattr(known, cluster)
    session = market.sessions.index(DAY)
    found = {}
    for ticker, name in TICKERS[cluster].items():
        bars = market.minutes(ticker, session, session, adjusted=False)
        for row in zip(bars.t, bars.o, bars.h, bars.l, bars.c, bars.v, bars.vw, strict=True):
            found[name, int(row[0])] = dict(zip(("o", "h", "l", "c", "v", "vw"), map(float, row[1:]), strict=True))
    return found


@pytest.mark.parametrize("cluster", CLUSTERS)
def test_a_message_has_the_keys_of_the_description(known: Markets, cluster: str) -> None:
    """No more, no less, and a pair is named as there; a minute is sixty seconds of milliseconds."""
    sent: list[Event] = [event for _, events in day_of(known, cluster).minutes() for event in events]
    assert {frozenset(event) for event in sent} == {frozenset(SAID[cluster])}
    assert {event.get("sym", event.get("pair")) for event in sent} == set(TICKERS[cluster].values())
    assert {event["e"] - event["s"] for event in sent} == {60_000}


@pytest.mark.parametrize("cluster", CLUSTERS)
def test_what_was_sent_last_is_what_rest_has(known: Markets, cluster: str) -> None:
    """But for the few bars whose trades came too late for the stream, which are named; none is missing or made up."""
    day, final, times = day_of(known, cluster), {}, {}
    for minute, events in day.minutes():
        for event in events:
            key = (event.get("sym") or event["pair"], event["s"])
            assert key not in final or final[key] != event
            final[key] = event
            times.setdefault(key, []).append(minute)
    expected = rest(known, cluster)
    assert final.keys() == expected.keys()
    differing = {
        key
        for key, bar in expected.items()
        if any(final[key].get(name, bar[name]) != pytest.approx(bar[name], nan_ok=True) for name in bar)
    }
    assert differing <= day.wrong
    # Sent behind its minute, and again within a quarter of an hour.
    assert all(first == key[1] for key, (first, *_) in times.items())
    again = [minutes for minutes in times.values() if len(minutes) > 1]
    assert all(len(minutes) == 2 and 60_000 <= minutes[1] - minutes[0] <= 15 * 60_000 for minutes in again)
    if cluster in ("stocks", "crypto"):
        assert 0.01 < len(again) / len(final) < 0.06
        assert day.wrong


def test_the_day_adds_up(known: Markets) -> None:
    """`av` is the day's volume so far, `a` its average price, `op` its first price, `z` shares a trade."""
    bars = {begins: bar for (name, begins), bar in rest(known, "stocks").items() if name == "AAPL"}
    last = {}
    for _, events in day_of(known, "stocks").minutes():
        last.update({event["s"]: event for event in events if event["sym"] == "AAPL"})
    wrong = {begins for _, begins in day_of(known, "stocks").wrong}
    volume = worth = 0.0
    for begins in sorted(bars):
        bar, event = bars[begins], last[begins]
        volume, worth = volume + bar["v"], worth + bar["v"] * bar["vw"]
        if begins not in wrong:
            assert event["av"] == pytest.approx(volume)
            assert event["a"] == pytest.approx(worth / volume, abs=1e-4)
        assert event["op"] == bars[min(bars)]["o"]
        assert 1 <= event["z"] <= bar["v"]


def test_a_seed_is_its_messages(known: Markets) -> None:
    """The same again, whatever else was made between; another seed sends other bars again."""
    first = list(day_of(known, "crypto").minutes())
    assert list(day_of(known, "crypto").minutes()) == first
    assert list(day_of(known, "crypto", seed=8).minutes()) != first


def test_a_day_off_is_told(known: Markets) -> None:
    """Nobody can stream a Sunday of stocks."""
    with pytest.raises(ValueError, match="stocks do not trade on 2026-06-14"):
        SimulatedDay(CLUSTERS["stocks"], known.stocks, dt.date(2026, 6, 14), ["AAPL"], 7)
