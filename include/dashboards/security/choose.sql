-- Title: Security
-- Kind: choice
-- Place: column 1, row 1, 6 wide, 1 high
-- Chosen: ticker
-- Group: asset_class, Asset class
-- Rank: traded, How often or how much it was traded on the newest day, number
-- First: AAPL
SELECT 'stocks' AS asset_class, ticker, close * volume AS traded
FROM gold.stocks_daily_prices
WHERE market_date = (SELECT max(market_date) FROM gold.stocks_market_summary)
UNION ALL
SELECT 'forex' AS asset_class, ticker, volume AS traded
FROM gold.forex_daily_prices
WHERE market_date = (SELECT max(market_date) FROM gold.forex_market_summary)
UNION ALL
SELECT 'crypto' AS asset_class, ticker, CAST(trades AS DOUBLE) AS traded
FROM gold.crypto_daily_prices
WHERE market_date = (SELECT max(market_date) FROM gold.crypto_market_summary)
UNION ALL
SELECT 'indices' AS asset_class, ticker, close AS traded
FROM gold.indices_daily_prices
WHERE market_date = (SELECT max(market_date) FROM gold.indices_market_summary)
UNION ALL
SELECT 'options' AS asset_class, ticker, turnover AS traded
FROM gold.options_daily_prices
WHERE market_date = (SELECT max(market_date) FROM gold.options_market_summary)
