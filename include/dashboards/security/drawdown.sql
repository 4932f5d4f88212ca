-- Title: Below its highest
-- Note: Below the highest close of all days that are loaded; of shares and funds with dividends reinvested.
-- Kind: line
-- Place: column 1, row 9, 3 wide, 6 high
-- Chosen: ticker
-- Across: market_date, Market day
-- Up: drawdown, Below the highest, %
-- Days: 2
-- Empty: No price of it is in gold.
SELECT ticker, market_date, total_return_close / max(total_return_close) OVER (PARTITION BY security ORDER BY market_date) - 1 AS drawdown
FROM gold.stocks_daily_prices
UNION ALL
SELECT ticker, market_date, close / max(close) OVER (PARTITION BY ticker ORDER BY market_date) - 1 AS drawdown
FROM gold.forex_daily_prices
UNION ALL
SELECT ticker, market_date, close / max(close) OVER (PARTITION BY ticker ORDER BY market_date) - 1 AS drawdown
FROM gold.crypto_daily_prices
UNION ALL
SELECT ticker, market_date, close / max(close) OVER (PARTITION BY ticker ORDER BY market_date) - 1 AS drawdown
FROM gold.indices_daily_prices
UNION ALL
SELECT ticker, market_date, close / max(close) OVER (PARTITION BY ticker ORDER BY market_date) - 1 AS drawdown
FROM gold.options_daily_prices
