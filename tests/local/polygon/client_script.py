"""Reads every served endpoint with the official client and prints what came, as JSON.

Run as `client_script.py MODULE BASE KEY`, where MODULE is `massive` or its earlier name `polygon`.
"""

import importlib
import itertools
import json
import sys


def main(module: str, base: str, key: str) -> None:
    """Asks for everything once."""
    client = importlib.import_module(module).RESTClient(api_key=key, base=base)
    grouped = client.get_grouped_daily_aggs("2026-06-15", adjusted=False)
    anth = next(bar for bar in grouped if bar.ticker == "ANTH")
    days = list(client.list_aggs("ANTH", 1, "day", "2026-06-01", "2026-06-30", limit=5))
    minutes = client.get_aggs("ANTH", 1, "minute", "2026-06-15", "2026-06-15")
    previous = client.get_previous_close_agg("ANTH")
    tickers = list(client.list_tickers(market="stocks", active=True, date="2026-06-02", limit=150))
    gone = list(client.list_tickers(market="stocks", active=False, date="2026-06-02", limit=1000))
    splits = list(client.list_splits(execution_date_gte="2026-06-01", execution_date_lt="2026-07-01"))
    dividends = list(client.list_dividends(ex_dividend_date="2026-06-15", limit=1000))
    found = {
        "grouped": len(grouped),
        "anth": [anth.open, anth.high, anth.low, anth.close, anth.volume, anth.timestamp],
        "days": [bar.close for bar in days],
        "minutes": [len(minutes), minutes[0].open, minutes[-1].close],
        "previous": [previous[0].ticker, previous[0].close],
        "tickers": [ticker.ticker for ticker in tickers],
        "gone": [ticker.ticker for ticker in gone],
        "splits": sorted([split.ticker, split.split_from, split.split_to] for split in splits),
        "dividends": sorted([dividend.ticker, dividend.cash_amount] for dividend in dividends),
        "exchanges": [exchange.mic for exchange in client.get_exchanges(asset_class="stocks")],
        "types": [kind.code for kind in client.get_ticker_types()],
        "status": client.get_market_status().market,
        "holidays": [[day.date, day.exchange, day.status] for day in client.get_market_holidays()],
        "details": client.get_ticker_details("ANTH").name,
        "news": [item.id for item in itertools.islice(client.list_ticker_news(limit=10), 25)],
    }
    if hasattr(client, "list_stocks_splits"):
        found["new_splits"] = sorted(
            [split.ticker, split.split_from, split.split_to]
            for split in client.list_stocks_splits(execution_date_gte="2026-06-01", execution_date_lt="2026-07-01")
        )
        new = client.list_stocks_dividends(ex_dividend_date="2026-06-15", limit=5000)
        found["new_dividends"] = sorted([dividend.ticker, dividend.cash_amount] for dividend in new)
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
