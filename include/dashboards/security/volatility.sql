-- Title: Volatility over 20 market days
-- Note: The standard deviation of its returns, for a year.
-- Kind: line
-- Place: column 4, row 9, 3 wide, 6 high
-- Chosen: ticker
-- Across: market_date, Market day
-- Up: volatility_20d_annualised, Volatility a year, %
-- Days: 11
-- Empty: It has fewer than 10 returns in 20 market days.
SELECT ticker, market_date, volatility_20d_annualised
FROM gold.stocks_daily_returns
UNION ALL
SELECT ticker, market_date, volatility_20d_annualised
FROM gold.forex_daily_returns
UNION ALL
SELECT ticker, market_date, volatility_20d_annualised
FROM gold.crypto_daily_returns
UNION ALL
SELECT ticker, market_date, volatility_20d_annualised
FROM gold.indices_daily_returns
UNION ALL
SELECT ticker, market_date, volatility_20d_annualised
FROM gold.options_daily_returns
