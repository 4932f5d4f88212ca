-- Title: Pairs and coins on their newest day
-- Note: The 30 that moved most.
-- Kind: table
-- Place: column 1, row 7, 3 wide, 8 high
-- Column: asset_class, Asset class
-- Column: ticker, Pair
-- Column: simple_return, Return, %
-- Column: volatility_20d_annualised, Volatility a year, %
-- Days: 2
-- Empty: No pair has a return.
SELECT asset_class, ticker, simple_return, volatility_20d_annualised
FROM (
  SELECT 'forex' AS asset_class, ticker, simple_return, volatility_20d_annualised
  FROM gold.forex_daily_returns
  WHERE market_date = (SELECT max(market_date) FROM gold.forex_daily_returns)
  UNION ALL
  SELECT 'crypto' AS asset_class, ticker, simple_return, volatility_20d_annualised
  FROM gold.crypto_daily_returns
  WHERE market_date = (SELECT max(market_date) FROM gold.crypto_daily_returns)
) AS newest
WHERE simple_return IS NOT NULL
ORDER BY abs(simple_return) DESC, ticker
LIMIT 30
