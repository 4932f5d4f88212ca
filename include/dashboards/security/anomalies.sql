-- Title: Prices that may be wrong
-- Note: Each with its reason, and the object in bronze that has it. Most reasons compare with 20 market days before.
-- Kind: table
-- Place: column 1, row 35, 6 wide, 6 high
-- Chosen: ticker
-- Column: market_date, Market day
-- Column: reason, Reason
-- Column: size, Size, number
-- Column: size_means, What the size is
-- Column: known_on, Known on
-- Column: corrected_at, Corrected (UTC)
-- Column: source_uri, Bronze object
-- Newest: market_date
-- Days: 21
-- Empty: None of its prices looks wrong.
SELECT ticker, market_date, reason, size, size_means, known_on, corrected_at, source_uri
FROM gold.stocks_anomalies
UNION ALL
SELECT ticker, market_date, reason, size, size_means, known_on, corrected_at, source_uri
FROM gold.forex_anomalies
UNION ALL
SELECT ticker, market_date, reason, size, size_means, known_on, corrected_at, source_uri
FROM gold.crypto_anomalies
UNION ALL
SELECT ticker, market_date, reason, size, size_means, known_on, corrected_at, source_uri
FROM gold.indices_anomalies
