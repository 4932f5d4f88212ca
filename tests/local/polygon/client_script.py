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
    sunday = client.get_grouped_daily_aggs("2026-06-14", locale="global", market_type="fx")
    saturday = client.get_grouped_daily_aggs("2026-06-20", locale="global", market_type="crypto")
    snapshot = list(client.get_snapshot_indices(["I:SPX", "I:NOPE"]))
    found |= {
        "forex": sorted([bar.ticker, bar.close, bar.transactions] for bar in sunday),
        "crypto": sorted([bar.ticker, bar.close, bar.volume] for bar in saturday),
        "euro": [bar.close for bar in client.list_aggs("C:EURUSD", 1, "minute", "2026-06-14", "2026-06-14", limit=99)],
        "bitcoin": [bar.close for bar in client.list_aggs("X:BTCUSD", 1, "day", "2026-06-01", "2026-06-30")],
        "index": [[bar.close, bar.volume] for bar in client.list_aggs("I:SPX", 1, "day", "2026-06-01", "2026-06-30")],
        "index_before": client.get_previous_close_agg("I:SPX")[0].close,
        "pairs": [ticker.ticker for ticker in client.list_tickers(market="fx", limit=25)],
        "base": client.get_ticker_details("C:EURUSD").name,
        "snapshot": [[row.ticker, row.value, row.error] for row in snapshot],
        "currencies": [client.get_market_status().currencies.crypto, client.get_market_status().currencies.fx],
    }
    contracts = list(client.list_options_contracts(underlying_ticker="ANTH", as_of="2026-06-12", limit=700))
    gone = client.list_options_contracts(
        underlying_ticker="ANTH", expired=True, expiration_date_gte="2026-06-01", limit=1000
    )
    chain = list(client.list_snapshot_options_chain("ANTH", params={"limit": 250, "contract_type": "call"}))
    one = next(row for row in chain if row.greeks and row.day and row.day.volume > 100)
    found |= {
        "contracts": [contract.ticker for contract in contracts],
        "expired": [contract.ticker for contract in gone],
        "contract": [
            client.get_options_contract(contracts[0].ticker, as_of="2026-06-12").strike_price,
            contracts[0].strike_price,
        ],
        "chain": [[row.details.ticker, row.open_interest, row.implied_volatility] for row in chain],
        "option": [
            one.details.ticker,
            one.greeks.delta,
            client.get_snapshot_option("ANTH", one.details.ticker).greeks.delta,
        ],
        "option_days": [
            bar.close for bar in client.list_aggs(one.details.ticker, 1, "day", "2026-06-15", "2026-07-01", limit=3)
        ],
        "option_close": one.day.close,
    }
    whole = client.get_snapshot_all("stocks")
    one = client.get_snapshot_ticker("stocks", "ANTH")
    found |= {
        "conditions": [condition.name for condition in client.list_conditions(asset_class="stocks", limit=9)],
        "whole": {row.ticker: [row.day.close, row.prev_day.close, row.min.accumulated_volume] for row in whole},
        "one": [one.ticker, one.todays_change, one.last_trade.price, one.last_quote.ask_price, one.updated],
        "short_interest": [
            [row.ticker, row.short_interest, row.days_to_cover]
            for row in client.list_short_interest(settlement_date="2026-06-15", limit=100)
        ],
        "short_volume": [
            [row.date, row.short_volume, row.nyse_short_volume]
            for row in client.list_short_volume(ticker="ANTH", date_gte="2026-06-01", limit=7, sort="date.asc")
        ],
    }
    if hasattr(client, "list_financials_ratios"):
        about = {"filing_date_gte": "2026-05-01", "filing_date_lt": "2026-06-01", "limit": 40}
        found |= {
            "sheets": [[row.cik, row.total_assets] for row in client.list_financials_balance_sheets(**about)],
            "incomes": [[row.cik, row.revenue] for row in client.list_financials_income_statements(**about)],
            "flows": [[row.cik, row.net_income] for row in client.list_financials_cash_flow_statements(**about)],
            "ratios": [[row.ticker, row.price_to_book] for row in client.list_financials_ratios(limit=90)],
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
