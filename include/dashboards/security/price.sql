-- Title: Price
-- Note: As it was traded; of shares and funds also with later splits taken out, and with dividends reinvested.
-- Kind: line
-- Place: column 1, row 2, 4 wide, 7 high
-- Chosen: ticker
-- Across: market_date, Market day
-- Up: close, As traded, its currency
-- Up: adj_close, Split-adjusted, its currency
-- Up: total_return_close, Dividends reinvested, its currency
-- Empty: No price of it is in gold.
SELECT ticker, market_date, close, adj_close, total_return_close
FROM gold.stocks_daily_prices
UNION ALL
SELECT ticker, market_date, close, CAST(NULL AS DOUBLE) AS adj_close, CAST(NULL AS DOUBLE) AS total_return_close
FROM gold.forex_daily_prices
UNION ALL
SELECT ticker, market_date, close, CAST(NULL AS DOUBLE) AS adj_close, CAST(NULL AS DOUBLE) AS total_return_close
FROM gold.crypto_daily_prices
UNION ALL
SELECT ticker, market_date, close, CAST(NULL AS DOUBLE) AS adj_close, CAST(NULL AS DOUBLE) AS total_return_close
FROM gold.indices_daily_prices
UNION ALL
SELECT ticker, market_date, close, CAST(NULL AS DOUBLE) AS adj_close, CAST(NULL AS DOUBLE) AS total_return_close
FROM gold.options_daily_prices
