-- Title: Prices that may be wrong
-- Note: The newest 100 of all securities, each with its reason; then what a forest says of it among the bars of 66 market days, once the DAG models has run.
-- Kind: table
-- Place: column 1, row 20, 6 wide, 8 high
-- Column: known_on, Known on
-- Column: asset_class, Asset class
-- Column: ticker, Security
-- Column: market_date, Market day
-- Column: reason, Reason
-- Column: size, Size, number
-- Column: size_means, What the size is
-- Column: less_isolated, Bars less isolated, %
-- Column: opinion, Isolated by
-- Column: corrected_at, Corrected (UTC)
-- Newest: known_on, 100
-- Days: 21
-- Empty: No price looks wrong.
SELECT known_on, 'stocks' AS asset_class, found.ticker, found.market_date, found.reason, found.size, found.size_means,
  opinions.less_isolated, coalesce(opinions.features, opinions.reason) AS opinion, found.corrected_at
FROM gold.stocks_anomalies AS found
LEFT JOIN gold.anomaly_opinions AS opinions
  ON opinions.asset_class = 'stocks' AND opinions.ticker = found.ticker AND opinions.market_date = found.market_date
UNION ALL
SELECT known_on, 'forex' AS asset_class, found.ticker, found.market_date, found.reason, found.size, found.size_means,
  opinions.less_isolated, coalesce(opinions.features, opinions.reason) AS opinion, found.corrected_at
FROM gold.forex_anomalies AS found
LEFT JOIN gold.anomaly_opinions AS opinions
  ON opinions.asset_class = 'forex' AND opinions.ticker = found.ticker AND opinions.market_date = found.market_date
UNION ALL
SELECT known_on, 'crypto' AS asset_class, found.ticker, found.market_date, found.reason, found.size, found.size_means,
  opinions.less_isolated, coalesce(opinions.features, opinions.reason) AS opinion, found.corrected_at
FROM gold.crypto_anomalies AS found
LEFT JOIN gold.anomaly_opinions AS opinions
  ON opinions.asset_class = 'crypto' AND opinions.ticker = found.ticker AND opinions.market_date = found.market_date
UNION ALL
SELECT known_on, 'indices' AS asset_class, found.ticker, found.market_date, found.reason, found.size, found.size_means,
  opinions.less_isolated, coalesce(opinions.features, opinions.reason) AS opinion, found.corrected_at
FROM gold.indices_anomalies AS found
LEFT JOIN gold.anomaly_opinions AS opinions
  ON opinions.asset_class = 'indices' AND opinions.ticker = found.ticker AND opinions.market_date = found.market_date
