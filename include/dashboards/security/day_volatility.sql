-- Title: Volatility of a day, and its forecast
-- Note: How far it moved by the range of its prices, without the largest outliers; what was forecast of the day, and where 8 of 10 days were.
-- Kind: line
-- Place: column 1, row 15, 6 wide, 6 high
-- Chosen: ticker
-- Across: market_date, Market day
-- Up: volatility, By its range, %
-- Up: forecast, Forecast, %
-- Low: low, Lower end, %
-- High: high, Upper end of 8 in 10 days, %
-- Days: 12
-- Empty: Its range is not compared with the days before: fewer than 10 of 66 have one.
SELECT ticker, market_date, sqrt(variance_1d) AS volatility, CAST(NULL AS DOUBLE) AS forecast, CAST(NULL AS DOUBLE) AS low,
  CAST(NULL AS DOUBLE) AS high
FROM gold.stocks_volatility_features
UNION ALL
SELECT ticker, market_date, sqrt(variance_1d) AS volatility, CAST(NULL AS DOUBLE) AS forecast, CAST(NULL AS DOUBLE) AS low,
  CAST(NULL AS DOUBLE) AS high
FROM gold.forex_volatility_features
UNION ALL
SELECT ticker, market_date, sqrt(variance_1d) AS volatility, CAST(NULL AS DOUBLE) AS forecast, CAST(NULL AS DOUBLE) AS low,
  CAST(NULL AS DOUBLE) AS high
FROM gold.crypto_volatility_features
UNION ALL
SELECT ticker, market_date, sqrt(variance_1d) AS volatility, CAST(NULL AS DOUBLE) AS forecast, CAST(NULL AS DOUBLE) AS low,
  CAST(NULL AS DOUBLE) AS high
FROM gold.indices_volatility_features
UNION ALL
SELECT ticker, forecast_date AS market_date, CAST(NULL AS DOUBLE) AS volatility, volatility AS forecast, sqrt(variance_low) AS low,
  sqrt(variance_high) AS high
FROM gold.volatility_forecasts
WHERE variance IS NOT NULL
