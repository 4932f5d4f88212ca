-- Title: Prices that may be wrong
-- Note: The newest 100 of all securities, each with its reason. Most reasons compare with 20 market days before.
-- Kind: table
-- Place: column 1, row 20, 6 wide, 8 high
-- Column: known_on, Known on
-- Column: asset_class, Asset class
-- Column: ticker, Security
-- Column: market_date, Market day
-- Column: reason, Reason
-- Column: size, Size, number
-- Column: size_means, What the size is
-- Column: corrected_at, Corrected (UTC)
-- Newest: known_on, 100
-- Days: 21
-- Empty: No price looks wrong.
SELECT known_on, 'stocks' AS asset_class, ticker, market_date, reason, size, size_means, corrected_at
FROM gold.stocks_anomalies
UNION ALL
SELECT known_on, 'forex' AS asset_class, ticker, market_date, reason, size, size_means, corrected_at
FROM gold.forex_anomalies
UNION ALL
SELECT known_on, 'crypto' AS asset_class, ticker, market_date, reason, size, size_means, corrected_at
FROM gold.crypto_anomalies
UNION ALL
SELECT known_on, 'indices' AS asset_class, ticker, market_date, reason, size, size_means, corrected_at
FROM gold.indices_anomalies
