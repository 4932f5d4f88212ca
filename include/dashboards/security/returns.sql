-- Title: Returns
-- Kind: bar
-- Place: column 1, row 24, 6 wide, 5 high
-- Chosen: ticker
-- Across: market_date, Market day
-- Up: simple_return, Return of a day, %
-- Days: 2
-- Empty: It has no return: it was not traded in the 20 market days before.
SELECT ticker, market_date, simple_return
FROM gold.stocks_daily_returns
UNION ALL
SELECT ticker, market_date, simple_return
FROM gold.forex_daily_returns
UNION ALL
SELECT ticker, market_date, simple_return
FROM gold.crypto_daily_returns
UNION ALL
SELECT ticker, market_date, simple_return
FROM gold.indices_daily_returns
UNION ALL
SELECT ticker, market_date, simple_return
FROM gold.options_daily_returns
