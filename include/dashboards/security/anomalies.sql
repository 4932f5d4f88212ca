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
-- Column: less_isolated, Bars less isolated, %
-- Column: opinion, Isolated by
-- Column: corrected_at, Corrected (UTC)
-- Column: source_uri, Bronze object
-- Newest: market_date
-- Days: 21
-- Empty: None of its prices looks wrong.
SELECT found.ticker, found.market_date, found.reason, found.size, found.size_means, found.known_on,
  opinions.less_isolated, coalesce(opinions.features, opinions.reason) AS opinion, found.corrected_at, found.source_uri
FROM gold.stocks_anomalies AS found
LEFT JOIN gold.anomaly_opinions AS opinions
  ON opinions.asset_class = 'stocks' AND opinions.ticker = found.ticker AND opinions.market_date = found.market_date
UNION ALL
SELECT found.ticker, found.market_date, found.reason, found.size, found.size_means, found.known_on,
  opinions.less_isolated, coalesce(opinions.features, opinions.reason) AS opinion, found.corrected_at, found.source_uri
FROM gold.forex_anomalies AS found
LEFT JOIN gold.anomaly_opinions AS opinions
  ON opinions.asset_class = 'forex' AND opinions.ticker = found.ticker AND opinions.market_date = found.market_date
UNION ALL
SELECT found.ticker, found.market_date, found.reason, found.size, found.size_means, found.known_on,
  opinions.less_isolated, coalesce(opinions.features, opinions.reason) AS opinion, found.corrected_at, found.source_uri
FROM gold.crypto_anomalies AS found
LEFT JOIN gold.anomaly_opinions AS opinions
  ON opinions.asset_class = 'crypto' AND opinions.ticker = found.ticker AND opinions.market_date = found.market_date
UNION ALL
SELECT found.ticker, found.market_date, found.reason, found.size, found.size_means, found.known_on,
  opinions.less_isolated, coalesce(opinions.features, opinions.reason) AS opinion, found.corrected_at, found.source_uri
FROM gold.indices_anomalies AS found
LEFT JOIN gold.anomaly_opinions AS opinions
  ON opinions.asset_class = 'indices' AND opinions.ticker = found.ticker AND opinions.market_date = found.market_date
