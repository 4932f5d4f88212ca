-- Title: Most traded
-- Kind: table
-- Place: column 5, row 14, 2 wide, 6 high
-- Column: ticker, Ticker
-- Column: turnover, Turnover, USD
-- Column: relative_volume_20d, Volume beside usual, ratio
-- Empty: No market day of stocks is in gold.
SELECT ticker, close * volume AS turnover, relative_volume_20d
FROM gold.stocks_daily_prices
WHERE market_date = (SELECT max(market_date) FROM gold.stocks_market_summary)
ORDER BY close * volume DESC, ticker
LIMIT 10
